//! Disks that fail under the whole gateway, on file systems of our own: root only.
//!
//! Full: writes are refused before anything is decided, reads go on, a gateway that is killed and started meanwhile reads too, and it
//! goes on by itself when there is space again. Broken: it ends, and the next start has all that was acknowledged.

use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use reqwest::Method;
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

/// The device under an ext4 has less room than it claims: what was written to the page cache meets an I/O error when it is synced.
#[test]
fn an_io_error_ends_the_gateway_and_loses_nothing() {
    let disk = Tmpfs::mount("48m");
    let (image, mount) = (disk.0.join("image"), tempfile::tempdir().unwrap());
    std::fs::File::create(&image).unwrap().set_len(600 << 20).unwrap();
    sh("mkfs.ext4", &["-q", "-F", text(&image)]);
    let attach = || sh("mount", &["-o", "loop", text(&image), text(mount.path())]);
    attach();
    let unmount = Unmount(mount.path());
    let home = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(mount.path().join("data"), home.path().join("data")).unwrap();
    std::fs::create_dir(mount.path().join("data")).unwrap();
    let mut process = Process::start_with(home.path(), SETTINGS);
    let acknowledged = write_until_refused(&process.scim());
    assert_eq!(process.wait(), Some(10), "an I/O error of the log");
    drop(process);
    // There is room now, and the file system is mended as a boot would.
    sh("umount", &[text(mount.path())]);
    sh("mount", &["-o", "remount,size=400m", text(&disk.0)]);
    let mended = Command::new("e2fsck").args(["-fy", text(&image)]).output().unwrap();
    assert!(mended.status.code().is_some_and(|code| code <= 1), "{mended:?}");
    attach();
    let mut process = Process::start_with(home.path(), SETTINGS);
    for name in &acknowledged {
        let found = process.scim().get(&format!("/Users?filter=userName eq \"{name}\"")).ok(200);
        assert_eq!(found["totalResults"], 1, "{name}");
    }
    assert!(acknowledged.len() > 100, "only {}", acknowledged.len());
    assert_eq!(process.scim().post("/Users", &json!({ "userName": "late" })).status, 201);
    process.kill();
    verify_directory(home.path());
    drop(unmount);
}

/// Creates users until a write is refused, or nobody answers; the names of those that were made.
fn write_until_refused(scim: &Scim) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for n in 0..1_000_000 {
        let name = format!("user-{n}");
        // Noise, or it would be compressed.
        let noise = RandomState::new();
        let title: String = (0..3_000).map(|n| format!("{:016x}", noise.hash_one(n))).collect();
        let body = json!({ "userName": name, "title": title });
        match scim.try_to_send(Method::POST, "/Users", &body) {
            Some(answer) if answer.status == 201 => acknowledged.push(name),
            Some(_) | None => return acknowledged,
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

/// Lets go of a mount, whatever happens.
struct Unmount<'a>(&'a Path);

impl Drop for Unmount<'_> {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0).status());
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn sh(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status().unwrap();
    assert!(status.success(), "{program} {arguments:?}: {status}");
}
