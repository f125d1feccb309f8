//! Lists of users and of groups: a page of all, what an index finds, or a scan in slices under short locks with a
//! budget. Renders nothing.

use directory::{Directory, GroupView, ScanFrom, Scanned, UserView};
use events::Seq;
use scim::{Filter, Lookup, Page, Query, ResourceType};
use tenancy::Fact;

use crate::error::Error;
use crate::exchange::Exchange;
use crate::query::FilterText;
use crate::tenant::Caller;

/// Resources looked at under one lock, at most.
const SCAN_SLICE_ROWS: usize = 256;

/// One page of what was asked for.
pub(crate) struct Found<V> {
    /// How many there are on all pages.
    pub(crate) total: usize,
    /// What was asked for.
    pub(crate) page: Page,
    /// The page.
    pub(crate) views: Vec<V>,
}

/// A kind of resource that is listed.
pub(crate) trait Listed {
    /// How it is read.
    type View;
    /// Its schema.
    fn resource_type() -> &'static ResourceType;
    /// How many there are, and a page of them.
    fn page(directory: &Directory, page: Page) -> (usize, Vec<Self::View>);
    /// What an index finds.
    fn lookup(directory: &Directory, lookups: &[Lookup], query: &Query) -> Vec<Self::View>;
    /// One slice of a scan.
    fn scan(directory: &Directory, query: &Query, from: ScanFrom) -> Scanned<Self::View>;
    /// What showing it rests on.
    fn fact(view: &Self::View) -> Fact;
}

/// `/Users`.
pub(crate) struct Users;

/// `/Groups`.
pub(crate) struct Groups;

/// Finds what the query string asks for.
///
/// # Errors
/// 400 for a filter or page that can't be read, and for a filter that no index serves over too many resources.
pub(crate) async fn find<L: Listed>(
    exchange: &Exchange<'_>,
    caller: &Caller,
) -> Result<Found<L::View>, Error> {
    let query = exchange.query();
    let page = Page::parse(query.text("startIndex")?.as_deref(), query.text("count")?.as_deref())?;
    let Some(FilterText { text, other }) = query.filter()? else {
        let read = |directory: &Directory| (L::page(directory, page), Fact::Head);
        let (total, views) = exchange.state.tenancy.read(&caller.tenant, read).await?;
        return Ok(Found { total, page, views });
    };
    let other = other.and_then(|other| resolve::<L>(&other).ok());
    let (query, other) = match (resolve::<L>(&text), other) {
        (Ok(query), other) => (query, other.filter(|_| compares_equal(&text))),
        (Err(_), Some(other)) => (other, None),
        (Err(error), None) => return Err(error),
    };
    let found = matching::<L>(exchange, caller, &query, page).await?;
    match other {
        Some(other) if found.total == 0 => matching::<L>(exchange, caller, &other, page).await,
        Some(_) | None => Ok(found),
    }
}

fn resolve<L: Listed>(text: &str) -> Result<Query, Error> {
    Ok(Filter::parse(text)?.resolve(L::resource_type())?)
}

/// Whether an `eq` stands in the filter: only then the other reading of `+` is tried.
fn compares_equal(text: &str) -> bool {
    let words = text.split(|c: char| c.is_whitespace() || c == '"');
    words.into_iter().any(|word| word.eq_ignore_ascii_case("eq"))
}

async fn matching<L: Listed>(
    exchange: &Exchange<'_>,
    caller: &Caller,
    query: &Query,
    page: Page,
) -> Result<Found<L::View>, Error> {
    match query.lookup() {
        Some(lookups) => look_up::<L>(exchange, caller, query, &lookups, page).await,
        None => scan::<L>(exchange, caller, query, page).await,
    }
}

async fn look_up<L: Listed>(
    exchange: &Exchange<'_>,
    caller: &Caller,
    query: &Query,
    lookups: &[Lookup],
    page: Page,
) -> Result<Found<L::View>, Error> {
    // What only one can have rests on that one; everything else on what isn't there as well.
    let unique = matches!(lookups, [Lookup::Id(_) | Lookup::UserName(_)]);
    let read = |directory: &Directory| {
        let found = L::lookup(directory, lookups, query);
        let fact = match found.as_slice() {
            [only] if unique => L::fact(only),
            _ => Fact::Head,
        };
        (found, fact)
    };
    let found = exchange.state.tenancy.read(&caller.tenant, read).await?;
    let total = found.len();
    let skip = page.start_index.saturating_sub(1);
    let views = found.into_iter().skip(skip).take(page.count).collect();
    Ok(Found { total, page, views })
}

async fn scan<L: Listed>(
    exchange: &Exchange<'_>,
    caller: &Caller,
    query: &Query,
    page: Page,
) -> Result<Found<L::View>, Error> {
    let tenancy = &exchange.state.tenancy;
    let (mut total, mut views, mut rows) = (0, Vec::new(), 0);
    let wanted = page.start_index.saturating_sub(1)..;
    let mut from = Some(ScanFrom::default());
    while let Some(begin) = from {
        if rows >= exchange.state.limits.scan_rows_max {
            let detail = "no index serves this filter and there is too much to look through: \
                          narrow it by userName, externalId, emails.value, employeeNumber or id";
            return Err(scim::Error::too_many(detail).into());
        }
        // A slice rests on nothing yet: what was seen is waited for once, at the end.
        let slice = |directory: &Directory| {
            (L::scan(directory, query, begin), Fact::Version(Seq::default()))
        };
        let slice = tenancy.read(&caller.tenant, slice).await?;
        rows += slice.scanned;
        for view in slice.found {
            if wanted.contains(&total) && views.len() < page.count {
                views.push(view);
            }
            total += 1;
        }
        from = slice.next;
        tokio::task::yield_now().await;
    }
    tenancy.read(&caller.tenant, |_| ((), Fact::Head)).await?;
    Ok(Found { total, page, views })
}

impl Listed for Users {
    type View = UserView;

    fn resource_type() -> &'static ResourceType {
        scim::schema::user()
    }

    fn page(directory: &Directory, page: Page) -> (usize, Vec<UserView>) {
        (directory.user_count(), directory.users_page(page))
    }

    fn lookup(directory: &Directory, lookups: &[Lookup], query: &Query) -> Vec<UserView> {
        directory.lookup_users(lookups, query)
    }

    fn scan(directory: &Directory, query: &Query, from: ScanFrom) -> Scanned<UserView> {
        directory.scan_users(query, from, SCAN_SLICE_ROWS)
    }

    fn fact(view: &UserView) -> Fact {
        Fact::Version(view.rests_on)
    }
}

impl Listed for Groups {
    type View = GroupView;

    fn resource_type() -> &'static ResourceType {
        scim::schema::group()
    }

    fn page(directory: &Directory, page: Page) -> (usize, Vec<GroupView>) {
        (directory.group_count(), directory.groups_page(page))
    }

    fn lookup(directory: &Directory, lookups: &[Lookup], query: &Query) -> Vec<GroupView> {
        directory.lookup_groups(lookups, query)
    }

    fn scan(directory: &Directory, query: &Query, from: ScanFrom) -> Scanned<GroupView> {
        directory.scan_groups(query, from, SCAN_SLICE_ROWS)
    }

    fn fact(view: &GroupView) -> Fact {
        Fact::Version(view.version)
    }
}
