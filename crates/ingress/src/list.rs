//! Lists of users and of groups: a page of all, what an index finds, or a scan in slices under short locks with a
//! budget. Renders nothing.

use std::ops::Range;

use directory::{Directory, GroupView, Sample, ScanFrom, Scanned, UserView};
use events::Seq;
use scim::{Filter, Lookup, Page, Query, ResourceType};
use tenancy::{Fact, Tenancy, Tenant};

use crate::error::Error;
use crate::exchange::Exchange;
use crate::query::FilterText;
use crate::tenant::Caller;

/// Resources taken or looked at under one lock, at most.
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
    /// One slice of a scan: how many match, and those of them that are wanted.
    async fn slice(scan: &Scan<'_>, from: ScanFrom, wanted: Range<usize>) -> Sliced<Self::View>;
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

/// A scan of one tenant.
pub(crate) struct Scan<'a> {
    tenancy: &'a Tenancy,
    tenant: &'a Tenant,
    query: &'a Query,
}

/// What one slice of a scan gives.
pub(crate) struct Slice<V> {
    /// How many match.
    total: usize,
    /// Those that were wanted.
    views: Vec<V>,
    /// How many were looked at.
    scanned: usize,
    /// Where to go on.
    next: Option<ScanFrom>,
}

type Sliced<V> = Result<Slice<V>, Error>;

impl<V> Slice<V> {
    fn of(scanned: Scanned<V>, wanted: Range<usize>) -> Self {
        let Scanned { found, scanned, next } = scanned;
        Self { total: found.len(), views: part(found, wanted), scanned, next }
    }
}

impl Scan<'_> {
    /// Reads under the tenant's lock. A slice rests on nothing yet: what was seen is waited for once, at the end.
    async fn read<T>(&self, read: impl FnOnce(&Directory) -> T) -> Result<T, Error> {
        let read = |directory: &Directory| (read(directory), Fact::Version(Seq::default()));
        Ok(self.tenancy.read(self.tenant, read).await?)
    }
}

async fn scan<L: Listed>(
    exchange: &Exchange<'_>,
    caller: &Caller,
    query: &Query,
    page: Page,
) -> Result<Found<L::View>, Error> {
    let (tenancy, tenant) = (&exchange.state.tenancy, &caller.tenant);
    let scan = Scan { tenancy, tenant, query };
    let (mut total, mut views, mut rows) = (0, Vec::new(), 0);
    let first = page.start_index.saturating_sub(1);
    let mut from = Some(ScanFrom::default());
    while let Some(begin) = from {
        if rows >= exchange.state.limits.scan_rows_max {
            let detail = "no index serves this filter and there is too much to look through: \
                          narrow it by userName, externalId, emails.value, employeeNumber or id";
            return Err(scim::Error::too_many(detail).into());
        }
        let skip = first.saturating_sub(total);
        let wanted = skip..skip.saturating_add(page.count - views.len());
        let slice = L::slice(&scan, begin, wanted).await?;
        rows += slice.scanned;
        total += slice.total;
        views.extend(slice.views);
        from = slice.next;
        tokio::task::yield_now().await;
    }
    tenancy.read(tenant, |_| ((), Fact::Head)).await?;
    Ok(Found { total, page, views })
}

/// The part of a list that is wanted, as far as it goes.
fn part<T>(of: Vec<T>, wanted: Range<usize>) -> Vec<T> {
    of.into_iter().skip(wanted.start).take(wanted.len()).collect()
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

    /// Looks at users without the tenant's lock where the query allows it.
    async fn slice(scan: &Scan<'_>, from: ScanFrom, wanted: Range<usize>) -> Sliced<UserView> {
        let query = scan.query;
        if !Sample::serves(query) {
            let slice = scan.read(|directory| directory.scan_users(query, from, SCAN_SLICE_ROWS));
            return Ok(Slice::of(slice.await?, wanted));
        }
        let sample = scan.read(|directory| directory.sample_users(from, SCAN_SLICE_ROWS)).await?;
        let matching = sample.matching(query);
        let (total, next, scanned) = (matching.len(), sample.next(), sample.scanned());
        let wanted = part(matching, wanted);
        let views = match wanted.len() {
            0 => Vec::new(),
            _ => scan.read(|directory| directory.matching_users(&wanted, query)).await?,
        };
        // Who has changed or gone meanwhile doesn't count.
        let gone = wanted.len() - views.len();
        Ok(Slice { total: total - gone, views, scanned, next })
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

    async fn slice(scan: &Scan<'_>, from: ScanFrom, wanted: Range<usize>) -> Sliced<GroupView> {
        let query = scan.query;
        let slice = scan.read(|directory| directory.scan_groups(query, from, SCAN_SLICE_ROWS));
        Ok(Slice::of(slice.await?, wanted))
    }

    fn fact(view: &GroupView) -> Fact {
        Fact::Version(view.version)
    }
}
