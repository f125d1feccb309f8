//! Generations become segments while the log goes on, and nobody notices.

use std::fs;
use std::time::{Duration, Instant};

use events::{Position, Seq};

use super::*;
use crate::log::{Limit, ReadError, Tail};

const SMALL: u64 = 20_000;

fn small(dir: &Path) -> SledLog {
    open(dir, &Options { generation_bytes: SMALL, ..options() }).unwrap()
}

/// Appends until so many segments are there; the number of the last event.
fn fill(log: &SledLog, from: u64, segments: usize) -> u64 {
    let until = Instant::now() + Duration::from_secs(60);
    let mut next = from;
    while log.metrics().segments < segments {
        assert!(Instant::now() < until, "{:?}", log.metrics());
        write(log, next, &[500; 20]);
        next += 20;
    }
    next - 1
}

fn files(dir: &Path, prefix: &str) -> Vec<String> {
    let names = fs::read_dir(dir.join("log")).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    names.retain(|name| name.starts_with(prefix));
    names.sort();
    names
}

#[test]
fn what_is_sealed_is_read_as_before_and_leaves_memory() {
    let dir = tempfile::tempdir().unwrap();
    let log = small(dir.path());
    let last = fill(&log, 1, 3);
    let expected: Vec<Bytes> = (1..=last).map(|seq| envelope(&tenant("acme"), seq, 500)).collect();
    assert_eq!(envelopes(&log), expected);
    assert!(log.recent() > Position(0), "what is sealed is not kept");
    assert_eq!(log.head(&tenant("acme")), Seq(last));
    let limit = Limit { events: 7, bytes: usize::MAX };
    for after in (0..last).step_by(3) {
        let read = log.read_tenant(&tenant("acme"), Seq(after), limit).unwrap();
        let read: Vec<Bytes> = read.into_iter().map(|event| event.envelope).collect();
        let wanted = expected.iter().skip(usize::try_from(after).unwrap()).take(7);
        assert!(read.iter().eq(wanted), "after {after}");
    }
    drop(log);
    let log = small(dir.path());
    assert_eq!(envelopes(&log), expected);
    let more = fill(&log, last + 1, 6);
    assert_eq!(log.head(&tenant("acme")), Seq(more));
    assert!(files(dir.path(), "gen-").len() <= 3, "{:?}", files(dir.path(), "gen-"));
}

#[test]
fn a_tail_goes_from_segments_into_memory() {
    let dir = tempfile::tempdir().unwrap();
    let log: Arc<dyn Log> = Arc::new(small(dir.path()));
    let writer = Arc::clone(&log);
    let writing = std::thread::spawn(move || write(&*writer, 1, &[500; 400]));
    let seen = run(async {
        let mut tail =
            Tail::new(Arc::clone(&log), Position(0), Limit { events: 30, bytes: 1 << 20 });
        let mut seen = Vec::new();
        while seen.len() < 400 {
            seen.extend(tail.next().await.unwrap().into_iter().map(|event| event.envelope));
        }
        seen
    });
    writing.join().unwrap();
    assert_eq!(seen, (1..=400).map(|seq| envelope(&tenant("acme"), seq, 500)).collect::<Vec<_>>());
}

#[test]
fn a_generation_beside_its_segment_is_dropped_or_counts() {
    let dir = tempfile::tempdir().unwrap();
    let log = small(dir.path());
    let last = fill(&log, 1, 2);
    drop(log);
    // A start of its own seals what is left; its segment is the last one.
    drop(opened(dir.path()));
    let segments = files(dir.path(), "seg-");
    let check = |tamper: &dyn Fn(&mut Vec<u8>), kept: bool| {
        let path = dir.path().join("log").join(segments.last().unwrap());
        let mut bytes = fs::read(&path).unwrap();
        tamper(&mut bytes);
        fs::write(&path, bytes).unwrap();
        let opened = open(dir.path(), &options());
        assert_eq!(opened.is_ok(), kept);
        if let Ok(log) = opened {
            assert_eq!(log.head(&tenant("acme")), Seq(last));
        }
    };
    check(&|_| (), true);
    check(&|bytes| bytes[20] ^= 1, false);
}

#[test]
fn a_segment_that_is_gone_or_bad_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let log = small(dir.path());
    fill(&log, 1, 3);
    drop(log);
    let segments = files(dir.path(), "seg-");
    let path = dir.path().join("log").join(&segments[1]);
    let whole = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let refused = refusal(dir.path());
    assert!(matches!(refused, OpenError::Integrity { position: Some(_), .. }), "{refused}");
    // A bit in a frame is found when it is read, not before: a start reads no history.
    let mut damaged = whole.clone();
    damaged[300] ^= 1;
    fs::write(&path, damaged).unwrap();
    let log = opened(dir.path());
    let all = Limit { events: usize::MAX, bytes: usize::MAX };
    let read = log.read_tenant(&tenant("acme"), Seq(0), all);
    assert!(matches!(read, Err(ReadError::Integrity { .. })), "{read:?}");
    drop(log);
    fs::write(&path, whole).unwrap();
    drop(opened(dir.path()));
}
