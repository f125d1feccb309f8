//! Old bytes decode for ever: `golden/v1/*.bin` are records as they were first written.
//!
//! `ROLLCALL_WRITE_GOLDEN=1` writes the files that are missing, never one that is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{env, fs};

use bytes::Bytes;
use serde_json::Value;

use super::samples::samples;
use crate::{
    Envelope, Event, EventType, PatchAnswer, Profile, Switches, TenantId, TenantSettings, json,
    wire,
};

#[test]
fn golden_records_decode_to_what_they_were() {
    for envelope in GOLDEN.iter() {
        let name = envelope.event.kind().name();
        let record = Bytes::from(fs::read(path(envelope, "bin")).unwrap());
        assert_eq!(wire::decode(&record).unwrap(), *envelope, "{name}");
        let peeked = wire::peek(&record).unwrap();
        assert_eq!(peeked.tenant_id().unwrap(), envelope.tenant, "{name}");
        assert_eq!(peeked.seq, envelope.seq, "{name}");
        assert_eq!((peeked.txn_index, peeked.txn_size), (1, 3), "{name}");
    }
}

#[test]
fn golden_records_are_shown_as_they_were() {
    for envelope in GOLDEN.iter() {
        let golden: Value =
            serde_json::from_slice(&fs::read(path(envelope, "json")).unwrap()).unwrap();
        assert_eq!(json::render(envelope), golden);
    }
}

#[test]
fn every_type_has_its_golden_record() {
    let sampled: Vec<i32> = GOLDEN.iter().map(|it| it.event.kind() as i32).collect();
    assert_eq!(sampled, EventType::ALL.map(|it| it as i32));
    let files: BTreeSet<String> = fs::read_dir(directory())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    let wanted: BTreeSet<String> = EventType::ALL
        .iter()
        .flat_map(|it| [format!("{}.bin", it.name()), format!("{}.json", it.name())])
        .collect();
    assert_eq!(files, wanted);
}

static GOLDEN: LazyLock<Vec<Envelope>> = LazyLock::new(|| {
    let samples = samples();
    if env::var_os("ROLLCALL_WRITE_GOLDEN").is_some() {
        samples.iter().for_each(write_missing);
    }
    samples
});

/// A tenant whose switches are not those of its profile: `tenant.updated`, as it is since there are switches.
#[test]
fn switches_are_stored_as_they_were_and_only_where_they_differ() {
    let bare = TenantSettings { name: "A".to_owned(), ..TenantSettings::of(Profile::Okta) };
    let own = bare.switches;
    let patch_answer = PatchAnswer::Nothing;
    let check = |switches: Switches, expected: &str| {
        let settings = TenantSettings { switches, ..bare.clone() };
        let event = Event::TenantUpdated { tenant: TenantId::parse("acme").unwrap(), settings };
        let envelope = Envelope { event, ..GOLDEN[0].clone() };
        let record = wire::encode(&envelope);
        let hex: String = record.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(hex.ends_with(expected), "{hex}");
        assert_eq!(wire::decode(&record).unwrap(), envelope);
    };
    check(own, "0a014110041801");
    check(
        Switches { put_keeps_absent: true, schemas_repaired: false, patch_answer, ..own },
        "0a014110041801220a08011001200128013003",
    );
}

fn write_missing(envelope: &Envelope) {
    let (bin, json) = (path(envelope, "bin"), path(envelope, "json"));
    fs::create_dir_all(directory()).unwrap();
    if !bin.exists() {
        fs::write(bin, wire::encode(envelope)).unwrap();
    }
    if !json.exists() {
        fs::write(json, format!("{:#}\n", json::render(envelope))).unwrap();
    }
}

fn path(envelope: &Envelope, extension: &str) -> PathBuf {
    directory().join(format!("{}.{extension}", envelope.event.kind().name()))
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/v1")
}
