//! What users and groups have in common: the difference between two stored forms of a resource.

use bytes::Bytes;
use scim::resource::Stored;
use scim::{Error, ResourceType};
use serde_json::{Map, Value};

use crate::store::slots::{Slot, Slots};

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

/// The first of a resource's unique values that another one has: the attribute's path, and the other. Each key is a path, `=`, and a value;
/// `find` gives the slots that have it.
pub(super) fn taken<'s, T>(
    unique_keys: &[String],
    but: Option<Slot>,
    slots: &'s Slots<T>,
    find: impl Fn(&str) -> &'s [Slot],
) -> Option<(String, &'s T)> {
    unique_keys.iter().find_map(|key| {
        let other = find(key).iter().find(|slot| Some(**slot) != but)?;
        let attribute = key.split_once('=').map_or(key.as_str(), |(path, _)| path);
        Some((attribute.to_owned(), slots.get(*other)?))
    })
}

/// The text of an attribute at the top.
pub(super) fn text<'a>(resource: &'a Map<String, Value>, attribute: &str) -> Option<&'a str> {
    resource.get(attribute)?.as_str()
}
