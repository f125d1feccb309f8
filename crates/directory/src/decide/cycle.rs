//! Nested groups: no group may be a member of itself, directly or through others. Iterative, however deep.

use std::collections::BTreeSet;

use events::{GroupId, Member};

use crate::Directory;
use crate::store::slots::Slot;

/// The group and all groups that it is a member of, directly or through others.
pub(super) fn above(directory: &Directory, group: Slot) -> BTreeSet<Slot> {
    let mut seen = BTreeSet::from([group]);
    let mut open = vec![group];
    while let Some(group) = open.pop().and_then(|slot| directory.groups.slots().get(slot)) {
        open.extend(group.parents.iter().copied().filter(|parent| seen.insert(*parent)));
    }
    seen
}

/// The group, if it is known yet, and all groups that are its members or will be, directly or through others.
pub(super) fn below(directory: &Directory, group: GroupId, joining: &[Member]) -> BTreeSet<Slot> {
    let joining = joining.iter().filter_map(|member| match member {
        Member::Group(group) => Some(*group),
        Member::User(_) => None,
    });
    let start = joining.chain([group]).filter_map(|group| directory.groups.by_id(group));
    let mut seen: BTreeSet<Slot> = start.collect();
    let mut open: Vec<Slot> = seen.iter().copied().collect();
    while let Some(group) = open.pop().and_then(|slot| directory.groups.slots().get(slot)) {
        let nested = group.members.groups().filter_map(|group| directory.groups.by_id(group));
        open.extend(nested.filter(|slot| seen.insert(*slot)));
    }
    seen
}
