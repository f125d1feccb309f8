//! The binary `rollcall`: configuration, wiring, spawning, command line. Seen by no other crate but the tests.
//!
//! Entry: [`start()`] (a whole gateway in this process), [`cli::run`] (the command line).

pub mod bootstrap;
pub mod cli;
pub mod config;
mod demo;
mod descriptors;
mod exit;
mod files;
mod gateway;
mod http;
mod issue;
mod kafka;
mod keys;
mod logging;
mod signals;
mod start;
pub mod tls;
mod upkeep;

pub use config::Config;
pub use exit::Exit;
pub use gateway::Parts;
pub use start::{Outcome, Running, StartError, start};
