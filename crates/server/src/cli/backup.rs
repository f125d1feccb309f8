//! `rollcall backup`: copies the log of a running gateway elsewhere. What is there already isn't copied again; nothing counts before the
//! manifest names it. The master key is never in it, only its fingerprint.

pub(super) mod manifest;
pub(super) mod target;

use std::io::{self, Write};
use std::path::Path;

use events::LogId;
use serde::Deserialize;
use serde_json::json;
use store::archive::{self, Checked};

use super::client::{Client, Connect};
use super::output::write_json;
use super::progress::Progress;
use super::verify::failure;
use super::{Failure, Format};
use crate::Exit;
use manifest::{Manifest, Part};
use target::Target;

/// Tries to meet a moment in which nothing is sealed between two questions.
const TRIES: usize = 5;

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Where to: a directory, or `s3://BUCKET/PREFIX` with `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION` and, for other stores
    /// than AWS, `AWS_ENDPOINT_URL` in the environment.
    #[arg(long, value_name = "TARGET")]
    to: String,
    #[command(flatten)]
    connect: Connect,
}

/// What the gateway says of its log.
#[derive(Deserialize)]
struct Shown {
    log: LogIdText,
    incarnation: u32,
    at: String,
    segments: Vec<ShownSegment>,
    master_key: String,
}

#[derive(Deserialize)]
struct ShownSegment {
    number: u32,
    first: u64,
    end: u64,
    bytes: u64,
}

/// A log's id, as JSON has it.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct LogIdText(pub(super) LogId);

impl TryFrom<String> for LogIdText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| "no log id".to_owned())
    }
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let (client, target) = (args.connect.client()?, Target::parse(&args.to)?);
    let before = Manifest::read(&target)?;
    let scratch = tempfile::tempdir().map_err(local)?;
    for _ in 0..TRIES {
        let shown: Shown = read(client.get(&["log"], &[])?)?;
        let known = before.as_ref().map(|it| it.for_log(shown.log.0)).transpose()?;
        let known = known.unwrap_or_default();
        let segments = copy_segments(&client, &target, &shown, (known, scratch.path()))?;
        let Some(unsealed) = copy_unsealed(&client, &target, &shown, scratch.path())? else {
            continue;
        };
        let manifest = Manifest {
            format: manifest::FORMAT,
            log: shown.log.0.to_string(),
            incarnation: shown.incarnation,
            at: shown.at,
            master_key: shown.master_key,
            segments,
            unsealed,
        };
        manifest.write(&target)?;
        remove_older(&target, before.as_ref(), &manifest);
        return write(&args.to, &manifest, args.connect.output);
    }
    Err(Failure::new(Exit::Negative, "the log was sealed again and again while it was read")
        .next("try again"))
}

/// Copies the sealed segments that are not there yet; all that there are then.
fn copy_segments(
    client: &Client,
    target: &Target,
    shown: &Shown,
    (known, scratch): (&[Part], &Path),
) -> Result<Vec<Part>, Failure> {
    let mut parts = Vec::with_capacity(shown.segments.len());
    let mut progress = Progress::new("segments", shown.segments.len());
    for segment in &shown.segments {
        let file = format!("segments/seg-{:08}", segment.number);
        let part = match known.iter().find(|part| part.file == file) {
            Some(part) if part.is(segment.first, segment.end, segment.bytes) => part.clone(),
            Some(_) => return Err(another_history(&file)),
            None => {
                let local = scratch.join("segment");
                let number = segment.number.to_string();
                client.download(&["log", "segments", &number], &local)?;
                let part = checked(&local, shown.log.0, file)?;
                target.put(&part.file, &local)?;
                part
            }
        };
        parts.push(part);
        progress.step();
    }
    Ok(parts)
}

/// Copies what isn't sealed. `None`: something was sealed since the segments were listed.
#[expect(clippy::option_option, reason = "asked again; nothing there; a part")]
fn copy_unsealed(
    client: &Client,
    target: &Target,
    shown: &Shown,
    scratch: &Path,
) -> Result<Option<Option<Part>>, Failure> {
    let local = scratch.join("unsealed");
    let end = shown.segments.last().map_or(0, |last| last.end);
    if !client.download(&["log", "unsealed"], &local)? {
        return Ok(Some(None));
    }
    let mut part = checked(&local, shown.log.0, String::new())?;
    part.file = format!("segments/unsealed-{:020}-{:020}", part.first, part.end);
    if part.first != end {
        return Ok(None);
    }
    target.put(&part.file, &local)?;
    Ok(Some(Some(part)))
}

/// Nothing is kept that isn't what was written.
fn checked(local: &Path, log: LogId, file: String) -> Result<Part, Failure> {
    let Checked { sealed, sha256, .. } = archive::check(local, log).map_err(failure)?;
    Ok(Part {
        file,
        first: sealed.first.0,
        end: sealed.end.0,
        events: sealed.events,
        bytes: sealed.bytes,
        sha256: sha256.iter().map(|byte| format!("{byte:02x}")).collect(),
    })
}

/// What wasn't sealed when the last backup was made is of no use any more.
fn remove_older(target: &Target, before: Option<&Manifest>, now: &Manifest) {
    let older = before.and_then(|it| it.unsealed.as_ref()).map(|part| &part.file);
    let kept = now.unsealed.as_ref().map(|part| &part.file);
    if let Some(file) = older.filter(|file| Some(*file) != kept)
        && let Err(error) = target.remove(file)
    {
        drop(write!(io::stderr(), "{file} could not be removed: {error}"));
    }
}

fn another_history(file: &str) -> Failure {
    Failure::new(Exit::Negative, "the target holds another history of this log")
        .why(format!("{file} is not what the gateway has; the log was restored since, perhaps"))
        .next("give --to another place, and keep the old one as long as you may need it")
}

fn write(to: &str, manifest: &Manifest, format: Format) -> Result<(), Failure> {
    let (parts, bytes, events) = manifest.totals();
    let mut out = io::stdout();
    match format {
        Format::Table => {
            writeln!(out, "{to} holds {events} events in {parts} files, {bytes} bytes")?;
        }
        Format::Json => write_json(
            &mut out,
            &json!({ "to": to, "events": events, "files": parts, "bytes": bytes, "end": manifest.end() }),
        )?,
    }
    Ok(())
}

fn read<T: for<'de> Deserialize<'de>>(value: serde_json::Value) -> Result<T, Failure> {
    serde_json::from_value(value)
        .map_err(|error| Failure::new(Exit::Negative, "the answer can't be read").why(error))
}

pub(super) fn local(error: io::Error) -> Failure {
    Failure::new(Exit::Negative, "a temporary file can't be written").why(error)
}
