//! One slice of a scan: as many rows as one short lock allows, or, of users, none under the lock at all.

use std::ops::Range;

use directory::{Directory, Sample, ScanFrom, Scanned};
use events::Seq;
use scim::Query;
use tenancy::Fact;

use super::kind::{groups, users};
use super::{Asked, Kind, SLICE_ROWS, View};
use crate::error::Error;

/// What one slice of a scan gives.
pub(super) struct Slice {
    /// How many match.
    pub(super) total: usize,
    /// Those that were wanted.
    pub(super) views: Vec<View>,
    /// How many were looked at.
    pub(super) scanned: usize,
    /// Where to go on.
    pub(super) next: Option<ScanFrom>,
}

impl Asked<'_> {
    /// The next slice; of those that match only the `wanted` ones are given.
    pub(super) async fn slice(
        &self,
        (kind, query): (Kind<'_>, &Query),
        from: ScanFrom,
        wanted: Range<usize>,
    ) -> Result<Slice, Error> {
        match kind {
            Kind::User if Sample::serves(query) => self.sample(query, from, wanted).await,
            Kind::User => {
                let slice = self.peek(|directory| directory.scan_users(query, from, SLICE_ROWS));
                Ok(Slice::of(slice.await?, wanted, users))
            }
            Kind::Group => {
                let slice = self.peek(|directory| directory.scan_groups(query, from, SLICE_ROWS));
                Ok(Slice::of(slice.await?, wanted, groups))
            }
            Kind::Custom(of, _) => {
                let at = (from, SLICE_ROWS);
                let slice = self.peek(|directory| directory.scan_customs(&of.name, query, at));
                Ok(Slice::of(slice.await?, wanted, |views| kind.customs(views)))
            }
        }
    }

    /// Looks at users without the tenant's lock.
    async fn sample(
        &self,
        query: &Query,
        from: ScanFrom,
        wanted: Range<usize>,
    ) -> Result<Slice, Error> {
        let sample = self.peek(|directory| directory.sample_users(from, SLICE_ROWS)).await?;
        let matching = sample.matching(query);
        let (total, next, scanned) = (matching.len(), sample.next(), sample.scanned());
        let wanted = part(matching, wanted);
        let views = match wanted.len() {
            0 => Vec::new(),
            _ => self.peek(|directory| directory.matching_users(&wanted, query)).await?,
        };
        // Who has changed or gone meanwhile doesn't count.
        let gone = wanted.len() - views.len();
        Ok(Slice { total: total - gone, views: users(views), scanned, next })
    }

    /// Reads under the tenant's lock. It rests on nothing yet: what was seen is waited for once, at the end.
    pub(super) async fn peek<T>(&self, read: impl FnOnce(&Directory) -> T) -> Result<T, Error> {
        let read = |directory: &Directory| (read(directory), Fact::Version(Seq::default()));
        Ok(self.exchange.state.tenancy.read(&self.caller.tenant, read).await?)
    }
}

impl Slice {
    fn of<V>(
        scanned: Scanned<V>,
        wanted: Range<usize>,
        views: impl FnOnce(Vec<V>) -> Vec<View>,
    ) -> Self {
        let Scanned { found, scanned, next } = scanned;
        Self { total: found.len(), views: views(part(found, wanted)), scanned, next }
    }
}

/// The part of a list that is wanted, as far as it goes.
fn part<T>(of: Vec<T>, wanted: Range<usize>) -> Vec<T> {
    of.into_iter().skip(wanted.start).take(wanted.len()).collect()
}
