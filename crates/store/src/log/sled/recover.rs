//! What a start finds: every frame is read and checked, the index is made anew.
//! A batch that lacks its last frames was never acknowledged and is given up; anything else that is wrong is an error.

use ::sled::Tree;
use events::Position;
use events::wire;

use super::super::identity::Identity;
use super::super::numbering::{Entry, Heads};
use super::super::recent::Recent;
use super::super::{Logged, ReadError};
use super::assemble::Assembler;
use super::open::OpenError;
use super::raw::{Beyond, Raw};
use super::read::unreadable;

/// What a start found.
pub(super) struct Recovered {
    /// All complete batches.
    pub(super) recent: Recent,
    /// Frames of an incomplete last batch, to be removed.
    pub(super) incomplete: Vec<Position>,
}

/// Reads the whole log, and compares its end with what the file held before sled opened it.
pub(super) fn recover(
    tree: &Tree,
    raw: &Raw,
    identity: Identity,
    recent_bytes: usize,
) -> Result<Recovered, OpenError> {
    let scanned = scan(tree, identity, recent_bytes)?;
    let next = scanned.recent.next();
    match raw.beyond(next, scanned.epoch) {
        Beyond::Nothing => Ok(scanned.end()),
        Beyond::Later(found) => {
            let reason = format!("sled shows nothing from here on; its file holds frame {found}");
            Err(damaged(next, reason))
        }
        Beyond::Batch(frames) => {
            tracing::warn!(position = %next, frames = frames.len(), "sled lacks a whole batch");
            let mut batch = ::sled::Batch::default();
            for (position, frame) in frames {
                batch.insert(&position.0.to_be_bytes(), frame.as_slice());
            }
            tree.apply_batch(batch)?;
            Ok(scan(tree, identity, recent_bytes)?.end())
        }
    }
}

fn scan(tree: &Tree, identity: Identity, recent_bytes: usize) -> Result<Scan, OpenError> {
    let mut scan = Scan::new(identity, Recent::new(recent_bytes));
    for item in tree {
        let (key, value) = item.map_err(|error| unreadable(scan.assembler.expected(), &error))?;
        scan.take(&key, &value)?;
    }
    Ok(scan)
}

struct Scan {
    identity: Identity,
    recent: Recent,
    heads: Heads,
    assembler: Assembler,
    /// Which start wrote the last complete batch.
    epoch: u32,
    batch: Option<OpenBatch>,
}

/// A batch whose last frame has not been seen.
struct OpenBatch {
    first: Position,
    last: Position,
    events: Vec<Entry>,
}

impl Scan {
    fn new(identity: Identity, recent: Recent) -> Self {
        let assembler = Assembler::new(identity.log, Position(0));
        Self { identity, recent, heads: Heads::default(), assembler, epoch: 0, batch: None }
    }

    fn take(&mut self, key: &[u8], value: &[u8]) -> Result<(), OpenError> {
        let (frame, event) = self.assembler.take(key, value)?;
        let position = frame.position;
        if frame.epoch < self.epoch || frame.epoch > self.identity.epoch {
            return Err(damaged(position, format!("it was written by start {}", frame.epoch)));
        }
        let new = || OpenBatch { first: position, last: frame.batch_last, events: Vec::new() };
        let mut batch = self.batch.take().unwrap_or_else(new);
        if batch.last != frame.batch_last {
            let reason =
                format!("it is of the batch up to {}, not {}", frame.batch_last, batch.last);
            return Err(damaged(position, reason));
        }
        if let Some(logged) = event {
            batch.events.push(self.entry(logged)?);
        }
        if position < batch.last {
            self.batch = Some(batch);
        } else {
            self.recent.extend(batch.events);
            self.epoch = frame.epoch;
        }
        Ok(())
    }

    /// The event with its tenant, whose numbers have no hole.
    fn entry(&mut self, logged: Logged) -> Result<Entry, OpenError> {
        let at = logged.position;
        let peeked =
            wire::peek(&logged.envelope).map_err(|error| damaged(at, error.to_string()))?;
        let tenant = peeked.tenant_id().map_err(|error| damaged(at, error.to_string()))?;
        let advanced = self.heads.advance(&tenant, peeked.seq);
        advanced.map_err(|refused| damaged(at, refused.to_string()))?;
        Ok(Entry { tenant, logged })
    }

    fn end(self) -> Recovered {
        let end = self.assembler.expected().0;
        let incomplete =
            self.batch.map_or_else(Vec::new, |b| (b.first.0..end).map(Position).collect());
        Recovered { recent: self.recent, incomplete }
    }
}

const fn damaged(position: Position, reason: String) -> OpenError {
    OpenError::Integrity { position: Some(position), reason }
}

impl From<ReadError> for OpenError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Integrity { position, reason } => damaged(position, reason),
            ReadError::NoEventHere { position } => {
                damaged(position, "the first part of its event is missing".into())
            }
            ReadError::Io { reason } => Self::Io { what: "reading the log", reason },
        }
    }
}
