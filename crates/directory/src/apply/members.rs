//! What membership deltas do: both directions, and the versions of users with their groups.

use std::sync::Arc;

use events::{GroupId, Member};

use super::Stamp;
use crate::Directory;
use crate::store::slots::Slot;

pub(super) fn add(directory: &mut Directory, stamp: Stamp, id: GroupId, members: &[Member]) {
    let Some(slot) = touch(directory, stamp, id) else { return };
    for member in members {
        if join(directory, stamp, slot, *member)
            && let Some(group) = directory.groups.get_mut(slot)
            && group.members.insert(*member)
        {
            directory.memberships += 1;
        }
    }
}

pub(super) fn remove(directory: &mut Directory, stamp: Stamp, id: GroupId, members: &[Member]) {
    let Some(slot) = touch(directory, stamp, id) else { return };
    for member in members {
        leave(directory, stamp, slot, *member);
        if let Some(group) = directory.groups.get_mut(slot)
            && group.members.remove(member)
        {
            directory.memberships = directory.memberships.saturating_sub(1);
        }
    }
}

pub(super) fn add_pending(directory: &mut Directory, stamp: Stamp, id: GroupId, names: &[String]) {
    let Some(slot) = touch(directory, stamp, id) else { return };
    let Some(group) = directory.groups.get_mut(slot) else { return };
    for name in names {
        let name: Arc<str> = name.as_str().into();
        directory.pending.insert(&name, slot);
        group.pending.insert(name);
    }
}

pub(super) fn remove_pending(
    directory: &mut Directory,
    stamp: Stamp,
    id: GroupId,
    names: &[String],
) {
    let Some(slot) = touch(directory, stamp, id) else { return };
    let Some(group) = directory.groups.get_mut(slot) else { return };
    for name in names {
        directory.pending.remove(name, slot);
        group.pending.remove(&**name);
    }
}

/// The member no longer has the group.
pub(super) fn leave(directory: &mut Directory, stamp: Stamp, group: Slot, member: Member) {
    edit_groups_of(directory, stamp, member, |groups| {
        if let Ok(place) = groups.binary_search(&group) {
            groups.remove(place);
        }
    });
}

/// The group no longer has the member.
pub(super) fn forget(directory: &mut Directory, stamp: Stamp, group: Slot, member: &Member) {
    let Some(group) = directory.groups.get_mut(group) else { return };
    if group.members.remove(member) {
        directory.memberships = directory.memberships.saturating_sub(1);
    }
    group.version = stamp.seq;
    group.modified = stamp.at;
}

/// The member has the group from now on; `false` when there is no such member.
fn join(directory: &mut Directory, stamp: Stamp, group: Slot, member: Member) -> bool {
    edit_groups_of(directory, stamp, member, |groups| {
        if let Err(place) = groups.binary_search(&group) {
            groups.insert(place, group);
        }
    })
}

/// A user shows its groups, so its version moves with them; a group doesn't show its parents.
fn edit_groups_of(
    directory: &mut Directory,
    stamp: Stamp,
    member: Member,
    edit: impl FnOnce(&mut Vec<Slot>),
) -> bool {
    match member {
        Member::User(id) => {
            let slot = directory.users.by_id(id);
            let Some(user) = slot.and_then(|slot| directory.users.get_mut(slot)) else {
                return false;
            };
            edit(&mut user.groups);
            user.version = stamp.seq;
            user.modified = stamp.at;
        }
        Member::Group(id) => {
            let slot = directory.groups.by_id(id);
            let Some(group) = slot.and_then(|slot| directory.groups.get_mut(slot)) else {
                return false;
            };
            edit(&mut group.parents);
        }
    }
    true
}

/// The group of the event, its version moved.
fn touch(directory: &mut Directory, stamp: Stamp, id: GroupId) -> Option<Slot> {
    let slot = directory.groups.by_id(id)?;
    let group = directory.groups.get_mut(slot)?;
    group.version = stamp.seq;
    group.modified = stamp.at;
    Some(slot)
}
