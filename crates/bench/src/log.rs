//! The log alone: a durable commit against a raw fdatasync of the same size in the same run (P8), and
//! appends of 64 writers (P9). No HTTP, no directory.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use events::LogId;
use store::log::{Append, Log};
use store::{Options, SledLog};

use crate::compare::{figure, median, micros};
use crate::stream::Stream;

/// What the log alone can do.
pub(crate) struct Figures {
    /// One writer's commit, p50, µs.
    pub(crate) commit_us: f64,
    /// A raw append + fdatasync of the same bytes between the commits, p50, µs.
    pub(crate) raw_us: f64,
    /// Events a second of 64 writers.
    pub(crate) rate: f64,
    /// Events a commit of 64 writers.
    pub(crate) batch: f64,
    /// fdatasyncs a commit.
    pub(crate) syncs: f64,
}

const WRITERS: usize = 64;

/// Measures both in a directory of its own.
///
/// # Errors
/// When the disk refuses.
pub(crate) async fn measure(commits: usize, events: usize) -> io::Result<Figures> {
    let dir = tempfile::tempdir_in(".")?;
    let log = Arc::new(open(&dir.path().join("data"))?);
    let (commit_us, raw_us) = one_writer(&log, dir.path(), commits).await?;
    let before = log.metrics();
    let took = many_writers(&log, events).await?;
    let after = log.metrics();
    let committed = figure(usize::try_from(after.commits - before.commits).unwrap_or(1));
    let synced = figure(usize::try_from(after.syncs - before.syncs).unwrap_or(0));
    log.close();
    let rate = figure(events) / took.as_secs_f64();
    Ok(Figures {
        commit_us,
        raw_us,
        rate,
        batch: figure(events) / committed,
        syncs: synced / committed,
    })
}

/// Opens a log for measuring.
pub(crate) fn open(dir: &Path) -> io::Result<SledLog> {
    store::open(dir, &Options::new(LogId::new(uuid::Uuid::from_u128(1)))).map_err(io::Error::other)
}

/// Commits and raw syncs in turn, so that a slow moment of the disk meets both.
async fn one_writer(log: &SledLog, dir: &Path, commits: usize) -> io::Result<(f64, f64)> {
    let mut probe = File::create(dir.join("probe"))?;
    let mut stream = Stream::new("solo");
    let (mut ours, mut raw) = (Vec::new(), Vec::new());
    for _ in 0..commits {
        let envelope = stream.next_event();
        let bytes = envelope.to_vec();
        let began = Instant::now();
        append(log, vec![envelope]).await?;
        ours.push(micros(began.elapsed()));
        let began = Instant::now();
        probe.write_all(&bytes)?;
        probe.sync_data()?;
        raw.push(micros(began.elapsed()));
    }
    Ok((median(&ours), median(&raw)))
}

/// Appends so many events by 64 writers, one at a time each; how long that took.
pub(crate) async fn many_writers(log: &Arc<SledLog>, events: usize) -> io::Result<Duration> {
    let each = events / WRITERS;
    let streams: Vec<Vec<Bytes>> = (0..WRITERS)
        .map(|writer| {
            let mut stream = Stream::new(&format!("w{writer}"));
            (0..each).map(|_| stream.next_event()).collect()
        })
        .collect();
    let began = Instant::now();
    let mut writers = tokio::task::JoinSet::new();
    for envelopes in streams {
        let log = Arc::clone(log);
        writers.spawn(async move {
            for envelope in envelopes {
                append(&log, vec![envelope]).await?;
            }
            Ok::<_, io::Error>(())
        });
    }
    while let Some(writer) = writers.join_next().await {
        writer.map_err(io::Error::other)??;
    }
    Ok(began.elapsed())
}

/// Appends one txn and waits until it is durable.
pub(crate) async fn append(log: &SledLog, txn: Vec<Bytes>) -> io::Result<()> {
    let permit = log.reserve().await.map_err(io::Error::other)?;
    match log.append(permit, txn).outcome().await {
        Append::Committed => Ok(()),
        lost @ (Append::NotWritten | Append::Fenced | Append::Unknown) => {
            Err(io::Error::other(format!("{lost:?}")))
        }
    }
}
