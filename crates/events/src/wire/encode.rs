//! Envelope → record. Cannot fail: whatever an envelope holds can be written.

use bytes::Bytes;
use prost::Message;
use uuid::Uuid;

use crate::kind::Subject;
use crate::proto::payload::Content;
use crate::upcast::FORMAT;
use crate::{
    Actor, Email, Envelope, Event, GroupState, KeyRole, Member, ResourceState, Switches, TenantId,
    TenantSchema, TenantSettings, TokenFacts, UserState, codec, proto,
};

/// The record of an event, as it lies in the log.
pub fn encode(envelope: &Envelope) -> Bytes {
    record(envelope, codec::pack(payload(&envelope.event)))
}

/// The record of an event for others: its payload isn't compressed, so that it can be read without our dictionary, and names no hash of a
/// secret.
pub fn publish(envelope: &Envelope) -> Bytes {
    let mut content = content(&envelope.event);
    if let Some(Content::Token(token)) = &mut content {
        token.hash.clear();
    }
    if let Some(Content::Key(key)) = &mut content {
        key.hash.clear();
    }
    record(envelope, codec::plain(proto::Payload { content }.encode_to_vec().into()))
}

fn record(envelope: &Envelope, blob: proto::Blob) -> Bytes {
    let event = &envelope.event;
    let kind = event.kind();
    let record = proto::Envelope {
        tenant: envelope.tenant.as_str().to_owned(),
        seq: envelope.seq.0,
        txn_index: envelope.txn_index,
        txn_size: envelope.txn_size,
        format: FORMAT,
        r#type: kind as i32,
        at_ms: envelope.at.0,
        txn: uuid(envelope.txn.uuid()),
        subject_kind: kind.subject() as i32,
        subject: match event.subject_id() {
            Subject::Uuid(id) => uuid(id),
            Subject::Text(id) => Bytes::copy_from_slice(id.as_bytes()),
        },
        actor: Some(actor(&envelope.actor)),
        connection: envelope.connection.as_ref().map(|it| it.as_str().to_owned()),
        changed: event.changed().to_vec(),
        coercions: envelope.coercions.iter().map(|it| *it as i32).collect(),
        blob: Some(blob),
        flags: envelope.flags.0,
    };
    record.encode_to_vec().into()
}

/// What the blob of an event's record holds, before it is compressed.
pub fn payload(event: &Event) -> Bytes {
    proto::Payload { content: content(event) }.encode_to_vec().into()
}

fn content(event: &Event) -> Option<Content> {
    match event {
        Event::TenantCreated { settings, .. } | Event::TenantUpdated { settings, .. } => {
            Some(Content::Tenant(tenant(settings)))
        }
        Event::TenantSuspended { .. }
        | Event::TenantResumed { .. }
        | Event::TenantDeleted { .. }
        | Event::KeyRevoked { .. } => None,
        Event::TokenIssued { facts, .. } => Some(Content::Token(token(facts))),
        Event::TokenRevoked { tenant, .. } => {
            let tenant = tenant.as_str().to_owned();
            Some(Content::Token(proto::Token { tenant, ..proto::Token::default() }))
        }
        Event::KeyIssued { name, role, hash, .. } => Some(Content::Key(key(name, *role, hash))),
        Event::LogRestored { incarnation, backup_at, .. } => {
            let (incarnation, backup_at_ms) = (*incarnation, backup_at.0);
            Some(Content::Restored(proto::Restored { incarnation, backup_at_ms }))
        }
        Event::SchemaPut { tenant, schema: it, .. } => Some(Content::Schema(schema(tenant, it))),
        Event::SchemaDeleted { tenant, .. } => {
            let tenant = tenant.as_str().to_owned();
            Some(Content::Schema(proto::Schema { tenant, ..proto::Schema::default() }))
        }
        Event::UserCreated { state, .. } => Some(Content::User(user(state, &Bytes::new()))),
        Event::UserUpdated { state, previous, .. }
        | Event::UserDeactivated { state, previous, .. }
        | Event::UserReactivated { state, previous, .. } => {
            Some(Content::User(user(state, previous)))
        }
        Event::UserDeleted { left, previous, .. } => Some(Content::User(proto::User {
            previous: previous.clone(),
            left: left.iter().map(|group| uuid(group.uuid())).collect(),
            ..proto::User::default()
        })),
        Event::GroupCreated { state, .. } => Some(Content::Group(group(state, &Bytes::new()))),
        Event::GroupUpdated { state, previous, .. } => Some(Content::Group(group(state, previous))),
        Event::GroupDeleted { previous, .. } => Some(Content::Group(proto::Group {
            previous: previous.clone(),
            ..proto::Group::default()
        })),
        Event::GroupMembersAdded { members, pending, bound, .. } => {
            Some(Content::Membership(membership(members, pending, bound)))
        }
        Event::GroupMembersRemoved { members, pending, .. } => {
            Some(Content::Membership(membership(members, pending, &[])))
        }
        Event::ResourceCreated { state, .. } => {
            Some(Content::Resource(resource(state, &Bytes::new())))
        }
        Event::ResourceUpdated { state, previous, .. } => {
            Some(Content::Resource(resource(state, previous)))
        }
        Event::ResourceDeleted { resource_type, previous, .. } => {
            let resource_type = resource_type.clone();
            let last = ResourceState { resource_type, ..ResourceState::default() };
            Some(Content::Resource(resource(&last, previous)))
        }
    }
}

fn actor(actor: &Actor) -> proto::Actor {
    let id = match Uuid::try_parse(&actor.id) {
        _ if actor.id.is_empty() => None,
        // Only what comes back letter for letter may go the short way.
        Ok(id) if *id.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == *actor.id => {
            Some(proto::actor::Id::Uuid(uuid(id)))
        }
        Ok(_) | Err(_) => Some(proto::actor::Id::Text(actor.id.clone())),
    };
    proto::Actor { kind: actor.kind as i32, id }
}

pub(crate) fn user(state: &UserState, previous: &Bytes) -> proto::User {
    proto::User {
        resource: Bytes::copy_from_slice(&state.resource),
        user_name: state.user_name.clone(),
        external_id: state.external_id.clone(),
        active: state.active,
        emails: state.emails.iter().map(email).collect(),
        employee_number: state.employee_number.clone(),
        manager: state.manager.clone(),
        previous: previous.clone(),
        left: Vec::new(),
        unique_keys: state.unique_keys.clone(),
    }
}

fn email(email: &Email) -> proto::Email {
    proto::Email { value: email.value.clone(), kind: email.kind.clone(), primary: email.primary }
}

pub(crate) fn group(state: &GroupState, previous: &Bytes) -> proto::Group {
    proto::Group {
        resource: Bytes::copy_from_slice(&state.resource),
        display_name: state.display_name.clone(),
        external_id: state.external_id.clone(),
        previous: previous.clone(),
        unique_keys: state.unique_keys.clone(),
    }
}

fn schema(tenant: &TenantId, schema: &TenantSchema) -> proto::Schema {
    let endpoint = schema.defines.as_ref();
    proto::Schema {
        tenant: tenant.as_str().to_owned(),
        extends: schema.extends.clone(),
        required: schema.required,
        document: schema.document.clone(),
        path: endpoint.map(|it| it.path.clone()),
        description: endpoint.map(|it| it.description.clone()).unwrap_or_default(),
    }
}

pub(crate) fn resource(state: &ResourceState, previous: &Bytes) -> proto::Resource {
    proto::Resource {
        resource_type: state.resource_type.clone(),
        resource: Bytes::copy_from_slice(&state.resource),
        external_id: state.external_id.clone(),
        unique_keys: state.unique_keys.clone(),
        previous: previous.clone(),
    }
}

fn membership(members: &[Member], pending: &[String], bound: &[String]) -> proto::Membership {
    proto::Membership {
        members: members.iter().map(member).collect(),
        pending: pending.to_vec(),
        bound: bound.to_vec(),
    }
}

pub(crate) fn member(member: &Member) -> proto::Member {
    let id = match member {
        Member::User(user) => user.uuid(),
        Member::Group(group) => group.uuid(),
    };
    proto::Member { kind: member.kind() as i32, id: uuid(id) }
}

fn tenant(settings: &TenantSettings) -> proto::TenantSettings {
    let is_preset = settings.switches == settings.profile.switches();
    proto::TenantSettings {
        name: settings.name.clone(),
        profile: settings.profile as i32,
        unique_group_names: settings.unique_group_names,
        switches: (!is_preset).then(|| switches(settings.switches)),
    }
}

const fn switches(switches: Switches) -> proto::Switches {
    proto::Switches {
        put_keeps_absent: switches.put_keeps_absent,
        unknown_attributes_ignored: switches.unknown_attributes_ignored,
        schemas_repaired: switches.schemas_repaired,
        unknown_members_pending: switches.unknown_members_pending,
        absent_targets_accepted: switches.absent_targets_accepted,
        patch_answer: switches.patch_answer as i32,
    }
}

fn token(facts: &TokenFacts) -> proto::Token {
    proto::Token {
        tenant: facts.tenant.as_str().to_owned(),
        connection: facts.connection.as_str().to_owned(),
        name: facts.name.clone(),
        hash: Bytes::copy_from_slice(&facts.hash),
        hint: facts.hint.clone(),
        expires_at_ms: facts.expires_at.map(|at| at.0),
    }
}

fn key(name: &str, role: KeyRole, hash: &[u8; 32]) -> proto::Key {
    let hash = Bytes::copy_from_slice(hash);
    proto::Key { name: name.to_owned(), role: role as i32, hash }
}

pub(crate) fn uuid(id: Uuid) -> Bytes {
    Bytes::copy_from_slice(id.as_bytes())
}
