//! Everything that lies on disk. Today that is the event log; it alone names sled.
//!
//! Knows envelopes only as bytes with a tenant and a number ([`events::wire::peek`]); never what they mean.
//! Entry: [`log::Log`] and its two implementers.

pub mod log;
