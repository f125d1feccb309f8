//! The parts of a record that make the event itself: subject, changed paths and payload, checked.

use std::sync::Arc;

use bytes::Bytes;
use prost::Message;
use uuid::Uuid;

use super::DecodeError;
use super::DecodeError::{Invalid, Missing};
use super::decode::{tenant_id, uuid};
use super::user::User;
use crate::proto::payload::Content;
use crate::{
    ConnectionId, Endpoint, Event, GroupId, GroupState, KeyId, KeyRole, LogId, Member, PatchAnswer,
    Profile, ResourceId, ResourceState, Switches, TenantId, TenantSchema, TenantSettings,
    Timestamp, TokenFacts, UserId, UserState, proto,
};

/// What a record says of its event. Each verb below asks for the payload that its type has.
pub(super) struct Parts<'a> {
    pub(super) subject: &'a [u8],
    pub(super) changed: Vec<String>,
    pub(super) payload: &'a [u8],
}

impl Parts<'_> {
    /// The subject, as the id of its kind.
    pub(super) fn id<Id>(&self, of: fn(Uuid) -> Id) -> Result<Id, DecodeError> {
        uuid(self.subject, "subject").map(of)
    }

    pub(super) fn tenant(&self) -> Result<TenantId, DecodeError> {
        tenant_id(std::str::from_utf8(self.subject).map_err(|_| Invalid("subject"))?)
    }

    pub(super) fn settings(self) -> Result<TenantSettings, DecodeError> {
        let Some(Content::Tenant(it)) = self.content()? else { return Err(Missing("payload")) };
        let profile = Profile::ALL.into_iter().find(|known| *known as i32 == it.profile);
        let profile = profile.ok_or(Invalid("profile"))?;
        let switches = it.switches.map_or_else(|| Ok(profile.switches()), |it| switches(&it))?;
        let unique_group_names = it.unique_group_names;
        Ok(TenantSettings { name: it.name, profile, switches, unique_group_names })
    }

    pub(super) fn token(self) -> Result<TokenFacts, DecodeError> {
        let Some(Content::Token(it)) = self.content()? else { return Err(Missing("payload")) };
        Ok(TokenFacts {
            tenant: tenant_id(&it.tenant)?,
            connection: ConnectionId::new(&it.connection),
            name: it.name,
            hash: hash(&it.hash)?,
            hint: it.hint,
            expires_at: it.expires_at_ms.map(Timestamp),
        })
    }

    pub(super) fn token_tenant(self) -> Result<TenantId, DecodeError> {
        let Some(Content::Token(it)) = self.content()? else { return Err(Missing("payload")) };
        tenant_id(&it.tenant)
    }

    pub(super) fn key_issued(self) -> Result<Event, DecodeError> {
        let key = self.id(KeyId::new)?;
        let Some(Content::Key(it)) = self.content()? else { return Err(Missing("payload")) };
        let role = match proto::KeyRole::try_from(it.role) {
            Ok(proto::KeyRole::Owner) => KeyRole::Owner,
            Ok(proto::KeyRole::Reader) => KeyRole::Reader,
            Ok(proto::KeyRole::Unspecified) | Err(_) => return Err(Invalid("role")),
        };
        Ok(Event::KeyIssued { key, name: it.name, role, hash: hash(&it.hash)? })
    }

    pub(super) fn log_restored(self) -> Result<Event, DecodeError> {
        let log = self.id(LogId::new)?;
        let Some(Content::Restored(it)) = self.content()? else { return Err(Missing("payload")) };
        let (incarnation, backup_at) = (it.incarnation, Timestamp(it.backup_at_ms));
        Ok(Event::LogRestored { log, incarnation, backup_at })
    }

    pub(super) fn schema_put(self) -> Result<Event, DecodeError> {
        let urn = self.urn()?;
        let Some(Content::Schema(it)) = self.content()? else { return Err(Missing("payload")) };
        let tenant = tenant_id(&it.tenant)?;
        let description = it.description;
        let defines = it.path.map(|path| Endpoint { path, description });
        let (extends, required, document) = (it.extends, it.required, it.document);
        let schema = TenantSchema { extends, required, defines, document };
        Ok(Event::SchemaPut { tenant, urn, schema })
    }

    pub(super) fn schema_deleted(self) -> Result<Event, DecodeError> {
        let urn = self.urn()?;
        let Some(Content::Schema(it)) = self.content()? else { return Err(Missing("payload")) };
        Ok(Event::SchemaDeleted { tenant: tenant_id(&it.tenant)?, urn })
    }

    /// State and previous values.
    pub(super) fn resource(self) -> Result<(ResourceState, Bytes), DecodeError> {
        let Some(Content::Resource(it)) = self.content()? else { return Err(Missing("payload")) };
        let state = ResourceState {
            resource_type: it.resource_type,
            resource: Arc::from(&it.resource[..]),
            external_id: it.external_id,
            unique_keys: it.unique_keys,
        };
        Ok((state, it.previous))
    }

    pub(super) fn resource_updated(mut self) -> Result<Event, DecodeError> {
        let (id, changed) = (self.id(ResourceId::new)?, std::mem::take(&mut self.changed));
        let (state, previous) = self.resource()?;
        Ok(Event::ResourceUpdated { id, state, changed, previous })
    }

    pub(super) fn resource_deleted(self) -> Result<Event, DecodeError> {
        let id = self.id(ResourceId::new)?;
        let (state, previous) = self.resource()?;
        Ok(Event::ResourceDeleted { id, resource_type: state.resource_type, previous })
    }

    /// What the payload holds.
    fn content(&self) -> Result<Option<Content>, DecodeError> {
        Ok(proto::Payload::decode(self.payload)?.content)
    }

    fn urn(&self) -> Result<String, DecodeError> {
        String::from_utf8(self.subject.to_vec()).map_err(|_| Invalid("subject"))
    }

    /// State, changed paths, previous values.
    pub(super) fn user_change(self) -> Result<(UserState, Vec<String>, Bytes), DecodeError> {
        let User { state, previous, left: _ } = User::read(self.payload)?;
        Ok((state, self.changed, previous))
    }

    pub(super) fn user_deleted(self) -> Result<Event, DecodeError> {
        let user = self.id(UserId::new)?;
        let User { state: _, previous, left } = User::read(self.payload)?;
        Ok(Event::UserDeleted { user, left, previous })
    }

    /// State, changed paths, previous values.
    pub(super) fn group_change(self) -> Result<(GroupState, Vec<String>, Bytes), DecodeError> {
        let Some(Content::Group(it)) = self.content()? else { return Err(Missing("payload")) };
        let state = GroupState {
            resource: Arc::from(&it.resource[..]),
            display_name: it.display_name,
            external_id: it.external_id,
            unique_keys: it.unique_keys,
        };
        Ok((state, self.changed, it.previous))
    }

    pub(super) fn members_added(self) -> Result<Event, DecodeError> {
        let group = self.id(GroupId::new)?;
        let Some(Content::Membership(it)) = self.content()? else { return Err(Missing("payload")) };
        let members = members(&it.members)?;
        Ok(Event::GroupMembersAdded { group, members, pending: it.pending, bound: it.bound })
    }

    pub(super) fn members_removed(self) -> Result<Event, DecodeError> {
        let group = self.id(GroupId::new)?;
        let Some(Content::Membership(it)) = self.content()? else { return Err(Missing("payload")) };
        let members = members(&it.members)?;
        Ok(Event::GroupMembersRemoved { group, members, pending: it.pending })
    }
}

fn members(members: &[proto::Member]) -> Result<Vec<Member>, DecodeError> {
    members.iter().map(member).collect()
}

fn member(member: &proto::Member) -> Result<Member, DecodeError> {
    let id = uuid(&member.id, "member")?;
    match proto::MemberKind::try_from(member.kind) {
        Ok(proto::MemberKind::User) => Ok(Member::User(UserId::new(id))),
        Ok(proto::MemberKind::Group) => Ok(Member::Group(GroupId::new(id))),
        Ok(proto::MemberKind::Unspecified) | Err(_) => Err(Invalid("kind of member")),
    }
}

fn hash(bytes: &[u8]) -> Result<[u8; 32], DecodeError> {
    bytes.try_into().map_err(|_| Invalid("hash"))
}

fn switches(it: &proto::Switches) -> Result<Switches, DecodeError> {
    let known = PatchAnswer::ALL.into_iter().find(|known| *known as i32 == it.patch_answer);
    Ok(Switches {
        put_keeps_absent: it.put_keeps_absent,
        unknown_attributes_ignored: it.unknown_attributes_ignored,
        schemas_repaired: it.schemas_repaired,
        unknown_members_pending: it.unknown_members_pending,
        absent_targets_accepted: it.absent_targets_accepted,
        patch_answer: known.ok_or(Invalid("patch_answer"))?,
    })
}
