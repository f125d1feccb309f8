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
