//! `rollcall relay status|resume|republish`: how far the events are in Kafka, and what an operator can do about it.

use serde_json::{Map, Value, json};

use super::Failure;
use super::client::Connect;
use super::listing::print_one;

#[derive(clap::Subcommand, Debug)]
pub(super) enum Command {
    /// What the relay does, how far it is, what is wrong and what to do about it.
    Status {
        #[command(flatten)]
        connect: Connect,
    },
    /// Go on after a halt that is mended.
    Resume {
        #[command(flatten)]
        connect: Connect,
    },
    /// Publish part of the history once more to a topic of its own, or set where the relay goes on.
    Republish {
        #[command(flatten)]
        what: What,
        #[command(flatten)]
        connect: Connect,
    },
}

#[derive(clap::Args, Debug)]
#[group(id = "what", required = true, multiple = true)]
pub(super) struct What {
    /// The topic to publish to; never one of the relay's own.
    #[arg(long, requires = "from", conflicts_with = "fork_at")]
    topic: Option<String>,
    /// This tenant's events only; --from is a number of its history then.
    #[arg(long, requires = "topic")]
    tenant: Option<String>,
    /// From this time on (RFC 3339), or from this number of the tenant's history.
    #[arg(long, requires = "topic", value_name = "TIME|SEQ")]
    from: Option<String>,
    /// The relay itself goes on at this position of the log, whatever Kafka holds: after a restore, as `relay status` says it.
    #[arg(long, value_name = "POSITION")]
    fork_at: Option<u64>,
}

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Status { connect } => print_one(connect, &connect.client()?.get(&["relay"], &[])?),
        Command::Resume { connect } => {
            print_one(connect, &connect.client()?.post(&["relay", "resume"], &json!({}))?)
        }
        Command::Republish { what, connect } => {
            print_one(connect, &connect.client()?.post(&["relay", "republish"], &what.body()?)?)
        }
    }
}

impl What {
    fn body(&self) -> Result<Value, Failure> {
        let mut body = Map::new();
        body.extend(self.fork_at.map(|at| ("fork_at".to_owned(), at.into())));
        body.extend(self.topic.clone().map(|topic| ("topic".to_owned(), topic.into())));
        match (&self.tenant, &self.from) {
            (Some(tenant), Some(from)) => {
                let seq: u64 = from.parse().map_err(|_| {
                    Failure::new(crate::Exit::Usage, "with --tenant, --from is a number")
                })?;
                body.insert("tenant".to_owned(), tenant.clone().into());
                body.insert("from_seq".to_owned(), seq.into());
            }
            (None, Some(from)) => {
                body.insert("from_time".to_owned(), from.clone().into());
            }
            (_, None) => {}
        }
        Ok(Value::Object(body))
    }
}
