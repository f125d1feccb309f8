//! Pending names come true: who arrives under a name that groups wait for joins them in the same txn.

use std::collections::BTreeMap;
use std::sync::Arc;

use events::{Event, Member};

use super::cycle;
use crate::Directory;
use crate::store::slots::Slot;

/// A user or group, and the names that it has from now on.
pub(super) struct Arrival<'a> {
    pub(super) member: Member,
    /// Key of a new userName.
    pub(super) name_key: Option<&'a str>,
    /// A new externalId.
    pub(super) external_id: Option<&'a str>,
    /// Of a group: members that it gets in this txn.
    pub(super) members: &'a [Member],
}

/// The events by which it joins the groups that wait for it, in creation order of the groups. It stays pending in a
/// group that would become a member of itself.
pub(super) fn bind(directory: &Directory, arrival: &Arrival<'_>) -> Vec<Event> {
    if directory.pending.is_empty() {
        return Vec::new();
    }
    let waiting = waiting(directory, arrival);
    if waiting.is_empty() {
        return Vec::new();
    }
    let closed = match arrival.member {
        Member::User(_) => Default::default(),
        Member::Group(group) => cycle::below(directory, group, arrival.members),
    };
    let open = waiting.into_iter().filter(|(group, _)| !closed.contains(group));
    open.filter_map(|(group, names)| {
        let group = directory.groups.slots().get(group)?;
        let new = !group.members.contains(&arrival.member);
        Some(Event::GroupMembersAdded {
            group: group.id,
            members: if new { vec![arrival.member] } else { Vec::new() },
            pending: Vec::new(),
            bound: names.iter().map(|name| name.to_string()).collect(),
        })
    })
    .collect()
}

/// The groups that wait for it and the names under which they do.
fn waiting<'a>(
    directory: &'a Directory,
    arrival: &Arrival<'_>,
) -> BTreeMap<Slot, Vec<&'a Arc<str>>> {
    let by_user_name = arrival.name_key.into_iter().flat_map(|key| directory.pending.keyed(key));
    let unique = |id: &&str| is_unique(directory, id, arrival.member);
    let by_external_id =
        arrival.external_id.filter(unique).and_then(|id| directory.pending.named(id));
    let mut waiting: BTreeMap<Slot, Vec<&Arc<str>>> = BTreeMap::new();
    for (name, groups) in by_user_name.chain(by_external_id) {
        for group in groups {
            let names = waiting.entry(*group).or_default();
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    waiting
}

/// Nobody else has that externalId, so that it names one.
fn is_unique(directory: &Directory, id: &str, member: Member) -> bool {
    let (user, group) = match member {
        Member::User(id) => (directory.users.by_id(id), None),
        Member::Group(id) => (None, directory.groups.by_id(id)),
    };
    directory.users.by_external_id(id).iter().all(|slot| Some(*slot) == user)
        && directory.groups.by_external_id(id).iter().all(|slot| Some(*slot) == group)
}
