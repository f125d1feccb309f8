//! Looking at a data directory that no gateway uses: what lies there, and whether it is what was written. Changes no byte.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use events::{LogId, Position};
use rustix::fs::{FlockOperation, flock};

use super::super::ReadError;
use super::super::history::{History, file_of};
use super::super::identity::Identity;
use super::super::numbering::Heads as Numbers;
use super::super::segment::{Head, Heads, Sealed, Segment};
use super::generation::{Generation, is_given_up, numbers};
use super::open::OpenError;
use super::{raw, recover};
use crate::mark::{self, Kind, Mark};

/// What lies in a data directory, all of it as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Whose it is.
    pub log: LogId,
    /// Sealed, in order.
    pub segments: Vec<Sealed>,
    /// Generations whose events are in no segment.
    pub unsealed: usize,
    /// One past the last whole batch.
    pub end: Position,
    /// Events, sealed or not.
    pub events: u64,
    /// Tenants that have an event; the platform's own stream is one.
    pub tenants: usize,
}

/// What is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A gateway has it.
    #[error("the data directory is in use by another process")]
    InUse,
    /// It is none, or of a later release.
    #[error("{}: {reason}", .file.display())]
    NotOurs {
        /// What was looked at.
        file: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Something in it isn't what was written.
    #[error("{}{}: {reason}", .file.display(), .position.map_or(String::new(), |p| format!(", position {p}")))]
    Damaged {
        /// The file.
        file: PathBuf,
        /// The first bad frame, where that is known.
        position: Option<Position>,
        /// What is wrong.
        reason: String,
    },
    /// It can't be read.
    #[error("{}: {reason}", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system said.
        reason: String,
    },
}

/// The segments of a data directory, in order, by their headers. A gateway may be running.
///
/// # Errors
/// [`Fault`] when one can't be read or they do not follow each other.
pub fn segments(dir: &Path) -> Result<Vec<Sealed>, Fault> {
    let place = Place::of(dir)?;
    let log_dir = &place.log_dir;
    let numbers = numbers(log_dir, "seg-").map_err(unreadable(log_dir))?;
    place.history.load(&numbers).map_err(|error| damaged(log_dir, &error))?;
    Ok(place.history.sealed())
}

/// Reads all of a data directory, and whether it makes one history without a hole.
///
/// Every segment, and every frame of the generations that aren't sealed. `progress` is told after each file how many of how many
/// are done.
///
/// # Errors
/// The first [`Fault`].
pub fn verify(dir: &Path, progress: &mut dyn FnMut(usize, usize)) -> Result<Report, Fault> {
    let place = Place::of(dir)?;
    let _lock = lock(dir)?;
    let Place { log, ref log_dir, ref history } = place;
    let segment_numbers = numbers(log_dir, "seg-").map_err(unreadable(log_dir))?;
    let mut generations = Generation::all(log_dir).map_err(unreadable(log_dir))?;
    generations.retain(|generation| {
        let number = generation.number;
        !segment_numbers.contains(&number) && !is_given_up(number, &segment_numbers)
    });
    let files = segment_numbers.len() + generations.len();
    history.load(&segment_numbers).map_err(|error| damaged(log_dir, &error))?;
    let mut heads = Heads::new();
    for (done, number) in (1..).zip(&segment_numbers) {
        let file = file_of(log_dir, *number);
        let segment = history.segment(*number).map_err(|error| damaged(&file, &error))?;
        follow(&segment, &mut heads).map_err(|error| damaged(&file, &error))?;
        progress(done, files);
    }
    let mut scanned = Vec::with_capacity(generations.len());
    for (done, generation) in (segment_numbers.len() + 1..).zip(generations) {
        let file = generation.file();
        scanned.push((generation.clone(), read(&file, log)?));
        progress(done, files);
    }
    let mut tenants: Numbers = heads.into_iter().map(|(tenant, head)| (tenant, head.seq)).collect();
    let recovered = recover::recover(scanned, history.end(), &mut tenants);
    let recovered = recovered.map_err(|error| refused(log_dir, error))?;
    let end = recovered.recent.next();
    check_acked(&log_dir.join("acked"), log, end)?;
    let segments = history.sealed();
    let sealed: u64 = segments.iter().map(|segment| u64::from(segment.events)).sum();
    let unsealed_events = recovered.recent.between(Position(0), end).len() as u64;
    Ok(Report {
        log,
        unsealed: recovered.unsealed.len(),
        end,
        events: sealed + unsealed_events,
        tenants: tenants.count(),
        segments,
    })
}

/// Where the log's files are, and whose they are.
struct Place {
    log: LogId,
    log_dir: PathBuf,
    history: Arc<History>,
}

impl Place {
    fn of(dir: &Path) -> Result<Self, Fault> {
        crate::home::check_format_of(dir).map_err(|reason| {
            let file = dir.join("FORMAT");
            Fault::NotOurs { file, reason }
        })?;
        let file = dir.join("log.id");
        let bytes = fs::read(&file).map_err(unreadable(&file))?;
        let Some(Identity { log, .. }) = Identity::decode(&bytes) else {
            let reason = "it is not what was written".into();
            return Err(Fault::Damaged { file, position: None, reason });
        };
        let log_dir = dir.join("log");
        let history = Arc::new(History::new(log_dir.clone(), log));
        Ok(Self { log, log_dir, history })
    }
}

/// The lock that a gateway would hold; it ends with the file.
fn lock(dir: &Path) -> Result<File, Fault> {
    let path = dir.join("LOCK");
    let file = File::open(&path).map_err(unreadable(&path))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(Fault::InUse),
        Err(error) => Err(unreadable(&path)(error.into())),
    }
}

/// Reads a segment whole, and whether it goes on where the ones before end.
fn follow(segment: &Segment, heads: &mut Heads) -> Result<(), ReadError> {
    segment.verify()?;
    let number = segment.sealed().number;
    for run in segment.runs()? {
        let known = heads.get(&run.tenant);
        let due = known.map_or(1, |head| head.seq.0 + 1);
        if run.first.0 != due || run.previous != known.map(|head| head.segment) {
            let reason = format!("{} goes on with {} where {due} is due", run.tenant, run.first);
            return Err(super::super::segment::unreadable(segment.sealed().first, number, &reason));
        }
        let seq = events::Seq(run.first.0 + u64::from(run.count) - 1);
        heads.insert(run.tenant, Head { seq, segment: number });
    }
    if segment.heads()? == *heads {
        Ok(())
    } else {
        let reason = "its heads are not those of the segments before";
        Err(super::super::segment::unreadable(segment.sealed().first, number, reason))
    }
}

fn read(file: &Path, log: LogId) -> Result<Vec<raw::Found>, Fault> {
    match File::open(file) {
        Ok(open) => raw::scan(&open, Some(log)).map_err(unreadable(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(unreadable(file)(error)),
    }
}

fn check_acked(file: &Path, log: LogId, end: Position) -> Result<(), Fault> {
    let reason = match mark::read(file, Kind::Acked, log).map_err(unreadable(file))? {
        Mark::At(acked) if acked > end => {
            format!("events up to position {acked} were acknowledged and are missing")
        }
        Mark::Unreadable => "it is not what was written".to_owned(),
        Mark::At(_) | Mark::Absent => return Ok(()),
    };
    Err(Fault::Damaged { file: file.to_owned(), position: Some(end), reason })
}

pub(super) fn unreadable(file: &Path) -> impl Fn(io::Error) -> Fault {
    move |error| Fault::Unreadable { file: file.to_owned(), reason: error.to_string() }
}

pub(super) fn damaged(file: &Path, error: &ReadError) -> Fault {
    let file = file.to_owned();
    match error {
        ReadError::Integrity { position, reason } => {
            Fault::Damaged { file, position: Some(*position), reason: reason.clone() }
        }
        ReadError::NoEventHere { position } => {
            let reason = "the first part of its event is missing".into();
            Fault::Damaged { file, position: Some(*position), reason }
        }
        ReadError::Io { reason } => Fault::Unreadable { file, reason: reason.clone() },
    }
}

fn refused(file: &Path, error: OpenError) -> Fault {
    let file = file.to_owned();
    match error {
        OpenError::Integrity { position, reason } => Fault::Damaged { file, position, reason },
        other @ (OpenError::InUse | OpenError::Format { .. } | OpenError::Io { .. }) => {
            Fault::Unreadable { file, reason: other.to_string() }
        }
    }
}
