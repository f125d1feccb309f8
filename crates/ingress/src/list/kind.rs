//! Resources as far as lists treat them alike: which type, and which question of the directory.

use directory::{CustomView, Directory, GroupView, ScanFrom, UserView};
use events::{GroupId, ResourceId, Seq, UserId};
use scim::schema::Types;
use scim::sort::Key as SortKey;
use scim::{Lookup, Page, Query, ResourceType, Sort};
use tenancy::Fact;
use uuid::Uuid;

/// A kind of resource that is listed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind<'t> {
    /// `/Users`
    User,
    /// `/Groups`
    Group,
    /// Of a tenant's own type, with its place among those.
    Custom(&'t ResourceType, u8),
}

/// A resource as it is listed.
#[derive(Debug)]
pub(crate) enum View {
    User(UserView),
    Group(GroupView),
    /// With its kind's letter.
    Custom(CustomView, u8),
}

impl<'t> Kind<'t> {
    /// All that a tenant has, in the order of `/ResourceTypes`.
    pub(crate) fn all(types: &'t Types) -> Vec<Self> {
        let others = types.others().iter().zip(0..);
        let others = others.map(|(of, at)| Self::Custom(of, at));
        [Self::User, Self::Group].into_iter().chain(others).collect()
    }

    /// That of the tenant's own type whose resources are there.
    pub(crate) fn at(types: &'t Types, endpoint: &str) -> Option<Self> {
        let is_there = |kind: &Self| match kind {
            Self::Custom(of, _) => of.endpoint.strip_prefix('/') == Some(endpoint),
            Self::User | Self::Group => false,
        };
        Self::all(types).into_iter().find(is_there)
    }

    pub(crate) const fn resource_type(self, types: &'t Types) -> &'t ResourceType {
        match self {
            Self::User => types.user(),
            Self::Group => types.group(),
            Self::Custom(of, _) => of,
        }
    }

    /// How many there are.
    pub(super) fn count(self, directory: &Directory) -> usize {
        match self {
            Self::User => directory.user_count(),
            Self::Group => directory.group_count(),
            Self::Custom(of, _) => directory.custom_count(&of.name),
        }
    }

    /// A page of all.
    pub(super) fn page(self, directory: &Directory, page: Page) -> Vec<View> {
        match self {
            Self::User => users(directory.users_page(page)),
            Self::Group => groups(directory.groups_page(page)),
            Self::Custom(of, _) => self.customs(directory.customs_page(&of.name, page)),
        }
    }

    /// The first ones behind a place in creation order.
    pub(super) fn behind(self, directory: &Directory, from: ScanFrom, count: usize) -> Vec<View> {
        match self {
            Self::User => users(directory.users_behind(from, count)),
            Self::Group => groups(directory.groups_behind(from, count)),
            Self::Custom(of, _) => self.customs(directory.customs_behind(&of.name, from, count)),
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
            Self::Custom(of, _) => self.customs(directory.lookup_customs(&of.name, lookups, query)),
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
            Self::Custom(of, _) => directory.sort_customs(&of.name, ids, sort),
        }
    }

    /// One, if it is there.
    pub(super) fn one(self, directory: &Directory, id: Uuid) -> Option<View> {
        match self {
            Self::User => directory.user(UserId::new(id)).map(View::User),
            Self::Group => directory.group(GroupId::new(id)).map(View::Group),
            Self::Custom(of, _) => {
                let found = directory.custom(&of.name, ResourceId::new(id));
                found.map(|view| View::Custom(view, self.letter()))
            }
        }
    }

    pub(super) fn customs(self, views: Vec<CustomView>) -> Vec<View> {
        views.into_iter().map(|view| View::Custom(view, self.letter())).collect()
    }

    /// The kind's letter in a cursor.
    pub(crate) const fn letter(self) -> u8 {
        match self {
            Self::User => b'U',
            Self::Group => b'G',
            Self::Custom(_, at) => b'a'.wrapping_add(at),
        }
    }

    /// What a cursor is good for: the letters of a tenant's own types may come to mean others.
    pub(crate) fn name(self) -> &'t str {
        match self {
            Self::User => "U",
            Self::Group => "G",
            Self::Custom(of, _) => &of.name,
        }
    }
}

impl View {
    pub(super) const fn id(&self) -> Uuid {
        match self {
            Self::User(view) => view.id.uuid(),
            Self::Group(view) => view.id.uuid(),
            Self::Custom(view, _) => view.id.uuid(),
        }
    }

    /// Its place in creation order, within its kind.
    pub(super) const fn born(&self) -> Seq {
        match self {
            Self::User(view) => view.born,
            Self::Group(view) => view.born,
            Self::Custom(view, _) => view.born,
        }
    }

    /// What showing it rests on.
    pub(super) const fn fact(&self) -> Fact {
        match self {
            Self::User(view) => Fact::Version(view.rests_on),
            Self::Group(view) => Fact::Version(view.version),
            Self::Custom(view, _) => Fact::Version(view.version),
        }
    }
}

pub(super) fn users(views: Vec<UserView>) -> Vec<View> {
    views.into_iter().map(View::User).collect()
}

pub(super) fn groups(views: Vec<GroupView>) -> Vec<View> {
    views.into_iter().map(View::Group).collect()
}
