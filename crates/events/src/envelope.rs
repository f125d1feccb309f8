//! The envelope: who, when and which number, around one event. All of it is clear text by design
//! §3.14; nothing personal may stand here.

use crate::{Coercion, ConnectionId, Event, Seq, TenantId, Timestamp, TxnId};

/// One event with its place in the tenant's history.
#[derive(Clone, PartialEq, Debug)]
pub struct Envelope {
    /// Whose history; [`TenantId::platform`] for the platform's own stream.
    pub tenant: TenantId,
    /// The event's number in that history.
    pub seq: Seq,
    /// The call that made it.
    pub txn: TxnId,
    /// Which of the call's events this is, from 0.
    pub txn_index: u32,
    /// How many events the call made.
    pub txn_size: u32,
    /// When; never goes back within a tenant.
    pub at: Timestamp,
    /// Whose credential did it.
    pub actor: Actor,
    /// By which provisioning client; `None` outside SCIM.
    pub connection: Option<ConnectionId>,
    /// What was tolerated to understand the call, without repeats, in order of number.
    pub coercions: Vec<Coercion>,
    /// Marks for consumers.
    pub flags: Flags,
    /// What happened.
    pub event: Event,
}

/// Whose credential made the call: ids only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Actor {
    /// The kind of credential.
    pub kind: ActorKind,
    /// Its id as text; empty for [`ActorKind::System`].
    pub id: String,
}

/// The kinds of credential. The numbers are the protobuf ones.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(i32)]
pub enum ActorKind {
    /// Rollcall itself (bootstrap, follow-ups).
    System = 1,
    /// A tenant's SCIM token.
    Token = 2,
    /// A key of the platform API.
    Key = 3,
}

/// A bit set for consumers; no bit is defined yet. Unknown bits are kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Flags(pub u32);

impl Actor {
    /// Rollcall itself.
    pub const fn system() -> Self {
        Self { kind: ActorKind::System, id: String::new() }
    }
}
