//! `docs/asyncapi.json` says what is published: golden events and states, and records of a real Kafka, are held against it.

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::reader::{Record, read};
use super::{Place, life};

#[test]
fn golden_events_and_states_are_as_described() {
    let events = root().join("crates/events/golden/v1");
    let event = schema("event");
    for file in fs::read_dir(events).unwrap().map(|file| file.unwrap().path()) {
        if file.extension().is_some_and(|it| it == "json") {
            check(&event, &json_file(&file), &file.display().to_string());
        }
    }
    let states = json_file(&root().join("crates/events/golden/state.json"));
    let state = schema("state");
    for (name, changes) in states.as_object().unwrap() {
        for change in changes.as_array().unwrap() {
            check(&state, &change["json"], name);
        }
    }
    assert!(
        !event.is_valid(&json!({})) && !state.is_valid(&json!({})),
        "the schemas refuse nothing"
    );
}

#[test]
fn every_type_of_event_is_described() {
    let document = document();
    let types = &document["components"]["schemas"]["event"]["properties"]["type"]["enum"];
    let all: Vec<&str> = events::EventType::ALL.iter().map(|it| it.name()).collect();
    assert_eq!(*types, json!(all));
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(value: &Value, document: &Value) {
        if let Some(pointer) = value.get("$ref").and_then(Value::as_str) {
            assert!(document.pointer(pointer.trim_start_matches('#')).is_some(), "{pointer}");
        }
        match value {
            Value::Object(members) => members.values().for_each(|it| walk(it, document)),
            Value::Array(elements) => elements.iter().for_each(|it| walk(it, document)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let document = document();
    assert_eq!(document["asyncapi"], "3.1.0");
    walk(&document, &document);
}

#[test]
fn published_records_are_as_described() {
    let place = Place::start(&[("ROLLCALL_KAFKA_FORMAT", "json")]);
    life(&place.process.scim(), 1);
    place.caught_up();
    for (topic, headers, payload) in
        [("events", "eventHeaders", "event"), ("state", "stateHeaders", "state")]
    {
        let (headers, payload) = (schema(headers), schema(payload));
        let records = read(&place.brokers, &place.topic(topic));
        assert!(records.len() > 10);
        for record in &records {
            check(&headers, &headers_of(record), topic);
            let value = record.value.as_deref().map(serde_json::from_slice);
            check(&payload, &value.transpose().unwrap().unwrap_or(Value::Null), topic);
        }
    }
}

fn headers_of(record: &Record) -> Value {
    let headers = record.headers.iter();
    Value::Object(headers.map(|(name, value)| (name.clone(), json!(value))).collect::<Map<_, _>>())
}

fn check(schema: &Validator, value: &Value, what: &str) {
    if let Err(error) = schema.validate(value) {
        panic!("{what}: {error} at {}\n{value:#}", error.instance_path());
    }
}

/// One schema of the document, able to find the others.
fn schema(name: &str) -> Validator {
    let mut document = document();
    document["$ref"] = json!(format!("#/components/schemas/{name}"));
    jsonschema::draft7::new(&document).unwrap()
}

fn document() -> Value {
    json_file(&root().join("docs/asyncapi.json"))
}

fn json_file(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
