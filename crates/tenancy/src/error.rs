//! Why nothing could be read. What a command may meet besides is in [`crate::CommitError`] and
//! [`crate::AdminError`].

use events::wire::DecodeError;
use events::{Seq, TenantId};
use store::log::ReadError;

/// Nothing can be answered now.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What the answer would have rested on was not written after all. Trying again is safe.
    #[error("the answer was overtaken; retry after {retry_after_s} s")]
    Unavailable {
        /// When to try again, in seconds.
        retry_after_s: u32,
    },
    /// The log has stopped for good: the process is about to end.
    #[error("the log has stopped")]
    Failed,
    /// The log can't be read.
    #[error(transparent)]
    Log(#[from] ReadError),
    /// The log holds what is no event.
    #[error("event {seq} of {tenant} can't be read: {reason}")]
    Record {
        /// Whose history.
        tenant: TenantId,
        /// Which event.
        seq: Seq,
        /// Why.
        reason: DecodeError,
    },
    /// The history has a hole or goes back.
    #[error("the history of {tenant} goes on with {found} where {expected} is due")]
    Gap {
        /// Whose history.
        tenant: TenantId,
        /// The number due.
        expected: Seq,
        /// The number found.
        found: Seq,
    },
    /// No view of that type was registered when the tenancy was opened.
    #[error("no such view is registered")]
    NoView,
}

/// When to try again what was overtaken, in seconds.
pub(crate) const RETRY_AFTER_S: u32 = 1;
