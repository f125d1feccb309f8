//! Discovery (RFC 7643 §5–7, RFC 7644 §4): the documents of `/Schemas`, `/ResourceTypes`, `/ServiceProviderConfig`.
//!
//! Written from the schemas that requests are read by, so what is advertised is what happens.

use serde_json::{Map, Value, json};

use crate::{
    limits::{BULK_BYTES_MAX, BULK_OPERATIONS_MAX, PAGE_DEFAULT, PAGE_MAX},
    schema::{
        Attribute, Kind, RESOURCE_TYPE_URN, ResourceType, SCHEMA_URN, SERVICE_PROVIDER_CONFIG_URN,
        Schema,
        read::{KINDS, MUTABILITIES, RETURNED, UNIQUENESSES},
    },
};

/// One of `/Schemas`; `base` is the tenant's base address without a slash at its end.
/// What is accepted and dropped (`password`) isn't advertised.
pub fn schema_document(schema: &Schema, base: &str) -> Value {
    json!({
        "schemas": [SCHEMA_URN],
        "id": schema.id,
        "name": schema.name,
        "description": schema.description,
        "attributes": documents(&schema.attributes),
        "meta": {
            "resourceType": "Schema",
            "location": format!("{base}/Schemas/{}", schema.id),
        },
    })
}

/// One of `/ResourceTypes`; `base` as in [`schema_document`].
pub fn resource_type_document(of: &ResourceType, base: &str) -> Value {
    let extensions: Vec<_> = of
        .extensions
        .iter()
        .map(|extension| json!({ "schema": extension.schema.id, "required": extension.required }))
        .collect();
    json!({
        "schemas": [RESOURCE_TYPE_URN],
        "id": of.name,
        "name": of.name,
        "endpoint": of.endpoint,
        "description": of.description,
        "schema": of.schema.id,
        "schemaExtensions": extensions,
        "meta": {
            "resourceType": "ResourceType",
            "location": format!("{base}/ResourceTypes/{}", of.name),
        },
    })
}

/// `/ServiceProviderConfig`; `base` as in [`schema_document`].
/// `cursor_timeout_s` is how long a cursor is good for.
pub fn service_provider_config(base: &str, cursor_timeout_s: u32) -> Value {
    json!({
        "schemas": [SERVICE_PROVIDER_CONFIG_URN],
        "patch": { "supported": true },
        "bulk": {
            "supported": true,
            "maxOperations": BULK_OPERATIONS_MAX,
            "maxPayloadSize": BULK_BYTES_MAX,
        },
        "filter": { "supported": true, "maxResults": PAGE_MAX },
        "changePassword": { "supported": false },
        "sort": { "supported": true },
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": PAGE_DEFAULT,
            "maxPageSize": PAGE_MAX,
            "cursorTimeout": cursor_timeout_s,
        },
        "etag": { "supported": true },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "A bearer token issued for the tenant, in the Authorization header",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    })
}

fn documents(attributes: &[Attribute]) -> Vec<Value> {
    attributes.iter().filter(|attribute| !attribute.is_dropped()).map(document).collect()
}

fn document(attribute: &Attribute) -> Value {
    let mut document = Map::new();
    let mut put = |key: &str, value: Value| {
        document.insert(key.to_owned(), value);
    };
    put("name", attribute.name.as_str().into());
    put("type", word(KINDS, attribute.kind));
    put("multiValued", attribute.multi_valued.into());
    put("description", attribute.description.as_str().into());
    put("required", attribute.required.into());
    put("caseExact", attribute.case_exact.into());
    put("mutability", word(MUTABILITIES, attribute.mutability));
    put("returned", word(RETURNED, attribute.returned));
    put("uniqueness", word(UNIQUENESSES, attribute.uniqueness));
    if !attribute.canonical_values.is_empty() {
        put("canonicalValues", attribute.canonical_values.clone().into());
    }
    if attribute.kind == Kind::Reference {
        put("referenceTypes", attribute.reference_types.clone().into());
    }
    if attribute.kind == Kind::Complex {
        put("subAttributes", documents(&attribute.sub_attributes).into());
    }
    Value::Object(document)
}

/// The word that the reader of schemas takes for `meant`.
fn word<T: PartialEq>(words: &[(&str, T)], meant: T) -> Value {
    words.iter().find(|(_, known)| *known == meant).map(|(word, _)| *word).into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{resource_type_document, schema_document, service_provider_config};
    use crate::schema::{ENTERPRISE_URN, GROUP_URN, Schema, USER_URN, group, schemas, user};

    const BASE: &str = "https://scim.example/t/acme/scim/v2";

    #[test]
    fn every_schema_document_reads_back_as_the_schema_it_was_written_from() {
        let ids: Vec<_> = schemas().map(|schema| schema.id.as_str()).collect();
        assert_eq!(ids, [USER_URN, ENTERPRISE_URN, GROUP_URN]);
        for schema in schemas() {
            let mut advertised = schema.clone();
            advertised.attributes.retain(|attribute| attribute.name != "password");
            let document = schema_document(schema, BASE);
            assert_eq!(Schema::read(&document), Ok(advertised));
            assert_eq!(document["meta"]["location"], format!("{BASE}/Schemas/{}", schema.id));
        }
    }

    #[test]
    fn rule_7_password_is_absent_from_the_schemas_and_no_document_holds_a_null() {
        for schema in schemas() {
            let text = schema_document(schema, BASE).to_string();
            assert!(!text.contains("password") && !text.contains("null"), "{text}");
        }
    }

    #[test]
    fn characteristics_are_spelt_out() {
        let document = schema_document(&user().schema, BASE);
        assert_eq!(
            document["attributes"][0],
            json!({ "name": "userName", "type": "string", "multiValued": false,
                "description": user().schema.attributes[0].description, "required": true,
                "caseExact": false, "mutability": "readWrite", "returned": "default",
                "uniqueness": "server" })
        );
        let find = |name: &str| -> Value {
            let attributes = document["attributes"].as_array().cloned().unwrap_or_default();
            attributes.into_iter().find(|one| one["name"] == name).unwrap_or_default()
        };
        assert_eq!(
            find("emails")["subAttributes"][2]["canonicalValues"],
            json!(["work", "home", "other"])
        );
        assert_eq!(find("groups")["subAttributes"][1]["referenceTypes"], json!(["Group"]));
    }

    #[test]
    fn resource_types_name_their_schemas() {
        let check = |document: Value, name: &str, endpoint: &str, extensions: Value| {
            assert_eq!(document["id"], name);
            assert_eq!(document["name"], name);
            assert_eq!(document["endpoint"], endpoint);
            assert_eq!(document["schemaExtensions"], extensions);
            assert_eq!(document["meta"]["location"], format!("{BASE}/ResourceTypes/{name}"));
        };
        let enterprise = json!([{ "schema": ENTERPRISE_URN, "required": false }]);
        check(resource_type_document(user(), BASE), "User", "/Users", enterprise);
        check(resource_type_document(group(), BASE), "Group", "/Groups", json!([]));
    }

    #[test]
    fn the_configuration_is_what_happens() {
        let config = service_provider_config(BASE, 3_600);
        let supported: Vec<_> = ["patch", "bulk", "filter", "changePassword", "sort", "etag"]
            .into_iter()
            .filter(|feature| config[feature]["supported"] == true)
            .collect();
        assert_eq!(supported, ["patch", "bulk", "filter", "sort", "etag"]);
        assert_eq!(config["filter"]["maxResults"], 1000);
        assert_eq!(config["authenticationSchemes"][0]["type"], "oauthbearertoken");
    }
}
