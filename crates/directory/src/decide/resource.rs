//! What users and groups have in common: stored bytes, and the difference between two forms of a resource.

use bytes::Bytes;
use scim::{Error, ResourceType};
use serde_json::{Map, Value};

/// What an update event carries besides the state.
pub(super) struct Change {
    /// Schema paths.
    pub(super) changed: Vec<String>,
    /// JSON of the old values by path.
    pub(super) previous: Bytes,
}

/// A stored resource, parsed.
///
/// # Errors
/// 500: what is stored is canonical JSON, so this is a fault of ours.
pub(super) fn parse(stored: &[u8]) -> Result<Map<String, Value>, Error> {
    serde_json::from_slice(stored)
        .map_err(|_| Error::new(500, None, "the stored resource can't be read"))
}

/// The difference; `None` when there is none.
pub(super) fn change(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    of: &ResourceType,
) -> Option<Change> {
    if old == new {
        return None;
    }
    let diff = scim::resource::diff(old, new, of);
    if diff.is_empty() {
        return None;
    }
    let previous = Value::Object(diff.previous).to_string();
    Some(Change { changed: diff.changed, previous: previous.into() })
}

/// The text of an attribute at the top.
pub(super) fn text<'a>(resource: &'a Map<String, Value>, attribute: &str) -> Option<&'a str> {
    resource.get(attribute)?.as_str()
}
