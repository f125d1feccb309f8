//! What two versions of a resource differ in, by schema paths: never a literal of a filter, never a value in a path.
//! What has equal bytes isn't looked into.

use serde_json::{Map, Value};

use super::{
    ID, Stored,
    arrange::{Top, top},
    rank,
};
use crate::schema::{Attribute, Kind, ResourceType, Schema};

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

    fn add(&mut self, path: String, old: Option<&Value>) {
        self.previous.insert(path.clone(), old.cloned().unwrap_or_default());
        self.changed.push(path);
    }
}

/// The paths of what changed from `old` to `new`, both as stored.
///
/// `userName`, `name.givenName` for a single complex attribute, `emails` for a multi-valued one, `urn:…:User:department` for
/// an extension. `id` and `schemas` follow from others and are left out.
pub fn diff(old: &Stored<'_>, new: &Stored<'_>, of: &ResourceType) -> Diff {
    let mut diff = Diff::default();
    for (_, name) in differing(old, new, of) {
        let (before, after) = (old.value(name), new.value(name));
        if let (Some(before), Some(after)) = (&before, &after)
            && is_same(before, after)
        {
            continue;
        }
        let pair = Pair { name, old: before.as_ref(), new: after.as_ref() };
        match top(of, name).1 {
            Top::Schemas => {}
            Top::Other if name == ID => {}
            Top::Other => diff.add(name.to_owned(), pair.old),
            Top::Attribute(attribute) => attribute_changes(&mut diff, "", attribute, &pair),
            Top::Extension(schema) => extension_changes(&mut diff, schema, &pair),
        }
    }
    diff
}

/// The attributes whose bytes differ, by rank.
fn differing<'a>(
    old: &'a Stored<'_>,
    new: &'a Stored<'_>,
    of: &ResourceType,
) -> Vec<(usize, &'a str)> {
    let gone = old.names().filter(|name| new.bytes(name).is_none());
    let others = new.names().filter(|name| old.bytes(name) != new.bytes(name));
    let mut differing: Vec<_> = gone.chain(others).map(|name| (top(of, name).0, name)).collect();
    differing.sort_by_key(|(rank, _)| *rank);
    differing
}

fn extension_changes(diff: &mut Diff, schema: &Schema, pair: &Pair<'_>) {
    let none = Map::new();
    let old = pair.old.and_then(Value::as_object).unwrap_or(&none);
    let new = pair.new.and_then(Value::as_object).unwrap_or(&none);
    let prefix = format!("{}:", schema.id);
    let attributes = &schema.attributes;
    let rank_of = |name: &str| rank(attributes, name).unwrap_or(usize::MAX);
    for pair in changed(old, new, rank_of) {
        match rank(attributes, pair.name).and_then(|rank| attributes.get(rank)) {
            Some(attribute) => attribute_changes(diff, &prefix, attribute, &pair),
            None => diff.add(format!("{prefix}{}", pair.name), pair.old),
        }
    }
}

fn attribute_changes(diff: &mut Diff, prefix: &str, attribute: &Attribute, pair: &Pair<'_>) {
    let name = attribute.name.as_str();
    if attribute.multi_valued || attribute.kind != Kind::Complex {
        diff.add(format!("{prefix}{name}"), pair.old);
        return;
    }
    for sub in &attribute.sub_attributes {
        let old = pair.old.and_then(|value| value.get(&sub.name));
        let new = pair.new.and_then(|value| value.get(&sub.name));
        if old != new {
            diff.add(format!("{prefix}{name}.{}", sub.name), old);
        }
    }
}

/// A key of two objects and its values.
struct Pair<'a> {
    name: &'a str,
    old: Option<&'a Value>,
    new: Option<&'a Value>,
}

/// The keys whose values differ, by rank.
fn changed<'a>(
    old: &'a Map<String, Value>,
    new: &'a Map<String, Value>,
    rank_of: impl Fn(&str) -> usize,
) -> Vec<Pair<'a>> {
    if have_same_keys(old, new) {
        let both = old.iter().zip(new.values());
        return both
            .filter(|((_, old), new)| !is_same(old, new))
            .map(|((name, old), new)| Pair { name, old: Some(old), new: Some(new) })
            .collect();
    }
    let kept = old.iter().map(|(name, old)| Pair { name, old: Some(old), new: new.get(name) });
    let added = new.iter().filter(|(name, _)| !old.contains_key(*name)).map(|(name, new)| Pair {
        name,
        old: None,
        new: Some(new),
    });
    let mut changed: Vec<_> = kept
        .filter(|pair| pair.new.is_none_or(|new| pair.old.is_none_or(|old| !is_same(old, new))))
        .chain(added)
        .collect();
    changed.sort_by_key(|pair| rank_of(pair.name));
    changed
}

fn have_same_keys(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    one.len() == other.len() && one.keys().zip(other.keys()).all(|(one, other)| one == other)
}

/// Equality, quick where objects have their keys in the same order.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) if have_same_keys(one, other) => {
            one.values().zip(other.values()).all(|(one, other)| is_same(one, other))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (one, other) => one == other,
    }
}
