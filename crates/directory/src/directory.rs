//! The directory of one tenant: its state, and reading it by id and by page.

use std::sync::Arc;

use events::{GroupId, Seq, Timestamp, UserId};
use scim::Page;

use crate::store::custom::Customs;
use crate::store::group::{Group, Groups};
use crate::store::pending::Pending;
use crate::store::slots::Slot;
use crate::store::user::{User, Users};
use crate::{GroupView, ManagerView, ScanFrom, UserView};

/// A member in its group, and the group in the member.
const MEMBERSHIP_BYTES: usize = 32;

/// One tenant's users, groups and resources of its own types: the fold of its events.
#[derive(Debug, Default)]
pub struct Directory {
    pub(crate) users: Users,
    pub(crate) groups: Groups,
    pub(crate) pending: Pending,
    /// Resources of the tenant's own types.
    pub(crate) customs: Customs,
    /// Members of all groups together.
    pub(crate) memberships: usize,
    pub(crate) seq: Seq,
    pub(crate) at: Timestamp,
}

impl Directory {
    /// The number of the last event applied.
    pub const fn seq(&self) -> Seq {
        self.seq
    }

    /// The time of the last event applied.
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// What it takes in memory, about, in bytes: good enough to compare tenants and to keep a budget.
    pub const fn bytes(&self) -> usize {
        self.users.bytes()
            + self.groups.bytes()
            + self.customs.bytes()
            + self.memberships * MEMBERSHIP_BYTES
    }

    /// One user.
    pub fn user(&self, id: UserId) -> Option<UserView> {
        Some(self.user_view(self.user_by_id(id)?.1))
    }

    /// One group.
    pub fn group(&self, id: GroupId) -> Option<GroupView> {
        Some(self.group_view(self.group_by_id(id)?.1))
    }

    /// How many users there are.
    pub const fn user_count(&self) -> usize {
        self.users.slots().len()
    }

    /// How many groups there are.
    pub const fn group_count(&self) -> usize {
        self.groups.slots().len()
    }

    /// A page of all users, in creation order.
    pub fn users_page(&self, page: Page) -> Vec<UserView> {
        let users = self.users.slots().page(page.start_index.saturating_sub(1));
        users.take(page.count).map(|(_, user)| self.user_view(user)).collect()
    }

    /// A page of all groups, in creation order.
    pub fn groups_page(&self, page: Page) -> Vec<GroupView> {
        let groups = self.groups.slots().page(page.start_index.saturating_sub(1));
        groups.take(page.count).map(|(_, group)| self.group_view(group)).collect()
    }

    /// The first users behind a place in creation order.
    pub fn users_behind(&self, from: ScanFrom, count: usize) -> Vec<UserView> {
        let users = self.users.slots().from(self.user_behind(from));
        users.take(count).map(|(_, user)| self.user_view(user)).collect()
    }

    /// The first groups behind a place in creation order.
    pub fn groups_behind(&self, from: ScanFrom, count: usize) -> Vec<GroupView> {
        let groups = self.groups.slots().from(self.group_behind(from));
        groups.take(count).map(|(_, group)| self.group_view(group)).collect()
    }

    pub(crate) fn user_behind(&self, from: ScanFrom) -> Slot {
        self.users.slots().beyond(|user| user.born <= from.0)
    }

    pub(crate) fn group_behind(&self, from: ScanFrom) -> Slot {
        self.groups.slots().beyond(|group| group.born <= from.0)
    }

    pub(crate) fn user_by_id(&self, id: UserId) -> Option<(Slot, &User)> {
        let slot = self.users.by_id(id)?;
        Some((slot, self.users.slots().get(slot)?))
    }

    pub(crate) fn group_by_id(&self, id: GroupId) -> Option<(Slot, &Group)> {
        let slot = self.groups.by_id(id)?;
        Some((slot, self.groups.slots().get(slot)?))
    }

    pub(crate) fn user_view(&self, user: &User) -> UserView {
        let mut rests_on = user.version;
        let mut groups = Vec::with_capacity(user.groups.len());
        for group in user.groups.iter().filter_map(|slot| self.groups.slots().get(*slot)) {
            rests_on = rests_on.max(group.version);
            groups.push((group.id, group.facts.display.clone()));
        }
        let manager = user.facts.manager.as_deref().map(|value| {
            let manager = self.manager(value);
            rests_on = rests_on.max(manager.map_or(rests_on, |manager| manager.version));
            ManagerView {
                value: value.to_owned(),
                user: manager.map(|manager| manager.id),
                display: manager.and_then(User::display),
            }
        });
        UserView {
            id: user.id,
            version: user.version,
            born: user.born,
            created: user.created,
            modified: user.modified,
            active: user.facts.active,
            resource: user.facts.resource.clone(),
            groups,
            manager,
            rests_on,
        }
    }

    pub(crate) fn group_view(&self, group: &Group) -> GroupView {
        GroupView {
            id: group.id,
            version: group.version,
            born: group.born,
            created: group.created,
            modified: group.modified,
            resource: group.facts.resource.clone(),
            members: group.members.clone(),
            pending: group.pending.len(),
        }
    }

    /// The name of the manager, if its value is the id of a user.
    pub(crate) fn manager_name(&self, value: &str) -> Option<Arc<str>> {
        self.manager(value).and_then(User::display)
    }

    /// The manager, if its value is the id of a user.
    fn manager(&self, value: &str) -> Option<&User> {
        self.user_by_id(crate::ids::user(value)?).map(|(_, manager)| manager)
    }
}
