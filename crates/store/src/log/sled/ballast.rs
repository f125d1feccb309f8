//! Space set aside for the next start: sled writes while it opens, and could not even be read on a full disk.
//! Given up before sled opens, taken again afterwards.

use std::fs::{self, File};
use std::path::PathBuf;

use rustix::fs::{FallocateFlags, fallocate};

/// A file of nothing, for its space.
#[derive(Debug)]
pub(super) struct Ballast {
    path: PathBuf,
    bytes: u64,
}

impl Ballast {
    pub(super) const fn new(path: PathBuf, bytes: u64) -> Self {
        Self { path, bytes }
    }

    /// Gives the space back, if any was taken.
    pub(super) fn drop_overboard(&self) {
        if self.path.exists()
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(%error, "the space set aside for a start was not given back");
        }
    }

    /// Takes the space, as far as there is some: without it the next start on a full disk fails.
    pub(super) fn take_in(&self) {
        if let Err(error) = self.try_take_in() {
            tracing::warn!(%error, "no space is set aside for a start on a full disk");
            self.drop_overboard();
        }
    }

    fn try_take_in(&self) -> std::io::Result<()> {
        let file = File::create(&self.path)?;
        fallocate(&file, FallocateFlags::empty(), 0, self.bytes)?;
        Ok(())
    }
}
