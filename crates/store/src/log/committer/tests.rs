//! The committer over a medium that does what a test tells it.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use events::Position;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::super::conformance::run;
use super::super::numbering::Numbering;
use super::super::recent::Recent;
use super::super::shared::{Batch, Shared};
use super::super::support::{envelope, tenant};
use super::super::{Append, Failure, Limit, Reason, Receipt, State, Unavailable};
use super::{Medium, start};

/// What a write does.
enum Step {
    Succeed,
    Fail,
    Panic,
}

/// Waits for a [`Step`] at every write, and keeps how many events each batch had.
struct Told {
    steps: Receiver<Step>,
    batches: Arc<Mutex<Vec<usize>>>,
    space: Arc<Mutex<bool>>,
}

/// The test's side of it.
struct Teller {
    shared: Arc<Shared>,
    steps: Sender<Step>,
    batches: Arc<Mutex<Vec<usize>>>,
    space: Arc<Mutex<bool>>,
}

impl Medium for Told {
    fn write(&mut self, batch: &Batch) -> Result<(), String> {
        self.batches.lock().push(batch.events.len());
        match self.steps.recv().unwrap_or(Step::Succeed) {
            Step::Succeed => Ok(()),
            Step::Fail => Err("no".into()),
            Step::Panic => panic!("oh no"),
        }
    }

    fn tend(&mut self) -> bool {
        *self.space.lock()
    }
}

impl Teller {
    fn start(silence_max: Duration) -> Self {
        let shared =
            Arc::new(Shared::new(Recent::starting_at(Position(0)), Numbering::default(), 1));
        let (steps, told) = channel();
        let batches = Arc::<Mutex<Vec<usize>>>::default();
        let space = Arc::new(Mutex::new(true));
        let medium = Told { steps: told, batches: Arc::clone(&batches), space: Arc::clone(&space) };
        let _detached = start(medium, &shared, silence_max).unwrap();
        Self { shared, steps, batches, space }
    }

    /// Appends a txn of so many events of its own tenant.
    fn append(&self, name: &str, events: u64, bytes: usize) -> Receipt {
        let tenant = tenant(name);
        let txn = (1..=events).map(|seq| envelope(&tenant, seq, bytes)).collect();
        let permit = run(self.shared.gate.enter()).unwrap();
        self.shared.append(permit, txn)
    }

    /// Appends, and waits until the committer has taken it.
    fn occupy(&self) -> Receipt {
        let receipt = self.append("first", 1, 0);
        until(|| self.batches.lock().len() == 1);
        receipt
    }
}

const PATIENT: Duration = Duration::from_secs(600);

#[test]
fn what_queues_during_a_write_is_the_next_batch_and_no_txn_is_cut() {
    let check = |txns: &[(u64, usize)], expected: &[usize]| {
        let teller = Teller::start(PATIENT);
        let mut receipts = vec![teller.occupy()];
        for (nth, (events, bytes)) in txns.iter().enumerate() {
            receipts.push(teller.append(&format!("t-{nth}"), *events, *bytes));
        }
        for _ in 0..=expected.len() {
            teller.steps.send(Step::Succeed).unwrap();
        }
        for receipt in receipts {
            assert_eq!(run(receipt.outcome()), Append::Committed);
        }
        assert_eq!(teller.batches.lock()[1..], *expected, "{txns:?}");
        teller.shared.shut();
    };
    check(&[(1, 0); 10], &[10]);
    check(&[(1, 0); 300], &[256, 44]);
    check(&[(100, 0), (100, 0), (100, 0)], &[200, 100]);
    check(&[(2_000, 0), (1, 0)], &[2_000, 1]);
    check(&[(1, 0), (2_000, 0), (1, 0)], &[1, 2_000, 1]);
    check(&[(1, 400_000); 5], &[2, 2, 1]);
    check(&[(2, 700_000), (1, 400_000)], &[2, 1]);
}

#[test]
fn after_an_error_nothing_is_acknowledged() {
    let check = |step, reason: &str| {
        let teller = Teller::start(PATIENT);
        let (in_batch, queued) = (teller.occupy(), teller.append("second", 1, 0));
        teller.steps.send(step).unwrap();
        let failure = Failure::Io { reason: reason.into() };
        assert_eq!(run(teller.shared.failed()), failure);
        assert_eq!(failure.exit_code(), 10);
        assert_eq!(run(in_batch.outcome()), Append::Unknown);
        assert_eq!(run(queued.outcome()), Append::Unknown);
        assert_eq!(teller.shared.state(), State::Failed(failure));
        assert_eq!(teller.shared.durable(), Position(0));
        let stopped = run(teller.shared.gate.enter()).unwrap_err();
        assert_eq!(stopped.reason, Reason::Stopped);
        assert!(teller.shared.wait_for_end(PATIENT));
    };
    check(Step::Fail, "no");
    check(Step::Panic, "oh no");
}

#[test]
fn a_write_that_never_ends_stops_the_log_and_is_not_acknowledged_later() {
    let teller = Teller::start(Duration::from_millis(300));
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(teller.shared.state(), State::Open, "an idle log is not stuck");
    let (in_batch, queued) = (teller.occupy(), teller.append("second", 1, 0));
    let failure = run(teller.shared.failed());
    assert!(matches!(failure, Failure::Stuck { .. }), "{failure}");
    assert_eq!(failure.exit_code(), 11);
    assert_eq!(run(queued.outcome()), Append::Unknown);
    teller.steps.send(Step::Succeed).unwrap();
    assert_eq!(run(in_batch.outcome()), Append::Unknown, "no ack follows");
    assert_eq!(teller.shared.durable(), Position(0));
}

#[test]
fn writes_that_go_on_are_not_stuck() {
    let teller = Teller::start(Duration::from_secs(1));
    let mut receipts = vec![teller.occupy()];
    for nth in 0..10 {
        std::thread::sleep(Duration::from_millis(150));
        receipts.push(teller.append(&format!("t-{nth}"), 1, 0));
        teller.steps.send(Step::Succeed).unwrap();
    }
    teller.steps.send(Step::Succeed).unwrap();
    for receipt in receipts {
        assert_eq!(run(receipt.outcome()), Append::Committed);
    }
    teller.shared.shut();
}

#[test]
fn without_space_nothing_is_let_in_until_there_is_some_again() {
    let teller = Teller::start(PATIENT);
    let early = run(teller.shared.gate.enter()).unwrap();
    let enter = || run(teller.shared.gate.enter()).map(drop);
    *teller.space.lock() = false;
    until(|| enter().is_err());
    assert_eq!(enter(), Err(Unavailable { retry_after_s: 2, reason: Reason::NoSpace }));

    teller.steps.send(Step::Succeed).unwrap();
    let let_in_before = teller.shared.append(early, vec![envelope(&tenant("acme"), 1, 0)]);
    assert_eq!(run(let_in_before.outcome()), Append::Committed);
    let limit = Limit { events: 10, bytes: 1 << 20 };
    assert_eq!(teller.shared.recent.read().read(Position(0), limit).unwrap().unwrap().len(), 1);
    assert!(enter().is_err());

    *teller.space.lock() = true;
    until(|| enter().is_ok());
    teller.shared.shut();
}

#[test]
fn a_full_queue_makes_the_next_one_wait() {
    let teller = Teller::start(PATIENT);
    let mut receipts = vec![teller.occupy()];
    for nth in 0..17 {
        receipts.push(teller.append(&format!("t-{nth}"), 6, 680_000));
    }
    assert_eq!(teller.shared.gate.queued_txns(), 18);
    let (entered, entry) = oneshot::channel();
    let shared = Arc::clone(&teller.shared);
    let waiting = std::thread::spawn(move || {
        let permit = run(shared.gate.enter());
        entered.send(()).unwrap();
        permit.map(drop)
    });
    std::thread::sleep(Duration::from_millis(100));
    assert!(entry.is_empty(), "68 MiB are queued");
    for _ in 0..=receipts.len() {
        teller.steps.send(Step::Succeed).unwrap();
    }
    run(entry).unwrap();
    assert_eq!(waiting.join().unwrap(), Ok(()));
    for receipt in receipts {
        assert_eq!(run(receipt.outcome()), Append::Committed);
    }
    assert_eq!((teller.shared.gate.queued_txns(), teller.shared.gate.queued_bytes()), (0, 0));
    teller.shared.shut();
}

fn until(done: impl Fn() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_secs(20), "it never happened");
        std::thread::sleep(Duration::from_millis(5));
    }
}
