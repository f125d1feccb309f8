//! A session at work: events of the log, whole calls at a time, into transactions.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use events::wire;
use store::log::{Limit, Logged, Tail};
use tokio::time::timeout;

use crate::Phase;
use crate::failure::{Halt, Trouble};
use crate::note::Noting;
use crate::place::{Last, Place};
use crate::producer::{Failed, Placed, Producer};
use crate::record::{Source, records};
use crate::run::{Life, Never};

/// Events of one transaction; a longer call is a transaction of its own.
const TRANSACTION_EVENTS: usize = 500;
/// Envelope bytes of one transaction, about.
const TRANSACTION_BYTES: usize = 4 << 20;
/// How long events gather for a transaction.
const GATHER: Duration = Duration::from_millis(10);
/// One read of the log.
const READ: Limit = Limit { events: TRANSACTION_EVENTS, bytes: TRANSACTION_BYTES };
/// A transaction that takes longer is said to wait.
const STALL: Duration = Duration::from_secs(3);

/// At work.
pub(crate) struct Session<'a> {
    life: &'a Life<'a>,
    producer: &'a Producer,
    tail: Tail,
    /// Read, and not in a transaction yet.
    read: VecDeque<Logged>,
    place: Place,
    note: Noting,
}

impl<'a> Session<'a> {
    pub(crate) fn new(life: &'a Life<'a>, producer: &'a Producer, place: Place) -> Self {
        let tail = Tail::new(Arc::clone(life.log), place.position, READ);
        let note = Noting::open(&life.note, life.log.id());
        Self { life, producer, tail, read: VecDeque::new(), place, note }
    }

    /// Relays until there is trouble.
    pub(crate) fn relay(&mut self) -> Result<Never, Trouble> {
        loop {
            let batch = self.batch()?;
            self.commit(&batch)?;
        }
    }

    /// The next transaction's events: whole calls only.
    fn batch(&mut self) -> Result<Vec<Logged>, Trouble> {
        if self.read.is_empty() {
            let next = async {
                tokio::select! {
                    () = self.life.relay.ordered() => None,
                    read = self.tail.next() => Some(read),
                }
            };
            let next = self.life.runtime.block_on(self.life.stop.run_until_cancelled(next));
            match next {
                None => return Err(Trouble::Stopped),
                Some(None) => return Err(Trouble::Ordered),
                Some(Some(read)) => self.read.extend(read?),
            }
            self.gather()?;
        }
        let mut batch = Vec::new();
        let mut bytes = 0;
        while let Some(size) = self.call()? {
            let call_bytes: usize = self.read.iter().take(size).map(|it| it.envelope.len()).sum();
            let fits =
                batch.len() + size <= TRANSACTION_EVENTS && bytes + call_bytes <= TRANSACTION_BYTES;
            if !batch.is_empty() && !fits {
                break;
            }
            batch.extend(self.read.drain(..size));
            bytes += call_bytes;
        }
        Ok(batch)
    }

    /// Waits a little for more than a few events.
    fn gather(&mut self) -> Result<(), Trouble> {
        let until = Instant::now() + GATHER;
        while self.read.len() < TRANSACTION_EVENTS {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(more) =
                self.life.runtime.block_on(async { timeout(left, self.tail.next()).await })
            else {
                break;
            };
            self.read.extend(more?);
        }
        Ok(())
    }

    /// The size of the first call that was read; reads the rest of it, which is durable too.
    fn call(&mut self) -> Result<Option<usize>, Trouble> {
        let Some(first) = self.read.front() else { return Ok(None) };
        let peeked = wire::peek(&first.envelope).map_err(|error| Halt::Unreadable {
            position: first.position,
            reason: error.to_string(),
        })?;
        // After a fork it may begin inside a call.
        let size = (peeked.txn_size - peeked.txn_index) as usize;
        while self.read.len() < size {
            let more = self.life.runtime.block_on(self.tail.next())?;
            self.read.extend(more);
        }
        Ok(Some(size))
    }

    /// One transaction: these events and the place after them.
    pub(crate) fn commit(&mut self, batch: &[Logged]) -> Result<(), Trouble> {
        let begun = Instant::now();
        let envelopes = batch.iter().map(decoded).collect::<Result<Vec<_>, Halt>>()?;
        self.life.relay.update(|it| it.oldest_at = envelopes.first().map(|first| first.at));
        if let (Some(last), Some(logged)) = (envelopes.last(), batch.last()) {
            self.place.position = logged.next;
            self.place.last = Some(Last::of(last.tenant.clone(), last.seq, &logged.envelope));
        }
        let (options, place) = (self.life.options, &self.place);
        let source = Source { log: place.log, incarnation: place.incarnation };
        let numbered = envelopes.iter().enumerate();
        let records = numbered.flat_map(|(number, envelope)| {
            records(envelope, source, options).into_iter().map(move |record| (number, record))
        });
        let (key, value) = (place.log.to_string(), place.encode());
        let placed = Placed { partition: self.life.partition(), key: &key, value: &value };
        let committed = self.producer.commit(records, &placed, &|| self.stalls(begun));
        committed.map_err(|failed| self.failed(failed, batch))?;
        let count = batch.len() as u64;
        self.life.relay.update(|progress| {
            progress.position = Some(place.position);
            progress.oldest_at = None;
            progress.events += count;
            progress.transactions += 1;
            progress.last_commit_us =
                u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        });
        self.life.relay.set(Phase::Relaying);
        self.note.at(place.position);
        Ok(())
    }

    /// Whether to stop; asked while a transaction waits for the brokers.
    fn stalls(&self, begun: Instant) -> bool {
        if begun.elapsed() > STALL {
            let said = self.producer.complaint().unwrap_or_else(|| "no reason given".to_owned());
            self.life.waits(format!("a transaction doesn't end: {said}"));
        }
        self.life.stop.is_cancelled()
    }

    fn failed(&self, failed: Failed, batch: &[Logged]) -> Trouble {
        let refusal = match failed {
            Failed::Trouble(trouble) => return trouble,
            Failed::Refused(refusal) => refusal,
        };
        // Readers of committed records would wait for its end.
        self.producer.abort();
        let event =
            batch.get(refusal.event).and_then(|logged| Some((logged, decoded(logged).ok()?)));
        match event {
            Some((logged, envelope)) => Trouble::Halt(Halt::Refused {
                position: logged.position,
                tenant: envelope.tenant,
                seq: envelope.seq,
                reason: refusal.reason,
            }),
            None => {
                Trouble::passing(format!("the relay's own record is refused: {}", refusal.reason))
            }
        }
    }
}

fn decoded(logged: &Logged) -> Result<events::Envelope, Halt> {
    wire::decode(&logged.envelope)
        .map_err(|error| Halt::Unreadable { position: logged.position, reason: error.to_string() })
}
