//! Whom a member reference means.

use events::Member;
use scim::key::user_name_key;
use scim::{MemberRef, MemberType, Profile};

use crate::{Directory, ids};

/// Whom a reference means, and by which kind of name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Named {
    /// By its id.
    ById(Member),
    /// By its userName or externalId.
    ByOtherName(Member),
    /// Nobody yet.
    Nobody,
}

/// Whom a reference means: by id, else by userName, else by an externalId that one user or group alone has.
/// In strict by id only.
pub(super) fn resolve(directory: &Directory, named: &MemberRef, profile: Profile) -> Named {
    let MemberRef { value, kind } = named;
    let (users, groups) = match kind {
        None => (true, true),
        Some(MemberType::User) => (true, false),
        Some(MemberType::Group) => (false, true),
    };
    let user = || ids::user(value).filter(|id| users && directory.users.by_id(*id).is_some());
    let group = || ids::group(value).filter(|id| groups && directory.groups.by_id(*id).is_some());
    if let Some(member) = user().map(Member::User).or_else(|| group().map(Member::Group)) {
        return Named::ById(member);
    }
    if profile.is_strict() {
        return Named::Nobody;
    }
    let user = || by_user_name(directory, value).filter(|_| users);
    let other = || by_external_id(directory, value, users, groups);
    user().or_else(other).map_or(Named::Nobody, Named::ByOtherName)
}

fn by_user_name(directory: &Directory, name: &str) -> Option<Member> {
    let slot = *directory.users.by_name_key(&user_name_key(name)).first()?;
    directory.users.slots().get(slot).map(|user| Member::User(user.id))
}

fn by_external_id(directory: &Directory, id: &str, users: bool, groups: bool) -> Option<Member> {
    let user = if users { directory.users.by_external_id(id) } else { &[] };
    let group = if groups { directory.groups.by_external_id(id) } else { &[] };
    match (user, group) {
        ([slot], []) => directory.users.slots().get(*slot).map(|user| Member::User(user.id)),
        ([], [slot]) => directory.groups.slots().get(*slot).map(|group| Member::Group(group.id)),
        _ => None,
    }
}
