//! What is refused, with which type; and that the resource stays as it was.

use serde_json::{Value, json};

use super::{bare, enterprise, group, of_enterprise, op, patched, refused, remove, user};
use crate::{Coercions, Patch, Profile, ScimType, schema};

/// `body` as a whole is refused, with exactly that text.
fn refused_body(body: Value, scim_type: ScimType, detail: &str) {
    let error =
        Patch::parse(body.clone(), schema::user(), Profile::LENIENT).expect_err(&body.to_string());
    assert_eq!((error.status, error.scim_type), (400, Some(scim_type)), "{body}");
    assert_eq!(error.detail, detail, "{body}");
}

#[test]
fn bodies() {
    let none = "Operations: must be an array of at least one";
    refused_body(
        json!([]),
        ScimType::InvalidSyntax,
        "the body must be a JSON object with Operations",
    );
    refused_body(json!({}), ScimType::InvalidSyntax, none);
    refused_body(json!({"Operations": []}), ScimType::InvalidSyntax, none);
    refused_body(json!({"Operations": {"op": "add"}}), ScimType::InvalidSyntax, none);
    refused_body(
        json!({"Operations": [5]}),
        ScimType::InvalidSyntax,
        "Operations[0]: must be an object with op, path and value",
    );
    let operations = |count: usize| json!({"operations": vec![json!({"op": "add", "path": "title", "value": "x"}); count]});
    refused_body(operations(1001), ScimType::InvalidValue, "Operations: more than 1000");
    assert!(Patch::parse(operations(1000), schema::user(), Profile::LENIENT).is_ok());
    let late = json!({"Operations": [{"op": "add", "path": "title", "value": "x"}, {"op": "delete", "path": "title"}]});
    refused_body(
        late,
        ScimType::InvalidSyntax,
        "Operations[1]: op: must be add, remove or replace",
    );
}

#[test]
fn operations_that_lack_something() {
    let check = |operation: Value, scim_type, detail: &str| {
        refused(user(json!({})), json!([operation]), scim_type, detail);
    };
    let (syntax, op) = (ScimType::InvalidSyntax, "op: must be add, remove or replace");
    check(json!({"path": "title", "value": "x"}), syntax, op);
    check(json!({"op": 5, "path": "title", "value": "x"}), syntax, op);
    check(json!({"op": "move", "path": "title"}), syntax, op);
    let object = "value: must be an object";
    check(json!({"op": "add"}), syntax, object);
    check(json!({"op": "replace", "value": "x"}), syntax, object);
    let nested = json!({"op": "replace", "value": {schema::ENTERPRISE_URN: 5}});
    check(nested, ScimType::InvalidValue, object);
    let nested = json!({"op": "replace", "value": {schema::USER_URN: null}});
    check(nested, ScimType::InvalidValue, object);
    check(json!({"op": "add", "path": "title"}), ScimType::InvalidValue, "value: is missing");
    let path = "path: remove needs one";
    check(json!({"op": "remove"}), ScimType::NoTarget, path);
    check(json!({"op": "remove", "value": {"title": "x"}}), ScimType::NoTarget, path);
    let all = "path: names all attributes";
    check(json!({"op": "remove", "path": schema::USER_URN}), ScimType::NoTarget, all);
}

#[test]
fn paths_that_lead_nowhere() {
    let check = |path: Value, scim_type, detail: &str| {
        let operation = json!([{"op": "add", "path": path, "value": "x"}]);
        refused(user(json!({})), operation, scim_type, detail);
    };
    let invalid = ScimType::InvalidPath;
    check(json!(5), invalid, "path: must be a string");
    check(json!("a b"), invalid, "path: expected an attribute");
    check(json!("a.b.c"), invalid, "path: expected an attribute");
    let unknown = "path: names no attribute";
    check(json!("favouriteColour"), invalid, unknown);
    check(json!("name.nick"), invalid, unknown);
    check(json!(r#"emails[type eq "work"].nick"#), invalid, unknown);
    check(json!("name[givenName pr]"), invalid, "path: the attribute has one value");
    let open = "path, character 22: expected ]";
    check(json!(r#"emails[type eq "work""#), ScimType::InvalidFilter, open);
    check(json!("emails[nick pr].value"), ScimType::InvalidFilter, "filter: nick is no");
}

#[test]
fn values_of_the_wrong_type() {
    let check = |operations: Value, detail: &str| {
        refused(user(json!({})), operations, ScimType::InvalidValue, detail)
    };
    check(op("add", "title", json!({"a": 1})), "title: expected a string");
    check(op("add", "title", json!(["a", "b"])), "title: takes a single value");
    check(op("add", "active", json!("maybe")), "active: expected true or false");
    check(op("add", "name", json!("Ada")), "name: expected an object");
    check(op("add", "emails", json!([true])), "emails[0]: expected an object");
    check(
        op("add", r#"emails[type eq "work"].primary"#, json!("yes")),
        "emails.primary: expected true or false",
    );
    check(
        op("add", &of_enterprise("department"), json!([1, 2])),
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    );
}

#[test]
fn rule_1_active_is_never_unassigned() {
    let check = |operations: Value| {
        let detail = "active: can't be unassigned; send true or false";
        refused(user(json!({"active": false})), operations, ScimType::InvalidValue, detail);
    };
    check(op("replace", "active", json!(null)));
    check(op("replace", "active", json!("")));
    check(op("add", "active", json!([])));
    check(remove("active"));
    check(bare("replace", json!({"active": null})));
}

#[test]
fn what_must_stay_and_what_is_the_servers() {
    let mutability = |before, operations: Value, detail: &str| {
        refused(before, operations, ScimType::Mutability, detail)
    };
    let of_user = |operations: Value, detail: &str| mutability(user(json!({})), operations, detail);
    of_user(remove("userName"), "userName: can't be unassigned");
    of_user(op("replace", "userName", json!(null)), "userName: can't be unassigned");
    of_user(bare("replace", json!({"userName": null})), "userName: can't be unassigned");
    mutability(group(json!({})), remove("displayName"), "displayName: can't be unassigned");
    refused(
        user(json!({})),
        op("replace", "userName", json!("")),
        ScimType::InvalidValue,
        "userName: is required",
    );
    of_user(op("replace", "id", json!("id-1")), "id: is readOnly");
    of_user(op("replace", "meta.version", json!("1")), "meta: is readOnly");
    of_user(op("add", "groups", json!([{"value": "g"}])), "groups: is readOnly");
    of_user(remove(r#"groups[value eq "g"]"#), "groups: is readOnly");
    of_user(bare("replace", json!({"id": "another"})), "id: is readOnly");
    let manager = of_enterprise("manager");
    mutability(
        enterprise(json!({"manager": {"value": "m"}})),
        op("add", &format!("{manager}.displayName"), json!("x")),
        &format!("{manager}: is readOnly"),
    );
}

#[test]
fn the_first_refusal_is_told_and_every_change_taken_back() {
    let before =
        || user(json!({"title": "Dr", "name": {"givenName": "Ada"}, "emails": [{"value": "a"}]}));
    // Refused while reading.
    let operations = json!([
        {"op": "add", "path": "favouriteColour", "value": "x"},
        {"op": "add", "path": "active", "value": "maybe"},
    ]);
    refused(before(), operations, ScimType::InvalidPath, "path: names no attribute");
    // Refused by what the resource holds, after changes of every kind.
    let operations = json!([
        {"op": "remove", "path": "title"},
        {"op": "remove", "path": "name"},
        {"op": "add", "path": "nickName", "value": "x"},
        {"op": "add", "path": "title", "value": "Prof"},
        {"op": "replace", "path": "emails.value", "value": "b"},
        {"op": "add", "path": of_enterprise("department"), "value": "D"},
        {"op": "replace", "value": {"id": "another"}},
    ]);
    // `patched` asserts that nothing has changed, order included.
    let error = patched(&before(), &operations, Profile::LENIENT).expect_err("another id");
    assert!(error.detail.starts_with("Operations[6]: id: is readOnly"), "{error}");
}

#[test]
fn a_resource_without_id_takes_any() {
    let mut resource = user(json!({}));
    resource.shift_remove("id");
    let operations = bare("replace", json!({"id": "another", "title": "Dr"}));
    let body = json!({"schemas": [schema::PATCH_URN], "Operations": operations});
    let patch = Patch::parse(body, schema::user(), Profile::LENIENT).unwrap();
    patch.apply(&mut resource, schema::user(), &mut Coercions::default()).unwrap();
    assert_eq!(resource["title"], "Dr");
}

#[test]
fn brackets_that_select_nothing_and_make_nothing() {
    let before = || user(json!({"emails": [{"value": "h", "type": "home"}]}));
    for path in [
        r#"emails[type co "work"].value"#,
        r#"emails[type eq "work" or type eq "other"].value"#,
        r#"emails[not (type eq "home")].value"#,
        r#"emails[value eq "a"].value"#,
        r#"emails[type eq "work" and type eq "other"].value"#,
        r#"ims[value pr].value"#,
    ] {
        let detail = "path: the brackets select no element";
        refused(before(), op("replace", path, json!("x")), ScimType::NoTarget, detail);
    }
}
