//! A deactivation outlives what is refused beside it.

use serde_json::{Map, Value, json};

use super::{bare, check, op, refused, refused_by, user};
use crate::{Coercion, Patch, Profile, ScimType, schema};

#[test]
fn rule_13_deactivation_wins() {
    let before = || user(json!({"title": "Dr"}));
    let after = || user(json!({"active": false, "title": "Prof"}));
    let won = [Coercion::DeactivationWon];
    let beside = |other: Value| json!([{"op": "replace", "path": "title", "value": "Prof"}, other, {"op": "replace", "path": "active", "value": false}]);
    for other in [
        json!({"op": "replace", "path": "favouriteColour", "value": "red"}),
        json!({"op": "replace", "path": "userName", "value": ""}),
        json!({"op": "replace", "path": "meta", "value": {}}),
        json!({"op": "frobnicate"}),
        // What was tolerated in a refused operation isn't noted.
        json!({"op": "replace", "path": "userName", "value": [""]}),
        json!({"op": "replace", "path": "name", "value": "Ada"}),
        json!({"op": "replace", "value": {"id": "another"}}),
        json!({"op": "replace", "path": "ims[type co \"x\"].value", "value": "y"}),
        json!({"op": "remove", "path": "active"}),
    ] {
        check(before(), beside(other), after(), &won);
    }
    // Within one value, key by key.
    let value = json!({"active": "False", "title": "Prof", "emails": true, "userName": null});
    check(
        before(),
        bare("replace", value),
        after(),
        &[Coercion::BooleanFromText, Coercion::DeactivationWon],
    );
}

#[test]
fn what_does_not_deactivate_is_refused_as_a_whole() {
    let other = json!({"op": "add", "path": "favouriteColour", "value": "x"});
    for active in [json!(true), json!("True")] {
        let operations = json!([other, {"op": "replace", "path": "active", "value": active}]);
        refused(user(json!({})), operations, ScimType::InvalidPath, "path: names no attribute");
    }
    // The last word counts.
    let operations = json!([other, {"op": "replace", "path": "active", "value": false}, {"op": "add", "path": "active", "value": true}]);
    refused(user(json!({})), operations, ScimType::InvalidPath, "path: names no attribute");
}

#[test]
fn strict_refuses_the_whole_request_whatever_it_also_does() {
    let operations = json!([
        {"op": "add", "path": "favouriteColour", "value": "x"},
        {"op": "replace", "path": "active", "value": false},
    ]);
    let detail = "path: names no attribute";
    refused_by(Profile::STRICT, user(json!({})), operations, ScimType::InvalidPath, detail);
}

#[test]
fn a_request_says_whether_it_deactivates() {
    for (operations, expected) in [
        (op("Replace", "active", json!("False")), true),
        (op("replace", "ACTIVE", json!([false])), true),
        (bare("replace", json!({"active": false})), true),
        (bare("add", json!({"urn:ietf:params:scim:schemas:core:2.0:User:active": "false"})), true),
        (op("replace", "active", json!(true)), false),
        (op("replace", "title", json!("x")), false),
    ] {
        let body = json!({"schemas": [schema::PATCH_URN], "Operations": operations});
        let patch = Patch::parse(body, schema::user(), Profile::LENIENT).unwrap();
        assert_eq!(patch.deactivates(), expected, "{operations}");
        let mut resource: Map<String, Value> = user(json!({}));
        patch.apply(&mut resource, schema::user(), &mut patch.coercions().clone()).unwrap();
        assert_eq!(resource["active"], json!(!expected));
    }
}
