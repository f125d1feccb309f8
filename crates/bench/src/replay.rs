//! Replay into directories (P10) and the memory of a resident user (P11).

use std::io;
use std::time::{Duration, Instant};

use directory::Directory;
use events::{Seq, TenantId, wire};
use store::log::{Limit, Log};

use crate::compare::{figure, median};
use crate::log::{append, open};
use crate::stream::Stream;
use crate::target::resident_bytes;

/// Events a second.
pub(crate) struct Rates {
    /// Of a start that finds them unsealed: read from sled's files, checked, put together.
    pub(crate) unsealed: f64,
    /// From segments, by two threads, read and decoded.
    pub(crate) read: f64,
    /// The same, and folded into directories.
    pub(crate) fold: f64,
}

const TXN_EVENTS: usize = 100;
const TENANTS: usize = 10;
/// Each replay's figure is the median of so many. The first folds into memory that the process never had: where the machine is itself a guest,
/// that costs several times what the fold does.
const ROUNDS: usize = 5;
/// The design's figures are for two cores.
const THREADS: usize = 2;

/// Writes `events` of ten tenants, opens the log anew, lets it seal what it found, and replays it.
///
/// # Errors
/// When the log refuses.
pub(crate) async fn measure(events: usize) -> io::Result<Rates> {
    let dir = tempfile::tempdir_in(".")?;
    let data = dir.path().join("data");
    let log = open(&data)?;
    let mut streams: Vec<Stream> =
        (0..TENANTS).map(|tenant| Stream::new(&format!("t{tenant}"))).collect();
    for _ in 0..events / TENANTS / TXN_EVENTS {
        for stream in &mut streams {
            append(&log, (0..TXN_EVENTS).map(|_| stream.next_event()).collect()).await?;
        }
    }
    log.close();
    drop((log, streams));
    let began = Instant::now();
    let log = open(&data)?;
    let took = began.elapsed().as_secs_f64();
    let metrics = log.metrics();
    let found = metrics.durable.0 - metrics.sealed_through.0;
    while log.recent() < log.durable() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let (mut read, mut fold) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        read.push(replay(&log, false)?);
        fold.push(replay(&log, true)?);
    }
    let unsealed = figure(usize::try_from(found).unwrap_or(0)) / took;
    Ok(Rates { unsealed, read: median(&read), fold: median(&fold) })
}

/// What both threads do in a second.
fn replay(log: &dyn Log, fold: bool) -> io::Result<f64> {
    let rates: io::Result<Vec<f64>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| scope.spawn(move || replay_every(log, thread, fold)))
            .collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, io::Result<f64>>| {
            thread.join().map_err(|_| io::Error::other("a replay panicked"))?
        };
        threads.into_iter().map(join).collect()
    });
    Ok(rates?.into_iter().sum())
}

/// One thread's tenants, one after the other: events a second. That a directory is given up again is no part of its replay.
fn replay_every(log: &dyn Log, first: usize, fold: bool) -> io::Result<f64> {
    let (mut count, mut took) = (0, Duration::ZERO);
    for tenant in (first..TENANTS).step_by(THREADS) {
        let tenant = TenantId::parse(&format!("t{tenant}")).map_err(io::Error::other)?;
        let mut directory = Directory::default();
        let began = Instant::now();
        count += replay_one(log, &tenant, fold.then_some(&mut directory))?;
        took += began.elapsed();
    }
    Ok(figure(count) / took.as_secs_f64())
}

fn replay_one(
    log: &dyn Log,
    tenant: &TenantId,
    mut into: Option<&mut Directory>,
) -> io::Result<usize> {
    let limit = Limit { events: 4_096, bytes: 4 << 20 };
    let (mut count, mut after) = (0, Seq(0));
    loop {
        let page = log.read_tenant(tenant, after, limit).map_err(io::Error::other)?;
        if page.is_empty() {
            return Ok(count);
        }
        for logged in &page {
            let envelope = wire::decode_of(tenant, &logged.envelope).map_err(io::Error::other)?;
            after = envelope.seq;
            if let Some(directory) = &mut into {
                directory.apply(&envelope);
            }
            count += 1;
        }
    }
}

/// Bytes of resident memory a user: `users` in tenants of `each`, in this process, which did nothing else before.
pub(crate) fn memory(users: usize, each: usize) -> f64 {
    let before = resident_bytes("self");
    let mut directories = Vec::new();
    for tenant in 0..users / each {
        let mut directory = Directory::default();
        let mut stream = Stream::new(&format!("t{tenant}"));
        for _ in 0..each {
            let envelope = stream.next_envelope();
            directory.apply(&envelope);
        }
        directories.push(directory);
    }
    let grown = resident_bytes("self").saturating_sub(before);
    drop(directories);
    figure(usize::try_from(grown).unwrap_or(usize::MAX)) / figure(users)
}

/// The same in a process of its own.
///
/// # Errors
/// When it can't be started.
pub(crate) fn memory_alone(users: usize) -> io::Result<f64> {
    let output = std::process::Command::new(std::env::current_exe()?)
        .args(["memory", "--users", &users.to_string()])
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().map_err(|_| io::Error::other(format!("no figure: {text}")))
}
