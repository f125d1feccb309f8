//! `members` of groups, shape by shape.

use serde_json::{Value, json};

use super::*;
use crate::resource::{MemberRef, MemberType};

fn member(value: &str, kind: Option<MemberType>) -> MemberRef {
    MemberRef { value: value.into(), kind }
}

fn read_group(members: Value, profile: Profile) -> Result<Draft, Error> {
    let body = json!({ "displayName": "Team", "members": members });
    read(with_schemas(&[GROUP_URN], body), group(), profile)
}

fn check(members: Value, expected: Option<Vec<MemberRef>>, noted: &[&str]) {
    let draft = read_group(members.clone(), Profile::LENIENT)
        .unwrap_or_else(|error| panic!("{error}: {members}"));
    assert_eq!(draft.members, expected, "{members}");
    assert_eq!(codes(&draft.coercions), noted, "{members}");
    same(&attributes(&draft), &json!({ "displayName": "Team" }));
}

#[test]
fn members_are_named_by_value_by_reference_or_plainly() {
    let (a, b) = (member("a", None), member("b", Some(MemberType::Group)));
    check(
        json!([{ "value": "a", "$ref": null, "display": "Ada" }, { "VALUE": "b", "Type": "group" }]),
        Some(vec![a.clone(), b.clone()]),
        &[],
    );
    check(
        json!([{ "value": "b", "$ref": "https://scim.example/v2/Groups/b" }]),
        Some(vec![b.clone()]),
        &[],
    );
    check(json!([{ "$ref": "../groups/b/" }]), Some(vec![b]), &["AliasUnderstood"]);
    check(json!([{ "value": "a", "displayName": "Ada" }]), Some(vec![a.clone()]), &[]);
    check(json!(["a"]), Some(vec![a.clone()]), &["ComplexFromText"]);
    check(json!([7]), Some(vec![member("7", None)]), &["TextFromNumber", "ComplexFromText"]);
    check(json!({ "value": "a" }), Some(vec![a.clone()]), &["ListFromSingle"]);
    check(
        json!([{ "value": "a", "type": "direct", "x": 1 }]),
        Some(vec![a]),
        &["UnknownAttributeIgnored"],
    );
}

#[test]
fn rule_2_membership_is_never_wiped_by_shape() {
    check(json!([]), Some(Vec::new()), &[]);
    check(json!(null), None, &[]);
    let ignored = &["UnknownAttributeIgnored"];
    check(json!(""), None, ignored);
    check(json!({}), None, ignored);
    check(json!([{}]), None, ignored);
    check(json!([{ "value": null }, { "value": " " }, { "display": "Ada" }, null]), None, ignored);
    check(json!([{}, { "value": "a" }]), Some(vec![member("a", None)]), ignored);
    let body = with_schemas(&[GROUP_URN], json!({ "displayName": "Team" }));
    for profile in [Profile::LENIENT, Profile::STRICT] {
        assert_eq!(read(body.clone(), group(), profile).map(|draft| draft.members), Ok(None));
    }
}

#[test]
fn strict_takes_arrays_of_objects_with_a_value() {
    let strict = |members: Value| read_group(members, Profile::STRICT).map(|draft| draft.members);
    let check = |members: Value, expected: Option<Vec<MemberRef>>| {
        assert_eq!(strict(members), Ok(expected))
    };
    check(json!(null), Some(Vec::new()));
    check(json!([]), Some(Vec::new()));
    check(
        json!([{ "value": "a", "type": "User" }]),
        Some(vec![member("a", Some(MemberType::User))]),
    );
    let refuse =
        |members: Value, start: &str| refused(strict(members), ScimType::InvalidValue, start);
    refuse(json!({ "value": "a" }), "members: expected an array");
    refuse(json!(["a"]), "members[0]: expected an object");
    refuse(json!([{ "value": "a" }, {}]), "members[1].value: is missing");
    refuse(json!([{ "value": 7 }]), "members[0].value: expected the id");
    refuse(json!([{ "value": "a", "type": "direct" }]), "members[0].type: expected User or Group");
    refused(strict(json!([{ "value": "a", "x": 1 }])), ScimType::InvalidSyntax, "\"members[0].x\"");
}

#[test]
fn a_value_of_no_kind_of_name_is_refused_in_lenient_too() {
    let check = |members: Value, start: &str| {
        refused(read_group(members, Profile::LENIENT), ScimType::InvalidValue, start);
    };
    check(json!([{ "value": {} }]), "members[0].value: expected the id of a member as a string");
    check(json!([{ "value": "a" }, [true]]), "members[1]: expected the id of a member");
    check(json!(true), "members: expected the id of a member");
}
