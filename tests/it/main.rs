//! The tests of the whole: one binary. Most start a gateway in this process and talk HTTP to it;
//! those of kill, power, CLI and demo use the real binary.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it measured"
)]

mod backup;
mod bad_input;
mod cli;
mod client;
mod concurrency;
mod damage;
#[cfg(feature = "torture")]
mod full_disk;
mod harness;
mod isolation;
mod kafka;
mod kill;
mod ledger;
mod matrix;
mod membership;
mod platform;
#[cfg(feature = "torture")]
mod power;
mod process;
mod protocol;
mod rot;
mod simulation;
mod tidy;
mod traces;
mod truth;
mod verify;
mod walk;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
