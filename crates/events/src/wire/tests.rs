//! Golden bytes, round trips, and what becomes of bytes that are wrong or from another time.

mod arbitrary;
mod contract;
mod fields;
mod golden;
mod other_times;
mod published;
mod round_trip;
mod samples;
