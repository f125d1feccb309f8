//! One look-up by index. It may find more than what matches: every result is held against the query.

use scim::Lookup;
use scim::key::{folded, user_name_key};

use crate::store::slots::Slot;
use crate::{Directory, ids};

/// The users that a look-up finds.
pub(super) fn users(directory: &Directory, lookup: &Lookup) -> Vec<Slot> {
    let users = &directory.users;
    match lookup {
        Lookup::Id(id) => ids::user(id).and_then(|id| users.by_id(id)).into_iter().collect(),
        Lookup::UserName(name) => users.by_name_key(&user_name_key(name)).to_vec(),
        Lookup::ExternalId(id) => users.by_external_id(id).to_vec(),
        Lookup::EmployeeNumber(number) => users.by_employee_number(&folded(number)).to_vec(),
        Lookup::Email { value, kind: _ } => users.by_email(&folded(value)).to_vec(),
        // These are asked of groups only.
        Lookup::DisplayName(_) | Lookup::Member(_) => Vec::new(),
    }
}

/// The groups that a look-up finds.
pub(super) fn groups(directory: &Directory, lookup: &Lookup) -> Vec<Slot> {
    let groups = &directory.groups;
    match lookup {
        Lookup::Id(id) => ids::group(id).and_then(|id| groups.by_id(id)).into_iter().collect(),
        Lookup::ExternalId(id) => groups.by_external_id(id).to_vec(),
        Lookup::DisplayName(name) => groups.by_name_key(&folded(name)).to_vec(),
        Lookup::Member(id) => of_member(directory, id).to_vec(),
        // These are asked of users only.
        Lookup::UserName(_) | Lookup::EmployeeNumber(_) | Lookup::Email { .. } => Vec::new(),
    }
}

/// The groups that have that user or group as a direct member.
fn of_member<'a>(directory: &'a Directory, id: &str) -> &'a [Slot] {
    let user = ids::user(id).and_then(|id| directory.user_by_id(id));
    let group = ids::group(id).and_then(|id| directory.group_by_id(id));
    match (user, group) {
        (Some((_, user)), _) => &user.groups,
        (None, Some((_, group))) => &group.parents,
        (None, None) => &[],
    }
}
