//! Requests as they come: spelling of keys, verbs and paths.

use serde_json::{Value, json};

use super::user;
use crate::{Coercion, Coercions, Patch, Profile, schema};

/// `body` sets the title.
fn check(body: Value, noted: &[Coercion]) {
    let patch = Patch::parse(body.clone(), schema::user(), Profile::LENIENT)
        .unwrap_or_else(|error| panic!("{body}: {error}"));
    let mut coercions = *patch.coercions();
    let mut resource = user(json!({}));
    patch.apply(&mut resource, schema::user(), &mut coercions).unwrap();
    assert_eq!(resource, user(json!({"title": "Dr"})), "{body}");
    assert_eq!(coercions, noted.iter().copied().collect::<Coercions>(), "{body}");
}

#[test]
fn keys_and_verbs_in_any_case() {
    let patch = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    check(
        json!({"schemas": [patch], "Operations": [{"op": "add", "path": "title", "value": "Dr"}]}),
        &[],
    );
    check(
        json!({"Schemas": [patch.to_uppercase()], "operations": [{"OP": "ADD", "Path": "Title", "Value": "Dr"}]}),
        &[],
    );
    check(
        json!({"schemas": [patch], "Operations": [{"op": "Replace", "path": " title ", "value": ["Dr"]}]}),
        &[Coercion::SingleFromList],
    );
    let unsaid = [Coercion::SchemasRepaired];
    check(json!({"Operations": [{"op": "add", "path": "title", "value": "Dr"}]}), &unsaid);
    check(
        json!({"schemas": ["urn:x"], "Operations": [{"op": "add", "path": "title", "value": "Dr"}]}),
        &unsaid,
    );
}

#[test]
fn no_path_in_all_its_forms() {
    let body =
        |operation: Value| json!({"schemas": [schema::PATCH_URN], "Operations": [operation]});
    check(body(json!({"op": "add", "value": {"title": "Dr"}})), &[]);
    check(body(json!({"op": "add", "path": null, "value": {"title": "Dr"}})), &[]);
    let listed = body(json!({"op": "add", "value": [{"title": "Dr"}]}));
    check(listed, &[Coercion::SingleFromList]);
    check(body(json!({"op": "add", "path": "", "value": {"TITLE": "Dr"}})), &[]);
    check(body(json!({"op": "add", "path": schema::USER_URN, "value": {"title": "Dr"}})), &[]);
    check(
        body(json!({"op": "add", "path": format!("{}:title", schema::USER_URN), "value": "Dr"})),
        &[],
    );
    let schemas = json!([{"op": "add", "path": "schemas", "value": ["urn:x"]}, {"op": "add", "path": "title", "value": "Dr"}]);
    check(
        json!({"schemas": [schema::PATCH_URN], "Operations": schemas}),
        &[Coercion::SchemasRepaired],
    );
}
