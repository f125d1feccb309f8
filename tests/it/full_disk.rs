//! A full disk under the whole gateway, on a tmpfs of our own: root only. Writes are refused before anything is decided, reads go on,
//! a gateway that is killed and started meanwhile reads too, and it goes on by itself when there is space again.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::Scim;
use crate::harness::verify_directory;
use crate::process::Process;

/// Small generations: the second needs space that isn't there.
const SETTINGS: &[(&str, &str)] = &[("ROLLCALL_LOG_GENERATION_BYTES", "1048576")];
const RESUMES_WITHIN: Duration = Duration::from_secs(5);

#[test]
fn a_full_disk_refuses_writes_and_nothing_else() {
    let disk = Tmpfs::mount("160m");
    let home = tempfile::tempdir().unwrap();
    // The gateway finds its data there; what it says of itself goes elsewhere.
    std::os::unix::fs::symlink(&disk.0, home.path().join("data")).unwrap();
    let mut process = Process::start_with(home.path(), SETTINGS);
    let scim = process.scim();
    let ada = scim.user("ada");
    disk.fill();
    let acknowledged = write_until_refused(&scim);
    check_refused(&scim, &ada);
    process.kill();
    process = Process::start_with(home.path(), SETTINGS);
    check_refused(&process.scim(), &ada);
    for name in acknowledged.iter().step_by(50) {
        let found = process.scim().get(&format!("/Users?filter=userName eq \"{name}\"")).ok(200);
        assert_eq!(found["totalResults"], 1, "{name}");
    }
    disk.empty();
    let freed = Instant::now();
    while process.scim().post("/Users", &json!({ "userName": "late" })).status != 201 {
        assert!(freed.elapsed() < RESUMES_WITHIN, "it does not go on by itself");
        std::thread::sleep(Duration::from_millis(50));
    }
    let listed = process.scim().get("/Users?count=0").ok(200);
    assert_eq!(listed["totalResults"], acknowledged.len() + 2);
    process.kill();
    verify_directory(home.path());
}

/// Creates users until a write is refused; the names of those that were made.
fn write_until_refused(scim: &Scim) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for n in 0..1_000_000 {
        let name = format!("user-{n}");
        let answer = scim.post("/Users", &json!({ "userName": name, "title": "x".repeat(60_000) }));
        match answer.status {
            201 => acknowledged.push(name),
            _ => return acknowledged,
        }
    }
    panic!("the disk is never full");
}

fn check_refused(scim: &Scim, ada: &str) {
    let refused = scim.post("/Users", &json!({ "userName": "refused" }));
    let retry_after: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&retry_after), "{retry_after}");
    let error = refused.refused(503, None);
    assert_eq!(error["status"], "503", "{error}");
    assert_eq!(scim.get(&format!("/Users/{ada}")).ok(200)["userName"], "ada");
    let found = scim.get("/Users?filter=userName eq \"refused\"").ok(200);
    assert_eq!(found["totalResults"], 0, "what was refused was not decided");
}

/// A file system in memory.
struct Tmpfs(PathBuf, #[expect(dead_code, reason = "removed when dropped")] tempfile::TempDir);

impl Tmpfs {
    fn mount(size: &str) -> Self {
        assert!(rustix::process::geteuid().is_root(), "a full disk needs root: a tmpfs is mounted");
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().to_owned();
        sh("mount", &["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs", text(&place)]);
        Self(place, dir)
    }

    /// Takes all that is free, but for what is reserved already.
    fn fill(&self) {
        let stat = rustix::fs::statvfs(&self.0).unwrap();
        let free = stat.f_bavail * stat.f_frsize;
        let file = std::fs::File::create(self.0.join("filler")).unwrap();
        rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, free).unwrap();
    }

    fn empty(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn sh(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status().unwrap();
    assert!(status.success(), "{program} {arguments:?}: {status}");
}
