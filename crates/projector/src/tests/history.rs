//! Short words for a tenant's history.

use std::sync::Arc;

use bytes::Bytes;
use events::{
    Actor, Envelope, Event, Flags, GroupId, GroupState, Member, Seq, TenantId, Timestamp, TxnId,
    UserId, UserState,
};
use uuid::Uuid;

/// The events with numbers from `first` on, a call each.
pub(super) fn history(first: u64, events: Vec<Event>) -> Vec<Envelope> {
    let envelope = |(event, seq): (Event, u64)| Envelope {
        tenant: TenantId::parse("acme").unwrap(),
        seq: Seq(seq),
        txn: TxnId::new(Uuid::from_u128(seq.into())),
        txn_index: 0,
        txn_size: 1,
        at: Timestamp(1_790_000_000_000),
        actor: Actor::system(),
        connection: None,
        coercions: Vec::new(),
        flags: Flags::default(),
        event,
    };
    events.into_iter().zip(first..).map(envelope).collect()
}

pub(super) fn created(n: u128, active: bool) -> Event {
    Event::UserCreated { user: user(n), state: state(n, active) }
}

pub(super) fn deactivated(n: u128) -> Event {
    let (changed, previous) = (vec!["active".to_owned()], Bytes::from_static(b"{}"));
    Event::UserDeactivated { user: user(n), state: state(n, false), changed, previous }
}

pub(super) fn reactivated(n: u128) -> Event {
    let (changed, previous) = (vec!["active".to_owned()], Bytes::from_static(b"{}"));
    Event::UserReactivated { user: user(n), state: state(n, true), changed, previous }
}

pub(super) fn deleted(n: u128, left: Vec<GroupId>) -> Event {
    Event::UserDeleted { user: user(n), left, previous: Bytes::from_static(b"{}") }
}

pub(super) fn founded(n: u128) -> Event {
    let state = GroupState {
        resource: Arc::from(&b"{}"[..]),
        display_name: format!("group-{n}"),
        external_id: None,
        unique_keys: Vec::new(),
    };
    Event::GroupCreated { group: group(n), state }
}

pub(super) fn dissolved(n: u128) -> Event {
    Event::GroupDeleted { group: group(n), previous: Bytes::from_static(b"{}") }
}

pub(super) fn joined(n: u128, members: Vec<Member>) -> Event {
    let (pending, bound) = (Vec::new(), Vec::new());
    Event::GroupMembersAdded { group: group(n), members, pending, bound }
}

pub(super) fn left(n: u128, members: Vec<Member>) -> Event {
    Event::GroupMembersRemoved { group: group(n), members, pending: Vec::new() }
}

pub(super) fn user(n: u128) -> UserId {
    UserId::new(Uuid::from_u128(0x1000 + n))
}

pub(super) fn group(n: u128) -> GroupId {
    GroupId::new(Uuid::from_u128(0x2000 + n))
}

fn state(n: u128, active: bool) -> UserState {
    let (resource, user_name) = (Arc::from(&b"{}"[..]), format!("user-{n}"));
    UserState { resource, user_name, active, ..UserState::default() }
}
