//! Resources of the types that a tenant defines: one function for each verb, the same as in `users.rs`. An address where the tenant has
//! no type is none.

use std::sync::Arc;

use actix_web::http::StatusCode;
use directory::{Command, CustomChange, CustomView, Directory};
use events::{PatchAnswer, ResourceId};
use scim::{Draft, Patch, Projection, ResourceType, resource};
use tenancy::Fact;
use uuid::Uuid;

use crate::answer::{Answer, Body};
use crate::error::Error;
use crate::exchange::Exchange;
use crate::list::Kind;
use crate::tenant::Caller;
use crate::{precondition, render, search};

const KIND: &str = "resource";

/// GET `/{endpoint}`.
pub(crate) async fn list(exchange: &Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    search::by_query(exchange, caller, &[kind(exchange, caller)?]).await
}

/// POST `/{endpoint}/.search`.
pub(crate) async fn search(exchange: &mut Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let kind = kind(exchange, caller)?;
    search::by_body(exchange, caller, &[kind]).await
}

/// POST `/{endpoint}`.
pub(crate) async fn create(exchange: &mut Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let of = of(exchange, caller)?;
    let projection = exchange.projection(&of)?;
    let draft = draft(exchange, caller, &of).await?;
    let id = ResourceId::new(exchange.state.ids.next(exchange.now));
    let view = commit(exchange, caller, (&of, id), CustomChange::Create(draft)).await?;
    shown(exchange, view, (&of, &projection), StatusCode::CREATED)
}

/// GET `/{endpoint}/{id}`.
pub(crate) async fn show(exchange: &Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let of = of(exchange, caller)?;
    let projection = exchange.projection(&of)?;
    let id = id(exchange)?;
    let read = |directory: &Directory| match directory.custom(&of.name, id) {
        Some(view) => {
            let fact = Fact::Version(view.version);
            (Some(view), fact)
        }
        None => (None, Fact::Head),
    };
    let view = exchange.state.tenancy.read(&caller.tenant, read).await?;
    match view {
        Some(view) if precondition::is_known(exchange.headers(), view.version) => {
            Ok(Answer::unchanged(view.version))
        }
        view => shown(exchange, view, (&of, &projection), StatusCode::OK),
    }
}

/// PUT `/{endpoint}/{id}`.
pub(crate) async fn replace(exchange: &mut Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let of = of(exchange, caller)?;
    let projection = exchange.projection(&of)?;
    let (id, expected) = (id(exchange)?, precondition::expected(exchange.headers()));
    let draft = draft(exchange, caller, &of).await?;
    let view = commit(exchange, caller, (&of, id), CustomChange::Replace(expected, draft)).await?;
    shown(exchange, view, (&of, &projection), StatusCode::OK)
}

/// PATCH `/{endpoint}/{id}`.
pub(crate) async fn change(exchange: &mut Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let of = of(exchange, caller)?;
    let projection = exchange.projection(&of)?;
    let (id, expected) = (id(exchange)?, precondition::expected(exchange.headers()));
    let (bytes_max, profile) = (exchange.state.limits.body_bytes_max, caller.profile());
    let its = Arc::clone(&of);
    let parse = move |body| Patch::parse(body, &its, profile);
    let patch = exchange.body(bytes_max, parse).await?;
    let view = commit(exchange, caller, (&of, id), CustomChange::Patch(expected, patch)).await?;
    if caller.patch_answer() == PatchAnswer::Nothing && !exchange.query().has("attributes") {
        let version = view.ok_or_else(|| absent(exchange))?.version;
        return Ok(Answer::done().with_version(version));
    }
    shown(exchange, view, (&of, &projection), StatusCode::OK)
}

/// DELETE `/{endpoint}/{id}`.
pub(crate) async fn remove(exchange: &mut Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let of = of(exchange, caller)?;
    let (id, expected) = (id(exchange)?, precondition::expected(exchange.headers()));
    commit(exchange, caller, (&of, id), CustomChange::Delete(expected)).await?;
    Ok(Answer::done())
}

/// The type that the address names.
fn of(exchange: &Exchange<'_>, caller: &Caller) -> Result<Arc<ResourceType>, Error> {
    caller.types().at(&exchange.parameter(0)).map(Arc::clone).ok_or(Error::NoRoute)
}

fn kind<'c>(exchange: &Exchange<'_>, caller: &'c Caller) -> Result<Kind<'c>, Error> {
    Kind::at(caller.types(), &exchange.parameter(0)).ok_or(Error::NoRoute)
}

/// The body of a POST or PUT.
async fn draft(
    exchange: &mut Exchange<'_>,
    caller: &Caller,
    of: &Arc<ResourceType>,
) -> Result<Draft, Error> {
    let (bytes_max, profile) = (exchange.state.limits.body_bytes_max, caller.profile());
    let of = Arc::clone(of);
    exchange.body(bytes_max, move |body| resource::read(body, &of, profile)).await
}

async fn commit(
    exchange: &mut Exchange<'_>,
    caller: &Caller,
    (of, id): (&ResourceType, ResourceId),
    change: CustomChange,
) -> Result<Option<CustomView>, Error> {
    let name = of.name.clone();
    let command = Command::Custom { of: name.clone(), id, change };
    exchange.commit(caller, command, |directory| directory.custom(&name, id)).await
}

/// The id in the address; what isn't one names nothing.
fn id(exchange: &Exchange<'_>) -> Result<ResourceId, Error> {
    let text = exchange.parameter(1);
    let id = Uuid::try_parse(&text).ok().filter(|id| id.to_string() == *text);
    id.map(ResourceId::new).ok_or_else(|| absent(exchange))
}

fn absent(exchange: &Exchange<'_>) -> Error {
    Error::NoSuch { kind: KIND, id: exchange.parameter(1).into_owned() }
}

fn shown(
    exchange: &Exchange<'_>,
    view: Option<CustomView>,
    (of, projection): (&ResourceType, &Projection),
    status: StatusCode,
) -> Result<Answer, Error> {
    let view = view.ok_or_else(|| absent(exchange))?;
    let mut body = Vec::with_capacity(view.resource.len() + 320);
    render::write_custom(&mut body, (&view, of), &exchange.base, projection);
    let endpoint = of.endpoint.trim_start_matches('/');
    let location = render::location(&exchange.base, endpoint, view.id);
    Ok(Answer::new(status, Body::Whole(body)).with_version(view.version).at(location))
}
