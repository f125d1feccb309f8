//! `/v1`: the platform's API. Every request shows a platform key; what changes something needs one of role owner.

mod events;
mod key;
mod log;
mod page;
mod people;
pub(crate) mod problem;
mod relay;
mod schemas;
mod teams;
mod tenants;
mod tokens;

use crate::answer::Answer;
use crate::error::Error;
use crate::exchange::Exchange;
use crate::routes::Platform;

/// A body of `/v1`, at most.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Answers a request of `/v1`.
#[expect(clippy::cognitive_complexity, reason = "a table: one line for each endpoint")]
pub(crate) async fn answer(
    exchange: &mut Exchange<'_>,
    endpoint: Platform,
) -> Result<Answer, Error> {
    let key = key::admit(exchange).await?;
    match endpoint {
        Platform::TenantList => tenants::list(exchange, &key).await,
        Platform::TenantCreate => tenants::create(exchange, key.owner()?).await,
        Platform::TenantShow => tenants::show(exchange, &key).await,
        Platform::TenantChange => tenants::change(exchange, key.owner()?).await,
        Platform::TenantRemove => tenants::remove(exchange, key.owner()?).await,
        Platform::TokenList => tokens::list(exchange, &key).await,
        Platform::TokenIssue => tokens::issue(exchange, key.owner()?).await,
        Platform::TokenRevoke => tokens::revoke(exchange, key.owner()?).await,
        Platform::SchemaList => schemas::list(exchange, &key).await,
        Platform::SchemaShow => schemas::show(exchange, &key).await,
        Platform::SchemaPut => schemas::put(exchange, key.owner()?).await,
        Platform::SchemaRemove => schemas::remove(exchange, key.owner()?).await,
        Platform::EventList => events::list(exchange, &key).await,
        Platform::PersonList => people::list(exchange, &key).await,
        Platform::TeamList => teams::list(exchange, &key).await,
        Platform::LogShow => log::show(exchange, &key),
        Platform::SegmentShow => log::segment(exchange, &key).await,
        Platform::SegmentVerify => log::verify_segment(exchange, &key).await,
        Platform::UnsealedShow => log::unsealed(exchange, &key).await,
        Platform::ViewsVerify => log::verify_views(exchange, &key).await,
        Platform::RelayShow => relay::show(exchange, &key),
        Platform::RelayResume => relay::resume(exchange, key.owner()?),
        Platform::RelayRepublish => relay::republish(exchange, key.owner()?).await,
    }
}
