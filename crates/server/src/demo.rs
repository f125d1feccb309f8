//! The demonstration: a gateway of its own, two identity providers at work, kill -9, and everything is there again.
//! Uses nothing but what a customer has: the binary, HTTP and the platform API.

mod child;
mod screen;
mod snapshot;
mod trace;

pub(crate) use child::Gateway;
pub(crate) use screen::Screen;
pub(crate) use snapshot::Snapshot;
pub(crate) use trace::{Player, Trace};

/// The traces that are played, in order.
pub(crate) const TRACES: [&str; 2] =
    [include_str!("../traces/entra.jsonl"), include_str!("../traces/okta.jsonl")];
