//! What an append returns: where it ends, and later what became of it.

use events::Position;
use tokio::sync::oneshot;

/// A queued txn. Dropping it does not take the append back.
#[derive(Debug)]
pub struct Receipt {
    /// One past the txn's last frame: `durable() >= end` means that it is durable.
    pub end: Position,
    acknowledged: oneshot::Receiver<Append>,
}

/// What became of a txn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Append {
    /// All of it is durable.
    Committed,
    /// None of it was written, and none will be: what was decided on it must be forgotten.
    NotWritten,
    /// Another writer has taken the log over; this one must stop.
    Fenced,
    /// The log stopped before it could tell; the txn is there after the next start, or not.
    Unknown,
}

/// The committer's end of a [`Receipt`].
pub(super) type Acknowledge = oneshot::Sender<Append>;

impl Receipt {
    /// Waits until the txn is durable or given up.
    pub async fn outcome(self) -> Append {
        self.acknowledged.await.unwrap_or(Append::Unknown)
    }

    /// A receipt and the end that settles it.
    pub(super) fn open(end: Position) -> (Self, Acknowledge) {
        let (acknowledge, acknowledged) = oneshot::channel();
        (Self { end, acknowledged }, acknowledge)
    }

    /// A receipt whose outcome is known already.
    pub(super) fn settled(end: Position, outcome: Append) -> Self {
        let (receipt, acknowledge) = Self::open(end);
        settle(acknowledge, outcome);
        receipt
    }
}

/// Tells the one who appended, if it still listens.
pub(super) fn settle(acknowledge: Acknowledge, outcome: Append) {
    let _nobody_listens = acknowledge.send(outcome);
}
