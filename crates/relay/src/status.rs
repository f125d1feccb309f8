//! What a relay does, for those who look, and what an operator tells it.

use std::sync::Arc;

use events::{Position, Timestamp};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::failure::Halt;
use crate::republish::Republish;

/// What a relay does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Finding out where to go on.
    Starting,
    /// At work, or waiting for events.
    Relaying,
    /// Kafka can't be used now; tried again by itself.
    Waiting {
        /// What is wrong.
        reason: String,
    },
    /// Until an operator says otherwise.
    Halted(Halt),
    /// The gateway ends.
    Ended,
}

/// How far it got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Where the next event begins that is not in Kafka; `None`: not known yet.
    pub position: Option<Position>,
    /// When the oldest event in hand happened that is not in Kafka yet.
    pub oldest_at: Option<Timestamp>,
    /// Events relayed since the start.
    pub events: u64,
    /// Transactions since the start.
    pub transactions: u64,
    /// Sessions with Kafka that ended by trouble.
    pub troubles: u64,
    /// How long the last transaction took, in microseconds.
    pub last_commit_us: u64,
}

/// What is published once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Republishing {
    /// What was asked for.
    pub asked: Republish,
    /// Events so far.
    pub events: u64,
    /// How it ended, if it did.
    pub ended: Option<Result<(), String>>,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// What it does.
    pub phase: Phase,
    /// How far it got.
    pub progress: Progress,
    /// The newest request to publish something once more.
    pub republishing: Option<Republishing>,
}

/// An operator's request that can't be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing stands still.
    #[error("the relay isn't halted: there is nothing to resume")]
    NotHalted,
    /// Only `republish` mends this.
    #[error(
        "this log and Kafka have parted: say from where with `rollcall relay republish --fork-at`"
    )]
    NeedsPlace,
    /// One at a time.
    #[error("something is being published once more already")]
    Busy,
    /// A topic that the relay itself writes to.
    #[error("the relay's own topics can't be published to: name another topic")]
    OwnTopic,
}

/// A relay, as others see it. Clones share it.
#[derive(Clone)]
pub struct Relay(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    /// Something was ordered.
    ordered: Notify,
    /// Something is to be published once more.
    asked: Notify,
    own_topics: [String; 3],
}

struct State {
    status: Status,
    order: Option<Order>,
    job: Option<Republish>,
}

/// What an operator said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Try again.
    Resume,
    /// Go on from there, whatever Kafka holds.
    ForkAt(Position),
}

impl Relay {
    /// A relay that has not begun.
    pub fn new(topics: &crate::Topics) -> Self {
        let progress = Progress::default();
        let status = Status { phase: Phase::Starting, progress, republishing: None };
        let state = Mutex::new(State { status, order: None, job: None });
        let own_topics = [topics.events(), topics.state(), topics.relay()];
        let (ordered, asked) = Default::default();
        Self(Arc::new(Inner { state, ordered, asked, own_topics }))
    }

    /// What it does now.
    pub fn status(&self) -> Status {
        self.0.state.lock().status.clone()
    }

    /// Goes on after a halt that is mended.
    ///
    /// # Errors
    /// [`Refused`] when it isn't halted, or needs to be told a place.
    pub fn resume(&self) -> Result<(), Refused> {
        let mut state = self.0.state.lock();
        match &state.status.phase {
            Phase::Halted(Halt::Parted { .. } | Halt::NoRecord { .. }) => {
                return Err(Refused::NeedsPlace);
            }
            Phase::Halted(_) => {}
            Phase::Starting | Phase::Relaying | Phase::Waiting { .. } | Phase::Ended => {
                return Err(Refused::NotHalted);
            }
        }
        state.order = Some(Order::Resume);
        self.0.ordered.notify_one();
        Ok(())
    }

    /// Publishes the log from there on, whatever Kafka holds: 0, or where an event begins.
    pub fn fork_at(&self, position: Position) {
        self.0.state.lock().order = Some(Order::ForkAt(position));
        self.0.ordered.notify_one();
    }

    /// Publishes part of the history once more, to a topic of its own, in the background.
    ///
    /// # Errors
    /// [`Refused`] while another one is under way, or when the topic is the relay's own.
    pub fn republish(&self, asked: Republish) -> Result<(), Refused> {
        if self.0.own_topics.contains(&asked.topic) {
            return Err(Refused::OwnTopic);
        }
        let mut state = self.0.state.lock();
        if state.status.republishing.as_ref().is_some_and(|it| it.ended.is_none()) {
            return Err(Refused::Busy);
        }
        state.status.republishing =
            Some(Republishing { asked: asked.clone(), events: 0, ended: None });
        state.job = Some(asked);
        self.0.asked.notify_one();
        Ok(())
    }

    pub(crate) fn set(&self, phase: Phase) {
        self.0.state.lock().status.phase = phase;
    }

    pub(crate) fn update(&self, change: impl FnOnce(&mut Progress)) {
        change(&mut self.0.state.lock().status.progress);
    }

    pub(crate) fn update_republishing(&self, change: impl FnOnce(&mut Republishing)) {
        if let Some(republishing) = &mut self.0.state.lock().status.republishing {
            change(republishing);
        }
    }

    pub(crate) fn is_ordered(&self) -> bool {
        self.0.state.lock().order.is_some()
    }

    pub(crate) fn take_order(&self) -> Option<Order> {
        self.0.state.lock().order.take()
    }

    /// Resolves when something was ordered.
    pub(crate) async fn ordered(&self) {
        while !self.is_ordered() {
            self.0.ordered.notified().await;
        }
    }

    /// The next request to publish something once more.
    pub(crate) async fn asked(&self) -> Republish {
        loop {
            let job = self.0.state.lock().job.take();
            match job {
                Some(job) => return job,
                None => self.0.asked.notified().await,
            }
        }
    }
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay").field("status", &self.status()).finish_non_exhaustive()
    }
}
