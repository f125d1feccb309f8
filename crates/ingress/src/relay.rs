//! The relay to Kafka, as operators see it here; `server` gives one where Kafka is configured. Knows nothing of Kafka.

use events::{Position, Seq, TenantId, Timestamp};

/// The relay to Kafka.
pub trait Relay: Send + Sync {
    /// What it does now.
    fn status(&self) -> RelayStatus;

    /// Goes on after a halt that is mended.
    ///
    /// # Errors
    /// Why not, for people.
    fn resume(&self) -> Result<(), String>;

    /// Publishes the log from there on, whatever Kafka holds.
    fn fork_at(&self, position: Position);

    /// Publishes part of the history once more, to a topic of its own, in the background.
    ///
    /// # Errors
    /// Why not, for people.
    fn republish(&self, topic: &str, since: RepublishSince) -> Result<(), String>;
}

/// Which events to publish once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RepublishSince {
    /// Everybody's, from a moment on.
    Time(Timestamp),
    /// One tenant's, from a number on.
    Seq(TenantId, Seq),
}

/// What the relay does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayStatus {
    /// In a word.
    pub state: RelayState,
    /// What is wrong.
    pub reason: Option<String>,
    /// What to do about it.
    pub remedy: Option<String>,
    /// Where the next event begins that is not in Kafka.
    pub position: Option<Position>,
    /// When the oldest event in hand happened that is not in Kafka yet.
    pub oldest_at: Option<Timestamp>,
    /// Events relayed since the start.
    pub events: u64,
    /// Transactions since the start.
    pub transactions: u64,
    /// Sessions that ended by trouble since the start.
    pub troubles: u64,
    /// How long the last transaction took, in microseconds.
    pub last_commit_us: u64,
    /// What is published once more.
    pub republishing: Option<RepublishStatus>,
}

/// What the relay does, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayState {
    /// Finding out where to go on.
    Starting,
    /// At work.
    Relaying,
    /// Kafka can't be used now; tried again by itself.
    Waiting,
    /// Until an operator says otherwise.
    Halted,
    /// The gateway ends.
    Ended,
}

/// What is published once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepublishStatus {
    /// Where to.
    pub topic: String,
    /// Events so far.
    pub events: u64,
    /// How it ended, if it did.
    pub ended: Option<Result<(), String>>,
}

impl RelayState {
    /// The word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Relaying => "relaying",
            Self::Waiting => "waiting",
            Self::Halted => "halted",
            Self::Ended => "ended",
        }
    }
}
