//! `/v1/tenants/{tenant}/teams`: teams as the product reads them – each group is one; members from the projector's
//! view, with the `seq` it stands at; names from the directory.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use directory::{Directory, GroupView};
use events::GroupId;
use projector::{Team, Views};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tenancy::Fact;

use super::key::Key;
use super::page::Page;
use crate::answer::Answer;
use crate::error::Error;
use crate::exchange::Exchange;

/// One entry.
#[derive(Serialize)]
struct Entry {
    id: String,
    name: Option<String>,
    members: usize,
    pending: usize,
}

/// What is read of a stored group.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored<'a> {
    #[serde(borrow)]
    display_name: Option<Cow<'a, str>>,
}

/// GET `/v1/tenants/{tenant}/teams`, in order of id, which is the order of creation.
pub(crate) async fn list(exchange: &mut Exchange<'_>, by: &Key) -> Result<Answer, Error> {
    let tenant = by.tenant(exchange).await?;
    let page = Page::<GroupId>::of(exchange)?;
    let tenancy = &exchange.state.tenancy;
    projector::caught_up(tenancy, &tenant).await?;
    let view = |views: &Views| (views.teams().page(page.after, page.limit + 1), views.stands_at());
    let (teams, seq) = tenancy.view(&tenant, view).await?;
    let (teams, next) = page.cut(teams.into_iter(), |team| team.id.to_string());
    let read = |directory: &Directory| {
        (teams.iter().map(|team| directory.group(team.id)).collect::<Vec<_>>(), Fact::Head)
    };
    let groups = tenancy.read(&tenant, read).await?;
    let teams: Vec<Entry> =
        teams.iter().zip(&groups).map(|(team, group)| Entry::of(team, group.as_ref())).collect();
    Answer::json(StatusCode::OK, &json!({ "teams": teams, "seq": seq.0, "next": next }))
}

impl Entry {
    fn of(team: &Team, group: Option<&GroupView>) -> Self {
        let stored = group.and_then(|group| serde_json::from_slice(&group.resource).ok());
        let name = stored.and_then(|Stored { display_name }| display_name);
        Self {
            id: team.id.to_string(),
            name: name.map(Cow::into_owned),
            members: team.people_count + team.teams.len(),
            pending: group.map_or(0, |group| group.pending),
        }
    }
}
