//! Resources as a query looks at them: the attributes that it needs and no others, computed ones put in.

use scim::schema::{ENTERPRISE_URN, group as group_type, user as user_type};
use scim::{Query, ResourceType};
use serde_json::{Map, Value, json};

use super::element::Needed;
use super::meta::Meta;
use super::select::select;
use crate::Directory;
use crate::store::group::Group;
use crate::store::user::User;

/// A query over one kind of resource; what it needs is worked out once.
pub(super) struct Rows<'a> {
    directory: &'a Directory,
    query: &'a Query,
    /// Attributes at the top that are read from stored bytes.
    stored: Vec<&'static str>,
    id: bool,
    active: bool,
    meta: Option<Meta>,
    groups: bool,
    manager: bool,
    members: Option<Needed>,
    /// Used again for each row.
    row: Map<String, Value>,
}

impl<'a> Rows<'a> {
    /// Over users.
    pub(super) fn users(directory: &'a Directory, query: &'a Query) -> Self {
        Self {
            active: query.needs("active"),
            groups: query.needs("groups"),
            manager: query.needs("manager"),
            ..Self::of(directory, query, user_type())
        }
    }

    /// Over groups.
    pub(super) fn groups(directory: &'a Directory, query: &'a Query) -> Self {
        Self { members: Needed::by(query), ..Self::of(directory, query, group_type()) }
    }

    /// Whether the query matches a user.
    pub(super) fn has_user(&mut self, user: &User) -> bool {
        self.row.clear();
        select(&user.facts.resource, &self.stored, &mut self.row);
        if self.id {
            self.put("id", user.id.to_string());
        }
        if self.active {
            self.put("active", user.facts.active);
        }
        if let Some(meta) = &self.meta {
            let meta = meta.of(user.version, user.created, user.modified);
            self.put("meta", meta);
        }
        if self.groups {
            self.put("groups", groups(self.directory, user));
        }
        if self.manager {
            put_manager_name(self.directory, user, &mut self.row);
        }
        self.query.matches(&self.row)
    }

    /// Whether the query matches a group.
    pub(super) fn has_group(&mut self, group: &Group) -> bool {
        self.row.clear();
        select(&group.facts.resource, &self.stored, &mut self.row);
        if self.id {
            self.put("id", group.id.to_string());
        }
        if let Some(meta) = &self.meta {
            let meta = meta.of(group.version, group.created, group.modified);
            self.put("meta", meta);
        }
        if let Some(needed) = &self.members {
            let members = needed.of(self.directory, group);
            self.put("members", members);
        }
        self.query.matches(&self.row)
    }

    /// How many members have to be looked at to answer for a group.
    pub(super) fn members_of(&self, group: &Group) -> usize {
        self.members.as_ref().map_or(0, |needed| needed.count(group))
    }

    fn of(directory: &'a Directory, query: &'a Query, of: &'static ResourceType) -> Self {
        Self {
            directory,
            query,
            stored: stored(query, of),
            id: query.needs("id"),
            active: false,
            meta: Meta::needed(query, &of.name),
            groups: false,
            manager: false,
            members: None,
            row: Map::new(),
        }
    }

    fn put(&mut self, attribute: &str, value: impl Into<Value>) {
        self.row.insert(attribute.to_owned(), value.into());
    }
}

/// The attributes that a query reads from stored bytes; a whole extension when it needs one of its attributes.
fn stored(query: &Query, of: &'static ResourceType) -> Vec<&'static str> {
    /// Known without reading, or not stored.
    const COMPUTED: [&str; 5] = ["id", "active", "meta", "groups", "members"];
    let own = of.schema.attributes.iter().map(|attribute| attribute.name.as_str());
    let own = own.chain(["schemas", "externalId"]).filter(|name| query.needs(name));
    let extensions = of.extensions.iter().map(|extension| &extension.schema);
    let extensions = extensions
        .filter(|schema| schema.attributes.iter().any(|attribute| query.needs(&attribute.name)))
        .map(|schema| schema.id.as_str());
    own.filter(|name| !COMPUTED.contains(name)).chain(extensions).collect()
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
