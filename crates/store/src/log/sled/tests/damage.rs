//! A bit that is wrong is seen or does not matter: nothing that was acknowledged is ever missing without a word.

use std::fs;

use super::*;

const EVENTS: usize = 300;

/// One bit somewhere in sled's file, after an orderly end and as after a death: the start fails and names a position, or everything is there.
#[test]
fn a_flipped_bit_never_loses_what_was_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    write(&opened(dir.path()), 1, &[1_000; EVENTS]);
    let db = generation(dir.path(), 0).join("db");
    let whole = fs::read(&db).unwrap();
    for at in (0..60).map(|n| n * whole.len() / 60 + 1_000) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        let copy = copied(dir.path());
        fs::write(generation(copy.path(), 0).join("db"), damaged).unwrap();
        match open(copy.path(), &options()) {
            Ok(log) => assert_eq!(log.durable().0, EVENTS as u64, "byte {at}"),
            Err(OpenError::Integrity { position: Some(_), .. }) => {}
            Err(other) => panic!("byte {at}: {other}"),
        }
    }
}

/// The file cut off at any place.
#[test]
fn a_file_cut_short_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    write(&opened(dir.path()), 1, &[1_000; 40]);
    let whole = fs::read(generation(dir.path(), 0).join("db")).unwrap();
    let mut refused = 0;
    for length in (0..20).map(|n| n * whole.len() / 20) {
        let copy = copied(dir.path());
        fs::write(generation(copy.path(), 0).join("db"), &whole[..length]).unwrap();
        match open(copy.path(), &options()) {
            Ok(log) => assert_eq!(log.durable().0, 40, "{length} bytes"),
            Err(error) => {
                assert_eq!(error.exit_code(), 3, "{error}");
                refused += 1;
            }
        }
    }
    assert!(refused >= 1);
}

/// Without the note of what was acknowledged, a whole batch less can't be told from one that never was; nothing else may be missing.
#[test]
fn the_note_of_what_was_acknowledged_is_what_tells() {
    let check = |tamper: &dyn Fn(&Path), expected: Result<u64, &str>| {
        let dir = tempfile::tempdir().unwrap();
        write(&opened(dir.path()), 1, &[10; 5]);
        let db = generation(dir.path(), 0).join("db");
        let mut bytes = fs::read(&db).unwrap();
        let last = 4_u64.to_be_bytes();
        // Every copy of the last frame, wherever sled has put it.
        for at in 0..bytes.len() - 80 {
            if bytes[at..].starts_with(&crate::log::frame::MAGIC) && bytes[at + 37..at + 45] == last
            {
                bytes[at + 60] ^= 1;
            }
        }
        fs::write(&db, bytes).unwrap();
        tamper(&dir.path().join("log/acked"));
        let found = open(dir.path(), &options()).map(|log| log.durable().0);
        assert_eq!(
            found.as_ref().map_err(ToString::to_string),
            expected.as_ref().map_err(|it| (*it).to_owned())
        );
    };
    let missing = "the log is damaged at position 4: events up to position 5 were acknowledged and are missing";
    check(&|_| (), Err(missing));
    check(&|acked| fs::remove_file(acked).unwrap(), Ok(4));
    check(&|acked| fs::write(acked, "junk").unwrap(), Ok(4));
}

/// Not by a process of its own: between fork and exec that one would hold the locks of other tests' logs.
fn copied(dir: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_into(dir, copy.path());
    copy
}

fn copy_into(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy_into(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
