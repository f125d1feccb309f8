//! Snapshots of streams, beside the log: one file each, replaced whole. A cache: whatever is wrong with one, it is removed and the log
//! is read instead. Knows nothing of what its records say.

mod format;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use events::{LogId, Seq, TenantId};
use parking_lot::Mutex;

use self::format::Header;
use crate::home::{self, Steady};
use crate::log::Log;
use crate::torture;

/// Beside the log, in the data directory.
const DIRECTORY: &str = "snapshots";
const BUFFER_BYTES: usize = 1 << 18;

/// The snapshots of one log's streams: the newest of each.
#[derive(Debug)]
pub struct Snapshots {
    place: Place,
    log: LogId,
    incarnation: u32,
    known: Mutex<BTreeMap<TenantId, Known>>,
}

/// Where a stream's snapshot stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// The last event in it.
    pub seq: Seq,
    /// Its length.
    pub bytes: u64,
}

#[derive(Debug)]
enum Place {
    Directory(PathBuf),
    /// For the log in memory.
    Memory(Mutex<BTreeMap<TenantId, Bytes>>),
}

impl Snapshots {
    /// Those of a log, in its data directory. What was not finished is removed.
    ///
    /// # Errors
    /// What the system says; the log can do without.
    pub fn open(data: &Path, log: &dyn Log) -> io::Result<Self> {
        let dir = data.join(DIRECTORY);
        fs::create_dir_all(&dir)?;
        let mut known: BTreeMap<TenantId, Known> = BTreeMap::new();
        for entry in fs::read_dir(&dir)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some((stream, seq)) = name.to_str().and_then(parse) else {
                fs::remove_file(entry.path())?;
                continue;
            };
            let newest = Known { seq, bytes: entry.metadata()?.len() };
            let older = match known.get(&stream) {
                Some(other) if other.seq > seq => Some(seq),
                _ => known.insert(stream.clone(), newest).map(|older| older.seq),
            };
            if let Some(older) = older {
                fs::remove_file(dir.join(name_of(&stream, older)))?;
            }
        }
        let (log, incarnation) = (log.id(), log.incarnation());
        Ok(Self { place: Place::Directory(dir), log, incarnation, known: Mutex::new(known) })
    }

    /// None yet, in memory.
    pub fn in_memory(log: &dyn Log) -> Self {
        let place = Place::Memory(Mutex::default());
        Self { place, log: log.id(), incarnation: log.incarnation(), known: Mutex::default() }
    }

    /// Where a stream's snapshot stands, if it has one.
    pub fn newest(&self, stream: &TenantId) -> Option<Known> {
        self.known.lock().get(stream).copied()
    }

    /// How many there are, and their bytes.
    pub fn totals(&self) -> (usize, u64) {
        let known = self.known.lock();
        (known.len(), known.values().map(|it| it.bytes).sum())
    }

    /// Puts a stream's newest snapshot in place of the one before. Everything in it must be durable in the log: `seq` is the last event in
    /// it. `version` is of what the records say.
    ///
    /// # Errors
    /// What the system says; the one before stays then.
    pub fn save(
        &self,
        stream: &TenantId,
        (seq, version): (Seq, u32),
        records: impl Iterator<Item = Vec<u8>>,
    ) -> io::Result<()> {
        let header = self.header(stream, (seq, version));
        let bytes = match &self.place {
            Place::Directory(dir) => save_file(dir, &header, records)?,
            Place::Memory(files) => {
                let mut out = Vec::new();
                format::write(&mut out, &header, records)?;
                let bytes = out.len() as u64;
                files.lock().insert(stream.clone(), out.into());
                bytes
            }
        };
        let older = self.known.lock().insert(stream.clone(), Known { seq, bytes });
        if let Some(older) = older.filter(|older| older.seq != seq) {
            self.remove_file(stream, older.seq);
        }
        Ok(())
    }

    /// Gives the records of a stream's snapshot one by one, and its last event's number. They count only if that is given: the
    /// snapshot is removed otherwise, as it is if it goes beyond `durable`, is of another version, log or incarnation, or if `take` refuses
    /// a record.
    pub fn read(
        &self,
        stream: &TenantId,
        (durable, version): (Seq, u32),
        take: &mut dyn FnMut(Bytes) -> Result<(), String>,
    ) -> Option<Seq> {
        let Known { seq, .. } = self.newest(stream)?;
        let header = self.header(stream, (seq, version));
        let read = if seq > durable {
            Err(io::Error::new(io::ErrorKind::InvalidData, "it goes beyond what is durable"))
        } else {
            self.read_all(&header, take)
        };
        match read {
            Ok(()) => Some(seq),
            Err(error) => {
                tracing::warn!(%error, tenant.id = %stream, event.seq = %seq, "a snapshot can't be used: the log is read");
                self.remove(stream);
                None
            }
        }
    }

    /// Removes a stream's snapshot, if it has one.
    pub fn remove(&self, stream: &TenantId) {
        let known = self.known.lock().remove(stream);
        if let Some(known) = known {
            self.remove_file(stream, known.seq);
        }
    }

    /// Removes all.
    pub fn remove_all(&self) {
        let known: Vec<TenantId> = self.known.lock().keys().cloned().collect();
        known.iter().for_each(|stream| self.remove(stream));
    }

    fn read_all(
        &self,
        header: &Header,
        take: &mut dyn FnMut(Bytes) -> Result<(), String>,
    ) -> io::Result<()> {
        match &self.place {
            Place::Directory(dir) => {
                let file = File::open(dir.join(name_of(&header.stream, header.seq)))?;
                let length = file.metadata()?.len();
                format::read(
                    &mut BufReader::with_capacity(BUFFER_BYTES, file),
                    header,
                    length,
                    take,
                )
            }
            Place::Memory(files) => {
                let bytes = files.lock().get(&header.stream).cloned().unwrap_or_default();
                format::read(&mut &bytes[..], header, bytes.len() as u64, take)
            }
        }
    }

    fn remove_file(&self, stream: &TenantId, seq: Seq) {
        let Place::Directory(dir) = &self.place else { return };
        if let Err(error) = fs::remove_file(dir.join(name_of(stream, seq))) {
            tracing::warn!(%error, tenant.id = %stream, event.seq = %seq, "a snapshot could not be removed");
        }
    }

    fn header(&self, stream: &TenantId, (seq, records): (Seq, u32)) -> Header {
        let (log, incarnation) = (self.log, self.incarnation);
        Header { log, incarnation, records, stream: stream.clone(), seq }
    }
}

fn save_file(
    dir: &Path,
    header: &Header,
    records: impl Iterator<Item = Vec<u8>>,
) -> io::Result<u64> {
    let path = dir.join(name_of(&header.stream, header.seq));
    let unfinished = path.with_extension("tmp");
    let mut out = BufWriter::with_capacity(BUFFER_BYTES, Steady::create(&unfinished)?);
    format::write(&mut out, header, records)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    torture::point("snapshot.written");
    let bytes = file.finish()?;
    fs::rename(&unfinished, &path)?;
    torture::point("snapshot.renamed");
    home::sync(dir)?;
    Ok(bytes)
}

/// `acme.00000000000000012345`: a stream's id has no dot.
fn name_of(stream: &TenantId, seq: Seq) -> String {
    format!("{stream}.{:020}", seq.0)
}

fn parse(name: &str) -> Option<(TenantId, Seq)> {
    let (stream, seq) = name.split_once('.').filter(|(_, seq)| seq.len() == 20)?;
    Some((TenantId::from_stored(stream).ok()?, Seq(seq.parse().ok()?)))
}
