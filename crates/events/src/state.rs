//! What a compacted topic keeps: the newest state of users, groups, memberships and tenants by key, made from one event alone
//! (`proto/rollcall/events/v1/state.proto`). A key without a state is gone.
//!
//! Entry: [`changes`].

use bytes::Bytes;
use prost::Message;
use serde_json::{Value, json};

use crate::proto::state::Content;
use crate::{
    Envelope, Event, GroupId, GroupState, Member, ResourceId, ResourceState, TenantId, UserId,
    UserState,
};
use crate::{json, proto, wire};

/// What an event makes of one key.
#[derive(Debug)]
pub struct Change<'a> {
    /// `{tenant}/user/{id}`, `{tenant}/group/{id}`, `{tenant}/member/{group}/{member}`, `{tenant}/resource/{id}`,
    /// `~platform/tenant/{tenant}`.
    pub key: String,
    /// `None`: it is gone.
    pub state: Option<State<'a>>,
}

/// The newest state of one thing.
#[derive(Debug)]
pub struct State<'a> {
    by: &'a Envelope,
    of: Of<'a>,
}

#[derive(Debug)]
enum Of<'a> {
    User(UserId, &'a UserState),
    Group(GroupId, &'a GroupState),
    Member(GroupId, Member),
    Tenant(&'a TenantId, proto::TenantStatus),
    Resource(ResourceId, &'a ResourceState),
}

/// What an event changes, in an order in which it may be written: a group before its members.
///
/// Names that are pending are no members yet and have no state. A deleted group leaves its memberships as they are: ids are never used
/// again, and a membership counts only as long as both ends have a state.
pub fn changes(envelope: &Envelope) -> Vec<Change<'_>> {
    let of = Writer { by: envelope };
    match &envelope.event {
        Event::TenantCreated { tenant, .. } | Event::TenantResumed { tenant } => {
            vec![of.now(Of::Tenant(tenant, proto::TenantStatus::Active))]
        }
        Event::TenantSuspended { tenant } => {
            vec![of.now(Of::Tenant(tenant, proto::TenantStatus::Suspended))]
        }
        Event::TenantDeleted { tenant } => vec![gone(of.tenant_key(tenant))],
        Event::UserCreated { user, state }
        | Event::UserUpdated { user, state, .. }
        | Event::UserDeactivated { user, state, .. }
        | Event::UserReactivated { user, state, .. } => vec![of.now(Of::User(*user, state))],
        Event::UserDeleted { user, left, .. } => {
            let member = Member::User(*user);
            let left = left.iter().map(|group| gone(of.member_key(*group, member)));
            left.chain([gone(of.user_key(*user))]).collect()
        }
        Event::GroupCreated { group, state } | Event::GroupUpdated { group, state, .. } => {
            vec![of.now(Of::Group(*group, state))]
        }
        Event::GroupDeleted { group, .. } => vec![gone(of.group_key(*group))],
        Event::GroupMembersAdded { group, members, .. } => {
            members.iter().map(|member| of.now(Of::Member(*group, *member))).collect()
        }
        Event::GroupMembersRemoved { group, members, .. } => {
            members.iter().map(|member| gone(of.member_key(*group, *member))).collect()
        }
        Event::ResourceCreated { id, state } | Event::ResourceUpdated { id, state, .. } => {
            vec![of.now(Of::Resource(*id, state))]
        }
        Event::ResourceDeleted { id, .. } => vec![gone(of.resource_key(*id))],
        Event::TenantUpdated { .. }
        | Event::TokenIssued { .. }
        | Event::TokenRevoked { .. }
        | Event::KeyIssued { .. }
        | Event::KeyRevoked { .. }
        | Event::SchemaPut { .. }
        | Event::SchemaDeleted { .. }
        | Event::LogRestored { .. } => Vec::new(),
    }
}

const fn gone<'a>(key: String) -> Change<'a> {
    Change { key, state: None }
}

struct Writer<'a> {
    by: &'a Envelope,
}

impl<'a> Writer<'a> {
    fn now(&self, of: Of<'a>) -> Change<'a> {
        let key = match &of {
            Of::User(user, _) => self.user_key(*user),
            Of::Group(group, _) => self.group_key(*group),
            Of::Member(group, member) => self.member_key(*group, *member),
            Of::Tenant(tenant, _) => self.tenant_key(tenant),
            Of::Resource(id, _) => self.resource_key(*id),
        };
        Change { key, state: Some(State { by: self.by, of }) }
    }

    fn user_key(&self, user: UserId) -> String {
        format!("{}/user/{user}", self.by.tenant)
    }

    fn group_key(&self, group: GroupId) -> String {
        format!("{}/group/{group}", self.by.tenant)
    }

    fn member_key(&self, group: GroupId, member: Member) -> String {
        format!("{}/member/{group}/{}", self.by.tenant, member.id())
    }

    fn resource_key(&self, id: ResourceId) -> String {
        format!("{}/resource/{id}", self.by.tenant)
    }

    fn tenant_key(&self, tenant: &TenantId) -> String {
        format!("{}/tenant/{tenant}", self.by.tenant)
    }
}

impl State<'_> {
    /// The message `State`.
    pub fn protobuf(&self) -> Bytes {
        let (id, content) = match &self.of {
            Of::User(user, state) => {
                (wire::uuid(user.uuid()), Content::User(wire::user(state, &Bytes::new())))
            }
            Of::Group(group, state) => {
                (wire::uuid(group.uuid()), Content::Group(wire::group(state, &Bytes::new())))
            }
            Of::Member(group, member) => {
                (wire::uuid(group.uuid()), Content::Member(wire::member(member)))
            }
            Of::Tenant(tenant, status) => (
                Bytes::copy_from_slice(tenant.as_str().as_bytes()),
                Content::Status(*status as i32),
            ),
            Of::Resource(id, state) => {
                (wire::uuid(id.uuid()), Content::Resource(wire::resource(state, &Bytes::new())))
            }
        };
        self.message(id, content)
    }

    fn message(&self, id: Bytes, content: Content) -> Bytes {
        let (tenant, seq, at_ms) =
            (self.by.tenant.as_str().to_owned(), self.by.seq.0, self.by.at.0);
        let state = proto::State { tenant, seq, at_ms, id, content: Some(content) };
        state.encode_to_vec().into()
    }

    /// `{"tenant","seq","at","type","id",…}` with `resource` of a user or group, `member` of a membership, `status` of a tenant.
    pub fn json(&self) -> Value {
        let (kind, id, (name, value)) = match &self.of {
            Of::User(user, state) => {
                ("user", user.to_string(), ("resource", json::stored(&state.resource)))
            }
            Of::Group(group, state) => {
                ("group", group.to_string(), ("resource", json::stored(&state.resource)))
            }
            Of::Member(group, member) => {
                ("member", group.to_string(), ("member", json::member(member)))
            }
            Of::Tenant(tenant, status) => {
                let status = match status {
                    proto::TenantStatus::Suspended => "suspended",
                    proto::TenantStatus::Active | proto::TenantStatus::Unspecified => "active",
                };
                ("tenant", tenant.to_string(), ("status", Value::from(status)))
            }
            Of::Resource(id, state) => {
                ("resource", id.to_string(), ("resource", json::stored(&state.resource)))
            }
        };
        json!({
            "tenant": self.by.tenant.as_str(),
            "seq": self.by.seq.0,
            "at": self.by.at.to_string(),
            "type": kind,
            "id": id,
            name: value,
        })
    }
}
