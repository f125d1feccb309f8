//! The sealed segment: one generation's frames for ever, in a file that is written once and never changed.
//! Reads and writes segments one by one; which ones there are is [`super::history`]'s part. Knows nothing of sled.
//!
//! ```text
//! header   see `Header`
//! frames   verbatim as they were appended: by tenant (order of its bytes), then by seq; the parts of an event side by side
//! places   [4] for each position, from the first: where its frame begins in `frames`
//! events   [4] for each event, in the order of `frames`: where its first frame begins in `frames`
//! tenants  [64] id, padded with 0  [8] seq of its first event here  [4] its events here  [4] place of the first in `events`
//!          [4] number of the segment before with events of it, ffffffff: none; in order of id
//! heads    [64] id, padded with 0  [8] its last seq  [4] number of the last segment with events of it: every tenant
//!          that the log has up to here, in order of id
//! footer   [8] magic 89 'r' 'c' 's' 'e' 'n' 'd' 0a  [32] sha256 of all before
//! ```
//!
//! All numbers are big-endian. A frame has its own checksum, `header`, `places`, `events`, `tenants` and `heads` have one each in the
//! header: nothing is believed unchecked. The newest segment's `heads` say where every tenant's history ends, so a start
//! reads no more.

mod format;
mod read;
mod source;
#[cfg(test)]
mod tests;
mod verify;
mod write;

use std::collections::BTreeMap;

use events::{LogId, Position, Seq, TenantId};

pub(super) use format::unreadable;
pub(super) use read::{Run, Segment};
pub(super) use source::Source;
pub(super) use write::write;

/// Whose segment it is. Decided by whoever writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    /// The log.
    pub(super) log: LogId,
    /// The log's incarnation when it was sealed.
    pub(super) incarnation: u32,
    /// The number of the generation that it was made from.
    pub(super) number: u32,
}

/// What a segment holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    /// Its number: that of the generation it was made from.
    pub number: u32,
    /// Its first frame's position.
    pub first: Position,
    /// One past its last frame's position.
    pub end: Position,
    /// How many events it has.
    pub events: u32,
    /// The file's length.
    pub bytes: u64,
}

/// Where a tenant's history ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Its last number.
    pub(super) seq: Seq,
    /// The last segment with events of it.
    pub(super) segment: u32,
}

/// Every tenant's end.
pub(super) type Heads = BTreeMap<TenantId, Head>;
