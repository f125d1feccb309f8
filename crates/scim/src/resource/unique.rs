//! Values that no other resource of the tenant may have (RFC 7643 §7, `uniqueness`).

use serde_json::{Map, Value};

use crate::key::folded;
use crate::schema::{Attribute, ResourceType, Schema, USER_URN, Uniqueness};

/// Each unique value of a resource as one text: the attribute's path, `=`, and the value as it is compared.
pub fn unique_keys(resource: &Map<String, Value>, of: &ResourceType) -> Vec<String> {
    // The userName of users has an index and rules of its own.
    let is_users = of.schema.id == USER_URN;
    let core = of.schema.attributes.iter().filter(|it| !is_users || it.name != "userName");
    let core = keys(resource, core, "");
    let extensions = of.extensions.iter().flat_map(|extension| {
        let Schema { id, attributes, .. } = &extension.schema;
        let values = resource.get(id).and_then(Value::as_object);
        values.into_iter().flat_map(move |values| keys(values, attributes.iter(), id))
    });
    core.chain(extensions).collect()
}

fn keys<'a>(
    values: &'a Map<String, Value>,
    attributes: impl Iterator<Item = &'a Attribute> + 'a,
    urn: &'a str,
) -> impl Iterator<Item = String> + 'a {
    let is_unique = |it: &&Attribute| it.uniqueness != Uniqueness::None;
    attributes.filter(is_unique).filter_map(move |attribute| {
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
