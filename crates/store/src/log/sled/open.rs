//! A start: the directory is locked, the log is known, segments and unsealed generations are looked at; then committer and
//! sealer run. Nothing is written before reads could be served: a start on a full disk does serve them.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use events::{LogId, Position};
use parking_lot::Mutex;

use super::super::committer::{self, Medium};
use super::super::history::{History, file_of};
use super::super::identity::Identity;
use super::super::numbering::{Heads, Numbering};
use super::super::shared::Shared;
use super::super::{ReadError, segment};
use super::disk::{Disk, Start};
use super::generation::{Generation, is_given_up, numbers};
use super::raw;
use super::recover::{Recovered, Unsealed, recover};
use super::seal::{Closed, Sealer, Site};
use super::space::AHEAD_BYTES;
use super::{Options, SledLog};
use crate::home::{self, Home, HomeError};
use crate::mark::{self, Kind, Mark};
use crate::torture;

/// A generation's reserve, as a multiple of its bytes: sled writes about twice what it is given.
const RESERVE_HALVES: u64 = 5;
/// sled takes 4 MiB of its file at a time, however little is written.
const RESERVE_BYTES_MIN: u64 = AHEAD_BYTES + (8 << 20);

/// The log can't be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Another process has the data directory.
    #[error("the data directory is in use by another process")]
    InUse,
    /// A later release wrote it.
    #[error("the data directory can't be used: {reason}")]
    Format {
        /// What is wrong.
        reason: String,
    },
    /// What lies there is not what was written: nothing is repaired, nothing is dropped.
    #[error("the log is damaged{}: {reason}", .position.map_or(String::new(), |p| format!(" at position {p}")))]
    Integrity {
        /// The first bad frame, where known.
        position: Option<Position>,
        /// What is wrong.
        reason: String,
    },
    /// The system failed; another try may succeed.
    #[error("{what} failed: {reason}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        reason: String,
    },
}

impl OpenError {
    /// What the process exits with: 2 usage, 3 integrity, 10 I/O.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::InUse | Self::Format { .. } => 2,
            Self::Integrity { .. } => 3,
            Self::Io { .. } => 10,
        }
    }
}

/// Opens the log in a data directory, making it if need be. Blocks: reads all that is not sealed.
///
/// # Errors
/// [`OpenError`]; its [`OpenError::exit_code`] is what the process should end with.
pub fn open(dir: &Path, options: &Options) -> Result<SledLog, OpenError> {
    let home = Home::enter(dir)?;
    let log_dir = home.path("log");
    home::create_dir(&log_dir).map_err(failed("making the log's directory"))?;
    let found = look(&log_dir)?;
    let identity_file = home.path("log.id");
    let acked_file = log_dir.join("acked");
    let identity = identify(&identity_file, &acked_file, &found, options)?;
    let history = Arc::new(History::new(log_dir.clone(), identity.log));
    let (found, sealed) = prefer_segments(found, &log_dir, identity.log)?;
    history.load(&found.segments)?;
    let next_number = found.next_number();
    let mut heads = sealed_heads(&history);
    let recovered =
        recover(scan(found.generations, Some(identity.log))?, history.end(), &mut heads)?;
    torture::point("open.scanned");
    let Recovered { recent, unsealed, mut empty } = recovered;
    empty.extend(sealed);
    let end = recent.next();
    check_acked(&acked_file, identity.log, end)?;
    let numbering = Numbering::starting_at(end, heads);
    let shared = Arc::new(Shared::new(recent, numbering, identity.reopened().epoch));
    let site = site(&log_dir, identity, options);
    let starting = failed("starting the log's threads");
    let (sealer, sealing) =
        Sealer::start(site, Arc::clone(&history), Arc::clone(&shared)).map_err(starting)?;
    hand_over(&sealer, unsealed, empty);
    let start = Start { identity, identity_file, acked_file, end, is_written: false, tried: None };
    let counters = Arc::clone(&shared.counters);
    let mut disk = Disk::new(start, next_number, options.generation_bytes, sealer, counters);
    shared.gate.set_space(disk.tend());
    let committer = committer::start(disk, &shared, options.silence_max).map_err(starting)?;
    let threads = Mutex::new(vec![committer, sealing]);
    Ok(SledLog { identity, shared, history, threads, _home: home })
}

/// What lies in the log's directory.
struct Files {
    segments: Vec<u32>,
    generations: Vec<Generation>,
}

impl Files {
    fn next_number(&self) -> u32 {
        let last = self.generations.last().map(|generation| generation.number);
        last.max(self.segments.last().copied()).map_or(0, |last| last + 1)
    }
}

fn look(log_dir: &Path) -> Result<Files, OpenError> {
    let reading = failed("looking into the log's directory");
    for entry in fs::read_dir(log_dir).map_err(reading)? {
        let path = entry.map_err(reading)?.path();
        let is_unfinished = path.extension().is_some_and(|extension| extension == "tmp");
        // Earlier releases set space aside under this name.
        if is_unfinished || path.ends_with("ballast") {
            fs::remove_file(&path).map_err(failed("removing an unfinished file"))?;
        }
    }
    let segments = numbers(log_dir, "seg-").map_err(reading)?;
    let generations = Generation::all(log_dir).map_err(reading)?;
    Ok(Files { segments, generations })
}

/// Who the log is. A birth that was cut off is begun again.
fn identify(
    path: &Path,
    acked_file: &Path,
    found: &Files,
    options: &Options,
) -> Result<Identity, OpenError> {
    match fs::read(path) {
        Ok(bytes) => {
            let known = Identity::decode(&bytes).ok_or_else(|| damaged("log.id is damaged"))?;
            let is_empty = found.segments.is_empty() && found.generations.is_empty();
            if is_empty && !acked_file.exists() {
                return Err(damaged("log.id is there, but the log's files are gone"));
            }
            Ok(known)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let scanned = scan(found.generations.clone(), None)?;
            if !found.segments.is_empty() || scanned.iter().any(|(_, frames)| !frames.is_empty()) {
                return Err(damaged("log.id is gone, but the log holds events"));
            }
            Ok(Identity::new(options.new_log))
        }
        Err(error) => Err(failed("reading the log's identity")(error)),
    }
}

/// A generation beside its segment was about to be dropped: it is, if the segment is whole. Otherwise the generation counts, and
/// the segment is made again. One that was given up is dropped too.
fn prefer_segments(
    found: Files,
    log_dir: &Path,
    log: LogId,
) -> Result<(Files, Vec<Generation>), OpenError> {
    let Files { mut segments, generations } = found;
    let (mut kept, mut sealed) = (Vec::new(), Vec::new());
    let all = segments.clone();
    for generation in generations {
        let number = generation.number;
        if is_given_up(number, &all) {
            sealed.push(generation);
            continue;
        }
        if !segments.contains(&number) {
            kept.push(generation);
            continue;
        }
        let path = file_of(log_dir, number);
        let file = fs::File::open(&path).map_err(failed("opening a segment"))?;
        let whole = segment::Segment::open(segment::Source::File(file), log)
            .and_then(|segment| segment.verify());
        match whole {
            Ok(()) => sealed.push(generation),
            Err(error @ ReadError::Io { .. }) => return Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, number, "a segment is bad, but its generation is still there");
                let aside = path.with_extension("bad");
                fs::rename(&path, aside).map_err(failed("putting a bad segment aside"))?;
                segments.retain(|known| *known != number);
                kept.push(generation);
            }
        }
    }
    Ok((Files { segments, generations: kept }, sealed))
}

fn sealed_heads(history: &History) -> Heads {
    history.heads().into_iter().map(|(tenant, head)| (tenant, head.seq)).collect()
}

/// Reads every generation's file, as many at a time as there are cores: while one waits for the disk, another checks frames.
fn scan(
    generations: Vec<Generation>,
    log: Option<LogId>,
) -> Result<Vec<(Generation, Vec<raw::Found>)>, OpenError> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut scanned = Vec::with_capacity(generations.len());
    for some in generations.chunks(threads) {
        let found = thread::scope(|scope| -> io::Result<Vec<Vec<raw::Found>>> {
            let scan = |generation| {
                let scan = move || scan_one(generation, log);
                thread::Builder::new().name("log scan".into()).spawn_scoped(scope, scan)
            };
            let scans: Vec<_> = some.iter().map(scan).collect::<Result<_, _>>()?;
            let join = |scan: thread::ScopedJoinHandle<'_, io::Result<_>>| {
                scan.join().unwrap_or_else(|_| Err(io::Error::other("the scan panicked")))
            };
            scans.into_iter().map(join).collect()
        });
        scanned.extend(some.iter().cloned().zip(found.map_err(failed("reading a generation"))?));
    }
    Ok(scanned)
}

fn scan_one(generation: &Generation, log: Option<LogId>) -> io::Result<Vec<raw::Found>> {
    generation.open_cold()?.map_or_else(|| Ok(Vec::new()), |file| raw::scan(&file, log))
}

/// Nothing that was acknowledged may be missing.
fn check_acked(path: &Path, log: LogId, end: Position) -> Result<(), OpenError> {
    match mark::read(path, Kind::Acked, log).map_err(failed("reading what was acknowledged"))? {
        Mark::At(acked) if acked > end => Err(OpenError::Integrity {
            position: Some(end),
            reason: format!("events up to position {acked} were acknowledged and are missing"),
        }),
        Mark::At(_) | Mark::Absent => Ok(()),
        Mark::Unreadable => {
            tracing::warn!(
                "what was acknowledged last can't be read: the log's end is as it was found"
            );
            Ok(())
        }
    }
}

fn site(log_dir: &Path, identity: Identity, options: &Options) -> Site {
    let reserve_bytes = options.generation_bytes.saturating_mul(RESERVE_HALVES) / 2;
    Site {
        dir: log_dir.to_owned(),
        incarnation: identity.incarnation,
        cache_bytes: options.cache_bytes,
        reserve_bytes: reserve_bytes.max(RESERVE_BYTES_MIN),
        free_floor_bytes: options.free_floor_bytes,
    }
}

fn hand_over(sealer: &Sealer, unsealed: Vec<Unsealed>, dropped: Vec<Generation>) {
    for Unsealed { generation, first, end } in unsealed {
        sealer.seal(Closed { generation, first, end, tree: None });
    }
    dropped.into_iter().for_each(|generation| sealer.drop_generation(generation));
}

fn failed(what: &'static str) -> impl Fn(io::Error) -> OpenError + Copy {
    move |error| OpenError::Io { what, reason: error.to_string() }
}

fn damaged(reason: &str) -> OpenError {
    OpenError::Integrity { position: None, reason: reason.to_owned() }
}

impl From<HomeError> for OpenError {
    fn from(error: HomeError) -> Self {
        match error {
            HomeError::InUse => Self::InUse,
            HomeError::Newer { .. } | HomeError::NotOurs(_) => {
                Self::Format { reason: error.to_string() }
            }
            HomeError::Io(error) => failed("entering the data directory")(error),
        }
    }
}

impl From<ReadError> for OpenError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Integrity { position, reason } => {
                Self::Integrity { position: Some(position), reason }
            }
            ReadError::NoEventHere { position } => Self::Integrity {
                position: Some(position),
                reason: "the first part of its event is missing".into(),
            },
            ReadError::Io { reason } => Self::Io { what: "reading the log", reason },
        }
    }
}
