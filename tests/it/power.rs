//! Power cuts under load, on an ext4 file system of our own in a loop device: root only.
//! `make torture-power` runs it; the ioctl that cuts is in `tests/power/cut.py` (no `unsafe` here).

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::verify_directory;
use crate::ledger::{Ledger, moment};
use crate::process::Process;

const ROUNDS: usize = 10;
/// So small that faults meet sealing and snapshots as well.
const SETTINGS: &[(&str, &str)] = &[
    ("ROLLCALL_LOG_GENERATION_BYTES", "131072"),
    ("ROLLCALL_SNAPSHOTS_TENANT_EVENTS", "20"),
    ("ROLLCALL_SNAPSHOTS_EVERY_MS", "20"),
];

#[test]
fn a_power_cut_under_load_loses_nothing() {
    let rounds = std::env::var("ROLLCALL_POWER_ROUNDS").map_or(ROUNDS, |n| n.parse().unwrap());
    let disk = Disk::make();
    let ledger = Ledger::default();
    let mut process = Process::start_with(&disk.mount, SETTINGS);
    let group = process.scim().group("Everyone");
    for round in 0..rounds {
        let scim = process.scim();
        ledger.load(&scim, &group, round, || {
            std::thread::sleep(moment(round, 300, 2000));
            sh(&format!("kill -STOP {}", process.id()));
            disk.cut();
            process.kill();
        });
        disk.remount();
        process = Process::start_with(&disk.mount, SETTINGS);
        ledger.check(&process.scim(), &process.platform(), &group);
    }
    process.kill();
    println!("{rounds} power cuts, {} acknowledged writes, 0 lost", ledger.writes());
    assert!(ledger.writes() > rounds as u64, "hardly any load: {}", ledger.writes());
    verify_directory(&disk.mount);
}

/// A file system in a file, mounted by a loop device.
struct Disk {
    image: PathBuf,
    mount: PathBuf,
    _dir: tempfile::TempDir,
}

impl Disk {
    fn make() -> Self {
        assert!(
            rustix::process::geteuid().is_root(),
            "power cuts need root: a loop device is mounted"
        );
        let dir = tempfile::tempdir().unwrap();
        let (image, mount) = (dir.path().join("disk.img"), dir.path().join("mnt"));
        std::fs::create_dir(&mount).unwrap();
        sh(&format!("truncate -s 2G {0} && mkfs.ext4 -q -F {0}", image.display()));
        let disk = Self { image, mount, _dir: dir };
        disk.attach();
        disk
    }

    /// What the device was given stays; the page cache and the uncommitted journal are gone.
    fn cut(&self) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("power/cut.py");
        sh(&format!("python3 {} {}", script.display(), self.mount.display()));
    }

    fn remount(&self) {
        self.detach();
        self.attach();
    }

    fn attach(&self) {
        sh(&format!("mount -o loop {} {}", self.image.display(), self.mount.display()));
    }

    fn detach(&self) {
        sh(&format!("umount {}", self.mount.display()));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.mount).status());
    }
}

fn sh(line: &str) {
    let status = Command::new("sh").args(["-c", line]).status().unwrap();
    assert!(status.success(), "{line}: {status}");
}
