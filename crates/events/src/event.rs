//! The events: past tense, whole, ours alone. No `non_exhaustive`, no `_` arm anywhere: a new event
//! must break every fold. `docs/adding-an-event.md` is the checklist.

use std::sync::Arc;

use bytes::Bytes;

use crate::profile::{Profile, Switches};
use crate::{
    ConnectionId, GroupId, KeyId, LogId, ResourceId, TenantId, Timestamp, TokenId, UserId,
};

/// A fact. User events carry the resulting resource, so that replay is a plain replace (design §3.1).
#[expect(missing_docs, reason = "the types of the fields say what they are")]
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// `tenant.created`, in `~platform`.
    TenantCreated { tenant: TenantId, settings: TenantSettings },
    /// `tenant.updated`: the settings as they are now.
    TenantUpdated { tenant: TenantId, settings: TenantSettings },
    /// `tenant.suspended`: SCIM answers 403 from now on.
    TenantSuspended { tenant: TenantId },
    /// `tenant.resumed`.
    TenantResumed { tenant: TenantId },
    /// `tenant.deleted`: the id is never used again.
    TenantDeleted { tenant: TenantId },
    /// `token.issued`: a SCIM token, by its hash.
    TokenIssued { token: TokenId, facts: TokenFacts },
    /// `token.revoked`.
    TokenRevoked { token: TokenId, tenant: TenantId },
    /// `key.issued`: a key of the platform API, by its hash.
    KeyIssued { key: KeyId, name: String, role: KeyRole, hash: [u8; 32] },
    /// `key.revoked`.
    KeyRevoked { key: KeyId },
    /// `log.restored`, in `~platform`: from a backup of that time; numbers given out after it are given again.
    LogRestored { log: LogId, incarnation: u32, backup_at: Timestamp },
    /// `schema.put`, in `~platform`: a tenant has this schema from now on, in place of an earlier one under the same URN.
    SchemaPut { tenant: TenantId, urn: String, schema: TenantSchema },
    /// `schema.deleted`: no resource has values under it.
    SchemaDeleted { tenant: TenantId, urn: String },
    /// `user.created`.
    UserCreated { user: UserId, state: UserState },
    /// `user.updated`: `active` is as before.
    UserUpdated { user: UserId, state: UserState, changed: Vec<String>, previous: Bytes },
    /// `user.deactivated`: `active` became false; other attributes may have changed with it.
    UserDeactivated { user: UserId, state: UserState, changed: Vec<String>, previous: Bytes },
    /// `user.reactivated`: `active` became true; other attributes may have changed with it.
    UserReactivated { user: UserId, state: UserState, changed: Vec<String>, previous: Bytes },
    /// `user.deleted`: names the groups it left; `previous` is the whole last resource.
    UserDeleted { user: UserId, left: Vec<GroupId>, previous: Bytes },
    /// `group.created`, always without members: they follow as `group.members_added` in the same txn.
    GroupCreated { group: GroupId, state: GroupState },
    /// `group.updated`: attributes, never members.
    GroupUpdated { group: GroupId, state: GroupState, changed: Vec<String>, previous: Bytes },
    /// `group.deleted`: everyone left; `previous` is the whole last resource without members.
    GroupDeleted { group: GroupId, previous: Bytes },
    /// `group.members_added`: a delta of ≤ 10,000 members and pending names.
    ///
    /// `pending` are names of members that are not known yet. A name that is bound at last is in `bound` of the event
    /// that adds the member (`bound` ⊆ the group's pending names; they cease to be pending).
    GroupMembersAdded {
        group: GroupId,
        members: Vec<Member>,
        pending: Vec<String>,
        bound: Vec<String>,
    },
    /// `group.members_removed`: a delta of ≤ 10,000 members and pending names.
    GroupMembersRemoved { group: GroupId, members: Vec<Member>, pending: Vec<String> },
    /// `resource.created`: of a type that the tenant defines.
    ResourceCreated { id: ResourceId, state: ResourceState },
    /// `resource.updated`.
    ResourceUpdated { id: ResourceId, state: ResourceState, changed: Vec<String>, previous: Bytes },
    /// `resource.deleted`; `previous` is the whole last resource.
    ResourceDeleted { id: ResourceId, resource_type: String, previous: Bytes },
}

/// A user as it is after the event: the resource and the values that it is found by.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UserState {
    /// Canonical SCIM JSON with `schemas` and `id`, without `meta`, `groups` and display names of others; a fold shares it.
    pub resource: Arc<[u8]>,
    /// `userName`, as given.
    pub user_name: String,
    /// `externalId`, as given.
    pub external_id: Option<String>,
    /// `active`.
    pub active: bool,
    /// Every element of `emails` that has a value, in order.
    pub emails: Vec<Email>,
    /// The enterprise extension's `employeeNumber`.
    pub employee_number: Option<String>,
    /// The enterprise extension's `manager.value`.
    pub manager: Option<String>,
    /// Values that no other user has: each an attribute's path, `=`, and the value as it is compared.
    pub unique_keys: Vec<String>,
}

/// One element of `emails`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Email {
    /// The address, as given.
    pub value: String,
    /// `work`, `home`, …
    pub kind: Option<String>,
    /// `primary: true`.
    pub primary: bool,
}

/// A group's attributes as they are after the event; members are logged as deltas.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GroupState {
    /// Canonical SCIM JSON with `schemas` and `id`, without `meta` and `members`.
    pub resource: Arc<[u8]>,
    /// `displayName`, as given.
    pub display_name: String,
    /// `externalId`, as given.
    pub external_id: Option<String>,
    /// As in [`UserState`], among groups.
    pub unique_keys: Vec<String>,
}

/// A member of a group: id and kind, nothing personal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Member {
    /// A person.
    User(UserId),
    /// A nested group.
    Group(GroupId),
}

/// What a member is. The numbers are the protobuf ones.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(i32)]
pub enum MemberKind {
    /// A person.
    User = 1,
    /// A nested group.
    Group = 2,
}

/// What a platform decides for a tenant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TenantSettings {
    /// For people; free text.
    pub name: String,
    /// How requests of its identity provider are read.
    pub profile: Profile,
    /// What the profile sets, or what was chosen instead.
    pub switches: Switches,
    /// Whether two groups may not share a displayName (RFC 7643: no; Entra and Okta match by it: yes).
    pub unique_group_names: bool,
}

impl TenantSettings {
    /// Those of a tenant for which nothing but a profile was chosen; it has no name.
    pub const fn of(profile: Profile) -> Self {
        let switches = profile.switches();
        Self { name: String::new(), profile, switches, unique_group_names: true }
    }
}

/// A schema that a tenant adds to a resource type, or that makes one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TenantSchema {
    /// The resource type that has it: `User`, `Group`, or one of the tenant's own.
    pub extends: String,
    /// Whether a resource can't be without it.
    pub required: bool,
    /// Where resources of that type are, if there is such a type by this schema.
    pub defines: Option<Endpoint>,
    /// The schema as JSON (RFC 7643 §7).
    pub document: Bytes,
}

/// Where resources of a tenant's own type are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Endpoint {
    /// `/Roles`, relative to the base address.
    pub path: String,
    /// For people.
    pub description: String,
}

/// A resource of a type that its tenant defines, as it is after the event.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ResourceState {
    /// `meta.resourceType`.
    pub resource_type: String,
    /// Canonical SCIM JSON with `schemas` and `id`, without `meta`.
    pub resource: Arc<[u8]>,
    /// `externalId`, as given.
    pub external_id: Option<String>,
    /// As in [`UserState`]; unique within the type.
    pub unique_keys: Vec<String>,
}

/// A SCIM token, without its secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenFacts {
    /// Whose directory it opens.
    pub tenant: TenantId,
    /// Which provisioning client uses it.
    pub connection: ConnectionId,
    /// For people; free text, may be empty.
    pub name: String,
    /// SHA-256 of the whole token text.
    pub hash: [u8; 32],
    /// The last four characters of the token, to recognise it by.
    pub hint: String,
    /// Not valid from this moment on; `None`: for ever.
    pub expires_at: Option<Timestamp>,
}

/// What a platform key may do. The numbers are the protobuf ones.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(i32)]
pub enum KeyRole {
    /// Everything.
    Owner = 1,
    /// Reading only.
    Reader = 2,
}

/// The kinds of resource an event is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(i32)]
pub enum ResourceKind {
    /// A tenant.
    Tenant = 1,
    /// A SCIM token.
    Token = 2,
    /// A platform key.
    Key = 3,
    /// A user.
    User = 4,
    /// A group.
    Group = 5,
    /// The log itself.
    Log = 6,
    /// A schema of a tenant.
    Schema = 7,
    /// A resource of a type that its tenant defines.
    Resource = 8,
}

/// The types of event by name. The numbers are the protobuf ones and are never used again.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(i32)]
pub enum EventType {
    /// `tenant.created`
    TenantCreated = 1,
    /// `tenant.updated`
    TenantUpdated = 2,
    /// `tenant.suspended`
    TenantSuspended = 3,
    /// `tenant.resumed`
    TenantResumed = 4,
    /// `tenant.deleted`
    TenantDeleted = 5,
    /// `token.issued`
    TokenIssued = 10,
    /// `token.revoked`
    TokenRevoked = 11,
    /// `key.issued`
    KeyIssued = 15,
    /// `key.revoked`
    KeyRevoked = 16,
    /// `log.restored`
    LogRestored = 18,
    /// `schema.put`
    SchemaPut = 25,
    /// `schema.deleted`
    SchemaDeleted = 26,
    /// `user.created`
    UserCreated = 30,
    /// `user.updated`
    UserUpdated = 31,
    /// `user.deactivated`
    UserDeactivated = 32,
    /// `user.reactivated`
    UserReactivated = 33,
    /// `user.deleted`
    UserDeleted = 34,
    /// `group.created`
    GroupCreated = 40,
    /// `group.updated`
    GroupUpdated = 41,
    /// `group.deleted`
    GroupDeleted = 42,
    /// `group.members_added`
    GroupMembersAdded = 43,
    /// `group.members_removed`
    GroupMembersRemoved = 44,
    /// `resource.created`
    ResourceCreated = 50,
    /// `resource.updated`
    ResourceUpdated = 51,
    /// `resource.deleted`
    ResourceDeleted = 52,
}

impl Member {
    /// The member's id as text.
    pub fn id(&self) -> String {
        match self {
            Self::User(user) => user.to_string(),
            Self::Group(group) => group.to_string(),
        }
    }

    /// What it is.
    pub const fn kind(&self) -> MemberKind {
        match self {
            Self::User(_) => MemberKind::User,
            Self::Group(_) => MemberKind::Group,
        }
    }
}
