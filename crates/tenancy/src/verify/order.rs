//! Whether a history is whole: numbers without gaps, time that never goes back, calls that are complete.

use events::{Envelope, Seq, TenantId, Timestamp, TxnId};

use crate::Error;

/// One tenant's history so far.
#[derive(Default)]
pub(super) struct Order {
    seq: Seq,
    at: Timestamp,
    /// The call at hand, and how many of its events are still due.
    txn: Option<(TxnId, u32)>,
}

impl Order {
    /// Takes the next event.
    pub(super) fn next(&mut self, envelope: &Envelope) -> Result<(), Error> {
        let due = self.seq.next();
        let (txn, index, size) = (envelope.txn, envelope.txn_index, envelope.txn_size);
        let in_its_call = match self.txn {
            Some((open, left)) if left > 0 => open == txn && index + left == size,
            Some(_) | None => index == 0,
        };
        if envelope.seq != due || !in_its_call || envelope.at < self.at {
            let (tenant, found) = (envelope.tenant.clone(), envelope.seq);
            return Err(Error::Gap { tenant, expected: due, found });
        }
        self.seq = due;
        self.at = envelope.at;
        self.txn = Some((txn, size - index - 1));
        Ok(())
    }

    /// A call that lacks events at the end.
    pub(super) fn unfinished(&self, id: &TenantId) -> Option<String> {
        let (txn, left) = self.txn.filter(|(_, left)| *left > 0)?;
        Some(format!("{id}: call {txn} lacks {left} events after {}", self.seq))
    }
}

#[cfg(test)]
mod tests {
    use events::{Actor, Event, Flags};
    use uuid::Uuid;

    use super::*;

    /// Events as (number, call, index, size, time); the message of the first fault, or of what is unfinished.
    fn check(history: &[(u64, u128, u32, u32, i64)], expected: Option<&str>) {
        let mut order = Order::default();
        let id = TenantId::parse("acme").unwrap();
        let mut fault = None;
        for &(seq, txn, txn_index, txn_size, at) in history {
            let envelope = Envelope {
                tenant: id.clone(),
                seq: Seq(seq),
                txn: TxnId::new(Uuid::from_u128(txn)),
                txn_index,
                txn_size,
                at: Timestamp(at),
                actor: Actor::system(),
                connection: None,
                coercions: Vec::new(),
                flags: Flags::default(),
                event: Event::TenantSuspended { tenant: id.clone() },
            };
            fault = fault.or_else(|| order.next(&envelope).err().map(|it| it.to_string()));
        }
        let fault = fault.or_else(|| order.unfinished(&id));
        assert_eq!(fault.as_deref(), expected);
    }

    #[test]
    fn a_history_is_whole_or_says_where_it_is_not() {
        let gap = |found: u64, due: u64| {
            format!("the history of acme goes on with {found} where {due} is due")
        };
        check(&[], None);
        check(&[(1, 1, 0, 1, 5), (2, 2, 0, 2, 5), (3, 2, 1, 2, 5), (4, 3, 0, 1, 6)], None);
        check(&[(2, 1, 0, 1, 5)], Some(&gap(2, 1)));
        check(&[(1, 1, 0, 1, 5), (3, 2, 0, 1, 5)], Some(&gap(3, 2)));
        check(&[(1, 1, 0, 1, 5), (1, 2, 0, 1, 5)], Some(&gap(1, 2)));
        check(&[(1, 1, 0, 1, 5), (2, 2, 0, 1, 4)], Some(&gap(2, 2)));
        check(&[(1, 1, 1, 2, 5)], Some(&gap(1, 1)));
        check(&[(1, 1, 0, 2, 5), (2, 2, 0, 1, 5)], Some(&gap(2, 2)));
        check(&[(1, 1, 0, 2, 5), (2, 2, 1, 2, 5)], Some(&gap(2, 2)));
        check(&[(1, 1, 0, 3, 5), (2, 1, 2, 3, 5)], Some(&gap(2, 2)));
        let lacks = format!("acme: call {} lacks 2 events after 1", Uuid::from_u128(1));
        check(&[(1, 1, 0, 3, 5)], Some(&lacks));
    }
}
