//! A start: the directory is locked, the log is known, every frame is read, space is reserved; then the committer runs.

use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use ::sled::Tree;
use events::Position;
use parking_lot::Mutex;

use super::super::committer::{self, Medium, panic_text};
use super::super::identity::Identity;
use super::super::recent::Recent;
use super::super::shared::Shared;
use super::ballast::Ballast;
use super::disk::Disk;
use super::generation::Generation;
use super::raw::Raw;
use super::read::Reader;
use super::recover::{Recovered, recover};
use super::space::Space;
use super::{Options, SledLog};
use crate::home::{self, Home, HomeError};

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

/// Opens the log in a data directory, making it if need be. Blocks: reads all of it.
///
/// # Errors
/// [`OpenError`]; its [`OpenError::exit_code`] is what the process should end with.
pub fn open(dir: &Path, options: &Options) -> Result<SledLog, OpenError> {
    let home = Home::enter(dir)?;
    let log_dir = home.path("log");
    home::create_dir(&log_dir).map_err(failed("making the log's directory"))?;
    let generation = Generation::first(&log_dir);
    let identity_file = home.path("log.id");
    let identity = identify(&identity_file, &generation, options)?;
    let ballast = Ballast::new(log_dir.join("ballast"), options.ballast_bytes);
    ballast.drop_overboard();
    let (loaded, recent) = load(generation, identity, options)?;
    home::replace(&identity_file, &identity.encode()).map_err(failed("writing down the start"))?;
    ballast.take_in();
    let reader = Reader::new(loaded.tree.clone(), identity.log);
    let shared = Arc::new(Shared::new(recent));
    let disk = prepare(loaded, options, &shared)?;
    let committer = committer::start(disk, &shared, options.silence_max)
        .map_err(failed("starting the committer"))?;
    Ok(SledLog { identity, shared, reader, committer: Mutex::new(Some(committer)), _home: home })
}

/// A generation that was read.
struct Loaded {
    tree: Tree,
    generation: Generation,
    identity: Identity,
    /// Frames of an incomplete last batch.
    incomplete: Vec<Position>,
}

/// Who the log is. A birth that was cut off is begun again.
fn identify(
    path: &Path,
    generation: &Generation,
    options: &Options,
) -> Result<Identity, OpenError> {
    let reading = failed("reading the log's identity");
    let identity = match fs::read(path) {
        Ok(bytes) => {
            let known = Identity::decode(&bytes).ok_or_else(|| damaged("log.id is damaged"))?;
            if !generation.exists() {
                return Err(damaged("log.id is there, but the log's directory is gone"));
            }
            known.reopened()
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if generation.exists() {
                let file = generation.open_file().map_err(reading)?;
                if Raw::scan(&file, None).map_err(reading)?.holds_frames {
                    return Err(damaged("log.id is gone, but the log holds events"));
                }
                generation.remove().map_err(failed("removing an unfinished generation"))?;
            }
            Identity::new(options.new_log)
        }
        Err(error) => return Err(reading(error)),
    };
    Ok(identity)
}

/// Opens sled, reads everything and makes what was read durable.
fn load(
    generation: Generation,
    identity: Identity,
    options: &Options,
) -> Result<(Loaded, Recent), OpenError> {
    let raw = look_at_file(&generation, identity).map_err(failed("reading the log's file"))?;
    let loaded = catch_unwind(AssertUnwindSafe(|| {
        let tree = generation.open(options.cache_bytes)?;
        if generation.has_blobs().map_err(failed("looking for blob files"))? {
            return Err(damaged("sled keeps values in blob files, which it never syncs"));
        }
        let Recovered { recent, incomplete } =
            recover(&tree, &raw, identity, options.recent_bytes)?;
        tree.flush()?;
        generation.sync().map_err(failed("syncing the log"))?;
        Ok((Loaded { tree, generation, identity, incomplete }, recent))
    }));
    loaded.unwrap_or_else(|panic| {
        Err(damaged(&format!("sled can't read its own file: {}", panic_text(&*panic))))
    })
}

/// What is in sled's file before sled touches it.
fn look_at_file(generation: &Generation, identity: Identity) -> io::Result<Raw> {
    if !generation.exists() {
        return Ok(Raw::default());
    }
    generation.remove_unfinished_snapshots()?;
    generation.forget_cached_pages()?;
    Raw::scan(&generation.open_file()?, Some(identity.log))
}

/// Opens the generation for writing: without an incomplete batch, with space ahead.
fn prepare(loaded: Loaded, options: &Options, shared: &Shared) -> Result<Disk, OpenError> {
    let Loaded { tree, generation, identity, incomplete } = loaded;
    let opening = failed("opening the log's file");
    let file = generation.open_file().map_err(opening)?;
    let space = Space::new(file, options.reserve_bytes, options.free_floor_bytes);
    let counters = Arc::clone(&shared.counters);
    let mut disk = Disk::new(tree, generation, identity, space, counters).map_err(opening)?;
    if !incomplete.is_empty() {
        tracing::warn!(frames = incomplete.len(), "an incomplete batch is removed");
        let removed = disk.remove(&incomplete);
        removed.map_err(|reason| OpenError::Io { what: "removing a batch", reason })?;
    }
    shared.gate.set_space(disk.tend());
    Ok(disk)
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

impl From<::sled::Error> for OpenError {
    fn from(error: ::sled::Error) -> Self {
        match error {
            ::sled::Error::Io(error) => failed("opening the log")(error),
            ::sled::Error::CollectionNotFound(_)
            | ::sled::Error::Unsupported(_)
            | ::sled::Error::ReportableBug(_)
            | ::sled::Error::Corruption { .. } => damaged(&error.to_string()),
        }
    }
}
