//! A data directory is looked at from outside: nothing in it changes, and what is wrong is named.

use std::collections::BTreeMap;
use std::fs;

use events::Position;

use super::*;
use crate::inspect::{self, Fault};

/// Segments and a generation that isn't sealed.
fn filled() -> (TempDir, u64) {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path(), &Options { generation_bytes: 20_000, ..options() }).unwrap();
    let mut next = 1;
    while log.metrics().segments < 2 {
        write(&log, next, &[500; 20]);
        next += 20;
    }
    write(&log, next, &[150_000]);
    drop(log);
    (dir, next)
}

/// Every file and its bytes.
fn tree(dir: &Path, into: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tree(&path, into);
        } else {
            into.insert(path.clone(), fs::read(path).unwrap());
        }
    }
}

fn verify(dir: &Path) -> Result<inspect::Report, Fault> {
    inspect::verify(dir, &mut |done, of| assert!(done <= of))
}

#[test]
fn what_is_whole_is_reported_and_left_as_it_is() {
    let (dir, events) = filled();
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    tree(dir.path(), &mut before);
    let report = verify(dir.path()).unwrap();
    assert_eq!((report.events, report.tenants, report.end), (events, 1, Position(events + 2)));
    assert!(report.segments.len() >= 2 && report.unsealed >= 1, "{report:?}");
    assert_eq!(inspect::segments(dir.path()).unwrap(), report.segments);
    tree(dir.path(), &mut after);
    assert!(before == after, "something was written");
    let _log = opened(dir.path());
    assert_eq!(verify(dir.path()), Err(Fault::InUse));
}

/// One bit in each file in turn.
#[test]
fn what_is_damaged_is_named() {
    let (dir, _) = filled();
    let mut files = BTreeMap::new();
    tree(dir.path(), &mut files);
    let mut named = Vec::new();
    for (path, whole) in files.iter().filter(|(_, bytes)| !bytes.is_empty()) {
        let name = path.strip_prefix(dir.path()).unwrap().to_str().unwrap().to_owned();
        let mut damaged = whole.clone();
        // In sled's file any place may be one that nothing is read from: all of it is.
        let at = if name.ends_with("db") {
            0..whole.len()
        } else {
            whole.len() / 2..whole.len() / 2 + 1
        };
        damaged[at].iter_mut().for_each(|byte| *byte ^= 1);
        fs::write(path, damaged).unwrap();
        match verify(dir.path()) {
            Ok(_) => {}
            Err(Fault::Damaged { file, .. } | Fault::NotOurs { file, .. }) => {
                let file = file.strip_prefix(dir.path()).unwrap().to_str().unwrap().to_owned();
                assert!(name.starts_with(&file) || file == "log/acked", "{name}: {file}");
                named.push(name);
            }
            Err(other) => panic!("{name}: {other}"),
        }
        fs::write(path, whole).unwrap();
    }
    for expected in ["FORMAT", "log.id", "log/acked", "log/seg-00000000", "log/seg-00000001"] {
        assert!(named.iter().any(|name| name == expected), "{expected}: {named:?}");
    }
    assert!(named.iter().any(|name| name.ends_with("/db")), "{named:?}");
    assert!(verify(dir.path()).is_ok());
}

#[test]
fn what_is_no_data_directory_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(verify(dir.path()), Err(Fault::NotOurs { .. })));
    assert!(matches!(inspect::segments(dir.path()), Err(Fault::NotOurs { .. })));
}
