//! Members as filters look at them.

use events::{Member, MemberKind};
use scim::Query;
use serde_json::{Map, Value};

use crate::store::group::Group;
use crate::{Directory, ids};

/// Which members of a group a query needs.
pub(super) enum Needed {
    /// These, as far as they are members.
    These(Vec<Member>),
    /// Everybody, and whether by `display` too.
    All { display: bool },
}

impl Needed {
    /// None: the query doesn't look at members.
    pub(super) fn by(query: &Query) -> Option<Self> {
        if !query.needs("members") {
            return None;
        }
        Some(match query.values_asked("members") {
            None => Self::All { display: query.needs("members.display") },
            Some(ids) => Self::These(ids.into_iter().flat_map(named).collect()),
        })
    }

    /// How many members have to be looked at to answer for a group.
    pub(super) const fn count(&self, group: &Group) -> usize {
        match self {
            Self::These(members) => members.len(),
            Self::All { .. } => group.members.len(),
        }
    }

    /// `members` of a group.
    pub(super) fn of(&self, directory: &Directory, group: &Group) -> Value {
        let element = |member: &Member, display| element(directory, member, display).into();
        let elements: Vec<Value> = match self {
            Self::These(members) => {
                let present = members.iter().filter(|member| group.members.contains(member));
                present.map(|member| element(member, false)).collect()
            }
            Self::All { display } => {
                group.members.iter().map(|member| element(&member, *display)).collect()
            }
        };
        elements.into()
    }
}

/// `value`, `$ref` and `type`, and `display` when it is needed: that one may have to be read from a resource.
pub(crate) fn element(directory: &Directory, member: &Member, display: bool) -> Map<String, Value> {
    let (kind, endpoint) = match member.kind() {
        MemberKind::User => ("User", "Users"),
        MemberKind::Group => ("Group", "Groups"),
    };
    let id = member.id();
    let mut element = Map::new();
    element.insert("$ref".to_owned(), format!("../{endpoint}/{id}").into());
    element.insert("value".to_owned(), id.into());
    element.insert("type".to_owned(), kind.into());
    if display && let Some(name) = directory.display_name(member) {
        element.insert("display".to_owned(), Value::from(&*name));
    }
    element
}

/// The user or group that an id may name.
fn named(id: &str) -> impl Iterator<Item = Member> {
    let user = ids::user(id).map(Member::User);
    user.into_iter().chain(ids::group(id).map(Member::Group))
}
