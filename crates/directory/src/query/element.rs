//! One element of `members` as filters look at it.

use events::{Member, MemberKind};
use serde_json::{Map, Value};

use crate::Directory;

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
