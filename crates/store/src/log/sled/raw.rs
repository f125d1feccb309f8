//! Every frame that lies in a file, whatever sled would say. sled opens a damaged file as if its end had never been written; frames
//! describe themselves and are found without it. What they mean together is for `recover`.

use std::fs::File;
use std::io::{self, Read};

use bytes::Bytes;
use events::{LogId, Position};
use hashbrown::HashMap;

use super::super::frame::{self, FRAME_BYTES_MAX, HEADER_BYTES, MAGIC};

const CHUNK_BYTES: usize = 4 << 20;

/// A frame that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) epoch: u32,
    pub(super) position: Position,
    pub(super) batch_last: Position,
    pub(super) part: u16,
    pub(super) parts: u16,
    pub(super) bytes: Bytes,
}

/// The whole frames in a file – of that log, or of any – in order of position. sled writes a page anew at each change, so most lie there several times; where
/// two starts have written to one position, the later one counts.
pub(super) fn scan(file: &File, log: Option<LogId>) -> io::Result<Vec<Found>> {
    let mut found: HashMap<Position, Found> = HashMap::new();
    let mut buffer: Vec<u8> = Vec::new();
    let mut reader = file;
    loop {
        let wanted = CHUNK_BYTES.saturating_sub(buffer.len()) as u64;
        let read = reader.by_ref().take(wanted).read_to_end(&mut buffer)?;
        // A frame that isn't whole in this chunk is looked at again with the next one.
        let done =
            if read == 0 { buffer.len() } else { buffer.len().saturating_sub(FRAME_BYTES_MAX) };
        let next = search(&buffer, done, log, &mut found);
        if read == 0 {
            break;
        }
        buffer.drain(..next);
    }
    let mut found: Vec<Found> = found.into_values().collect();
    found.sort_unstable_by_key(|frame| frame.position);
    Ok(found)
}

/// Notes the frames that begin before `until`; returns where to go on.
fn search(
    bytes: &[u8],
    until: usize,
    log: Option<LogId>,
    found: &mut HashMap<Position, Found>,
) -> usize {
    let mut at = 0;
    while let Some(here) = find_magic(bytes, at).filter(|here| *here < until) {
        let Some(frame) = bytes.get(here..).and_then(frame::beginning) else {
            at = here + 1;
            continue;
        };
        at = here + HEADER_BYTES + frame.bytes.len();
        let is_news = found.get(&frame.position).is_none_or(|known| known.epoch < frame.epoch);
        if is_news && log.is_none_or(|log| log == frame.log) {
            let bytes = Bytes::copy_from_slice(frame.bytes);
            let frame::Frame { epoch, position, batch_last, part, parts, .. } = frame;
            found.insert(position, Found { epoch, position, batch_last, part, parts, bytes });
        }
    }
    at.max(until).min(bytes.len())
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
