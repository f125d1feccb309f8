//! kill -9 at random moments: every acknowledged event is there afterwards, unaltered, without holes.
//!
//! This shows nothing about power cuts: the page cache survives. `power_cut.py` beside it makes one of each kill, by
//! `ROLLCALL_KILL_DIR` (where the log is) and `ROLLCALL_KILL_COMMAND` (run with the child's process id before it is killed).
//! `ROLLCALL_KILL_ROUNDS` sets how often.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test fails by a panic, and its child speaks by standard output"
)]

#[path = "support/envelope.rs"]
mod support;

use std::collections::BTreeMap;
use std::env;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use events::{LogId, Position, Seq, TenantId};
use store::log::{Append, Limit, Log};
use store::{Options, open};
use support::{envelope, tenant};
use tokio::task::JoinSet;
use uuid::Uuid;

const CHILD_DIR: &str = "ROLLCALL_KILL_CHILD_DIR";
const TENANTS: u64 = 8;
/// The longest a child lives.
const LIFE_MS: u64 = 400;

/// The last acknowledged number of each tenant.
type Ledger = BTreeMap<String, u64>;

#[test]
fn acknowledged_events_survive_kill_nine() {
    if let Some(dir) = env::var_os(CHILD_DIR) {
        return append_until_killed(Path::new(&dir));
    }
    let rounds = env::var("ROLLCALL_KILL_ROUNDS").map_or(12, |rounds| rounds.parse().unwrap());
    let temporary = tempfile::tempdir().unwrap();
    let dir =
        env::var_os("ROLLCALL_KILL_DIR").map_or_else(|| temporary.path().into(), PathBuf::from);
    let mut ledger = Ledger::new();
    for round in 1..=rounds {
        let life = Duration::from_millis(RandomState::new().hash_one(round) % LIFE_MS);
        live(&dir, &Death::After(life), &mut ledger);
        // Half of the killed logs are opened by the next child, and killed again while it opens them.
        if round % 2 == 0 || round == rounds {
            check(&dir, &ledger, round);
        }
    }
    let acknowledged: u64 = ledger.values().sum();
    assert!(
        acknowledged > rounds,
        "only {acknowledged} events were acknowledged: nothing is shown"
    );
}

/// How a child ends.
enum Death {
    /// It is killed.
    After(Duration),
    /// It dies of itself, at a named place that it passes for the nth time.
    #[cfg(feature = "torture")]
    At(&'static str, u32),
}

/// Where the log may die. Sealing goes on in a thread of its own, so the others go on writing meanwhile.
#[cfg(feature = "torture")]
const POINTS: [&str; 15] = [
    "open.scanned",
    "open.created",
    "commit.applied",
    "commit.synced",
    "rotate.prepared",
    "rotate.switched",
    "seal.begun",
    "seal.written",
    "seal.synced",
    "seal.renamed",
    "seal.published",
    "drop.begun",
    "drop.removed",
    "seal.begun",
    "seal.renamed",
];

/// Several deaths follow each other in one directory: what one has left – two generations that aren't sealed, an empty one, a segment
/// beside its generation – the next life begins with.
#[cfg(feature = "torture")]
#[test]
fn acknowledged_events_survive_a_death_at_any_point() {
    let temporary = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::new();
    for (round, point) in (1..).zip(POINTS) {
        for (life, nth) in (1..).zip([2, 1, 1]) {
            live(temporary.path(), &Death::At(point, nth), &mut ledger);
            if life > 1 {
                println!("{point}, life {life}");
                check(temporary.path(), &ledger, round);
            }
        }
    }
    assert!(ledger.values().sum::<u64>() > 1_000, "nothing is shown");
}

/// Starts a child, lets it die, and enters what it had seen acknowledged.
fn live(dir: &Path, death: &Death, ledger: &mut Ledger) {
    let mut child = Command::new(env::current_exe().unwrap());
    child.args(["--exact", "acknowledged_events_survive_kill_nine", "--nocapture"]);
    child.env(CHILD_DIR, dir).stdout(Stdio::piped());
    #[cfg(feature = "torture")]
    if let Death::At(point, nth) = death {
        child.env("ROLLCALL_TORTURE_POINT", format!("{point}:{nth}"));
    }
    let mut child = child.spawn().unwrap();
    let output = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        BufReader::new(output).lines().map_while(Result::ok).collect::<Vec<_>>()
    });
    match death {
        Death::After(life) => {
            std::thread::sleep(*life);
            kill(&mut child);
        }
        #[cfg(feature = "torture")]
        Death::At(point, nth) => {
            let until = std::time::Instant::now() + Duration::from_secs(20);
            while child.try_wait().unwrap().is_none() {
                // A place that a life passes once, at its start, is not met a second time.
                let late =
                    std::time::Instant::now() > until || point.starts_with("open.") && *nth > 1;
                if late {
                    assert!(*nth > 1, "{point} was not met");
                    std::thread::sleep(Duration::from_millis(300));
                    kill(&mut child);
                    break;
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
    let status = child.wait().unwrap();
    assert_eq!(status.code(), None, "it ended by itself: {status}");
    for line in reader.join().unwrap() {
        if let ["acked", tenant, seq] = line.split(' ').collect::<Vec<_>>()[..] {
            ledger.insert(tenant.to_owned(), seq.parse().unwrap());
        }
    }
}

fn kill(child: &mut std::process::Child) {
    if let Some(command) = env::var_os("ROLLCALL_KILL_COMMAND") {
        let done = Command::new(command).arg(child.id().to_string()).status().unwrap();
        assert!(done.success(), "{done}");
    }
    child.kill().unwrap();
}

/// The child: eight tenants append txns of one to three events, and say what was acknowledged.
fn append_until_killed(dir: &Path) {
    let log: Arc<dyn Log> = Arc::new(open(dir, &options()).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let mut writers = JoinSet::new();
        for n in 0..TENANTS {
            writers.spawn(append_for_ever(Arc::clone(&log), tenant(&format!("t-{n}"))));
        }
        writers.join_all().await;
    });
}

async fn append_for_ever(log: Arc<dyn Log>, tenant: TenantId) {
    let mut head = log.head(&tenant).0;
    loop {
        let size = 1 + head % 3;
        let txn = (head + 1..=head + size).map(|seq| written(&tenant, seq)).collect();
        let permit = log.reserve().await.unwrap();
        assert_eq!(log.append(permit, txn).outcome().await, Append::Committed);
        head += size;
        println!("acked {tenant} {head}");
    }
}

/// Reads everything there is and compares it with what was written.
fn check(dir: &Path, ledger: &Ledger, round: u64) {
    let log = open(dir, &options()).unwrap();
    for (name, acknowledged) in ledger {
        let head = log.head(&tenant(name));
        assert!(head >= Seq(*acknowledged), "round {round}: {name} lost {head:?}..{acknowledged}");
    }
    let mut heads: BTreeMap<String, u64> = BTreeMap::new();
    let mut from = Position(0);
    while from < log.durable() {
        for event in log.read(from, Limit { events: 1_000, bytes: 8 << 20 }).unwrap() {
            assert_eq!(event.position, from, "round {round}: a hole");
            let peeked = events::wire::peek(&event.envelope).unwrap();
            let head = heads.entry(peeked.tenant.to_owned()).or_default();
            *head += 1;
            assert_eq!(peeked.seq, Seq(*head), "round {round}: a hole in {}", peeked.tenant);
            assert_eq!(event.envelope, written(&tenant(peeked.tenant), *head), "altered");
            from = event.next;
        }
    }
    for (name, head) in heads {
        // Whole txns only: 1, 2, 3, 1, 2, 3 … events as `append_for_ever` cuts them.
        assert!(is_end_of_a_txn(head), "round {round}: {name} ends at {head}, inside a txn");
        assert_eq!(log.head(&tenant(&name)), Seq(head));
    }
}

fn is_end_of_a_txn(head: u64) -> bool {
    let mut end = 0;
    while end < head {
        end += 1 + end % 3;
    }
    end == head
}

/// What a tenant's event of this number is, in every life. Some span frames.
fn written(tenant: &TenantId, seq: u64) -> bytes::Bytes {
    envelope(tenant, seq, if seq.is_multiple_of(50) { 150_000 } else { 400 })
}

fn options() -> Options {
    Options {
        cache_bytes: 8 << 20,
        // Small, so that many kills meet a generation that is being sealed.
        generation_bytes: 256 << 10,
        ..Options::new(LogId::new(Uuid::from_u128(9)))
    }
}
