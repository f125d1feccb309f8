//! Values that no other resource of the tenant may have (RFC 7643 §7, `uniqueness`).

use serde_json::{Map, Value};

use crate::key::folded;
use crate::schema::{Attribute, ResourceType, Schema, Uniqueness};

/// Attributes whose uniqueness has an index and rules of its own.
const BUILT_IN: [&str; 2] = ["userName", "id"];

/// Each unique value of a resource as one text: the attribute's path, `=`, and the value as it is compared.
pub fn unique_keys(resource: &Map<String, Value>, of: &ResourceType) -> Vec<String> {
    let core = keys(resource, &of.schema.attributes, "");
    let extensions = of.extensions.iter().flat_map(|extension| {
        let Schema { id, attributes, .. } = &extension.schema;
        let values = resource.get(id).and_then(Value::as_object);
        values.into_iter().flat_map(move |values| keys(values, attributes, id))
    });
    core.chain(extensions).collect()
}

fn keys<'a>(
    values: &'a Map<String, Value>,
    attributes: &'a [Attribute],
    urn: &'a str,
) -> impl Iterator<Item = String> + 'a {
    let is_unique = |it: &&Attribute| {
        it.uniqueness != Uniqueness::None && !BUILT_IN.contains(&it.name.as_str())
    };
    attributes.iter().filter(is_unique).filter_map(move |attribute| {
        let value = match values.get(&attribute.name)? {
            Value::String(text) if attribute.case_exact => text.clone(),
            Value::String(text) => folded(text),
            other @ (Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_)) => other.to_string(),
        };
        let separator = if urn.is_empty() { "" } else { ":" };
        Some(format!("{urn}{separator}{}={value}", attribute.name))
    })
}
