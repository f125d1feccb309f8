//! The log on a local disk: one sled tree keyed by position, in `DIR/log/gen-00000000`, synced by ourselves.
//!
//! What it can't do yet: take back frames that sled itself lost when its file was damaged (they are there to be found by a raw
//! scan, which is not written yet). A start on a full disk reads, thanks to [`Options::ballast_bytes`]; two starts on one may not.

mod assemble;
mod ballast;
mod disk;
mod generation;
mod open;
mod raw;
mod read;
mod recover;
mod space;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use events::{LogId, Position, Seq, TenantId};
use parking_lot::Mutex;
use tokio::sync::watch;

pub use open::{OpenError, open};

use super::identity::Identity;
use super::metrics::Metrics;
use super::recent::{Page, Split};
use super::shared::Shared;
use super::{
    BoxFuture, Failure, Limit, Log, Logged, Permit, ReadError, Receipt, State, Unavailable,
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
    /// The newest events kept in memory for followers.
    pub recent_bytes: usize,
    /// Disk space reserved ahead of the log's file.
    pub reserve_bytes: u64,
    /// Disk space set aside for the next start, should the disk be full then.
    pub ballast_bytes: u64,
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
    reader: read::Reader,
    committer: Mutex<Option<JoinHandle<()>>>,
    /// Dropped last: the directory is ours until sled is closed.
    _home: Home,
}

impl Options {
    /// What a server uses.
    pub const fn new(new_log: LogId) -> Self {
        Self {
            new_log,
            cache_bytes: 64 << 20,
            recent_bytes: 64 << 20,
            reserve_bytes: 160 << 20,
            ballast_bytes: 16 << 20,
            free_floor_bytes: 512 << 20,
            silence_max: Duration::from_secs(30),
        }
    }
}

impl SledLog {
    /// What was done so far.
    pub fn metrics(&self) -> Metrics {
        self.shared.metrics()
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
        let until = recent.first();
        drop(recent);
        self.reader.range(from, until, Page::new(limit)).map(Page::into_events)
    }

    fn read_tenant(
        &self,
        tenant: &TenantId,
        after: Seq,
        limit: Limit,
    ) -> Result<Vec<Logged>, ReadError> {
        let Split { older, newer } = self.shared.recent.read().read_tenant(tenant, after, limit);
        if older.is_empty() {
            return Ok(newer);
        }
        let (mut page, full) = self.reader.each(&older, Page::new(limit))?;
        if !full {
            let _full = newer.iter().all(|event| page.push(event));
        }
        Ok(page.into_events())
    }

    fn head(&self, tenant: &TenantId) -> Seq {
        self.shared.recent.read().head(tenant)
    }

    fn recent(&self) -> Position {
        self.shared.recent.read().first()
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
        let Some(committer) = self.committer.lock().take() else { return };
        let stuck = matches!(self.state(), State::Failed(Failure::Stuck { .. }));
        if !stuck && committer.join().is_err() {
            tracing::error!("the committer ended by a panic");
        }
    }
}

impl Drop for SledLog {
    fn drop(&mut self) {
        self.close();
    }
}
