//! The model keeps what every log keeps, and has the faults it promises.

use std::sync::Arc;

use events::{LogId, Position, Seq};
use uuid::Uuid;

use super::super::conformance::{Subject, append, commit, conforms, read_all, run};
use super::super::support::{envelope, tenant};
use super::super::{Append, Failure, Log, Reason, State};
use super::{Fault, ModelLog};

/// A model that outlives its closing.
#[derive(Default)]
struct Reopened(Option<Arc<ModelLog>>);

impl Subject for Reopened {
    fn open(&mut self) -> Arc<dyn Log> {
        let next = self.0.take().map_or_else(model, |before| before.crash(0));
        let log = Arc::new(next);
        self.0 = Some(Arc::clone(&log));
        log
    }
}

conforms!(Reopened::default());

fn model() -> ModelLog {
    ModelLog::new(LogId::new(Uuid::from_u128(7)))
}

#[test]
fn nothing_is_seen_before_it_is_durable() {
    let (log, acme) = (model(), tenant("acme"));
    log.hold();
    run(async {
        let first = append(&log, vec![envelope(&acme, 1, 10), envelope(&acme, 2, 10)]).await;
        let second = append(&log, vec![envelope(&acme, 3, 10)]).await;
        assert_eq!((first.end, second.end), (Position(2), Position(3)));
        let seen = |log: &ModelLog| (log.durable(), log.head(&acme), read_all(log).len());
        assert_eq!(seen(&log), (Position(0), Seq(0), 0));
        assert!(log.release_one());
        assert_eq!(first.outcome().await, Append::Committed);
        assert_eq!(seen(&log), (Position(2), Seq(2), 2));
        log.release();
        assert_eq!(second.outcome().await, Append::Committed);
        assert_eq!(seen(&log), (Position(3), Seq(3), 3));
        assert!(!log.release_one());
    });
}

#[test]
fn a_txn_that_is_not_written_leaves_no_trace() {
    let (log, acme) = (model(), tenant("acme"));
    run(async {
        commit(&log, vec![envelope(&acme, 1, 10)]).await;
        log.inject(Fault::NotWritten);
        let refused = append(&log, vec![envelope(&acme, 2, 10)]).await;
        assert_eq!(refused.outcome().await, Append::NotWritten);
        let on_top = append(&log, vec![envelope(&acme, 3, 10)]).await;
        assert_eq!(on_top.outcome().await, Append::NotWritten, "it rests on what isn't there");
        commit(&log, vec![envelope(&acme, 2, 10)]).await;

        log.hold();
        let given_up = append(&log, vec![envelope(&acme, 3, 10)]).await;
        log.give_up_queue();
        assert_eq!(given_up.outcome().await, Append::NotWritten);
        log.release();
        commit(&log, vec![envelope(&acme, 3, 10)]).await;
    });
    assert_eq!((log.durable(), log.state()), (Position(3), State::Open));
}

/// What the faults that end a log tell, and what the next start finds of three txns: one durable, one queued, one that fails.
#[test]
fn faults_that_stop_the_log() {
    let check = |fault, told, found| {
        let (log, acme) = (model(), tenant("acme"));
        run(async {
            commit(&log, vec![envelope(&acme, 1, 10)]).await;
            log.hold();
            let queued = append(&log, vec![envelope(&acme, 2, 10)]).await;
            log.inject(fault);
            let failing = append(&log, vec![envelope(&acme, 3, 10)]).await;
            assert_eq!(failing.outcome().await, told);
            assert_eq!(queued.outcome().await, Append::Unknown);
            assert!(matches!(log.failed().await, Failure::Io { .. }));
            assert_eq!(log.reserve().await.unwrap_err().reason, Reason::Stopped);
        });
        assert_eq!((log.durable(), log.head(&acme)), (Position(1), Seq(1)), "nobody was told");
        assert_eq!(log.crash(0).head(&acme), found, "{fault:?}");
    };
    check(Fault::Fenced, Append::Fenced, Seq(1));
    check(Fault::UnknownLost, Append::Unknown, Seq(1));
    check(Fault::UnknownWritten, Append::Unknown, Seq(3));
}

/// Of three undurable txns of 1, 2 and 3 frames, so many frames are kept by the crash.
#[test]
fn a_crash_tears_what_is_not_durable() {
    let check = |frames_kept, txns_found| {
        let (log, acme, large) = (model(), tenant("acme"), 150_000);
        run(async {
            commit(&log, vec![envelope(&acme, 1, 10)]).await;
            log.hold();
            let receipts = [
                append(&log, vec![envelope(&acme, 2, 10)]).await,
                append(&log, vec![envelope(&acme, 3, 10), envelope(&acme, 4, 10)]).await,
                append(&log, vec![envelope(&acme, 5, large)]).await,
            ];
            assert_eq!(receipts.each_ref().map(|receipt| receipt.end.0), [2, 4, 7]);
            let next = log.crash(frames_kept);
            assert_eq!(next.durable(), Position([1, 2, 4, 7][txns_found]), "{frames_kept}");
            assert_eq!(next.head(&acme), Seq([1, 2, 4, 5][txns_found]));
            for receipt in receipts {
                assert_eq!(receipt.outcome().await, Append::Unknown);
            }
            commit(&next, vec![envelope(&acme, [2, 3, 5, 6][txns_found], 10)]).await;
        });
    };
    for (frames_kept, txns_found) in (0..).zip([0, 1, 1, 2, 2, 2, 3, 3]) {
        check(frames_kept, txns_found);
    }
}

#[test]
fn no_space_is_said_before_anything_is_decided() {
    let (log, acme) = (model(), tenant("acme"));
    log.set_space(false);
    run(async {
        assert_eq!(log.reserve().await.unwrap_err().reason, Reason::NoSpace);
        log.set_space(true);
        commit(&log, vec![envelope(&acme, 1, 10)]).await;
    });
}
