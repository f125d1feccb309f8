//! One sled directory: where its files are, how it is opened, and that it lasts.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{Advice, fadvise};

use crate::home;

/// sled's segments, fixed for a generation's life. Pages above a quarter of it go to blob files, which are never synced.
const SEGMENT_BYTES: usize = 8 << 20;
const TREE: &str = "frames";
/// How long sled may take to let go of a file after it was closed.
const CLOSING_MAX: Duration = Duration::from_secs(10);
const CLOSING_LOOK: Duration = Duration::from_millis(5);

/// A generation's directory.
#[derive(Debug, Clone)]
pub(super) struct Generation {
    dir: PathBuf,
}

impl Generation {
    /// The one generation that there is, in the log's directory.
    pub(super) fn first(log_dir: &Path) -> Self {
        Self { dir: log_dir.join("gen-00000000") }
    }

    /// Whether sled has made its file.
    pub(super) fn exists(&self) -> bool {
        self.file().exists()
    }

    /// Removes the directory. For one that holds nothing.
    pub(super) fn remove(&self) -> io::Result<()> {
        fs::remove_dir_all(&self.dir)
    }

    /// Removes snapshots of sled's that a crash or a full disk cut short: it takes them for whole ones, and the log for damaged.
    pub(super) fn remove_unfinished_snapshots(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "generating") {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Opens sled. May panic on a damaged file.
    ///
    /// sled lets go of its own lock some time after it was closed; the data directory's lock says that nobody else is there.
    pub(super) fn open(&self, cache_bytes: u64) -> ::sled::Result<::sled::Tree> {
        let config = ::sled::Config::new().path(&self.dir).cache_capacity(cache_bytes);
        let config = config.flush_every_ms(None).segment_size(SEGMENT_BYTES);
        let until = Instant::now() + CLOSING_MAX;
        loop {
            match config.open() {
                Err(error) if is_still_locked(&error) && Instant::now() < until => {
                    std::thread::sleep(CLOSING_LOOK);
                }
                opened => return opened?.open_tree(TREE),
            }
        }
    }

    /// Makes the disk's copy the one that will be read: a failed sync of an earlier start leaves pages in memory that aren't on disk.
    pub(super) fn forget_cached_pages(&self) -> io::Result<()> {
        let file = self.open_file()?;
        file.sync_all()?;
        Ok(fadvise(&file, 0, None, Advice::DontNeed)?)
    }

    /// Makes files and directories durable; sled doesn't.
    pub(super) fn sync(&self) -> io::Result<()> {
        for path in [self.file(), self.dir.join("conf"), self.dir.clone()] {
            home::sync(&path)?;
        }
        self.dir.parent().map_or(Ok(()), home::sync)
    }

    /// sled's file, by a descriptor of our own.
    pub(super) fn open_file(&self) -> io::Result<File> {
        File::options().read(true).write(true).open(self.file())
    }

    /// Whether sled has put a value into a file that it never syncs.
    pub(super) fn has_blobs(&self) -> io::Result<bool> {
        match fs::read_dir(self.dir.join("blobs")) {
            Ok(mut entries) => Ok(entries.next().is_some()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn file(&self) -> PathBuf {
        self.dir.join("db")
    }
}

fn is_still_locked(error: &::sled::Error) -> bool {
    matches!(error, ::sled::Error::Io(error) if error.to_string().contains("could not acquire lock"))
}
