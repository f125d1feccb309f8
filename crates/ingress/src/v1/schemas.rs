//! `/v1/tenants/{tenant}/schemas`: attributes that a tenant's users and groups have beyond those of RFC 7643.

use actix_web::http::StatusCode;
use directory::{Directory, ScanFrom};
use events::{Endpoint, TenantSchema};
use scim::{Attribute, Filter};
use serde_json::{Value, json};
use tenancy::{Fact, PlatformCommand, SchemaRecord, Tenant};

use super::BODY_BYTES_MAX;
use super::key::{Key, Owner};
use crate::answer::Answer;
use crate::error::Error;
use crate::exchange::Exchange;

/// Resources looked at under one lock, at most.
const SLICE_ROWS: usize = 256;
/// Attributes asked for at once: a filter has 128 nodes at most.
const FILTER_ATTRIBUTES_MAX: usize = 40;

/// GET `/v1/tenants/{tenant}/schemas`.
pub(crate) async fn list(exchange: &mut Exchange<'_>, by: &Key) -> Result<Answer, Error> {
    let tenant = by.tenant(exchange).await?;
    let schemas: Vec<Value> = tenant.schemas().records().iter().map(shown).collect();
    Answer::json(StatusCode::OK, &json!({ "schemas": schemas }))
}

/// GET `/v1/tenants/{tenant}/schemas/{urn}`.
pub(crate) async fn show(exchange: &mut Exchange<'_>, by: &Key) -> Result<Answer, Error> {
    let tenant = by.tenant(exchange).await?;
    let record = tenant.schemas().find(&exchange.parameter(1));
    Answer::json(StatusCode::OK, &shown(record.ok_or_else(|| absent(exchange))?))
}

/// PUT `/v1/tenants/{tenant}/schemas/{urn}?extends=User&required=false`, with a schema as RFC 7643 §7 writes it.
///
/// Or `?defines=Role&endpoint=/Roles&description=…`: there is such a resource type by it.
pub(crate) async fn put(exchange: &mut Exchange<'_>, by: Owner<'_>) -> Result<Answer, Error> {
    let tenant = by.tenant(exchange).await?;
    let invalid = |detail: &str| Error::Invalid { detail: detail.to_owned() };
    let query = exchange.query();
    let extends = query.text("extends")?.map_or_else(|| "User".to_owned(), |it| it.into_owned());
    let required = match query.text("required")?.as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(invalid("required: must be true or false")),
    };
    let description = query.text("description")?.map_or_else(String::new, |it| it.into_owned());
    let path = query.text("endpoint")?.map(|it| it.into_owned());
    let defines = path.map(|path| Endpoint { path, description });
    let extends = match (query.text("defines")?, &defines) {
        (Some(name), Some(_)) => name.into_owned(),
        (None, None) => extends,
        _ => return Err(invalid("defines and endpoint go together")),
    };
    let document = exchange.body(BODY_BYTES_MAX, Ok).await?;
    let urn = exchange.parameter(1).into_owned();
    if document.get("id").and_then(Value::as_str) != Some(&urn) {
        return Err(invalid("id: must be the URN that the address names"));
    }
    let document = document.to_string().into_bytes().into();
    let schema = TenantSchema { extends, required, defines, document };
    let command = PlatformCommand::PutSchema { tenant: tenant.id().clone(), schema };
    by.administer(exchange, command).await?;
    let tenant = by.tenant(exchange).await?;
    let record = tenant.schemas().find(&urn).ok_or_else(|| absent(exchange))?;
    Answer::json(StatusCode::OK, &shown(record))
}

/// DELETE `/v1/tenants/{tenant}/schemas/{urn}`: 409 while users or groups have values under it.
pub(crate) async fn remove(exchange: &mut Exchange<'_>, by: Owner<'_>) -> Result<Answer, Error> {
    let tenant = by.tenant(exchange).await?;
    let urn = exchange.parameter(1).into_owned();
    let record = tenant.schemas().find(&urn).ok_or_else(|| absent(exchange))?;
    if let Some(holder) = holder(exchange, &tenant, record).await? {
        let detail = format!("{holder} has values under it: remove them first");
        return Err(Error::Taken { detail });
    }
    let command = PlatformCommand::DeleteSchema { tenant: tenant.id().clone(), urn };
    by.administer(exchange, command).await?;
    Ok(Answer::done())
}

/// One that has values under the schema; looked for in slices, so that nobody waits for the tenant's lock.
async fn holder(
    exchange: &Exchange<'_>,
    tenant: &Tenant,
    record: &SchemaRecord,
) -> Result<Option<String>, Error> {
    let (schema, name) = (&record.added.schema, &record.schema.extends);
    if record.schema.defines.is_some() {
        let any = |directory: &Directory| {
            let all = directory.customs_behind(name, ScanFrom::default(), 1);
            (all.first().map(|it| format!("{name} {}", it.id)), Fact::Head)
        };
        return Ok(exchange.state.tenancy.read(tenant, any).await?);
    }
    let stored: Vec<&Attribute> =
        schema.attributes.iter().filter(|attribute| !attribute.is_ignored()).collect();
    for attributes in stored.chunks(FILTER_ATTRIBUTES_MAX) {
        let present = attributes.iter().map(|it| format!("{}:{} pr", schema.id, it.name));
        let filter = Filter::parse(&present.collect::<Vec<_>>().join(" or "))?;
        let types = tenant.schemas().types();
        let found = match record.schema.extends.as_str() {
            "Group" => {
                let query = filter.resolve(types.group())?;
                first(exchange, tenant, |directory, from| {
                    let scanned = directory.scan_groups(&query, from, SLICE_ROWS);
                    (scanned.found.first().map(|it| format!("group {}", it.id)), scanned.next)
                })
                .await?
            }
            "User" => {
                let query = filter.resolve(types.user())?;
                first(exchange, tenant, |directory, from| {
                    let scanned = directory.scan_users(&query, from, SLICE_ROWS);
                    (scanned.found.first().map(|it| format!("user {}", it.id)), scanned.next)
                })
                .await?
            }
            name => {
                let Some(of) = types.named(name) else { continue };
                let query = filter.resolve(of)?;
                first(exchange, tenant, |directory, from| {
                    let scanned = directory.scan_customs(name, &query, (from, SLICE_ROWS));
                    (scanned.found.first().map(|it| format!("{name} {}", it.id)), scanned.next)
                })
                .await?
            }
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

async fn first(
    exchange: &Exchange<'_>,
    tenant: &Tenant,
    scan: impl Fn(&Directory, ScanFrom) -> (Option<String>, Option<ScanFrom>),
) -> Result<Option<String>, Error> {
    let mut from = Some(ScanFrom::default());
    while let Some(at) = from {
        let slice = |directory: &Directory| (scan(directory, at), Fact::Head);
        let (found, next) = exchange.state.tenancy.read(tenant, slice).await?;
        if found.is_some() {
            return Ok(found);
        }
        from = next;
    }
    Ok(None)
}

fn absent(exchange: &Exchange<'_>) -> Error {
    Error::NoSuch { kind: "schema", id: exchange.parameter(1).into_owned() }
}

fn shown(record: &SchemaRecord) -> Value {
    let document: Value = serde_json::from_slice(&record.schema.document).unwrap_or_default();
    json!({
        "urn": record.urn,
        "extends": record.schema.extends,
        "required": record.schema.required,
        "endpoint": record.schema.defines.as_ref().map(|it| &it.path),
        "version": record.version.0,
        "modified_at": record.modified_at.to_string(),
        "schema": document,
    })
}
