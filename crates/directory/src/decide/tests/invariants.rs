//! What holds of every directory at any time.

use std::collections::BTreeSet;

use events::Member;

use crate::Directory;
use crate::store::group::{GROUP_BYTES, Group};
use crate::store::slots::Slot;
use crate::store::user::{USER_BYTES, User};

/// Membership agrees in both directions, indexes with records, and the tree of live slots with the slots.
pub(super) fn check(directory: &Directory) {
    let users: Vec<(Slot, &User)> = directory.users.slots().from(0).collect();
    let groups: Vec<(Slot, &Group)> = directory.groups.slots().from(0).collect();
    assert_eq!(users.len(), directory.user_count());
    assert_eq!(groups.len(), directory.group_count());
    for (rank, (slot, user)) in users.iter().enumerate() {
        assert_eq!(directory.users.slots().select(rank), Some(*slot));
        check_user(directory, *slot, user);
    }
    for (rank, (slot, group)) in groups.iter().enumerate() {
        assert_eq!(directory.groups.slots().select(rank), Some(*slot));
        check_group(directory, *slot, group);
    }
    check_keys(directory, &users, &groups);
    check_bytes(directory, &users, &groups);
    for (name, waiting) in directory.pending.iter() {
        assert!(!waiting.is_empty());
        for group in waiting {
            assert!(directory.groups.slots().get(*group).unwrap().pending.contains(name));
        }
    }
}

/// What is counted along is what is there.
fn check_bytes(directory: &Directory, users: &[(Slot, &User)], groups: &[(Slot, &Group)]) {
    let of_users: usize = users.iter().map(|(_, user)| USER_BYTES + user.facts.bytes()).sum();
    let of_groups: usize = groups.iter().map(|(_, group)| GROUP_BYTES + group.facts.bytes()).sum();
    let memberships: usize = groups.iter().map(|(_, group)| group.members.len()).sum();
    assert_eq!(directory.memberships, memberships);
    assert_eq!(directory.users.bytes() + directory.groups.bytes(), of_users + of_groups);
    assert!(directory.bytes() >= of_users + of_groups + memberships);
}

fn check_user(directory: &Directory, slot: Slot, user: &User) {
    let (users, facts) = (&directory.users, &user.facts);
    assert_eq!(users.by_id(user.id), Some(slot));
    assert_eq!(users.by_name_key(&facts.name_key), [slot], "a userName is unique");
    if let Some(id) = &facts.external_id {
        assert!(users.by_external_id(id).contains(&slot));
    }
    for email in &facts.emails {
        assert!(users.by_email(email).contains(&slot));
    }
    if let Some(number) = &facts.employee_number {
        assert!(users.by_employee_number(number).contains(&slot));
    }
    for key in &facts.unique_keys {
        assert_eq!(users.by_unique_key(key), [slot]);
    }
    assert!(user.groups.is_sorted_by(|a, b| a < b));
    for group in &user.groups {
        let group = directory.groups.slots().get(*group).unwrap();
        assert!(group.members.contains(&Member::User(user.id)));
    }
}

fn check_group(directory: &Directory, slot: Slot, group: &Group) {
    let groups = &directory.groups;
    assert_eq!(groups.by_id(group.id), Some(slot));
    assert!(groups.by_name_key(&group.facts.name_key).contains(&slot));
    if let Some(id) = &group.facts.external_id {
        assert!(groups.by_external_id(id).contains(&slot));
    }
    for key in &group.facts.unique_keys {
        assert_eq!(groups.by_unique_key(key), [slot]);
    }
    check_members(directory, slot, group);
}

fn check_members(directory: &Directory, slot: Slot, group: &Group) {
    let groups = &directory.groups;
    assert_eq!(group.members.iter().count(), group.members.len());
    for member in group.members.iter() {
        let back = match member {
            Member::User(id) => &directory.user_by_id(id).unwrap().1.groups,
            Member::Group(id) => &directory.group_by_id(id).unwrap().1.parents,
        };
        assert!(back.contains(&slot));
    }
    assert!(group.parents.is_sorted_by(|a, b| a < b));
    for parent in &group.parents {
        let parent = groups.slots().get(*parent).unwrap();
        assert!(parent.members.contains(&Member::Group(group.id)));
    }
    for name in &group.pending {
        assert!(directory.pending.named(name).unwrap().1.contains(&slot));
    }
    let above = super::super::cycle::above(directory, slot);
    assert!(!group.members.groups().any(|id| above.contains(&groups.by_id(id).unwrap())));
}

/// The indexes hold no key that no record has.
fn check_keys(directory: &Directory, users: &[(Slot, &User)], groups: &[(Slot, &Group)]) {
    fn count<K: Ord>(keys: impl Iterator<Item = K>) -> usize {
        keys.collect::<BTreeSet<K>>().len()
    }
    let facts = || users.iter().map(|(_, user)| &user.facts);
    let expected = [
        count(facts().map(|f| &f.name_key)),
        count(facts().filter_map(|f| f.external_id.as_ref())),
        count(facts().flat_map(|f| f.emails.iter())),
        count(facts().filter_map(|f| f.employee_number.as_ref())),
        count(facts().flat_map(|f| f.unique_keys.iter())),
        users.len(),
    ];
    assert_eq!(directory.users.key_counts(), expected);
    let facts = || groups.iter().map(|(_, group)| &group.facts);
    let expected = [
        count(facts().map(|f| &f.name_key)),
        count(facts().filter_map(|f| f.external_id.as_ref())),
        count(facts().flat_map(|f| f.unique_keys.iter())),
        groups.len(),
    ];
    assert_eq!(directory.groups.key_counts(), expected);
}
