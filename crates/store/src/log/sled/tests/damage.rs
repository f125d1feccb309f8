//! What is not as it was written stops the start, and names where.

use std::fs;

use ::sled::Tree;
use events::{Position, Seq};

use super::*;
use crate::log::frame::{self, Frame};

/// Six events of one frame each, then one of three, each a batch of its own.
const SIZES: [usize; 7] = [10, 20, 30, 40, 50, 60, 150_000];

/// What a start says after the tree was tampered with.
#[track_caller]
fn check(tamper: &dyn Fn(&Tree), at: u64, reason: &str) {
    let refused = tampered(tamper).map(|_| reason).unwrap_err();
    let (position, reason) = (Some(Position(at)), reason.into());
    assert_eq!(refused, OpenError::Integrity { position, reason });
    assert_eq!(refused.exit_code(), 3);
}

fn tampered(tamper: &dyn Fn(&Tree)) -> Result<(TempDir, SledLog), OpenError> {
    let dir = tempfile::tempdir().unwrap();
    write(&opened(dir.path()), 1, &SIZES);
    let tree = generation(dir.path()).open(4 << 20).unwrap();
    tamper(&tree);
    tree.flush().unwrap();
    drop(tree);
    open(dir.path(), &options()).map(|log| (dir, log))
}

#[test]
fn a_damaged_log_is_not_opened() {
    check(
        &|tree| remove(tree, 2),
        2,
        "the frame is missing; the next key is [00, 00, 00, 00, 00, 00, 00, 03]",
    );
    check(
        &|tree| remove(tree, 0),
        0,
        "the frame is missing; the next key is [00, 00, 00, 00, 00, 00, 00, 01]",
    );
    check(&|tree| flip(tree, 4, 70), 4, "the checksum does not fit");
    check(&|tree| flip(tree, 0, 3), 0, "no frame begins here");
    check(&|tree| flip(tree, 5, 8), 5, "a frame of format 0, which this release does not know");
    check(&|tree| copy(tree, 1, 3), 3, "the frame says it is 1");
    check(
        &|tree| change(tree, 3, &|f| f.log = LogId::new(Uuid::nil())),
        3,
        "the frame is of another log, 00000000-0000-0000-0000-000000000000",
    );
    check(&|tree| change(tree, 3, &|f| f.epoch = 3), 3, "it was written by start 3");
    check(
        &|tree| change(tree, 3, &|f| f.batch_last = Position(5)),
        4,
        "it is of the batch up to 4, not 5",
    );
    check(&|tree| change(tree, 7, &|f| f.part = 2), 7, "part 2 follows 1 parts");
    check(&|tree| change(tree, 6, &|f| f.part = 1), 6, "the first part of its event is missing");
    check(&|tree| change(tree, 2, &|f| f.bytes = b"junk"), 2, "the record's tenant is not valid");
    check(&|tree| insert(tree, &[0], b""), 0, "the frame is missing; the next key is [00]");
}

#[test]
fn a_hole_in_a_tenants_numbers_is_damage() {
    let skipped = envelope(&tenant("acme"), 9, 10);
    check(&|tree| change(tree, 3, &|f| f.bytes = &skipped), 3, "acme is at 3: 9 does not follow");
}

#[test]
fn an_incomplete_last_batch_is_dropped_and_written_anew() {
    let acme = tenant("acme");
    let check = |frames: u64| {
        let begun: Vec<Bytes> = (8..8 + frames).map(|seq| envelope(&acme, seq, 10)).collect();
        let begin = |tree: &Tree| {
            for (at, bytes) in (9..).zip(&begun) {
                copy(tree, 5, at);
                change(tree, at, &|f| {
                    (f.position, f.batch_last, f.bytes) = (Position(at), Position(12), bytes);
                });
            }
        };
        let (dir, log) = tampered(&begin).unwrap();
        assert_eq!((log.durable(), log.head(&acme)), (Position(9), Seq(7)));
        let before = envelopes(&log);
        write(&log, 8, &[99]);
        drop(log);
        let log = opened(dir.path());
        assert_eq!(log.durable(), Position(10));
        assert_eq!(envelopes(&log), [before, vec![envelope(&acme, 8, 99)]].concat());
    };
    check(0);
    check(1);
    check(3);
}

#[test]
fn what_sled_lost_is_seen_in_its_file() {
    let acme = tenant("acme");
    // The last batch may be the one that was being written: whole, it is taken; it may have been acknowledged.
    for lost in [6..9, 7..9, 8..9] {
        let (dir, log) = tampered(&|tree| lost.clone().for_each(|at| remove(tree, at))).unwrap();
        assert_eq!((log.durable(), log.head(&acme)), (Position(9), Seq(7)), "{lost:?}");
        write(&log, 8, &[99]);
        drop(log);
        assert_eq!(opened(dir.path()).durable(), Position(10));
    }
    // An earlier one was acknowledged for certain.
    let reason = "sled shows nothing from here on; its file holds frame 8";
    check(&|tree| (5..9).for_each(|at| remove(tree, at)), 5, reason);
    check(&|tree| (0..9).for_each(|at| remove(tree, at)), 0, reason);
}

/// One bit somewhere in sled's file: the start fails, or nothing but the very last batch is missing.
#[test]
fn a_flipped_bit_never_loses_what_was_acknowledged() {
    const EVENTS: u16 = 300;
    let dir = tempfile::tempdir().unwrap();
    write(&opened(dir.path()), 1, &[1_000; EVENTS as usize]);
    let generation = dir.path().join("log").join("gen-00000000");
    let whole = fs::read(generation.join("db")).unwrap();
    let mut refused = 0;
    for at in (0..20).map(|n| n * whole.len() / 20 + 1_000) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        fs::write(generation.join("db"), damaged).unwrap();
        for entry in fs::read_dir(&generation).unwrap() {
            let path = entry.unwrap().path();
            if path.to_string_lossy().contains("snap.") {
                fs::remove_file(path).unwrap();
            }
        }
        match open(dir.path(), &options()) {
            Ok(log) => assert!(log.durable().0 >= u64::from(EVENTS) - 1, "byte {at}"),
            Err(OpenError::Integrity { .. }) => refused += 1,
            Err(other) => panic!("byte {at}: {other}"),
        }
    }
    assert!(refused >= 10, "only {refused} of 20 were noticed");
}

#[test]
fn blob_files_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    write(&opened(dir.path()), 1, &SIZES);
    let blobs = dir.path().join("log").join("gen-00000000").join("blobs");
    fs::write(blobs.join("1"), "a value").unwrap();
    let refused = refusal(dir.path());
    assert!(refused.to_string().contains("blob files"), "{refused}");
    assert_eq!(refused.exit_code(), 3);
}

fn insert(tree: &Tree, key: &[u8], value: &[u8]) {
    tree.insert(key, value).unwrap();
}

fn value(tree: &Tree, at: u64) -> Vec<u8> {
    tree.get(at.to_be_bytes()).unwrap().unwrap().to_vec()
}

fn remove(tree: &Tree, at: u64) {
    tree.remove(at.to_be_bytes()).unwrap().unwrap();
}

fn copy(tree: &Tree, from: u64, to: u64) {
    insert(tree, &to.to_be_bytes(), &value(tree, from));
}

fn flip(tree: &Tree, at: u64, byte: usize) {
    let mut bytes = value(tree, at);
    bytes[byte] ^= 1;
    insert(tree, &at.to_be_bytes(), &bytes);
}

/// Writes a frame anew that differs in something, with a checksum that fits.
fn change<'a>(tree: &Tree, at: u64, change: &dyn Fn(&mut Frame<'a>)) {
    let bytes = value(tree, at).leak();
    let mut changed = frame::decode(bytes).unwrap();
    change(&mut changed);
    let mut out = Vec::new();
    frame::encode(&changed, &mut out);
    insert(tree, &at.to_be_bytes(), &out);
}
