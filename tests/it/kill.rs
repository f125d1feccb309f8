//! kill -9 under load: nothing acknowledged is lost or altered, no hole in any sequence, and the
//! views equal the log. It shows nothing of power loss: `power.rs` does.

use crate::harness::verify_directory;
use crate::ledger::{Ledger, moment};
use crate::process::Process;

const ROUNDS: usize = 60;
/// So small that faults meet sealing and snapshots as well.
const SETTINGS: &[(&str, &str)] = &[
    ("ROLLCALL_LOG_GENERATION_BYTES", "131072"),
    ("ROLLCALL_SNAPSHOTS_TENANT_EVENTS", "20"),
    ("ROLLCALL_SNAPSHOTS_EVERY_MS", "20"),
];

#[test]
fn kill_under_load_loses_nothing() {
    let rounds = std::env::var("ROLLCALL_KILL_ROUNDS").map_or(ROUNDS, |n| n.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::default();
    let mut process = Process::start_with(dir.path(), SETTINGS);
    let group = process.scim().group("Everyone");
    for round in 0..rounds {
        let scim = process.scim();
        ledger.load(&scim, &group, round, || {
            std::thread::sleep(moment(round, 50, 400));
            process.kill();
        });
        process = Process::start_with(dir.path(), SETTINGS);
        ledger.check(&process.scim(), &process.platform(), &group);
    }
    process.kill();
    println!("{rounds} kills, {} acknowledged writes, 0 lost", ledger.writes());
    assert!(ledger.writes() > rounds as u64, "hardly any load: {}", ledger.writes());
    verify_directory(dir.path());
}
