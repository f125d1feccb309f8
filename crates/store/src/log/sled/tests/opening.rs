//! Whose directory it is: format, lock, identity, a birth cut short.

use std::fs;
use std::path::Path;

use events::Seq;

use super::*;
use crate::log::identity::Identity;

#[test]
fn one_process_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let log = opened(dir.path());
    let refused = refusal(dir.path());
    assert_eq!((refused.clone(), refused.exit_code()), (OpenError::InUse, 2));
    drop(log);
    drop(opened(dir.path()));
}

#[test]
fn other_formats_are_refused() {
    let check = |text: &str, reason: &str| {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("FORMAT"), text).unwrap();
        let refused = refusal(dir.path());
        assert_eq!(refused, OpenError::Format { reason: reason.into() }, "{text}");
        assert_eq!(refused.exit_code(), 2);
        assert!(!dir.path().join("log").exists(), "nothing is made there");
    };
    check(
        "rollcall data format 2\n",
        "it was written by a later release (format 2; this one knows up to 1)",
    );
    check("rollcall data format 0\n", "its FORMAT file is not one of ours");
    check("something else", "its FORMAT file is not one of ours");
    check("", "its FORMAT file is not one of ours");
}

#[test]
fn a_log_without_its_format_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    drop(opened(dir.path()));
    assert_eq!(fs::read_to_string(dir.path().join("FORMAT")).unwrap(), "rollcall data format 1\n");
    fs::remove_file(dir.path().join("FORMAT")).unwrap();
    assert!(matches!(refusal(dir.path()), OpenError::Format { .. }));
}

#[test]
fn every_start_has_its_number() {
    let dir = tempfile::tempdir().unwrap();
    for epoch in 1..=3 {
        let log = opened(dir.path());
        let found = Identity::decode(&fs::read(dir.path().join("log.id")).unwrap()).unwrap();
        assert_eq!(found, Identity { log: log.id(), incarnation: 1, epoch });
        assert_eq!(log.incarnation(), 1);
    }
    let other = Options { new_log: LogId::new(Uuid::from_u128(8)), ..options() };
    let log = open(dir.path(), &other).unwrap();
    assert_eq!(log.id(), options().new_log, "only a birth takes the id");
}

#[test]
fn an_identity_that_does_not_fit_is_damage() {
    let check = |damage: &dyn Fn(&Path), reason: &str| {
        let dir = tempfile::tempdir().unwrap();
        write(&opened(dir.path()), 1, &[10]);
        damage(dir.path());
        let refused = refusal(dir.path());
        assert_eq!(refused, OpenError::Integrity { position: None, reason: reason.into() });
        assert_eq!(refused.exit_code(), 3);
    };
    check(&|dir| fs::write(dir.join("log.id"), "junk").unwrap(), "log.id is damaged");
    check(
        &|dir| fs::remove_file(dir.join("log.id")).unwrap(),
        "log.id is gone, but the log holds events",
    );
    check(
        &|dir| fs::remove_dir_all(dir.join("log")).unwrap(),
        "log.id is there, but the log's files are gone",
    );
}

#[test]
fn a_birth_cut_short_is_begun_again() {
    let check = |leftover: &dyn Fn(&Path)| {
        let dir = tempfile::tempdir().unwrap();
        drop(opened(dir.path()));
        fs::remove_file(dir.path().join("log.id")).unwrap();
        leftover(dir.path());
        let log = opened(dir.path());
        write(&log, 1, &[10]);
        assert_eq!(log.head(&tenant("acme")), Seq(1));
    };
    check(&|_| ());
    check(&|dir| fs::write(generation(dir, 0).join("db"), "junk").unwrap());
    check(&|dir| fs::write(generation(dir, 0).join("conf"), "").unwrap());
    check(&|dir| fs::remove_dir_all(generation(dir, 0)).unwrap());
    check(&|dir| fs::remove_file(dir.join("log/acked")).unwrap());
}

#[test]
fn what_earlier_starts_have_left_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    write(&opened(dir.path()), 1, &[10, 20]);
    let leftovers = ["log/ballast", "log/seg-00000009.tmp", "log/other.tmp"];
    leftovers.iter().for_each(|name| fs::write(dir.path().join(name), "x").unwrap());
    let log = opened(dir.path());
    assert_eq!(log.head(&tenant("acme")), Seq(2));
    assert!(leftovers.iter().all(|name| !dir.path().join(name).exists()));
}
