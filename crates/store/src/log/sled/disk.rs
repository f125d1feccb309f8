//! Makes batches durable in sled: one `apply_batch`, one `flush`, and our own fdatasync, because sled's flush doesn't sync.
//! Goes on in the next generation when one is full.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::sled::Tree;
use events::Position;

use super::super::committer::Medium;
use super::super::identity::Identity;
use super::super::metrics::Counters;
use super::super::shared::Batch;
use super::generation::{Blobs, Generation};
use super::seal::{Closed, Sealer};
use super::space::Space;
use super::values::Values;
use crate::home;
use crate::mark::{Kind, Note};
use crate::torture;

/// A generation with more events is full.
const GENERATION_EVENTS_MAX: usize = 100_000;
/// How far a generation may grow beyond being full while the next one is not there yet.
const OVERFILL_BYTES: u64 = 64 << 20;
/// How long to wait before the next try to make a generation.
const TRY_EVERY: Duration = Duration::from_secs(1);

/// Where the log is written to.
#[derive(Debug)]
pub(super) struct Disk {
    /// `None` until there is space for the first one of this start.
    active: Option<Active>,
    start: Start,
    acked: Option<Note>,
    generation_bytes: u64,
    next_number: u32,
    sealer: Sealer,
    counters: Arc<Counters>,
    scratch: Vec<u8>,
}

/// What a start writes down before its first generation.
#[derive(Debug)]
pub(super) struct Start {
    /// Of the start before; that of this one once it is written down.
    pub(super) identity: Identity,
    pub(super) identity_file: PathBuf,
    pub(super) acked_file: PathBuf,
    /// One past the last frame that was found.
    pub(super) end: Position,
    pub(super) is_written: bool,
    pub(super) tried: Option<Instant>,
}

/// A generation, open for writing.
#[derive(Debug)]
pub(super) struct Active {
    pub(super) generation: Generation,
    pub(super) tree: Tree,
    /// sled's file, by a descriptor of our own.
    pub(super) file: File,
    pub(super) space: Space,
    pub(super) blobs: Blobs,
    pub(super) filled: Filled,
}

/// What lies in a generation.
#[derive(Debug, Default)]
pub(super) struct Filled {
    /// Its first frame and one past its last.
    frames: Option<(Position, Position)>,
    events: usize,
    bytes: u64,
}

impl Disk {
    /// Makes nothing yet: that is [`Medium::tend`]'s part, again and again until there is space.
    pub(super) fn new(
        start: Start,
        next_number: u32,
        generation_bytes: u64,
        sealer: Sealer,
        counters: Arc<Counters>,
    ) -> Self {
        let (active, acked, scratch) = (None, None, Vec::new());
        Self { active, start, acked, generation_bytes, next_number, sealer, counters, scratch }
    }

    /// The first generation of this start.
    fn begin(&mut self) {
        if self.start.tried.is_some_and(|tried| tried.elapsed() < TRY_EVERY) {
            return;
        }
        self.start.tried = Some(Instant::now());
        match self.try_to_begin() {
            Ok(active) => self.active = Some(active),
            Err(error) => {
                tracing::warn!(%error, "no generation can be made: the log can only be read")
            }
        }
    }

    fn try_to_begin(&mut self) -> io::Result<Active> {
        let acked = Note::open(&self.start.acked_file, Kind::Acked, self.start.identity.log)?;
        acked.set(self.start.end)?;
        acked.sync()?;
        self.acked = Some(acked);
        if !self.start.is_written {
            let identity = self.start.identity.reopened();
            if let Some(dir) = self.start.acked_file.parent() {
                home::sync(dir)?;
            }
            home::replace(&self.start.identity_file, &identity.encode())?;
            self.start.identity = identity;
            self.start.is_written = true;
        }
        let active = self.sealer.make(self.next_number)?;
        torture::point("open.created");
        self.next_number += 1;
        Ok(active)
    }

    /// Goes on in the next generation if it is ready; otherwise in this one.
    fn rotate(&mut self) {
        let Some(ready) = self.sealer.take_ready() else {
            self.sealer.prepare(self.next_number);
            return;
        };
        self.next_number += 1;
        if let Some(Active { generation, tree, filled, .. }) = self.active.replace(ready)
            && let Some((first, end)) = filled.frames
        {
            torture::point("rotate.switched");
            self.sealer.seal(Closed { generation, first, end, tree: Some(tree) });
        }
    }
}

impl Active {
    fn apply(&self, values: Values, counters: &Counters) -> Result<(), String> {
        values.apply(&self.tree).map_err(|error| format!("apply: {error}"))?;
        torture::point("commit.applied");
        self.tree.flush().map_err(|error| format!("flush: {error}"))?;
        let began = Instant::now();
        self.file.sync_data().map_err(|error| format!("fdatasync: {error}"))?;
        counters.synced(began.elapsed());
        torture::point("commit.synced");
        match self.blobs.are_there() {
            Ok(false) => Ok(()),
            Ok(true) => Err("sled wrote a blob file, which it never syncs".into()),
            Err(error) => Err(format!("looking for blob files: {error}")),
        }
    }

    fn is_filled(&self, part: u64, of: u64, generation_bytes: u64) -> bool {
        self.filled.bytes * of >= generation_bytes * part
            || self.filled.events as u64 * of >= GENERATION_EVENTS_MAX as u64 * part
    }
}

impl Medium for Disk {
    fn write(&mut self, batch: &Batch) -> Result<(), String> {
        let values = Values::of(batch, self.start.identity, &mut self.scratch);
        let (Some(active), Some(acked)) = (&mut self.active, &self.acked) else {
            return Err("no generation is open".into());
        };
        active.apply(values, &self.counters)?;
        let ends = batch.events.first().zip(batch.events.last());
        if let Some((first, last)) = ends {
            let (first, end) = (first.logged.position, last.logged.next);
            acked.set(end).map_err(|error| format!("noting what is acknowledged: {error}"))?;
            let first = active.filled.frames.map_or(first, |(first, _)| first);
            active.filled.frames = Some((first, end));
        }
        active.filled.events += batch.events.len();
        active.filled.bytes += batch.bytes as u64;
        Ok(())
    }

    fn tend(&mut self) -> bool {
        let cap = self.generation_bytes;
        match &self.active {
            None => self.begin(),
            Some(active) if active.is_filled(1, 1, cap) => self.rotate(),
            Some(active) if active.is_filled(1, 2, cap) => self.sealer.prepare(self.next_number),
            Some(_) => {}
        }
        let bytes_max = cap.saturating_add(OVERFILL_BYTES);
        self.active.as_mut().is_some_and(|it| it.filled.bytes < bytes_max && it.space.secure())
    }

    fn end(&mut self) {
        if let Some(Err(error)) = self.acked.as_ref().map(Note::sync) {
            tracing::warn!(%error, "what was acknowledged could not be noted for good");
        }
    }
}
