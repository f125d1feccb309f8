//! Which members a PATCH path selects: `members[…]` over `value`, `type`, `display` and `$ref`.

use events::Member;
use scim::schema::group as group_type;
use scim::{Error, Filter, Query};
use serde_json::{Map, Value};

use crate::Directory;
use crate::query::element;

/// A filter over single members.
pub(super) struct Selection<'a> {
    directory: &'a Directory,
    query: Query,
    needs_display: bool,
}

impl<'a> Selection<'a> {
    /// Resolves the filter.
    ///
    /// # Errors
    /// 400 `invalidFilter`: it compares what members don't have.
    pub(super) fn new(directory: &'a Directory, filter: &Filter) -> Result<Self, Error> {
        let attributes = &group_type().schema.attributes;
        let members = attributes.iter().find(|attribute| attribute.name == "members");
        let members = members.ok_or_else(|| Error::invalid_filter("groups have no members"))?;
        let query = filter.resolve_within(members)?;
        let needs_display = query.needs("display");
        Ok(Self { directory, query, needs_display })
    }

    /// Whether it selects that member.
    pub(super) fn has_member(&self, member: &Member) -> bool {
        self.query.matches(&element(self.directory, member, self.needs_display))
    }

    /// Whether it selects a member of that name that isn't known yet.
    pub(super) fn has_pending(&self, name: &str) -> bool {
        let element = Map::from_iter([("value".to_owned(), Value::from(name))]);
        self.query.matches(&element)
    }
}
