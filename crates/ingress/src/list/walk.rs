//! A walk by cursor (RFC 9865) in creation order: whoever is there throughout is seen once, whatever is made and deleted meanwhile.
//! A filter that no index serves is looked through as far as one page's budget goes; the page is short then, and the walk goes on.

use directory::{Directory, ScanFrom};
use scim::{Page, Query};
use tenancy::Fact;

use super::cursor::Place;
use super::{Asked, Found, Kind, Part, View};
use crate::error::Error;

/// Among so many a walk says how many match, though no index knows.
const COUNTED_MAX: usize = 1_000;

/// A share of a page, and where the walk goes on in the same part.
struct Step {
    /// How many the part has, if that is known.
    total: Option<usize>,
    views: Vec<View>,
    next: Option<ScanFrom>,
}

impl Asked<'_> {
    /// The page behind a cursor; an empty one is the beginning.
    pub(super) async fn walk(
        &self,
        parts: &[Part<'_>],
        cursor: &str,
        count: Option<usize>,
    ) -> Result<Found, Error> {
        let (place, count) = self.open(cursor, count)?;
        let mut found = Found { total: Some(0), ..Found::default() };
        let begins =
            |part: &Part<'_>| place.as_ref().is_none_or(|place| place.kind == part.kind.letter());
        let first = parts.iter().position(begins).unwrap_or(parts.len());
        for (at, part) in parts.iter().enumerate() {
            let from = match &place {
                Some(place) if at == first => ScanFrom(place.born),
                Some(_) | None => ScanFrom::default(),
            };
            let left = if at < first { 0 } else { count - found.views.len() };
            let step = self.step(part, from, left).await?;
            found.total = found.total.zip(step.total).map(|(sum, more)| sum + more);
            found.views.extend(step.views);
            if let Some(next) = step.next.filter(|_| at >= first && count > 0) {
                let next = Place::behind(part.kind, next.0, found.views.last());
                // What follows is for other pages; only its number counts.
                found.next.get_or_insert_with(|| self.seal(&next, count));
            }
        }
        Ok(found)
    }

    /// The first ones of a part behind a place.
    async fn step(&self, part: &Part<'_>, from: ScanFrom, count: usize) -> Result<Step, Error> {
        let kind = part.kind;
        let Some(query) = &part.query else {
            let read = |directory: &Directory| {
                let views = kind.behind(directory, from, count + 1);
                ((kind.count(directory), views), Fact::Head)
            };
            let read = self.exchange.state.tenancy.read(&self.caller.tenant, read).await;
            let (total, views) = read?;
            return Ok(Step::cut(Some(total), views, count, from));
        };
        if let Some(found) = self.look_up(part).await? {
            let total = found.len();
            let behind = found.into_iter().filter(|view| view.born() > from.0).collect();
            return Ok(Step::cut(Some(total), behind, count, from));
        }
        let step = self.scan_on((kind, query), from, count).await?;
        Ok(Step { total: self.small_total((kind, query)).await?, ..step })
    }

    /// How many match, where looking at all of them is no work.
    async fn small_total(&self, of: (Kind<'_>, &Query)) -> Result<Option<usize>, Error> {
        let all = self.peek(|directory| of.0.count(directory)).await?;
        if all > COUNTED_MAX.min(self.rows_max()) {
            return Ok(None);
        }
        let (total, _) = self.scan(of, Page { start_index: 1, count: 0 }).await?;
        Ok(Some(total))
    }

    async fn scan_on(
        &self,
        (kind, query): (Kind<'_>, &Query),
        from: ScanFrom,
        count: usize,
    ) -> Result<Step, Error> {
        if count == 0 {
            // Whether there is anything, the next page will tell.
            return Ok(Step { total: None, views: Vec::new(), next: Some(from) });
        }
        let (mut views, mut rows, mut next) = (Vec::new(), 0, Some(from));
        while let Some(begin) = next.filter(|_| views.len() <= count) {
            if rows >= self.rows_max() {
                self.settle().await?;
                return Ok(Step { total: None, views, next });
            }
            let slice = self.slice((kind, query), begin, 0..count + 1 - views.len()).await?;
            rows += slice.scanned.max(1);
            views.extend(slice.views);
            next = slice.next;
            tokio::task::yield_now().await;
        }
        self.settle().await?;
        Ok(Step::cut(None, views, count, from))
    }
}

impl Step {
    /// One more than the page holds says that there is more.
    fn cut(total: Option<usize>, mut views: Vec<View>, count: usize, from: ScanFrom) -> Self {
        let more = views.len() > count;
        views.truncate(count);
        let last = views.last().map_or(from, |view| ScanFrom(view.born()));
        Self { total, views, next: more.then_some(last) }
    }
}
