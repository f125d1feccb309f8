//! Events that are no longer in memory, from sled. Blocks.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ::sled::{IVec, Tree};
use events::{LogId, Position};

use super::super::committer::panic_text;
use super::super::recent::Page;
use super::super::{Logged, ReadError};
use super::assemble::Assembler;

/// Positions passed over rather than sought: a step of an iterator costs a tenth of a look-up.
const STEPS_MAX: u64 = 16;

/// Reads frames of durable batches.
#[derive(Debug)]
pub(super) struct Reader {
    tree: Tree,
    log: LogId,
}

impl Reader {
    pub(super) const fn new(tree: Tree, log: LogId) -> Self {
        Self { tree, log }
    }

    /// Events from `from` on that begin before `until`, onto the page.
    pub(super) fn range(
        &self,
        from: Position,
        until: Position,
        mut page: Page,
    ) -> Result<Page, ReadError> {
        guarded(|| {
            let mut frames = self.frames(from);
            while frames.at() < until {
                if !page.push(&frames.next_event()?) {
                    break;
                }
            }
            Ok(page)
        })
    }

    /// The events that begin at these positions, onto the page; and whether it is full.
    pub(super) fn each(
        &self,
        positions: &[Position],
        mut page: Page,
    ) -> Result<(Page, bool), ReadError> {
        guarded(|| {
            let mut frames: Option<Frames> = None;
            for position in positions {
                let mut here = match frames.take() {
                    Some(frames) if frames.is_just_before(*position) => {
                        frames.skip_to(*position)?
                    }
                    Some(_) | None => self.frames(*position),
                };
                if !page.push(&here.next_event()?) {
                    return Ok((page, true));
                }
                frames = Some(here);
            }
            Ok((page, false))
        })
    }

    fn frames(&self, from: Position) -> Frames {
        let assembler = Assembler::new(self.log, from);
        Frames { iter: self.tree.range(from.0.to_be_bytes()..), log: self.log, assembler }
    }
}

/// An iterator over stored frames that knows where it is.
struct Frames {
    iter: ::sled::Iter,
    log: LogId,
    assembler: Assembler,
}

impl Frames {
    const fn at(&self) -> Position {
        self.assembler.expected()
    }

    fn is_just_before(&self, position: Position) -> bool {
        position.0.checked_sub(self.at().0).is_some_and(|steps| steps <= STEPS_MAX)
    }

    fn skip_to(mut self, position: Position) -> Result<Self, ReadError> {
        for _ in self.at().0..position.0 {
            self.next_frame()?;
        }
        self.assembler = Assembler::new(self.log, position);
        Ok(self)
    }

    fn next_event(&mut self) -> Result<Logged, ReadError> {
        loop {
            let (key, value) = self.next_frame()?;
            if let (_, Some(event)) = self.assembler.take(&key, &value)? {
                return Ok(event);
            }
        }
    }

    fn next_frame(&mut self) -> Result<(IVec, IVec), ReadError> {
        let position = self.at();
        let missing = || ReadError::Integrity { position, reason: "no frame follows".into() };
        self.iter.next().ok_or_else(missing)?.map_err(|error| unreadable(position, &error))
    }
}

/// What sled's error means for a reader at this position.
pub(super) fn unreadable(position: Position, error: &::sled::Error) -> ReadError {
    match error {
        ::sled::Error::Io(error) => ReadError::Io { reason: error.to_string() },
        ::sled::Error::CollectionNotFound(_)
        | ::sled::Error::Unsupported(_)
        | ::sled::Error::ReportableBug(_)
        | ::sled::Error::Corruption { .. } => {
            ReadError::Integrity { position, reason: error.to_string() }
        }
    }
}

/// sled panics on some damage; a reader gets an error.
fn guarded<T>(read: impl FnOnce() -> Result<T, ReadError>) -> Result<T, ReadError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        Err(ReadError::Io { reason: format!("sled panicked: {}", panic_text(&*panic)) })
    })
}
