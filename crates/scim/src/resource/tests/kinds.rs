//! Kinds of values that the built-in schemas don't have, and elements among each other.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    key::folded,
    resource::{At, Reader, elements},
    schema::{Attribute, ResourceType, Schema},
};

fn assets() -> ResourceType {
    let document = json!({ "id": "urn:example:Asset", "attributes": [
        { "name": "count", "type": "integer" },
        { "name": "score", "type": "decimal" },
        { "name": "born", "type": "dateTime" },
        { "name": "tags", "multiValued": true },
        { "name": "codes", "multiValued": true, "caseExact": true },
        { "name": "active", "type": "boolean" },
        { "name": "place", "type": "complex", "subAttributes": [
            { "name": "room", "required": true }, { "name": "floors", "type": "integer", "multiValued": true }] },
    ] });
    let schema = Schema::read(&document).expect("is a schema");
    ResourceType { schema, extensions: Vec::new(), ..user().clone() }
}

fn read_asset(mut body: Value, profile: Profile) -> Result<Draft, Error> {
    body["schemas"] = json!(["urn:example:Asset"]);
    read(body, &assets(), profile)
}

#[test]
fn values_of_every_kind_are_read() {
    let check = |body: Value, expected: Value| {
        let draft = read_asset(body, Profile::LENIENT).expect("is read");
        same(&attributes(&draft), &expected);
    };
    check(json!({ "count": 7, "score": 1 }), json!({ "count": 7, "score": 1 }));
    check(
        json!({ "score": -0.5, "born": "2026-01-31T08:00:00+01:00" }),
        json!({ "score": -0.5, "born": "2026-01-31T08:00:00+01:00" }),
    );
    check(json!({ "born": "", "count": null, "active": true }), json!({ "active": true }));
    check(json!({ "tags": ["a", "A", null, "", "b", 7] }), json!({ "tags": ["a", "b", "7"] }));
    check(json!({ "codes": ["a", "A", "a"] }), json!({ "codes": ["a", "A"] }));
    check(
        json!({ "place": { "floors": 2, "room": "r" } }),
        json!({ "place": { "room": "r", "floors": [2] } }),
    );
}

#[test]
fn values_of_another_kind_are_refused() {
    let check = |body: Value, start: &str| {
        for profile in [Profile::LENIENT, Profile::STRICT] {
            refused(read_asset(body.clone(), profile), ScimType::InvalidValue, start);
        }
    };
    check(json!({ "count": 7.5 }), "count: expected a whole number, found a number");
    check(json!({ "count": "7" }), "count: expected a whole number, found a string");
    check(json!({ "score": true }), "score: expected a number, found a boolean");
    check(json!({ "born": "31.1.2026" }), "born: expected a date and time");
    check(json!({ "born": 7 }), "born: expected a date and time");
    check(json!({ "tags": ["a", {}] }), "tags[1]: expected a string, found an object");
    check(json!({ "place": { "floors": [2] } }), "place.room: is required and missing");
    check(json!({ "place": { "room": "" } }), "place.room: is required and can't be blank");
    check(json!({ "place": { "floors": [2, "3"] } }), "place.floors[1]: expected a whole number");
}

fn emails() -> &'static Attribute {
    user().schema.attributes.iter().find(|one| one.name == "emails").expect("is there")
}

/// What the brief of [`elements::unique`] says, word for word.
fn unique_by_the_word(emails: Vec<Value>) -> Vec<Value> {
    let pair = |email: &Value| {
        let text = |name: &str| folded(email[name].as_str().unwrap_or_default());
        (text("type"), text("value"))
    };
    let mut kept: Vec<Value> = Vec::new();
    for email in emails {
        match kept.iter_mut().find(|known| pair(known) == pair(&email)) {
            None => kept.push(email),
            Some(known) if email["primary"] == true => known["primary"] = true.into(),
            Some(_) => {}
        }
    }
    kept
}

proptest! {
    #[test]
    fn few_and_many_elements_are_told_apart_alike(
        values in prop::collection::vec(("[abAB]|ß|SS|ẞ", prop::option::of("work|Work|home"), any::<bool>()), 0..20),
    ) {
        let values: Vec<Value> = values.into_iter().map(|(value, kind, primary)| {
            let mut email = json!({ "value": value, "primary": primary });
            if let Some(kind) = kind {
                email["type"] = kind.into();
            }
            email
        }).collect();
        let mut found = values.clone();
        elements::unique(emails(), &mut found);
        prop_assert_eq!(found, unique_by_the_word(values));
    }
}

#[test]
fn one_value_is_read_like_any_in_a_body() {
    let check = |value: Value, expected: Option<Value>| {
        let mut coercions = Coercions::default();
        let mut reader = Reader { profile: Profile::LENIENT, coercions: &mut coercions };
        assert_eq!(
            reader.attribute(emails(), value.clone(), At::Top("emails")),
            Ok(expected),
            "{value}"
        );
    };
    check(json!("a"), Some(json!([{ "value": "a" }])));
    check(json!([{ "type": "work" }]), None);
    check(json!(null), None);
}
