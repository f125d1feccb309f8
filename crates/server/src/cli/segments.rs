//! `rollcall segments ls`: the sealed segments of a data directory, by their headers.

use std::io;
use std::path::PathBuf;

use serde_json::json;
use store::inspect;

use super::Failure;
use super::output::{Format, Table, write_json};
use super::verify::failure;

#[derive(clap::Subcommand, Debug)]
pub(super) enum Command {
    /// List them. A gateway may be running.
    Ls(Args),
}

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The data directory.
    #[arg(long, env = "ROLLCALL_DATA", value_name = "DIR")]
    data: PathBuf,
    /// How the list is written.
    #[arg(short, long, value_enum, default_value_t)]
    output: Format,
}

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    let Command::Ls(args) = command;
    let segments = inspect::segments(&args.data).map_err(failure)?;
    let mut out = io::stdout();
    match args.output {
        Format::Json => {
            let row = |segment: &store::log::Sealed| json!({ "number": segment.number, "first": segment.first.0, "end": segment.end.0, "events": segment.events, "bytes": segment.bytes });
            let rows: Vec<_> = segments.iter().map(row).collect();
            write_json(&mut out, &json!({ "segments": rows }))?;
        }
        Format::Table => {
            let mut table = Table::new(&["NUMBER", "FIRST", "END", "EVENTS", "BYTES"]);
            for segment in segments {
                let numbers =
                    [segment.first.0, segment.end.0, segment.events.into(), segment.bytes];
                let number = format!("{:08}", segment.number);
                table
                    .row(std::iter::once(number).chain(numbers.map(|it| it.to_string())).collect());
            }
            table.write(&mut out)?;
        }
    }
    Ok(())
}
