//! A stream's fold: from its snapshot, if there is one, and the log since. Blocks on disk.

use bytes::Bytes;
use events::{Envelope, Seq, TenantId, wire};
use store::log::{Limit, Log};

use crate::resident::{Resident, State};
use crate::snapshot;
use crate::stream::Source;
use crate::{Error, Fold};

/// One read while loading: small enough to keep little in memory twice.
const READ: Limit = Limit { events: 4_096, bytes: 4 * 1024 * 1024 };

/// Folds all that is durable of a stream.
pub(crate) fn load<S: State>(
    log: &dyn Log,
    id: &TenantId,
    source: &Source,
) -> Result<Resident<S>, Error> {
    let restored = snapshot::restore(log, id, source);
    let (mut state, mut views): (S, _) =
        restored.unwrap_or_else(|| (S::default(), source.empty_views()));
    let after = views.iter().map(|view| view.seq()).fold(state.seq(), Seq::min);
    read_on(log, id, after, |envelope| {
        if state.seq() < envelope.seq {
            state.apply(&envelope);
        }
        apply(&mut views, &envelope);
    })?;
    Ok(Resident::new(state, views))
}

/// Folds an event into those views that don't have it yet.
pub(crate) fn apply(views: &mut [Box<dyn Fold>], envelope: &Envelope) {
    for view in views.iter_mut().filter(|view| view.seq() < envelope.seq) {
        view.apply(envelope);
    }
}

/// Gives every durable event of a stream after a number, in order. Returns the last number.
pub(crate) fn read_on(
    log: &dyn Log,
    id: &TenantId,
    after: Seq,
    mut each: impl FnMut(Envelope),
) -> Result<Seq, Error> {
    let mut last = after;
    loop {
        let page = log.read_tenant(id, last, READ)?;
        if page.is_empty() {
            return Ok(last);
        }
        for logged in page {
            let envelope = decode(id, last.next(), &logged.envelope)?;
            last = envelope.seq;
            each(envelope);
        }
    }
}

/// Decodes the event that must be number `due` of the stream.
pub(crate) fn decode(id: &TenantId, due: Seq, record: &Bytes) -> Result<Envelope, Error> {
    let damaged = |reason| Error::Record { tenant: id.clone(), seq: due, reason };
    let envelope = wire::decode_of(id, record).map_err(damaged)?;
    if envelope.seq == due {
        Ok(envelope)
    } else {
        Err(Error::Gap { tenant: id.clone(), expected: due, found: envelope.seq })
    }
}

#[cfg(test)]
mod tests {
    use events::{Actor, Event, Flags, Timestamp, TxnId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_record_out_of_its_place_or_of_another_is_no_part_of_a_history() {
        let id = TenantId::parse("acme").unwrap();
        let envelope = Envelope {
            tenant: id.clone(),
            seq: Seq(7),
            txn: TxnId::new(Uuid::nil()),
            txn_index: 0,
            txn_size: 1,
            at: Timestamp(0),
            actor: Actor::system(),
            connection: None,
            coercions: Vec::new(),
            flags: Flags::default(),
            event: Event::TenantSuspended { tenant: id.clone() },
        };
        let record = wire::encode(&envelope);
        assert_eq!(decode(&id, Seq(7), &record).unwrap(), envelope);
        for due in [6, 8] {
            let answer = decode(&id, Seq(due), &record);
            assert!(matches!(answer, Err(Error::Gap { found: Seq(7), .. })), "{answer:?}");
        }
        let other = TenantId::parse("globex").unwrap();
        let answer = decode(&other, Seq(7), &record);
        assert!(matches!(answer, Err(Error::Record { seq: Seq(7), .. })), "{answer:?}");
        let answer = decode(&id, Seq(7), &record.slice(1..));
        assert!(matches!(answer, Err(Error::Record { seq: Seq(7), .. })), "{answer:?}");
    }
}
