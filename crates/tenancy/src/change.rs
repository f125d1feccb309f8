//! The one way to change a stream: reserve, lock, decide, number, encode, apply, append, unlock, wait.
//!
//! Everything between lock and append happens without an await; what can be refused is refused before the
//! fold changes. A caller that goes away loses only the answer: the txn is with the log by then.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use directory::Decision;
use events::wire::{self, TooLarge};
use events::{Envelope, Flags, TenantId};
use store::log::{Log, Permit, TXN_BYTES_MAX};

use crate::resident::{InFlight, Live, Resident, State};
use crate::stream::Stream;
use crate::tenancy::Inner;
use crate::{Call, Error, Fact};

/// Why nothing was changed, or nothing can be said.
pub(crate) enum Refusal<R> {
    /// A rule was broken.
    Rule(R),
    /// The change takes more bytes than an event or a txn may.
    TooLarge { bytes: usize, limit: usize },
    /// Nothing was written and nothing will be.
    Unavailable { retry_after_s: u32 },
    /// The log has stopped; the change may be there after the next start, or not.
    Failed,
}

/// Changes a stream. `decide` says what happens, or what it rests on that nothing does; `read` makes the
/// answer from the changed fold. The answer comes when all that it rests on is durable.
pub(crate) async fn change<S: State, R, T>(
    (inner, stream): (&Inner, &Stream<S>),
    call: Call,
    decide: impl FnOnce(&S) -> Result<(Decision, Fact), R>,
    read: impl FnOnce(&S, &Decision) -> T,
) -> Result<T, Refusal<R>> {
    let (answer, settling) = begin((inner, stream), call, decide, read).await?;
    settling.wait().await?;
    answer
}

/// What an answer still has to wait for.
pub(crate) struct Settling<S> {
    resident: Arc<Resident<S>>,
    txn: Option<InFlight>,
}

impl<S: State> Settling<S> {
    /// Waits until all that the answer rests on is durable.
    pub(crate) async fn wait(self) -> Result<(), Error> {
        self.resident.settle(self.txn).await
    }
}

/// The same as [`change`] without the wait: the answer counts only after it. Changes that are begun one after the other share a sync.
pub(crate) async fn begin<S: State, R, T>(
    (inner, stream): (&Inner, &Stream<S>),
    call: Call,
    decide: impl FnOnce(&S) -> Result<(Decision, Fact), R>,
    read: impl FnOnce(&S, &Decision) -> T,
) -> Result<(Result<T, Refusal<R>>, Settling<S>), Refusal<R>> {
    let log = &inner.log;
    let mut resident = stream.resident(log).await?;
    let permit = log
        .reserve()
        .await
        .map_err(|unavailable| Refusal::Unavailable { retry_after_s: unavailable.retry_after_s })?;
    let (answer, txn) = loop {
        let asked = Instant::now();
        let mut live = resident.live.write();
        inner.waited(asked.elapsed());
        if !resident.is_retired() {
            let turn = Turn { log: &**log, resident: &resident, id: &stream.id, permit };
            break turn.take(&mut live, call, decide, read);
        }
        drop(live);
        resident = stream.resident(log).await?;
    };
    Ok((answer, Settling { resident, txn }))
}

/// A command's turn at a stream whose lock it holds.
struct Turn<'a, S> {
    log: &'a dyn Log,
    resident: &'a Resident<S>,
    id: &'a TenantId,
    permit: Permit,
}

impl<S: State> Turn<'_, S> {
    /// The answer, and the txn that it has to wait for.
    fn take<R, T>(
        self,
        live: &mut Live<S>,
        call: Call,
        decide: impl FnOnce(&S) -> Result<(Decision, Fact), R>,
        read: impl FnOnce(&S, &Decision) -> T,
    ) -> (Result<T, Refusal<R>>, Option<InFlight>) {
        let head = live.state.seq();
        let (mut decision, fact) = match decide(&live.state) {
            Ok(decided) => decided,
            Err(rule) => return (Err(Refusal::Rule(rule)), self.resident.pending(live, head)),
        };
        if decision.events.is_empty() {
            let answer = read(&live.state, &decision);
            return (Ok(answer), self.resident.pending(live, fact.number(head)));
        }
        let envelopes = number(&live.state, self.id, call, &mut decision);
        let records = match encode(&envelopes) {
            Ok(records) => records,
            Err(refusal) => return (Err(refusal), self.resident.pending(live, head)),
        };
        let unwinding = self.resident.retire_on_panic();
        envelopes.iter().for_each(|envelope| live.state.apply(envelope));
        let receipt = self.log.append(self.permit, records);
        let txn = self.resident.hand_over(live, receipt);
        drop(unwinding);
        decision.events = envelopes.into_iter().map(|envelope| envelope.event).collect();
        (Ok(read(&live.state, &decision)), Some(txn))
    }
}

/// Gives the events of a decision their numbers. Takes them out of it.
fn number<S: State>(
    state: &S,
    tenant: &TenantId,
    call: Call,
    decision: &mut Decision,
) -> Vec<Envelope> {
    let at = call.at.max(state.at());
    let txn_size = u32::try_from(decision.events.len()).unwrap_or(u32::MAX);
    let mut seq = state.seq();
    let events = std::mem::take(&mut decision.events).into_iter().zip(0..txn_size);
    let number = |(event, txn_index)| {
        seq = seq.next();
        Envelope {
            tenant: tenant.clone(),
            seq,
            txn: call.txn,
            txn_index,
            txn_size,
            at,
            actor: call.actor.clone(),
            connection: call.connection.clone(),
            coercions: decision.coercions.clone(),
            flags: Flags::default(),
            event,
        }
    };
    events.map(number).collect()
}

fn encode<R>(envelopes: &[Envelope]) -> Result<Vec<Bytes>, Refusal<R>> {
    let mut bytes = 0;
    let mut records = Vec::with_capacity(envelopes.len());
    for envelope in envelopes {
        wire::check_size(envelope)?;
        let record = wire::encode(envelope);
        bytes += record.len();
        records.push(record);
    }
    let limit = TXN_BYTES_MAX;
    if bytes <= limit { Ok(records) } else { Err(Refusal::TooLarge { bytes, limit }) }
}

impl<R> From<TooLarge> for Refusal<R> {
    fn from(TooLarge { bytes }: TooLarge) -> Self {
        Self::TooLarge { bytes, limit: wire::EVENT_BYTES_MAX }
    }
}

impl<R> From<Error> for Refusal<R> {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable { retry_after_s } => Self::Unavailable { retry_after_s },
            Error::Failed => Self::Failed,
            Error::Log(_) | Error::Record { .. } | Error::Gap { .. } | Error::NoView => {
                tracing::error!(%error, "a stream can't be loaded: {error}");
                Self::Failed
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use events::{Actor, Event, Seq, TenantSettings, Timestamp, TxnId};
    use uuid::Uuid;

    use super::*;

    /// Events with names of so many bytes that don't compress; the refused length, if it is refused.
    fn check(names: &[usize], expected: Result<usize, usize>) {
        let id = TenantId::parse("acme").unwrap();
        let envelope = |bytes: &usize| Envelope {
            tenant: id.clone(),
            seq: Seq(1),
            txn: TxnId::new(Uuid::nil()),
            txn_index: 0,
            txn_size: 1,
            at: Timestamp(0),
            actor: Actor::system(),
            connection: None,
            coercions: Vec::new(),
            flags: Flags::default(),
            event: Event::TenantCreated {
                tenant: id.clone(),
                settings: TenantSettings {
                    name: noise(*bytes),
                    unique_group_names: false,
                    ..TenantSettings::of(events::Profile::Lenient)
                },
            },
        };
        let envelopes: Vec<Envelope> = names.iter().map(envelope).collect();
        let limit = match encode::<()>(&envelopes) {
            Ok(records) => Ok(records.len()),
            Err(Refusal::TooLarge { bytes, limit }) => {
                assert!(bytes > limit);
                Err(limit)
            }
            Err(Refusal::Rule(()) | Refusal::Unavailable { .. } | Refusal::Failed) => Ok(0),
        };
        assert_eq!(limit, expected);
    }

    /// Letters in no order.
    fn noise(bytes: usize) -> String {
        let mut state = 1_u64;
        let letter = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(b' ' + state.to_be_bytes()[1] % 64)
        };
        (0..bytes).map(letter).filter(|it| *it != '"').collect()
    }

    #[test]
    fn what_is_too_large_is_refused_before_anything_changes() {
        check(&[10, 10], Ok(2));
        check(&[700 * 1024], Ok(1));
        check(&[10, 900 * 1024], Err(wire::EVENT_BYTES_MAX));
        check(&[700 * 1024; 7], Ok(7));
        check(&[700 * 1024; 10], Err(TXN_BYTES_MAX));
    }
}
