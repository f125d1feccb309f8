//! Whether a segment is what was written: its hash, every frame, and that its indexes agree with the frames.

use events::{Position, wire};
use sha2::{Digest, Sha256};

use super::super::ReadError;
use super::super::assemble::event;
use super::format::{FOOTER_BYTES, Section, decode_footer};
use super::read::{Run, Segment, failed, offset};

/// Read at once while hashing.
const CHUNK_BYTES: usize = 1 << 20;

impl Segment {
    /// Reads all of it.
    ///
    /// # Errors
    /// The first thing that is wrong, with its position where that is known.
    pub(in super::super) fn verify(&self) -> Result<(), ReadError> {
        self.verify_hash()?;
        let places = self.section(Section::Places)?;
        let starts = self.section(Section::Events)?;
        let (runs, heads) = (self.runs()?, self.heads()?);
        let (mut seen, mut ordinal) = (0, 0);
        for run in &runs {
            if run.ordinal != ordinal {
                return Err(self.damaged("the tenants' events do not follow each other"));
            }
            seen += self.verify_run(run, &places, &starts)?;
            ordinal += run.count;
            let head = heads.get(&run.tenant);
            let last = run.first.0 + u64::from(run.count) - 1;
            if head.is_none_or(|head| head.seq.0 != last || head.segment != self.facts().number) {
                return Err(self.damaged(&format!("the head of {} is another", run.tenant)));
            }
        }
        let sealed = self.sealed();
        if ordinal != sealed.events || seen != sealed.end.0 - sealed.first.0 {
            return Err(self.damaged("events are missing"));
        }
        Ok(())
    }

    /// The hash of the whole, as it stands at its end.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(in super::super) fn sha256(&self) -> Result<[u8; 32], ReadError> {
        let footer = self.source.read(self.header.footer(), FOOTER_BYTES).map_err(failed)?;
        decode_footer(&footer).ok_or_else(|| self.damaged("it has no end"))
    }

    /// Compares the hash of the whole.
    fn verify_hash(&self) -> Result<(), ReadError> {
        let mut sha256 = Sha256::new();
        let end = self.header.footer();
        let mut at = 0;
        while at < end {
            let length = usize::try_from(end - at).unwrap_or(usize::MAX).min(CHUNK_BYTES);
            sha256.update(self.source.read(at, length).map_err(failed)?);
            at += length as u64;
        }
        if self.sha256()? == <[u8; 32]>::from(sha256.finalize()) {
            Ok(())
        } else {
            Err(self.damaged("the hash does not fit"))
        }
    }

    /// How many frames the tenant has here, each in its place.
    fn verify_run(&self, run: &Run, places: &[u8], starts: &[u8]) -> Result<u64, ReadError> {
        let (mut frames, mut seq) = (0, run.first);
        for ordinal in run.ordinal..run.ordinal + run.count {
            let start = offset(starts, ordinal.into());
            let start = start.ok_or_else(|| self.damaged("an event has no place"))?;
            let end = match ordinal + 1 == self.header.events {
                true => Some(self.header.frames_bytes),
                false => offset(starts, u64::from(ordinal) + 1),
            };
            let length = end.and_then(|end| usize::try_from(end.checked_sub(start)?).ok());
            let length = length.ok_or_else(|| self.damaged("an event has no end"))?;
            let at = self.header.frames().start + start;
            let bytes = self.source.read(at, length).map_err(failed)?;
            let (logged, used) = event(&bytes, 0, self.facts().log, None)?;
            let damaged = |reason: &str| self.damaged_at(logged.position, reason);
            let peeked = wire::peek(&logged.envelope).map_err(|e| damaged(&e.to_string()))?;
            if peeked.tenant != run.tenant.as_str() || peeked.seq != seq || used != length {
                return Err(damaged("it is not the event that its place is for"));
            }
            let place = logged.position.0.checked_sub(self.header.first.0);
            if place.and_then(|place| offset(places, place)) != Some(start) {
                return Err(damaged("its position leads to another place"));
            }
            frames += logged.next.0 - logged.position.0;
            seq = seq.next();
        }
        Ok(frames)
    }

    fn damaged_at(&self, position: Position, reason: &str) -> ReadError {
        super::unreadable(position, self.facts().number, reason)
    }
}
