//! `rollcall events`: a tenant's history from a number on, and what comes.

use std::io::{self, Write};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::client::{Client, Connect};
use super::output::{cell, printable};
use super::{Failure, Format};
use crate::{Exit, signals};

/// How long `--follow` waits before it asks again.
const FOLLOW_PAUSE: Duration = Duration::from_millis(500);
/// How long `--follow` waits after it found nobody.
const RETRY_PAUSE: Duration = Duration::from_secs(2);
/// Events that one call asks for.
const PAGE: u64 = 1_000;

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The tenant.
    #[arg(long, short)]
    tenant: String,
    /// Begin after this number.
    #[arg(long, default_value_t = 0, value_name = "SEQ")]
    after: u64,
    /// Print what comes, until interrupted.
    #[arg(long, short)]
    follow: bool,
    #[command(flatten)]
    connect: Connect,
}

/// Prints events; with `-o json` one object a line, so that the output can be read as it comes.
pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let client = args.connect.client()?;
    if args.follow {
        signals::on_interrupt(|| std::process::exit(Exit::Interrupt as i32))?;
    }
    let mut after = args.after;
    loop {
        match page(&client, &args.tenant, after) {
            Ok(events) if events.is_empty() && !args.follow => return Ok(()),
            Ok(events) if events.is_empty() => thread::sleep(FOLLOW_PAUSE),
            Ok(events) => {
                print(&events, args.connect.output)?;
                after = events.last().and_then(seq).unwrap_or(after);
            }
            Err(failure) if args.follow && failure.exit == Exit::Unreachable => {
                drop(write!(io::stderr(), "{failure}"));
                thread::sleep(RETRY_PAUSE);
            }
            Err(failure) => return Err(failure),
        }
    }
}

/// The next events after a number; empty at the head.
pub(crate) fn page(client: &Client, tenant: &str, after: u64) -> Result<Vec<Value>, Failure> {
    let query = [("after", after.to_string()), ("limit", PAGE.to_string())];
    let mut answer = client.get(&["tenants", tenant, "events"], &query)?;
    let events = answer.get_mut("events").and_then(Value::as_array_mut).map(std::mem::take);
    Ok(events.unwrap_or_default())
}

/// An event as a line for people: number, time, type, subject, what changed.
pub(crate) fn line(event: &Value) -> String {
    let changed = event.get("changed").and_then(Value::as_array).into_iter().flatten();
    let changed: Vec<String> = changed.filter_map(Value::as_str).map(short).collect();
    format!(
        "{:>6}  {}  {:<21}  {} {}  {}",
        cell(event, "/seq"),
        cell(event, "/at"),
        cell(event, "/type"),
        cell(event, "/subject/type"),
        cell(event, "/subject/id"),
        changed.join(","),
    )
    .trim_end()
    .to_owned()
}

/// A changed path without the beginning that is the same in all of them.
fn short(path: &str) -> String {
    let extension = path.strip_prefix("urn:ietf:params:scim:schemas:extension:");
    printable(&extension.unwrap_or(path).replacen(":2.0:User:", ":", 1))
}

fn print(events: &[Value], format: Format) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for event in events {
        match format {
            Format::Table => writeln!(out, "{}", line(event))?,
            Format::Json => writeln!(out, "{event}")?,
        }
    }
    out.flush()
}

fn seq(event: &Value) -> Option<u64> {
    event.get("seq").and_then(Value::as_u64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_says_what_changed_of_what() {
        let manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value";
        let event = json!({
            "seq": 7, "at": "2026-01-31T00:00:00.000Z", "type": "user.updated",
            "subject": {"type": "user", "id": "x"}, "changed": ["title", manager],
        });
        let expected = "     7  2026-01-31T00:00:00.000Z  user.updated           user x  \
                        title,enterprise:manager.value";
        assert_eq!(line(&event), expected);
        assert_eq!(line(&json!({})), "     -  -  -                      - -");
    }
}
