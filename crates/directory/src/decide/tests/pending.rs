//! Members that aren't known yet: kept pending, bound when they arrive, withdrawn when they are removed.

use events::Coercion;
use serde_json::json;

use super::*;
use crate::limits::{MEMBER_NAME_BYTES_MAX, PENDING_GROUPS_MAX};

fn add(names: &[&str]) -> Value {
    let members: Vec<Value> = names.iter().map(value).collect();
    json!([{"op": "add", "path": "members", "value": members}])
}

fn remove(name: &str) -> Value {
    json!([{"op": "remove", "path": "members", "value": [value(name)]}])
}

fn staff() -> Event {
    group_created(STAFF, json!({"displayName": "staff"}))
}

fn team() -> Event {
    group_created(TEAM, json!({"displayName": "team"}))
}

/// Staff waits for these names.
fn waiting(names: &[&str]) -> Vec<Event> {
    vec![staff(), pending_added(STAFF, names)]
}

#[test]
fn an_unknown_member_is_pending_and_not_shown() {
    let given = [staff()];
    let pending = Ok(vec![pending_added(STAFF, &["ada", "x1"])]);
    check(&given, patch_group(STAFF, add(&["x1", "ada"])), pending);
    check_coercions(&given, patch_group(STAFF, add(&["x1"])), &[Coercion::MemberPending]);
    let view = directory(&waiting(&["ada", "x1"])).group(STAFF).unwrap();
    assert_eq!((view.members.len(), view.pending), (0, 2));
}

#[test]
fn who_arrives_joins_in_the_same_txn() {
    let arrives = |names: &[&str], attributes: Value, bound: &[&str]| {
        let expected = vec![
            user_created(ADA, attributes.clone()),
            joined(STAFF, &[Member::User(ADA)], &[], bound),
        ];
        check(&waiting(names), create_user(ADA, attributes), Ok(expected));
    };
    arrives(&["ADA@x.org", "bob"], json!({"userName": "ada@X.org"}), &["ADA@x.org"]);
    arrives(&["X1"], json!({"userName": "ada", "externalId": "X1"}), &["X1"]);
    let both = json!({"userName": "ada", "externalId": "x1"});
    arrives(&["ADA", "Ada", "x1"], both, &["ADA", "Ada", "x1"]);
    // An externalId is exact, and so is a name that is none.
    for attributes in [json!({"userName": "ada", "externalId": "x1"}), json!({"userName": "bob"})] {
        let created = user_created(ADA, attributes.clone());
        check(&waiting(&["X1"]), create_user(ADA, attributes), Ok(vec![created]));
    }
}

#[test]
fn who_is_renamed_joins_too() {
    let mut given = waiting(&["ada", "x1"]);
    given.push(user_created(ADA, json!({"userName": "lovelace"})));
    let renamed = vec![
        user_updated(ADA, json!({"userName": "ada"}), json!({"userName": "lovelace"})),
        joined(STAFF, &[Member::User(ADA)], &[], &["ada"]),
    ];
    check(&given, put_user(ADA, json!({"userName": "ada"})), Ok(renamed));
    let known = json!({"userName": "lovelace", "externalId": "x1"});
    let linked = vec![
        user_updated(ADA, known.clone(), json!({"externalId": null})),
        joined(STAFF, &[Member::User(ADA)], &[], &["x1"]),
    ];
    check(&given, put_user(ADA, known.clone()), Ok(linked.clone()));
    // Its other name comes true when it is in the group already.
    given.extend(linked);
    let mut again = known;
    again["userName"] = "Ada".into();
    let renamed = vec![
        user_updated(ADA, again.clone(), json!({"userName": "lovelace"})),
        joined(STAFF, &[], &[], &["ada"]),
    ];
    check(&given, put_user(ADA, again), Ok(renamed));
}

#[test]
fn an_external_id_that_two_have_names_nobody() {
    let mut given = vec![user_created(BOB, json!({"userName": "bob", "externalId": "x1"}))];
    given.push(user_created(EVE, json!({"userName": "eve", "externalId": "x1"})));
    given.extend(waiting(&["x1"]));
    let attributes = json!({"userName": "ada", "externalId": "x1"});
    let created = user_created(ADA, attributes.clone());
    check(&given, create_user(ADA, attributes), Ok(vec![created]));
}

#[test]
fn a_group_that_arrives_joins_by_its_external_id() {
    let given = waiting(&["g1", "team"]);
    let attributes = json!({"displayName": "team", "externalId": "g1"});
    let expected = vec![
        group_created(TEAM, attributes.clone()),
        joined(STAFF, &[Member::Group(TEAM)], &[], &["g1"]),
    ];
    check(&given, create_group(TEAM, attributes.clone()), Ok(expected.clone()));
    let mut known = given.clone();
    known.push(team());
    let linked = vec![
        group_updated(TEAM, attributes.clone(), json!({"externalId": null})),
        expected[1].clone(),
    ];
    check(&known, put_group(TEAM, attributes.clone()), Ok(linked));
    // It stays pending where it would close a circle: in itself, and below the one it has as a member.
    let mut circle = attributes.clone();
    circle["members"] = json!([value(STAFF)]);
    let alone = vec![group_created(TEAM, attributes), added(TEAM, &[Member::Group(STAFF)])];
    check(&given, create_group(TEAM, circle), Ok(alone));
    let own = json!({"displayName": "staff", "externalId": "g1"});
    let updated = group_updated(STAFF, own.clone(), json!({"externalId": null}));
    check(&given, put_group(STAFF, own), Ok(vec![updated]));
}

#[test]
fn a_pending_name_is_withdrawn_by_its_name() {
    let given = waiting(&["ada", "bob"]);
    let gone = Ok(vec![left(STAFF, &[], &["ada"])]);
    check(&given, patch_group(STAFF, remove("ada")), gone.clone());
    let put = |names: &[&str]| {
        let members: Vec<Value> = names.iter().map(value).collect();
        put_group(STAFF, json!({"displayName": "staff", "members": members}))
    };
    check(&given, put(&["bob"]), gone);
    check(&given, put(&["bob", "ada"]), Ok(vec![]));
    let swapped = vec![left(STAFF, &[], &["ada"]), pending_added(STAFF, &["eve"])];
    check(&given, put(&["bob", "eve"]), Ok(swapped));
    check(&given, put(&[]), Ok(vec![left(STAFF, &[], &["ada", "bob"])]));
    let all = json!([{"op": "remove", "path": "members"}]);
    check(&given, patch_group(STAFF, all), Ok(vec![left(STAFF, &[], &["ada", "bob"])]));
    // Gone with the group.
    let mut deleted = given;
    deleted.push(group_deleted(STAFF, json!({"displayName": "staff"})));
    let ada = json!({"userName": "ada"});
    check(&deleted, create_user(ADA, ada.clone()), Ok(vec![user_created(ADA, ada)]));
}

#[test]
fn one_name_is_pending_in_so_many_groups_and_no_more() {
    let id = |n: usize| GroupId::new(Uuid::from_u128(0x1000 + n as u128));
    let mut given = vec![staff()];
    for n in 0..PENDING_GROUPS_MAX {
        given.push(group_created(id(n), json!({"displayName": format!("g{n}")})));
        given.push(pending_added(id(n), &[if n % 2 == 0 { "ada" } else { "ADA" }]));
    }
    let too_many = Rejection::TooManyPending { name: "Ada".to_owned(), limit: PENDING_GROUPS_MAX };
    check(&given, patch_group(STAFF, add(&["Ada"])), Err(too_many));
    check(&given, patch_group(STAFF, add(&["bob"])), Ok(vec![pending_added(STAFF, &["bob"])]));
    let ada = json!({"userName": "ada"});
    let decision = decide(&directory(&given), create_user(ADA, ada), &LENIENT).unwrap();
    assert_eq!(decision.events.len(), 1 + PENDING_GROUPS_MAX);
}

#[test]
fn a_name_is_no_longer_than_its_limit() {
    let given = [staff()];
    let longest = "x".repeat(MEMBER_NAME_BYTES_MAX);
    let pending = Ok(vec![pending_added(STAFF, &[&longest])]);
    check(&given, patch_group(STAFF, add(&[&longest])), pending);
    let longer = "x".repeat(MEMBER_NAME_BYTES_MAX + 1);
    let unknown = Err(Rejection::UnknownMember { value: longer.clone() });
    check(&given, patch_group(STAFF, add(&[&longer])), unknown);
}
