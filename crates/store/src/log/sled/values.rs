//! The values that sled gets: the frames of a batch side by side, under the position of the first. Nobody reads them through sled.
//! Holds its pages small enough: a larger one would go to a file that sled never syncs.

use ::sled::Tree;
use events::Position;

use super::super::frame::{self, FRAME_BYTES_MAX, Frame, HEADER_BYTES};
use super::super::identity::Identity;
use super::super::shared::Batch;
use super::generation::{PAGE_BYTES_MAX, PAGE_VALUES_MAX};

/// Frames side by side, at most: sled spends as much on a value as on half a frame. One frame alone may be longer.
const VALUE_BYTES_MAX: usize = 32 << 10;
/// A page's keys, and what sled writes about its values: more than it is.
const PAGE_OVERHEAD_BYTES: usize = 16 << 10;
/// Makes the key of an empty value that follows a long one in sled's order, so that a page has at most every other value long.
const SPACER: u8 = b'~';

const _: () = assert!(
    PAGE_VALUES_MAX * VALUE_BYTES_MAX + PAGE_OVERHEAD_BYTES < PAGE_BYTES_MAX,
    "a page of usual values would go to a blob file"
);
const _: () = assert!(
    PAGE_VALUES_MAX.div_ceil(2) * FRAME_BYTES_MAX + PAGE_OVERHEAD_BYTES < PAGE_BYTES_MAX,
    "a page of long values would go to a blob file"
);

/// What a batch becomes.
#[derive(Debug, Default)]
pub(super) struct Values {
    frames: ::sled::Batch,
    /// `None` for nearly every batch.
    spacers: Option<::sled::Batch>,
}

impl Values {
    /// Cuts the envelopes of `batch` into frames. `scratch` is any buffer, kept to be used again.
    pub(super) fn of(batch: &Batch, identity: Identity, scratch: &mut Vec<u8>) -> Self {
        let Identity { log, epoch, .. } = identity;
        let (Some(begin), Some(last)) = (batch.events.first(), batch.events.last()) else {
            return Self::default();
        };
        let batch_last = Position(last.logged.next.0 - 1);
        let mut values = Self::default();
        let mut first = begin.logged.position;
        scratch.clear();
        for entry in &batch.events {
            let mut position = entry.logged.position;
            for (part, parts, bytes) in frame::parts(&entry.logged.envelope) {
                if !scratch.is_empty()
                    && scratch.len() + HEADER_BYTES + bytes.len() > VALUE_BYTES_MAX
                {
                    values.put(first, scratch);
                    scratch.clear();
                    first = position;
                }
                let frame = Frame { log, epoch, position, batch_last, part, parts, bytes };
                frame::encode(&frame, scratch);
                position.0 += 1;
            }
        }
        values.put(first, scratch);
        values
    }

    fn put(&mut self, first: Position, value: &[u8]) {
        let key = first.0.to_be_bytes();
        self.frames.insert(&key, value);
        if value.len() > VALUE_BYTES_MAX {
            let spacer = [&key[..], &[SPACER]].concat();
            self.spacers.get_or_insert_default().insert(spacer, &[]);
        }
    }

    /// Hands them to sled. The spacers go first: sled takes the values of a batch in any order.
    ///
    /// # Errors
    /// sled's.
    pub(super) fn apply(self, tree: &Tree) -> Result<(), ::sled::Error> {
        if let Some(spacers) = self.spacers {
            tree.apply_batch(spacers)?;
        }
        tree.apply_batch(self.frames)
    }
}
