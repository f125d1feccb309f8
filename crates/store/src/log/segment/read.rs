//! Reading a segment: by position, or the part of one tenant. Sections are read when they are needed first, checked, and kept.
//! What a read gives are slices of the bytes that were read for it.

use std::sync::OnceLock;

use bytes::Bytes;
use events::{LogId, Position, Seq, TenantId};

use super::super::assemble::event;
use super::super::recent::Page;
use super::super::{Logged, ReadError};
use super::format::{
    FOOTER_BYTES, HEAD_BYTES, HEADER_BYTES, Header, OFFSET_BYTES, Section, TENANT_BYTES, TenantRow,
    decode_head, id_of, unreadable,
};
use super::{Facts, Heads, Sealed, Source};

/// Read at once for one event by position: most events fit.
const EVENT_BYTES: usize = 2 * 1024;
/// Frames of one tenant that are read at once, unless an event alone has more: few enough to be still in a core's cache when they are
/// decoded.
const RUN_BYTES_MAX: usize = 256 << 10;

/// An open segment.
#[derive(Debug)]
pub(in super::super) struct Segment {
    pub(super) source: Source,
    pub(super) header: Header,
    places: OnceLock<Bytes>,
    events: OnceLock<Bytes>,
    tenants: OnceLock<Bytes>,
}

/// A tenant's part of a segment.
pub(in super::super) type Run = TenantRow;

impl Segment {
    /// Reads the header and compares it with the length.
    ///
    /// # Errors
    /// [`ReadError`] when it is no segment, or none of that log.
    pub(in super::super) fn open(source: Source, log: LogId) -> Result<Self, ReadError> {
        let length = source.length().map_err(failed)?;
        let damaged = |reason: &str| unreadable(Position(0), 0, reason);
        if length < (HEADER_BYTES + FOOTER_BYTES) as u64 {
            return Err(damaged("the file is too short"));
        }
        let header = source.read(0, HEADER_BYTES).map_err(failed)?;
        let header = Header::decode(&header).map_err(damaged)?;
        let found = |reason: &str| unreadable(header.first, header.facts.number, reason);
        if header.facts.log != log {
            return Err(found("it is of another log"));
        }
        if header.sealed().bytes != length {
            return Err(found("the file is longer or shorter than it says"));
        }
        let (places, events, tenants) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Ok(Self { source, header, places, events, tenants })
    }

    /// What it holds.
    pub(in super::super) fn sealed(&self) -> Sealed {
        self.header.sealed()
    }

    /// Whose it is.
    pub(in super::super) const fn facts(&self) -> Facts {
        self.header.facts
    }

    /// Events from `from` on, onto the page; whether there is room for more.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(in super::super) fn read(
        &self,
        from: Position,
        page: &mut Page,
    ) -> Result<bool, ReadError> {
        let mut at = from;
        while at < self.header.end {
            let event = self.event_at(at)?;
            at = event.next;
            if !page.push(event) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The tenant's part, if it has one.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(in super::super) fn run(&self, tenant: &TenantId) -> Result<Option<Run>, ReadError> {
        let rows = self.tenants()?;
        let (rows, _) = rows.as_chunks::<TENANT_BYTES>();
        let wanted = tenant.as_str().as_bytes();
        match rows.binary_search_by(|row| id_of(row).cmp(wanted)) {
            Ok(place) => rows.get(place).map(|row| self.decode_run(row)).transpose(),
            Err(_) => Ok(None),
        }
    }

    /// Every tenant's part, in order of id.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(in super::super) fn runs(&self) -> Result<Vec<Run>, ReadError> {
        let rows = self.tenants()?;
        rows.chunks(TENANT_BYTES).map(|row| self.decode_run(row)).collect()
    }

    /// A tenant's events with a number greater than `after` and below `until`, onto the page; whether there is room for more.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(in super::super) fn read_run(
        &self,
        run: &Run,
        (after, until): (Seq, Seq),
        page: &mut Page,
    ) -> Result<bool, ReadError> {
        let skipped = u32::try_from(after.0.saturating_add(1).saturating_sub(run.first.0))
            .unwrap_or(u32::MAX);
        let wanted = u32::try_from(until.0.saturating_sub(run.first.0)).unwrap_or(u32::MAX);
        let mut next = run.ordinal + skipped.min(run.count);
        let end = run.ordinal + wanted.min(run.count);
        while next < end {
            // One more than there is room for, so that the page knows that it is full.
            let room = u32::try_from(page.room()).unwrap_or(u32::MAX);
            let (bytes, count) =
                self.frames(next, end.min(next.saturating_add(room).saturating_add(1)))?;
            let mut place = 0;
            for _ in 0..count {
                let (logged, behind) = event(&bytes, place, self.header.facts.log, None)?;
                if !page.push(logged) {
                    return Ok(false);
                }
                place = behind;
            }
            next += count;
        }
        Ok(true)
    }

    /// Every tenant's end, as of this segment.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(in super::super) fn heads(&self) -> Result<Heads, ReadError> {
        let rows = self.section(Section::Heads)?;
        let decode = |row: &[u8]| decode_head(row).ok_or_else(|| self.damaged("a head is no head"));
        rows.chunks(HEAD_BYTES).map(decode).collect()
    }

    /// The event that begins at a position.
    fn event_at(&self, at: Position) -> Result<Logged, ReadError> {
        let places = self.kept(&self.places, Section::Places)?;
        let offset = at.0.checked_sub(self.header.first.0).and_then(|place| offset(&places, place));
        let offset = offset.ok_or(ReadError::NoEventHere { position: at })?;
        let frames = self.header.frames();
        let start = frames.start + offset;
        let left = usize::try_from(frames.end.saturating_sub(start)).unwrap_or(usize::MAX);
        let mut length = EVENT_BYTES.min(left);
        loop {
            let bytes = self.source.read(start, length).map_err(failed)?;
            match event(&bytes, 0, self.header.facts.log, Some(at)) {
                Ok((logged, _)) => return Ok(logged),
                Err(error @ ReadError::NoEventHere { .. }) => return Err(error),
                Err(error) if length == left => return Err(error),
                // It may only be longer than what was read.
                Err(_) => length = length.saturating_mul(16).min(left),
            }
        }
    }

    /// The frames of some events from one on, as many as are read at once; and how many events that are.
    fn frames(&self, from: u32, end: u32) -> Result<(Bytes, u32), ReadError> {
        let starts = self.kept(&self.events, Section::Events)?;
        let missing = || self.damaged("an event has no place");
        let place = |ordinal: u32| match ordinal == self.header.events {
            true => Some(self.header.frames_bytes),
            false => offset(&starts, ordinal.into()),
        };
        let start = place(from).ok_or_else(missing)?;
        // Events lie in order, so the last that fits is found by halves.
        let (mut fits, mut beyond) = (from + 1, end + 1);
        while beyond - fits > 1 {
            let middle = fits + (beyond - fits) / 2;
            let length = place(middle).ok_or_else(missing)?.saturating_sub(start);
            if length <= RUN_BYTES_MAX as u64 { fits = middle } else { beyond = middle }
        }
        let length = place(fits).ok_or_else(missing)?.checked_sub(start).ok_or_else(missing)?;
        let length = usize::try_from(length).map_err(|_| missing())?;
        let bytes = self.source.read(self.header.frames().start + start, length).map_err(failed)?;
        Ok((bytes, fits - from))
    }

    fn decode_run(&self, row: &[u8]) -> Result<Run, ReadError> {
        TenantRow::decode(row).ok_or_else(|| self.damaged("a tenant's row is none"))
    }

    fn tenants(&self) -> Result<Bytes, ReadError> {
        self.kept(&self.tenants, Section::Tenants)
    }

    fn kept(&self, slot: &OnceLock<Bytes>, section: Section) -> Result<Bytes, ReadError> {
        if let Some(bytes) = slot.get() {
            return Ok(bytes.clone());
        }
        let bytes = self.section(section)?;
        Ok(slot.get_or_init(|| bytes).clone())
    }

    /// A section's bytes, checked.
    pub(super) fn section(&self, section: Section) -> Result<Bytes, ReadError> {
        let (range, crc) = self.header.section(section);
        let length = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        let bytes = self.source.read(range.start, length).map_err(failed)?;
        if crc32c::crc32c(&bytes) == crc {
            Ok(bytes)
        } else {
            Err(self.damaged(&format!("the checksum of its {section:?} does not fit")))
        }
    }

    pub(super) fn damaged(&self, reason: &str) -> ReadError {
        unreadable(self.header.first, self.header.facts.number, reason)
    }
}

/// One of a section's offsets.
pub(super) fn offset(section: &[u8], place: u64) -> Option<u64> {
    let start = usize::try_from(place).ok()?.checked_mul(OFFSET_BYTES)?;
    let bytes = section.get(start..)?.first_chunk()?;
    Some(u32::from_be_bytes(*bytes).into())
}

pub(super) fn failed(error: std::io::Error) -> ReadError {
    ReadError::Io { reason: error.to_string() }
}
