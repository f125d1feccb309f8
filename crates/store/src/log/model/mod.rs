//! The log in memory, with faults, for tests and simulation. No threads, no clock: what happens is what it is told.
//!
//! It delays ([`ModelLog::hold`]), refuses ([`ModelLog::set_space`]), gives up what is queued ([`ModelLog::give_up_queue`]), fails
//! ([`ModelLog::inject`]), and loses or tears what isn't durable ([`ModelLog::crash`]).

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use events::{LogId, Position, Seq, TenantId};
use parking_lot::Mutex;
use tokio::sync::watch;

use super::gate::Gate;
use super::history::History;
use super::numbering::{Arrival, Entry, Numbering};
use super::receipt::{Acknowledge, settle};
use super::recent::{Page, Recent, Split};
use super::shared::wait_for_failure;
use super::{
    Append, BoxFuture, Failure, Limit, Log, Logged, Permit, ReadError, Receipt, Sealed, State,
    Unavailable,
};

/// Starts don't matter here.
const EPOCH: u32 = 1;

/// What happens to a txn instead of becoming durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is not written; the log goes on.
    NotWritten,
    /// Another writer has taken over; the log stops.
    Fenced,
    /// It and all that is queued reach the disk, nobody is told, the log stops.
    UnknownWritten,
    /// It and all that is queued are lost, nobody is told, the log stops.
    UnknownLost,
}

/// The model.
#[derive(Debug)]
#[expect(clippy::module_name_repetitions, reason = "`Log` is the trait")]
pub struct ModelLog {
    id: LogId,
    gate: Arc<Gate>,
    durable: watch::Sender<Position>,
    state: watch::Sender<State>,
    history: Arc<History>,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    numbering: Numbering,
    /// What is durable and not sealed.
    disk: Recent,
    /// On the disk, but nobody was told: the next start finds it.
    unseen: Vec<Entry>,
    queue: VecDeque<Queued>,
    held: bool,
    faults: VecDeque<Fault>,
}

#[derive(Debug)]
struct Queued {
    events: Vec<Entry>,
    end: Position,
    permit: Permit,
    acknowledge: Acknowledge,
}

impl ModelLog {
    /// An empty log; appends are durable at once.
    pub fn new(id: LogId) -> Self {
        Self::with(Arc::new(History::in_memory(id)), Recent::starting_at(Position(0)))
    }

    /// All that is durable goes into a segment.
    ///
    /// # Errors
    /// When it doesn't fit into one.
    pub fn seal(&self) -> std::io::Result<()> {
        let mut inner = self.inner.lock();
        let events = inner.disk.between(Position(0), inner.disk.next());
        if !events.is_empty() {
            self.history.seal_in_memory(&events)?;
            inner.disk.forget(self.history.end(), usize::MAX);
        }
        Ok(())
    }

    /// From now on nothing becomes durable until [`ModelLog::release`].
    pub fn hold(&self) {
        self.inner.lock().held = true;
    }

    /// What is queued becomes durable, and appends do at once again.
    pub fn release(&self) {
        let mut inner = self.inner.lock();
        inner.held = false;
        while self.commit_oldest(&mut inner) {}
    }

    /// The oldest queued txn becomes durable; false when there is none.
    pub fn release_one(&self) -> bool {
        self.commit_oldest(&mut self.inner.lock())
    }

    /// Whether [`Log::reserve`] finds disk space.
    pub fn set_space(&self, space: bool) {
        self.gate.set_space(space);
    }

    /// Lets the next append that no other fault waits for meet this one.
    pub fn inject(&self, fault: Fault) {
        self.inner.lock().faults.push_back(fault);
    }

    /// All that is queued is [`Append::NotWritten`]; the log goes on from what is durable.
    pub fn give_up_queue(&self) {
        let mut inner = self.inner.lock();
        for queued in std::mem::take(&mut inner.queue) {
            drop(queued.permit);
            settle(queued.acknowledge, Append::NotWritten);
        }
        inner.numbering = numbering(&self.history, &inner.disk);
    }

    /// Power is cut: this one stops, and what the next start finds is returned. Of what was not durable, the first
    /// `frames_kept` frames had reached the disk; a txn that lacks some of its frames is dropped.
    #[must_use]
    pub fn crash(&self, frames_kept: u64) -> Self {
        let mut inner = self.inner.lock();
        let kept_until = Position(inner.disk.next().0 + frames_kept);
        let mut disk = inner.disk.clone();
        disk.extend(std::mem::take(&mut inner.unseen), EPOCH);
        for queued in std::mem::take(&mut inner.queue) {
            if queued.end <= kept_until {
                disk.extend(queued.events, EPOCH);
            }
        }
        self.stop(State::Failed(Failure::Io { reason: "power was cut".into() }));
        Self::with(Arc::clone(&self.history), disk)
    }

    fn with(history: Arc<History>, disk: Recent) -> Self {
        Self {
            id: history.log(),
            gate: Gate::new(),
            durable: watch::Sender::new(disk.next()),
            state: watch::Sender::new(State::Open),
            inner: Mutex::new(Inner {
                numbering: numbering(&history, &disk),
                disk,
                unseen: Vec::new(),
                queue: VecDeque::new(),
                held: false,
                faults: VecDeque::new(),
            }),
            history,
        }
    }

    fn commit_oldest(&self, inner: &mut Inner) -> bool {
        let Some(queued) = inner.queue.pop_front() else { return false };
        inner.disk.extend(queued.events, EPOCH);
        self.durable.send_replace(inner.disk.next());
        drop(queued.permit);
        settle(queued.acknowledge, Append::Committed);
        true
    }

    /// The first end counts.
    fn stop(&self, end: State) {
        self.gate.shut();
        self.state.send_if_modified(|state| {
            let open = *state == State::Open;
            if open {
                *state = end;
            }
            open
        });
    }

    fn fail(
        &self,
        inner: &mut Inner,
        events: Vec<Entry>,
        before: Position,
        fault: Fault,
    ) -> Append {
        let (outcome, reason) = match fault {
            Fault::NotWritten => {
                inner.numbering.take_back(&events, before);
                return Append::NotWritten;
            }
            Fault::Fenced => (Append::Fenced, "another writer has taken over"),
            Fault::UnknownLost => (Append::Unknown, "a write failed"),
            Fault::UnknownWritten => {
                let queued = std::mem::take(&mut inner.queue);
                inner.unseen = queued.into_iter().flat_map(|q| q.events).chain(events).collect();
                (Append::Unknown, "a write failed")
            }
        };
        inner.queue.clear();
        self.stop(State::Failed(Failure::Io { reason: reason.into() }));
        outcome
    }
}

impl Log for ModelLog {
    fn id(&self) -> LogId {
        self.id
    }

    fn incarnation(&self) -> u32 {
        1
    }

    fn reserve(&self) -> BoxFuture<'_, Result<Permit, Unavailable>> {
        Box::pin(self.gate.enter())
    }

    fn append(&self, mut permit: Permit, txn: Vec<Bytes>) -> Receipt {
        let mut inner = self.inner.lock();
        let before = inner.numbering.next();
        let refused = || Receipt::settled(before, Append::NotWritten);
        if self.state() != State::Open {
            return refused();
        }
        let Ok(arrival) = Arrival::examine(txn) else { return refused() };
        permit.carry(arrival.bytes());
        let Ok(events) = inner.numbering.place(arrival) else { return refused() };
        if let Some(fault) = inner.faults.pop_front() {
            let outcome = self.fail(&mut inner, events, before, fault);
            return Receipt::settled(inner.numbering.next(), outcome);
        }
        let end = inner.numbering.next();
        let (receipt, acknowledge) = Receipt::open(end);
        inner.queue.push_back(Queued { events, end, permit, acknowledge });
        if !inner.held {
            while self.commit_oldest(&mut inner) {}
        }
        receipt
    }

    fn durable(&self) -> Position {
        *self.durable.borrow()
    }

    fn watch(&self) -> watch::Receiver<Position> {
        self.durable.subscribe()
    }

    fn read(&self, from: Position, limit: Limit) -> Result<Vec<Logged>, ReadError> {
        let recent = self.inner.lock().disk.read(from, limit);
        recent.unwrap_or_else(|| {
            let mut page = Page::new(limit);
            self.history.read(from, &mut page)?;
            Ok(page.into_events())
        })
    }

    fn read_tenant(
        &self,
        tenant: &TenantId,
        after: Seq,
        limit: Limit,
    ) -> Result<Vec<Logged>, ReadError> {
        let Split { from, newer } = self.inner.lock().disk.read_tenant(tenant, after, limit);
        let mut page = Page::new(limit);
        if self.history.read_tenant(tenant, (after, from), &mut page)? {
            let _full = newer.into_iter().all(|event| page.push(event));
        }
        Ok(page.into_events())
    }

    fn head(&self, tenant: &TenantId) -> Seq {
        let recent = self.inner.lock().disk.head(tenant);
        recent.unwrap_or_else(|| self.history.head(tenant))
    }

    fn recent(&self) -> Position {
        Position(0)
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
        self.history.unsealed(1, |from| self.inner.lock().disk.between(from, until))
    }

    fn state(&self) -> State {
        self.state.borrow().clone()
    }

    fn failed(&self) -> BoxFuture<'static, Failure> {
        wait_for_failure(self.state.subscribe())
    }

    fn close(&self) {
        self.release();
        self.stop(State::Closed);
    }
}

/// Goes on behind what is there.
fn numbering(history: &History, disk: &Recent) -> Numbering {
    let sealed = history.heads().into_iter().map(|(tenant, head)| (tenant, head.seq));
    Numbering::starting_at(disk.next(), sealed.chain(disk.heads()).collect())
}
