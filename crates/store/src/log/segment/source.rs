//! Where a segment's bytes are: in a file, or in memory.

use std::fs::File;
use std::io;

use bytes::Bytes;
use rustix::buffer::spare_capacity;
use rustix::io::{Errno, pread};

/// Bytes that are read from any place, by any thread.
#[derive(Debug)]
pub(in super::super) enum Source {
    /// A file.
    File(File),
    /// Memory: for the log in memory, and for tests that damage it.
    Memory(Bytes),
}

impl Source {
    /// How many bytes there are.
    pub(super) fn length(&self) -> io::Result<u64> {
        match self {
            Self::File(file) => Ok(file.metadata()?.len()),
            Self::Memory(bytes) => Ok(bytes.len() as u64),
        }
    }

    /// Exactly that many bytes from there.
    pub(in super::super) fn read(&self, offset: u64, length: usize) -> io::Result<Bytes> {
        match self {
            Self::File(file) => {
                // Room that is not written twice: a replay is mostly this and what follows it.
                let mut bytes = Vec::with_capacity(length);
                while bytes.len() < length {
                    let from = offset + bytes.len() as u64;
                    match pread(file, spare_capacity(&mut bytes), from) {
                        Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                        Ok(_) | Err(Errno::INTR) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                bytes.truncate(length);
                Ok(bytes.into())
            }
            Self::Memory(bytes) => {
                let start = usize::try_from(offset).ok();
                let range = start.and_then(|start| Some(start..start.checked_add(length)?));
                let range = range.filter(|range| range.end <= bytes.len());
                range
                    .map(|range| bytes.slice(range))
                    .ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
            }
        }
    }
}
