//! `/Groups`: one function for each verb, the same as in `users.rs`. A long list of members is streamed.

use actix_web::http::StatusCode;
use directory::{Command, GroupView};
use events::{GroupId, PatchAnswer};
use scim::{Draft, Incoming, Projection};
use tenancy::Fact;

use crate::answer::Answer;
use crate::error::Error;
use crate::exchange::Exchange;
use crate::pieces::{Pieces, Source};
use crate::tenant::Caller;
use crate::{precondition, render};

const KIND: &str = "Group";
/// A PATCH shows the group up to so many members, else it answers 204 (`idp-traffic.md` §8.13).
const CHANGED_MEMBERS_MAX: usize = 100;

/// POST `/Groups`.
pub(crate) async fn create(exchange: &mut Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let projection = exchange.projection(caller.types().group())?;
    let draft = draft(exchange, caller).await?;
    let id = GroupId::new(exchange.state.ids.next(exchange.now));
    let command = Command::CreateGroup { id, draft };
    let view = exchange.commit(caller, command, |directory| directory.group(id)).await?;
    shown(exchange, caller, view, projection, StatusCode::CREATED).await
}

/// GET `/Groups/{id}`.
pub(crate) async fn show(exchange: &Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let projection = exchange.projection(caller.types().group())?;
    let id = id(exchange)?;
    let read = |directory: &directory::Directory| match directory.group(id) {
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
        view => shown(exchange, caller, view, projection, StatusCode::OK).await,
    }
}

/// PUT `/Groups/{id}`.
pub(crate) async fn replace(exchange: &mut Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let projection = exchange.projection(caller.types().group())?;
    let (id, expected) = (id(exchange)?, precondition::expected(exchange.headers()));
    let draft = draft(exchange, caller).await?;
    let command = Command::ReplaceGroup { id, expected, draft };
    let view = exchange.commit(caller, command, |directory| directory.group(id)).await?;
    shown(exchange, caller, view, projection, StatusCode::OK).await
}

/// PATCH `/Groups/{id}`.
pub(crate) async fn change(exchange: &mut Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let projection = exchange.projection(caller.types().group())?;
    let (id, expected) = (id(exchange)?, precondition::expected(exchange.headers()));
    let patch = exchange.incoming(Incoming::patch(caller.profile()), caller).await?;
    let command = Command::PatchGroup { id, expected, patch };
    let view = exchange.commit(caller, command, |directory| directory.group(id)).await?;
    match view {
        Some(view) if is_left_out(exchange, &view, &projection, caller.patch_answer()) => {
            Ok(Answer::done().with_version(view.version))
        }
        view => shown(exchange, caller, view, projection, StatusCode::OK).await,
    }
}

/// DELETE `/Groups/{id}`.
pub(crate) async fn remove(exchange: &mut Exchange<'_>, caller: &Caller) -> Result<Answer, Error> {
    let (id, expected) = (id(exchange)?, precondition::expected(exchange.headers()));
    let command = Command::DeleteGroup { id, expected };
    exchange.commit(caller, command, |_| ()).await?;
    Ok(Answer::done())
}

/// Whether a changed group is left out of the answer, as nobody asked for attributes.
fn is_left_out(
    exchange: &Exchange<'_>,
    view: &GroupView,
    projection: &Projection,
    answer: PatchAnswer,
) -> bool {
    let is_long = view.members.len() > CHANGED_MEMBERS_MAX && projection.wants("members");
    let is_left_out = match answer {
        PatchAnswer::Short => is_long,
        PatchAnswer::Resource => false,
        PatchAnswer::Nothing => true,
    };
    is_left_out && !exchange.query().has("attributes")
}

/// The body of a POST or PUT.
async fn draft(exchange: &mut Exchange<'_>, caller: &Caller) -> Result<Draft, Error> {
    exchange.incoming(Incoming::group(caller.profile()), caller).await
}

/// The id in the address; what isn't one names no group.
fn id(exchange: &Exchange<'_>) -> Result<GroupId, Error> {
    exchange.id().map(GroupId::new).ok_or_else(|| exchange.no_such(KIND))
}

async fn shown(
    exchange: &Exchange<'_>,
    caller: &Caller,
    view: Option<GroupView>,
    projection: Projection,
    status: StatusCode,
) -> Result<Answer, Error> {
    let view = view.ok_or_else(|| exchange.no_such(KIND))?;
    let mut pieces = Pieces::new(Source::of(exchange, caller), projection);
    pieces.group(&view);
    let location = render::location(&exchange.base, "Groups", view.id);
    let body = pieces.into_body().await?;
    Ok(Answer::new(status, body).with_version(view.version).at(location))
}
