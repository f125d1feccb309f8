//! Envelopes for tests: valid ones, of a wanted size, recognisable.

use std::sync::Arc;

use bytes::Bytes;
use events::{
    Actor, Envelope, Event, Flags, Seq, TenantId, Timestamp, TxnId, UserId, UserState, wire,
};
use uuid::Uuid;

/// An encoded `user.created` whose resource has about this many bytes and doesn't compress.
pub(crate) fn envelope(tenant: &TenantId, seq: u64, bytes: usize) -> Bytes {
    let resource = noise(seq, bytes);
    let state = UserState { resource, user_name: format!("user-{seq}"), ..UserState::default() };
    wire::encode(&Envelope {
        tenant: tenant.clone(),
        seq: Seq(seq),
        txn: TxnId::new(Uuid::from_u128(u128::from(seq))),
        txn_index: 0,
        txn_size: 1,
        at: Timestamp(1_764_000_000_000),
        actor: Actor::system(),
        connection: None,
        coercions: Vec::new(),
        flags: Flags::default(),
        event: Event::UserCreated { user: UserId::new(Uuid::from_u128(u128::from(seq))), state },
    })
}

/// A tenant's id.
pub(crate) fn tenant(name: &str) -> TenantId {
    TenantId::parse(name).expect("a slug")
}

/// The same bytes for the same seed.
fn noise(seed: u64, bytes: usize) -> Arc<[u8]> {
    let mut word = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let words = std::iter::repeat_with(move || {
        word ^= word << 13;
        word ^= word >> 7;
        word ^= word << 17;
        word.to_be_bytes()
    });
    words.flatten().take(bytes).collect()
}
