//! `rollcall verify --offline --views`: what is saved beside the log is held against the log, and no byte is changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::process::{Process, run};

/// Everything is saved at once.
const SETTINGS: &[(&str, &str)] =
    &[("ROLLCALL_SNAPSHOTS_TENANT_EVENTS", "1"), ("ROLLCALL_SNAPSHOTS_EVERY_MS", "20")];
const SAVED_WITHIN: Duration = Duration::from_secs(20);

#[test]
fn a_snapshot_that_the_log_does_not_give_is_found() {
    let home = tempfile::tempdir().unwrap();
    let (left, right) = (home.path().join("left"), home.path().join("right"));
    fs::create_dir(&left).unwrap();
    write(&left, "ada");
    let copied = Command::new("cp").arg("-a").args([&left, &right]).status().unwrap();
    assert!(copied.success());
    // Two histories of one log, which part at the same number.
    write(&left, "left");
    write(&right, "right");
    let data = right.join("data");
    let verify = |expected: i32, views: &[&str]| {
        let before = listing(&data);
        let arguments = [&["verify", "--offline", data.to_str().unwrap()], views].concat();
        let (code, out, why) = run(&arguments, &[]);
        assert_eq!(code, expected, "{out} {why}");
        assert_eq!(listing(&data), before, "nothing is changed");
        why
    };
    verify(0, &["--views"]);
    let (other, own) = (snapshot(&left).unwrap(), snapshot(&right).unwrap());
    assert_eq!(other.file_name(), own.file_name());
    fs::copy(other, own).unwrap();
    verify(0, &[]);
    let why = verify(3, &["--views"]);
    assert!(why.contains("acme"), "{why}");
    let left_behind = fs::read_dir(home.path().join("right")).unwrap();
    let names: Vec<_> = left_behind.map(|entry| entry.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().starts_with(".rollcall")), "{names:?}");
}

/// Serves the directory, makes a user, and waits until that is saved.
fn write(dir: &Path, name: &str) {
    let mut process = Process::start_with(dir, SETTINGS);
    process.scim().user(name);
    let head = process.platform().get("/tenants/acme/events?limit=1").ok(200)["head"].clone();
    let wanted = format!("{:020}", head.as_u64().unwrap());
    let began = Instant::now();
    while !snapshot(dir).is_some_and(|path| path.to_string_lossy().ends_with(&wanted)) {
        assert!(began.elapsed() < SAVED_WITHIN, "nothing is saved: {wanted}");
        std::thread::sleep(Duration::from_millis(20));
    }
    process.kill();
}

fn snapshot(dir: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(dir.join("data/snapshots")).ok()?;
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.into_iter().find(|path| path.file_name().unwrap().to_string_lossy().starts_with("acme."))
}

/// Names, lengths and times of all files.
fn listing(dir: &Path) -> String {
    let found = Command::new("find").arg(dir).args(["-printf", "%p %s %T@\n"]).output().unwrap();
    let mut lines: Vec<&str> = std::str::from_utf8(&found.stdout).unwrap().lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}
