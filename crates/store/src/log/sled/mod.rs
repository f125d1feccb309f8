//! The log on a local disk: what is new lies in sled, what is older in segments.
//!
//! sled has one directory for each generation of events, synced by ourselves; a full generation is sealed into a segment and dropped.
//! Followers read memory and segments; sled is written and never read.

pub mod archive;
mod disk;
mod generation;
pub mod inspect;
mod open;
mod raw;
mod recover;
mod seal;
mod space;
#[cfg(test)]
mod tests;
mod values;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use events::{LogId, Position, Seq, TenantId};
use parking_lot::Mutex;
use tokio::sync::watch;

pub use open::{OpenError, open};

use super::history::History;
use super::identity::Identity;
use super::metrics::Metrics;
use super::recent::{Page, Split};
use super::shared::Shared;
use super::{
    BoxFuture, Failure, Limit, Log, Logged, Permit, ReadError, Receipt, Sealed, State, Unavailable,
};
use crate::home::Home;

/// How often [`SledLog::close`] looks whether the log has ended.
const CLOSE_LOOK: Duration = Duration::from_secs(1);

/// How a log is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// The log's id if this start makes it.
    pub new_log: LogId,
    /// What sled may cache of its pages.
    pub cache_bytes: u64,
    /// Envelope bytes after which a generation is sealed and the next one begun. Its disk space is reserved at its birth: 2.5 times as
    /// much.
    pub generation_bytes: u64,
    /// Free space demanded where the file system can't reserve.
    pub free_floor_bytes: u64,
    /// How long nothing may become durable while something is queued.
    pub silence_max: Duration,
}

/// The log on sled.
#[derive(Debug)]
#[expect(clippy::module_name_repetitions, reason = "`Log` is the trait")]
pub struct SledLog {
    identity: Identity,
    shared: Arc<Shared>,
    history: Arc<History>,
    /// Committer and sealer.
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Dropped last: the directory is ours until sled is closed.
    _home: Home,
}

impl Options {
    /// What a server uses.
    pub const fn new(new_log: LogId) -> Self {
        Self {
            new_log,
            cache_bytes: 16 << 20,
            generation_bytes: 64 << 20,
            free_floor_bytes: 512 << 20,
            silence_max: Duration::from_secs(30),
        }
    }
}

impl SledLog {
    /// What was done so far.
    pub fn metrics(&self) -> Metrics {
        Metrics {
            sealed_through: self.history.end(),
            segments: self.history.sealed().len(),
            ..self.shared.metrics()
        }
    }
}

impl Log for SledLog {
    fn id(&self) -> LogId {
        self.identity.log
    }

    fn incarnation(&self) -> u32 {
        self.identity.incarnation
    }

    fn reserve(&self) -> BoxFuture<'_, Result<Permit, Unavailable>> {
        Box::pin(self.shared.gate.enter())
    }

    fn append(&self, permit: Permit, txn: Vec<Bytes>) -> Receipt {
        self.shared.append(permit, txn)
    }

    fn durable(&self) -> Position {
        self.shared.durable()
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.shared.watch()
    }

    fn read(&self, from: Position, limit: Limit) -> Result<Vec<Logged>, ReadError> {
        let recent = self.shared.recent.read();
        if let Some(page) = recent.read(from, limit) {
            return page;
        }
        drop(recent);
        let mut page = Page::new(limit);
        self.history.read(from, &mut page)?;
        Ok(page.into_events())
    }

    fn read_tenant(
        &self,
        tenant: &TenantId,
        after: Seq,
        limit: Limit,
    ) -> Result<Vec<Logged>, ReadError> {
        let Split { from, newer } = self.shared.recent.read().read_tenant(tenant, after, limit);
        let mut page = Page::new(limit);
        // What is sealed meanwhile is in a segment before it leaves memory, so nothing falls between.
        if self.history.read_tenant(tenant, (after, from), &mut page)? {
            let _full = newer.into_iter().all(|event| page.push(event));
        }
        Ok(page.into_events())
    }

    fn head(&self, tenant: &TenantId) -> Seq {
        let recent = self.shared.recent.read().head(tenant);
        recent.unwrap_or_else(|| self.history.head(tenant))
    }

    fn recent(&self) -> Position {
        self.shared.recent.read().first()
    }

    fn sealed(&self) -> Vec<Sealed> {
        self.history.sealed()
    }

    fn segment_bytes(
        &self,
        number: u32,
        offset: u64,
        length_max: usize,
    ) -> Result<Option<Bytes>, ReadError> {
        self.history.bytes(number, offset, length_max)
    }

    fn verify_segment(&self, number: u32) -> Result<bool, ReadError> {
        self.history.verify(number)
    }

    fn unsealed(&self) -> Result<Option<Bytes>, ReadError> {
        let until = Position(u64::MAX);
        let events = |from| self.shared.recent.read().between(from, until);
        self.history.unsealed(self.identity.incarnation, events)
    }

    fn state(&self) -> State {
        self.shared.state()
    }

    fn failed(&self) -> BoxFuture<'static, Failure> {
        self.shared.failed()
    }

    fn close(&self) {
        self.shared.shut();
        while !self.shared.wait_for_end(CLOSE_LOOK) {}
        let stuck = matches!(self.state(), State::Failed(Failure::Stuck { .. }));
        for thread in std::mem::take(&mut *self.threads.lock()) {
            if !stuck && thread.join().is_err() {
                tracing::error!("a thread of the log ended by a panic");
            }
        }
    }
}

impl Drop for SledLog {
    fn drop(&mut self) {
        self.close();
    }
}
