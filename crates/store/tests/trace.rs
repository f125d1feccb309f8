//! Power cuts without root: what a log does to its files is recorded, and replayed up to any moment with what was not synced lost, torn
//! or reordered. Every acknowledged event must be there.
//!
//! The model is harsher than a file system: of the writes to a file since its last sync any may be missing, each sector by itself; of
//! the names in a directory those last made, moved or removed since its last sync may be as before, in order.
//! `ROLLCALL_TRACE_CUTS` sets how many moments are tried, `ROLLCALL_TRACE_SEED` which.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by a panic, and its child by its exit code"
)]

#[path = "support/life.rs"]
mod life;
#[path = "trace/replay.rs"]
mod replay;
#[path = "support/envelope.rs"]
mod support;

use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use std::{env, fs};

use life::{append_until_killed, check};
use replay::{Dice, Trace};

const CHILD_DIR: &str = "ROLLCALL_TRACE_CHILD_DIR";
const LIVES: u32 = 3;
const LIFE: Duration = Duration::from_millis(500);
const CUTS: u64 = 120;

#[test]
fn acknowledged_events_survive_any_cut_of_a_recorded_life() {
    if let Some(dir) = env::var_os(CHILD_DIR) {
        return append_and_say(Path::new(&dir));
    }
    let number = |name: &str| env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let cuts = number("ROLLCALL_TRACE_CUTS").unwrap_or(CUTS);
    let seed = number("ROLLCALL_TRACE_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("root");
    fs::create_dir_all(&root).unwrap();
    let preload = compile(place.path());
    for _ in 0..LIVES {
        record(&preload, place.path(), &root);
    }
    let trace = Trace::read(&place.path().join("trace"), &root.canonicalize().unwrap());
    assert!(trace.acknowledged() > 500, "too little was recorded: {}", trace.acknowledged());
    let next = AtomicU64::new(0);
    let work = || {
        let cuts =
            std::iter::from_fn(|| Some(next.fetch_add(1, Relaxed))).take_while(|it| *it < cuts);
        cuts.for_each(|cut| cut_and_check(&trace, seed.wrapping_add(cut), place.path()));
    };
    std::thread::scope(|scope| {
        let all = [scope.spawn(work), scope.spawn(work)];
        assert!(all.into_iter().all(|thread| thread.join().is_ok()), "something was lost");
    });
}

fn cut_and_check(trace: &Trace, seed: u64, place: &Path) {
    let image = tempfile::tempdir_in(place).unwrap();
    let ledger = trace.cut(&mut Dice::new(seed), image.path());
    let dir = image.path().join("data");
    let checked = std::panic::catch_unwind(|| check(&dir, &ledger, seed));
    assert!(
        checked.is_ok(),
        "ROLLCALL_TRACE_SEED={seed} ROLLCALL_TRACE_CUTS=1 cuts there again, in another life"
    );
}

/// A life under the recorder.
fn record(preload: &Path, place: &Path, root: &Path) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "acknowledged_events_survive_any_cut_of_a_recorded_life"])
        .env(CHILD_DIR, root)
        .env("LD_PRELOAD", preload)
        .env("TRACE_ROOT", root)
        .env("TRACE_FILE", place.join("trace"))
        .spawn()
        .unwrap();
    std::thread::sleep(LIFE);
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), None, "it ended by itself: {status}");
}

/// Acknowledgements are written beside the log, so that they stand in the trace in their place.
fn append_and_say(root: &Path) {
    static SAID: OnceLock<File> = OnceLock::new();
    let said = File::options().create(true).append(true).open(root.join("acknowledged"));
    SAID.set(said.unwrap()).unwrap();
    append_until_killed(&root.join("data"), |tenant, seq| {
        let line = format!("{tenant} {seq}\n");
        SAID.get().unwrap().write_all(line.as_bytes()).unwrap();
    });
}

/// Any machine that links Rust has a C compiler.
fn compile(place: &Path) -> std::path::PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trace/record.c");
    let library = place.join("record.so");
    let mut compiler = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()));
    let compiled = compiler
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .arg(source)
        .arg("-ldl")
        .status()
        .expect("a C compiler, as Rust itself needs one");
    assert!(compiled.success());
    library
}
