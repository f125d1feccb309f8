//! The JSON Schema (draft 2020-12) of resources: the shapes of RFC 7643, made from the schemas that requests are read by.
//! What lenient profiles take besides isn't in there.

use serde_json::{Map, Value, json};

use crate::schema::{Attribute, Kind, ResourceType, common};

/// Of the body of a POST or PUT: what the server owns is left out, and required is what a resource can't be without.
pub fn of_body(of: &ResourceType) -> Value {
    let attributes = || of.schema.attributes.iter().filter(|attribute| !attribute.is_ignored());
    let mut properties = properties(attributes(), &|attribute| !attribute.is_ignored());
    properties.insert("schemas".to_owned(), urns());
    properties.insert("externalId".to_owned(), json!({ "type": "string" }));
    for schema in of.extensions.iter().map(|extension| &extension.schema) {
        let own = self::properties(schema.attributes.iter(), &|attribute| !attribute.is_ignored());
        properties.insert(schema.id.clone(), json!({ "type": "object", "properties": own }));
    }
    let required = attributes().filter(|attribute| attribute.required);
    let required = required.map(|attribute| attribute.name.as_str());
    let required: Vec<&str> = std::iter::once("schemas").chain(required).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

/// Of a resource as it is answered: `schemas` and `id` are always there, the others as far as they are assigned and asked for.
pub fn of_answer(of: &ResourceType) -> Value {
    let is_shown = |attribute: &Attribute| !attribute.is_dropped();
    let attributes = common().iter().chain(&of.schema.attributes);
    let mut properties = properties(attributes, &is_shown);
    properties.insert("schemas".to_owned(), urns());
    for schema in of.extensions.iter().map(|extension| &extension.schema) {
        let own = self::properties(schema.attributes.iter(), &is_shown);
        properties.insert(schema.id.clone(), json!({ "type": "object", "properties": own }));
    }
    json!({ "type": "object", "required": ["schemas", "id"], "properties": properties })
}

fn urns() -> Value {
    json!({ "type": "array", "items": { "type": "string" } })
}

fn properties<'a>(
    attributes: impl Iterator<Item = &'a Attribute>,
    is_wanted: &dyn Fn(&Attribute) -> bool,
) -> Map<String, Value> {
    let wanted = attributes.filter(|attribute| is_wanted(attribute));
    wanted.map(|attribute| (attribute.name.clone(), values(attribute, is_wanted))).collect()
}

fn values(attribute: &Attribute, is_wanted: &dyn Fn(&Attribute) -> bool) -> Value {
    let mut one = match attribute.kind {
        Kind::String | Kind::Reference | Kind::Binary => json!({ "type": "string" }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Integer => json!({ "type": "integer" }),
        Kind::Decimal => json!({ "type": "number" }),
        Kind::DateTime => json!({ "type": "string", "format": "date-time" }),
        Kind::Complex => json!({
            "type": "object",
            "properties": properties(attribute.sub_attributes.iter(), is_wanted),
        }),
    };
    if attribute.multi_valued {
        one = json!({ "type": "array", "items": one });
    }
    if let Some(one) = one.as_object_mut() {
        if attribute.required && attribute.kind == Kind::String {
            one.insert("pattern".to_owned(), r"\S".into()); // not blank
        }
        if !attribute.description.is_empty() {
            one.insert("description".to_owned(), attribute.description.as_str().into());
        }
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;

    #[test]
    fn bodies_and_answers_have_the_shapes_of_their_schemas() {
        let check = |document: &Value, pointer: &str, expected: Value| {
            let mut found = document.pointer(pointer).cloned().unwrap_or_default();
            if let Some(found) = found.as_object_mut() {
                found.remove("description");
            }
            assert_eq!(found, expected, "{pointer}");
        };
        let (body, answer) = (of_body(schema::user()), of_answer(schema::user()));
        check(&body, "/required", json!(["schemas", "userName", "active"]));
        check(&answer, "/required", json!(["schemas", "id"]));
        for document in [&body, &answer] {
            check(document, "/properties/active", json!({ "type": "boolean" }));
            check(document, "/properties/emails/type", json!("array"));
            let primary = "/properties/emails/items/properties/primary";
            check(document, primary, json!({ "type": "boolean" }));
            let urn = schema::ENTERPRISE_URN;
            let number = format!("/properties/{urn}/properties/employeeNumber");
            check(document, &number, json!({ "type": "string" }));
            check(document, "/properties/password", Value::Null);
        }
        check(&body, "/properties/userName", json!({ "type": "string", "pattern": r"\S" }));
        check(&body, "/properties/groups", Value::Null);
        check(&body, "/properties/meta", Value::Null);
        check(&answer, "/properties/groups/type", json!("array"));
        check(
            &answer,
            "/properties/meta/properties/created",
            json!({ "type": "string", "format": "date-time" }),
        );
        let manager =
            format!("/properties/{}/properties/manager/properties", schema::ENTERPRISE_URN);
        let displayed = json!({ "type": "string" });
        check(&body, &format!("{manager}/displayName"), Value::Null);
        check(&answer, &format!("{manager}/displayName"), displayed.clone());
        let (body, answer) = (of_body(schema::group()), of_answer(schema::group()));
        check(&body, "/required", json!(["schemas", "displayName"]));
        let display = "/properties/members/items/properties/display";
        check(&body, display, Value::Null);
        check(&answer, display, displayed);
    }
}
