//! How large an event may be, in the largest form that any door gives it: JSON.

use crate::{Envelope, Event, GroupState, UserState, json};

/// The largest an event may be, in bytes of its JSON form.
pub const EVENT_BYTES_MAX: usize = 768 * 1024;

/// The event is larger than any door would carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the event has {bytes} bytes, {EVENT_BYTES_MAX} are allowed")]
pub struct TooLarge {
    /// Its length as JSON.
    pub bytes: usize,
}

/// Refuses an event that is too large to be written. Cheap unless the event is nearly so.
///
/// # Errors
/// [`TooLarge`] with the length.
pub fn check_size(envelope: &Envelope) -> Result<(), TooLarge> {
    if bound(envelope) <= EVENT_BYTES_MAX {
        return Ok(());
    }
    let bytes = json::render(envelope).to_string().len();
    if bytes <= EVENT_BYTES_MAX { Ok(()) } else { Err(TooLarge { bytes }) }
}

/// A length that the JSON form doesn't reach, without rendering it.
fn bound(envelope: &Envelope) -> usize {
    let changed: usize = envelope.event.changed().iter().map(|path| text(path)).sum();
    let connection = envelope.connection.as_ref().map_or(0, |it| text(it.as_str()));
    ENVELOPE_BYTES + text(&envelope.actor.id) + connection + changed + data(&envelope.event)
}

/// All fixed parts: keys, punctuation, ids, numbers, times, coercions.
const ENVELOPE_BYTES: usize = 2048;
/// One member or group id with its punctuation.
const MEMBER_BYTES: usize = 80;

fn data(event: &Event) -> usize {
    match event {
        Event::TenantCreated { settings, .. } | Event::TenantUpdated { settings, .. } => {
            text(&settings.name)
        }
        Event::TenantSuspended { .. }
        | Event::TenantResumed { .. }
        | Event::TenantDeleted { .. }
        | Event::TokenRevoked { .. }
        | Event::KeyRevoked { .. }
        | Event::SchemaDeleted { .. }
        | Event::LogRestored { .. } => 0,
        Event::SchemaPut { schema, .. } => json(&schema.document),
        Event::TokenIssued { facts, .. } => {
            text(&facts.name) + text(&facts.hint) + text(facts.connection.as_str())
        }
        Event::KeyIssued { name, .. } => text(name),
        Event::UserCreated { state: UserState { resource, .. }, .. }
        | Event::GroupCreated { state: GroupState { resource, .. }, .. } => json(resource),
        Event::UserUpdated { state: UserState { resource, .. }, previous, .. }
        | Event::UserDeactivated { state: UserState { resource, .. }, previous, .. }
        | Event::UserReactivated { state: UserState { resource, .. }, previous, .. }
        | Event::GroupUpdated { state: GroupState { resource, .. }, previous, .. } => {
            json(resource) + json(previous)
        }
        Event::ResourceCreated { state, .. } => json(&state.resource) + text(&state.resource_type),
        Event::ResourceUpdated { state, previous, .. } => {
            json(&state.resource) + text(&state.resource_type) + json(previous)
        }
        Event::ResourceDeleted { resource_type, previous, .. } => {
            json(previous) + text(resource_type)
        }
        Event::UserDeleted { left, previous, .. } => json(previous) + MEMBER_BYTES * left.len(),
        Event::GroupDeleted { previous, .. } => json(previous),
        Event::GroupMembersAdded { members, pending, bound, .. } => {
            MEMBER_BYTES * members.len() + texts(pending) + texts(bound)
        }
        Event::GroupMembersRemoved { members, pending, .. } => {
            MEMBER_BYTES * members.len() + texts(pending)
        }
    }
}

fn texts(texts: &[String]) -> usize {
    texts.iter().map(|it| text(it)).sum()
}

/// Quotes, a comma, and every byte written as \u0000.
const fn text(text: &str) -> usize {
    6 * text.len() + 4
}

/// Canonical JSON stays as long as it is.
const fn json(bytes: &[u8]) -> usize {
    bytes.len() + 4
}
