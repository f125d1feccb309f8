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

#[path = "support/life.rs"]
mod life;
#[path = "support/envelope.rs"]
mod support;

use std::env;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use life::{Ledger, append_until_killed, check};

const CHILD_DIR: &str = "ROLLCALL_KILL_CHILD_DIR";
/// Lives of one log.
const LOG_ROUNDS: u64 = 40;
/// The longest a child lives.
const LIFE_MS: u64 = 400;

#[test]
fn acknowledged_events_survive_kill_nine() {
    if let Some(dir) = env::var_os(CHILD_DIR) {
        return append_until_killed(Path::new(&dir), |tenant, seq| {
            println!("acked {tenant} {seq}")
        });
    }
    let rounds = env::var("ROLLCALL_KILL_ROUNDS").map_or(12, |rounds| rounds.parse().unwrap());
    let temporary = tempfile::tempdir().unwrap();
    let given = env::var_os("ROLLCALL_KILL_DIR").map(PathBuf::from);
    let (mut ledger, mut acknowledged) = (Ledger::new(), 0);
    for round in 1..=rounds {
        // A log is read whole at each check: a campaign begins another one now and then.
        let log = temporary.path().join(format!("{}", (round - 1) / LOG_ROUNDS));
        let dir = given.clone().unwrap_or(log);
        if given.is_none() && (round - 1) % LOG_ROUNDS == 0 {
            acknowledged += std::mem::take(&mut ledger).values().sum::<u64>();
        }
        let life = Duration::from_millis(RandomState::new().hash_one(round) % LIFE_MS);
        live(&dir, &Death::After(life), &mut ledger);
        // Half of the killed logs are opened by the next child, and killed again while it opens them.
        if round % 2 == 0 || round == rounds || round % LOG_ROUNDS == 0 {
            check(&dir, &ledger, round);
        }
    }
    acknowledged += ledger.values().sum::<u64>();
    println!("{rounds} rounds, {acknowledged} acknowledged events, 0 lost");
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
