//! Tests of reading, creating, replacing and comparing resources.

mod kinds;
mod members;
mod properties;
mod reading;
mod rules;
mod writing;

use serde_json::{Map, Value};

use crate::{
    Coercions, Error, Profile, ScimType,
    resource::{Draft, read},
    schema::{ENTERPRISE_URN, GROUP_URN, USER_URN, group, user},
};

/// A user body with the schemas in front.
fn user_body(body: Value) -> Value {
    with_schemas(&[USER_URN], body)
}

fn with_schemas(urns: &[&str], body: Value) -> Value {
    let mut whole = Map::from_iter([("schemas".to_owned(), Value::from(urns.to_vec()))]);
    if let Value::Object(body) = body {
        whole.extend(body);
    }
    Value::Object(whole)
}

/// A user read from that body.
fn read_user(body: Value, profile: Profile) -> Result<Draft, Error> {
    read(user_body(body), user(), profile)
}

fn codes(coercions: &Coercions) -> Vec<String> {
    coercions.iter().map(|coercion| format!("{coercion:?}")).collect()
}

/// Without `schemas`.
fn attributes(draft: &Draft) -> Value {
    let mut attributes = draft.attributes.clone();
    attributes.shift_remove("schemas");
    Value::Object(attributes)
}

/// Equal including the order of keys.
fn same(found: &Value, expected: &Value) {
    assert_eq!(found.to_string(), expected.to_string());
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>, kind: ScimType, start: &str) -> String {
    let error = result.expect_err("is refused");
    assert_eq!((error.status, error.scim_type), (400, Some(kind)), "{error}");
    assert!(error.detail.starts_with(start), "{start:?} doesn't start {:?}", error.detail);
    error.detail
}
