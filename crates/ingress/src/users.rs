//! `/Users`: one function for each verb. Rules are the directory's, forms are `render.rs`'s.

use std::sync::Arc;

use actix_web::http::StatusCode;
use directory::{Command, UserView};
use events::{PatchAnswer, UserId};
use scim::{Draft, Patch, Projection, resource};
use tenancy::Fact;

use crate::answer::{Answer, Body};
use crate::error::Error;
use crate::exchange::Exchange;
use crate::tenant::Caller;
use crate::{precondition, render};

const KIND: &str = "User";

/// POST `/Users`.
pub(crate) async fn create(exchange: &mut Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let projection = exchange.projection(caller.types().user())?;
    let draft = draft(exchange, caller).await?;
    let id = UserId::new(exchange.state.ids.next(exchange.now));
    let command = Command::CreateUser { id, draft };
    let view = exchange.commit(caller, command, |directory| directory.user(id)).await?;
    shown(exchange, view, &projection, StatusCode::CREATED)
}

/// GET `/Users/{id}`.
pub(crate) async fn show(exchange: &Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let projection = exchange.projection(caller.types().user())?;
    let id = id(exchange)?;
    let read = |directory: &directory::Directory| match directory.user(id) {
        Some(view) => {
            let fact = Fact::Version(view.rests_on);
            (Some(view), fact)
        }
        None => (None, Fact::Head),
    };
    let view = exchange.state.tenancy.read(&caller.tenant, read).await?;
    match view {
        Some(view) if precondition::is_known(exchange.headers(), view.version) => {
            Ok(Answer::unchanged(view.version))
        }
        view => shown(exchange, view, &projection, StatusCode::OK),
    }
}

/// PUT `/Users/{id}`.
pub(crate) async fn replace(exchange: &mut Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let projection = exchange.projection(caller.types().user())?;
    let (id, expected) = (id(exchange)?, precondition::expected(exchange.headers()));
    let draft = draft(exchange, caller).await?;
    let command = Command::ReplaceUser { id, expected, draft };
    let view = exchange.commit(caller, command, |directory| directory.user(id)).await?;
    shown(exchange, view, &projection, StatusCode::OK)
}

/// PATCH `/Users/{id}`.
pub(crate) async fn change(exchange: &mut Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let projection = exchange.projection(caller.types().user())?;
    let (id, expected) = (id(exchange)?, precondition::expected(exchange.headers()));
    let (bytes_max, profile) = (exchange.state.limits.body_bytes_max, caller.profile());
    let types = Arc::clone(caller.types());
    let parse = move |body| Patch::parse(body, types.user(), profile);
    let patch = exchange.body(bytes_max, parse).await?;
    let command = Command::PatchUser { id, expected, patch };
    let view = exchange.commit(caller, command, |directory| directory.user(id)).await?;
    if caller.patch_answer() == PatchAnswer::Nothing && !exchange.query().has("attributes") {
        let version = view.ok_or_else(|| exchange.no_such(KIND))?.version;
        return Ok(Answer::done().with_version(version));
    }
    shown(exchange, view, &projection, StatusCode::OK)
}

/// DELETE `/Users/{id}`.
pub(crate) async fn remove(exchange: &mut Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let (id, expected) = (id(exchange)?, precondition::expected(exchange.headers()));
    let command = Command::DeleteUser { id, expected };
    exchange.commit(caller, command, |_| ()).await?;
    Ok(Answer::done())
}

/// The body of a POST or PUT.
async fn draft(exchange: &mut Exchange<'_>, caller: &Caller) -> Result<Draft, Error> {
    let (bytes_max, profile) = (exchange.state.limits.body_bytes_max, caller.profile());
    let types = Arc::clone(caller.types());
    exchange.body(bytes_max, move |body| resource::read(body, types.user(), profile)).await
}

/// The id in the address; what isn't one names nobody.
fn id(exchange: &Exchange<'_>) -> Result<UserId, Error> {
    exchange.id().map(UserId::new).ok_or_else(|| exchange.no_such(KIND))
}

fn shown(
    exchange: &Exchange<'_>,
    view: Option<UserView>,
    projection: &Projection,
    status: StatusCode,
) -> Result<Answer, Error> {
    let view = view.ok_or_else(|| exchange.no_such(KIND))?;
    let body = Body::Whole(render::user(&view, &exchange.base, projection));
    let location = render::location(&exchange.base, "Users", view.id);
    Ok(Answer::new(status, body).with_version(view.version).at(location))
}
