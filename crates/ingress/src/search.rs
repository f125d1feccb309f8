//! What a list is asked: by query string, or by the body of `/.search` (RFC 7644 §3.4.3), which keeps personal values out of addresses.
//! And the answer, rendered.

use actix_web::http::StatusCode;
use scim::{Page, Profile, Projection, ResourceType, Sort};
use serde_json::Value;

use crate::answer::{Answer, Body};
use crate::error::Error;
use crate::exchange::Exchange;
use crate::list::{self, Found, Kind, View};
use crate::pieces::{Pieces, Source};
use crate::query::{FilterText, Query};
use crate::render::{self, ListHead};
use crate::tenant::Caller;

/// The message of a body of `/.search`.
const SEARCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// The parameters of a list, as they were given.
#[derive(Debug, Default)]
pub(crate) struct Search {
    pub(crate) filter: Option<FilterText>,
    attributes: Option<String>,
    excluded: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    start_index: Option<String>,
    count: Option<String>,
    cursor: Option<String>,
}

/// Which part of a list.
#[derive(Debug, Clone)]
pub(crate) enum Paging {
    /// By index.
    Index(Page),
    /// By cursor, an empty one at first; `count` where it was given.
    Cursor { cursor: String, count: Option<usize> },
}

/// GET of a list.
pub(crate) async fn by_query(
    exchange: &Exchange<'_>,
    caller: &Caller,
    kinds: &[Kind<'_>],
) -> Result<Answer, Error> {
    answer(exchange, caller, &Search::of_query(exchange.query())?, kinds).await
}

/// POST to `/.search`.
pub(crate) async fn by_body(
    exchange: &mut Exchange<'_>,
    caller: &Caller,
    kinds: &[Kind<'_>],
) -> Result<Answer, Error> {
    let (bytes_max, profile) = (exchange.state.limits.body_bytes_max, caller.profile());
    let search = exchange.body(bytes_max, move |body| Search::of_body(body, profile)).await?;
    answer(exchange, caller, &search, kinds).await
}

async fn answer(
    exchange: &Exchange<'_>,
    caller: &Caller,
    search: &Search,
    kinds: &[Kind<'_>],
) -> Result<Answer, Error> {
    let projections =
        kinds.iter().map(|kind| search.projection(kind.resource_type(caller.types())));
    let projections: Vec<Projection> = projections.collect::<Result<_, _>>()?;
    let found = list::find(exchange, caller, search, kinds).await?;
    let projections = Projections { kinds, projections: &projections };
    match (kinds, projections.of(Kind::User)) {
        ([Kind::User], Some(users)) => Ok(Answer::ok(whole(exchange, &found, users))),
        _ => {
            let body = pieces(exchange, caller, &found, projections).await?;
            Ok(Answer::new(StatusCode::OK, body))
        }
    }
}

/// What is shown of each kind.
#[derive(Clone, Copy)]
struct Projections<'a> {
    kinds: &'a [Kind<'a>],
    projections: &'a [Projection],
}

impl<'a> Projections<'a> {
    fn of(self, kind: Kind<'_>) -> Option<&'a Projection> {
        let mut known = self.kinds.iter().zip(self.projections);
        known.find(|(it, _)| it.letter() == kind.letter()).map(|(_, projection)| projection)
    }
}

/// Users only: written in one go.
fn whole(exchange: &Exchange<'_>, found: &Found, projection: &Projection) -> Vec<u8> {
    let users = || {
        found.views.iter().filter_map(|view| match view {
            View::User(user) => Some(user),
            View::Group(_) | View::Custom(..) => None,
        })
    };
    let stored: usize = users().map(|view| view.resource.len() + 512).sum();
    let mut body = Vec::with_capacity(stored + 256);
    render::write_list_head(&mut body, &ListHead::of(found));
    for (index, view) in users().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        render::write_user(&mut body, view, &exchange.base, projection);
    }
    body.extend_from_slice(b"]}");
    body
}

/// With others among them: long groups are streamed.
async fn pieces(
    exchange: &Exchange<'_>,
    caller: &Caller,
    found: &Found,
    projections: Projections<'_>,
) -> Result<Body, Error> {
    let any = projections.projections.first().ok_or(Error::Failed)?;
    let groups = projections.of(Kind::Group).unwrap_or(any);
    let users = projections.of(Kind::User).unwrap_or(any);
    let mut pieces = Pieces::new(Source::of(exchange, caller), groups.clone());
    pieces.text(|out| render::write_list_head(out, &ListHead::of(found)));
    for (index, view) in found.views.iter().enumerate() {
        if index > 0 {
            pieces.text(|out| out.push(b','));
        }
        match view {
            View::User(view) => {
                pieces.text(|out| render::write_user(out, view, &exchange.base, users));
            }
            View::Group(view) => pieces.group(view),
            View::Custom(view, letter) => {
                let kind = projections.kinds.iter().find(|kind| kind.letter() == *letter);
                let of = kind.map(|kind| kind.resource_type(caller.types()));
                let (of, kind) = of.zip(kind).ok_or(Error::Failed)?;
                let projection = projections.of(*kind).unwrap_or(any);
                pieces
                    .text(|out| render::write_custom(out, (view, of), &exchange.base, projection));
            }
        }
    }
    pieces.text(|out| out.extend_from_slice(b"]}"));
    pieces.into_body().await
}

impl Search {
    pub(crate) fn of_query(query: Query<'_>) -> Result<Self, scim::Error> {
        let text = |name: &str| Ok(query.text(name)?.map(std::borrow::Cow::into_owned));
        Ok(Self {
            filter: query.filter()?,
            attributes: text("attributes")?,
            excluded: text("excludedAttributes")?,
            sort_by: text("sortBy")?,
            sort_order: text("sortOrder")?,
            start_index: text("startIndex")?,
            count: text("count")?,
            cursor: text("cursor")?,
        })
    }

    /// Unknown members are ignored; a number may be given as text and the other way round.
    fn of_body(body: Value, profile: Profile) -> Result<Self, scim::Error> {
        let Value::Object(members) = body else {
            return Err(scim::Error::invalid_syntax("the body must be a JSON object"));
        };
        let (mut search, mut named) = (Self::default(), false);
        for (name, value) in members {
            let slot = match name.to_ascii_lowercase().as_str() {
                "schemas" => {
                    named = names_search(&value);
                    continue;
                }
                "filter" => {
                    let text = text(&name, value)?.filter(|text| !text.is_empty());
                    search.filter = text.map(|text| FilterText { text, other: None });
                    continue;
                }
                "attributes" => &mut search.attributes,
                "excludedattributes" => &mut search.excluded,
                "sortby" => &mut search.sort_by,
                "sortorder" => &mut search.sort_order,
                "startindex" => &mut search.start_index,
                "count" => &mut search.count,
                "cursor" => &mut search.cursor,
                _ => continue,
            };
            *slot = text(&name, value)?;
        }
        if !named && !profile.schemas_repaired {
            return Err(scim::Error::invalid_syntax(format!("schemas: must name {SEARCH_URN}")));
        }
        Ok(search)
    }

    /// What `attributes` and `excludedAttributes` leave.
    pub(crate) fn projection(&self, of: &ResourceType) -> Result<Projection, scim::Error> {
        Projection::parse(self.attributes.as_deref(), self.excluded.as_deref(), of)
    }

    /// What it is ordered by.
    pub(crate) fn sort(&self, of: &ResourceType) -> Result<Option<Sort>, scim::Error> {
        Sort::parse(self.sort_by.as_deref(), self.sort_order.as_deref(), of)
    }

    /// The order, as it was given.
    pub(crate) fn order(&self) -> (&str, &str) {
        (
            self.sort_by.as_deref().unwrap_or_default(),
            self.sort_order.as_deref().unwrap_or_default(),
        )
    }

    /// Which part is asked for; a cursor goes before an index.
    pub(crate) fn paging(&self) -> Result<Paging, scim::Error> {
        let page = Page::parse(self.start_index.as_deref(), self.count.as_deref())?;
        let is_counted = self.count.as_deref().is_some_and(|count| !count.trim().is_empty());
        Ok(match &self.cursor {
            None => Paging::Index(page),
            Some(cursor) => Paging::Cursor {
                cursor: cursor.trim().to_owned(),
                count: is_counted.then_some(page.count),
            },
        })
    }
}

fn names_search(schemas: &Value) -> bool {
    let is_search =
        |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(SEARCH_URN));
    schemas.as_array().is_some_and(|urns| urns.iter().any(is_search))
}

/// A parameter as a query string would have it; null is absent.
fn text(name: &str, value: Value) -> Result<Option<String>, scim::Error> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::Array(items) => {
            let names: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            let names = names.ok_or_else(|| {
                scim::Error::invalid_value(format!("{name}: must be an array of names"))
            })?;
            Ok(Some(names.join(",")))
        }
        Value::Bool(_) | Value::Object(_) => {
            Err(scim::Error::invalid_value(format!("{name}: must be text")))
        }
    }
}
