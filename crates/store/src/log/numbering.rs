//! Which position and which `seq` comes next. Both are gapless because only this gives and checks them.

use std::collections::HashMap;

use bytes::Bytes;
use events::wire::{self, DecodeError};
use events::{Position, Seq, TenantId};

use super::{Logged, TXN_BYTES_MAX, TXN_EVENTS_MAX, frame};

/// A txn that has been looked at, not yet numbered.
#[derive(Debug)]
pub(super) struct Arrival {
    events: Vec<(TenantId, Seq, Bytes)>,
    bytes: usize,
}

/// An event in its place.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) tenant: TenantId,
    pub(super) seq: Seq,
    pub(super) logged: Logged,
}

/// A txn that the log does not take: whoever made it is at fault.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("a txn without events")]
    Empty,
    #[error("a txn of {events} events, more than {TXN_EVENTS_MAX}")]
    TooManyEvents { events: usize },
    #[error("a txn of {bytes} bytes, more than {TXN_BYTES_MAX}")]
    TooLarge { bytes: usize },
    #[error("an envelope that can't be read: {0}")]
    Unreadable(#[from] DecodeError),
    #[error("{tenant} is at {head}: {seq} does not follow")]
    OutOfOrder { tenant: TenantId, head: Seq, seq: Seq },
}

/// What the next append gets.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    next: Position,
    heads: Heads,
}

/// Each tenant's last number.
#[derive(Debug, Default)]
pub(super) struct Heads(HashMap<TenantId, Seq>);

impl Arrival {
    /// Checks the limits and reads whose events these are. Needs no lock.
    pub(super) fn examine(txn: Vec<Bytes>) -> Result<Self, Refused> {
        if txn.is_empty() {
            return Err(Refused::Empty);
        }
        if txn.len() > TXN_EVENTS_MAX {
            return Err(Refused::TooManyEvents { events: txn.len() });
        }
        let bytes = txn.iter().map(Bytes::len).sum();
        if bytes > TXN_BYTES_MAX {
            return Err(Refused::TooLarge { bytes });
        }
        let mut events: Vec<(TenantId, Seq, Bytes)> = Vec::with_capacity(txn.len());
        for envelope in txn {
            let peeked = wire::peek(&envelope)?;
            let tenant = match events.last() {
                Some((last, ..)) if last.as_str() == peeked.tenant => last.clone(),
                Some(_) | None => peeked.tenant_id()?,
            };
            events.push((tenant, peeked.seq, envelope));
        }
        Ok(Self { events, bytes })
    }

    /// Envelope bytes.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Numbering {
    /// Goes on behind what is there.
    pub(super) const fn starting_at(next: Position, heads: Heads) -> Self {
        Self { next, heads }
    }

    /// Where the next event begins.
    pub(super) const fn next(&self) -> Position {
        self.next
    }

    /// Gives every event of the txn its place, or none.
    pub(super) fn place(&mut self, arrival: Arrival) -> Result<Vec<Entry>, Refused> {
        let mut placed: Vec<Entry> = Vec::with_capacity(arrival.events.len());
        let before = self.next;
        for (tenant, seq, envelope) in arrival.events {
            if let Err(refused) = self.heads.advance(&tenant, seq) {
                self.take_back(&placed, before);
                return Err(refused);
            }
            let position = self.next;
            self.next.0 += frame::count(envelope.len()) as u64;
            let logged = Logged { position, next: self.next, envelope };
            placed.push(Entry { tenant, seq, logged });
        }
        Ok(placed)
    }

    /// Forgets events that were placed last and will never be written; the next one begins at `next` again.
    pub(super) fn take_back(&mut self, placed: &[Entry], next: Position) {
        for entry in placed {
            self.heads.retreat(&entry.tenant);
        }
        self.next = next;
    }
}

impl Heads {
    /// The tenant goes on to `seq`, if that is its next number.
    pub(super) fn advance(&mut self, tenant: &TenantId, seq: Seq) -> Result<(), Refused> {
        let head = match self.0.get_mut(tenant) {
            Some(head) => head,
            None => self.0.entry(tenant.clone()).or_default(),
        };
        if head.next() != seq {
            return Err(Refused::OutOfOrder { tenant: tenant.clone(), head: *head, seq });
        }
        *head = seq;
        Ok(())
    }

    /// How many tenants there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    fn retreat(&mut self, tenant: &TenantId) {
        if let Some(head) = self.0.get_mut(tenant) {
            head.0 -= 1;
        }
    }
}

impl FromIterator<(TenantId, Seq)> for Heads {
    fn from_iter<I: IntoIterator<Item = (TenantId, Seq)>>(heads: I) -> Self {
        Self(heads.into_iter().collect())
    }
}
