//! Cursors of RFC 9865: where a walk goes on, said to the client and kept nowhere. It is good for one tenant, filter and order, for a
//! while; nobody else can make one.
//!
//! ```text
//! [1] form = 1   [1] kind   [8] issued at, ms   [4] count   [8] born   [16] id   [16] HMAC-SHA-256, first half, of what it is
//! good for and of all before; in base64url without padding
//! ```

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use events::{Seq, TenantId};
use scim::ScimType;
use uuid::Uuid;

use super::{Asked, Kind, View};
use crate::error::Error;
use crate::exchange::Exchange;

/// How long a cursor is good for, in seconds: what `/ServiceProviderConfig` promises.
pub(crate) const CURSOR_TIMEOUT_S: u32 = 3_600;

const FORM: u8 = 1;
const FACTS_BYTES: usize = 1 + 1 + 8 + 4 + 8 + 16;
const MAC_BYTES: usize = 16;

/// Where a walk stands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The kind's letter.
    pub(crate) kind: u8,
    /// The last one's place in creation order.
    pub(crate) born: Seq,
    /// The last one.
    pub(crate) id: Uuid,
}

/// A cursor that isn't taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is none of ours, or for another question.
    Invalid,
    /// It is too old, or what it stands behind is gone.
    Expired,
    /// The page has another size than the one before.
    Count,
}

impl Place {
    /// Behind a place in creation order; the last one shown, if there is one, names it for sorted walks.
    pub(super) fn behind(kind: Kind<'_>, born: Seq, last: Option<&View>) -> Self {
        Self { kind: kind.letter(), born, id: last.map_or(Uuid::nil(), View::id) }
    }
}

/// The question that a cursor is good for.
pub(crate) struct GoodFor<'a> {
    pub(crate) tenant: &'a TenantId,
    /// What is looked through.
    pub(crate) kinds: &'a [u8],
    pub(crate) filter: &'a str,
    /// By what, and which way.
    pub(crate) order: (&'a str, &'a str),
}

impl GoodFor<'_> {
    /// The cursor that goes on there.
    pub(crate) fn seal(&self, exchange: &Exchange<'_>, place: &Place, count: usize) -> String {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let mut bytes = vec![FORM, place.kind];
        bytes.extend_from_slice(&exchange.now.0.to_be_bytes());
        bytes.extend_from_slice(&count.to_be_bytes());
        bytes.extend_from_slice(&place.born.0.to_be_bytes());
        bytes.extend_from_slice(place.id.as_bytes());
        let mac = self.mac(exchange, &bytes);
        bytes.extend_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Where a cursor says to go on – `None`: at the beginning – and how many a page has.
    ///
    /// # Errors
    /// 400 `invalidCursor`, `expiredCursor` or `invalidCount`.
    pub(crate) fn open(
        &self,
        exchange: &Exchange<'_>,
        cursor: &str,
        asked: Option<usize>,
    ) -> Result<(Option<Place>, usize), Error> {
        if cursor.is_empty() {
            return Ok((None, asked.unwrap_or(scim::limits::PAGE_DEFAULT)));
        }
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| Refused::Invalid)?;
        let (facts, mac) = bytes.split_at_checked(FACTS_BYTES).ok_or(Refused::Invalid)?;
        if !bool::from(subtle::ConstantTimeEq::ct_eq(&self.mac(exchange, facts)[..], mac)) {
            return Err(Refused::Invalid.into());
        }
        let (place, issued_ms, count) = decode(facts).ok_or(Refused::Invalid)?;
        if exchange.now.0 - issued_ms > i64::from(CURSOR_TIMEOUT_S) * 1_000 {
            return Err(Refused::Expired.into());
        }
        if asked.is_some_and(|asked| asked != count) {
            return Err(Refused::Count.into());
        }
        Ok((Some(place), count))
    }

    fn mac(&self, exchange: &Exchange<'_>, facts: &[u8]) -> [u8; MAC_BYTES] {
        let (by, order) = self.order;
        let tenant = self.tenant.as_str();
        let parts = [
            tenant.as_bytes(),
            self.kinds,
            self.filter.as_bytes(),
            by.as_bytes(),
            order.as_bytes(),
            facts,
        ];
        let whole = exchange.state.keys.cursor_mac(&parts);
        let mut half = [0; MAC_BYTES];
        half.iter_mut().zip(whole).for_each(|(cell, byte)| *cell = byte);
        half
    }
}

impl Asked<'_> {
    /// The cursor that goes on there.
    pub(super) fn seal(&self, place: &Place, count: usize) -> String {
        self.good_for(|it| it.seal(self.exchange, place, count))
    }

    /// As [`GoodFor::open`].
    pub(super) fn open(
        &self,
        cursor: &str,
        asked: Option<usize>,
    ) -> Result<(Option<Place>, usize), Error> {
        self.good_for(|it| it.open(self.exchange, cursor, asked))
    }

    /// This tenant, these kinds, this filter and this order.
    fn good_for<T>(&self, make: impl FnOnce(&GoodFor<'_>) -> T) -> T {
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.name()).collect();
        let kinds = kinds.join(" ").into_bytes();
        let filter = self.search.filter.as_ref().map_or("", |filter| filter.text.as_str());
        let (tenant, order) = (self.caller.tenant.id(), self.search.order());
        make(&GoodFor { tenant, kinds: &kinds, filter, order })
    }
}

/// Place, time of issue and count.
fn decode(facts: &[u8]) -> Option<(Place, i64, usize)> {
    let ([form, kind], rest) = facts.split_first_chunk()?;
    let (issued, rest) = rest.split_first_chunk()?;
    let (count, rest) = rest.split_first_chunk()?;
    let (born, id) = rest.split_first_chunk()?;
    let place =
        Place { kind: *kind, born: Seq(u64::from_be_bytes(*born)), id: Uuid::from_slice(id).ok()? };
    let count = usize::try_from(u32::from_be_bytes(*count)).ok()?;
    (*form == FORM).then(|| (place, i64::from_be_bytes(*issued), count))
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        let (kind, detail) = match refused {
            Refused::Invalid => (
                ScimType::InvalidCursor,
                "cursor: it is none that was given out for this list, filter and order; begin again with an empty one",
            ),
            Refused::Expired => (
                ScimType::ExpiredCursor,
                "cursor: it is too old, or the resource that it stands behind is gone; begin again with an empty one",
            ),
            Refused::Count => (
                ScimType::InvalidCount,
                "count: it must stay the same, or be left out, while a list is walked",
            ),
        };
        scim::Error::new(400, Some(kind), detail).into()
    }
}
