//! Filters: text, printing, and what they match.

mod lookup;
mod matches;
mod parse;
mod properties;
mod roundtrip;
