//! The JSON form of an event, the same at every door that speaks JSON. Secrets' hashes stay out.

use serde_json::{Map, Value, json};

use crate::{
    Actor, ActorKind, Envelope, Event, GroupId, KeyRole, Member, MemberKind, Switches,
    TenantSettings, TokenFacts,
};

/// Renders an event with its envelope:
/// `{"id":"acme-7","seq":7,"type":"user.created","tenant":"acme","subject":{"type":"user","id":"…"},…}`.
pub fn render(envelope: &Envelope) -> Value {
    let (kind, id) = envelope.event.subject();
    json!({
        "id": format!("{}-{}", envelope.tenant, envelope.seq),
        "seq": envelope.seq.0,
        "type": envelope.event.kind().name(),
        "tenant": envelope.tenant.as_str(),
        "subject": { "type": kind.name(), "id": id },
        "at": envelope.at.to_string(),
        "txn": envelope.txn.to_string(),
        "txn_index": envelope.txn_index,
        "txn_size": envelope.txn_size,
        "actor": actor(&envelope.actor),
        "connection": envelope.connection.as_ref().map(|it| it.as_str()),
        "changed": envelope.event.changed(),
        "coercions": envelope.coercions.iter().map(|it| it.name()).collect::<Vec<_>>(),
        "data": data(&envelope.event),
    })
}

fn data(event: &Event) -> Value {
    match event {
        Event::TenantCreated { settings, .. } | Event::TenantUpdated { settings, .. } => {
            tenant(settings)
        }
        Event::TenantSuspended { .. }
        | Event::TenantResumed { .. }
        | Event::TenantDeleted { .. }
        | Event::KeyRevoked { .. } => Value::Object(Map::new()),
        Event::TokenIssued { facts, .. } => token(facts),
        Event::TokenRevoked { tenant, .. } => json!({ "tenant": tenant.as_str() }),
        Event::KeyIssued { name, role, .. } => json!({ "name": name, "role": role.name() }),
        Event::LogRestored { incarnation, backup_at, .. } => {
            json!({ "incarnation": incarnation, "backup_at": backup_at.to_string() })
        }
        Event::SchemaPut { tenant, schema, .. } => json!({
            "tenant": tenant.as_str(),
            "extends": schema.extends,
            "required": schema.required,
            "path": schema.defines.as_ref().map(|it| &it.path),
            "schema": stored(&schema.document),
        }),
        Event::SchemaDeleted { tenant, .. } => json!({ "tenant": tenant.as_str() }),
        Event::UserCreated { state, .. } => json!({ "resource": stored(&state.resource) }),
        Event::UserUpdated { state, previous, .. }
        | Event::UserDeactivated { state, previous, .. }
        | Event::UserReactivated { state, previous, .. } => {
            json!({ "resource": stored(&state.resource), "previous": stored(previous) })
        }
        Event::UserDeleted { left, previous, .. } => {
            let left: Vec<String> = left.iter().map(GroupId::to_string).collect();
            json!({ "previous": stored(previous), "left": left })
        }
        Event::GroupCreated { state, .. } => json!({ "resource": stored(&state.resource) }),
        Event::GroupUpdated { state, previous, .. } => {
            json!({ "resource": stored(&state.resource), "previous": stored(previous) })
        }
        Event::GroupDeleted { previous, .. } => json!({ "previous": stored(previous) }),
        Event::ResourceCreated { state, .. } => json!({
            "resource_type": state.resource_type,
            "resource": stored(&state.resource),
        }),
        Event::ResourceUpdated { state, previous, .. } => json!({
            "resource_type": state.resource_type,
            "resource": stored(&state.resource),
            "previous": stored(previous),
        }),
        Event::ResourceDeleted { resource_type, previous, .. } => {
            json!({ "resource_type": resource_type, "previous": stored(previous) })
        }
        Event::GroupMembersAdded { members, pending, bound, .. } => {
            json!({ "members": all(members), "pending": pending, "bound": bound })
        }
        Event::GroupMembersRemoved { members, pending, .. } => {
            json!({ "members": all(members), "pending": pending })
        }
    }
}

fn actor(actor: &Actor) -> Value {
    let kind = match actor.kind {
        ActorKind::System => "system",
        ActorKind::Token => "token",
        ActorKind::Key => "key",
    };
    let id = (!actor.id.is_empty()).then_some(&actor.id);
    json!({ "type": kind, "id": id })
}

fn tenant(settings: &TenantSettings) -> Value {
    let mut shown = json!({
        "name": settings.name,
        "profile": settings.profile.name(),
        "unique_group_names": settings.unique_group_names,
    });
    if settings.switches != settings.profile.switches()
        && let Some(shown) = shown.as_object_mut()
    {
        shown.insert("switches".to_owned(), switches(settings.switches));
    }
    shown
}

/// Each switch under its name.
pub fn switches(switches: Switches) -> Value {
    json!({
        "put_keeps_absent": switches.put_keeps_absent,
        "unknown_attributes_ignored": switches.unknown_attributes_ignored,
        "schemas_repaired": switches.schemas_repaired,
        "unknown_members_pending": switches.unknown_members_pending,
        "absent_targets_accepted": switches.absent_targets_accepted,
        "patch_answer": switches.patch_answer.name(),
    })
}

fn token(facts: &TokenFacts) -> Value {
    json!({
        "tenant": facts.tenant.as_str(),
        "connection": facts.connection.as_str(),
        "name": facts.name,
        "hint": facts.hint,
        "expires_at": facts.expires_at.map(|at| at.to_string()),
    })
}

fn all(members: &[Member]) -> Vec<Value> {
    members.iter().map(member).collect()
}

/// One member: what it is, and its id.
pub(crate) fn member(member: &Member) -> Value {
    let kind = match member.kind() {
        MemberKind::User => "user",
        MemberKind::Group => "group",
    };
    json!({ "type": kind, "id": member.id() })
}

/// Stored JSON as a value. What is no JSON can't have been stored; it is shown as text.
pub(crate) fn stored(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned()))
}

impl KeyRole {
    /// The role's name at every door and in configuration: `owner`, `reader`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Reader => "reader",
        }
    }

    /// The role of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Owner, Self::Reader].into_iter().find(|it| it.name() == name)
    }
}
