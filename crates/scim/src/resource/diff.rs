//! What two versions of a resource differ in, by schema paths: never a literal of a filter, never a value in a path.

use serde_json::{Map, Value};

use super::{EXTERNAL_ID, ID, SCHEMAS};
use crate::schema::{Attribute, Kind, ResourceType};

/// What two versions of a resource differ in.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Diff {
    /// Schema paths, in schema order.
    pub changed: Vec<String>,
    /// The old values by path; null where there was none.
    pub previous: Map<String, Value>,
}

impl Diff {
    /// True if nothing changed.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty()
    }

    fn compare(&mut self, path: &str, old: Option<&Value>, new: Option<&Value>) {
        if old != new {
            self.changed.push(path.to_owned());
            self.previous.insert(path.to_owned(), old.cloned().unwrap_or_default());
        }
    }
}

/// The paths of what changed from `old` to `new`, both canonical: `userName`, `name.givenName` for a single complex
/// attribute, `emails` for a multi-valued one, `urn:…:User:department` for an extension. `id` and `schemas` follow from
/// others and are left out.
pub fn diff(old: &Map<String, Value>, new: &Map<String, Value>, of: &ResourceType) -> Diff {
    let mut diff = Diff::default();
    diff.compare(EXTERNAL_ID, old.get(EXTERNAL_ID), new.get(EXTERNAL_ID));
    for attribute in &of.schema.attributes {
        attributes(&mut diff, "", attribute, old, new);
    }
    for schema in of.extensions.iter().map(|extension| &extension.schema) {
        let (before, after) = (old.get(&schema.id), new.get(&schema.id));
        if before == after {
            continue;
        }
        let none = Map::new();
        let before = before.and_then(Value::as_object).unwrap_or(&none);
        let after = after.and_then(Value::as_object).unwrap_or(&none);
        let prefix = format!("{}:", schema.id);
        for attribute in &schema.attributes {
            attributes(&mut diff, &prefix, attribute, before, after);
        }
    }
    others(&mut diff, of, old, new);
    diff
}

fn attributes(
    diff: &mut Diff,
    prefix: &str,
    attribute: &Attribute,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
) {
    let name = attribute.name.as_str();
    let (old, new) = (old.get(name), new.get(name));
    if old == new {
        return;
    }
    if attribute.multi_valued || attribute.kind != Kind::Complex {
        diff.compare(&format!("{prefix}{name}"), old, new);
        return;
    }
    for sub in &attribute.sub_attributes {
        let before = old.and_then(|value| value.get(&sub.name));
        let after = new.and_then(|value| value.get(&sub.name));
        diff.compare(&format!("{prefix}{name}.{}", sub.name), before, after);
    }
}

/// Attributes that no schema names any more.
fn others(diff: &mut Diff, of: &ResourceType, old: &Map<String, Value>, new: &Map<String, Value>) {
    let is_known = |name: &str| {
        [SCHEMAS, ID, EXTERNAL_ID].contains(&name)
            || of.schema.attributes.iter().any(|attribute| attribute.name == name)
            || of.extensions.iter().any(|extension| extension.schema.id == name)
    };
    let added = new.keys().filter(|name| !old.contains_key(*name));
    for name in old.keys().chain(added).filter(|name| !is_known(name)) {
        diff.compare(name, old.get(name), new.get(name));
    }
}
