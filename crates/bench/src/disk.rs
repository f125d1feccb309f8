//! What lies on the disk (P15), and making every snapshot anew from a long history.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use events::wire;
use serde_json::Value;
use store::log::{Log, frame};

use crate::compare::figure;
use crate::log::{append, many_writers, open};
use crate::stream::Stream;

/// Bytes on the disk for each byte that was to be kept.
pub(crate) struct Ratios {
    /// sled's file for each byte appended, after that many events.
    pub(crate) hot: f64,
    /// A segment for each byte of uncompressed user events.
    pub(crate) sealed: f64,
    /// Bytes of JSON in such an event.
    pub(crate) json: f64,
}

/// What a frame has beside its part of an envelope.
const FRAME_HEADER_BYTES: u64 = frame::HEADER_BYTES as u64;
/// Just below what makes a generation full.
const HOT_EVENTS: usize = 99_968;
const TXN_EVENTS: usize = 100;

/// Fills a generation by 64 writers, and seals another history.
///
/// # Errors
/// When the disk refuses.
pub(crate) async fn measure() -> io::Result<Ratios> {
    let dir = tempfile::tempdir_in(".")?;
    let data = dir.path().join("hot");
    let log = Arc::new(open(&data)?);
    many_writers(&log, HOT_EVENTS).await?;
    // What is handed to sled: envelopes, each with its frame's header.
    let metrics = log.metrics();
    let appended = metrics.bytes + metrics.durable.0 * FRAME_HEADER_BYTES;
    let db = fs::metadata(data.join("log/gen-00000000/db"))?.len();
    log.close();
    let (raw, json) = uncompressed(TXN_EVENTS);
    let data = dir.path().join("sealed");
    let log = open(&data)?;
    let mut stream = Stream::new("t0");
    for _ in 0..HOT_EVENTS / TXN_EVENTS {
        append(&log, (0..TXN_EVENTS).map(|_| stream.next_event()).collect()).await?;
    }
    log.close();
    drop(log);
    // What a start finds unsealed, it seals.
    let log = open(&data)?;
    while log.recent() < log.durable() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let (bytes, events) =
        log.sealed().iter().fold((0, 0), |(b, e), it| (b + it.bytes, e + u64::from(it.events)));
    Ok(Ratios { hot: ratio(db, appended), sealed: ratio(bytes, events) / raw, json })
}

/// Bytes of an event before it is compressed, and of the JSON in it.
fn uncompressed(events: usize) -> (f64, f64) {
    let mut stream = Stream::new("t0");
    let envelopes: Vec<_> = (0..events).map(|_| stream.next_envelope()).collect();
    let raw: usize = envelopes.iter().map(|it| wire::payload(&it.event).len()).sum();
    let json = (0..events).map(|n| crate::people::user(n).len()).sum::<usize>();
    (figure(raw) / figure(events), figure(json) / figure(events))
}

/// Seconds that `rollcall rebuild` takes over so many users, each changed nine times.
///
/// # Errors
/// When the disk refuses, or the command fails.
pub(crate) async fn rebuild(rollcall: &Path, users: usize) -> io::Result<f64> {
    const TENANTS: usize = 100;
    const CHANGES: usize = 9;
    let dir = tempfile::tempdir_in(".")?;
    let data = dir.path().join("data");
    let log = open(&data)?;
    // What `rebuild` knows tenants by.
    append(&log, Stream::founded(TENANTS)).await?;
    let began = Instant::now();
    for tenant in 0..TENANTS {
        let mut stream = Stream::new(&format!("t{tenant}"));
        let users = users / TENANTS;
        for _ in 0..users / TXN_EVENTS {
            append(&log, (0..TXN_EVENTS).map(|_| stream.next_event()).collect()).await?;
        }
        for change in 0..CHANGES {
            for first in (0..users).step_by(TXN_EVENTS) {
                let txn = (first..first + TXN_EVENTS).map(|n| stream.change(n, change)).collect();
                append(&log, txn).await?;
            }
        }
    }
    log.close();
    drop(log);
    eprintln!(
        "{} events were made in {:.0} s",
        users * (CHANGES + 1),
        began.elapsed().as_secs_f64()
    );
    let output =
        Command::new(rollcall).args(["rebuild", "-o", "json", "--data"]).arg(&data).output()?;
    let said: Value = serde_json::from_slice(&output.stdout)?;
    said.get("seconds")
        .and_then(Value::as_f64)
        .ok_or_else(|| io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
}

fn ratio(bytes: u64, of: u64) -> f64 {
    let narrow = |number| figure(usize::try_from(number).unwrap_or(usize::MAX));
    narrow(bytes) / narrow(of)
}
