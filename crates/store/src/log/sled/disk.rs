//! Makes batches durable in sled: one `apply_batch`, one `flush`, and our own fdatasync, because sled's flush doesn't sync.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::Instant;

use ::sled::Tree;
use events::Position;

use super::super::committer::Medium;
use super::super::frame::{self, Frame};
use super::super::identity::Identity;
use super::super::metrics::Counters;
use super::super::numbering::Entry;
use super::super::shared::Batch;
use super::generation::Generation;
use super::space::Space;

/// One generation, open for writing.
#[derive(Debug)]
pub(super) struct Disk {
    tree: Tree,
    /// sled's file, by a descriptor of our own.
    file: File,
    generation: Generation,
    identity: Identity,
    space: Space,
    counters: Arc<Counters>,
    scratch: Vec<u8>,
}

impl Disk {
    pub(super) fn new(
        tree: Tree,
        generation: Generation,
        identity: Identity,
        space: Space,
        counters: Arc<Counters>,
    ) -> io::Result<Self> {
        let file = generation.open_file()?;
        Ok(Self { tree, file, generation, identity, space, counters, scratch: Vec::new() })
    }

    /// Removes frames that belong to no complete batch.
    pub(super) fn remove(&self, frames: &[Position]) -> Result<(), String> {
        let mut batch = ::sled::Batch::default();
        for position in frames {
            batch.remove(&position.0.to_be_bytes());
        }
        self.apply(batch)
    }

    fn frames(&mut self, batch: &Batch) -> ::sled::Batch {
        let mut frames = ::sled::Batch::default();
        let batch_last = batch.events.last().map_or(Position(0), last_frame);
        for Entry { logged, .. } in &batch.events {
            let parts = u16::try_from(frame::count(logged.envelope.len())).unwrap_or(u16::MAX);
            let chunks = logged.envelope.chunks(frame::PAYLOAD_BYTES_MAX);
            for (part, bytes) in (0..parts).zip(chunks) {
                let position = Position(logged.position.0 + u64::from(part));
                let Identity { log, epoch, .. } = self.identity;
                self.scratch.clear();
                let frame = Frame { log, epoch, position, batch_last, part, parts, bytes };
                frame::encode(&frame, &mut self.scratch);
                frames.insert(&position.0.to_be_bytes(), self.scratch.as_slice());
            }
        }
        frames
    }

    fn apply(&self, batch: ::sled::Batch) -> Result<(), String> {
        self.tree.apply_batch(batch).map_err(|error| format!("apply: {error}"))?;
        self.tree.flush().map_err(|error| format!("flush: {error}"))?;
        let began = Instant::now();
        self.file.sync_data().map_err(|error| format!("fdatasync: {error}"))?;
        self.counters.synced(began.elapsed());
        match self.generation.has_blobs() {
            Ok(false) => Ok(()),
            Ok(true) => Err("sled wrote a blob file, which it never syncs".into()),
            Err(error) => Err(format!("looking for blob files: {error}")),
        }
    }
}

impl Medium for Disk {
    fn write(&mut self, batch: &Batch) -> Result<(), String> {
        let frames = self.frames(batch);
        self.apply(frames)
    }

    fn tend(&mut self) -> bool {
        self.space.secure()
    }
}

const fn last_frame(entry: &Entry) -> Position {
    Position(entry.logged.next.0 - 1)
}
