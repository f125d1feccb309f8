//! `/ServiceProviderConfig`, `/ResourceTypes`, `/Schemas`: what this gateway can do (RFC 7644 §4).
//! Parameters other than a filter are ignored there; a filter is refused.

use events::TenantId;
use scim::discovery::{resource_type_document, schema_document, service_provider_config};
use serde_json::Value;

use crate::answer::Answer;
use crate::error::Error;
use crate::exchange::Exchange;
use crate::list::CURSOR_TIMEOUT_S;
use crate::openapi::document;
use crate::render::{ListHead, write_json, write_list_head};
use crate::tenant::Caller;

/// GET `/ServiceProviderConfig`, and the bare base address. Needs no credential, so it says nothing about whether
/// the tenant that the address names exists.
pub(crate) fn config(exchange: &Exchange<'_>, addressed: Option<&str>) -> Result<Answer, Error> {
    check_tenant(addressed)?;
    one(exchange, service_provider_config(&exchange.base, CURSOR_TIMEOUT_S))
}

/// GET `/openapi.json`: for tools, and like the configuration for anybody.
pub(crate) fn openapi(exchange: &Exchange<'_>, addressed: Option<&str>) -> Result<Answer, Error> {
    check_tenant(addressed)?;
    Ok(Answer::ok(document(&exchange.base).into_bytes()))
}

/// What can't be a tenant's id is no address; whether a tenant exists isn't said.
fn check_tenant(addressed: Option<&str>) -> Result<(), Error> {
    let is_possible = addressed.is_none_or(|tenant| TenantId::parse(tenant).is_ok());
    if is_possible { Ok(()) } else { Err(Error::NoRoute) }
}

/// GET `/ResourceTypes`.
pub(crate) fn resource_type_list(
    exchange: &Exchange<'_>,
    caller: &Caller,
) -> Result<Answer, Error> {
    let types = caller.types().all();
    all(exchange, types.map(|of| resource_type_document(of, &exchange.base)).collect())
}

/// GET `/ResourceTypes/{name}`.
pub(crate) fn resource_type(exchange: &Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let name = exchange.parameter(0);
    let found = caller.types().all().find(|of| of.name == name);
    let of = found.ok_or_else(|| exchange.no_such("ResourceType"))?;
    one(exchange, resource_type_document(of, &exchange.base))
}

/// GET `/Schemas`.
pub(crate) fn schema_list(exchange: &Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let schemas = caller.types().schemas();
    all(exchange, schemas.map(|schema| schema_document(schema, &exchange.base)).collect())
}

/// GET `/Schemas/{urn}`.
pub(crate) fn schema(exchange: &Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let urn = exchange.parameter(0);
    let found = caller.types().schemas().find(|schema| schema.id.eq_ignore_ascii_case(&urn));
    let schema = found.ok_or_else(|| exchange.no_such("Schema"))?;
    one(exchange, schema_document(schema, &exchange.base))
}

fn one(exchange: &Exchange<'_>, document: Value) -> Result<Answer, Error> {
    check_query(exchange)?;
    Ok(Answer::ok(document.to_string().into_bytes()))
}

fn all(exchange: &Exchange<'_>, documents: Vec<Value>) -> Result<Answer, Error> {
    check_query(exchange)?;
    let mut body = Vec::new();
    write_list_head(&mut body, &ListHead::whole(documents.len()));
    for (index, document) in documents.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        write_json(&mut body, document);
    }
    body.extend_from_slice(b"]}");
    Ok(Answer::ok(body))
}

fn check_query(exchange: &Exchange<'_>) -> Result<(), Error> {
    if exchange.query().has("filter") { Err(Error::FilteredDiscovery) } else { Ok(()) }
}
