//! Tests of projections.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::Projection;
use crate::{
    ScimType,
    limits::PROJECTION_BYTES_MAX,
    schema::{ENTERPRISE_URN, ResourceType, Schema, USER_URN, group, user},
};

fn ada() -> Value {
    json!({
        "schemas": [USER_URN, ENTERPRISE_URN], "id": "7", "externalId": "x", "userName": "ada",
        "name": { "familyName": "Lovelace", "givenName": "Ada" },
        "emails": [{ "value": "a", "type": "work" }, { "type": "home" }],
        "groups": [{ "value": "g", "display": "G" }],
        ENTERPRISE_URN: { "department": "R", "manager": { "value": "m", "displayName": "M" } },
        "meta": { "resourceType": "User", "version": "W/\"1\"" },
    })
}

fn project(attributes: Option<&str>, excluded: Option<&str>, resource: &Value) -> Value {
    let projection = Projection::parse(attributes, excluded, user()).expect("is a projection");
    let mut resource = resource.as_object().cloned().unwrap_or_default();
    projection.apply(&mut resource);
    Value::Object(resource)
}

/// With `schemas` and `id` in front.
fn always(rest: Value) -> Value {
    let mut whole = json!({ "schemas": [USER_URN, ENTERPRISE_URN], "id": "7" });
    if let (Value::Object(whole), Value::Object(rest)) = (&mut whole, rest) {
        whole.extend(rest);
    }
    whole
}

#[test]
fn attributes_are_those_named_and_those_always_shown() {
    let check = |names: &str, expected: Value| {
        assert_eq!(
            project(Some(names), None, &ada()).to_string(),
            always(expected).to_string(),
            "{names}"
        );
    };
    check("userName", json!({ "userName": "ada" }));
    check(" USERNAME , externalid,", json!({ "externalId": "x", "userName": "ada" }));
    check("name.givenName", json!({ "name": { "givenName": "Ada" } }));
    check(
        "name.givenName,name",
        json!({ "name": { "familyName": "Lovelace", "givenName": "Ada" } }),
    );
    check("emails.value", json!({ "emails": [{ "value": "a" }] }));
    check("groups.value", json!({ "groups": [{ "value": "g" }] }));
    check("meta.version", json!({ "meta": { "version": "W/\"1\"" } }));
    check(&format!("{USER_URN}:userName"), json!({ "userName": "ada" }));
    check(&ENTERPRISE_URN.to_uppercase(), json!({ ENTERPRISE_URN: ada()[ENTERPRISE_URN] }));
    check(
        &format!("{ENTERPRISE_URN}:department"),
        json!({ ENTERPRISE_URN: { "department": "R" } }),
    );
    check(
        &format!("{ENTERPRISE_URN}:manager.displayName"),
        json!({ ENTERPRISE_URN: { "manager": { "displayName": "M" } } }),
    );
    check(
        "manager.value,department",
        json!({ ENTERPRISE_URN: { "department": "R", "manager": { "value": "m" } } }),
    );
    check(
        USER_URN,
        json!({ "userName": "ada", "name": ada()["name"], "emails": ada()["emails"], "groups": ada()["groups"] }),
    );
    check("nothing,password,urn:example:x,title", json!({}));
    check("id", json!({}));
}

#[test]
fn excluded_attributes_are_left_out_but_for_those_always_shown() {
    let check = |names: &str, gone: &[&str]| {
        let mut expected = ada();
        for pointer in gone {
            let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
            if let Some(Value::Object(parent)) = expected.pointer_mut(parent) {
                parent.shift_remove(name);
            }
        }
        assert_eq!(project(None, Some(names), &ada()).to_string(), expected.to_string(), "{names}");
    };
    let extension = format!("/{ENTERPRISE_URN}");
    check("EMAILS", &["/emails"]);
    check("name.givenName", &["/name/givenName"]);
    check("name.givenName,name.familyName", &["/name"]);
    check("groups.display", &["/groups/0/display"]);
    check("groups.display,groups.value", &["/groups"]);
    check("id,schemas,meta", &["/meta"]);
    check("nothing,password,title", &[]);
    check(ENTERPRISE_URN, &[&extension]);
    check("manager.value", &[&format!("{extension}/manager/value")]);
    check("department,manager", &[&extension]);
    let whole = project(None, Some("emails.type"), &ada());
    assert_eq!(whole["emails"], json!([{ "value": "a" }]), "an element with nothing left is gone");
}

#[test]
fn what_is_not_wanted_need_not_be_loaded() {
    let check =
        |attributes: Option<&str>, excluded: Option<&str>, members: bool, is_default: bool| {
            let projection =
                Projection::parse(attributes, excluded, group()).expect("is a projection");
            assert_eq!(projection.wants("members"), members, "{attributes:?} {excluded:?}");
            assert_eq!(projection.is_default(), is_default, "{attributes:?} {excluded:?}");
            assert!(projection.wants("id") && projection.wants("schemas"));
        };
    check(None, None, true, true);
    check(Some(" "), Some(""), true, true);
    check(Some("displayName"), None, false, false);
    check(Some("members.value"), None, true, false);
    check(None, Some("Members"), false, false);
    check(None, Some("members.value"), true, false);
    check(Some("members"), Some("members"), true, false);
}

#[test]
fn attributes_returned_on_request_are_shown_when_asked_for() {
    let document = json!({ "id": "urn:example:Holder", "attributes": [
        { "name": "badge", "returned": "request" }, { "name": "desk", "returned": "always" }, { "name": "note" }] });
    let of = ResourceType {
        schema: Schema::read(&document).expect("is a schema"),
        extensions: Vec::new(),
        ..user().clone()
    };
    let check = |attributes: Option<&str>, excluded: Option<&str>, expected: &str| {
        let projection = Projection::parse(attributes, excluded, &of).expect("is a projection");
        assert!(!projection.is_default());
        let mut holder: Map<String, Value> =
            ["badge", "desk", "note"].into_iter().map(|name| (name.into(), 1.into())).collect();
        projection.apply(&mut holder);
        let left: Vec<_> = holder.keys().map(String::as_str).collect();
        assert_eq!(left.join(" "), expected, "{attributes:?} {excluded:?}");
    };
    check(None, None, "desk note");
    check(Some("badge"), None, "badge desk");
    check(None, Some("note,desk"), "desk");
}

#[test]
fn a_list_too_long_is_refused() {
    let names = |bytes: usize| "a".repeat(bytes);
    let parse = |excluded: &str| Projection::parse(None, Some(excluded), user());
    assert!(parse(&names(PROJECTION_BYTES_MAX)).is_ok());
    let error = parse(&names(PROJECTION_BYTES_MAX + 1)).expect_err("is refused");
    assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidValue)));
    assert!(error.detail.starts_with("excludedAttributes: "), "{error}");
}

proptest! {
    #[test]
    fn any_list_is_read_and_only_takes_away(names in "(id|emails|name\\.givenName|manager|urn:[a-z:.]{0,9}|[ -~é]{0,6}|,){0,8}") {
        for (attributes, excluded) in [(Some(names.as_str()), None), (None, Some(names.as_str()))] {
            let shown = project(attributes, excluded, &ada());
            prop_assert_eq!(&shown["id"], &json!("7"));
            let again = project(attributes, excluded, &shown);
            prop_assert_eq!(again, shown);
        }
    }
}
