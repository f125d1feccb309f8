//! Discovery documents (RFC 7644 §4).

use serde_json::Value;

use crate::schema::{ResourceType, Schema};

/// One of `/Schemas`.
pub fn schema_document(schema: &Schema, base: &str) -> Value {
    let _ = (schema, base);
    todo!()
}

/// One of `/ResourceTypes`.
pub fn resource_type_document(of: &ResourceType, base: &str) -> Value {
    let _ = (of, base);
    todo!()
}

/// `/ServiceProviderConfig`.
pub fn service_provider_config(base: &str) -> Value {
    let _ = base;
    todo!()
}
