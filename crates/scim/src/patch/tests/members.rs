//! Membership of groups: as identity providers change it.

use serde_json::{Value, json};

use super::{bare, group, op, patched, refused, refused_by, remove};
use crate::{
    Coercion, Filter, MemberOp, Profile, ScimType,
    resource::{MemberRef, MemberType},
};

fn named(values: &[&str]) -> Vec<MemberRef> {
    values.iter().map(|value| MemberRef { value: (*value).to_owned(), kind: None }).collect()
}

/// `operations` mean `members`, and change no attribute.
fn check(operations: Value, members: &[MemberOp], noted: &[Coercion]) {
    let before = group(json!({}));
    let (after, planned, coercions) = patched(&before, &operations, Profile::LENIENT).unwrap();
    assert_eq!(planned, members, "{operations}");
    assert_eq!(after, before, "{operations}");
    assert_eq!(coercions, noted.iter().copied().collect(), "{operations}");
}

#[test]
fn adding() {
    let one = || [MemberOp::Add(named(&["f648"]))];
    check(op("Add", "members", json!([{"$ref": null, "value": "f648"}])), &one(), &[]);
    check(
        op("add", "members", json!([{"value": "f648", "display": "test.user@okta.local"}])),
        &one(),
        &[],
    );
    check(op("add", "members", json!([{"value": "f648", "displayName": "Ada"}])), &one(), &[]);
    check(bare("add", json!({"members": [{"value": "f648"}]})), &one(), &[]);
    check(
        op(
            "add",
            "urn:ietf:params:scim:schemas:core:2.0:Group:members",
            json!([{"value": "f648"}]),
        ),
        &one(),
        &[],
    );
    check(op("add", "members", json!({"value": "f648"})), &one(), &[Coercion::ListFromSingle]);
    check(op("add", "members", json!(["f648"])), &one(), &[Coercion::ComplexFromText]);
    let nested = MemberRef { value: "g".to_owned(), kind: Some(MemberType::Group) };
    check(
        op("add", "members", json!([{"value": "g", "type": "Group"}])),
        &[MemberOp::Add(vec![nested])],
        &[],
    );
    check(op("add", "members", json!([])), &[], &[]);
}

#[test]
fn rule_7_a_wrapped_list_is_understood() {
    let wrapped = json!({"members": [{"value": "u"}]});
    let alias = [Coercion::AliasUnderstood];
    check(op("add", "members", wrapped.clone()), &[MemberOp::Add(named(&["u"]))], &alias);
    check(op("replace", "members", wrapped.clone()), &[MemberOp::Replace(named(&["u"]))], &alias);
    let noted = [Coercion::AliasUnderstood, Coercion::RemoveByValue];
    check(op("remove", "members", wrapped), &[MemberOp::Remove(named(&["u"]))], &noted);
}

#[test]
fn rule_2_membership_is_never_wiped_by_shape() {
    let by_value = [Coercion::RemoveByValue];
    let nobody = [Coercion::RemoveByValue, Coercion::RemovedNothing];
    let nameless =
        [Coercion::UnknownAttributeIgnored, Coercion::RemovedNothing, Coercion::RemoveByValue];
    // A value list names those to be removed, and nobody else.
    check(
        op("Remove", "members", json!([{"value": "u1091"}])),
        &[MemberOp::Remove(named(&["u1091"]))],
        &by_value,
    );
    check(
        op("Remove", "members", json!([{"$ref": null, "value": "u"}])),
        &[MemberOp::Remove(named(&["u"]))],
        &by_value,
    );
    check(
        op("Remove", "members", json!({"value": "u"})),
        &[MemberOp::Remove(named(&["u"]))],
        &[Coercion::ListFromSingle, Coercion::RemoveByValue],
    );
    check(op("Remove", "members", json!([])), &[], &nobody);
    check(op("Remove", "members", json!([{}])), &[], &nameless);
    check(op("Remove", "members", json!([{"value": null}, {"display": "x"}])), &[], &nameless);
    refused(
        group(json!({})),
        op("Remove", "members", json!(null)),
        ScimType::InvalidValue,
        "value: must be an array of members",
    );
    refused(
        group(json!({})),
        op("Remove", "members", json!("")),
        ScimType::InvalidValue,
        "value: must be an array of members",
    );
    // A replace that names no list changes nothing; an empty list is a list.
    check(json!([{"op": "replace", "path": "members"}]), &[], &[]);
    check(op("replace", "members", json!(null)), &[], &[]);
    check(op("replace", "members", json!([{}])), &[], &[Coercion::UnknownAttributeIgnored]);
    check(bare("replace", json!({"id": "id-1", "displayName": "Analysts"})), &[], &[]);
    check(bare("replace", json!({"members": null})), &[], &[]);
    check(op("replace", "members", json!([])), &[MemberOp::Replace(Vec::new())], &[]);
    check(
        bare("replace", json!({"members": [], "id": "id-1", "displayName": "Analysts"})),
        &[MemberOp::Replace(Vec::new())],
        &[],
    );
    // Only this says "everybody".
    check(remove("members"), &[MemberOp::RemoveAll], &[]);
}

#[test]
fn removing_by_brackets() {
    let one = || [MemberOp::Remove(named(&["89bb"]))];
    check(remove(r#"members[value eq "89bb"]"#), &one(), &[]);
    check(remove(r#"MEMBERS[VALUE EQ "89bb"]"#), &one(), &[]);
    check(remove(r#"members[value eq"89bb"]"#), &one(), &[]);
    check(remove("members[value eq 89bb]"), &one(), &[]);
    check(
        remove(r#"members[value eq "a" or value eq "b"]"#),
        &[MemberOp::Remove(named(&["a", "b"]))],
        &[],
    );
    for filter in [
        r#"type eq "Group""#,
        r#"value eq "a" and type eq "User""#,
        r#"not (value eq "a")"#,
        r#"display co "x""#,
        r#"$ref ew "1""#,
    ] {
        let operation = MemberOp::RemoveWhere(Filter::parse(filter).unwrap());
        check(remove(&format!("members[{filter}]")), &[operation], &[]);
    }
    refused(
        group(json!({})),
        remove("members[colour pr]"),
        ScimType::InvalidFilter,
        "filter: colour is no sub-attribute",
    );
}

#[test]
fn operations_keep_their_order_and_attributes_go_their_way() {
    let before = group(json!({"externalId": "x"}));
    let operations = json!([
        {"op": "remove", "path": "members[value eq \"a\"]"},
        {"op": "Replace", "path": "displayName", "value": "Engineers"},
        {"op": "add", "path": "members", "value": [{"value": "b", "display": "b@okta.local"}]},
        {"op": "replace", "value": {"id": "id-1", "externalId": "y", "members": [{"value": "c"}]}},
    ]);
    let (after, members, _) = patched(&before, &operations, Profile::LENIENT).unwrap();
    assert_eq!(after, group(json!({"externalId": "y", "displayName": "Engineers"})));
    let expected = [
        MemberOp::Remove(named(&["a"])),
        MemberOp::Add(named(&["b"])),
        MemberOp::Replace(named(&["c"])),
    ];
    assert_eq!(members, expected);
}

#[test]
fn what_cannot_be_done_to_a_membership() {
    let check = |operations: Value, scim_type, detail: &str| {
        refused(group(json!({})), operations, scim_type, detail)
    };
    let fixed = "members: an element can't be changed";
    check(op("replace", r#"members[value eq "a"].value"#, json!("b")), ScimType::Mutability, fixed);
    check(
        op("replace", r#"members[value eq "a"]"#, json!({"value": "b"})),
        ScimType::Mutability,
        fixed,
    );
    check(op("add", r#"members[value eq "a"].type"#, json!("Group")), ScimType::Mutability, fixed);
    check(remove("members.value"), ScimType::Mutability, fixed);
    check(remove(r#"members[value eq "a"].type"#), ScimType::Mutability, fixed);
    check(
        op("replace", r#"members[value eq "a"].display"#, json!("b")),
        ScimType::Mutability,
        "members: is readOnly",
    );
    check(
        json!([{"op": "add", "path": "members"}]),
        ScimType::InvalidValue,
        "value: must be an array of members",
    );
    check(
        op("add", "members", json!([{"display": "x"}])),
        ScimType::InvalidValue,
        "value: must be an array of members",
    );
    check(
        op("add", "members", json!([{"value": true}])),
        ScimType::InvalidValue,
        "members[0].value: expected",
    );
    let strict = |operations: Value, detail: &str| {
        refused_by(Profile::STRICT, group(json!({})), operations, ScimType::InvalidValue, detail);
    };
    strict(json!([{"op": "replace", "path": "members"}]), "value: must be an array of members");
    strict(op("remove", "members", json!([{}])), "members[0].value: is missing");
    strict(op("add", "members", json!({"value": "u"})), "members: expected an array");
}
