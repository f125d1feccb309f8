//! A generation's events → a segment. Sizes are worked out first, so that the file is written from front to back.

use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::super::frame::{self, Frame, HEADER_BYTES as FRAME_HEADER_BYTES};
use super::super::recent::Kept;
use super::format::{Header, TenantRow, encode_head, footer};
use super::{Facts, Head, Heads, Sealed};

/// Writes the events – in order of position, at least one – as a segment.
///
/// `heads` are of the segments before; afterwards they are of this one too.
///
/// # Errors
/// What writing says; `InvalidInput` when there is no event, or more than an offset can say.
pub(in super::super) fn write(
    out: &mut dyn Write,
    facts: Facts,
    events: &[Kept],
    heads: &mut Heads,
) -> io::Result<Sealed> {
    let (Some(first), Some(last)) = (events.first(), events.last()) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a segment without events"));
    };
    let plan = Plan::of(facts.number, events, heads)?;
    let sections = [&plan.places, &plan.events, &plan.tenants, &plan.heads];
    let header = Header {
        facts,
        first: first.logged.position,
        end: last.logged.next,
        events: narrow(events.len())?,
        frames_bytes: plan.frames_bytes,
        tenants: narrow(plan.tenant_count)?,
        heads: narrow(heads.len())?,
        crcs: sections.map(|section| crc32c::crc32c(section)),
    };
    let mut out = Hashing { out, sha256: Sha256::new() };
    out.write_all(&header.encode())?;
    let mut scratch = Vec::new();
    for event in &plan.order {
        scratch.clear();
        encode(event, facts, &mut scratch);
        out.write_all(&scratch)?;
    }
    for section in sections {
        out.write_all(section)?;
    }
    let Hashing { out, sha256 } = out;
    out.write_all(&footer(sha256.finalize().into()))?;
    Ok(header.sealed())
}

/// All of a segment but its frames' bytes.
struct Plan<'e> {
    /// By tenant, then by seq.
    order: Vec<&'e Kept>,
    frames_bytes: u64,
    places: Vec<u8>,
    events: Vec<u8>,
    tenants: Vec<u8>,
    tenant_count: usize,
    heads: Vec<u8>,
}

impl<'e> Plan<'e> {
    fn of(number: u32, events: &'e [Kept], heads: &mut Heads) -> io::Result<Self> {
        let mut order: Vec<&Kept> = events.iter().collect();
        order.sort_by(|a, b| (a.tenant.as_str(), a.seq).cmp(&(b.tenant.as_str(), b.seq)));
        let first = events.first().map_or(0, |event| event.logged.position.0);
        let frames = events.last().map_or(0, |event| event.logged.next.0 - first);
        let mut places = vec![0_u32; usize::try_from(frames).unwrap_or(0)];
        let mut starts = Vec::with_capacity(events.len());
        let mut offset = 0_usize;
        for event in &order {
            starts.push(narrow(offset)?);
            let place = usize::try_from(event.logged.position.0 - first).unwrap_or(0);
            let parts = frame::parts(&event.logged.envelope);
            for (cell, (_, _, bytes)) in places.iter_mut().skip(place).zip(parts) {
                *cell = narrow(offset)?;
                offset += FRAME_HEADER_BYTES + bytes.len();
            }
        }
        let rows = rows(number, &order, heads)?;
        let mut tenants = Vec::new();
        rows.iter().for_each(|row| row.encode(&mut tenants));
        let mut ends = Vec::new();
        heads.iter().for_each(|(tenant, head)| encode_head(tenant, *head, &mut ends));
        Ok(Self {
            order,
            frames_bytes: offset as u64,
            places: places.iter().flat_map(|place| place.to_be_bytes()).collect(),
            events: starts.iter().flat_map(|start| start.to_be_bytes()).collect(),
            tenants,
            tenant_count: rows.len(),
            heads: ends,
        })
    }
}

/// A row for each tenant; moves the heads on.
fn rows(number: u32, order: &[&Kept], heads: &mut Heads) -> io::Result<Vec<TenantRow>> {
    let mut rows: Vec<TenantRow> = Vec::new();
    for (ordinal, event) in order.iter().enumerate() {
        match rows.last_mut().filter(|row| row.tenant == event.tenant) {
            Some(row) => row.count += 1,
            None => rows.push(TenantRow {
                tenant: event.tenant.clone(),
                first: event.seq,
                count: 1,
                ordinal: narrow(ordinal)?,
                previous: heads.get(&event.tenant).map(|head| head.segment),
            }),
        }
        let head = Head { seq: event.seq, segment: number };
        // Looked up above before it is put in: `previous` is of the segments before.
        if order.get(ordinal + 1).is_none_or(|next| next.tenant != event.tenant) {
            heads.insert(event.tenant.clone(), head);
        }
    }
    Ok(rows)
}

/// The frames of an event, as they were appended.
fn encode(event: &Kept, facts: Facts, out: &mut Vec<u8>) {
    let (log, epoch, batch_last) = (facts.log, event.epoch, event.batch_last);
    let mut position = event.logged.position;
    for (part, parts, bytes) in frame::parts(&event.logged.envelope) {
        frame::encode(&Frame { log, epoch, position, batch_last, part, parts, bytes }, out);
        position.0 += 1;
    }
}

fn narrow(number: usize) -> io::Result<u32> {
    let too_large = |_| io::Error::new(io::ErrorKind::InvalidInput, "a segment beyond 4 GiB");
    u32::try_from(number).map_err(too_large)
}

/// Hashes what it passes on.
struct Hashing<'o> {
    out: &'o mut dyn Write,
    sha256: Sha256,
}

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.sha256.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
