//! sled keeps what every log keeps, in memory and beyond it, and refuses what it must.

mod damage;
mod inspection;
mod opening;
mod recovery;
mod sealing;
mod writing;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use events::LogId;
use tempfile::TempDir;
use uuid::Uuid;

use super::super::Log;
use super::super::conformance::{Subject, commit, conforms, run};
use super::super::support::{envelope, tenant};
use super::{OpenError, Options, SledLog, open};

/// A log in a directory of its own.
struct Directory {
    dir: TempDir,
    generation_bytes: u64,
}

impl Subject for Directory {
    fn open(&mut self) -> Arc<dyn Log> {
        let options = Options { generation_bytes: self.generation_bytes, ..options() };
        Arc::new(open(self.dir.path(), &options).unwrap())
    }
}

mod in_one_generation {
    use super::*;
    conforms!(directory(64 << 20));
}

/// Generations so small that most of what is read lies in segments.
mod sealed_all_the_time {
    use super::*;
    conforms!(directory(2_000));
}

fn directory(generation_bytes: u64) -> Directory {
    Directory { dir: tempfile::tempdir().unwrap(), generation_bytes }
}

fn options() -> Options {
    Options {
        cache_bytes: 4 << 20,
        free_floor_bytes: 0,
        ..Options::new(LogId::new(Uuid::from_u128(7)))
    }
}

fn opened(dir: &Path) -> SledLog {
    open(dir, &options()).unwrap()
}

fn refusal(dir: &Path) -> OpenError {
    open(dir, &options()).unwrap_err()
}

fn generation(dir: &Path, number: u32) -> PathBuf {
    dir.join("log").join(format!("gen-{number:08}"))
}

/// Appends events of acme, one txn each, from a number on.
fn write(log: &dyn Log, from: u64, sizes: &[usize]) {
    let acme = tenant("acme");
    run(async {
        for (seq, size) in (from..).zip(sizes) {
            commit(log, vec![envelope(&acme, seq, *size)]).await;
        }
    });
}

fn envelopes(of: &dyn Log) -> Vec<Bytes> {
    let all = super::super::conformance::read_all(of);
    all.into_iter().map(|event| event.envelope).collect()
}
