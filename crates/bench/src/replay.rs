//! Replay into directories (P10) and the memory of a resident user (P11).

use std::io;
use std::time::Instant;

use directory::Directory;
use events::{Position, wire};
use store::log::{Limit, Log};

use crate::compare::figure;
use crate::log::{append, open};
use crate::stream::Stream;
use crate::target::resident_bytes;

/// Events a second from a reopened log into fresh directories.
pub(crate) struct Rates {
    /// Reading, checking and decoding the log.
    pub(crate) read: f64,
    /// The same, and folding.
    pub(crate) fold: f64,
}

const TXN_EVENTS: usize = 100;

/// Writes `events` of ten tenants, opens the log anew and replays it.
///
/// # Errors
/// When the log refuses.
pub(crate) async fn measure(events: usize) -> io::Result<Rates> {
    let dir = tempfile::tempdir_in(".")?;
    let data = dir.path().join("data");
    let log = open(&data)?;
    for tenant in 0..10 {
        let mut stream = Stream::new(&format!("t{tenant}"));
        for _ in 0..events / 10 / TXN_EVENTS {
            append(&log, (0..TXN_EVENTS).map(|_| stream.next_event()).collect()).await?;
        }
    }
    log.close();
    drop(log);
    let log = open(&data)?;
    Ok(Rates { read: replay(&log, false)?, fold: replay(&log, true)? })
}

fn replay(log: &dyn Log, fold: bool) -> io::Result<f64> {
    let began = Instant::now();
    let mut directories = hashbrown::HashMap::<_, Directory>::new();
    let limit = Limit { events: 1_000, bytes: 4 << 20 };
    let (mut from, mut count) = (Position(0), 0);
    loop {
        let page = log.read(from, limit).map_err(io::Error::other)?;
        let Some(last) = page.last() else { break };
        from = last.next;
        for logged in &page {
            let envelope = wire::decode(&logged.envelope).map_err(io::Error::other)?;
            if fold {
                directories.entry(envelope.tenant.clone()).or_default().apply(&envelope);
            }
            count += 1;
        }
    }
    Ok(figure(count) / began.elapsed().as_secs_f64())
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
