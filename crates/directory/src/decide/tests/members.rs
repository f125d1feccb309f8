//! The rules of membership.

use events::Coercion;
use serde_json::json;

use super::*;

/// Ada and Bob, staff with Ada in it, an empty team; Ada's externalId is `x1`.
fn given() -> Vec<Event> {
    vec![
        user_created(ADA, json!({"userName": "ada", "externalId": "x1"})),
        user_created(BOB, json!({"userName": "bob", "displayName": "Bob B"})),
        group_created(STAFF, json!({"displayName": "staff", "externalId": "g1"})),
        group_created(TEAM, json!({"displayName": "team"})),
        added(STAFF, &[Member::User(ADA)]),
    ]
}

fn op(op: &str, value: Value) -> Value {
    json!({"op": op, "path": "members", "value": value})
}

fn add(members: &[Value]) -> Value {
    json!([op("add", json!(members))])
}

fn remove(members: &[Value]) -> Value {
    json!([op("remove", json!(members))])
}

#[test]
fn who_is_in_it_joins_silently_and_a_stranger_leaves_silently() {
    let bob = added(STAFF, &[Member::User(BOB)]);
    check(&given(), patch_group(STAFF, add(&[value(BOB), value(ADA)])), Ok(vec![bob]));
    check(&given(), patch_group(STAFF, add(&[value(ADA)])), Ok(vec![]));
    let ada = removed(STAFF, &[Member::User(ADA)]);
    check(&given(), patch_group(STAFF, remove(&[value(BOB), value(ADA)])), Ok(vec![ada]));
    check(&given(), patch_group(STAFF, remove(&[value(BOB)])), Ok(vec![]));
    check(&given(), patch_group(STAFF, remove(&[value("stranger")])), Ok(vec![]));
}

#[test]
fn operations_work_on_the_running_set_and_cancel_out() {
    let (ada, bob) = (value(ADA), value(BOB));
    let swap =
        json!([op("remove", json!([ada])), op("add", json!([bob])), op("add", json!([ada]))]);
    let joined = vec![added(STAFF, &[Member::User(BOB)])];
    check(&given(), patch_group(STAFF, swap), Ok(joined));
    let there_and_back = json!([op("add", json!([bob])), op("remove", json!([bob]))]);
    check(&given(), patch_group(STAFF, there_and_back), Ok(vec![]));
    let all_but = json!([op("add", json!([bob])), {"op": "remove", "path": "members"}, op("add", json!([ada]))]);
    check(&given(), patch_group(STAFF, all_but), Ok(vec![]));
    let replaced = vec![removed(STAFF, &[Member::User(ADA)]), added(STAFF, &[Member::User(BOB)])];
    let replace = json!([op("replace", json!([bob]))]);
    check(&given(), patch_group(STAFF, replace), Ok(replaced.clone()));
    let body = json!({"displayName": "staff", "externalId": "g1", "members": [bob]});
    check(&given(), put_group(STAFF, body), Ok(replaced));
}

#[test]
fn a_filter_selects_who_leaves() {
    let mut given = given();
    given.push(added(STAFF, &[Member::User(BOB), Member::Group(TEAM)]));
    given.push(pending_added(STAFF, &["late"]));
    let (ada, bob, team) = (Member::User(ADA), Member::User(BOB), Member::Group(TEAM));
    let leave = |filter: &str, members: &[Member], pending: &[&str]| {
        let ops = json!([{"op": "remove", "path": format!("members[{filter}]")}]);
        let none = members.is_empty() && pending.is_empty();
        let expected = if none { vec![] } else { vec![left(STAFF, members, pending)] };
        check(&given, patch_group(STAFF, ops), Ok(expected));
    };
    leave(&format!("value eq \"{ADA}\""), &[ada], &[]);
    leave(&format!("value eq \"{ADA}\" or value eq \"{TEAM}\""), &[ada, team], &[]);
    leave("value eq \"late\"", &[], &["late"]);
    leave("value eq \"stranger\"", &[], &[]);
    leave("type eq \"Group\"", &[team], &[]);
    leave("type eq \"User\"", &[ada, bob], &[]);
    leave("display eq \"bob b\"", &[bob], &[]);
    leave("display eq \"team\" or value sw \"lat\"", &[team], &["late"]);
    leave(&format!("$ref ew \"/Users/{BOB}\""), &[bob], &[]);
    leave("value pr", &[ada, bob, team], &["late"]);
}

#[test]
fn members_are_named_by_id_else_by_user_name_else_by_external_id() {
    let joins = |name: &str, member: Member| {
        let expected = Ok(vec![added(TEAM, &[member])]);
        check(&given(), patch_group(TEAM, add(&[value(name)])), expected);
    };
    joins(&ADA.to_string(), Member::User(ADA));
    joins("BOB", Member::User(BOB));
    joins("x1", Member::User(ADA));
    joins("g1", Member::Group(STAFF));
    let leaves = Ok(vec![removed(STAFF, &[Member::User(ADA)])]);
    for name in ["Ada", "x1"] {
        check(&given(), patch_group(STAFF, remove(&[value(name)])), leaves.clone());
    }
    check_coercions(
        &given(),
        patch_group(TEAM, add(&[value("bob")])),
        &[Coercion::MemberByOtherName],
    );
    check_coercions(&given(), patch_group(TEAM, add(&[value(BOB)])), &[]);
    // The kind that is named counts; of two who have an externalId, the one who is a member is meant, else neither.
    let group = json!({"value": ADA.to_string(), "type": "Group"});
    let pending = Ok(vec![pending_added(TEAM, &[&ADA.to_string()])]);
    check(&given(), patch_group(TEAM, add(&[group])), pending);
    let mut twice = given();
    twice.push(user_created(EVE, json!({"userName": "eve", "externalId": "x1"})));
    check(&twice, patch_group(TEAM, add(&[value("x1")])), Ok(vec![pending_added(TEAM, &["x1"])]));
    check(&twice, patch_group(STAFF, add(&[value("x1")])), Ok(vec![]));
    let gone = Ok(vec![removed(STAFF, &[Member::User(ADA)])]);
    check(&twice, patch_group(STAFF, remove(&[value("x1")])), gone);
    twice.push(added(STAFF, &[Member::User(EVE)]));
    let unclear = Err(Rejection::UnknownMember { value: "x1".to_owned() });
    check(&twice, patch_group(STAFF, remove(&[value("x1")])), unclear);
    check(&twice, patch_group(STAFF, add(&[value("g1")])), Ok(vec![pending_added(STAFF, &["g1"])]));
}

#[test]
fn in_strict_members_are_named_by_id_alone() {
    for name in ["bob", "x1", "g1", "stranger", &CREW.to_string()] {
        let unknown = Err(Rejection::UnknownMember { value: name.to_owned() });
        check_in(&STRICT, &given(), patch_group(TEAM, add(&[value(name)])), unknown.clone());
        let body = json!({"displayName": "crew", "members": [value(name)]});
        check_in(&STRICT, &given(), create_group(CREW, body), unknown);
        check_in(&STRICT, &given(), patch_group(TEAM, remove(&[value(name)])), Ok(vec![]));
    }
    let joined = Ok(vec![added(TEAM, &[Member::User(BOB)])]);
    check_in(&STRICT, &given(), patch_group(TEAM, add(&[value(BOB)])), joined);
    let body = json!({"displayName": "staff", "externalId": "g1"});
    let cleared = Ok(vec![removed(STAFF, &[Member::User(ADA)])]);
    check_in(&STRICT, &given(), put_group(STAFF, body.clone()), cleared);
    // Where a PUT keeps what it doesn't name, that holds for members as well.
    let profile = Profile { put_keeps_absent: true, ..Profile::STRICT };
    let keeping = Rules { profile, ..STRICT.clone() };
    check_in(&keeping, &given(), put_group(STAFF, body), Ok(vec![]));
}

#[test]
fn a_group_is_never_a_member_of_itself() {
    let mut given = given();
    given.push(group_created(CREW, json!({"displayName": "crew"})));
    given.push(added(STAFF, &[Member::Group(TEAM)]));
    given.push(added(TEAM, &[Member::Group(CREW)]));
    let cycle = |group| Err(Rejection::MemberCycle { group });
    check(&given, patch_group(CREW, add(&[value(CREW)])), cycle(CREW));
    check(&given, patch_group(CREW, add(&[value(TEAM)])), cycle(TEAM));
    check(&given, patch_group(CREW, add(&[value(BOB), value(STAFF)])), cycle(STAFF));
    let body = json!({"displayName": "crew", "members": [value(STAFF)]});
    check_in(&STRICT, &given, put_group(CREW, body), cycle(STAFF));
    // Two ways to the same group are no circle.
    let joined = Ok(vec![added(STAFF, &[Member::Group(CREW)])]);
    check(&given, patch_group(STAFF, add(&[value(CREW)])), joined);
    // A deep chain neither recurses nor takes long.
    let id = |n: u128| GroupId::new(Uuid::from_u128(0x1000 + n));
    let name = |n: u128| json!({"displayName": format!("g{n}")});
    let mut chain: Vec<Event> = (0..2_000).map(|n| group_created(id(n), name(n))).collect();
    chain.extend((1..2_000).map(|n| added(id(n - 1), &[Member::Group(id(n))])));
    check(&chain, patch_group(id(1_999), add(&[value(id(0))])), cycle(id(0)));
}

#[test]
fn parallel_additions_all_stay() {
    let user = |n: u128| UserId::new(Uuid::from_u128(0x2000 + n));
    let mut directory = directory(&[group_created(STAFF, json!({"displayName": "staff"}))]);
    for n in 0..64 {
        apply(&mut directory, &[user_created(user(n), json!({"userName": format!("u{n}")}))]);
    }
    for n in 0..64 {
        let command = patch_group(STAFF, add(&[value(user(n))]));
        let decision = decide(&directory, command, &LENIENT).unwrap();
        assert_eq!(decision.events, [added(STAFF, &[Member::User(user(n))])]);
        apply(&mut directory, &decision.events);
    }
    assert_eq!(directory.group(STAFF).unwrap().members.len(), 64);
    invariants::check(&directory);
}
