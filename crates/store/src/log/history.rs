//! The sealed segments in order: which there are, and reading across them. Few are open at a time; which tenant's events lie in which
//! is remembered for those that are being read.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use events::{LogId, Position, Seq, TenantId};
use parking_lot::{Mutex, RwLock};

use super::ReadError;
use super::recent::{Kept, Page};
use super::segment::{self, Facts, Head, Heads, Run, Sealed, Segment, Source, unreadable};

/// Segments that are open at a time.
const OPEN_MAX: usize = 16;
/// Tenants whose places are remembered.
const CHAINS_MAX: usize = 256;

/// All segments of one log.
#[derive(Debug)]
pub(super) struct History {
    place: Place,
    log: LogId,
    sealed: RwLock<Contents>,
    open: Mutex<VecDeque<(u32, Arc<Segment>)>>,
    chains: Mutex<HashMap<TenantId, Chain>>,
}

/// Where segments lie.
#[derive(Debug)]
enum Place {
    /// The log's directory.
    Directory(PathBuf),
    /// Those of the log in memory, by number.
    Memory(Mutex<BTreeMap<u32, Bytes>>),
}

#[derive(Debug, Default)]
struct Contents {
    /// In order of position.
    segments: Vec<Sealed>,
    heads: Heads,
}

impl Contents {
    /// What the next segment goes on from: position, number, every tenant's end.
    fn next(&self) -> (Position, u32, Heads) {
        let last = self.segments.last();
        let (end, number) = last.map_or((Position(0), 0), |last| (last.end, last.number + 1));
        (end, number, self.heads.clone())
    }
}

/// A tenant's parts from some segment on to the last, in order.
type Chain = Arc<Vec<(u32, Run)>>;

/// The file of a segment.
pub(super) fn file_of(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("seg-{number:08}"))
}

impl History {
    /// No segments yet, in the log's directory.
    pub(super) fn new(dir: PathBuf, log: LogId) -> Self {
        Self::at(Place::Directory(dir), log)
    }

    /// No segments yet, in memory.
    pub(super) fn in_memory(log: LogId) -> Self {
        Self::at(Place::Memory(Mutex::default()), log)
    }

    fn at(place: Place, log: LogId) -> Self {
        let (sealed, open, chains) = Default::default();
        Self { place, log, sealed, open, chains }
    }

    /// Seals events – in order of position, behind the last segment – in memory.
    pub(super) fn seal_in_memory(&self, events: &[Kept]) -> io::Result<()> {
        let Place::Memory(files) = &self.place else {
            return Err(io::ErrorKind::Unsupported.into());
        };
        let (_, number, mut heads) = self.sealed.read().next();
        let (bytes, sealed) =
            encode(Facts { log: self.log, incarnation: 1, number }, events, &mut heads)?;
        files.lock().insert(number, bytes);
        self.add(sealed, heads);
        Ok(())
    }

    /// Part of a segment's file, as far as it goes; `None`: there is no such segment.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(super) fn bytes(
        &self,
        number: u32,
        offset: u64,
        length_max: usize,
    ) -> Result<Option<Bytes>, ReadError> {
        let known = self.sealed.read().segments.iter().find(|it| it.number == number).copied();
        let Some(sealed) = known else { return Ok(None) };
        let left = usize::try_from(sealed.bytes.saturating_sub(offset)).unwrap_or(usize::MAX);
        let bytes = self.source(number)?.read(offset, left.min(length_max));
        bytes.map(Some).map_err(|error| ReadError::Io { reason: error.to_string() })
    }

    /// Reads all of a segment; `false`: there is no such segment.
    ///
    /// # Errors
    /// [`ReadError`], the first thing that is wrong.
    pub(super) fn verify(&self, number: u32) -> Result<bool, ReadError> {
        let is_known = self.sealed.read().segments.iter().any(|it| it.number == number);
        if is_known {
            // Not the one that is kept open: all of it is to come from the disk.
            self.open_file(number)?.verify()?;
        }
        Ok(is_known)
    }

    /// What is durable and in no segment yet as one segment, behind the last one; `None`: there is nothing. `unsealed` gives the events from
    /// a position on, as far as they are in memory.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(super) fn unsealed(
        &self,
        incarnation: u32,
        unsealed: impl Fn(Position) -> Vec<Kept>,
    ) -> Result<Option<Bytes>, ReadError> {
        loop {
            let (end, number, mut heads) = self.sealed.read().next();
            let events = unsealed(end);
            match events.first() {
                None if self.end() == end => return Ok(None),
                Some(first) if first.logged.position == end => {
                    let facts = Facts { log: self.log, incarnation, number };
                    let written = encode(facts, &events, &mut heads);
                    let written = written.map(|(bytes, _)| Some(bytes));
                    return written.map_err(|error| ReadError::Io { reason: error.to_string() });
                }
                // Some were sealed meanwhile.
                None | Some(_) => {}
            }
        }
    }

    /// Takes over the segments of these numbers; headers are read, and the last one's heads.
    ///
    /// # Errors
    /// [`ReadError`] when one can't be read, is another's, or does not go on where the one before ends.
    pub(super) fn load(&self, numbers: &[u32]) -> Result<(), ReadError> {
        for number in numbers {
            let sealed = self.open_file(*number)?.sealed();
            let end = self.end();
            if sealed.number != *number || sealed.first != end {
                let reason = format!("it begins at position {}", sealed.first);
                return Err(unreadable(end, *number, &reason));
            }
            self.sealed.write().segments.push(sealed);
        }
        if let Some(last) = numbers.last() {
            let heads = self.segment(*last)?.heads()?;
            self.sealed.write().heads = heads;
        }
        Ok(())
    }

    /// Whose segments they are.
    pub(super) const fn log(&self) -> LogId {
        self.log
    }

    /// One past the last sealed frame.
    pub(super) fn end(&self) -> Position {
        self.sealed.read().segments.last().map_or(Position(0), |last| last.end)
    }

    /// What there is, in order.
    pub(super) fn sealed(&self) -> Vec<Sealed> {
        self.sealed.read().segments.clone()
    }

    /// Every tenant's end.
    pub(super) fn heads(&self) -> Heads {
        self.sealed.read().heads.clone()
    }

    /// A tenant's last sealed number; 0 when it has none.
    pub(super) fn head(&self, tenant: &TenantId) -> Seq {
        self.sealed.read().heads.get(tenant).map_or(Seq(0), |head| head.seq)
    }

    /// Adds the newest segment, with every tenant's end as of it.
    pub(super) fn add(&self, sealed: Sealed, heads: Heads) {
        let mut contents = self.sealed.write();
        contents.segments.push(sealed);
        contents.heads = heads;
        drop(contents);
        // Chains end with the last segment, and now there is another.
        self.chains.lock().clear();
    }

    /// Events from a position on, as far as they are sealed, onto the page.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(super) fn read(&self, from: Position, page: &mut Page) -> Result<(), ReadError> {
        let mut at = from;
        loop {
            let contents = self.sealed.read();
            let place = contents.segments.partition_point(|segment| segment.end <= at);
            let Some(sealed) = contents.segments.get(place).copied() else { return Ok(()) };
            drop(contents);
            if !self.segment(sealed.number)?.read(at, page)? {
                return Ok(());
            }
            at = sealed.end;
        }
    }

    /// A tenant's events with a number greater than `after` and less than `until`, as far as they are sealed, onto the page; whether
    /// there is room for more.
    ///
    /// # Errors
    /// [`ReadError`].
    pub(super) fn read_tenant(
        &self,
        tenant: &TenantId,
        (after, until): (Seq, Seq),
        page: &mut Page,
    ) -> Result<bool, ReadError> {
        let head = self.sealed.read().heads.get(tenant).copied();
        let Some(head) = head.filter(|head| head.seq > after && after.next() < until) else {
            return Ok(true);
        };
        let chain = self.chain(tenant, head, after)?;
        let from = chain.partition_point(|(_, run)| last(run) <= after);
        for (number, run) in chain.iter().skip(from).take_while(|(_, run)| run.first < until) {
            if !self.segment(*number)?.read_run(run, (after, until), page)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A tenant's parts, at least from the one with number `after + 1` on.
    fn chain(&self, tenant: &TenantId, head: Head, after: Seq) -> Result<Chain, ReadError> {
        let known = self.chains.lock().get(tenant).map(Arc::clone);
        let reaches = |chain: &Vec<(u32, Run)>| {
            chain.first().is_some_and(|(_, run)| run.first <= after.next())
        };
        if let Some(chain) = known.filter(|chain| {
            reaches(chain) && chain.last().is_some_and(|(number, _)| *number == head.segment)
        }) {
            return Ok(chain);
        }
        let mut chain = Vec::new();
        let mut next = Some(head.segment);
        while let Some(number) = next {
            let segment = self.segment(number)?;
            let run = segment.run(tenant)?.filter(|run| run.previous.is_none_or(|it| it < number));
            let missing = || unreadable(segment.sealed().first, number, "a tenant is missing");
            let run = run.ok_or_else(missing)?;
            let found = run.first <= after.next();
            next = run.previous.filter(|_| !found);
            chain.push((number, run));
        }
        chain.reverse();
        let chain = Arc::new(chain);
        let mut chains = self.chains.lock();
        if chains.len() >= CHAINS_MAX {
            chains.clear();
        }
        chains.insert(tenant.clone(), Arc::clone(&chain));
        Ok(chain)
    }

    /// The segment, opened if it isn't.
    pub(super) fn segment(&self, number: u32) -> Result<Arc<Segment>, ReadError> {
        let mut open = self.open.lock();
        if let Some(place) = open.iter().position(|(known, _)| *known == number)
            && let Some(found) = open.remove(place)
        {
            let segment = Arc::clone(&found.1);
            open.push_front(found);
            return Ok(segment);
        }
        drop(open);
        let segment = Arc::new(self.open_file(number)?);
        let mut open = self.open.lock();
        open.push_front((number, Arc::clone(&segment)));
        open.truncate(OPEN_MAX);
        Ok(segment)
    }

    fn open_file(&self, number: u32) -> Result<Segment, ReadError> {
        Segment::open(self.source(number)?, self.log)
    }

    fn source(&self, number: u32) -> Result<Source, ReadError> {
        let source = match &self.place {
            Place::Directory(dir) => File::open(file_of(dir, number)).map(Source::File),
            Place::Memory(files) => {
                let bytes = files.lock().get(&number).cloned();
                bytes.map(Source::Memory).ok_or_else(|| io::ErrorKind::NotFound.into())
            }
        };
        source.map_err(|error| ReadError::Io { reason: error.to_string() })
    }
}

fn encode(facts: Facts, events: &[Kept], heads: &mut Heads) -> io::Result<(Bytes, Sealed)> {
    let mut bytes = Vec::new();
    let sealed = segment::write(&mut bytes, facts, events, heads)?;
    Ok((bytes.into(), sealed))
}

/// The last number of a tenant's part.
fn last(run: &Run) -> Seq {
    Seq(run.first.0 + u64::from(run.count) - 1)
}
