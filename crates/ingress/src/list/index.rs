//! Pages by index (RFC 7644 §3.4.2.4), in creation order: never shorter than asked for but the last. What is made or deleted between
//! two pages moves the rest: a walk by cursor doesn't.

use directory::{Directory, ScanFrom};
use scim::{Page, Query};
use tenancy::Fact;

use super::{Asked, Found, Kind, Part, View, rest, too_many};
use crate::error::Error;

impl Asked<'_> {
    /// The page, over all parts one behind the other.
    pub(super) async fn by_index(&self, parts: &[Part<'_>], page: Page) -> Result<Found, Error> {
        let (mut total, mut views) = (0, Vec::new());
        for part in parts {
            let (count, found) = self.part_page(part, rest(page, total, views.len())).await?;
            total += count;
            views.extend(found);
        }
        Ok(Found { total: Some(total), start_index: Some(page.start_index), views, next: None })
    }

    /// How many there are of a part, and its share of the page.
    async fn part_page(&self, part: &Part<'_>, page: Page) -> Result<(usize, Vec<View>), Error> {
        let kind = part.kind;
        let Some(query) = &part.query else {
            let read = |directory: &Directory| {
                ((kind.count(directory), kind.page(directory, page)), Fact::Head)
            };
            return Ok(self.exchange.state.tenancy.read(&self.caller.tenant, read).await?);
        };
        let Some(found) = self.look_up(part).await? else {
            return self.scan((kind, query), page).await;
        };
        let skip = page.start_index.saturating_sub(1);
        let total = found.len();
        Ok((total, found.into_iter().skip(skip).take(page.count).collect()))
    }

    /// How many match, and a page of them.
    pub(super) async fn scan(
        &self,
        (kind, query): (Kind<'_>, &Query),
        page: Page,
    ) -> Result<(usize, Vec<View>), Error> {
        let (mut total, mut views, mut rows) = (0, Vec::new(), 0);
        let first = page.start_index.saturating_sub(1);
        let mut from = Some(ScanFrom::default());
        while let Some(begin) = from {
            if rows >= self.rows_max() {
                return Err(too_many());
            }
            let skip = first.saturating_sub(total);
            let wanted = skip..skip.saturating_add(page.count - views.len());
            let slice = self.slice((kind, query), begin, wanted).await?;
            rows += slice.scanned;
            total += slice.total;
            views.extend(slice.views);
            from = slice.next;
            tokio::task::yield_now().await;
        }
        self.settle().await?;
        Ok((total, views))
    }
}
