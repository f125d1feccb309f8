//! One stream in memory: its fold, what of it is not durable yet, and the views that follow it.
//!
//! The fold runs ahead of the disk; `pending` says what an answer has to wait for. A resident is retired
//! when it can't be trusted any more (a txn of it was not written, a panic, eviction): nobody commits to it
//! or reads it from then on.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use directory::Directory;
use directory::saved::{self, Frozen, Restore, Unreadable};
use events::{Envelope, Seq, Timestamp};
use futures_util::FutureExt;
use futures_util::future::Shared;
use parking_lot::RwLock;
use store::log::{Append, Receipt};
use tokio::sync::Notify;

use crate::error::RETRY_AFTER_S;
use crate::registry::{self, Registry};
use crate::{Error, Fold};

/// Entries kept although they are settled, before they are looked through.
const IN_FLIGHT_KEPT: usize = 64;

/// What a stream's events fold into.
pub(crate) trait State: Default + Send + Sync + 'static {
    fn apply(&mut self, envelope: &Envelope);
    fn seq(&self) -> Seq;
    fn at(&self) -> Timestamp;
    fn dump(&self) -> Vec<String>;
    /// What it takes in memory, about, in bytes.
    fn bytes(&self) -> usize;

    /// The state as it was, whatever becomes of it: taken under the lock, so it costs next to nothing.
    type Frozen;
    /// A state that is being read back from records.
    type Restore: Default;
    /// The version of the records.
    const RECORDS: u32;
    fn freeze(&self) -> Self::Frozen;
    fn records(frozen: &Self::Frozen) -> impl Iterator<Item = Vec<u8>>;
    fn take(restore: &mut Self::Restore, record: Bytes) -> Result<(), Unreadable>;
    fn restored(restore: Self::Restore) -> Result<Self, Unreadable>;
}

/// A stream in memory.
pub(crate) struct Resident<S> {
    pub(crate) live: RwLock<Live<S>>,
    pub(crate) views: RwLock<Vec<Box<dyn Fold>>>,
    /// Wakes those who wait for the views to come further.
    pub(crate) projected: Notify,
    settled: AtomicU64,
    retired: AtomicBool,
}

/// The fold, and the txns whose outcome is not known yet.
pub(crate) struct Live<S> {
    pub(crate) state: S,
    in_flight: VecDeque<InFlight>,
}

impl<S: State> Live<S> {
    /// What the fold takes in memory, about, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.state.bytes()
    }
}

/// A txn handed to the log: its last number, and what becomes of it, for everyone who wants to know.
#[derive(Clone)]
pub(crate) struct InFlight {
    last: Seq,
    outcome: Shared<Pin<Box<dyn Future<Output = Append> + Send>>>,
}

impl<S: State> Resident<S> {
    /// A fold of what is durable.
    pub(crate) fn new(state: S, views: Vec<Box<dyn Fold>>) -> Self {
        Self {
            settled: AtomicU64::new(state.seq().0),
            live: RwLock::new(Live { state, in_flight: VecDeque::new() }),
            views: RwLock::new(views),
            projected: Notify::new(),
            retired: AtomicBool::new(false),
        }
    }

    /// Whether nobody may use it any more. Certain only for who holds a lock of `live`.
    pub(crate) fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Acquire)
    }

    /// Nobody commits to it or reads it once this returns.
    pub(crate) fn retire(&self) {
        let _nobody_decides = self.live.write();
        self.retired.store(true, Ordering::Release);
    }

    /// Retires it unless something is not durable yet.
    pub(crate) fn retire_if_settled(&self) -> bool {
        let live = self.live.write();
        let last = self.pending(&live, live.state.seq());
        let settled = last.is_none_or(|txn| txn.is_durable());
        if settled {
            self.retired.store(true, Ordering::Release);
        }
        settled
    }

    /// The txn to wait for before number `seq` is durable; `None`: it is.
    pub(crate) fn pending(&self, live: &Live<S>, seq: Seq) -> Option<InFlight> {
        if seq.0 <= self.settled.load(Ordering::Acquire) {
            return None;
        }
        // In order of number. What is found in no entry came from disk.
        let after = live.in_flight.partition_point(|txn| txn.last < seq);
        live.in_flight.get(after).cloned()
    }

    /// Waits until a txn, and so all before it, is durable.
    pub(crate) async fn settle(&self, txn: Option<InFlight>) -> Result<(), Error> {
        let Some(InFlight { last, outcome }) = txn else { return Ok(()) };
        match outcome.await {
            Append::Committed => {
                self.settled.fetch_max(last.0, Ordering::AcqRel);
                Ok(())
            }
            Append::NotWritten => {
                self.retire();
                Err(Error::Unavailable { retry_after_s: RETRY_AFTER_S })
            }
            Append::Fenced | Append::Unknown => Err(Error::Failed),
        }
    }

    /// Waits until every txn has its outcome, whatever it is.
    pub(crate) async fn settle_all(&self) {
        let in_flight: Vec<_> = self.live.read().in_flight.iter().cloned().collect();
        for txn in in_flight {
            let _whatever = txn.outcome.await;
        }
    }

    /// Notes a txn that was handed to the log; forgets those that are durable.
    pub(crate) fn hand_over(&self, live: &mut Live<S>, receipt: Receipt) -> InFlight {
        let settled = self.settled.load(Ordering::Acquire);
        while live.in_flight.front().is_some_and(|txn| txn.last.0 <= settled) {
            live.in_flight.pop_front();
        }
        if live.in_flight.len() > IN_FLIGHT_KEPT {
            // Those who waited have gone away, so nobody has noted it.
            while live.in_flight.front().is_some_and(InFlight::is_durable) {
                live.in_flight.pop_front();
            }
        }
        let outcome: Pin<Box<dyn Future<Output = Append> + Send>> = Box::pin(receipt.outcome());
        let txn = InFlight { last: live.state.seq(), outcome: outcome.shared() };
        live.in_flight.push_back(txn.clone());
        txn
    }

    /// Txns that are remembered.
    #[cfg(test)]
    pub(crate) fn in_flight_count(&self) -> usize {
        self.live.read().in_flight.len()
    }

    /// Retires the resident if a panic unwinds while the guard lives: its fold may be half changed.
    pub(crate) const fn retire_on_panic(&self) -> RetireOnPanic<'_> {
        RetireOnPanic(&self.retired)
    }
}

impl InFlight {
    /// Whether the log has said so by now.
    fn is_durable(&self) -> bool {
        let outcome = tokio::task::unconstrained(self.outcome.clone());
        outcome.now_or_never() == Some(Append::Committed)
    }
}

/// See [`Resident::retire_on_panic`].
pub(crate) struct RetireOnPanic<'a>(&'a AtomicBool);

impl Drop for RetireOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Release);
        }
    }
}

impl State for Directory {
    fn apply(&mut self, envelope: &Envelope) {
        self.apply(envelope);
    }

    fn seq(&self) -> Seq {
        self.seq()
    }

    fn at(&self) -> Timestamp {
        self.at()
    }

    fn dump(&self) -> Vec<String> {
        self.dump()
    }

    fn bytes(&self) -> usize {
        self.bytes()
    }

    type Frozen = Frozen;
    type Restore = Restore;
    const RECORDS: u32 = saved::FORMAT;

    fn freeze(&self) -> Frozen {
        self.freeze()
    }

    fn records(frozen: &Frozen) -> impl Iterator<Item = Vec<u8>> {
        frozen.records()
    }

    fn take(restore: &mut Restore, record: Bytes) -> Result<(), Unreadable> {
        restore.take(record)
    }

    fn restored(restore: Restore) -> Result<Self, Unreadable> {
        restore.finish()
    }
}

impl State for Registry {
    fn apply(&mut self, envelope: &Envelope) {
        self.apply(envelope);
    }

    fn seq(&self) -> Seq {
        self.seq()
    }

    fn at(&self) -> Timestamp {
        self.at()
    }

    fn dump(&self) -> Vec<String> {
        self.dump()
    }

    /// It is always resident, so nobody compares it.
    fn bytes(&self) -> usize {
        0
    }

    type Frozen = Vec<Vec<u8>>;
    type Restore = Self;
    const RECORDS: u32 = registry::RECORDS;

    /// It is small.
    fn freeze(&self) -> Self::Frozen {
        self.records()
    }

    fn records(frozen: &Self::Frozen) -> impl Iterator<Item = Vec<u8>> {
        frozen.iter().cloned()
    }

    fn take(restore: &mut Self, record: Bytes) -> Result<(), Unreadable> {
        restore.take(&record)
    }

    fn restored(restore: Self) -> Result<Self, Unreadable> {
        Ok(restore)
    }
}
