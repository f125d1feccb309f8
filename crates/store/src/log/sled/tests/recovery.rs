//! What a start makes of any files that a crash may leave, laid out by hand.

use std::fs;
use std::time::Duration;

use events::{LogId, Position, Seq};

use super::*;
use crate::log::frame::{self, Frame};
use crate::log::identity::Identity;
use crate::mark::{Kind, Note};

/// A frame to be laid out: position, last position of its batch, epoch.
type Laid = (u64, u64, u32);

const LOG: LogId = LogId::new(Uuid::from_u128(7));

/// The log's files: generations, each with its frames. Event n of acme lies at position n - 1.
fn lay(generations: &[(u32, &[Laid])], acked: u64) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("FORMAT"), "rollcall data format 1\n").unwrap();
    fs::create_dir(dir.path().join("log")).unwrap();
    let identity = Identity { log: LOG, incarnation: 1, epoch: 3 };
    fs::write(dir.path().join("log.id"), identity.encode()).unwrap();
    Note::open(&dir.path().join("log/acked"), Kind::Acked, LOG)
        .unwrap()
        .set(Position(acked))
        .unwrap();
    for (number, frames) in generations {
        lay_generation(dir.path(), *number, frames);
    }
    dir
}

fn lay_generation(dir: &Path, number: u32, frames: &[Laid]) {
    let place = generation(dir, number);
    fs::create_dir(&place).unwrap();
    let mut bytes = vec![7; 100];
    for (position, batch_last, epoch) in frames {
        let event = event_at(*position);
        let frame = Frame {
            log: LOG,
            epoch: *epoch,
            position: Position(*position),
            batch_last: Position(*batch_last),
            part: 0,
            parts: 1,
            bytes: &event,
        };
        frame::encode(&frame, &mut bytes);
        bytes.extend_from_slice(b"\x89rcfram\nno frame");
    }
    fs::write(place.join("db"), bytes).unwrap();
}

fn event_at(position: u64) -> Bytes {
    envelope(&tenant("acme"), position + 1, 40)
}

/// How many events the start finds, each where and what it was; or the position that it names.
#[track_caller]
fn check(generations: &[(u32, &[Laid])], acked: u64, expected: Result<u64, u64>) {
    let dir = lay(generations, acked);
    let count = match open(dir.path(), &options()) {
        Ok(log) => {
            let count = log.durable().0;
            assert_eq!(envelopes(&log), (0..count).map(event_at).collect::<Vec<_>>());
            // It goes on, is sealed, and is found again.
            write(&log, count + 1, &[40, 40]);
            drop(log);
            let again = opened(dir.path());
            assert_eq!(envelopes(&again), (0..count + 2).map(event_at).collect::<Vec<_>>());
            assert_eq!(again.head(&tenant("acme")), Seq(count + 2));
            Ok(count)
        }
        Err(OpenError::Integrity { position: Some(position), .. }) => Err(position.0),
        Err(other) => panic!("{other}"),
    };
    assert_eq!(count, expected, "{generations:?}, {acked} acknowledged");
}

#[test]
fn one_generation() {
    check(&[], 0, Ok(0));
    check(&[(0, &[])], 0, Ok(0));
    check(&[(0, &[])], 1, Err(0));
    check(&[(0, &[(0, 0, 1), (1, 2, 1), (2, 2, 1)])], 3, Ok(3));
    check(&[(0, &[(0, 0, 1), (1, 2, 1), (2, 2, 1)])], 4, Err(3));
    // In any order, some of them twice.
    check(&[(0, &[(2, 2, 1), (0, 0, 1), (1, 2, 1), (0, 0, 1)])], 0, Ok(3));
}

#[test]
fn a_last_batch_that_is_not_whole_was_never_acknowledged() {
    check(&[(0, &[(0, 0, 1), (1, 3, 1), (3, 3, 1)])], 1, Ok(1));
    check(&[(0, &[(0, 0, 1), (2, 3, 1), (3, 3, 1)])], 1, Ok(1));
    check(&[(0, &[(0, 2, 1)])], 0, Ok(0));
    check(&[(0, &[(0, 0, 1), (1, 3, 1), (3, 3, 1)])], 2, Err(1));
}

#[test]
fn a_hole_is_named() {
    check(&[(0, &[(1, 1, 1), (2, 2, 1)])], 0, Err(0));
    check(&[(0, &[(0, 0, 1), (2, 2, 1), (3, 3, 1)])], 0, Err(1));
    check(&[(0, &[(0, 0, 1), (1, 2, 1), (3, 3, 1)])], 0, Err(2));
    check(&[(0, &[(0, 0, 1)]), (1, &[(2, 2, 2), (3, 3, 2)])], 0, Err(1));
    check(&[(1, &[(2, 2, 2), (3, 3, 2)])], 0, Err(0));
    check(&[(0, &[(0, 0, 1), (1, 2, 1)]), (1, &[(3, 3, 2), (4, 4, 2)])], 0, Err(1));
}

#[test]
fn generations_follow_each_other() {
    check(&[(0, &[(0, 0, 1)]), (1, &[(1, 2, 2), (2, 2, 2)])], 3, Ok(3));
    check(&[(0, &[(0, 0, 1)]), (4, &[]), (7, &[(1, 1, 3)])], 2, Ok(2));
    check(&[(0, &[(0, 0, 1)]), (1, &[(1, 1, 2)]), (2, &[])], 2, Ok(2));
    // Where the next one begins this one ended, whatever a crash had left behind its end.
    check(&[(0, &[(0, 0, 1), (1, 3, 1), (2, 3, 1)]), (1, &[(1, 1, 2)])], 2, Ok(2));
    // A last batch torn in the newest one, be it its first.
    check(&[(0, &[(0, 0, 1)]), (1, &[(2, 3, 2)])], 1, Ok(1));
    check(&[(0, &[(0, 0, 1), (1, 3, 1)]), (1, &[(2, 3, 2)]), (2, &[])], 1, Ok(1));
    check(&[(0, &[(0, 0, 1)]), (1, &[(1, 1, 2), (2, 3, 2)])], 2, Ok(2));
    // Of its first batch, the end alone: where the batch began is not known.
    check(&[(0, &[(0, 0, 1)]), (1, &[(2, 3, 2), (3, 3, 2)])], 1, Ok(1));
    check(&[(0, &[(0, 0, 1)]), (1, &[(2, 2, 2)]), (2, &[(1, 1, 3)])], 2, Ok(2));
    check(&[(0, &[(0, 0, 1)]), (1, &[(2, 2, 2)]), (2, &[(1, 1, 3), (2, 2, 3)])], 3, Ok(3));
    check(&[(0, &[(0, 0, 1)]), (1, &[(2, 2, 2)]), (2, &[(2, 2, 3)])], 1, Ok(1));
    // What was acknowledged is missed all the same, and what later batches were written behind.
    check(&[(0, &[(0, 0, 1)]), (1, &[(2, 2, 2)])], 3, Err(1));
    check(&[(0, &[(0, 0, 1)]), (1, &[(2, 2, 2)]), (2, &[(3, 3, 3), (4, 4, 3)])], 0, Err(1));
}

/// A torn batch of an early start lies on, not dropped yet, when what later ones wrote in its place is sealed up to where its end
/// begins.
#[test]
fn what_was_given_up_is_not_looked_at_again() {
    let dir = lay(&[(5, &[(0, 0, 2), (1, 1, 2)])], 2);
    let log = opened(dir.path());
    while log.metrics().segments == 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    drop(log);
    for given_up in [0, 3] {
        lay_generation(dir.path(), given_up, &[(2, 3, 1), (3, 3, 1)]);
        let report = crate::inspect::verify(dir.path(), &mut |_, _| ()).unwrap();
        assert_eq!((report.end, report.unsealed), (Position(2), 0));
        let log = opened(dir.path());
        assert_eq!(envelopes(&log), [event_at(0), event_at(1)]);
        drop(log);
        drop(opened(dir.path()));
        assert!(!generation(dir.path(), given_up).exists());
    }
}

#[test]
fn where_two_starts_have_written_the_later_one_counts() {
    let of_two_starts: &[Laid] = &[(0, 0, 1), (1, 3, 1), (2, 3, 1), (1, 1, 2), (2, 2, 2)];
    check(&[(0, of_two_starts)], 3, Ok(3));
    let longer: &[Laid] = &[(0, 0, 1), (1, 4, 1), (2, 4, 1), (3, 4, 1), (1, 1, 2)];
    check(&[(0, longer)], 2, Ok(2));
}

#[test]
fn frames_that_do_not_fit_are_damage() {
    let refuse = |change: &dyn Fn(&mut Frame<'_>), position: u64, reason: &str| {
        let dir = lay(&[(0, &[(0, 0, 1), (1, 1, 1)])], 2);
        let db = generation(dir.path(), 0).join("db");
        let mut bytes = fs::read(&db).unwrap();
        let event = event_at(2);
        let (at, log) = (Position(2), LOG);
        let mut frame =
            Frame { log, epoch: 1, position: at, batch_last: at, part: 0, parts: 1, bytes: &event };
        change(&mut frame);
        frame::encode(&frame, &mut bytes);
        fs::write(&db, bytes).unwrap();
        let refused = refusal(dir.path());
        let expected =
            OpenError::Integrity { position: Some(Position(position)), reason: reason.into() };
        assert_eq!(refused, expected);
        assert_eq!(refused.exit_code(), 3);
    };
    refuse(&|f| f.bytes = b"junk", 2, "the record's length of a field is not valid");
    refuse(&|f| (f.part, f.parts) = (1, 2), 2, "its event goes on in another batch");
}
