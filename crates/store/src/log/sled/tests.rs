//! sled keeps what every log keeps, in memory and beyond it, and refuses what it must.

use std::sync::Arc;
use std::time::Duration;

use events::{LogId, Position};
use tempfile::TempDir;
use uuid::Uuid;

use super::super::Log;
use super::super::conformance::{Subject, conforms};
use super::{Options, open};

/// A log in a directory of its own.
struct Directory {
    dir: TempDir,
    recent_bytes: usize,
}

impl Subject for Directory {
    fn open(&mut self) -> Arc<dyn Log> {
        let options = Options { recent_bytes: self.recent_bytes, ..options() };
        Arc::new(open(self.dir.path(), &options).unwrap())
    }
}

mod in_memory {
    use super::*;
    conforms!(directory(64 << 20));
}

mod beyond_memory {
    use super::*;
    conforms!(directory(10_000));
}

fn directory(recent_bytes: usize) -> Directory {
    Directory { dir: tempfile::tempdir().unwrap(), recent_bytes }
}

fn options() -> Options {
    Options {
        cache_bytes: 4 << 20,
        reserve_bytes: 1 << 20,
        free_floor_bytes: 0,
        ..Options::new(LogId::new(Uuid::from_u128(7)))
    }
}
