//! The data directory: who may use it, and which release wrote it.
//! Knows the directory's own two files, `LOCK` and `FORMAT`; never what lies beside them.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// The layout of the data directory that this release reads and writes.
const FORMAT: u32 = 1;
const FORMAT_PREFIX: &str = "rollcall data format ";

/// A data directory that is ours alone until this is dropped.
#[derive(Debug)]
pub(crate) struct Home {
    dir: PathBuf,
    /// Locked while open.
    _lock: File,
}

/// The data directory can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HomeError {
    #[error("another process uses it")]
    InUse,
    #[error("it was written by a later release (format {found}; this one knows up to {FORMAT})")]
    Newer { found: u32 },
    #[error("{0}")]
    NotOurs(&'static str),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Home {
    /// Makes the directory if need be, locks it and checks its format.
    pub(crate) fn enter(dir: &Path) -> Result<Self, HomeError> {
        create_dir(dir)?;
        let lock = File::options().create(true).append(true).open(dir.join("LOCK"))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(|error| match error {
            rustix::io::Errno::WOULDBLOCK => HomeError::InUse,
            other => HomeError::Io(other.into()),
        })?;
        check_format(dir)?;
        Ok(Self { dir: dir.to_owned(), _lock: lock })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

/// Makes a directory, and makes it last.
pub(crate) fn create_dir(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(dir)?;
    sync(dir)?;
    parent(dir).map_or(Ok(()), sync)
}

/// Replaces a file whole, and makes it last: after a crash there is the old one or the new one.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension("tmp");
    fs::write(&temporary, bytes)?;
    sync(&temporary)?;
    fs::rename(&temporary, path)?;
    parent(path).map_or(Ok(()), sync)
}

/// A file that is written from front to back, and to the disk as it grows: one fsync of all of it would hold up those who wait for theirs.
#[derive(Debug)]
pub(crate) struct Steady {
    file: File,
    unsynced: usize,
}

impl Steady {
    const SLICE_BYTES: usize = 4 << 20;

    /// An empty file, in place of what was there.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::create(path)?, unsynced: 0 })
    }

    /// Makes the rest last too; how long the file is.
    pub(crate) fn finish(self) -> io::Result<u64> {
        self.file.sync_all()?;
        Ok(self.file.metadata()?.len())
    }
}

impl io::Write for Steady {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.unsynced += written;
        if self.unsynced >= Self::SLICE_BYTES {
            self.file.sync_data()?;
            self.unsynced = 0;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// fsync of a file or a directory.
pub(crate) fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn parent(path: &Path) -> Option<&Path> {
    path.parent().map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent })
}

/// What is wrong with the format of a directory that must be one of ours; changes nothing.
pub(crate) fn check_format_of(dir: &Path) -> Result<(), String> {
    let found = fs::read(dir.join("FORMAT")).map_err(|error| error.to_string())?;
    known_format(&found).map_err(|error| error.to_string())
}

fn check_format(dir: &Path) -> Result<(), HomeError> {
    let path = dir.join("FORMAT");
    match fs::read(&path) {
        Ok(found) => known_format(&found),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if dir.join("log").exists() {
                return Err(HomeError::NotOurs("it holds a log but no FORMAT file"));
            }
            Ok(replace(&path, format!("{FORMAT_PREFIX}{FORMAT}\n").as_bytes())?)
        }
        Err(error) => Err(error.into()),
    }
}

fn known_format(file: &[u8]) -> Result<(), HomeError> {
    let text = String::from_utf8_lossy(file);
    let found = text.strip_prefix(FORMAT_PREFIX).and_then(|number| number.trim().parse().ok());
    match found {
        Some(FORMAT) => Ok(()),
        Some(found) if found > FORMAT => Err(HomeError::Newer { found }),
        Some(_) | None => Err(HomeError::NotOurs("its FORMAT file is not one of ours")),
    }
}
