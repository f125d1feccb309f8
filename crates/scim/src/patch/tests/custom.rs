//! What schemas may have that the built-in ones don't: immutable and required attributes, plain lists, numbers.

use serde_json::{Map, Value, json};

use super::{bare, of_user_with, op, remove, text};
use crate::{
    Coercion, Coercions, Filter, Patch, Profile, ScimType,
    schema::{PATCH_URN, ResourceType, Schema, USER_URN},
};

const BADGES: &str = "urn:acme:badges:2.0:User";

/// A user type with one more extension.
fn staff() -> ResourceType {
    let document = json!({"id": BADGES, "name": "Badges", "attributes": [
        {"name": "number", "type": "integer", "mutability": "immutable"},
        {"name": "height", "type": "decimal"},
        {"name": "nicknames", "multiValued": true},
        {"name": "doors", "type": "complex", "multiValued": true, "required": true, "subAttributes": [
            {"name": "value", "required": true},
            {"name": "site", "mutability": "immutable"},
            {"name": "since", "type": "dateTime"},
        ]},
        {"name": "desk", "type": "complex", "required": true, "subAttributes": [
            {"name": "floor", "type": "integer"},
            {"name": "label", "mutability": "immutable"},
        ]},
        {"name": "history", "type": "complex", "multiValued": true, "mutability": "immutable", "subAttributes": [
            {"name": "value"},
        ]},
    ]});
    of_user_with(Schema::read(&document).unwrap())
}

fn badge() -> Value {
    json!({"number": 7, "height": 1.7, "nicknames": ["Ada", "Lady"],
           "doors": [{"value": "front", "site": "north", "since": "2026-01-31T12:00:00Z"}],
           "desk": {"floor": 2, "label": "D2"}, "history": [{"value": "hired"}]})
}

fn resource(badge: Value) -> Map<String, Value> {
    let resource = json!({"schemas": [USER_URN, BADGES], "id": "id-1", "userName": "ada", "active": true, BADGES: badge});
    resource.as_object().unwrap().clone()
}

fn applied(operations: &Value) -> Result<(Map<String, Value>, Coercions), crate::Error> {
    let of = staff();
    let body = json!({"schemas": [PATCH_URN], "Operations": operations});
    let patch = Patch::parse(body, &of, Profile::LENIENT)?;
    let (mut changed, mut coercions) = (resource(badge()), *patch.coercions());
    let outcome = patch.apply(&mut changed, &of, &mut coercions);
    if outcome.is_err() {
        assert_eq!(text(&changed), text(&resource(badge())), "half applied: {operations}");
    }
    outcome.map(|()| (changed, coercions))
}

/// `operations` change the badge in those attributes.
fn check(operations: Value, changes: Value, noted: &[Coercion]) {
    let (changed, coercions) =
        applied(&operations).unwrap_or_else(|error| panic!("{operations}: {error}"));
    let mut expected = badge();
    expected.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    expected.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    assert_eq!(text(&changed), text(&resource(expected)), "{operations}");
    assert_eq!(coercions, noted.iter().copied().collect(), "{operations}");
}

fn refused(operations: Value, scim_type: ScimType, detail: &str) {
    let error = applied(&operations).expect_err(&operations.to_string());
    assert_eq!(error.scim_type, Some(scim_type), "{operations}: {error}");
    assert_eq!(error.detail, format!("Operations[0]: {detail}"), "{operations}");
}

fn path(attribute: &str) -> String {
    format!("{BADGES}:{attribute}")
}

#[test]
fn immutable_attributes_keep_their_value() {
    let set = |attribute: &str| format!("{}: is immutable, and set", path(attribute));
    check(op("replace", &path("number"), json!(7)), json!({}), &[]);
    refused(op("replace", &path("number"), json!(8)), ScimType::Mutability, &set("number"));
    let gone = format!("{}: can't be unassigned", path("number"));
    refused(remove(&path("number")), ScimType::Mutability, &gone);
    refused(bare("add", json!({BADGES: {"number": null}})), ScimType::Mutability, &gone);
    refused(
        op("add", &path("history"), json!([{"value": "x"}])),
        ScimType::Mutability,
        &set("history"),
    );
    let element = path(r#"history[value eq "hired"]"#);
    refused(remove(&element), ScimType::Mutability, &set("history"));
    // Sub-attributes.
    check(
        op("add", &path("desk"), json!({"label": "D2", "floor": 3})),
        json!({"desk": {"floor": 3, "label": "D2"}}),
        &[],
    );
    refused(
        op("add", &path("desk.label"), json!("D3")),
        ScimType::Mutability,
        "label: is immutable, and set",
    );
    refused(
        op("add", &path(r#"doors[value eq "front"].site"#), json!("south")),
        ScimType::Mutability,
        "site: is immutable, and set",
    );
    let gone = format!("{}.label: can't be unassigned", path("desk"));
    refused(remove(&path("desk.label")), ScimType::Mutability, &gone);
}

#[test]
fn required_attributes_stay() {
    let gone = |attribute: &str| format!("{}: can't be unassigned", path(attribute));
    refused(remove(&path("doors")), ScimType::Mutability, &gone("doors"));
    refused(op("replace", &path("doors"), json!([])), ScimType::Mutability, &gone("doors"));
    let last = "the attribute is required, so its last element can't be removed";
    refused(remove(&path(r#"doors[value eq "front"]"#)), ScimType::Mutability, last);
    refused(op("remove", &path("doors"), json!([{"value": "front"}])), ScimType::Mutability, last);
    refused(remove(&path("doors.value")), ScimType::Mutability, &gone("doors.value"));
    refused(remove(&path("desk")), ScimType::Mutability, &gone("desk"));
    refused(remove(BADGES), ScimType::Mutability, &format!("{BADGES}: can't be removed"));
    refused(
        bare("replace", json!({BADGES: null})),
        ScimType::Mutability,
        &format!("{BADGES}: can't be removed"),
    );
}

#[test]
fn plain_lists() {
    let with = |names: Value| json!({"nicknames": names});
    check(
        op("add", &path("nicknames"), json!(["Lady", "Countess"])),
        with(json!(["Ada", "Lady", "Countess"])),
        &[],
    );
    check(
        op("add", &path("nicknames"), json!("Countess")),
        with(json!(["Ada", "Lady", "Countess"])),
        &[Coercion::ListFromSingle],
    );
    check(remove(&path(r#"nicknames[value eq "ADA"]"#)), with(json!(["Lady"])), &[]);
    check(
        op("replace", &path(r#"nicknames[value sw "L"]"#), json!("Duchess")),
        with(json!(["Ada", "Duchess"])),
        &[],
    );
    check(
        op("remove", &path("nicknames"), json!(["lady"])),
        with(json!(["Ada"])),
        &[Coercion::RemoveByValue],
    );
    check(remove(&path("nicknames")), with(json!(null)), &[]);
    let none = "path: the brackets select no element";
    refused(
        op("replace", &path(r#"nicknames[value eq "x"]"#), json!("y")),
        ScimType::NoTarget,
        none,
    );
}

#[test]
fn numbers_and_instants_in_brackets() {
    let late =
        json!({"doors": [{"value": "back", "site": "north", "since": "2026-01-31T12:00:00Z"}]});
    check(
        op("replace", &path("doors[since ge 2026-01-31T13:00:00+01:00].value"), json!("back")),
        late,
        &[],
    );
    let of = staff();
    for (filter, expected) in [
        ("number eq 7", true),
        ("number eq 7.0", true),
        ("number gt 7", false),
        ("number ne 8", true),
        ("height ge 1.7", true),
        ("height lt 1.7e0", false),
        (r#"nicknames eq "LADY""#, true),
        (r#"nicknames ne "Ada""#, true),
        (r#"nicknames co "x""#, false),
        ("number pr", true),
        (
            r#"urn:acme:badges:2.0:User:doors[value eq "front" and since lt "2027-01-01T00:00:00Z"]"#,
            true,
        ),
    ] {
        let query = Filter::parse(filter).unwrap().resolve(&of).unwrap();
        assert_eq!(query.matches(&resource(badge())), expected, "{filter}");
        assert_eq!(query.lookup(), None, "{filter}");
    }
    for (filter, why) in [
        (r#"number eq "7""#, "filter: number is a number"),
        ("number co 7", "filter: number isn't text, so co, sw and ew don't go with it"),
        ("nicknames[value pr]", "filter: nicknames has no sub-attributes, so it takes no brackets"),
    ] {
        assert_eq!(Filter::parse(filter).unwrap().resolve(&of).expect_err(filter).detail, why);
    }
}
