//! The bounded queue: who may append. A [`Permit`] stands for one txn, from before it is decided until it is settled.
//!
//! Two bounds: txns (permits given out) and bytes queued. The size of a txn is not known when its permit is taken, so the bytes
//! may pass their bound by what the permits already given out append.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::{Reason, Unavailable};

/// Txns between permit and ack, at most.
const TXNS_MAX: usize = 4_096;
/// Envelope bytes queued before further permits wait.
const QUEUED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// When to ask again after [`Unavailable`]: space is tried for each second.
const RETRY_AFTER_S: u32 = 2;

/// The right to append one txn. Dropped unused, it gives its room back.
#[derive(Debug)]
pub struct Permit {
    _txn: OwnedSemaphorePermit,
    gate: Arc<Gate>,
    bytes: usize,
}

/// The bounds of one log's queue.
#[derive(Debug)]
pub(super) struct Gate {
    txns: Arc<Semaphore>,
    queued_bytes: AtomicUsize,
    bytes_freed: Notify,
    space: AtomicBool,
}

impl Gate {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            txns: Arc::new(Semaphore::new(TXNS_MAX)),
            queued_bytes: AtomicUsize::new(0),
            bytes_freed: Notify::new(),
            space: AtomicBool::new(true),
        })
    }

    /// Waits for room; answers at once while there is no disk space or the log has stopped.
    pub(super) async fn enter(self: &Arc<Self>) -> Result<Permit, Unavailable> {
        let stopped = |_| Unavailable { retry_after_s: RETRY_AFTER_S, reason: Reason::Stopped };
        loop {
            let freed = self.bytes_freed.notified();
            if self.queued_bytes() < QUEUED_BYTES_MAX || self.txns.is_closed() {
                break;
            }
            freed.await;
        }
        let txn = Arc::clone(&self.txns).acquire_owned().await.map_err(stopped)?;
        if !self.has_space() {
            return Err(Unavailable { retry_after_s: RETRY_AFTER_S, reason: Reason::NoSpace });
        }
        Ok(Permit { _txn: txn, gate: Arc::clone(self), bytes: 0 })
    }

    /// Nobody gets in any more; those who wait are told.
    pub(super) fn shut(&self) {
        self.txns.close();
        self.bytes_freed.notify_waiters();
    }

    /// Whether disk space is reserved for what gets in.
    pub(super) fn set_space(&self, space: bool) {
        self.space.store(space, Ordering::Release);
    }

    pub(super) fn has_space(&self) -> bool {
        self.space.load(Ordering::Acquire)
    }

    pub(super) fn queued_bytes(&self) -> usize {
        self.queued_bytes.load(Ordering::Acquire)
    }

    pub(super) fn queued_txns(&self) -> usize {
        TXNS_MAX - self.txns.available_permits()
    }
}

impl Permit {
    /// Counts what the txn queues, until the permit is dropped.
    pub(super) fn carry(&mut self, bytes: usize) {
        self.bytes += bytes;
        self.gate.queued_bytes.fetch_add(bytes, Ordering::AcqRel);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let before = self.gate.queued_bytes.fetch_sub(self.bytes, Ordering::AcqRel);
        if before >= QUEUED_BYTES_MAX {
            self.gate.bytes_freed.notify_waiters();
        }
    }
}
