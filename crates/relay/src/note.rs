//! The place noted beside the log: a hint, so that it is no matter if it can't be written.

use std::path::Path;
use std::time::{Duration, Instant};

use events::{LogId, Position};
use store::mark::{Kind, Note};

/// How often the place is noted.
const NOTE_EVERY: Duration = Duration::from_secs(1);

/// The note, and what is to be noted next.
pub(crate) struct Noting {
    note: Option<Note>,
    noted: Instant,
    newest: Position,
}

impl Noting {
    pub(crate) fn open(path: &Path, log: LogId) -> Self {
        let note = Note::open(path, Kind::Relayed, log)
            .inspect_err(|error| tracing::warn!(%error, "where the relay is can't be noted"));
        let long_ago = Instant::now().checked_sub(NOTE_EVERY).unwrap_or_else(Instant::now);
        Self { note: note.ok(), noted: long_ago, newest: Position(0) }
    }

    /// Everything below is in Kafka.
    pub(crate) fn at(&mut self, position: Position) {
        self.newest = position;
        if self.noted.elapsed() >= NOTE_EVERY {
            self.write();
        }
    }

    fn write(&mut self) {
        self.noted = Instant::now();
        if let Some(Err(error)) = self.note.as_ref().map(|note| note.set(self.newest)) {
            tracing::warn!(%error, "where the relay is can't be noted");
        }
    }
}

impl Drop for Noting {
    fn drop(&mut self) {
        if self.newest > Position(0) {
            self.write();
        }
    }
}
