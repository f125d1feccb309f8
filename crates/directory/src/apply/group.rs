//! What group events do, membership apart.

use std::collections::BTreeSet;

use events::{GroupId, GroupState, Member};

use super::Stamp;
use super::members::{forget, leave};
use crate::store::group::{Facts, Group};
use crate::{Directory, Members};

pub(super) fn create(directory: &mut Directory, stamp: Stamp, id: GroupId, state: &GroupState) {
    directory.groups.insert(Group {
        id,
        version: stamp.seq,
        born: stamp.seq,
        created: stamp.at,
        modified: stamp.at,
        facts: Facts::new(state),
        members: Members::default(),
        pending: BTreeSet::new(),
        parents: Vec::new(),
    });
}

pub(super) fn change(directory: &mut Directory, stamp: Stamp, id: GroupId, state: &GroupState) {
    let Some(slot) = directory.groups.by_id(id) else { return };
    directory.groups.replace(slot, Facts::new(state));
    if let Some(group) = directory.groups.get_mut(slot) {
        group.version = stamp.seq;
        group.modified = stamp.at;
    }
}

/// Everyone leaves, and the group leaves the groups it is in: the versions of users and parents move.
pub(super) fn delete(directory: &mut Directory, stamp: Stamp, id: GroupId) {
    let Some(slot) = directory.groups.by_id(id) else { return };
    let Some(group) = directory.groups.remove(slot) else { return };
    directory.memberships = directory.memberships.saturating_sub(group.members.len());
    for member in group.members.iter() {
        leave(directory, stamp, slot, member);
    }
    for name in &group.pending {
        directory.pending.remove(name, slot);
    }
    for parent in group.parents.iter().copied() {
        forget(directory, stamp, parent, &Member::Group(id));
    }
}
