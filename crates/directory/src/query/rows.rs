//! Resources as a query looks at them: the attributes that it needs and no others, computed ones put in.

use events::{Seq, Timestamp};
use scim::Query;
use scim::schema::ENTERPRISE_URN;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::element::Needed;
use super::meta::Meta;
use super::select::select;
use crate::Directory;
use crate::store::group::Group;
use crate::store::user::User;

/// A query over one kind of resource; what it needs is worked out once.
pub(super) struct Rows<'a> {
    directory: &'a Directory,
    own: Own<'a>,
    groups: bool,
    manager: bool,
    members: Option<Needed>,
}

/// What of a query a resource answers by itself, without the directory around it.
pub(super) struct Own<'a> {
    query: &'a Query,
    /// Keys at the top that are read from stored bytes.
    stored: Vec<&'a str>,
    id: bool,
    active: bool,
    meta: Option<Meta<'a>>,
    /// Used again for each row.
    row: Map<String, Value>,
}

/// A resource's own facts, as a query may ask for them.
pub(super) struct Facts<'r> {
    pub(super) resource: &'r [u8],
    pub(super) id: Uuid,
    /// Users have it.
    pub(super) active: Option<bool>,
    pub(super) version: Seq,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
}

impl<'a> Rows<'a> {
    /// Over users.
    pub(super) fn users(directory: &'a Directory, query: &'a Query) -> Self {
        let (groups, manager) = (query.needs("groups"), query.needs("manager"));
        Self { directory, own: Own::of(query, "User"), groups, manager, members: None }
    }

    /// Over groups.
    pub(super) fn groups(directory: &'a Directory, query: &'a Query) -> Self {
        let members = Needed::by(query);
        let own = Own::of(query, "Group");
        Self { directory, own, groups: false, manager: false, members }
    }

    /// Whether the query matches a user.
    pub(super) fn has_user(&mut self, user: &User) -> bool {
        self.user(user);
        self.own.matches()
    }

    /// What the query needs of a user.
    pub(super) fn user(&mut self, user: &User) -> &Map<String, Value> {
        self.own.read(&Facts::of_user(user));
        if self.groups {
            self.own.put("groups", groups(self.directory, user));
        }
        if self.manager {
            put_manager_name(self.directory, user, &mut self.own.row);
        }
        &self.own.row
    }

    /// Whether the query matches a group.
    pub(super) fn has_group(&mut self, group: &Group) -> bool {
        self.group(group);
        self.own.matches()
    }

    /// What the query needs of a group.
    pub(super) fn group(&mut self, group: &Group) -> &Map<String, Value> {
        self.own.read(&Facts {
            resource: &group.facts.resource,
            id: group.id.uuid(),
            active: None,
            version: group.version,
            created: group.created,
            modified: group.modified,
        });
        if let Some(needed) = &self.members {
            self.own.put("members", needed.of(self.directory, group));
        }
        &self.own.row
    }

    /// How many members have to be looked at to answer for a group.
    pub(super) fn members_of(&self, group: &Group) -> usize {
        self.members.as_ref().map_or(0, |needed| needed.count(group))
    }
}

impl<'a> Own<'a> {
    /// `kind` is the resource type's name.
    pub(super) fn of(query: &'a Query, kind: &'a str) -> Self {
        /// Known without reading, or not stored.
        const COMPUTED: [&str; 5] = ["id", "active", "meta", "groups", "members"];
        Self::without(query, kind, &COMPUTED)
    }

    /// Over resources of a tenant's own type: what others have computed, these have stored.
    pub(super) fn of_custom(query: &'a Query, kind: &'a str) -> Self {
        Self::without(query, kind, &["id", "meta"])
    }

    fn without(query: &'a Query, kind: &'a str, computed: &[&str]) -> Self {
        let stored = query.roots().into_iter().filter(|name| !computed.contains(name));
        Self {
            query,
            stored: stored.collect(),
            id: query.needs("id"),
            active: query.needs("active"),
            meta: Meta::needed(query, kind),
            row: Map::new(),
        }
    }

    /// What the query needs of a resource that is all it asks for.
    pub(super) fn row(&mut self, facts: &Facts<'_>) -> &Map<String, Value> {
        self.read(facts);
        &self.row
    }

    /// Whether the query matches a resource that is all it asks for.
    pub(super) fn has(&mut self, facts: &Facts<'_>) -> bool {
        self.read(facts);
        self.matches()
    }

    fn read(&mut self, facts: &Facts<'_>) {
        self.row.clear();
        select(facts.resource, &self.stored, &mut self.row);
        if self.id {
            self.put("id", facts.id.hyphenated().to_string());
        }
        if let Some(active) = facts.active.filter(|_| self.active) {
            self.put("active", active);
        }
        if let Some(meta) = &self.meta {
            let meta = meta.of(facts.version, facts.created, facts.modified);
            self.put("meta", meta);
        }
    }

    fn matches(&self) -> bool {
        self.query.matches(&self.row)
    }

    fn put(&mut self, attribute: &str, value: impl Into<Value>) {
        self.row.insert(attribute.to_owned(), value.into());
    }
}

impl<'r> Facts<'r> {
    fn of_user(user: &'r User) -> Self {
        Self {
            resource: &user.facts.resource,
            id: user.id.uuid(),
            active: Some(user.facts.active),
            version: user.version,
            created: user.created,
            modified: user.modified,
        }
    }
}

fn groups(directory: &Directory, user: &User) -> Vec<Value> {
    let groups = user.groups.iter().filter_map(|slot| directory.groups.slots().get(*slot));
    groups
        .map(|group| {
            let id = group.id.to_string();
            let reference = format!("../Groups/{id}");
            json!({"value": id, "$ref": reference, "display": &*group.facts.display, "type": "direct"})
        })
        .collect()
}

fn put_manager_name(directory: &Directory, user: &User, row: &mut Map<String, Value>) {
    let manager = row.get_mut(ENTERPRISE_URN).and_then(|enterprise| enterprise.get_mut("manager"));
    let Some(manager) = manager.and_then(Value::as_object_mut) else { return };
    let name = user.facts.manager.as_deref().and_then(|value| directory.manager_name(value));
    if let Some(name) = name {
        manager.insert("displayName".to_owned(), Value::from(&*name));
    }
}
