//! The fixed parts of a segment as bytes: header, rows, footer. Does no IO.

use std::ops::Range;

use events::{LogId, Position, Seq, TenantId};
use uuid::Uuid;

use super::super::ReadError;
use super::{Facts, Head, Sealed};

const MAGIC: [u8; 8] = *b"\x89rcsegm\n";
const FORMAT: u8 = 1;
const END_MAGIC: [u8; 8] = *b"\x89rcsend\n";

pub(super) const HEADER_BYTES: usize = 8 + 1 + 4 + 16 + 4 + 4 + 8 + 8 + 4 + 8 + 4 + 4 + 4 * 4;
const CRC_AT: usize = 8 + 1;
pub(super) const OFFSET_BYTES: usize = 4;
const ID_BYTES: usize = 64;
pub(super) const TENANT_BYTES: usize = ID_BYTES + 8 + 4 + 4 + 4;
pub(super) const HEAD_BYTES: usize = ID_BYTES + 8 + 4;
pub(super) const FOOTER_BYTES: usize = 8 + 32;
/// In place of a segment's number: there is none.
const NONE: u32 = u32::MAX;

const _: () = assert!(HEADER_BYTES == 89, "on disk: a change needs a new format");
const _: () = assert!(TENANT_BYTES == 84 && HEAD_BYTES == 76, "on disk");

/// A section between frames and footer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Places,
    Events,
    Tenants,
    Heads,
}

/// What a segment begins with.
///
/// ```text
/// [8] magic 89 'r' 'c' 's' 'e' 'g' 'm' 0a   [1] format = 1   [4] crc32c of the header but this field
/// [16] log id   [4] incarnation   [4] number   [8] first position   [8] end position   [4] events
/// [8] bytes of frames   [4] tenants   [4] heads   [4] crc32c each of places, events, tenants, heads
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) facts: Facts,
    pub(super) first: Position,
    pub(super) end: Position,
    pub(super) events: u32,
    pub(super) frames_bytes: u64,
    pub(super) tenants: u32,
    pub(super) heads: u32,
    pub(super) crcs: [u32; 4],
}

impl Header {
    pub(super) fn encode(&self) -> Vec<u8> {
        let Facts { log, incarnation, number } = self.facts;
        let mut out = Vec::with_capacity(HEADER_BYTES);
        out.extend_from_slice(&MAGIC);
        out.push(FORMAT);
        let mut rest = Vec::with_capacity(HEADER_BYTES);
        rest.extend_from_slice(log.uuid().as_bytes());
        rest.extend_from_slice(&incarnation.to_be_bytes());
        rest.extend_from_slice(&number.to_be_bytes());
        rest.extend_from_slice(&self.first.0.to_be_bytes());
        rest.extend_from_slice(&self.end.0.to_be_bytes());
        rest.extend_from_slice(&self.events.to_be_bytes());
        rest.extend_from_slice(&self.frames_bytes.to_be_bytes());
        rest.extend_from_slice(&self.tenants.to_be_bytes());
        rest.extend_from_slice(&self.heads.to_be_bytes());
        self.crcs.iter().for_each(|crc| rest.extend_from_slice(&crc.to_be_bytes()));
        let crc = crc32c::crc32c_append(crc32c::crc32c(&out), &rest);
        out.extend_from_slice(&crc.to_be_bytes());
        out.extend_from_slice(&rest);
        out
    }

    /// What is wrong is said; every single wrong bit is found.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, &'static str> {
        let cut = "the header is cut short";
        let (start, rest) = bytes.split_at_checked(CRC_AT).ok_or(cut)?;
        let mut reader = Reader(rest);
        let crc = reader.u32().ok_or(cut)?;
        if !start.starts_with(&MAGIC) {
            return Err("no segment begins so");
        }
        if start.last() != Some(&FORMAT) {
            return Err("a segment of a format that this release does not know");
        }
        if crc32c::crc32c_append(crc32c::crc32c(start), reader.0) != crc {
            return Err("the header's checksum does not fit");
        }
        reader.header().ok_or(cut)
    }

    pub(super) fn section(&self, section: Section) -> (Range<u64>, u32) {
        let [places, events, tenants, heads] = self.crcs;
        let lengths = self.lengths();
        let (place, crc) = match section {
            Section::Places => (0, places),
            Section::Events => (1, events),
            Section::Tenants => (2, tenants),
            Section::Heads => (3, heads),
        };
        let before: u64 = lengths.iter().take(place).sum();
        let start = self.frames().end + before;
        (start..start + lengths.get(place).copied().unwrap_or(0), crc)
    }

    pub(super) const fn frames(&self) -> Range<u64> {
        let start = HEADER_BYTES as u64;
        start..start + self.frames_bytes
    }

    /// Where the footer begins.
    pub(super) fn footer(&self) -> u64 {
        self.frames().end + self.lengths().iter().sum::<u64>()
    }

    pub(super) fn sealed(&self) -> Sealed {
        Sealed {
            number: self.facts.number,
            first: self.first,
            end: self.end,
            events: self.events,
            bytes: self.footer() + FOOTER_BYTES as u64,
        }
    }

    fn lengths(&self) -> [u64; 4] {
        [
            (self.end.0 - self.first.0) * OFFSET_BYTES as u64,
            u64::from(self.events) * OFFSET_BYTES as u64,
            u64::from(self.tenants) * TENANT_BYTES as u64,
            u64::from(self.heads) * HEAD_BYTES as u64,
        ]
    }
}

/// A tenant's part of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct TenantRow {
    pub(in super::super) tenant: TenantId,
    pub(in super::super) first: Seq,
    pub(in super::super) count: u32,
    pub(in super::super) ordinal: u32,
    pub(in super::super) previous: Option<u32>,
}

impl TenantRow {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        push_id(&self.tenant, out);
        out.extend_from_slice(&self.first.0.to_be_bytes());
        out.extend_from_slice(&self.count.to_be_bytes());
        out.extend_from_slice(&self.ordinal.to_be_bytes());
        out.extend_from_slice(&self.previous.unwrap_or(NONE).to_be_bytes());
    }

    pub(super) fn decode(row: &[u8]) -> Option<Self> {
        let (id, rest) = row.split_first_chunk::<ID_BYTES>()?;
        let mut reader = Reader(rest);
        Some(Self {
            tenant: TenantId::from_stored(std::str::from_utf8(unpadded(id)).ok()?).ok()?,
            first: Seq(reader.u64()?),
            count: reader.u32()?,
            ordinal: reader.u32()?,
            previous: Some(reader.u32()?).filter(|number| *number != NONE),
        })
    }
}

/// The id that a row of tenants or heads begins with.
pub(super) fn id_of(row: &[u8]) -> &[u8] {
    row.first_chunk::<ID_BYTES>().map_or(&[], |id| unpadded(id))
}

pub(super) fn encode_head(tenant: &TenantId, head: Head, out: &mut Vec<u8>) {
    push_id(tenant, out);
    out.extend_from_slice(&head.seq.0.to_be_bytes());
    out.extend_from_slice(&head.segment.to_be_bytes());
}

pub(super) fn decode_head(row: &[u8]) -> Option<(TenantId, Head)> {
    let (id, rest) = row.split_first_chunk::<ID_BYTES>()?;
    let tenant = TenantId::from_stored(std::str::from_utf8(unpadded(id)).ok()?).ok()?;
    let mut reader = Reader(rest);
    Some((tenant, Head { seq: Seq(reader.u64()?), segment: reader.u32()? }))
}

pub(super) fn footer(sha256: [u8; 32]) -> Vec<u8> {
    [&END_MAGIC[..], &sha256].concat()
}

/// The hash that a footer holds.
pub(super) fn decode_footer(bytes: &[u8]) -> Option<[u8; 32]> {
    bytes.strip_prefix(&END_MAGIC)?.try_into().ok()
}

/// A segment that isn't what was written.
pub(in super::super) fn unreadable(position: Position, number: u32, reason: &str) -> ReadError {
    ReadError::Integrity { position, reason: format!("segment {number:08}: {reason}") }
}

fn push_id(tenant: &TenantId, out: &mut Vec<u8>) {
    let end = out.len() + ID_BYTES;
    out.extend_from_slice(tenant.as_str().as_bytes());
    out.resize(end, 0);
}

fn unpadded(id: &[u8; ID_BYTES]) -> &[u8] {
    let length = id.iter().position(|byte| *byte == 0).unwrap_or(ID_BYTES);
    id.get(..length).unwrap_or_default()
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn header(&mut self) -> Option<Header> {
        let facts = Facts {
            log: LogId::new(Uuid::from_bytes(self.take()?)),
            incarnation: self.u32()?,
            number: self.u32()?,
        };
        let (first, end) = (Position(self.u64()?), Position(self.u64()?));
        let (events, frames_bytes) = (self.u32()?, self.u64()?);
        let (tenants, heads) = (self.u32()?, self.u32()?);
        let crcs = [self.u32()?, self.u32()?, self.u32()?, self.u32()?];
        let header = Header { facts, first, end, events, frames_bytes, tenants, heads, crcs };
        (self.0.is_empty() && first < end).then_some(header)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }
}
