//! The order and shape of a resource that was changed in place: what `read` makes of a body, made again.
//! Changes no value; drops what says nothing.

use serde_json::{Map, Value};

use super::{EXTERNAL_ID, ID, SCHEMAS, elements, rank};
use crate::schema::{Attribute, ResourceType, Schema};

/// Puts a resource that was changed in place (PATCH) back into canonical form: keys in schema order, emptied complex
/// values and hollow elements gone, repeated elements gone, `schemas` as the extensions with data say. Nothing is refused.
pub fn arrange(resource: &mut Map<String, Value>, of: &ResourceType) {
    let mut schemas = vec![Value::from(of.schema.id.as_str())];
    let mut entries = Vec::with_capacity(resource.len());
    for (name, mut value) in std::mem::take(resource) {
        let (rank, what) = top(of, &name);
        match what {
            Top::Schemas => continue,
            Top::Other => {}
            Top::Attribute(attribute) => tidy(attribute, &mut value),
            Top::Extension(schema) => tidy_object(&schema.attributes, &mut value),
        }
        if !is_unassigned(&value) {
            entries.push((rank, name, value));
        }
    }
    entries.sort_by_key(|(rank, _, _)| *rank);
    resource.insert(SCHEMAS.to_owned(), Value::Null); // keeps its place for what is listed below
    for (_, name, value) in entries {
        if of.extension(&name).is_some() {
            schemas.push(name.as_str().into());
        }
        resource.insert(name, value);
    }
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
enum Top<'a> {
    Schemas,
    Attribute(&'a Attribute),
    Extension(&'a Schema),
    /// `id`, `externalId`, and what no schema names.
    Other,
}

/// The place of a key in the order, and what it is.
fn top<'a>(of: &'a ResourceType, name: &str) -> (usize, Top<'a>) {
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
    match value {
        Value::Array(elements) => {
            for element in elements.iter_mut() {
                tidy_object(&attribute.sub_attributes, element);
            }
            elements.retain(|element| {
                !is_unassigned(element) && !elements::is_hollow(attribute, element)
            });
            elements::unique(attribute, elements);
        }
        other => tidy_object(&attribute.sub_attributes, other),
    }
}

fn tidy_object(attributes: &[Attribute], value: &mut Value) {
    let Value::Object(object) = value else { return };
    let mut entries = Vec::with_capacity(object.len());
    for (name, mut value) in std::mem::take(object) {
        let rank = rank(attributes, &name);
        if let Some(attribute) = rank.and_then(|rank| attributes.get(rank)) {
            tidy(attribute, &mut value);
        }
        if !is_unassigned(&value) {
            entries.push((rank.unwrap_or(usize::MAX), name, value));
        }
    }
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
