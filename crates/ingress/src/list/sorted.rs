//! Sorted pages (RFC 7644 §3.4.2.3): the keys of all that match are taken in slices, ordered, and one page of them is shown. The id is
//! the last key, so that pages fit together.

use directory::ScanFrom;
use events::Seq;
use scim::sort::Key as SortKey;
use tenancy::Fact;
use uuid::Uuid;

use super::cursor::Place;
use super::{Asked, Found, Kind, Part, Refused, SLICE_ROWS, View, too_many};
use crate::error::Error;
use crate::search::Paging;

/// One of those that are ordered.
struct Row<'t> {
    key: SortKey,
    kind: Kind<'t>,
    id: Uuid,
}

impl Asked<'_> {
    /// The page of what matches, in order.
    pub(super) async fn sorted(&self, parts: &[Part<'_>], paging: &Paging) -> Result<Found, Error> {
        let mut rows = Vec::new();
        for part in parts {
            let ids = self.matching(part, rows.len()).await?;
            for some in ids.chunks(SLICE_ROWS) {
                let keys = match &part.sort {
                    Some(sort) => self.peek(|it| part.kind.sort(it, some, sort)).await?,
                    None => some.iter().map(|id| (SortKey::Nothing, *id)).collect(),
                };
                let row = |(key, id)| Row { key, kind: part.kind, id };
                rows.extend(keys.into_iter().map(row));
                tokio::task::yield_now().await;
            }
        }
        let Some(sort) = parts.iter().find_map(|part| part.sort.as_ref()) else {
            return Ok(Found::default());
        };
        rows.sort_by(|a, b| sort.compare(&a.key, &b.key).then_with(|| a.id.cmp(&b.id)));
        let total = rows.len();
        let (first, count, start_index) = match paging {
            Paging::Index(page) => {
                (page.start_index.saturating_sub(1), page.count, Some(page.start_index))
            }
            Paging::Cursor { cursor, count } => {
                let (place, count) = self.open(cursor, *count)?;
                (self.behind(&rows, place.as_ref())?, count, None)
            }
        };
        let page = rows.get(first.min(total)..first.saturating_add(count).min(total));
        let page = page.unwrap_or_default();
        let more = start_index.is_none() && !page.is_empty() && first + page.len() < total;
        let next = page.last().filter(|_| more).map(|row| {
            self.seal(&Place { kind: row.kind.letter(), born: Seq(0), id: row.id }, count)
        });
        let views = self.shown(page).await?;
        Ok(Found { total: Some(total), start_index, views, next })
    }

    /// All of a part that match; `before` others were taken already.
    async fn matching(&self, part: &Part<'_>, before: usize) -> Result<Vec<Uuid>, Error> {
        if let Some(found) = self.look_up(part).await? {
            return Ok(found.iter().map(View::id).collect());
        }
        let (mut ids, mut scanned, mut from) = (Vec::new(), before, Some(ScanFrom::default()));
        while let Some(begin) = from {
            if scanned >= self.rows_max() {
                return Err(too_many());
            }
            let views = match &part.query {
                Some(query) => {
                    let slice = self.slice((part.kind, query), begin, 0..SLICE_ROWS).await?;
                    scanned += slice.scanned;
                    from = slice.next;
                    slice.views
                }
                None => {
                    let views = self.peek(|it| part.kind.behind(it, begin, SLICE_ROWS)).await?;
                    scanned += views.len();
                    let last = views.last().map(|view| ScanFrom(view.born()));
                    from = last.filter(|_| views.len() == SLICE_ROWS);
                    views
                }
            };
            ids.extend(views.iter().map(View::id));
            tokio::task::yield_now().await;
        }
        Ok(ids)
    }

    /// Where the page begins; a walk whose last one is gone can't go on.
    fn behind(&self, rows: &[Row<'_>], place: Option<&Place>) -> Result<usize, Error> {
        let Some(place) = place else { return Ok(0) };
        let last = rows.iter().position(|row| row.id == place.id);
        last.map(|at| at + 1).ok_or_else(|| Refused::Expired.into())
    }

    async fn shown(&self, page: &[Row<'_>]) -> Result<Vec<View>, Error> {
        let read = |directory: &directory::Directory| {
            let views = page.iter().filter_map(|row| row.kind.one(directory, row.id));
            (views.collect(), Fact::Head)
        };
        Ok(self.exchange.state.tenancy.read(&self.caller.tenant, read).await?)
    }
}
