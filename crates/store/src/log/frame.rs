//! The frame: what lies on disk for each position, readable without sled and without its neighbours.
//! Never knows what an envelope means. All numbers are big-endian.
//!
//! ```text
//! [8]  magic 89 'r' 'c' 'f' 'r' 'a' 'm' 0a
//! [1]  format = 1
//! [4]  length of bytes
//! [4]  crc32c of all of the frame but this field
//! [16] log id
//! [4]  open epoch: which start of the log wrote it
//! [8]  position
//! [8]  last position of its batch
//! [2]  part i, from 0
//! [2]  of n: an envelope larger than a frame spans several, in successive positions
//! [..] bytes
//! ```

use events::{LogId, Position};
use uuid::Uuid;

/// A frame's size on disk, at most: a page of sled must not get larger than a quarter of its segments, because what is larger
/// goes to blob files, which it never syncs.
pub const FRAME_BYTES_MAX: usize = 64 * 1024;
/// The fixed part.
pub const HEADER_BYTES: usize = 8 + 1 + 4 + 4 + 16 + 4 + 8 + 8 + 2 + 2;
/// Envelope bytes in one frame, at most.
pub const PAYLOAD_BYTES_MAX: usize = FRAME_BYTES_MAX - HEADER_BYTES;

/// What every frame begins with.
pub const MAGIC: [u8; 8] = *b"\x89rcfram\n";
const FORMAT: u8 = 1;
/// Where the length stands.
const LENGTH_AT: usize = 8 + 1;
/// Where the checksum stands.
const CRC_AT: usize = LENGTH_AT + 4;

const _: () = assert!(HEADER_BYTES == 57, "on disk: a change needs a new format");
const _: () = assert!(FRAME_BYTES_MAX == 65_536, "on disk: sled's page size depends on it");

/// A frame, its bytes borrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Which log wrote it.
    pub log: LogId,
    /// Which start of that log.
    pub epoch: u32,
    /// Its place in the log.
    pub position: Position,
    /// The last place of the batch it was written in: without that one the batch is incomplete.
    pub batch_last: Position,
    /// Which part of an envelope, from 0.
    pub part: u16,
    /// How many parts that envelope has.
    pub parts: u16,
    /// That part.
    pub bytes: &'a [u8],
}

/// The bytes are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It does not begin as one.
    #[error("no frame begins here")]
    Magic,
    /// It was written by a later release.
    #[error("a frame of format {format}, which this release does not know")]
    Format {
        /// The format it names.
        format: u8,
    },
    /// It is shorter or longer than it says.
    #[error("a frame cut short or run over")]
    Length,
    /// Its bytes are not the ones written.
    #[error("the checksum does not fit")]
    Checksum,
    /// Its numbers contradict each other.
    #[error("a part or batch that cannot be")]
    Numbers,
}

/// Appends a frame's bytes. The caller has cut the envelope: `bytes` ≤ [`PAYLOAD_BYTES_MAX`].
pub fn encode(frame: &Frame<'_>, out: &mut Vec<u8>) {
    debug_assert!(frame.bytes.len() <= PAYLOAD_BYTES_MAX, "the caller cuts envelopes");
    let start = out.len();
    out.reserve(HEADER_BYTES + frame.bytes.len());
    out.extend_from_slice(&MAGIC);
    out.push(FORMAT);
    out.extend_from_slice(&u32::try_from(frame.bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(frame.log.uuid().as_bytes());
    out.extend_from_slice(&frame.epoch.to_be_bytes());
    out.extend_from_slice(&frame.position.0.to_be_bytes());
    out.extend_from_slice(&frame.batch_last.0.to_be_bytes());
    out.extend_from_slice(&frame.part.to_be_bytes());
    out.extend_from_slice(&frame.parts.to_be_bytes());
    out.extend_from_slice(frame.bytes);
    if let Some((before, after)) = out.get_mut(start..).and_then(|f| f.split_at_mut_checked(CRC_AT))
        && let Some((crc, after)) = after.split_first_chunk_mut::<4>()
    {
        *crc = checksum(before, after).to_be_bytes();
    }
}

/// Reads a whole frame: `bytes` begins and ends with it.
///
/// # Errors
/// [`Malformed`]; every single wrong bit is found.
pub fn decode(bytes: &[u8]) -> Result<Frame<'_>, Malformed> {
    let (before, after) = bytes.split_at_checked(CRC_AT).ok_or(Malformed::Length)?;
    let mut reader = Reader(before);
    if reader.take()? != MAGIC {
        return Err(Malformed::Magic);
    }
    let [format] = reader.take()?;
    if format != FORMAT {
        return Err(Malformed::Format { format });
    }
    let length = u32::from_be_bytes(reader.take()?);
    let mut reader = Reader(after);
    let crc = u32::from_be_bytes(reader.take()?);
    let summed = reader.0;
    let frame = Frame {
        log: LogId::new(Uuid::from_bytes(reader.take()?)),
        epoch: u32::from_be_bytes(reader.take()?),
        position: Position(u64::from_be_bytes(reader.take()?)),
        batch_last: Position(u64::from_be_bytes(reader.take()?)),
        part: u16::from_be_bytes(reader.take()?),
        parts: u16::from_be_bytes(reader.take()?),
        bytes: reader.0,
    };
    if u32::try_from(frame.bytes.len()) != Ok(length) || frame.bytes.len() > PAYLOAD_BYTES_MAX {
        return Err(Malformed::Length);
    }
    if checksum(before, summed) != crc {
        return Err(Malformed::Checksum);
    }
    if frame.is_possible() { Ok(frame) } else { Err(Malformed::Numbers) }
}

/// The whole frame that these bytes begin with, if they do.
pub fn beginning(bytes: &[u8]) -> Option<Frame<'_>> {
    let (_, rest) = bytes.split_at_checked(LENGTH_AT)?;
    let length = usize::try_from(u32::from_be_bytes(*rest.first_chunk()?)).ok()?;
    decode(bytes.get(..HEADER_BYTES.checked_add(length)?)?).ok()
}

/// How many frames an envelope takes.
pub const fn count(envelope_bytes: usize) -> usize {
    if envelope_bytes == 0 { 1 } else { envelope_bytes.div_ceil(PAYLOAD_BYTES_MAX) }
}

/// An envelope cut into frames: part, of how many, bytes.
pub fn parts(envelope: &[u8]) -> impl Iterator<Item = (u16, u16, &[u8])> {
    let parts = u16::try_from(count(envelope.len())).unwrap_or(u16::MAX);
    (0..parts)
        .zip(envelope.chunks(PAYLOAD_BYTES_MAX))
        .map(move |(part, bytes)| (part, parts, bytes))
}

impl Frame<'_> {
    /// The part is one of the parts, and the envelope ends within the batch.
    fn is_possible(&self) -> bool {
        let more = self.parts.checked_sub(self.part).and_then(|left| left.checked_sub(1));
        more.and_then(|more| self.position.0.checked_add(u64::from(more)))
            .is_some_and(|envelope_last| envelope_last <= self.batch_last.0)
    }
}

fn checksum(before: &[u8], after: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(before), after)
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Malformed::Length)?;
        self.0 = rest;
        Ok(*taken)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The bytes of [`golden`] as release 0.1 wrote them. They must decode for ever.
    const GOLDEN: &[u8] = include_bytes!("../../golden/frame-1.bin");

    fn golden() -> Frame<'static> {
        Frame {
            log: LogId::new(Uuid::from_u128(0x0192_8c5a_7b3e_7d44_9f10_a1b2_c3d4_e5f6)),
            epoch: 7,
            position: Position(1_234_567),
            batch_last: Position(1_234_600),
            part: 1,
            parts: 3,
            bytes: b"an envelope's second part",
        }
    }

    fn encoded(frame: &Frame<'_>) -> Vec<u8> {
        let mut out = Vec::new();
        encode(frame, &mut out);
        out
    }

    #[test]
    fn golden_bytes_decode_and_are_still_written() {
        assert_eq!(decode(GOLDEN), Ok(golden()));
        assert_eq!(encoded(&golden()), GOLDEN);
    }

    #[test]
    fn says_what_is_wrong() {
        let check = |change: &dyn Fn(&mut Vec<u8>), expected| {
            let mut bytes = GOLDEN.to_vec();
            change(&mut bytes);
            assert_eq!(decode(&bytes), Err(expected));
        };
        check(&|b| b[0] = b'r', Malformed::Magic);
        check(&|b| b[8] = 2, Malformed::Format { format: 2 });
        check(&|b| b.push(0), Malformed::Length);
        check(&|b| b.truncate(60), Malformed::Length);
        check(&|b| b.clear(), Malformed::Length);
        check(&|b| *b.last_mut().unwrap() = 0, Malformed::Checksum);
    }

    #[test]
    fn a_frame_is_found_before_other_bytes() {
        assert_eq!(beginning(&[GOLDEN, b"what follows"].concat()), Some(golden()));
        assert_eq!(beginning(GOLDEN), Some(golden()));
        assert_eq!(beginning(&GOLDEN[..GOLDEN.len() - 1]), None);
        assert_eq!(beginning(&[b"x", GOLDEN].concat()), None);
        assert_eq!(beginning(&[]), None);
    }

    #[test]
    fn refuses_numbers_that_cannot_be() {
        let check = |change: &dyn Fn(&mut Frame<'_>)| {
            let mut frame = golden();
            change(&mut frame);
            assert_eq!(decode(&encoded(&frame)), Err(Malformed::Numbers));
        };
        check(&|f| f.part = 3);
        check(&|f| f.parts = 0);
        check(&|f| f.batch_last = f.position);
        check(&|f| f.position = Position(u64::MAX));
    }

    #[test]
    fn an_empty_envelope_takes_a_frame() {
        let cases = [(0, 1), (1, 1), (PAYLOAD_BYTES_MAX, 1), (PAYLOAD_BYTES_MAX + 1, 2)];
        for (bytes, frames) in cases {
            assert_eq!(count(bytes), frames, "{bytes} bytes");
        }
        let largest = vec![7; PAYLOAD_BYTES_MAX];
        let frame = Frame { bytes: &largest, ..golden() };
        assert_eq!(encoded(&frame).len(), FRAME_BYTES_MAX);
        assert_eq!(decode(&encoded(&frame)), Ok(frame));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            log: u128, epoch: u32, position in 0..u64::MAX / 2, after: u32, part: u16, more: u8,
            bytes in prop::collection::vec(any::<u8>(), 0..600),
        ) {
            let part = part % 1000;
            let frame = Frame {
                log: LogId::new(Uuid::from_u128(log)),
                epoch,
                position: Position(position),
                batch_last: Position(position + u64::from(more) + u64::from(after)),
                part,
                parts: part + 1 + u16::from(more),
                bytes: &bytes,
            };
            let written = encoded(&frame);
            prop_assert_eq!(decode(&written), Ok(frame));
        }

        #[test]
        fn junk_is_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(decode(&bytes).is_err());
            let behind_a_true_beginning = [&GOLDEN[..CRC_AT], &bytes].concat();
            prop_assert!(decode(&behind_a_true_beginning).is_err());
        }

        #[test]
        fn every_wrong_bit_is_found(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let whole = encoded(&Frame { bytes: &bytes, ..golden() });
            for bit in 0..whole.len() * 8 {
                let mut flipped = whole.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                prop_assert!(decode(&flipped).is_err(), "bit {bit} was missed");
            }
        }
    }
}
