//! A position of a log, noted in a file of its own. Written in place and not synced: it survives the death of the process exactly, and
//! after a power cut it is older at worst.
//!
//! ```text
//! [8] magic 89 'r' 'c' 'a' 'c' 'k' 'd' 0a or 89 'r' 'c' 'r' 'l' 'y' 'd' 0a   [1] format = 1   [4] crc32c of all but this field
//! [16] log id   [8] position
//! ```

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use events::{LogId, Position};

const FORMAT: u8 = 1;
const BYTES: usize = 8 + 1 + 4 + 16 + 8;

const _: () = assert!(BYTES == 37, "on disk: a change needs a new format");

/// What a position means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A lower bound of what was acknowledged: after a crash nothing below it may be missing. Written after a batch is durable and before
    /// anyone is told, so it is never beyond what is durable.
    Acked,
    /// Up to where everything was relayed, at least.
    Relayed,
}

impl Kind {
    const fn magic(self) -> [u8; 8] {
        match self {
            Self::Acked => *b"\x89rcackd\n",
            Self::Relayed => *b"\x89rcrlyd\n",
        }
    }
}

/// The file, open for writing.
#[derive(Debug)]
pub struct Note {
    file: File,
    kind: Kind,
    log: LogId,
}

/// What the file says.
#[derive(Debug, PartialEq, Eq)]
pub enum Mark {
    /// Everything below is.
    At(Position),
    /// There is none.
    Absent,
    /// It is damaged, or of another log: it says nothing.
    Unreadable,
}

impl Note {
    /// Opens or makes it; it says nothing before it is set.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(path: &Path, kind: Kind, log: LogId) -> io::Result<Self> {
        let file = File::options().create(true).truncate(false).write(true).open(path)?;
        Ok(Self { file, kind, log })
    }

    /// Notes a position.
    ///
    /// # Errors
    /// What the system says.
    pub fn set(&self, position: Position) -> io::Result<()> {
        self.file.write_all_at(&encode(self.kind, self.log, position), 0)
    }

    /// Makes it last: for an orderly end.
    ///
    /// # Errors
    /// What the system says.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// Reads the file.
///
/// # Errors
/// What the system says; that there is no file is none.
pub fn read(path: &Path, kind: Kind, log: LogId) -> io::Result<Mark> {
    match std::fs::read(path) {
        Ok(bytes) if bytes.is_empty() => Ok(Mark::Absent),
        Ok(bytes) => Ok(decode(&bytes, kind, log).map_or(Mark::Unreadable, Mark::At)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Mark::Absent),
        Err(error) => Err(error),
    }
}

fn encode(kind: Kind, log: LogId, position: Position) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    let body = [&log.uuid().as_bytes()[..], &position.0.to_be_bytes()].concat();
    let head = [&kind.magic()[..], &[FORMAT]].concat();
    let crc = crc32c::crc32c_append(crc32c::crc32c(&head), &body).to_be_bytes();
    let whole = head.iter().chain(&crc).chain(&body);
    bytes.iter_mut().zip(whole).for_each(|(to, from)| *to = *from);
    bytes
}

fn decode(bytes: &[u8], kind: Kind, log: LogId) -> Option<Position> {
    let position = Position(u64::from_be_bytes(*bytes.last_chunk()?));
    (bytes == encode(kind, log, position)).then_some(position)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    /// As release 0.1 wrote it. It must decode for ever.
    const GOLDEN: &[u8] = include_bytes!("../golden/acked-1.bin");

    const LOG: LogId = LogId::new(Uuid::from_u128(0x0192_8c5a_7b3e_7d44_9f10_a1b2_c3d4_e5f6));
    const AT: Position = Position(0x0102_0304_0506);

    #[test]
    fn golden_bytes_decode_and_are_still_written() {
        assert_eq!(decode(GOLDEN, Kind::Acked, LOG), Some(AT));
        assert_eq!(encode(Kind::Acked, LOG, AT), GOLDEN);
    }

    #[test]
    fn every_wrong_bit_and_length_is_found() {
        for bit in 0..GOLDEN.len() * 8 {
            let mut flipped = GOLDEN.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode(&flipped, Kind::Acked, LOG), None, "bit {bit}");
        }
        for length in 0..GOLDEN.len() {
            assert_eq!(decode(&GOLDEN[..length], Kind::Acked, LOG), None, "{length} bytes");
        }
        assert_eq!(decode(GOLDEN, Kind::Acked, LogId::new(Uuid::nil())), None);
        assert_eq!(decode(GOLDEN, Kind::Relayed, LOG), None);
    }

    #[test]
    fn it_is_absent_set_and_unreadable() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("acked");
        assert_eq!(read(&path, Kind::Acked, LOG).unwrap(), Mark::Absent);
        let note = Note::open(&path, Kind::Acked, LOG).unwrap();
        assert_eq!(read(&path, Kind::Acked, LOG).unwrap(), Mark::Absent);
        for position in [AT, Position(AT.0 + 1)] {
            note.set(position).unwrap();
            note.sync().unwrap();
            assert_eq!(read(&path, Kind::Acked, LOG).unwrap(), Mark::At(position));
        }
        std::fs::write(&path, b"something else").unwrap();
        assert_eq!(read(&path, Kind::Acked, LOG).unwrap(), Mark::Unreadable);
    }
}
