//! Everything that lies on disk: the event log, and snapshots beside it. It alone names sled.
//!
//! Knows envelopes only as bytes with a tenant and a number ([`events::wire::peek`]); never what they mean.
//! Entry: [`open`], [`log::Log`] and its two implementers; [`snapshots::Snapshots`].

mod home;
pub mod log;
pub mod mark;
pub mod snapshots;
mod torture;

pub use log::sled::{OpenError, Options, SledLog, archive, inspect, open};
