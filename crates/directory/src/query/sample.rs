//! Users taken out of a directory, to be looked at without its lock: a scan that is interrupted by the system
//! holds up no writer then.

use events::UserId;
use scim::Query;

use super::rows::{Facts, Own, Rows};
use crate::store::slots::{CHUNK_SLOTS, Chunk};
use crate::store::user::User;
use crate::{Directory, ScanFrom, UserView};

/// Some users as they were, in creation order.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Each with how many of its slots don't belong to the sample.
    chunks: Vec<(usize, Chunk<User>)>,
    next: Option<ScanFrom>,
}

impl Directory {
    /// Takes users from `from` on: as many chunks as hold `rows`. Costs a count for each chunk.
    pub fn sample_users(&self, from: ScanFrom, rows: usize) -> Sample {
        let mut chunks = Vec::with_capacity(rows.div_ceil(CHUNK_SLOTS as usize));
        let (mut at, mut cells) = (self.user_behind(from), 0);
        while cells < rows {
            let Some((first, chunk)) = self.users.slots().chunk(at) else { break };
            let skip = (at - first) as usize;
            cells += chunk.len().saturating_sub(skip);
            at = first.saturating_add(CHUNK_SLOTS);
            chunks.push((skip, chunk));
        }
        let mut sample = Sample { chunks, next: None };
        // It begins with a user, so there is a last one, unless there is none at all.
        if self.users.slots().chunk(at).is_some() {
            sample.next = sample.users().last().map(|user| ScanFrom(user.born));
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
        let mut own = Own::of(query, "User");
        let matching = self.users().filter(|user| {
            own.has(&Facts {
                resource: &user.facts.resource,
                id: user.id.uuid(),
                active: Some(user.facts.active),
                version: user.version,
                created: user.created,
                modified: user.modified,
            })
        });
        matching.map(|user| user.id).collect()
    }

    /// How many were taken.
    pub fn scanned(&self) -> usize {
        self.users().count()
    }

    /// Where to go on; `None`: that was all.
    pub const fn next(&self) -> Option<ScanFrom> {
        self.next
    }

    fn users(&self) -> impl Iterator<Item = &User> {
        let cells = self.chunks.iter().flat_map(|(skip, chunk)| chunk.iter().skip(*skip));
        cells.filter_map(Option::as_deref)
    }
}
