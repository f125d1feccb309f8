//! Disk space, taken before sled needs it: an append that was let in must not meet a full disk.
//! sled's own `set_len` gives reserved blocks back, so this looks again and again.

use std::fs::File;
use std::io;

use rustix::fs::{FallocateFlags, fallocate, fstat, fstatvfs};
use rustix::io::Errno;

/// How the blocks of a file are counted, whatever the file system's own block size.
const STAT_BLOCK_BYTES: u64 = 512;
/// What must be there beyond the file's end whatever the reserve. The largest txn, of 4 MiB, made the file longer by up to 17.5 MiB:
/// sled writes pages anew when it splits them, and moves others.
pub(super) const AHEAD_BYTES: u64 = 24 << 20;

/// The space of one growing file: `reserve_bytes` in all.
#[derive(Debug)]
pub(super) struct Space {
    file: File,
    reserve_bytes: u64,
    free_floor_bytes: u64,
    fallocates: bool,
}

impl Space {
    /// Watches over `file`; reserves nothing yet.
    pub(super) const fn new(file: File, reserve_bytes: u64, free_floor_bytes: u64) -> Self {
        Self { file, reserve_bytes, free_floor_bytes, fallocates: true }
    }

    /// Whether the space is there, after renewing it if need be.
    pub(super) fn secure(&mut self) -> bool {
        if self.fallocates {
            match self.reserve() {
                Ok(reserved) => return reserved,
                Err(Errno::NOTSUP | Errno::NOSYS) => {
                    tracing::warn!(
                        free_floor_bytes = self.free_floor_bytes,
                        "the file system can't reserve space: a floor of free space stands in"
                    );
                    self.fallocates = false;
                }
                Err(error) => return refused("reserving", error.into()),
            }
        }
        self.is_above_floor().unwrap_or_else(|error| refused("asking for", error.into()))
    }

    fn reserve(&self) -> Result<bool, Errno> {
        let stat = fstat(&self.file)?;
        let length = u64::try_from(stat.st_size).unwrap_or(0);
        let allocated = u64::try_from(stat.st_blocks).unwrap_or(0) * STAT_BLOCK_BYTES;
        let wanted = self.reserve_bytes.max(length.saturating_add(AHEAD_BYTES));
        if allocated >= wanted {
            return Ok(true);
        }
        let wanted = if length == 0 { wanted } else { wanted.saturating_add(AHEAD_BYTES / 2) };
        // Asked first: a reservation that fails half-way would keep what it got and starve the rest of the disk.
        if self.free_bytes()? < wanted - allocated {
            return Ok(allocated >= length.saturating_add(AHEAD_BYTES));
        }
        match fallocate(&self.file, FallocateFlags::KEEP_SIZE, 0, wanted) {
            Ok(()) => Ok(true),
            Err(Errno::NOSPC | Errno::FBIG | Errno::DQUOT) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn is_above_floor(&self) -> Result<bool, Errno> {
        Ok(self.free_bytes()? >= self.free_floor_bytes)
    }

    fn free_bytes(&self) -> Result<u64, Errno> {
        let stat = fstatvfs(&self.file)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }
}

fn refused(doing: &'static str, error: io::Error) -> bool {
    tracing::warn!(%error, "{doing} disk space failed");
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn space(reserve_bytes: u64, free_floor_bytes: u64, fallocates: bool) -> Space {
        let file = tempfile::tempfile().unwrap();
        Space { fallocates, ..Space::new(file, reserve_bytes, free_floor_bytes) }
    }

    fn allocated(space: &Space) -> u64 {
        fstat(&space.file).unwrap().st_blocks as u64 * STAT_BLOCK_BYTES
    }

    #[test]
    fn space_is_secured_or_refused() {
        let check = |reserve, floor, fallocates, expected| {
            assert_eq!(space(reserve, floor, fallocates).secure(), expected, "{reserve} {floor}");
        };
        check(4 * MIB, 0, true, true);
        check(4 * MIB, u64::MAX, true, true);
        check(u64::MAX / 4, 0, true, false);
        check(4 * MIB, 0, false, true);
        check(0, u64::MAX, false, false);
    }

    #[test]
    fn the_reserve_is_renewed_after_the_file_grew_or_was_cut() {
        let mut space = space(24 * MIB, 0, true);
        assert!(space.secure());
        if !space.fallocates {
            return;
        }
        assert!(allocated(&space) >= 24 * MIB);
        space.file.set_len(20 * MIB).unwrap();
        assert!(space.secure());
        assert!(allocated(&space) >= 20 * MIB + AHEAD_BYTES, "after growing");
        space.file.set_len(0).unwrap();
        assert!(allocated(&space) < 24 * MIB, "set_len gives the reserve back");
        assert!(space.secure());
        assert!(allocated(&space) >= 24 * MIB, "after cutting");
    }
}
