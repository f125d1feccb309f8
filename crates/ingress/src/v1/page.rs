//! Pages of `/v1`'s lists: `limit`, and `after` with the last id of the page before.

use std::str::FromStr;

use crate::error::Error;
use crate::exchange::Exchange;

/// Entries of a page, at most.
const PAGE_MAX: usize = 1000;
/// Entries of a page when nothing is said.
const PAGE_DEFAULT: usize = 100;

/// The page that is asked for.
pub(crate) struct Page<A> {
    /// What the page before ended with.
    pub(crate) after: Option<A>,
    /// Entries, at most.
    pub(crate) limit: usize,
}

impl<A: FromStr> Page<A> {
    /// From the query string.
    ///
    /// # Errors
    /// 400 for what can't be read.
    pub(crate) fn of(exchange: &Exchange<'_>) -> Result<Self, Error> {
        let after = parameter(exchange, "after")?;
        let limit = parameter::<usize>(exchange, "limit")?.unwrap_or(PAGE_DEFAULT);
        Ok(Self { after, limit: limit.clamp(1, PAGE_MAX) })
    }
}

impl<A> Page<A> {
    /// Cuts the page out of entries that begin behind `after`; with what the next page's `after` is, if there is one.
    pub(crate) fn cut<T, N>(
        &self,
        entries: impl Iterator<Item = T>,
        name: impl FnOnce(&T) -> N,
    ) -> (Vec<T>, Option<N>) {
        let mut page: Vec<T> = entries.take(self.limit + 1).collect();
        let more = page.len() > self.limit;
        page.truncate(self.limit);
        let next = page.last().filter(|_| more).map(name);
        (page, next)
    }
}

fn parameter<T: FromStr>(exchange: &Exchange<'_>, name: &str) -> Result<Option<T>, Error> {
    let Some(text) = exchange.query().text(name)?.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let read = text.parse().map(Some);
    read.map_err(|_| Error::Invalid { detail: format!("{name}: it can't be read") })
}
