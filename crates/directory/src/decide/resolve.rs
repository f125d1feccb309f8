//! Whom a member reference means.

use events::Member;
use scim::key::user_name_key;
use scim::{MemberRef, MemberType, Profile};

use crate::store::slots::Slot;
use crate::{Directory, ids};

/// Whom a reference means, and by which kind of name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Named {
    /// By its id.
    ById(Member),
    /// By its userName or externalId.
    ByOtherName(Member),
    /// By an externalId that these have.
    Unclear(Vec<Member>),
    /// Nobody yet.
    Nobody,
}

/// Whom a reference means to a group: by id, else by userName, else by an externalId that one user or other group
/// alone has. In strict by id only.
pub(super) fn resolve(
    directory: &Directory,
    named: &MemberRef,
    group: Option<Slot>,
    profile: Profile,
) -> Named {
    let kinds = Kinds::of(named);
    if let Some(member) = by_id(directory, &named.value, kinds) {
        return Named::ById(member);
    }
    if profile.strict {
        return Named::Nobody;
    }
    match by_user_name(directory, &named.value, kinds) {
        Some(user) => Named::ByOtherName(user),
        None => by_external_id(directory, &named.value, kinds, group),
    }
}

/// Among which kinds of member a reference looks.
#[derive(Clone, Copy)]
struct Kinds {
    users: bool,
    groups: bool,
}

impl Kinds {
    const fn of(named: &MemberRef) -> Self {
        match named.kind {
            None => Self { users: true, groups: true },
            Some(MemberType::User) => Self { users: true, groups: false },
            Some(MemberType::Group) => Self { users: false, groups: true },
        }
    }
}

fn by_id(directory: &Directory, id: &str, kinds: Kinds) -> Option<Member> {
    let user = ids::user(id).filter(|id| kinds.users && directory.users.by_id(*id).is_some());
    let group =
        || ids::group(id).filter(|id| kinds.groups && directory.groups.by_id(*id).is_some());
    user.map(Member::User).or_else(|| group().map(Member::Group))
}

fn by_user_name(directory: &Directory, name: &str, kinds: Kinds) -> Option<Member> {
    if !kinds.users {
        return None;
    }
    let slot = *directory.users.by_name_key(&user_name_key(name)).first()?;
    directory.users.slots().get(slot).map(|user| Member::User(user.id))
}

fn by_external_id(directory: &Directory, id: &str, kinds: Kinds, group: Option<Slot>) -> Named {
    let users = if kinds.users { directory.users.by_external_id(id) } else { &[] };
    let groups = if kinds.groups { directory.groups.by_external_id(id) } else { &[] };
    let users = users.iter().filter_map(|slot| directory.users.slots().get(*slot));
    let groups = groups.iter().filter(|slot| group != Some(**slot));
    let groups = groups.filter_map(|slot| directory.groups.slots().get(*slot));
    let all = users.map(|user| Member::User(user.id));
    let all: Vec<Member> = all.chain(groups.map(|group| Member::Group(group.id))).collect();
    match all[..] {
        [] => Named::Nobody,
        [one] => Named::ByOtherName(one),
        [_, _, ..] => Named::Unclear(all),
    }
}
