//! The contract's messages, as compiled from `proto/rollcall/events/v1`. Nothing outside `wire`,
//! `codec` and `state` sees them: everybody else works with the domain types.
#![expect(
    clippy::doc_markdown,
    unreachable_pub,
    reason = "generated; the comments are those of the contract"
)]

include!(concat!(env!("OUT_DIR"), "/rollcall.events.v1.rs"));
