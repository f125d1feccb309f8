//! Lists: a page by index, a walk by cursor (RFC 9865) or a sorted page, of users, of groups, of a tenant's own types, or of all. What an index serves is
//! looked up, the rest is scanned in slices under short locks with a budget. Renders nothing.

mod cursor;
mod index;
mod kind;
mod scan;
mod sorted;
mod walk;

use scim::{Filter, Lookup, Page, Query, Sort};
use tenancy::Fact;

pub(crate) use cursor::{CURSOR_TIMEOUT_S, GoodFor, Place, Refused};
pub(crate) use kind::{Kind, View};

use crate::error::Error;
use crate::exchange::Exchange;
use crate::query::FilterText;
use crate::search::{Paging, Search};
use crate::tenant::Caller;

/// Resources taken or looked at under one lock, at most.
const SLICE_ROWS: usize = 256;

/// One page of what was asked for.
#[derive(Default)]
pub(crate) struct Found {
    /// How many there are on all pages; `None` when only a scan of everything could tell.
    pub(crate) total: Option<usize>,
    /// The first one's place, for a page by index.
    pub(crate) start_index: Option<usize>,
    /// The page.
    pub(crate) views: Vec<View>,
    /// Where a walk goes on.
    pub(crate) next: Option<String>,
}

/// A question, with all that it is asked of.
pub(crate) struct Asked<'a> {
    exchange: &'a Exchange<'a>,
    caller: &'a Caller,
    search: &'a Search,
    /// What is looked through, in this order.
    kinds: &'a [Kind<'a>],
}

/// The part of a question that is about one kind.
pub(crate) struct Part<'t> {
    kind: Kind<'t>,
    query: Option<Query>,
    sort: Option<Sort>,
}

/// Finds what was asked for.
///
/// # Errors
/// 400 for a filter, an order, a page or a cursor that can't be read, and for a filter that no index serves over too many resources.
pub(crate) async fn find(
    exchange: &Exchange<'_>,
    caller: &Caller,
    search: &Search,
    kinds: &[Kind<'_>],
) -> Result<Found, Error> {
    let asked = Asked { exchange, caller, search, kinds };
    let paging = search.paging()?;
    let Some(FilterText { text, other }) = &search.filter else {
        return asked.page(&asked.parts(None)?, paging).await;
    };
    let other = other.as_deref().and_then(|other| asked.parts(Some(other)).ok());
    let (parts, other) = match (asked.parts(Some(text)), other) {
        (Ok(parts), other) => (parts, other.filter(|_| compares_equal(text))),
        (Err(_), Some(other)) => (other, None),
        (Err(error), None) => return Err(error),
    };
    let found = asked.page(&parts, paging.clone()).await?;
    match other {
        Some(other) if found.is_nothing() => asked.page(&other, paging).await,
        Some(_) | None => Ok(found),
    }
}

impl Found {
    /// Whether nothing matches, as far as can be said: a short page of a walk isn't the end.
    fn is_nothing(&self) -> bool {
        self.views.is_empty() && self.next.is_none() && self.total.is_none_or(|total| total == 0)
    }
}

/// Whether an `eq` stands in the filter: only then the other reading of `+` is tried.
fn compares_equal(text: &str) -> bool {
    let words = text.split(|c: char| c.is_whitespace() || c == '"');
    words.into_iter().any(|word| word.eq_ignore_ascii_case("eq"))
}

impl<'a> Asked<'a> {
    /// What the question means for each kind. Across kinds an attribute that one of them doesn't have is one without a value; what none
    /// has is an error.
    fn parts(&self, filter: Option<&str>) -> Result<Vec<Part<'a>>, Error> {
        let filter = filter.map(Filter::parse).transpose()?;
        let part = |kind: &Kind<'a>| {
            let of = kind.resource_type(self.caller.types());
            let query = filter.as_ref().map(|filter| filter.resolve(of)).transpose()?;
            Ok(Part { kind: *kind, query, sort: self.search.sort(of)? })
        };
        let parts: Vec<Result<Part<'a>, scim::Error>> = self.kinds.iter().map(part).collect();
        if self.kinds.len() == 1 || parts.iter().all(Result::is_err) {
            return Ok(parts.into_iter().collect::<Result<_, _>>()?);
        }
        let loosely = |kind: &Kind<'a>| {
            let of = kind.resource_type(self.caller.types());
            let query = filter.as_ref().map(|filter| filter.resolve_loosely(of)).transpose()?;
            Ok(Part { kind: *kind, query, sort: self.search.sort(of).ok().flatten() })
        };
        self.kinds.iter().map(loosely).collect()
    }

    async fn page(&self, parts: &[Part<'_>], paging: Paging) -> Result<Found, Error> {
        match paging {
            paging if parts.iter().any(|part| part.sort.is_some()) => {
                self.sorted(parts, &paging).await
            }
            Paging::Index(page) => self.by_index(parts, page).await,
            Paging::Cursor { cursor, count } => self.walk(parts, &cursor, count).await,
        }
    }

    /// What an index finds of a part, if one serves its query.
    async fn look_up(&self, part: &Part<'_>) -> Result<Option<Vec<View>>, Error> {
        let Some(query) = &part.query else { return Ok(None) };
        let Some(lookups) = query.lookup() else { return Ok(None) };
        // What only one can have rests on that one; everything else on what isn't there as well.
        let unique = matches!(lookups[..], [Lookup::Id(_) | Lookup::UserName(_)]);
        let read = |directory: &directory::Directory| {
            let found = part.kind.look_up(directory, &lookups, query);
            let fact = match &found[..] {
                [only] if unique => only.fact(),
                _ => Fact::Head,
            };
            (found, fact)
        };
        Ok(Some(self.exchange.state.tenancy.read(&self.caller.tenant, read).await?))
    }

    /// What was read in slices counts when everything up to now is durable.
    async fn settle(&self) -> Result<(), Error> {
        let (tenancy, tenant) = (&self.exchange.state.tenancy, &self.caller.tenant);
        Ok(tenancy.read(tenant, |_| ((), Fact::Head)).await?)
    }

    const fn rows_max(&self) -> usize {
        self.exchange.state.limits.scan_rows_max
    }
}

fn too_many() -> Error {
    let detail = "no index serves this and there is too much to look through: narrow it by userName, externalId, emails.value, \
                  employeeNumber or id, or walk by cursor without sorting";
    scim::Error::too_many(detail).into()
}

/// The part of a page that lies behind so many others.
fn rest(page: Page, before: usize, taken: usize) -> Page {
    Page {
        start_index: page.start_index.saturating_sub(before).max(1),
        count: page.count.saturating_sub(taken),
    }
}
