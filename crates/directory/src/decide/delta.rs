//! What a request changes in a group's membership, cut into events.

use events::{Event, GroupId, Member};

use crate::Rejection;
use crate::limits::{
    EVENT_MEMBER_BYTES_MAX, EVENT_MEMBERS_MAX, MEMBER_BYTES_MAX, MEMBER_CHANGES_MAX,
};

/// Net changes, each list in order and without repeats.
pub(super) struct Delta {
    pub(super) added: Vec<Member>,
    pub(super) removed: Vec<Member>,
    pub(super) pending_added: Vec<String>,
    pub(super) pending_removed: Vec<String>,
}

/// A member in the log, in bytes: its id and what surrounds it.
const MEMBER_STORED_BYTES: usize = 22;
/// What surrounds a pending name in the log, in bytes.
const NAME_STORED_BYTES: usize = 4;
/// A member in an event's JSON, in bytes: `{"type":"group","id":"…"},`.
const MEMBER_JSON_BYTES: usize = 62;

impl Delta {
    /// Whether one request may change so much.
    pub(super) fn check_size(&self) -> Result<(), Rejection> {
        let members = self.added.len() + self.removed.len();
        let names = || self.pending_added.iter().chain(&self.pending_removed);
        let changes = members + names().count();
        if changes > MEMBER_CHANGES_MAX {
            return Err(Rejection::TooManyMemberChanges { changes, limit: MEMBER_CHANGES_MAX });
        }
        let name_bytes: usize = names().map(|name| name.len() + NAME_STORED_BYTES).sum();
        let bytes = members * MEMBER_STORED_BYTES + name_bytes;
        if bytes > MEMBER_BYTES_MAX {
            return Err(Rejection::MemberChangesTooLarge { bytes, limit: MEMBER_BYTES_MAX });
        }
        Ok(())
    }

    /// Who leaves, then who joins; none when nothing changes.
    pub(super) fn into_events(self, group: GroupId) -> impl Iterator<Item = Event> {
        let removed = slices(self.removed, self.pending_removed).into_iter();
        let added = slices(self.added, self.pending_added).into_iter();
        let removed = removed.map(move |(members, pending)| Event::GroupMembersRemoved {
            group,
            members,
            pending,
        });
        let added = added.map(move |(members, pending)| Event::GroupMembersAdded {
            group,
            members,
            pending,
            bound: Vec::new(),
        });
        removed.chain(added)
    }
}

/// Slices that each fit one event.
fn slices(members: Vec<Member>, names: Vec<String>) -> Vec<(Vec<Member>, Vec<String>)> {
    let mut slices: Vec<(Vec<Member>, Vec<String>)> =
        members.chunks(EVENT_MEMBERS_MAX).map(|part| (part.to_vec(), Vec::new())).collect();
    let last = slices.last().map_or(0, |(members, _)| members.len());
    let (mut count, mut bytes) = (last, last * MEMBER_JSON_BYTES);
    for name in names {
        let more = json_bytes(&name);
        let full = count + 1 > EVENT_MEMBERS_MAX || bytes + more > EVENT_MEMBER_BYTES_MAX;
        if full || slices.is_empty() {
            slices.push((Vec::new(), Vec::new()));
            (count, bytes) = (0, 0);
        }
        count += 1;
        bytes += more;
        if let Some((_, pending)) = slices.last_mut() {
            pending.push(name);
        }
    }
    slices
}

/// A name in JSON with its comma, in bytes.
fn json_bytes(name: &str) -> usize {
    let escaped = name.bytes().map(|byte| match byte {
        b'"' | b'\\' => 2,
        0..0x20 => 6,
        _ => 1,
    });
    escaped.sum::<usize>() + 3
}

#[cfg(test)]
mod tests {
    use events::UserId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn slices_hold_what_fits_an_event() {
        let check = |members: u128, names: Vec<String>, expected: &[(usize, usize)]| {
            let members = (0..members).map(|n| Member::User(UserId::new(Uuid::from_u128(n))));
            let slices = slices(members.collect(), names);
            let sizes: Vec<_> = slices.iter().map(|(m, p)| (m.len(), p.len())).collect();
            assert_eq!(sizes, expected);
        };
        let names = |count: usize, bytes: usize| vec!["x".repeat(bytes); count];
        check(0, vec![], &[]);
        check(10_000, vec![], &[(10_000, 0)]);
        check(10_001, names(1, 1), &[(10_000, 0), (1, 1)]);
        check(9_999, names(2, 1), &[(9_999, 1), (0, 1)]);
        check(0, names(20_001, 1), &[(0, 10_000), (0, 10_000), (0, 1)]);
        check(0, names(2_000, 512), &[(0, 1_399), (0, 601)]);
        check(0, vec!["\u{1}".repeat(500); 250], &[(0, 240), (0, 10)]);
    }

    #[test]
    fn a_request_changes_so_much_and_no_more() {
        let delta = |members: u128, names: usize, bytes: usize| Delta {
            added: (0..members).map(|n| Member::User(UserId::new(Uuid::from_u128(n)))).collect(),
            removed: vec![],
            pending_added: vec!["x".repeat(bytes); names],
            pending_removed: vec![],
        };
        assert_eq!(delta(100_000, 0, 0).check_size(), Ok(()));
        let too_many = Rejection::TooManyMemberChanges { changes: 100_001, limit: 100_000 };
        assert_eq!(delta(100_000, 1, 1).check_size(), Err(too_many));
        let too_large = Rejection::MemberChangesTooLarge { bytes: 5_160_000, limit: 3_670_016 };
        assert_eq!(delta(0, 10_000, 512).check_size(), Err(too_large));
    }
}
