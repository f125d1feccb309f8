//! What others are given: records without our dictionary and without hashes of secrets, and the state by key.

use std::path::Path;
use std::{env, fs};

use serde_json::{Value, json};

use super::samples::samples;
use crate::{Envelope, Event, TokenFacts, state, wire};

#[test]
fn a_published_record_says_the_same_but_for_hashes_of_secrets() {
    for envelope in samples() {
        let name = envelope.event.kind().name();
        let record = wire::publish(&envelope);
        match (wire::decode(&record), &envelope.event) {
            (
                Err(wire::DecodeError::Invalid(what)),
                Event::TokenIssued { .. } | Event::KeyIssued { .. },
            ) => {
                assert_eq!(what, "hash", "{name}");
            }
            (decoded, _) => assert_eq!(decoded.unwrap(), envelope, "{name}"),
        }
        let is_there = |secret: [u8; 32]| record.windows(32).any(|bytes| bytes == secret);
        assert!(!hash(&envelope).is_some_and(is_there), "{name}");
    }
}

#[test]
fn samples_of_secrets_have_that_hash() {
    let hashes: Vec<[u8; 32]> = samples().iter().filter_map(hash).collect();
    assert_eq!(hashes, [[5; 32], [7; 32]]);
}

/// `golden/state.json`: for every type of event, what it changes by key. Written by `ROLLCALL_WRITE_GOLDEN=1` if it is missing.
#[test]
fn states_are_what_they_were() {
    let shown = samples().iter().map(|it| (it.event.kind().name().to_owned(), shown(it))).collect();
    let shown = Value::Object(shown);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/state.json");
    if env::var_os("ROLLCALL_WRITE_GOLDEN").is_some() && !path.exists() {
        fs::write(&path, format!("{shown:#}\n")).unwrap();
    }
    let golden: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(shown, golden);
}

fn shown(envelope: &Envelope) -> Value {
    let changes = state::changes(envelope);
    let one = |change: &state::Change<'_>| {
        let json = change.state.as_ref().map(state::State::json);
        let hex = change.state.as_ref().map(|state| {
            state.protobuf().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        });
        json!({ "key": change.key, "json": json, "protobuf": hex })
    };
    changes.iter().map(one).collect()
}

fn hash(envelope: &Envelope) -> Option<[u8; 32]> {
    if let Event::TokenIssued { facts: TokenFacts { hash, .. }, .. }
    | Event::KeyIssued { hash, .. } = &envelope.event
    {
        return Some(*hash);
    }
    None
}
