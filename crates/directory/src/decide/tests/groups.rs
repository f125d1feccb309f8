//! The rules of groups, membership apart.

use events::Seq;
use serde_json::json;

use super::*;

#[test]
fn a_group_name_is_unique_if_the_tenant_says_so() {
    let staff = || group_created(STAFF, json!({"displayName": "Staff"}));
    let body = || json!({"displayName": "staff"});
    let taken = || Err(Rejection::GroupNameTaken { by: STAFF });
    check(&[staff()], create_group(TEAM, body()), taken());
    let team = || group_created(TEAM, body());
    let any = Rules { unique_group_names: false, ..LENIENT.clone() };
    check_in(&any, &[staff()], create_group(TEAM, body()), Ok(vec![team()]));
    let other = group_created(TEAM, json!({"displayName": "team"}));
    check(&[staff(), other.clone()], put_group(TEAM, body()), taken());
    let rename = json!([{"op": "replace", "value": {"displayName": "STAFF"}}]);
    check(&[staff(), other], patch_group(TEAM, rename), taken());
    // Two of one name from before the rule was made may change what else they have.
    let given = [staff(), team()];
    let new = json!({"displayName": "staff", "externalId": "x"});
    let updated = group_updated(TEAM, new.clone(), json!({"externalId": null}));
    check(&given, put_group(TEAM, new), Ok(vec![updated]));
    // A deleted name is free again.
    let gone = [staff(), group_deleted(STAFF, json!({"displayName": "Staff"}))];
    check(&gone, create_group(TEAM, body()), Ok(vec![team()]));
}

#[test]
fn creating_a_group_with_members_is_one_txn() {
    let given = [
        user_created(ADA, json!({"userName": "ada"})),
        group_created(TEAM, json!({"displayName": "team"})),
    ];
    let body = json!({"displayName": "staff", "members": [value(TEAM), value(ADA), value(ADA)]});
    let expected = vec![
        group_created(STAFF, json!({"displayName": "staff"})),
        added(STAFF, &[Member::User(ADA), Member::Group(TEAM)]),
    ];
    check(&given, create_group(STAFF, body), Ok(expected));
    let nobody = json!({"displayName": "staff", "members": []});
    let created = group_created(STAFF, json!({"displayName": "staff"}));
    check(&given, create_group(STAFF, nobody), Ok(vec![created]));
}

#[test]
fn attributes_and_members_change_in_one_txn_attributes_first() {
    let given = [
        user_created(ADA, json!({"userName": "ada"})),
        user_created(BOB, json!({"userName": "bob"})),
        group_created(STAFF, json!({"displayName": "staff"})),
        added(STAFF, &[Member::User(ADA)]),
    ];
    let expected = vec![
        group_updated(STAFF, json!({"displayName": "crew"}), json!({"displayName": "staff"})),
        removed(STAFF, &[Member::User(ADA)]),
        added(STAFF, &[Member::User(BOB)]),
    ];
    let body = json!({"displayName": "crew", "members": [value(BOB)]});
    check(&given, put_group(STAFF, body), Ok(expected.clone()));
    let ops = json!([{"op": "replace", "value": {"displayName": "crew", "members": [value(BOB)]}}]);
    check(&given, patch_group(STAFF, ops), Ok(expected));
}

#[test]
fn okta_sends_the_name_again_after_creating() {
    let given = [group_created(STAFF, json!({"displayName": "staff"}))];
    let ops =
        json!([{"op": "replace", "value": {"id": STAFF.to_string(), "displayName": "staff"}}]);
    check(&given, patch_group(STAFF, ops), Ok(vec![]));
}

#[test]
fn if_match_is_compared_with_the_version_that_members_move() {
    let given = [
        user_created(ADA, json!({"userName": "ada"})),
        group_created(STAFF, json!({"displayName": "staff"})),
        added(STAFF, &[Member::User(ADA)]),
        user_deleted(ADA, json!({"userName": "ada"}), &[STAFF]),
    ];
    let delete = |version| {
        let expected = Expected::Versions(vec![Seq(version)]);
        Command::DeleteGroup { id: STAFF, expected }
    };
    for stale in 1..=3 {
        check(&given, delete(stale), Err(Rejection::StaleVersion { current: Seq(4) }));
    }
    let deleted = group_deleted(STAFF, json!({"displayName": "staff"}));
    check(&given, delete(4), Ok(vec![deleted]));
}

#[test]
fn no_group_can_be_changed_that_is_not_there() {
    let body = json!({"displayName": "staff"});
    let nothing = || Err(Rejection::NoSuchGroup(STAFF));
    check(&[], put_group(STAFF, body.clone()), nothing());
    check(&[], patch_group(STAFF, json!([{"op": "remove", "path": "members"}])), nothing());
    check(&[], delete_group(STAFF), nothing());
    let given = [group_created(STAFF, body.clone()), group_deleted(STAFF, body)];
    check(&given, delete_group(STAFF), nothing());
}
