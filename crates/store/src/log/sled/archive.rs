//! A log's segments elsewhere: whether a file is what was written, and a data directory made from such files.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use events::LogId;

use super::super::history::file_of;
use super::super::identity::Identity;
use super::super::segment::{Sealed, Segment, Source};
use super::inspect::{self, Fault, Report, damaged, unreadable};
use crate::home::{self, Home, HomeError, Steady};

/// A segment's file that is what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// The log's incarnation when it was sealed.
    pub incarnation: u32,
    /// What it holds.
    pub sealed: Sealed,
    /// SHA-256 of the file but its last 40 bytes, as it stands at its end.
    pub sha256: [u8; 32],
}

/// Reads all of a segment's file: it must be of this log, and every byte what was written.
///
/// # Errors
/// [`Fault`].
pub fn check(file: &Path, log: LogId) -> Result<Checked, Fault> {
    let open = File::open(file).map_err(unreadable(file))?;
    let checked = Segment::open(Source::File(open), log).and_then(|segment| {
        segment.verify()?;
        let (incarnation, sealed) = (segment.facts().incarnation, segment.sealed());
        Ok(Checked { incarnation, sealed, sha256: segment.sha256()? })
    });
    checked.map_err(|error| damaged(file, &error))
}

/// Makes a data directory from all segments of a log, in order, and reads all of it. Its numbers go on where they end, in another
/// incarnation. `progress` is told how many of how many files are there.
///
/// # Errors
/// [`Fault`]; a directory that isn't empty is left as it is.
pub fn restore(
    dir: &Path,
    (log, incarnation): (LogId, u32),
    segments: &[PathBuf],
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Report, Fault> {
    if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        let reason = "it is not empty: a log is restored into a directory of its own".into();
        return Err(Fault::NotOurs { file: dir.to_owned(), reason });
    }
    let home = Home::enter(dir).map_err(|error| entering(dir, error))?;
    let log_dir = home.path("log");
    home::create_dir(&log_dir).map_err(unreadable(&log_dir))?;
    for (done, file) in (1..).zip(segments) {
        let Checked { sealed, .. } = check(file, log)?;
        copy(file, &file_of(&log_dir, sealed.number)).map_err(unreadable(file))?;
        progress(done, segments.len());
    }
    home::sync(&log_dir).map_err(unreadable(&log_dir))?;
    let (identity, path) = (Identity { log, incarnation, epoch: 0 }, home.path("log.id"));
    home::replace(&path, &identity.encode()).map_err(unreadable(&path))?;
    drop(home);
    inspect::verify(dir, &mut |_, _| {})
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    let mut out = Steady::create(to)?;
    io::copy(&mut BufReader::with_capacity(1 << 20, File::open(from)?), &mut out)?;
    out.finish().map(drop)
}

fn entering(dir: &Path, error: HomeError) -> Fault {
    match error {
        HomeError::InUse => Fault::InUse,
        HomeError::Io(error) => unreadable(dir)(error),
        HomeError::Newer { .. } | HomeError::NotOurs(_) => {
            Fault::NotOurs { file: dir.to_owned(), reason: error.to_string() }
        }
    }
}
