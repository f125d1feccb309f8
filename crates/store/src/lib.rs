//! Everything that lies on disk. Today that is the event log; it alone names sled.
//!
//! Knows envelopes only as bytes with a tenant and a number ([`events::wire::peek`]); never what they mean.
//! Entry: [`open`], [`log::Log`] and its two implementers.

mod home;
pub mod log;
mod torture;

pub use log::sled::{OpenError, Options, SledLog, inspect, open};
