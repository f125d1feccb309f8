//! What the committer, the watchdog and everyone who appends or reads have in common: the queue, what is durable, and the verdict.
//! Does no IO.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use events::Position;
use parking_lot::{Condvar, Mutex, RwLock};
use tokio::sync::watch;

use super::gate::{Gate, Permit};
use super::metrics::{Counters, Metrics};
use super::numbering::{Arrival, Entry, Numbering, Refused};
use super::receipt::{Acknowledge, Append, Receipt, settle};
use super::recent::Recent;
use super::{BoxFuture, Failure, State};

/// Events in one batch, unless a txn alone has more.
const BATCH_EVENTS_MAX: usize = 256;
/// Envelope bytes in one batch, unless a txn alone has more.
const BATCH_BYTES_MAX: usize = 1024 * 1024;

/// One log's common ground.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) gate: Arc<Gate>,
    pub(super) counters: Arc<Counters>,
    pub(super) recent: RwLock<Recent>,
    /// Which start of the log this is.
    epoch: u32,
    intake: Mutex<Intake>,
    arrived: Condvar,
    durable: watch::Sender<Position>,
    /// Acks are given while this is borrowed, so none follows a failure.
    state: watch::Sender<State>,
    ended: Mutex<bool>,
    end: Condvar,
}

#[derive(Debug)]
struct Intake {
    numbering: Numbering,
    queue: VecDeque<Queued>,
    closed: bool,
}

#[derive(Debug)]
struct Queued {
    events: Vec<Entry>,
    bytes: usize,
    permit: Permit,
    acknowledge: Acknowledge,
}

/// Whole txns that become durable together.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) events: Vec<Entry>,
    pub(super) bytes: usize,
    waiting: Vec<(Permit, Acknowledge)>,
}

/// What the committer finds when it asks for work.
#[derive(Debug)]
pub(super) enum Work {
    Batch(Batch),
    Nothing,
    Closed,
}

impl Shared {
    /// Goes on behind what was found on disk.
    pub(super) fn new(recent: Recent, numbering: Numbering, epoch: u32) -> Self {
        Self {
            epoch,
            gate: Gate::new(),
            counters: Arc::default(),
            intake: Mutex::new(Intake { numbering, queue: VecDeque::new(), closed: false }),
            arrived: Condvar::new(),
            durable: watch::Sender::new(recent.next()),
            state: watch::Sender::new(State::Open),
            ended: Mutex::new(false),
            end: Condvar::new(),
            recent: RwLock::new(recent),
        }
    }

    /// Queues a txn in its place.
    pub(super) fn append(&self, mut permit: Permit, txn: Vec<Bytes>) -> Receipt {
        let arrival = match Arrival::examine(txn) {
            Ok(arrival) => arrival,
            Err(refused) => return self.refuse(&refused),
        };
        let bytes = arrival.bytes();
        let mut intake = self.intake.lock();
        if intake.closed {
            return Receipt::settled(intake.numbering.next(), Append::NotWritten);
        }
        let events = match intake.numbering.place(arrival) {
            Ok(events) => events,
            Err(refused) => {
                drop(intake);
                return self.refuse(&refused);
            }
        };
        permit.carry(bytes);
        let (receipt, acknowledge) = Receipt::open(intake.numbering.next());
        intake.queue.push_back(Queued { events, bytes, permit, acknowledge });
        drop(intake);
        self.arrived.notify_one();
        receipt
    }

    fn refuse(&self, refused: &Refused) -> Receipt {
        tracing::error!(reason = %refused, "the log refused a txn");
        Receipt::settled(self.intake.lock().numbering.next(), Append::NotWritten)
    }

    /// What is queued, up to a batch; waits a while when there is nothing. For the committer alone.
    pub(super) fn next_work(&self, patience: Duration) -> Work {
        let mut intake = self.intake.lock();
        if intake.queue.is_empty() && !intake.closed {
            let _woken = self.arrived.wait_for(&mut intake, patience);
        }
        match intake.queue.pop_front() {
            Some(first) => Work::Batch(Batch::fill(first, &mut intake.queue)),
            None if intake.closed => Work::Closed,
            None => Work::Nothing,
        }
    }

    /// Shows, counts and acknowledges a batch that is on disk; not after a failure.
    pub(super) fn publish(&self, batch: Batch) -> Result<(), Failure> {
        let state = self.state.borrow();
        if let State::Failed(failure) = &*state {
            return Err(failure.clone());
        }
        let Batch { events, bytes, waiting } = batch;
        let count = events.len();
        let mut recent = self.recent.write();
        let before = recent.next();
        recent.extend(events, self.epoch);
        let durable = recent.next();
        drop(recent);
        self.counters.committed(count, durable.0 - before.0, bytes);
        self.durable.send_replace(durable);
        for (permit, acknowledge) in waiting {
            drop(permit);
            settle(acknowledge, Append::Committed);
        }
        drop(state);
        Ok(())
    }

    pub(super) fn durable(&self) -> Position {
        *self.durable.borrow()
    }

    pub(super) fn watch(&self) -> watch::Receiver<Position> {
        self.durable.subscribe()
    }

    pub(super) fn state(&self) -> State {
        self.state.borrow().clone()
    }

    pub(super) fn failed(&self) -> BoxFuture<'static, Failure> {
        wait_for_failure(self.state.subscribe())
    }

    pub(super) fn metrics(&self) -> Metrics {
        Metrics {
            queued_txns: self.gate.queued_txns(),
            queued_bytes: self.gate.queued_bytes(),
            durable: self.durable(),
            has_space: self.gate.has_space(),
            ..self.counters.snapshot()
        }
    }

    /// Where the next append begins, durable or not.
    pub(super) fn appended(&self) -> Position {
        self.intake.lock().numbering.next()
    }

    /// Takes nothing more in; what is queued is still written.
    pub(super) fn shut(&self) {
        self.gate.shut();
        self.intake.lock().closed = true;
        self.arrived.notify_all();
    }

    /// Stops for good. Those who wait for what is queued learn that its outcome is unknown.
    pub(super) fn fail(&self, failure: Failure) {
        tracing::error!(reason = %failure, "the log has stopped for good");
        self.state.send_if_modified(|state| {
            let first = !matches!(state, State::Failed(_));
            if first {
                *state = State::Failed(failure);
            }
            first
        });
        self.shut();
        self.intake.lock().queue.clear();
        self.end_now();
    }

    /// All that was queued is durable and the committer is gone.
    pub(super) fn finish(&self) {
        self.state.send_if_modified(|state| {
            let open = *state == State::Open;
            if open {
                *state = State::Closed;
            }
            open
        });
        self.end_now();
    }

    /// Whether the log has ended, waiting for it a while.
    pub(super) fn wait_for_end(&self, patience: Duration) -> bool {
        let until = Instant::now() + patience;
        let mut ended = self.ended.lock();
        while !*ended {
            if self.end.wait_until(&mut ended, until).timed_out() {
                break;
            }
        }
        *ended
    }

    fn end_now(&self) {
        *self.ended.lock() = true;
        self.end.notify_all();
    }
}

impl Batch {
    /// The first txn whatever its size, and those behind it that fit whole.
    fn fill(first: Queued, queue: &mut VecDeque<Queued>) -> Self {
        let mut batch = Self {
            events: first.events,
            bytes: first.bytes,
            waiting: vec![(first.permit, first.acknowledge)],
        };
        while let Some(queued) = queue.pop_front_if(|queued| batch.fits(queued)) {
            batch.bytes += queued.bytes;
            batch.events.extend(queued.events);
            batch.waiting.push((queued.permit, queued.acknowledge));
        }
        batch
    }

    fn fits(&self, queued: &Queued) -> bool {
        self.events.len() + queued.events.len() <= BATCH_EVENTS_MAX
            && self.bytes + queued.bytes <= BATCH_BYTES_MAX
    }
}

/// Resolves when the state is a failure; otherwise never.
pub(super) fn wait_for_failure(mut state: watch::Receiver<State>) -> BoxFuture<'static, Failure> {
    Box::pin(async move {
        loop {
            if let State::Failed(failure) = &*state.borrow_and_update() {
                return failure.clone();
            }
            if state.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    })
}
