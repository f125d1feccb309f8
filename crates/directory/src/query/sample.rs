//! Users taken out of a directory, to be looked at without its lock: a scan that is interrupted by the system
//! holds up no writer then.

use std::sync::Arc;

use events::{Seq, Timestamp, UserId};
use scim::Query;
use scim::schema::user as user_type;

use super::rows::{Facts, Own, Rows};
use crate::{Directory, ScanFrom, UserView};

/// Some users as they were, in creation order.
#[derive(Clone, Debug)]
pub struct Sample {
    users: Vec<Taken>,
    next: Option<ScanFrom>,
}

/// One user's own facts.
#[derive(Clone, Debug)]
struct Taken {
    id: UserId,
    active: bool,
    version: Seq,
    created: Timestamp,
    modified: Timestamp,
    resource: Arc<[u8]>,
}

impl Directory {
    /// Takes up to `rows` users from `from` on.
    pub fn sample_users(&self, from: ScanFrom, rows: usize) -> Sample {
        let mut sample = Sample { users: Vec::with_capacity(rows), next: None };
        for (slot, user) in self.users.slots().from(from.0) {
            if sample.users.len() >= rows {
                sample.next = Some(ScanFrom(slot));
                break;
            }
            sample.users.push(Taken {
                id: user.id,
                active: user.facts.active,
                version: user.version,
                created: user.created,
                modified: user.modified,
                resource: Arc::clone(&user.facts.resource),
            });
        }
        sample
    }

    /// Those of the users that are there and match now, in the order given.
    pub fn matching_users(&self, ids: &[UserId], query: &Query) -> Vec<UserView> {
        let mut rows = Rows::users(self, query);
        let users = ids.iter().filter_map(|id| self.user_by_id(*id));
        let users = users.filter(|(_, user)| rows.has_user(user));
        users.map(|(_, user)| self.user_view(user)).collect()
    }
}

impl Sample {
    /// Whether users answer the query by themselves: it asks neither for their groups nor for their manager's name. A query that they
    /// don't is for [`Directory::scan_users`].
    pub fn serves(query: &Query) -> bool {
        !query.needs("groups") && !query.needs("manager")
    }

    /// Those that match.
    pub fn matching(&self, query: &Query) -> Vec<UserId> {
        let mut own = Own::of(query, user_type());
        let matching = self.users.iter().filter(|user| {
            own.has(&Facts {
                resource: &user.resource,
                id: user.id.uuid(),
                active: Some(user.active),
                version: user.version,
                created: user.created,
                modified: user.modified,
            })
        });
        matching.map(|user| user.id).collect()
    }

    /// How many were taken.
    pub const fn scanned(&self) -> usize {
        self.users.len()
    }

    /// Where to go on; `None`: that was all.
    pub const fn next(&self) -> Option<ScanFrom> {
        self.next
    }
}
