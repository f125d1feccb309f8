//! The facts: envelope, event types, their protobuf form and golden bytes.
//! Knows no SCIM rules, no IO, no clock. Old bytes decode for ever.
//!
//! Entry: [`Envelope`], [`Event`], [`wire::encode`], [`wire::decode`], [`json::render`].

mod codec;
mod coercion;
mod envelope;
mod event;
mod ids;
pub mod json;
mod kind;
mod profile;
mod proto;
pub mod state;
mod upcast;
pub mod wire;

pub use coercion::Coercion;
pub use envelope::{Actor, ActorKind, Envelope, Flags};
pub use event::{
    Email, Endpoint, Event, EventType, GroupState, KeyRole, Member, MemberKind, ResourceKind,
    ResourceState, TenantSchema, TenantSettings, TokenFacts, UserState,
};
pub use ids::{
    ConnectionId, GroupId, InvalidTenantId, KeyId, LogId, Position, ResourceId, Seq, TenantId,
    Timestamp, TokenId, TxnId, UserId,
};
pub use profile::{PatchAnswer, Profile, Switches};
