//! Users and groups as far as lists treat them alike: which schema, and which question of the directory.

use directory::{Directory, GroupView, ScanFrom, UserView};
use events::{GroupId, Seq, UserId};
use scim::schema::Types;
use scim::sort::Key as SortKey;
use scim::{Lookup, Page, Query, ResourceType, Sort};
use tenancy::Fact;
use uuid::Uuid;

/// A kind of resource that is listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// `/Users`
    User,
    /// `/Groups`
    Group,
}

/// A resource as it is listed.
#[derive(Debug)]
pub(crate) enum View {
    User(UserView),
    Group(GroupView),
}

impl Kind {
    pub(crate) fn resource_type(self, types: &Types) -> &ResourceType {
        match self {
            Self::User => types.user(),
            Self::Group => types.group(),
        }
    }

    /// How many there are.
    pub(super) const fn count(self, directory: &Directory) -> usize {
        match self {
            Self::User => directory.user_count(),
            Self::Group => directory.group_count(),
        }
    }

    /// A page of all.
    pub(super) fn page(self, directory: &Directory, page: Page) -> Vec<View> {
        match self {
            Self::User => users(directory.users_page(page)),
            Self::Group => groups(directory.groups_page(page)),
        }
    }

    /// The first ones behind a place in creation order.
    pub(super) fn behind(self, directory: &Directory, from: ScanFrom, count: usize) -> Vec<View> {
        match self {
            Self::User => users(directory.users_behind(from, count)),
            Self::Group => groups(directory.groups_behind(from, count)),
        }
    }

    /// What an index finds.
    pub(super) fn look_up(
        self,
        directory: &Directory,
        lookups: &[Lookup],
        query: &Query,
    ) -> Vec<View> {
        match self {
            Self::User => users(directory.lookup_users(lookups, query)),
            Self::Group => groups(directory.lookup_groups(lookups, query)),
        }
    }

    /// What those are ordered by that are there.
    pub(super) fn sort(
        self,
        directory: &Directory,
        ids: &[Uuid],
        sort: &Sort,
    ) -> Vec<(SortKey, Uuid)> {
        match self {
            Self::User => {
                let ids: Vec<UserId> = ids.iter().copied().map(UserId::new).collect();
                let keys = directory.sort_users(&ids, sort).into_iter();
                keys.map(|(key, id)| (key, id.uuid())).collect()
            }
            Self::Group => {
                let ids: Vec<GroupId> = ids.iter().copied().map(GroupId::new).collect();
                let keys = directory.sort_groups(&ids, sort).into_iter();
                keys.map(|(key, id)| (key, id.uuid())).collect()
            }
        }
    }

    /// One, if it is there.
    pub(super) fn one(self, directory: &Directory, id: Uuid) -> Option<View> {
        match self {
            Self::User => directory.user(UserId::new(id)).map(View::User),
            Self::Group => directory.group(GroupId::new(id)).map(View::Group),
        }
    }

    /// The kind's letter in a cursor.
    pub(super) const fn letter(self) -> u8 {
        match self {
            Self::User => b'U',
            Self::Group => b'G',
        }
    }
}

impl View {
    pub(super) const fn id(&self) -> Uuid {
        match self {
            Self::User(view) => view.id.uuid(),
            Self::Group(view) => view.id.uuid(),
        }
    }

    /// Its place in creation order, within its kind.
    pub(super) const fn born(&self) -> Seq {
        match self {
            Self::User(view) => view.born,
            Self::Group(view) => view.born,
        }
    }

    /// What showing it rests on.
    pub(super) const fn fact(&self) -> Fact {
        match self {
            Self::User(view) => Fact::Version(view.rests_on),
            Self::Group(view) => Fact::Version(view.version),
        }
    }
}

pub(super) fn users(views: Vec<UserView>) -> Vec<View> {
    views.into_iter().map(View::User).collect()
}

pub(super) fn groups(views: Vec<GroupView>) -> Vec<View> {
    views.into_iter().map(View::Group).collect()
}
