//! What the committer has done, as numbers for `/metrics`. Never decides anything.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use events::Position;

/// Upper bounds of the batch sizes counted, in events; a last bucket holds what is larger.
pub const BATCH_BOUNDS: [usize; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/// The log at one moment. Counts are since its opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metrics {
    /// Batches made durable.
    pub commits: u64,
    /// fdatasyncs that made them so: exactly one each.
    pub syncs: u64,
    /// Events in them.
    pub events: u64,
    /// Frames in them.
    pub frames: u64,
    /// Envelope bytes in them.
    pub bytes: u64,
    /// How many batches had up to [`BATCH_BOUNDS`] events; the last counts those above.
    pub batch_sizes: [u64; BATCH_BOUNDS.len() + 1],
    /// How long the last fdatasync took.
    pub last_sync: Duration,
    /// How long all of them took.
    pub total_sync: Duration,
    /// Txns between permit and ack.
    pub queued_txns: usize,
    /// Envelope bytes waiting to be written.
    pub queued_bytes: usize,
    /// The durable watermark.
    pub durable: Position,
    /// Whether appends are taken as far as disk space goes.
    pub has_space: bool,
    /// One past the last frame that lies in a segment.
    pub sealed_through: Position,
    /// Segments.
    pub segments: usize,
    /// How long the last sealing took.
    pub last_seal: Duration,
    /// Tries to seal that failed, and will be made again.
    pub seal_failures: u64,
}

/// What the committer counts.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) commits: AtomicU64,
    pub(super) syncs: AtomicU64,
    pub(super) events: AtomicU64,
    pub(super) frames: AtomicU64,
    pub(super) bytes: AtomicU64,
    batch_sizes: [AtomicU64; BATCH_BOUNDS.len() + 1],
    last_sync_ns: AtomicU64,
    total_sync_ns: AtomicU64,
    last_seal_ns: AtomicU64,
    seal_failures: AtomicU64,
}

impl Counters {
    /// One fdatasync has succeeded.
    pub(super) fn synced(&self, took: Duration) {
        let ns = nanoseconds(took);
        self.syncs.fetch_add(1, Ordering::Relaxed);
        self.last_sync_ns.store(ns, Ordering::Relaxed);
        self.total_sync_ns.fetch_add(ns, Ordering::Relaxed);
    }

    /// One batch is durable.
    pub(super) fn committed(&self, events: usize, frames: u64, bytes: usize) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.events.fetch_add(events as u64, Ordering::Relaxed);
        self.frames.fetch_add(frames, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        let bucket = BATCH_BOUNDS.partition_point(|bound| *bound < events);
        if let Some(count) = self.batch_sizes.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// One generation is a segment now.
    pub(super) fn sealed(&self, took: Duration) {
        self.last_seal_ns.store(nanoseconds(took), Ordering::Relaxed);
    }

    /// A try to seal has failed.
    pub(super) fn sealing_failed(&self) {
        self.seal_failures.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn snapshot(&self) -> Metrics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Metrics {
            commits: read(&self.commits),
            syncs: read(&self.syncs),
            events: read(&self.events),
            frames: read(&self.frames),
            bytes: read(&self.bytes),
            batch_sizes: std::array::from_fn(|i| self.batch_sizes.get(i).map_or(0, read)),
            last_sync: Duration::from_nanos(read(&self.last_sync_ns)),
            total_sync: Duration::from_nanos(read(&self.total_sync_ns)),
            queued_txns: 0,
            queued_bytes: 0,
            durable: Position(0),
            has_space: true,
            sealed_through: Position(0),
            segments: 0,
            last_seal: Duration::from_nanos(read(&self.last_seal_ns)),
            seal_failures: read(&self.seal_failures),
        }
    }
}

fn nanoseconds(took: Duration) -> u64 {
    u64::try_from(took.as_nanos()).unwrap_or(u64::MAX)
}
