//! Backup, restore, verification and rebuilding, by the command line against the real binary.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::Scim;
use crate::harness::verify_directory;
use crate::process::{Process, run, run_json};

/// Small generations, so that some are sealed.
const SETTINGS: &[(&str, &str)] = &[("ROLLCALL_LOG_GENERATION_BYTES", "65536")];
const SEALED_WITHIN: Duration = Duration::from_secs(20);

struct Place {
    home: tempfile::TempDir,
    process: Process,
}

impl Place {
    fn start(home: tempfile::TempDir) -> Self {
        let process = Process::start_with(home.path(), SETTINGS);
        Self { home, process }
    }

    fn reach(&self) -> Vec<(String, String)> {
        let key = self.data().join("operator.key");
        let url = ("ROLLCALL_URL".to_owned(), self.process.origin().to_owned());
        vec![url, ("ROLLCALL_KEY_FILE".to_owned(), text(&key).to_owned())]
    }

    fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let reach = self.reach();
        run(arguments, &reach.iter().map(|(a, b)| (&**a, &**b)).collect::<Vec<_>>())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let reach = self.reach();
        let reach: Vec<_> = reach.iter().map(|(a, b)| (&**a, &**b)).collect();
        run_json(&[arguments, &["-o", "json"]].concat(), &reach)
    }

    /// Creates users until at least so many segments are there; how many users there are.
    fn fill(&self, from: usize, segments: usize) -> usize {
        let (scim, began) = (self.process.scim(), Instant::now());
        let mut users = from;
        while self.segments().len() < segments {
            assert!(began.elapsed() < SEALED_WITHIN, "nothing is sealed");
            for _ in 0..50 {
                create(&scim, users);
                users += 1;
            }
        }
        users
    }

    fn segments(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.data().join("log")).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        let is_sealed = |path: &PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap();
            name.starts_with("seg-") && path.extension().is_none()
        };
        paths.filter(is_sealed).collect()
    }
}

fn create(scim: &Scim, number: usize) {
    // What can't be compressed fills generations sooner.
    let noise: String =
        (0..64).map(|at| format!("{:08x}", (number * 64 + at) * 2_654_435_761)).collect();
    let body = json!({ "userName": format!("user-{number}"), "title": noise });
    scim.post("/Users", &body).ok(201);
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn users(process: &Process) -> Value {
    process.scim().get("/Users?count=0").ok(200)["totalResults"].clone()
}

#[test]
fn what_was_backed_up_is_what_is_restored() {
    let place = Place::start(tempfile::tempdir().unwrap());
    let elsewhere = tempfile::tempdir().unwrap();
    let (kept, made) = (elsewhere.path().join("kept"), elsewhere.path().join("home"));
    let first = place.fill(0, 2);
    let backup = ["backup", "--to", text(&kept)];
    assert_eq!(place.json(&backup)["events"].as_u64().unwrap(), first as u64 + 4);
    let before = fs::metadata(kept.join("segments/seg-00000000")).unwrap().modified().unwrap();
    let second = place.fill(first, 4);
    let verified = place.json(&["verify", "--views"]);
    assert!(verified["segments"].as_u64().unwrap() >= 4, "{verified}");
    let again = place.json(&backup);
    assert_eq!(again["events"].as_u64().unwrap(), second as u64 + 4);
    let after = fs::metadata(kept.join("segments/seg-00000000")).unwrap().modified().unwrap();
    assert_eq!(after, before, "what is there already isn't copied again");
    let manifest = fs::read_to_string(kept.join("manifest.json")).unwrap();
    let master = fs::read_to_string(place.data().join("master.key")).unwrap();
    assert!(!manifest.contains(master.trim()));
    // Lost with the machine.
    create(&place.process.scim(), second);

    let data = made.join("data");
    let restore = ["restore", "--from", text(&kept), "--data", text(&data), "-o", "json"];
    let restored = run_json(&restore, &[]);
    assert_eq!(restored["events"].as_u64().unwrap(), second as u64 + 4);
    let (code, _, why) = run(&restore, &[]);
    assert!(code == 2 && why.contains("not empty"), "{code} {why}");
    fs::copy(place.data().join("master.key"), data.join("master.key")).unwrap();
    fs::copy(place.home.path().join("tokens.jsonl"), made.join("tokens.jsonl")).unwrap();
    let process = Process::start_with(&made, SETTINGS);
    assert_eq!(users(&process), json!(second));
    let page = process.platform().get("/tenants/acme/events?limit=1").ok(200);
    assert_eq!(page["incarnation"], restored["incarnation"]);
    let old = place.process.platform().get("/tenants/acme/events?limit=1").ok(200);
    assert_eq!(old["incarnation"], json!(1));
    assert_eq!(old["log"], page["log"]);
    create(&process.scim(), second);
    let rebuilt = Place { home: elsewhere, process };
    drop(place);
    check_rebuilt(rebuilt, &made);
}

/// The operator has a new key, a backup of the new incarnation has no place in the old one, and snapshots come from the log alone.
fn check_rebuilt(rebuilt: Place, made: &Path) {
    let Place { home: _elsewhere, mut process } = rebuilt;
    let key = made.join("data/operator.key");
    let reach = [("ROLLCALL_URL", process.origin()), ("ROLLCALL_KEY_FILE", text(&key))];
    let views = run_json(&["verify", "--views", "-o", "json"], &reach);
    assert_eq!(views["views"], json!(true));
    process.kill();
    let data = made.join("data");
    let rebuilt = run_json(&["rebuild", "--data", text(&data), "-o", "json"], &[]);
    assert_eq!(rebuilt["tenants"], json!(1));
    let snapshots: Vec<_> = fs::read_dir(data.join("snapshots")).unwrap().collect();
    assert_eq!(snapshots.len(), 1);
    verify_directory(made);
    let verified = run_json(&["verify", "--offline", text(&data), "-o", "json"], &[]);
    assert!(verified["events"].as_u64().unwrap() > 0);
}

#[test]
fn a_bad_byte_is_found_and_never_backed_up() {
    let place = Place::start(tempfile::tempdir().unwrap());
    place.fill(0, 2);
    let segment = place.segments().into_iter().min().unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&segment, bytes).unwrap();
    let check = |arguments: &[&str]| {
        let (code, _, why) = place.run(arguments);
        assert_eq!(code, 3, "{arguments:?}: {why}");
    };
    check(&["verify"]);
    let elsewhere = tempfile::tempdir().unwrap();
    check(&["backup", "--to", text(elsewhere.path())]);
    assert!(!elsewhere.path().join("manifest.json").exists());
}

#[test]
fn a_target_of_another_log_is_left_alone() {
    let elsewhere = tempfile::tempdir().unwrap();
    let backup = ["backup", "--to", text(elsewhere.path())];
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    Place::start(one).json(&backup);
    let manifest = fs::read(elsewhere.path().join("manifest.json")).unwrap();
    let (code, _, why) = Place::start(other).run(&backup);
    assert!(code == 1 && why.contains("another log"), "{code} {why}");
    assert_eq!(fs::read(elsewhere.path().join("manifest.json")).unwrap(), manifest);
    let nothing = elsewhere.path().join("nothing");
    let made = elsewhere.path().join("made");
    let (code, ..) = run(&["restore", "--from", text(&nothing), "--data", text(&made)], &[]);
    assert_eq!(code, 5);
}
