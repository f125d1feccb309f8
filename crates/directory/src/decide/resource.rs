//! What users and groups have in common: the difference between two stored forms of a resource.

use bytes::Bytes;
use scim::resource::Stored;
use scim::{Error, ResourceType};
use serde_json::{Map, Value};

/// What an update event carries besides the state.
pub(super) struct Change {
    /// Schema paths.
    pub(super) changed: Vec<String>,
    /// JSON of the old values by path.
    pub(super) previous: Bytes,
}

/// The difference between two stored forms; `None` when there is none.
pub(super) fn change(
    old: &Stored<'_>,
    new: &[u8],
    of: &ResourceType,
) -> Result<Option<Change>, Error> {
    if old.as_bytes() == new {
        return Ok(None);
    }
    let diff = scim::resource::diff(old, &old.beside(new)?, of);
    if diff.is_empty() {
        return Ok(None);
    }
    let previous = Value::Object(diff.previous).to_string();
    Ok(Some(Change { changed: diff.changed, previous: previous.into() }))
}

/// The path in a unique key, which is the attribute's path, `=`, and the value.
pub(super) fn attribute_of(unique_key: &str) -> String {
    unique_key.split_once('=').map_or(unique_key, |(path, _)| path).to_owned()
}

/// The text of an attribute at the top.
pub(super) fn text<'a>(resource: &'a Map<String, Value>, attribute: &str) -> Option<&'a str> {
    resource.get(attribute)?.as_str()
}
