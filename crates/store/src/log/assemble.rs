//! Frames to events: every frame is checked, none may be missing.

use bytes::{Bytes, BytesMut};
use events::{LogId, Position};

use super::frame::{self, HEADER_BYTES};
use super::{Logged, ReadError};

/// The event whose frames begin at that place of these bytes, and where they end. The envelope of an event of one frame is a slice.
///
/// # Errors
/// [`ReadError::Integrity`] when a frame is damaged, missing or of another log, or another position was expected;
/// [`ReadError::NoEventHere`] when an event was expected and a later part of one lies there.
pub(super) fn event(
    bytes: &Bytes,
    place: usize,
    log: LogId,
    expected: Option<Position>,
) -> Result<(Logged, usize), ReadError> {
    let mut used = place;
    let mut envelope = BytesMut::new();
    let mut at = expected;
    let mut next_part = 0;
    loop {
        let rest = bytes.get(used..).unwrap_or_default();
        let position = at.unwrap_or_default();
        let damaged = |reason: String| ReadError::Integrity { position, reason };
        let frame = frame::beginning(rest);
        let frame = frame.ok_or_else(|| damaged("no whole frame lies here".into()))?;
        if at.is_some_and(|at| at != frame.position) {
            return Err(damaged(format!("the frame says it is {}", frame.position)));
        }
        if frame.log != log {
            return Err(damaged(format!("the frame is of another log, {}", frame.log)));
        }
        if frame.part != next_part {
            return Err(match next_part {
                0 => ReadError::NoEventHere { position: frame.position },
                _ => damaged(format!("part {} follows {next_part} parts", frame.part)),
            });
        }
        let start = used + HEADER_BYTES;
        used = start + frame.bytes.len();
        let last = frame.part + 1 == frame.parts;
        let next = Position(frame.position.0 + 1);
        if last {
            let first = Position(frame.position.0 - u64::from(frame.part));
            let envelope = match frame.part {
                0 => bytes.slice(start..used),
                _ => {
                    envelope.extend_from_slice(frame.bytes);
                    envelope.freeze()
                }
            };
            return Ok((Logged { position: first, next, envelope }, used));
        }
        envelope.extend_from_slice(frame.bytes);
        at = Some(next);
        next_part += 1;
    }
}
