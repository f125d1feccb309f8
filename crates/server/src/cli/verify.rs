//! `rollcall verify --offline DIR`: whether a data directory holds what was written. Changes no byte.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use serde_json::json;
use store::inspect::{self, Fault, Report};

use crate::Exit;

use super::Failure;
use super::output::{Format, write_json};

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The data directory. No gateway may be running on it.
    #[arg(long, value_name = "DIR")]
    offline: PathBuf,
    /// How the result is written.
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let report = inspect::verify(&args.offline, &mut progress()).map_err(failure)?;
    write(&args.offline, &report, args.output)
}

/// A line that is written over on a terminal, one JSON object a line elsewhere.
fn progress() -> impl FnMut(usize, usize) {
    let is_terminal = io::stderr().is_terminal();
    move |done, of| {
        let mut err = io::stderr();
        // Nobody is left to tell when stderr is closed.
        drop(match (is_terminal, done == of) {
            (true, false) => write!(err, "\r{done} of {of} files"),
            (true, true) => writeln!(err, "\r{done} of {of} files"),
            (false, _) => writeln!(err, "{}", json!({ "verified": done, "of": of })),
        });
    }
}

fn write(dir: &Path, report: &Report, format: Format) -> Result<(), Failure> {
    let Report { log, segments, unsealed, end, events, tenants } = report;
    let mut out = io::stdout();
    match format {
        Format::Table => writeln!(
            out,
            "{} is whole: {events} events of {tenants} tenants, {} segments and {unsealed} unsealed generations, up to position {end}",
            dir.display(),
            segments.len(),
        )?,
        Format::Json => write_json(
            &mut out,
            &json!({ "log": log.to_string(), "segments": segments.len(), "unsealed": unsealed, "end": end.0, "events": events, "tenants": tenants }),
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
