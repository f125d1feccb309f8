//! A lower bound of what was acknowledged: after a crash nothing below it may be missing. Written in place and not synced, after a
//! batch is durable and before anyone is told: it survives the death of the process exactly, and after a power cut it is older at
//! worst, never newer than what is durable.
//!
//! ```text
//! [8] magic 89 'r' 'c' 'a' 'c' 'k' 'd' 0a   [1] format = 1   [4] crc32c of all but this field   [16] log id
//! [8] position: one past the last acknowledged frame
//! ```

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use events::{LogId, Position};

const MAGIC: [u8; 8] = *b"\x89rcackd\n";
const FORMAT: u8 = 1;
const BYTES: usize = 8 + 1 + 4 + 16 + 8;

const _: () = assert!(BYTES == 37, "on disk: a change needs a new format");

/// The file, open for writing.
#[derive(Debug)]
pub(super) struct Acked {
    file: File,
    log: LogId,
}

/// What the file says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Everything below was acknowledged.
    At(Position),
    /// There is none.
    Absent,
    /// It is damaged, or of another log: it says nothing.
    Unreadable,
}

impl Acked {
    /// Opens or makes it; it says nothing before it is set.
    pub(super) fn open(path: &Path, log: LogId) -> io::Result<Self> {
        let file = File::options().create(true).truncate(false).write(true).open(path)?;
        Ok(Self { file, log })
    }

    /// Everything below is about to be acknowledged.
    pub(super) fn set(&self, position: Position) -> io::Result<()> {
        self.file.write_all_at(&encode(self.log, position), 0)
    }

    /// Makes it last: for an orderly end.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Reads the file.
pub(super) fn read(path: &Path, log: LogId) -> io::Result<Mark> {
    match std::fs::read(path) {
        Ok(bytes) if bytes.is_empty() => Ok(Mark::Absent),
        Ok(bytes) => Ok(decode(&bytes, log).map_or(Mark::Unreadable, Mark::At)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Mark::Absent),
        Err(error) => Err(error),
    }
}

fn encode(log: LogId, position: Position) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    let body = [&log.uuid().as_bytes()[..], &position.0.to_be_bytes()].concat();
    let head = [&MAGIC[..], &[FORMAT]].concat();
    let crc = crc32c::crc32c_append(crc32c::crc32c(&head), &body).to_be_bytes();
    let whole = head.iter().chain(&crc).chain(&body);
    bytes.iter_mut().zip(whole).for_each(|(to, from)| *to = *from);
    bytes
}

fn decode(bytes: &[u8], log: LogId) -> Option<Position> {
    let position = Position(u64::from_be_bytes(*bytes.last_chunk()?));
    (bytes == encode(log, position)).then_some(position)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    /// As release 0.1 wrote it. It must decode for ever.
    const GOLDEN: &[u8] = include_bytes!("../../golden/acked-1.bin");

    const LOG: LogId = LogId::new(Uuid::from_u128(0x0192_8c5a_7b3e_7d44_9f10_a1b2_c3d4_e5f6));
    const AT: Position = Position(0x0102_0304_0506);

    #[test]
    fn golden_bytes_decode_and_are_still_written() {
        assert_eq!(decode(GOLDEN, LOG), Some(AT));
        assert_eq!(encode(LOG, AT), GOLDEN);
    }

    #[test]
    fn every_wrong_bit_and_length_is_found() {
        for bit in 0..GOLDEN.len() * 8 {
            let mut flipped = GOLDEN.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode(&flipped, LOG), None, "bit {bit}");
        }
        for length in 0..GOLDEN.len() {
            assert_eq!(decode(&GOLDEN[..length], LOG), None, "{length} bytes");
        }
        assert_eq!(decode(GOLDEN, LogId::new(Uuid::nil())), None);
    }

    #[test]
    fn it_is_absent_set_and_unreadable() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("acked");
        assert_eq!(read(&path, LOG).unwrap(), Mark::Absent);
        let acked = Acked::open(&path, LOG).unwrap();
        assert_eq!(read(&path, LOG).unwrap(), Mark::Absent);
        for position in [AT, Position(AT.0 + 1)] {
            acked.set(position).unwrap();
            acked.sync().unwrap();
            assert_eq!(read(&path, LOG).unwrap(), Mark::At(position));
        }
        std::fs::write(&path, b"something else").unwrap();
        assert_eq!(read(&path, LOG).unwrap(), Mark::Unreadable);
    }
}
