//! The log to Kafka: every durable event, in order, once for whoever reads committed records. It alone names rdkafka.
//!
//! Ingress never waits for it: the log is the buffer. Each transaction holds events, the states they make, and the log's own record of how
//! far it got, so that cursor and effect move together; a start goes on after that record. Whatever needs a person stops the relay
//! loudly and nothing else (ADR 12).
//!
//! Entry: [`run`], [`Relay`], [`Options`].

mod client;
mod deliveries;
mod failure;
mod note;
mod options;
mod partition;
mod place;
mod placing;
mod producer;
mod record;
mod republish;
mod run;
mod session;
mod status;
mod topics;

pub use failure::Halt;
pub use options::{Form, Options, Token, TokenSource, Topics};
pub use partition::partition;
pub use republish::{Republish, Since, run as republish};
pub use run::run;
pub use status::{Phase, Progress, Refused, Relay, Republishing, Status};
