//! The order and shape of a resource that was changed in place: what `read` makes of a body, made again.
//! Changes no value; drops what says nothing.

use serde_json::{Map, Value};

use super::{EXTERNAL_ID, ID, SCHEMAS, elements, rank};
use crate::schema::{Attribute, ResourceType, Schema};

/// Puts a resource that was changed in place (PATCH) back into canonical form.
///
/// Keys in schema order, emptied complex values and hollow elements gone, repeated elements gone, `schemas` as the extensions with data say. Nothing is refused.
pub fn arrange(resource: &mut Map<String, Value>, of: &ResourceType) {
    for (name, value) in resource.iter_mut() {
        match top(of, name).1 {
            Top::Schemas | Top::Other => {}
            Top::Attribute(attribute) => tidy(attribute, value),
            Top::Extension(schema) => tidy_object(&schema.attributes, value),
        }
    }
    resource.entry(SCHEMAS).or_insert(Value::Bool(true)); // assigned, so that it keeps its place
    order(resource, |name| top(of, name).0);
    let extensions = of.extensions.iter().map(|extension| &extension.schema.id);
    let with_data = extensions.filter(|urn| resource.contains_key(urn.as_str()));
    let schemas = std::iter::once(&of.schema.id).chain(with_data);
    let schemas = schemas.map(|urn| Value::from(urn.as_str())).collect();
    resource.insert(SCHEMAS.to_owned(), Value::Array(schemas));
}

/// Sets an attribute at its place in the order. `resource` is in order.
pub(super) fn place(
    resource: &mut Map<String, Value>,
    of: &ResourceType,
    name: String,
    value: Value,
) {
    let (rank, _) = top(of, &name);
    let index = resource.keys().take_while(|known| top(of, known).0 < rank).count();
    resource.shift_insert(index, name, value);
}

/// What a key of a resource is.
pub(super) enum Top<'a> {
    Schemas,
    Attribute(&'a Attribute),
    Extension(&'a Schema),
    /// `id`, `externalId`, and what no schema names.
    Other,
}

/// The place of a key in the order, and what it is.
pub(super) fn top<'a>(of: &'a ResourceType, name: &str) -> (usize, Top<'a>) {
    let attributes = &of.schema.attributes;
    match name {
        SCHEMAS => return (0, Top::Schemas),
        ID => return (1, Top::Other),
        EXTERNAL_ID => return (2, Top::Other),
        _ => {}
    }
    let attribute = rank(attributes, name).and_then(|rank| Some((rank, attributes.get(rank)?)));
    if let Some((rank, attribute)) = attribute {
        return (3 + rank, Top::Attribute(attribute));
    }
    let extension = of.extensions.iter().enumerate().find(|(_, one)| one.schema.id == name);
    match extension {
        Some((rank, extension)) => (3 + attributes.len() + rank, Top::Extension(&extension.schema)),
        None => (usize::MAX, Top::Other),
    }
}

fn tidy(attribute: &Attribute, value: &mut Value) {
    let Value::Array(elements) = value else {
        tidy_object(&attribute.sub_attributes, value);
        return;
    };
    for element in elements.iter_mut() {
        tidy_object(&attribute.sub_attributes, element);
    }
    elements.retain(|element| !is_unassigned(element) && !elements::is_hollow(attribute, element));
    elements::unique(attribute, elements);
}

fn tidy_object(attributes: &[Attribute], value: &mut Value) {
    let Value::Object(object) = value else { return };
    for (name, value) in object.iter_mut() {
        // Simple values have nothing to tidy, whatever their attribute.
        if (value.is_array() || value.is_object())
            && let Some(attribute) = rank(attributes, name).and_then(|rank| attributes.get(rank))
        {
            tidy(attribute, value);
        }
    }
    order(object, |name| rank(attributes, name).unwrap_or(usize::MAX));
}

/// Drops unassigned values and sorts the others by rank; touches nothing where nothing is to be done.
fn order(object: &mut Map<String, Value>, rank_of: impl Fn(&str) -> usize) {
    let is_done = object.values().all(|value| !is_unassigned(value))
        && object.keys().is_sorted_by_key(|name| rank_of(name));
    if is_done {
        return;
    }
    let mut entries: Vec<(usize, String, Value)> = std::mem::take(object)
        .into_iter()
        .filter(|(_, value)| !is_unassigned(value))
        .map(|(name, value)| (rank_of(&name), name, value))
        .collect();
    entries.sort_by_key(|(rank, _, _)| *rank);
    object.extend(entries.into_iter().map(|(_, name, value)| (name, value)));
}

/// `null`, `[]`, `{}`.
fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
