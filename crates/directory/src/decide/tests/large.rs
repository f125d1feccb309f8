//! A hundred thousand members: the limits, and that nothing grows out of proportion (no times are asserted).

use serde_json::json;

use super::*;
use crate::limits::{EVENT_MEMBERS_MAX, MEMBER_CHANGES_MAX, USER_GROUPS_MAX};

fn user(number: usize) -> UserId {
    UserId::new(Uuid::from_u128(0x10_0000 + number as u128))
}

fn users(count: usize) -> Directory {
    let create = |n| user_created(user(n), json!({"userName": format!("u{n}")}));
    let mut events: Vec<Event> = (0..count).map(create).collect();
    events.push(group_created(STAFF, json!({"displayName": "staff"})));
    let mut directory = Directory::default();
    apply(&mut directory, &events);
    directory
}

fn put(count: usize) -> Command {
    let members: Vec<Value> = (0..count).map(|n| value(user(n))).collect();
    put_group(STAFF, json!({"displayName": "staff", "members": members}))
}

#[test]
fn a_hundred_thousand_members_join_and_leave() {
    let mut directory = users(MEMBER_CHANGES_MAX + 1);
    let too_many = Rejection::TooManyMemberChanges {
        changes: MEMBER_CHANGES_MAX + 1,
        limit: MEMBER_CHANGES_MAX,
    };
    assert_eq!(decide(&directory, put(MEMBER_CHANGES_MAX + 1), &LENIENT), Err(too_many));
    let joined = decide(&directory, put(MEMBER_CHANGES_MAX), &LENIENT).unwrap().events;
    assert_eq!(joined.len(), MEMBER_CHANGES_MAX / EVENT_MEMBERS_MAX);
    for event in &joined {
        let Event::GroupMembersAdded { members, .. } = event else { panic!("{event:?}") };
        assert_eq!(members.len(), EVENT_MEMBERS_MAX);
    }
    apply(&mut directory, &joined);
    let snapshot = directory.group(STAFF).unwrap().members;
    assert_eq!(snapshot.len(), MEMBER_CHANGES_MAX);
    // The whole list once more, and one over: what counts is the difference.
    assert_eq!(decide(&directory, put(MEMBER_CHANGES_MAX), &LENIENT).unwrap().events, []);
    let one = decide(&directory, put(MEMBER_CHANGES_MAX + 1), &LENIENT).unwrap().events;
    assert_eq!(one, [added(STAFF, &[Member::User(user(MEMBER_CHANGES_MAX))])]);
    let gone = decide(&directory, put(0), &LENIENT).unwrap().events;
    assert_eq!(gone.len(), MEMBER_CHANGES_MAX / EVENT_MEMBERS_MAX);
    apply(&mut directory, &gone);
    assert!(directory.group(STAFF).unwrap().members.is_empty());
    assert!((0..MEMBER_CHANGES_MAX).all(|n| directory.user(user(n)).unwrap().groups.is_empty()));
    assert_eq!(snapshot.len(), MEMBER_CHANGES_MAX, "a snapshot stays as it was");
    invariants::check(&directory);
}

#[test]
fn a_large_group_is_deleted_at_once() {
    let mut directory = users(20_000);
    let joined = decide(&directory, put(20_000), &LENIENT).unwrap().events;
    apply(&mut directory, &joined);
    let deleted = decide(&directory, delete_group(STAFF), &LENIENT).unwrap().events;
    assert_eq!(deleted, [group_deleted(STAFF, json!({"displayName": "staff"}))]);
    apply(&mut directory, &deleted);
    assert!(directory.group(STAFF).is_none());
    let view = directory.user(user(7)).unwrap();
    assert_eq!((view.groups.len(), view.version), (0, directory.seq()));
    invariants::check(&directory);
}

#[test]
fn a_user_is_in_so_many_groups_and_no_more() {
    let id = |n: usize| GroupId::new(Uuid::from_u128(0x2000 + n as u128));
    let mut directory = users(1);
    for n in 0..USER_GROUPS_MAX {
        let created = group_created(id(n), json!({"displayName": format!("g{n}")}));
        apply(&mut directory, &[created, added(id(n), &[Member::User(user(0))])]);
    }
    let too_many = Rejection::TooManyGroups { user: user(0), limit: USER_GROUPS_MAX };
    assert_eq!(decide(&directory, put(1), &LENIENT), Err(too_many));
    apply(&mut directory, &[removed(id(7), &[Member::User(user(0))])]);
    assert_eq!(decide(&directory, put(1), &LENIENT).unwrap().events.len(), 1);
}
