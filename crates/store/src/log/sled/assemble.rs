//! Frames to events: every frame is checked, none may be missing.

use bytes::Bytes;
use events::{LogId, Position};

use super::super::frame::{self, Frame};
use super::super::{Logged, ReadError};

/// Takes frames in order and gives the events that they make up.
#[derive(Debug)]
pub(super) struct Assembler {
    log: LogId,
    expected: Position,
    /// Where the event begins whose parts are being gathered.
    began: Position,
    parts: Vec<u8>,
    taken: u16,
}

impl Assembler {
    /// Expects an event to begin at `from`.
    pub(super) const fn new(log: LogId, from: Position) -> Self {
        Self { log, expected: from, began: from, parts: Vec::new(), taken: 0 }
    }

    /// The position of the next frame.
    pub(super) const fn expected(&self) -> Position {
        self.expected
    }

    /// Takes the next frame as it is stored; gives the event if this is its last part.
    pub(super) fn take<'a>(
        &mut self,
        key: &[u8],
        value: &'a [u8],
    ) -> Result<(Frame<'a>, Option<Logged>), ReadError> {
        let position = self.expected;
        let damaged = |reason: String| ReadError::Integrity { position, reason };
        if key != position.0.to_be_bytes() {
            return Err(damaged(format!("the frame is missing; the next key is {key:02x?}")));
        }
        let frame = frame::decode(value).map_err(|error| damaged(error.to_string()))?;
        if frame.position != position {
            return Err(damaged(format!("the frame says it is {}", frame.position)));
        }
        if frame.log != self.log {
            return Err(damaged(format!("the frame is of another log, {}", frame.log)));
        }
        if self.taken == 0 && self.began == position && frame.part != 0 {
            return Err(ReadError::NoEventHere { position });
        }
        if frame.part != self.taken {
            return Err(damaged(format!("part {} follows {} parts", frame.part, self.taken)));
        }
        self.expected.0 += 1;
        Ok((frame, self.gather(&frame)))
    }

    fn gather(&mut self, frame: &Frame<'_>) -> Option<Logged> {
        let last = frame.part + 1 == frame.parts;
        let envelope = match (self.taken, last) {
            (0, true) => Bytes::copy_from_slice(frame.bytes),
            (_, false) => {
                self.parts.extend_from_slice(frame.bytes);
                self.taken += 1;
                return None;
            }
            (_, true) => {
                self.parts.extend_from_slice(frame.bytes);
                self.taken = 0;
                Bytes::from(std::mem::take(&mut self.parts))
            }
        };
        let logged = Logged { position: self.began, next: self.expected, envelope };
        self.began = self.expected;
        Some(logged)
    }
}
