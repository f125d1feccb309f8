//! What every log keeps, as checks over a [`Subject`]. Each implementer runs all of them by [`conforms`].

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use events::{Position, Seq, TenantId};
use tokio::task::JoinSet;

use super::support::{envelope, tenant};
use super::{
    Append, Limit, Log, Logged, ReadError, Reason, Receipt, State, TXN_BYTES_MAX, TXN_EVENTS_MAX,
    Tail,
};

/// A log under test, in its own place.
pub(super) trait Subject {
    /// Opens what is there. Whoever had it open has let go of it.
    fn open(&mut self) -> Arc<dyn Log>;
}

/// Makes a `#[test]` of every check for one implementer.
macro_rules! conforms {
    ($subject:expr) => {
        conforms! { @each $subject;
            positions_are_gapless_and_in_the_order_of_calls,
            what_is_appended_is_read,
            reads_keep_their_limit,
            a_large_event_is_whole,
            a_tail_wakes,
            a_txn_is_never_split,
            sixty_four_writers,
            what_is_not_allowed_is_not_written,
            what_does_not_follow_is_not_written,
            a_reopened_log_is_the_same,
            a_closed_log_is_read_but_not_written,
        }
    };
    (@each $subject:expr; $($check:ident,)*) => {$(
        #[test]
        fn $check() {
            crate::log::conformance::$check(&mut $subject);
        }
    )*};
}
pub(super) use conforms;

const ALL: Limit = Limit { events: usize::MAX, bytes: usize::MAX };

pub(super) fn positions_are_gapless_and_in_the_order_of_calls(subject: &mut dyn Subject) {
    let log = subject.open();
    let acme = tenant("acme");
    run(async {
        let mut receipts = Vec::new();
        for seq in 1..=100 {
            receipts.push(append(&*log, vec![envelope(&acme, seq, 100)]).await);
        }
        let ends: Vec<u64> = receipts.iter().map(|receipt| receipt.end.0).collect();
        assert_eq!(ends, (1..=100).collect::<Vec<_>>());
        for receipt in receipts {
            let end = receipt.end;
            assert_eq!(receipt.outcome().await, Append::Committed);
            assert!(log.durable() >= end, "acknowledged before it was durable");
        }
    });
    assert_eq!(log.durable(), Position(100));
    let places: Vec<(u64, u64)> =
        read_all(&*log).iter().map(|event| (event.position.0, event.next.0)).collect();
    assert_eq!(places, (0..100).map(|at| (at, at + 1)).collect::<Vec<_>>());
}

pub(super) fn what_is_appended_is_read(subject: &mut dyn Subject) {
    let log = subject.open();
    let (acme, globex, absent) = (tenant("acme"), tenant("globex"), tenant("absent"));
    let appended: Vec<Bytes> = (1..=200)
        .flat_map(|seq| [envelope(&acme, seq, 300), envelope(&globex, seq, 50)])
        .chain([envelope(&TenantId::platform(), 1, 10)])
        .collect();
    run(async {
        for one in &appended {
            commit(&*log, vec![one.clone()]).await;
        }
    });
    let read: Vec<Bytes> = read_all(&*log).into_iter().map(|event| event.envelope).collect();
    assert_eq!(read, appended);
    let of = |tenant: &TenantId, after: u64| -> Vec<Bytes> {
        let read = log.read_tenant(tenant, Seq(after), ALL).unwrap();
        read.into_iter().map(|event| event.envelope).collect()
    };
    let of_acme: Vec<Bytes> = appended.iter().step_by(2).take(200).cloned().collect();
    assert_eq!(of(&acme, 0), of_acme);
    assert_eq!(of(&acme, 150), of_acme[150..]);
    assert_eq!(of(&acme, 200), Vec::<Bytes>::new());
    assert_eq!(of(&acme, u64::MAX), Vec::<Bytes>::new());
    assert_eq!(of(&absent, 0), Vec::<Bytes>::new());
    assert_eq!(of(&TenantId::platform(), 0), [appended[400].clone()]);
    assert_eq!((log.head(&acme), log.head(&absent)), (Seq(200), Seq(0)));
}

pub(super) fn reads_keep_their_limit(subject: &mut dyn Subject) {
    let log = subject.open();
    let acme = tenant("acme");
    run(async {
        for seq in 1..=50 {
            commit(&*log, vec![envelope(&acme, seq, 3_000)]).await;
        }
    });
    let one = envelope(&acme, 1, 3_000).len();
    let check = |events, bytes, expected: usize| {
        let limit = Limit { events, bytes };
        for from in [0, 10, 30] {
            let read = log.read(Position(from), limit).unwrap();
            assert_eq!(read.len(), expected, "from {from}, {limit:?}");
            assert_eq!(read, log.read_tenant(&acme, Seq(from), limit).unwrap(), "{limit:?}");
        }
    };
    check(7, usize::MAX, 7);
    check(20, one * 3 + one / 2, 3);
    check(20, 1, 1);
    check(0, usize::MAX, 0);
    assert_eq!(log.read(Position(50), ALL).unwrap(), []);
    assert_eq!(log.read(Position(1_000), ALL).unwrap(), []);
}

pub(super) fn a_large_event_is_whole(subject: &mut dyn Subject) {
    let log = subject.open();
    let acme = tenant("acme");
    let sizes = [700 * 1024, 10, 65_000, 66_000, 131_000, 700 * 1024];
    let appended: Vec<Bytes> =
        (1..).zip(sizes).map(|(seq, size)| envelope(&acme, seq, size)).collect();
    run(async {
        for one in &appended {
            commit(&*log, vec![one.clone()]).await;
        }
    });
    let read = read_all(&*log);
    assert_eq!(
        read.iter().map(|event| &event.envelope).collect::<Vec<_>>(),
        Vec::from_iter(&appended)
    );
    assert!(read[0].next.0 - read[0].position.0 > 10, "it spans several frames");
    assert_eq!(read, log.read_tenant(&acme, Seq(0), ALL).unwrap());
    let position = Position(read[0].position.0 + 3);
    assert_eq!(log.read(position, ALL), Err(ReadError::NoEventHere { position }));
}

pub(super) fn a_tail_wakes(subject: &mut dyn Subject) {
    let log = subject.open();
    let acme = tenant("acme");
    run(async {
        for seq in 1..=20 {
            commit(&*log, vec![envelope(&acme, seq, 3_000)]).await;
        }
        let mut tail =
            Tail::new(Arc::clone(&log), Position(5), Limit { events: 6, bytes: 1 << 20 });
        let mut seen = Vec::new();
        while tail.position() < Position(20) {
            seen.extend(tail.next().await.unwrap());
        }
        assert_eq!(
            seen.iter().map(|event| event.position.0).collect::<Vec<_>>(),
            Vec::from_iter(5..20)
        );
        let mut waiting = JoinSet::new();
        waiting.spawn(async move { (tail.next().await.unwrap(), tail.position()) });
        tokio::task::yield_now().await;
        let late = envelope(&acme, 21, 10);
        commit(&*log, vec![late.clone()]).await;
        let (woken, position) = waiting.join_next().await.unwrap().unwrap();
        assert_eq!(woken.iter().map(|event| &event.envelope).collect::<Vec<_>>(), [&late]);
        assert_eq!(position, Position(21));
    });
}

/// The watermark only ever stands between txns, whatever their size.
pub(super) fn a_txn_is_never_split(subject: &mut dyn Subject) {
    let log = subject.open();
    let stop = Arc::new(AtomicBool::new(false));
    let watcher = std::thread::spawn({
        let (log, stop) = (Arc::clone(&log), Arc::clone(&stop));
        move || {
            let mut seen = BTreeSet::new();
            while !stop.load(Ordering::Acquire) {
                let durable = log.durable();
                let read = log.read(Position(durable.0.saturating_sub(1)), ALL);
                assert!(read.is_ok() || matches!(read, Err(ReadError::NoEventHere { .. })));
                seen.insert(durable);
            }
            seen
        }
    });
    let ends: BTreeSet<Position> = run(async {
        let mut writers = JoinSet::new();
        for (name, size) in [("a", 1), ("b", 7), ("c", 300), ("d", 40)] {
            let log = Arc::clone(&log);
            writers.spawn(async move {
                let tenant = tenant(name);
                let mut receipts = Vec::new();
                for nth in 0..10 {
                    let seqs = nth * size + 1..=(nth + 1) * size;
                    let txn = seqs.map(|seq| envelope(&tenant, seq, 100)).collect();
                    receipts.push(append(&*log, txn).await);
                }
                let ends: Vec<Position> = receipts.iter().map(|receipt| receipt.end).collect();
                for receipt in receipts {
                    assert_eq!(receipt.outcome().await, Append::Committed);
                }
                ends
            });
        }
        writers.join_all().await.into_iter().flatten().collect()
    });
    stop.store(true, Ordering::Release);
    let seen = watcher.join().unwrap();
    let between: Vec<_> = seen.iter().filter(|at| at.0 != 0 && !ends.contains(at)).collect();
    assert_eq!(between, Vec::<&Position>::new(), "the watermark stood inside a txn");
}

pub(super) fn sixty_four_writers(subject: &mut dyn Subject) {
    const EACH: u64 = 20;
    let log = subject.open();
    run(async {
        let mut writers = JoinSet::new();
        for n in 0..64 {
            let log = Arc::clone(&log);
            writers.spawn(async move {
                let tenant = tenant(&format!("t-{n}"));
                for seq in 1..=EACH {
                    commit(&*log, vec![envelope(&tenant, seq, 200)]).await;
                    assert_eq!(log.head(&tenant), Seq(seq), "acknowledged is readable");
                }
            });
        }
        writers.join_all().await;
    });
    let all = read_all(&*log);
    assert_eq!(all.len() as u64, 64 * EACH);
    assert!(all.iter().zip(0..).all(|(event, at)| event.position == Position(at)));
    for n in 0..64 {
        let tenant = tenant(&format!("t-{n}"));
        let read = log.read_tenant(&tenant, Seq(0), ALL).unwrap();
        let expected: Vec<Bytes> = (1..=EACH).map(|seq| envelope(&tenant, seq, 200)).collect();
        assert_eq!(read.into_iter().map(|event| event.envelope).collect::<Vec<_>>(), expected);
    }
}

pub(super) fn what_is_not_allowed_is_not_written(subject: &mut dyn Subject) {
    let log = subject.open();
    let acme = tenant("acme");
    let many = |count: usize, bytes: usize| -> Vec<Bytes> {
        (1..=count as u64).map(|seq| envelope(&acme, seq, bytes)).collect()
    };
    let too_large = many(6, 710 * 1024);
    assert!(too_large.iter().map(Bytes::len).sum::<usize>() > TXN_BYTES_MAX);
    let junk = vec![Bytes::from_static(b"\xff\xff\xff\xff junk")];
    run(async {
        for txn in [Vec::new(), many(TXN_EVENTS_MAX + 1, 0), too_large, junk] {
            let receipt = append(&*log, txn).await;
            assert_eq!(receipt.end, Position(0));
            assert_eq!(receipt.outcome().await, Append::NotWritten);
        }
        commit(&*log, many(TXN_EVENTS_MAX, 0)).await;
    });
    assert_eq!(log.head(&acme), Seq(TXN_EVENTS_MAX as u64));
    assert_eq!(log.durable(), Position(TXN_EVENTS_MAX as u64));
}

pub(super) fn what_does_not_follow_is_not_written(subject: &mut dyn Subject) {
    let log = subject.open();
    let (acme, globex) = (tenant("acme"), tenant("globex"));
    let txn = |events: &[(&TenantId, u64)]| -> Vec<Bytes> {
        events.iter().map(|(tenant, seq)| envelope(tenant, *seq, 10)).collect()
    };
    let check = async |events: &[(&TenantId, u64)], expected, durable| {
        assert_eq!(append(&*log, txn(events)).await.outcome().await, expected, "{events:?}");
        assert_eq!(log.durable(), Position(durable), "{events:?}");
    };
    run(async {
        check(&[(&acme, 2)], Append::NotWritten, 0).await;
        check(&[(&acme, 1), (&acme, 3)], Append::NotWritten, 0).await;
        check(&[(&acme, 1), (&globex, 1), (&acme, 2)], Append::Committed, 3).await;
        check(&[(&acme, 2)], Append::NotWritten, 3).await;
        check(&[(&acme, 3), (&acme, 4), (&globex, 3)], Append::NotWritten, 3).await;
        check(&[(&acme, 3)], Append::Committed, 4).await;
    });
    assert_eq!((log.head(&acme), log.head(&globex)), (Seq(3), Seq(1)));
}

pub(super) fn a_reopened_log_is_the_same(subject: &mut dyn Subject) {
    let tenants = [tenant("acme"), tenant("globex")];
    let sizes = [20, 2_000, 150_000];
    let mut appended: Vec<Logged> = Vec::new();
    let mut id = None;
    for round in 0..4 {
        let log = subject.open();
        assert_eq!(*id.get_or_insert_with(|| log.id()), log.id());
        assert_eq!(read_all(&*log), appended, "round {round}");
        for tenant in &tenants {
            assert_eq!(log.head(tenant), Seq(round * 3));
        }
        run(async {
            for (seq, size) in (round * 3 + 1..).zip(sizes) {
                let txn = tenants.iter().map(|tenant| envelope(tenant, seq, size)).collect();
                commit(&*log, txn).await;
            }
        });
        appended = read_all(&*log);
        log.close();
    }
    assert_eq!(appended.len(), 4 * 3 * 2);
}

pub(super) fn a_closed_log_is_read_but_not_written(subject: &mut dyn Subject) {
    let log = subject.open();
    let acme = tenant("acme");
    run(async {
        let permit = log.reserve().await.unwrap();
        let receipts = [append(&*log, vec![envelope(&acme, 1, 10)]).await];
        assert_eq!(log.state(), State::Open);
        log.close();
        assert_eq!(log.state(), State::Closed);
        for receipt in receipts {
            assert_eq!(receipt.outcome().await, Append::Committed, "closing finishes the queue");
        }
        assert_eq!(log.reserve().await.unwrap_err().reason, Reason::Stopped);
        let late = log.append(permit, vec![envelope(&acme, 2, 10)]);
        assert_eq!(late.outcome().await, Append::NotWritten);
    });
    assert_eq!(read_all(&*log).len(), 1);
    log.close();
}

pub(super) async fn append(log: &dyn Log, txn: Vec<Bytes>) -> Receipt {
    let permit = log.reserve().await.unwrap();
    log.append(permit, txn)
}

pub(super) async fn commit(log: &dyn Log, txn: Vec<Bytes>) {
    assert_eq!(append(log, txn).await.outcome().await, Append::Committed);
}

/// Everything, a few events at a time.
pub(super) fn read_all(log: &dyn Log) -> Vec<Logged> {
    let mut all: Vec<Logged> = Vec::new();
    loop {
        let from = all.last().map_or(Position(0), |event| event.next);
        let page = log.read(from, Limit { events: 37, bytes: 1 << 20 }).unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

pub(super) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap().block_on(future)
}
