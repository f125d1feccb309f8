//! A snapshot as bytes: what a record is, its writer says; here they are only kept whole and in order.
//!
//! ```text
//! header  [8] magic 89 'r' 'c' 's' 'n' 'a' 'p' 0a   [1] format = 1   [4] crc32c of the header but this field
//!         [16] log id   [4] incarnation   [4] version of the records   [64] stream, padded with 0   [8] its last seq
//! block   [4] length   [4] crc32c of [4] the block's number, from 0, and of the bytes   [..] records: [4] length [..] bytes
//! …
//! end     [4] 0   [4] crc32c of [4] how many blocks there were
//! ```
//!
//! All numbers are big-endian. A record lies in one block.

use std::io::{self, Read, Write};

use bytes::Bytes;
use events::{LogId, Seq, TenantId};

const MAGIC: [u8; 8] = *b"\x89rcsnap\n";
const FORMAT: u8 = 1;
const STREAM_BYTES: usize = 64;
const REST_BYTES: usize = 16 + 4 + 4 + STREAM_BYTES + 8;
const HEADER_BYTES: usize = MAGIC.len() + 1 + 4 + REST_BYTES;
/// A fuller block is written.
const BLOCK_BYTES: usize = 1 << 20;

const _: () = assert!(HEADER_BYTES == 109, "on disk: a change needs a new format");

/// What a snapshot is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) log: LogId,
    pub(super) incarnation: u32,
    /// The version of what the records say.
    pub(super) records: u32,
    pub(super) stream: TenantId,
    pub(super) seq: Seq,
}

impl Header {
    fn encode(&self) -> Vec<u8> {
        let mut rest = Vec::with_capacity(REST_BYTES);
        rest.extend_from_slice(self.log.uuid().as_bytes());
        rest.extend_from_slice(&self.incarnation.to_be_bytes());
        rest.extend_from_slice(&self.records.to_be_bytes());
        rest.extend_from_slice(self.stream.as_str().as_bytes());
        rest.resize(16 + 4 + 4 + STREAM_BYTES, 0);
        rest.extend_from_slice(&self.seq.0.to_be_bytes());
        let mut out = MAGIC.to_vec();
        out.push(FORMAT);
        let crc = crc32c::crc32c_append(crc32c::crc32c(&out), &rest);
        out.extend_from_slice(&crc.to_be_bytes());
        out.extend_from_slice(&rest);
        out
    }
}

/// Writes a snapshot whole.
pub(super) fn write(
    out: &mut dyn Write,
    header: &Header,
    records: impl Iterator<Item = Vec<u8>>,
) -> io::Result<()> {
    out.write_all(&header.encode())?;
    let mut blocks = Blocks { out, count: 0, block: Vec::with_capacity(BLOCK_BYTES) };
    for record in records {
        blocks.push(&record)?;
    }
    blocks.end()
}

struct Blocks<'o> {
    out: &'o mut dyn Write,
    count: u32,
    block: Vec<u8>,
}

impl Blocks<'_> {
    fn push(&mut self, record: &[u8]) -> io::Result<()> {
        if !self.block.is_empty() && self.block.len() + record.len() > BLOCK_BYTES {
            self.flush()?;
        }
        self.block.extend_from_slice(&length(record)?.to_be_bytes());
        self.block.extend_from_slice(record);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let crc = crc_of(self.count, &self.block);
        self.out.write_all(&length(&self.block)?.to_be_bytes())?;
        self.out.write_all(&crc.to_be_bytes())?;
        self.out.write_all(&self.block)?;
        self.block.clear();
        self.count += 1;
        Ok(())
    }

    fn end(mut self) -> io::Result<()> {
        if !self.block.is_empty() {
            self.flush()?;
        }
        self.out.write_all(&0_u32.to_be_bytes())?;
        self.out.write_all(&crc_of(self.count, &[]).to_be_bytes())
    }
}

/// Reads a snapshot that must be the one that `expected` says, record by record. The records count only once this returns.
///
/// # Errors
/// `InvalidData` when a byte of it is not what was written, or `take` refuses a record; what reading says.
pub(super) fn read(
    input: &mut dyn Read,
    expected: &Header,
    length_max: u64,
    take: &mut dyn FnMut(Bytes) -> Result<(), String>,
) -> io::Result<()> {
    let mut header = [0; HEADER_BYTES];
    input.read_exact(&mut header)?;
    if header[..] != expected.encode()[..] {
        return Err(damaged("it is of something else".into()));
    }
    for number in 0.. {
        let (length, crc) = (read_number(input)?, read_number(input)?);
        if u64::from(length) > length_max {
            return Err(damaged(format!("block {number} is longer than the file")));
        }
        let mut block = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
        input.read_exact(&mut block)?;
        if crc_of(number, &block) != crc {
            return Err(damaged(format!("the checksum of block {number} does not fit")));
        }
        if block.is_empty() {
            break;
        }
        take_records(block.into(), take)?;
    }
    match input.read(&mut [0])? {
        0 => Ok(()),
        _ => Err(damaged("something lies behind its end".into())),
    }
}

fn take_records(
    mut block: Bytes,
    take: &mut dyn FnMut(Bytes) -> Result<(), String>,
) -> io::Result<()> {
    let cut = || damaged("a record is cut short".into());
    while let Some((length, _)) = block.split_first_chunk() {
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| cut())?;
        let mut record = block.split_off(size_of::<u32>());
        if length > record.len() {
            return Err(cut());
        }
        block = record.split_off(length);
        take(record).map_err(damaged)?;
    }
    if block.is_empty() { Ok(()) } else { Err(cut()) }
}

/// The block's place counts: blocks can't change places unseen.
fn crc_of(number: u32, block: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&number.to_be_bytes()), block)
}

fn read_number(input: &mut dyn Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    input.read_exact(&mut bytes)?;
    Ok(u32::from_be_bytes(bytes))
}

fn length(bytes: &[u8]) -> io::Result<u32> {
    let too_long = |_| io::Error::new(io::ErrorKind::InvalidInput, "a record beyond 4 GiB");
    u32::try_from(bytes.len()).map_err(too_long)
}

fn damaged(reason: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}
