//! What is durable and in memory: the newest events, and where each event of each tenant begins.
//! Nothing enters before it is durable, so nothing here is beyond the watermark.

use std::collections::{HashMap, VecDeque};

use events::{Position, Seq, TenantId};

use super::numbering::{Entry, Heads, Numbering};
use super::{Limit, Logged, ReadError};

/// What an event costs in memory besides its bytes.
const EVENT_OVERHEAD_BYTES: usize = 96;

/// The newest events, and the index of all.
#[derive(Debug, Clone)]
pub(super) struct Recent {
    events: VecDeque<Logged>,
    bytes: usize,
    bytes_max: usize,
    next: Position,
    /// `seq` n of a tenant begins at the n-1st of its positions.
    index: HashMap<TenantId, Vec<Position>>,
}

/// Part of a tenant's history: what must be read from disk, and what follows it.
#[derive(Debug)]
pub(super) struct Split {
    /// Where the older events begin.
    pub(super) older: Vec<Position>,
    /// The newer ones, already within the limit when there are no older ones.
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
    /// Keeps up to `bytes_max` of events.
    pub(super) fn new(bytes_max: usize) -> Self {
        Self {
            events: VecDeque::new(),
            bytes: 0,
            bytes_max,
            next: Position(0),
            index: HashMap::new(),
        }
    }

    /// Takes in what has become durable, in order; drops what is too old to keep.
    pub(super) fn extend(&mut self, entries: impl IntoIterator<Item = Entry>) {
        for Entry { tenant, logged } in entries {
            self.next = logged.next;
            self.bytes += logged.envelope.len() + EVENT_OVERHEAD_BYTES;
            self.index.entry(tenant).or_default().push(logged.position);
            self.events.push_back(logged);
        }
        while self.bytes > self.bytes_max {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= oldest.envelope.len() + EVENT_OVERHEAD_BYTES;
        }
    }

    /// Events from here on are in memory.
    pub(super) fn first(&self) -> Position {
        self.events.front().map_or(self.next, |oldest| oldest.position)
    }

    /// One past the last durable frame.
    pub(super) const fn next(&self) -> Position {
        self.next
    }

    /// The tenant's last number.
    pub(super) fn head(&self, tenant: &TenantId) -> Seq {
        Seq(self.index.get(tenant).map_or(0, |positions| positions.len() as u64))
    }

    /// Where the next append goes on.
    pub(super) fn numbering(&self) -> Numbering {
        let heads: Heads = self
            .index
            .iter()
            .map(|(tenant, all)| (tenant.clone(), Seq(all.len() as u64)))
            .collect();
        Numbering::starting_at(self.next, heads)
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
        let at = self.events.partition_point(|event| event.position < from);
        let mut page = Page::new(limit);
        for event in self.events.range(at..) {
            if page.is_empty() && event.position != from {
                return Some(Err(ReadError::NoEventHere { position: from }));
            }
            if !page.push(event) {
                break;
            }
        }
        Some(Ok(page.into_events()))
    }

    /// A tenant's events after a number, as far as they are in memory.
    pub(super) fn read_tenant(&self, tenant: &TenantId, after: Seq, limit: Limit) -> Split {
        let skipped = usize::try_from(after.0).unwrap_or(usize::MAX);
        let all = self.index.get(tenant).map_or(&[][..], Vec::as_slice);
        let wanted = all.get(skipped..).unwrap_or_default();
        let wanted = wanted.get(..limit.events).unwrap_or(wanted);
        let first = self.first();
        let (older, newer) = wanted.split_at(wanted.partition_point(|position| *position < first));
        let mut page = Page::new(limit);
        for event in newer.iter().filter_map(|position| self.event_at(*position)) {
            if !page.push(event) {
                break;
            }
        }
        Split { older: older.to_vec(), newer: page.into_events() }
    }

    fn event_at(&self, position: Position) -> Option<&Logged> {
        let at = self.events.binary_search_by_key(&position, |event| event.position).ok()?;
        self.events.get(at)
    }
}

impl Page {
    pub(super) const fn new(limit: Limit) -> Self {
        Self { limit, bytes: 0, events: Vec::new() }
    }

    /// Takes the event if it fits; the first fits always. After a no, nothing more may be pushed.
    pub(super) fn push(&mut self, event: &Logged) -> bool {
        let bytes = self.bytes + event.envelope.len();
        let fits = self.events.len() < self.limit.events
            && (bytes <= self.limit.bytes || self.events.is_empty());
        if fits {
            self.bytes = bytes;
            self.events.push(event.clone());
        }
        fits
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    pub(super) fn into_events(self) -> Vec<Logged> {
        self.events
    }
}
