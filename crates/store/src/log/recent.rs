//! What is durable and not sealed yet, in memory: every event, and where each one of a tenant begins.
//! Nothing enters before it is durable, so nothing here is beyond the watermark; nothing leaves before it is in a segment.

use std::collections::{HashMap, VecDeque};

use events::{Position, Seq, TenantId};

use super::numbering::Entry;
use super::{Limit, Logged, ReadError};

/// An event that is not sealed yet, with what its frames say besides.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) tenant: TenantId,
    pub(super) seq: Seq,
    pub(super) logged: Logged,
    /// Which start of the log wrote it.
    pub(super) epoch: u32,
    /// The last position of the batch it was written in.
    pub(super) batch_last: Position,
}

/// The events that are not sealed yet.
#[derive(Debug, Clone)]
pub(super) struct Recent {
    events: VecDeque<Kept>,
    next: Position,
    index: HashMap<TenantId, Hot>,
}

/// A tenant's events in memory.
#[derive(Debug, Clone)]
struct Hot {
    /// The number of the first.
    first: Seq,
    positions: VecDeque<Position>,
}

/// Part of a tenant's history, as far as it is in memory.
#[derive(Debug)]
pub(super) struct Split {
    /// Numbers below this one have to be looked for in segments; none that is in memory is below it.
    pub(super) from: Seq,
    /// Those in memory, within the limit.
    pub(super) newer: Vec<Logged>,
}

/// Collects events up to a limit.
#[derive(Debug)]
pub(super) struct Page {
    limit: Limit,
    bytes: usize,
    events: Vec<Logged>,
}

impl Recent {
    /// Goes on at a position; nothing is in memory yet.
    pub(super) fn starting_at(next: Position) -> Self {
        Self { events: VecDeque::new(), next, index: HashMap::new() }
    }

    /// Takes in a batch that has become durable.
    pub(super) fn extend(&mut self, batch: impl IntoIterator<Item = Entry>, epoch: u32) {
        let mut batch: Vec<Entry> = batch.into_iter().collect();
        let batch_last = batch.last().map_or(self.next.0, |entry| entry.logged.next.0 - 1);
        for Entry { tenant, seq, logged } in batch.drain(..) {
            self.push(Kept { tenant, seq, logged, epoch, batch_last: Position(batch_last) });
        }
    }

    /// Takes in the next event.
    pub(super) fn push(&mut self, kept: Kept) {
        self.next = kept.logged.next;
        let (first, positions) = (kept.seq, VecDeque::new());
        let hot = match self.index.get_mut(&kept.tenant) {
            Some(hot) => hot,
            None => self.index.entry(kept.tenant.clone()).or_insert(Hot { first, positions }),
        };
        hot.positions.push_back(kept.logged.position);
        self.events.push_back(kept);
    }

    /// Lets go of the oldest events that end at or before `sealed`, at most so many; they are given back, so that nobody waits for
    /// their memory to be freed.
    pub(super) fn forget(&mut self, sealed: Position, count_max: usize) -> Vec<Kept> {
        let mut gone = Vec::new();
        while gone.len() < count_max
            && let Some(oldest) = self.events.pop_front_if(|oldest| oldest.logged.next <= sealed)
        {
            if let Some(hot) = self.index.get_mut(&oldest.tenant) {
                hot.positions.pop_front();
                hot.first = hot.first.next();
                if hot.positions.is_empty() {
                    self.index.remove(&oldest.tenant);
                }
            }
            gone.push(oldest);
        }
        gone
    }

    /// Events from here on are in memory.
    pub(super) fn first(&self) -> Position {
        self.events.front().map_or(self.next, |oldest| oldest.logged.position)
    }

    /// One past the last durable frame.
    pub(super) const fn next(&self) -> Position {
        self.next
    }

    /// The tenant's last number, if it has an event in memory.
    pub(super) fn head(&self, tenant: &TenantId) -> Option<Seq> {
        self.index.get(tenant).map(Hot::last)
    }

    /// The last number of every tenant that has an event in memory.
    pub(super) fn heads(&self) -> impl Iterator<Item = (TenantId, Seq)> {
        self.index.iter().map(|(tenant, hot)| (tenant.clone(), hot.last()))
    }

    /// The events between two positions, as far as they are in memory.
    pub(super) fn between(&self, from: Position, until: Position) -> Vec<Kept> {
        let start = self.events.partition_point(|event| event.logged.position < from);
        let end = self.events.partition_point(|event| event.logged.position < until);
        self.events.range(start..end.max(start)).cloned().collect()
    }

    /// Events from a position on; `None` when it is older than what is in memory.
    pub(super) fn read(
        &self,
        from: Position,
        limit: Limit,
    ) -> Option<Result<Vec<Logged>, ReadError>> {
        if from < self.first() {
            return None;
        }
        let at = self.events.partition_point(|event| event.logged.position < from);
        let mut page = Page::new(limit);
        for Kept { logged, .. } in self.events.range(at..) {
            if page.is_empty() && logged.position != from {
                return Some(Err(ReadError::NoEventHere { position: from }));
            }
            if !page.push(logged.clone()) {
                break;
            }
        }
        Some(Ok(page.into_events()))
    }

    /// A tenant's events after a number, as far as they are in memory.
    pub(super) fn read_tenant(&self, tenant: &TenantId, after: Seq, limit: Limit) -> Split {
        let Some(hot) = self.index.get(tenant) else {
            return Split { from: Seq(u64::MAX), newer: Vec::new() };
        };
        let skipped = (after.0.saturating_add(1)).saturating_sub(hot.first.0);
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        let mut page = Page::new(limit);
        for event in hot.positions.iter().skip(skipped).filter_map(|at| self.event_at(*at)) {
            if !page.push(event.clone()) {
                break;
            }
        }
        Split { from: hot.first, newer: page.into_events() }
    }

    fn event_at(&self, position: Position) -> Option<&Logged> {
        let at = self.events.binary_search_by_key(&position, |event| event.logged.position).ok()?;
        self.events.get(at).map(|event| &event.logged)
    }
}

impl Hot {
    fn last(&self) -> Seq {
        Seq(self.first.0 + self.positions.len() as u64 - 1)
    }
}

impl Page {
    pub(super) const fn new(limit: Limit) -> Self {
        Self { limit, bytes: 0, events: Vec::new() }
    }

    /// Takes the event if it fits; the first fits always. After a no, nothing more may be pushed.
    pub(super) fn push(&mut self, event: Logged) -> bool {
        let bytes = self.bytes + event.envelope.len();
        let fits = self.events.len() < self.limit.events
            && (bytes <= self.limit.bytes || self.events.is_empty());
        if fits {
            self.bytes = bytes;
            self.events.push(event);
        }
        fits
    }

    /// How many more events fit, at most.
    pub(super) const fn room(&self) -> usize {
        self.limit.events.saturating_sub(self.events.len())
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    pub(super) fn into_events(self) -> Vec<Logged> {
        self.events
    }
}
