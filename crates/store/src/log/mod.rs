//! The event log: append, read, tail. What it is to everyone above: [`Log`].
//!
//! Appends of all tenants share one order of *positions* (frames, from 0, gapless) and one fdatasync per batch.
//! Nothing is shown, counted or acknowledged before it is durable. Above the log only a tenant's `seq` counts.

mod assemble;
mod committer;
#[cfg(test)]
mod conformance;
pub mod frame;
mod gate;
mod history;
mod identity;
mod metrics;
pub mod model;
mod numbering;
mod receipt;
mod recent;
mod segment;
mod shared;
pub mod sled;
#[cfg(test)]
#[path = "../../tests/support/envelope.rs"]
mod support;
mod tail;

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use events::{LogId, Position, Seq, TenantId};
use tokio::sync::watch;

pub use gate::Permit;
pub use metrics::{BATCH_BOUNDS, Metrics};
pub use receipt::{Append, Receipt};
pub use segment::Sealed;
pub use tail::Tail;

/// A boxed future, as `futures` defines it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Events of one txn, at most.
pub const TXN_EVENTS_MAX: usize = 2_000;
/// Envelope bytes of one txn, at most.
pub const TXN_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A log of envelopes, durable before it is visible.
pub trait Log: Send + Sync + 'static {
    /// Which log this is; made with its data directory, never changed.
    fn id(&self) -> LogId;

    /// Changes when the log is restored from a backup: numbers may then name other facts.
    fn incarnation(&self) -> u32;

    /// Waits for room in the queue. Taken before a tenant's lock, so that nobody waits while holding it.
    ///
    /// # Errors
    /// [`Unavailable`] when nothing can be appended now; nothing has been decided yet.
    fn reserve(&self) -> BoxFuture<'_, Result<Permit, Unavailable>>;

    /// Queues one call's encoded envelopes, all or nothing. Gives positions at once and in call order; never blocks on IO.
    ///
    /// A txn that is empty, over [`TXN_EVENTS_MAX`] or [`TXN_BYTES_MAX`], unreadable, or that does not go on from its tenant's last
    /// `seq` is [`Append::NotWritten`].
    fn append(&self, permit: Permit, txn: Vec<Bytes>) -> Receipt;

    /// One past the last durable frame: frames below this are durable.
    fn durable(&self) -> Position;

    /// The durable watermark; wakes followers.
    fn watch(&self) -> watch::Receiver<Position>;

    /// Durable events from a position on, in order; empty at the end. At least one event, however large, if there is one.
    ///
    /// `from` is 0 or a [`Logged::next`]. May block on disk below [`Log::recent`].
    ///
    /// # Errors
    /// [`ReadError`]; the first error ends a scan.
    fn read(&self, from: Position, limit: Limit) -> Result<Vec<Logged>, ReadError>;

    /// Durable events of one tenant with a `seq` greater than `after`, in order. May block on disk.
    ///
    /// # Errors
    /// [`ReadError`]; the first error ends a scan.
    fn read_tenant(
        &self,
        tenant: &TenantId,
        after: Seq,
        limit: Limit,
    ) -> Result<Vec<Logged>, ReadError>;

    /// The tenant's last durable number; 0 when it has no event.
    fn head(&self, tenant: &TenantId) -> Seq;

    /// Reads from here on are answered from memory and never block.
    fn recent(&self) -> Position;

    /// What is sealed, in order.
    fn sealed(&self) -> Vec<Sealed>;

    /// Part of a sealed segment's file, at most `length_max` bytes; `None`: there is no such segment. Blocks on disk.
    ///
    /// # Errors
    /// [`ReadError`].
    fn segment_bytes(
        &self,
        number: u32,
        offset: u64,
        length_max: usize,
    ) -> Result<Option<Bytes>, ReadError>;

    /// Reads all of a sealed segment; `false`: there is no such segment. Blocks on disk.
    ///
    /// # Errors
    /// [`ReadError`], the first thing that is wrong.
    fn verify_segment(&self, number: u32) -> Result<bool, ReadError>;

    /// What is durable and not sealed yet, as one segment behind the last one: with it a copy of the log is whole. `None`: there is
    /// nothing.
    ///
    /// # Errors
    /// [`ReadError`].
    fn unsealed(&self) -> Result<Option<Bytes>, ReadError>;

    /// Whether the log takes appends.
    fn state(&self) -> State;

    /// Resolves when the log has stopped for good; the process must end then.
    fn failed(&self) -> BoxFuture<'static, Failure>;

    /// Makes durable what is queued and stops. Blocks until that is done.
    fn close(&self);
}

/// One durable event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// The position of its first frame.
    pub position: Position,
    /// Where the next event begins.
    pub next: Position,
    /// The envelope as it was appended.
    pub envelope: Bytes,
}

/// How much one read gives at most. The first event is given even if it is larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Events.
    pub events: usize,
    /// Envelope bytes.
    pub bytes: usize,
}

/// Whether the log takes appends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It does.
    Open,
    /// It was closed on purpose.
    Closed,
    /// It stopped for good; no append is acknowledged any more.
    Failed(Failure),
}

/// Why the log stopped for good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Writing or syncing failed; what was queued may or may not be on disk.
    #[error("the log could not be written: {reason}")]
    Io {
        /// What the system or sled said.
        reason: String,
    },
    /// A write did not end in time.
    #[error("the log has been silent for {silent_s} s with appends queued")]
    Stuck {
        /// How long nothing was committed, in seconds.
        silent_s: u64,
    },
}

impl Failure {
    /// What the process exits with.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Io { .. } => 10,
            Self::Stuck { .. } => 11,
        }
    }
}

/// Nothing can be appended now. Nothing was decided; trying again is safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the log takes no appends: {reason}; retry after {retry_after_s} s")]
pub struct Unavailable {
    /// When to try again, in seconds.
    pub retry_after_s: u32,
    /// Why.
    pub reason: Reason,
}

/// Why nothing can be appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Disk space could not be reserved.
    #[error("no disk space could be reserved")]
    NoSpace,
    /// The log is closed or has failed.
    #[error("it has stopped")]
    Stopped,
}

/// A read failed; nothing of it can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// What lies at the position is not what was appended there.
    #[error("the log is damaged at position {position}: {reason}")]
    Integrity {
        /// The first bad frame.
        position: Position,
        /// What is wrong with it.
        reason: String,
    },
    /// The position is inside an event.
    #[error("no event begins at position {position}")]
    NoEventHere {
        /// The position asked for.
        position: Position,
    },
    /// The system or sled failed.
    #[error("the log could not be read: {reason}")]
    Io {
        /// What it said.
        reason: String,
    },
}
