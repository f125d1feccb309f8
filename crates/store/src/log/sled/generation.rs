//! One sled directory: where its files are, how it is made, and that it lasts. sled never opens one that this process didn't make.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::{Advice, fadvise};

use crate::home;

/// sled's segments, fixed for a generation's life: the file grows by them.
const SEGMENT_BYTES: usize = 4 << 20;
/// What is larger than this on sled's page goes to a blob file, which sled never syncs.
pub(super) const PAGE_BYTES_MAX: usize = SEGMENT_BYTES / 4;
/// Values on a page, at most: sled halves one with more before it puts another there.
pub(super) const PAGE_VALUES_MAX: usize = 17;
const TREE: &str = "frames";
const PREFIX: &str = "gen-";

/// A generation's directory.
#[derive(Debug, Clone)]
pub(super) struct Generation {
    pub(super) number: u32,
    dir: PathBuf,
}

impl Generation {
    /// The generation of that number in the log's directory, made or not.
    pub(super) fn of(log_dir: &Path, number: u32) -> Self {
        Self { number, dir: log_dir.join(format!("{PREFIX}{number:08}")) }
    }

    /// Those that there are, in order.
    pub(super) fn all(log_dir: &Path) -> io::Result<Vec<Self>> {
        let numbers = numbers(log_dir, PREFIX)?;
        Ok(numbers.into_iter().map(|number| Self::of(log_dir, number)).collect())
    }

    /// Makes it, durably, and opens it. What a try that was cut off has left is removed first.
    pub(super) fn make(&self, cache_bytes: u64) -> Result<::sled::Tree, ::sled::Error> {
        self.remove()?;
        let config = ::sled::Config::new().path(&self.dir).cache_capacity(cache_bytes);
        let config = config.flush_every_ms(None).segment_size(SEGMENT_BYTES);
        let tree = config.open()?.open_tree(TREE)?;
        tree.flush()?;
        self.sync()?;
        Ok(tree)
    }

    /// Removes it, durably.
    pub(super) fn remove(&self) -> io::Result<()> {
        match fs::remove_dir_all(&self.dir) {
            Ok(()) => self.dir.parent().map_or(Ok(()), home::sync),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// sled's file, read from the disk: a failed sync of an earlier start leaves pages in memory that aren't there. `None`: it was
    /// never made.
    pub(super) fn open_cold(&self) -> io::Result<Option<File>> {
        let file = match self.open_file() {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        file.sync_all()?;
        fadvise(&file, 0, None, Advice::DontNeed)?;
        Ok(Some(file))
    }

    /// sled's file, by a descriptor of our own.
    pub(super) fn open_file(&self) -> io::Result<File> {
        File::options().read(true).write(true).open(self.file())
    }

    /// sled's file.
    pub(super) fn file(&self) -> PathBuf {
        self.dir.join("db")
    }

    /// Where sled would put a value into a file that it never syncs.
    pub(super) fn blobs(&self) -> Blobs {
        let dir = self.dir.join("blobs");
        Blobs { empty_since: modified(&dir), dir }
    }

    /// Makes files and directories durable; sled doesn't.
    fn sync(&self) -> io::Result<()> {
        for path in [self.file(), self.dir.join("conf"), self.dir.clone()] {
            home::sync(&path)?;
        }
        self.dir.parent().map_or(Ok(()), home::sync)
    }
}

/// Whether a generation was given up and is only not removed yet, `segments` being all that there are, in order.
///
/// Sealing goes strictly in order, so of what lies before the last segment and is in none nothing was ever acknowledged. It must not be
/// looked at again: what is left of a torn batch may by now seem to go on where the segments end.
pub(super) fn is_given_up(number: u32, segments: &[u32]) -> bool {
    segments.last().is_some_and(|last| number < *last) && !segments.contains(&number)
}

/// The directory of files that sled never syncs.
#[derive(Debug)]
pub(super) struct Blobs {
    dir: PathBuf,
    /// When it was changed last while it was known to be empty; `None`: it isn't there.
    empty_since: Option<SystemTime>,
}

impl Blobs {
    /// Whether sled has put anything there. Opens no file unless something has changed: this is asked for each batch, and must not fail
    /// because descriptors have run out.
    pub(super) fn are_there(&self) -> io::Result<bool> {
        if modified(&self.dir) == self.empty_since {
            return Ok(false);
        }
        match fs::read_dir(&self.dir) {
            Ok(mut entries) => Ok(entries.next().is_some()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}

/// The numbers behind a prefix in the names of a directory's entries, in order.
pub(super) fn numbers(dir: &Path, prefix: &str) -> io::Result<Vec<u32>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name();
        let digits = name.to_str().and_then(|name| name.strip_prefix(prefix));
        let digits = digits.filter(|digits| digits.len() == 8);
        numbers.extend(digits.and_then(|digits| digits.parse::<u32>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}
