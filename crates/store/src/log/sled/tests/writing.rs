//! How it writes: one sync a commit, never a blob file, never without space.

use std::fs;
use std::sync::Arc;

use events::{Position, Seq};
use tokio::task::JoinSet;

use super::super::space::AHEAD_BYTES;
use super::*;
use crate::log::conformance::append;
use crate::log::{Append, Failure, Limit, Reason, State};

#[test]
fn exactly_one_fdatasync_per_commit() {
    let dir = tempfile::tempdir().unwrap();
    let log = Arc::new(opened(dir.path()));
    run(async {
        let mut writers = JoinSet::new();
        for n in 0..16 {
            let log = Arc::clone(&log);
            writers.spawn(async move {
                let tenant = tenant(&format!("t-{n}"));
                for seq in 1..=30 {
                    commit(&*log, vec![envelope(&tenant, seq, 200)]).await;
                }
            });
        }
        writers.join_all().await;
    });
    let metrics = log.metrics();
    assert_eq!((metrics.events, metrics.frames, metrics.durable), (480, 480, Position(480)));
    assert_eq!(metrics.syncs, metrics.commits);
    assert_eq!(metrics.batch_sizes.iter().sum::<u64>(), metrics.commits);
    assert!((30..480).contains(&metrics.commits), "{} commits", metrics.commits);
    assert!(metrics.last_sync <= metrics.total_sync && !metrics.last_sync.is_zero());
    assert_eq!((metrics.queued_txns, metrics.queued_bytes), (0, 0));
}

#[test]
fn the_largest_frames_make_no_blob_files() {
    let dir = tempfile::tempdir().unwrap();
    let log = opened(dir.path());
    let acme = tenant("acme");
    run(async {
        for txn in 0..12 {
            let seqs = txn * 5 + 1..=txn * 5 + 5;
            let txn = seqs.map(|seq| envelope(&acme, seq, 780_000)).collect();
            commit(&log, txn).await;
        }
    });
    assert_eq!(log.head(&acme), Seq(60));
    assert_eq!(log.state(), State::Open);
    drop(log);
    assert_eq!(fs::read_dir(generation(dir.path(), 0).join("blobs")).unwrap().count(), 0);
    assert_eq!(opened(dir.path()).head(&acme), Seq(60));
}

#[test]
fn no_commit_outgrows_the_space_ahead() {
    let check = |events: u64, bytes: usize| {
        let dir = tempfile::tempdir().unwrap();
        let log = opened(dir.path());
        let file = generation(dir.path(), 0).join("db");
        let length = || fs::metadata(&file).unwrap().len();
        let acme = tenant("acme");
        let mut largest = 0;
        run(async {
            commit(&log, vec![envelope(&acme, 1, 10)]).await;
            for txn in 0..12 {
                let before = length();
                let first = txn * events + 2;
                let seqs = first..first + events;
                commit(&log, seqs.map(|seq| envelope(&acme, seq, bytes)).collect()).await;
                largest = length().saturating_sub(before).max(largest);
            }
        });
        assert!((1..=AHEAD_BYTES).contains(&largest), "{events} × {bytes}: {largest} bytes");
    };
    check(5, 780_000);
    check(60, 65_000);
    check(250, 16_000);
    check(2_000, 1_900);
}

#[test]
fn a_blob_file_stops_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let log = opened(dir.path());
    let acme = tenant("acme");
    run(async {
        commit(&log, vec![envelope(&acme, 1, 10)]).await;
        let blobs = generation(dir.path(), 0).join("blobs");
        fs::write(blobs.join("1"), "a value").unwrap();
        let unknown = append(&log, vec![envelope(&acme, 2, 10)]).await;
        assert_eq!(unknown.outcome().await, Append::Unknown);
        assert!(matches!(log.failed().await, Failure::Io { .. }));
    });
    assert_eq!(log.head(&acme), Seq(1));
}

#[test]
fn without_room_for_the_reserve_it_reads_but_does_not_write() {
    let dir = tempfile::tempdir().unwrap();
    write(&opened(dir.path()), 1, &[10, 20]);
    let log = open(dir.path(), &Options { generation_bytes: u64::MAX / 16, ..options() }).unwrap();
    assert_eq!(run(log.reserve()).unwrap_err().reason, Reason::NoSpace);
    assert!(!log.metrics().has_space);
    assert_eq!((log.state(), envelopes(&log).len()), (State::Open, 2));
    let limit = Limit { events: 9, bytes: 1 << 20 };
    assert_eq!(log.read_tenant(&tenant("acme"), Seq(1), limit).unwrap().len(), 1);
}
