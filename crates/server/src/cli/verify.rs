//! `rollcall verify`: whether the log holds what was written, by the gateway that runs on it or, `--offline`, without one. Changes no byte.

mod views;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use store::inspect::{self, Fault, Report};

use super::Failure;
use super::client::Connect;
use super::output::{Format, printable, write_json};
use super::progress::Progress;
use crate::Exit;

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Look into this data directory. No gateway may be running on it.
    #[arg(long, value_name = "DIR")]
    offline: Option<PathBuf>,
    /// Fold the whole log anew as well, and compare it with what the gateway has in memory; with --offline, with what is saved beside the
    /// log. That works on a copy beside the directory, whose segments are links.
    #[arg(long)]
    views: bool,
    #[command(flatten)]
    connect: Connect,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let Some(dir) = &args.offline else { return online(args) };
    let mut progress = Progress::new("files", 0);
    let report = inspect::verify(dir, &mut |done, of| progress.at(done, of)).map_err(failure)?;
    if args.views {
        let compared = views::differences(dir).map_err(|why| {
            Failure::new(Exit::Negative, "what is saved beside the log can't be compared").why(why)
        })?;
        if let Some(first) = compared.first() {
            return Err(differs(&printable(first)));
        }
    }
    write(dir, &report, args)
}

/// The gateway reads its segments; what isn't sealed it has read at its start and keeps in memory.
fn online(args: &Args) -> Result<(), Failure> {
    let client = args.connect.client()?;
    let log = client.get(&["log"], &[])?;
    let segments = log.get("segments").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut progress = Progress::new("segments", segments.len());
    for segment in &segments {
        let number = segment.get("number").and_then(Value::as_u64).unwrap_or_default().to_string();
        let verified = client.work(&["log", "segments", &number, "verify"])?;
        if let Some(fault) = verified.get("fault").and_then(Value::as_str) {
            return Err(damaged(&format!("segment {number}: {}", printable(fault))));
        }
        progress.step();
    }
    if args.views {
        let compared = client.work(&["log", "views", "verify"])?;
        let faults = compared.get("faults").and_then(Value::as_array);
        if let Some(fault) = faults.and_then(|faults| faults.first()).and_then(Value::as_str) {
            return Err(differs(&printable(fault)));
        }
    }
    let (count, views) = (segments.len(), args.views);
    let mut out = io::stdout();
    match args.connect.output {
        Format::Table => {
            let views = if views { ", and memory is what the log gives" } else { "" };
            writeln!(out, "the log is whole: {count} segments{views}")?;
        }
        Format::Json => write_json(
            &mut out,
            &json!({ "log": log.get("log"), "segments": count, "durable": log.get("durable"), "views": views }),
        )?,
    }
    Ok(())
}

fn damaged(why: &str) -> Failure {
    Failure::new(Exit::Integrity, "the log is damaged")
        .why(why)
        .next("make a backup elsewhere of what can be read, and restore the damaged part from an older one")
}

fn differs(why: &str) -> Failure {
    Failure::new(Exit::Integrity, "memory is not what the log gives")
        .why(why)
        .next("restart the gateway after `rollcall rebuild`; keep its log lines: this is a defect")
}

fn write(dir: &Path, report: &Report, args: &Args) -> Result<(), Failure> {
    let Report { log, segments, unsealed, end, events, tenants } = report;
    let mut out = io::stdout();
    match args.connect.output {
        Format::Table => {
            let views =
                if args.views { "; what is saved beside the log is what it gives" } else { "" };
            let (dir, segments) = (dir.display(), segments.len());
            writeln!(
                out,
                "{dir} is whole: {events} events of {tenants} tenants, {segments} segments and {unsealed} unsealed generations, up to position {end}{views}",
            )?;
        }
        Format::Json => write_json(
            &mut out,
            &json!({ "log": log.to_string(), "segments": segments.len(), "unsealed": unsealed, "end": end.0, "events": events, "tenants": tenants, "views": args.views }),
        )?,
    }
    Ok(())
}

/// Why the directory isn't whole, or can't be looked at.
pub(super) fn failure(fault: Fault) -> Failure {
    match &fault {
        Fault::Damaged { .. } => Failure::new(Exit::Integrity, "the data directory is damaged")
            .why(&fault)
            .next("don't start a gateway on it; keep it as it is and restore a copy"),
        Fault::InUse => Failure::new(Exit::Usage, "a gateway is running on the data directory")
            .why(&fault)
            .next("stop it, or look at a copy"),
        Fault::NotOurs { .. } => {
            Failure::new(Exit::Usage, "the directory can't be looked at").why(&fault)
        }
        Fault::Unreadable { .. } => {
            Failure::new(Exit::LogIo, "the data directory can't be read").why(&fault)
        }
    }
}
