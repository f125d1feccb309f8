//! Finding by index, scanning in slices, and names of members. Everything in creation order.

mod custom;
mod display;
mod element;
mod find;
mod meta;
mod rows;
mod sample;
mod select;

use std::sync::Arc;

use events::{GroupId, Member, UserId};
use scim::sort::Key as SortKey;
use scim::{Lookup, Query, Sort};

use crate::store::slots::Slot;
use crate::{Directory, GroupView, ScanFrom, Scanned, UserView};
pub(crate) use element::element;
use rows::Rows;
pub use sample::Sample;

impl Directory {
    /// Users by index: those that the look-ups find and the query matches, in creation order.
    pub fn lookup_users(&self, lookups: &[Lookup], query: &Query) -> Vec<UserView> {
        let mut rows = Rows::users(self, query);
        let found = in_order(lookups, |lookup| find::users(self, lookup));
        let users = found.into_iter().filter_map(|slot| self.users.slots().get(slot));
        users.filter(|user| rows.has_user(user)).map(|user| self.user_view(user)).collect()
    }

    /// Groups by index: those that the look-ups find and the query matches, in creation order.
    pub fn lookup_groups(&self, lookups: &[Lookup], query: &Query) -> Vec<GroupView> {
        let mut rows = Rows::groups(self, query);
        let found = in_order(lookups, |lookup| find::groups(self, lookup));
        let groups = found.into_iter().filter_map(|slot| self.groups.slots().get(slot));
        groups.filter(|group| rows.has_group(group)).map(|group| self.group_view(group)).collect()
    }

    /// Looks at up to `rows` users from `from` on. Go on at `next` under a new lock.
    pub fn scan_users(&self, query: &Query, from: ScanFrom, rows: usize) -> Scanned<UserView> {
        let mut matcher = Rows::users(self, query);
        let mut scanned = Scanned { found: Vec::new(), scanned: 0, next: None };
        let mut last = from;
        for (_, user) in self.users.slots().from(self.user_behind(from)) {
            if scanned.scanned >= rows {
                scanned.next = Some(last);
                break;
            }
            last = ScanFrom(user.born);
            scanned.scanned += 1;
            if matcher.has_user(user) {
                scanned.found.push(self.user_view(user));
            }
        }
        scanned
    }

    /// Looks at up to `rows` groups from `from` on. Members that have to be looked at count as rows.
    pub fn scan_groups(&self, query: &Query, from: ScanFrom, rows: usize) -> Scanned<GroupView> {
        let mut matcher = Rows::groups(self, query);
        let mut scanned = Scanned { found: Vec::new(), scanned: 0, next: None };
        let mut last = from;
        for (_, group) in self.groups.slots().from(self.group_behind(from)) {
            if scanned.scanned >= rows {
                scanned.next = Some(last);
                break;
            }
            last = ScanFrom(group.born);
            scanned.scanned += 1 + matcher.members_of(group);
            if matcher.has_group(group) {
                scanned.found.push(self.group_view(group));
            }
        }
        scanned
    }

    /// What users are ordered by, those that are there.
    pub fn sort_users(&self, ids: &[UserId], sort: &Sort) -> Vec<(SortKey, UserId)> {
        let mut rows = Rows::users(self, sort.query());
        let users = ids.iter().filter_map(|id| self.user_by_id(*id));
        users.map(|(_, user)| (sort.key(rows.user(user)), user.id)).collect()
    }

    /// What groups are ordered by, those that are there.
    pub fn sort_groups(&self, ids: &[GroupId], sort: &Sort) -> Vec<(SortKey, GroupId)> {
        let mut rows = Rows::groups(self, sort.query());
        let groups = ids.iter().filter_map(|id| self.group_by_id(*id));
        groups.map(|(_, group)| (sort.key(rows.group(group)), group.id)).collect()
    }

    /// What members are called, where they are called anything. For many, call it in slices.
    pub fn display_names(&self, members: &[Member]) -> Vec<Option<Arc<str>>> {
        members.iter().map(|member| self.display_name(member)).collect()
    }
}

/// What all look-ups find, once each, in creation order.
fn in_order(lookups: &[Lookup], find: impl Fn(&Lookup) -> Vec<Slot>) -> Vec<Slot> {
    let mut found: Vec<Slot> = lookups.iter().flat_map(find).collect();
    found.sort_unstable();
    found.dedup();
    found
}
