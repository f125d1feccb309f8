//! How fast the log appends: durable events a second by 1, 8 and 64 writers, and one writer's latency beside a raw fdatasync.
//!
//! `cargo run --release -p store --example append_rate -- [DIR]`. Log and raw file take turns in slices of 200 ms, because a disk's
//! fdatasync swings tenfold within minutes: only figures of one moment compare.

#[expect(clippy::expect_used, reason = "names are literals")]
#[path = "../tests/support/envelope.rs"]
mod support;

use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use events::{LogId, TenantId};
use store::log::{Append, Log, Metrics};
use store::{Options, SledLog, open};
use support::{envelope, tenant};
use tokio::task::JoinSet;
use uuid::Uuid;

const EVENT_BYTES: usize = 700;
const SLICE: Duration = Duration::from_millis(200);
const ROUNDS: usize = 15;

fn main() -> Result<(), Box<dyn Error>> {
    let temporary = tempfile::tempdir()?;
    let dir =
        std::env::args().nth(1).map_or_else(|| temporary.path().into(), std::path::PathBuf::from);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    let mut out = std::io::stdout();
    writeln!(
        out,
        "writers  events/s  batch  syncs/commit  p50 us  p99 us | raw p50 us  raw p99 us"
    )?;
    for writers in [1, 8, 64] {
        let dir = dir.join(format!("writers-{writers}"));
        let log = Arc::new(open(&dir, &Options::new(LogId::new(Uuid::from_u128(1))))?);
        let mut raw = RawFile::create(&dir)?;
        let mut heads = vec![0; writers];
        let (mut ours, mut raws, mut spent) = (Vec::new(), Vec::new(), Duration::ZERO);
        for _ in 0..ROUNDS {
            raws.extend(raw.slice()?);
            let began = Instant::now();
            let slice = runtime.block_on(slice(&log, &mut heads))?;
            spent += began.elapsed();
            ours.extend(slice);
        }
        let line = report(&log.metrics(), spent, &mut ours, &mut raws);
        writeln!(out, "{writers:7}  {line}")?;
    }
    Ok(())
}

/// All writers append one event after the other, each when its last one is durable.
async fn slice(log: &Arc<SledLog>, heads: &mut [u64]) -> Result<Vec<Duration>, Box<dyn Error>> {
    let until = Instant::now() + SLICE;
    let mut running = JoinSet::new();
    for (n, head) in heads.iter().enumerate() {
        let log = Arc::clone(log);
        running.spawn(write(log, n, *head, until));
    }
    let mut latencies = Vec::new();
    while let Some(done) = running.join_next().await {
        let (n, written) = done?.ok_or("an append failed")?;
        if let Some(head) = heads.get_mut(n) {
            *head += written.len() as u64;
        }
        latencies.extend(written);
    }
    Ok(latencies)
}

async fn write(
    log: Arc<SledLog>,
    n: usize,
    mut head: u64,
    until: Instant,
) -> Option<(usize, Vec<Duration>)> {
    let tenant: TenantId = tenant(&format!("t-{n}"));
    let mut latencies = Vec::new();
    while Instant::now() < until {
        head += 1;
        let event: Bytes = envelope(&tenant, head, EVENT_BYTES);
        let began = Instant::now();
        let permit = log.reserve().await.ok()?;
        match log.append(permit, vec![event]).outcome().await {
            Append::Committed => latencies.push(began.elapsed()),
            Append::NotWritten | Append::Fenced | Append::Unknown => return None,
        }
    }
    Some((n, latencies))
}

/// A bare file beside the log: one write and one fdatasync at a time.
struct RawFile {
    file: File,
    bytes: Vec<u8>,
}

impl RawFile {
    fn create(dir: &Path) -> std::io::Result<Self> {
        Ok(Self { file: File::create(dir.join("raw"))?, bytes: vec![7; EVENT_BYTES] })
    }

    fn slice(&mut self) -> std::io::Result<Vec<Duration>> {
        let until = Instant::now() + SLICE;
        let mut latencies = Vec::new();
        while Instant::now() < until {
            let began = Instant::now();
            self.file.write_all(&self.bytes)?;
            self.file.sync_data()?;
            latencies.push(began.elapsed());
        }
        Ok(latencies)
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn report(
    metrics: &Metrics,
    spent: Duration,
    ours: &mut [Duration],
    raws: &mut [Duration],
) -> String {
    format!(
        "{:8.0}  {:5.1}  {:12.2}  {:6}  {:6} | {:10}  {:10}",
        metrics.events as f64 / spent.as_secs_f64(),
        metrics.events as f64 / metrics.commits as f64,
        metrics.syncs as f64 / metrics.commits as f64,
        percentile(ours, 50),
        percentile(ours, 99),
        percentile(raws, 50),
        percentile(raws, 99),
    )
}

/// In microseconds.
fn percentile(latencies: &mut [Duration], percent: usize) -> u128 {
    latencies.sort_unstable();
    latencies.get(latencies.len() * percent / 100).map_or(0, Duration::as_micros)
}
