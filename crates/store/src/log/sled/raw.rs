//! What lies in sled's file, whatever sled says. sled opens a damaged file as if its end had never been written;
//! frames are found without it. Finds the newest ones and compares; the rest is sled's.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

use events::{LogId, Position};

use super::super::frame::{self, FRAME_BYTES_MAX, Frame, HEADER_BYTES, MAGIC};

/// More frames than two batches can have: the newest ones that are kept.
const NEWEST: u64 = 8_192;
const CHUNK_BYTES: usize = 4 << 20;

/// The newest frames in a file.
#[derive(Debug, Default)]
pub(super) struct Raw {
    /// All of the newest epoch.
    newest: Vec<Found>,
    epoch: u32,
    last: Position,
    /// The frames of the last batch there is any of.
    last_batch: Vec<(Position, Vec<u8>)>,
    /// Whether anything in the file begins like a frame.
    pub(super) holds_frames: bool,
}

#[derive(Debug, Clone, Copy)]
struct Found {
    position: Position,
    batch_last: Position,
    offset: u64,
    length: usize,
}

/// What the file holds beyond what sled shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Beyond {
    /// Nothing, or parts of a batch that was never whole.
    Nothing,
    /// The last batch, whole: it may have been acknowledged. Its frames by position.
    Batch(Vec<(Position, Vec<u8>)>),
    /// Frames of a batch that was begun when what sled lacks was durable already. The newest one.
    Later(Position),
}

impl Raw {
    /// Reads the whole file.
    pub(super) fn scan(file: &File, log: Option<LogId>) -> io::Result<Self> {
        let mut raw = Self::default();
        let mut buffer: Vec<u8> = Vec::new();
        let mut offset = 0;
        let mut reader = file;
        loop {
            let wanted = CHUNK_BYTES.saturating_sub(buffer.len()) as u64;
            let read = reader.by_ref().take(wanted).read_to_end(&mut buffer)?;
            // A frame that isn't whole in this chunk is looked at again with the next one.
            let done =
                if read == 0 { buffer.len() } else { buffer.len().saturating_sub(FRAME_BYTES_MAX) };
            raw.search(&buffer, done, offset, log);
            if read == 0 {
                raw.keep_last_batch(file)?;
                return Ok(raw);
            }
            offset += done as u64;
            buffer.drain(..done);
        }
    }

    /// What lies beyond the frames that sled shows; `epoch` is of the last of those.
    pub(super) fn beyond(&self, next: Position, epoch: u32) -> Beyond {
        if self.epoch < epoch || self.last < next || self.newest.is_empty() {
            return Beyond::Nothing;
        }
        let batch_last = self.batch_last();
        let mut newer = self.newest.iter().filter(|found| found.position >= next);
        if newer.any(|found| found.batch_last != batch_last) {
            return Beyond::Later(self.last);
        }
        let whole = (next.0..=batch_last.0).map(Position);
        if self.last_batch.iter().map(|(position, _)| *position).eq(whole) {
            Beyond::Batch(self.last_batch.clone())
        } else {
            Beyond::Nothing
        }
    }

    fn keep_last_batch(&mut self, file: &File) -> io::Result<()> {
        let batch_last = self.batch_last();
        let mut batch = self.newest.clone();
        batch.retain(|found| found.batch_last == batch_last);
        batch.sort_unstable_by_key(|found| found.position);
        batch.dedup_by_key(|found| found.position);
        let frames = batch.iter().map(|found| Ok((found.position, found.read(file)?)));
        self.last_batch = frames.collect::<io::Result<_>>()?;
        Ok(())
    }

    fn batch_last(&self) -> Position {
        self.newest.iter().map(|found| found.batch_last).max().unwrap_or_default()
    }

    /// Notes the frames that begin before `until`.
    fn search(&mut self, bytes: &[u8], until: usize, offset: u64, log: Option<LogId>) {
        let mut at = 0;
        while let Some(here) = find_magic(bytes, at).filter(|here| *here < until) {
            self.holds_frames = true;
            at = here + 1;
            let Some(frame) = bytes.get(here..).and_then(frame::beginning) else { continue };
            let length = HEADER_BYTES + frame.bytes.len();
            if log.is_none_or(|log| log == frame.log) {
                let Frame { position, batch_last, epoch, .. } = frame;
                let offset = offset + here as u64;
                self.note(Found { position, batch_last, offset, length }, epoch);
            }
            at = here + length;
        }
    }

    fn note(&mut self, found: Found, epoch: u32) {
        if epoch > self.epoch {
            self.newest.clear();
            self.epoch = epoch;
            self.last = found.position;
        }
        if epoch < self.epoch {
            return;
        }
        self.last = self.last.max(found.position);
        self.newest.push(found);
        if self.newest.len() as u64 > 4 * NEWEST {
            let oldest = self.last.0.saturating_sub(NEWEST);
            self.newest.retain(|found| found.position.0 >= oldest);
        }
    }
}

impl Found {
    fn read(&self, file: &File) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; self.length];
        file.read_exact_at(&mut bytes, self.offset)?;
        Ok(bytes)
    }
}

fn find_magic(bytes: &[u8], from: usize) -> Option<usize> {
    let [first, ..] = MAGIC;
    let mut at = from;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == first)?;
        if bytes.get(at..)?.starts_with(&MAGIC) {
            return Some(at);
        }
        at += 1;
    }
}
