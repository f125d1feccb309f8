//! The strict profile: RFC 7644 to the letter.

use serde_json::{Value, json};

use super::{bare, check_rfc, of_enterprise, op, patched, refused_by, remove, user};
use crate::{Patch, Profile, ScimType, schema};

fn refused(operations: Value, scim_type: ScimType, detail: &str) {
    let before = user(json!({"emails": [{"value": "h", "type": "home"}]}));
    refused_by(Profile::STRICT, before, operations, scim_type, detail);
}

#[test]
fn brackets_must_select() {
    let detail = "path: the brackets select no element";
    let path = r#"emails[type eq "work"].value"#;
    for operations in [
        op("add", path, json!("x")),
        op("replace", path, json!("x")),
        op("replace", path, json!(null)),
        op("replace", r#"ims[type eq "x"]"#, json!({"value": "x"})),
        remove(path),
        remove(r#"emails[type eq "work"]"#),
    ] {
        refused(operations, ScimType::NoTarget, detail);
    }
    let (_, _, coercions) = patched(&user(json!({})), &remove("title"), Profile::STRICT).unwrap();
    assert!(coercions.contains(crate::Coercion::RemovedNothing));
}

#[test]
fn tolerances_are_off() {
    refused(
        op("replace", "active", json!("False")),
        ScimType::InvalidValue,
        "active: expected true or false",
    );
    refused(op("add", &of_enterprise("manager"), json!("m")), ScimType::InvalidValue, "urn:");
    refused(
        op("add", "urn:ietf:params:scim:schemas:core:2.0:User:role", json!("x")),
        ScimType::InvalidPath,
        "path: names no attribute",
    );
    refused(
        bare("add", json!({"favouriteColour": "red"})),
        ScimType::InvalidSyntax,
        "\"favouriteColour\": is not an attribute",
    );
    refused(op("add", "schemas", json!(["urn:x"])), ScimType::Mutability, "schemas: is readOnly");
    refused(
        op("remove", "emails", json!([{"value": "h"}])),
        ScimType::InvalidValue,
        "value: remove takes none",
    );
    let body = json!({"Operations": [{"op": "add", "path": "title", "value": "x"}]});
    let error = Patch::parse(body, schema::user(), Profile::STRICT).expect_err("no schemas");
    assert_eq!(error.scim_type, Some(ScimType::InvalidSyntax));
}

#[test]
fn one_refused_operation_refuses_all() {
    let operations = json!([
        {"op": "replace", "path": "active", "value": false},
        {"op": "remove", "path": "emails[type eq \"work\"]"},
    ]);
    let before = user(json!({}));
    let error = patched(&before, &operations, Profile::STRICT).expect_err("noTarget");
    assert_eq!(error.detail, "Operations[1]: path: the brackets select no element");
    check_rfc(before, op("replace", "active", json!(false)), user(json!({"active": false})));
}
