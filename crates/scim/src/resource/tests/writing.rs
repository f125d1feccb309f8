//! Order of keys, immutable attributes, sizes, differences.

use serde_json::{Value, json};

use super::*;
use crate::{
    Coercion,
    limits::RESOURCE_BYTES_MAX,
    resource::{Diff, Stored, arrange, create, diff, replace, to_bytes},
    schema::{Extension, ResourceType, Schema},
};

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

#[test]
fn a_new_resource_is_in_order() {
    let check = |body: Value, expected: Value| {
        let draft = read(body, user(), Profile::LENIENT).expect("is read");
        same(&Value::Object(create(draft, "7", user()).expect("is created")), &expected);
    };
    let emails = json!([{ "value": "a@b.example", "type": "work" }]);
    check(
        json!({ ENTERPRISE_URN: { "costCenter": "c", "employeeNumber": "7" }, "emails": emails, "timezone": "UTC",
                "userName": "ada", "externalId": "x" }),
        json!({ "schemas": [USER_URN, ENTERPRISE_URN], "id": "7", "externalId": "x", "userName": "ada", "timezone": "UTC",
                "active": true, "emails": emails, ENTERPRISE_URN: { "employeeNumber": "7", "costCenter": "c" } }),
    );
    check(
        json!({ "userName": "ada" }),
        json!({ "schemas": [USER_URN], "id": "7", "userName": "ada", "active": true }),
    );
}

#[test]
fn arrange_is_the_canonical_form_of_what_was_changed_in_place() {
    let check = |resource: Value, expected: Value| {
        let mut resource = object(resource);
        arrange(&mut resource, user());
        same(&Value::Object(resource.clone()), &expected);
        arrange(&mut resource, user());
        same(&Value::Object(resource), &expected);
    };
    check(
        json!({ ENTERPRISE_URN: { "manager": { "value": "m" }, "costCenter": "c" }, "legacy": 1, "active": true,
                "name": { "givenName": "Ada", "familyName": "L" }, "userName": "ada", "title": null, "id": "7" }),
        json!({ "schemas": [USER_URN, ENTERPRISE_URN], "id": "7", "userName": "ada",
                "name": { "familyName": "L", "givenName": "Ada" }, "active": true,
                ENTERPRISE_URN: { "costCenter": "c", "manager": { "value": "m" } }, "legacy": 1 }),
    );
    check(
        json!({ "schemas": [USER_URN, ENTERPRISE_URN], "id": "7", "name": {}, "roles": [], ENTERPRISE_URN: { "manager": {} },
                "emails": [{ "type": "work" }, { "value": "a" }, { "value": "A" }, null] }),
        json!({ "schemas": [USER_URN], "id": "7", "emails": [{ "value": "a" }] }),
    );
}

/// Users with an immutable badge in the core schema and an immutable desk in an extension.
fn badge_holder() -> ResourceType {
    let schema = |id: &str, name: &str| {
        let attributes = json!([{ "name": name, "mutability": "immutable" }, { "name": "note" }]);
        Schema::read(&json!({ "id": id, "attributes": attributes })).expect("is a schema")
    };
    ResourceType {
        name: "Holder".into(),
        endpoint: "/Holders".into(),
        description: String::new(),
        schema: schema("urn:example:Holder", "badge"),
        extensions: vec![Extension { schema: schema("urn:example:Desk", "desk"), required: false }],
    }
}

#[test]
fn immutable_attributes_keep_the_value_they_have() {
    let of = badge_holder();
    let urn = "urn:example:Desk";
    let put = |old: Value, body: Value| {
        let draft = read(body, &of, Profile::LENIENT)?;
        let mut coercions = Coercions::default();
        let old = old.to_string();
        let old = Stored::new(old.as_bytes())?;
        replace(&old, draft, &of, Profile::LENIENT, &mut coercions).map(Value::Object)
    };
    let whole = |badge: &str, desk: &str| json!({ "schemas": ["urn:example:Holder", urn], "id": "7", "badge": badge, urn: { "desk": desk } });
    let old = whole("b", "d");
    let check = |old: &Value, body: Value, expected: Value| {
        same(&put(old.clone(), body).expect("is replaced"), &expected);
    };
    check(&old, json!({}), old.clone());
    check(&old, json!({ urn: { "desk": "d" }, "badge": "b" }), old.clone());
    check(&json!({ "id": "7" }), json!({ urn: { "desk": "d" }, "badge": "b" }), old.clone());
    let noted = json!({ "schemas": ["urn:example:Holder", urn], "id": "7", "badge": "b", "note": "n",
                        urn: { "desk": "d", "note": "m" } });
    check(&old, json!({ "note": "n", urn: { "note": "m" } }), noted);
    refused(put(old.clone(), json!({ "badge": "c" })), ScimType::Mutability, "badge: is immutable");
    refused(
        put(old, json!({ urn: { "desk": "e" } })),
        ScimType::Mutability,
        "urn:example:Desk:desk: is immutable",
    );
}

#[test]
fn a_put_that_keeps_what_it_does_not_name() {
    let whole = json!({ "schemas": [USER_URN, ENTERPRISE_URN], "id": "7", "externalId": "x", "userName": "ada",
                        "name": { "familyName": "L", "givenName": "Ada" }, "title": "Countess", "active": true,
                        ENTERPRISE_URN: { "employeeNumber": "7", "costCenter": "c" } });
    let check = |body: Value, changed: &[(&str, Value)], kept: bool| {
        let profile = Profile { put_keeps_absent: true, ..Profile::LENIENT };
        let draft = read(body.clone(), user(), profile).expect("is read");
        let (old, mut coercions) = (whole.to_string(), Coercions::default());
        let old = Stored::new(old.as_bytes()).expect("is stored");
        let new = replace(&old, draft, user(), profile, &mut coercions).expect("is replaced");
        let mut expected = object(whole.clone());
        expected.extend(changed.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        arrange(&mut expected, user());
        same(&Value::Object(new), &Value::Object(expected));
        assert_eq!(coercions.contains(Coercion::AbsentKept), kept, "{body}");
    };
    check(json!({}), &[], true);
    check(whole.clone(), &[], false);
    check(json!({ "title": "Lady" }), &[("title", json!("Lady"))], true);
    check(json!({ "userName": "ada2" }), &[("userName", json!("ada2"))], true);
    // A complex value is replaced whole: it is one attribute.
    check(json!({ "name": { "givenName": "A" } }), &[("name", json!({ "givenName": "A" }))], true);
    for none in [json!(null), json!("")] {
        check(json!({ "title": none }), &[("title", Value::Null)], true);
        check(json!({ "externalId": none }), &[("externalId", Value::Null)], true);
        check(json!({ ENTERPRISE_URN: none }), &[(ENTERPRISE_URN, Value::Null)], true);
        let left = json!({ "employeeNumber": "7" });
        check(json!({ ENTERPRISE_URN: { "costCenter": none } }), &[(ENTERPRISE_URN, left)], true);
    }
    let more = json!({ "employeeNumber": "7", "costCenter": "c", "division": "d" });
    check(json!({ ENTERPRISE_URN: { "division": "d" } }), &[(ENTERPRISE_URN, more)], true);
}

#[test]
fn what_is_too_large_names_its_largest_attribute() {
    let of_title = |length: usize| {
        object(json!({ "id": "7", "title": "x".repeat(length), "userName": "ada" }))
    };
    let overhead = to_bytes(&of_title(0)).map(|bytes| bytes.len()).unwrap_or_default();
    let check = |length: usize| to_bytes(&of_title(length)).map(|bytes| bytes.len());
    assert_eq!(check(RESOURCE_BYTES_MAX - overhead), Ok(RESOURCE_BYTES_MAX));
    let error = check(RESOURCE_BYTES_MAX - overhead + 1).expect_err("is refused");
    assert_eq!((error.status, error.scim_type), (413, None));
    assert!(error.detail.contains("largest attribute is title"), "{error}");
}

#[test]
fn changes_are_named_by_schema_paths() {
    let check = |old: Value, new: Value, previous: Value| {
        let (old, new) = (old.to_string(), new.to_string());
        let found = match (Stored::new(old.as_bytes()), Stored::new(new.as_bytes())) {
            (Ok(old), Ok(new)) => diff(&old, &new, user()),
            (old, new) => panic!("{old:?} {new:?}"),
        };
        let changed: Vec<_> =
            previous.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default();
        assert_eq!(found, Diff { changed, previous: object(previous) });
    };
    let ada = json!({ "id": "7", "externalId": "x", "userName": "ada", "name": { "familyName": "L", "givenName": "Ada" },
                      "emails": [{ "value": "a", "type": "work" }], ENTERPRISE_URN: { "department": "R", "manager": { "value": "m" } } });
    check(ada.clone(), ada.clone(), json!({}));
    let mut other = ada.clone();
    other["userName"] = json!("ada2");
    other["name"]["givenName"] = json!("A");
    other["emails"][0]["value"] = json!("b");
    other["active"] = json!(false);
    other[ENTERPRISE_URN]["manager"]["value"] = json!("n");
    check(
        ada.clone(),
        other,
        json!({ "userName": "ada", "name.givenName": "Ada", "active": null, "emails": [{ "value": "a", "type": "work" }],
                format!("{ENTERPRISE_URN}:manager.value"): "m" }),
    );
    check(
        json!({ "id": "7" }),
        ada,
        json!({ "externalId": null, "userName": null, "name.familyName": null, "name.givenName": null, "emails": null,
                format!("{ENTERPRISE_URN}:department"): null, format!("{ENTERPRISE_URN}:manager.value"): null }),
    );
    check(
        json!({ "legacy": 1, "schemas": [1] }),
        json!({ "later": 2 }),
        json!({ "legacy": 1, "later": null }),
    );
}
