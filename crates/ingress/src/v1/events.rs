//! `/v1/tenants/{tenant}/events`: the tenant's history from a `seq` on, as design §5's feed page.

use actix_web::http::StatusCode;
use events::{Seq, json::render};
use serde_json::{Value, json};
use store::log::Limit;

use super::key::Key;
use super::page::Page;
use crate::answer::Answer;
use crate::error::Error;
use crate::exchange::Exchange;

/// Envelope bytes of a page; a page has at least one event.
const PAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// GET `/v1/tenants/{tenant}/events`: durable events only. `next` is the `after` of the next page, at the end too.
pub(crate) async fn list(exchange: &mut Exchange<'_>, by: &Key) -> Result<Answer, Error> {
    let tenant = by.tenant(exchange).await?;
    let page = Page::<u64>::of(exchange)?;
    let after = Seq(page.after.unwrap_or(0));
    let limit = Limit { events: page.limit, bytes: PAGE_BYTES_MAX };
    let found = exchange.state.tenancy.events(&tenant, after, limit).await?;
    let next = found.last().map_or(after, |envelope| envelope.seq);
    let log = &exchange.state.log;
    let events: Vec<Value> = found.iter().map(render).collect();
    Answer::json(
        StatusCode::OK,
        &json!({
            "events": events,
            "next": next.0,
            "head": log.head(tenant.id()).0,
            "log": log.id().to_string(),
            "incarnation": log.incarnation(),
        }),
    )
}
