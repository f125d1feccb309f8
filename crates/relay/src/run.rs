//! The relay's life: sessions with Kafka, one after the other, until told to stop or something needs a person.

use std::cell::Cell;
use std::collections::VecDeque;
use std::mem;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use events::{Position, wire};
use store::log::{Limit, Log, Logged, Tail};
use store::mark::{self, Kind, Mark, Note};
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::client::{Context, Shared, config};
use crate::failure::{Halt, Trouble};
use crate::place::{Home, Last, Place, newest};
use crate::placing::{Start, start};
use crate::producer::{Failed, Placed, Producer};
use crate::record::{Source, records};
use crate::status::Order;
use crate::{Options, Phase, Relay, partition, topics};

/// Events of one transaction; a longer call is a transaction of its own.
const TRANSACTION_EVENTS: usize = 500;
/// Envelope bytes of one transaction, about.
const TRANSACTION_BYTES: usize = 4 << 20;
/// How long events gather for a transaction.
const GATHER: Duration = Duration::from_millis(10);
/// One read of the log.
const READ: Limit = Limit { events: TRANSACTION_EVENTS, bytes: TRANSACTION_BYTES };
/// Between two sessions: at first, and at most.
const PAUSE: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// How often the place is noted beside the log.
const NOTE_EVERY: Duration = Duration::from_secs(1);
/// How long it may take until the record of whoever fenced us can be read.
const FENCER_SHOWS: Duration = Duration::from_secs(5);
const FENCER_PAUSE: Duration = Duration::from_millis(500);

/// Relays until told to stop. Blocks: wants a thread of its own, and a runtime for what waits.
///
/// `note` is a file for the last relayed position; `id` names this relay among those of its log, new with each start.
pub fn run(
    relay: &Relay,
    options: &Options,
    log: &Arc<dyn Log>,
    (note, id): (PathBuf, String),
    stop: &CancellationToken,
) {
    let runtime = Handle::current();
    let life = Life { relay, options, log, note, id, stop, runtime, fork: Cell::new(None) };
    let mut pause = PAUSE;
    while !stop.is_cancelled() {
        let begun = Instant::now();
        let trouble = match life.session() {
            Ok(never) => match never {},
            Err(trouble) => trouble,
        };
        let trouble = match trouble {
            Trouble::MaybeFenced => life.who_fenced(),
            other => other,
        };
        if begun.elapsed() > PAUSE_MAX * 2 {
            pause = PAUSE;
        }
        match trouble {
            Trouble::Passing(reason) => {
                life.waits(reason);
                let woken = async {
                    tokio::select! { () = relay.ordered() => {}, () = sleep(pause) => {} }
                };
                life.runtime.block_on(stop.run_until_cancelled(woken));
                pause = (pause * 2).min(PAUSE_MAX);
            }
            Trouble::Halt(halt) => life.halts(halt),
            Trouble::MaybeFenced | Trouble::Ordered | Trouble::Stopped => {}
        }
    }
    relay.set(Phase::Ended);
}

/// No session ends but by trouble.
enum Never {}

struct Life<'a> {
    relay: &'a Relay,
    options: &'a Options,
    log: &'a Arc<dyn Log>,
    note: PathBuf,
    id: String,
    stop: &'a CancellationToken,
    runtime: Handle,
    /// Where an operator said to go on.
    fork: Cell<Option<Position>>,
}

impl Life<'_> {
    /// One session: connect, find the place, relay.
    fn session(&self) -> Result<Never, Trouble> {
        if let Some(Order::ForkAt(position)) = self.relay.take_order() {
            self.fork.set(Some(position));
        }
        let context = Context::new(self.options);
        let producer = Producer::new(self.options, &context, &self.transactional_id())?;
        let wanted = topics::Wanted::all(self.options);
        topics::ensure(producer.client(), self.options, &wanted, &self.runtime)?;
        producer.init(&|| self.stop.is_cancelled())?;
        let start = self.start(&producer, &context)?;
        let mut session = Session {
            life: self,
            producer: &producer,
            tail: Tail::new(Arc::clone(self.log), start.at, READ),
            read: VecDeque::new(),
            place: self.place(&start),
            note: Noting::open(self),
        };
        // Whoever is fenced by us must be able to read by whom.
        session.commit(&[])?;
        self.fork.set(None);
        self.relay.update(|progress| progress.position = Some(start.at));
        self.relay.set(Phase::Relaying);
        tracing::info!(position = start.at.0, "events are relayed to Kafka");
        session.relay()
    }

    fn start(&self, producer: &Producer, context: &Arc<Context>) -> Result<Start, Trouble> {
        if let Some(at) = self.fork.get() {
            tracing::warn!(
                position = at.0,
                "an operator forks the relay: events from here on are published again"
            );
            return Ok(Start { at, last: None });
        }
        let found = self.found(producer, context)?;
        let noted = match mark::read(&self.note, Kind::Relayed, self.log.id()) {
            Ok(Mark::At(noted)) => Some(noted),
            Ok(Mark::Absent | Mark::Unreadable) | Err(_) => None,
        };
        Ok(start(&**self.log, found, noted, &self.options.topics.relay())?)
    }

    /// The log's record in Kafka.
    fn found(&self, producer: &Producer, context: &Arc<Context>) -> Result<Option<Place>, Trouble> {
        let topic = self.options.topics.relay();
        let partition = self.partition();
        let bounds = producer
            .client()
            .fetch_watermarks(&topic, partition, FENCER_SHOWS)
            .map_err(|error| Trouble::of("the relay's record can't be found", &error))?;
        let home = Home { topic: &topic, partition, log: self.log.id(), bounds };
        let shared = Shared(Arc::clone(context));
        newest(&config(self.options), shared, &home, &|| self.stop.is_cancelled())
    }

    /// Whether somebody else relays this log now, or the coordinator only gave up on us: the one who took over leaves a record.
    fn who_fenced(&self) -> Trouble {
        let until = Instant::now() + FENCER_SHOWS;
        let context = Context::new(self.options);
        // Without `init`: that would fence back.
        let producer = match Producer::new(self.options, &context, &self.transactional_id()) {
            Ok(producer) => producer,
            Err(trouble) => return trouble,
        };
        while Instant::now() < until && !self.stop.is_cancelled() {
            if let Ok(Some(place)) = self.found(&producer, &context)
                && place.relay != self.id
            {
                return Trouble::Halt(Halt::Fenced { by: place.relay });
            }
            std::thread::sleep(FENCER_PAUSE);
        }
        Trouble::passing("the coordinator gave up on a transaction")
    }

    fn waits(&self, reason: String) {
        self.relay.update(|progress| progress.troubles += 1);
        let phase = Phase::Waiting { reason };
        if self.relay.status().phase != phase {
            if let Phase::Waiting { reason } = &phase {
                tracing::warn!(
                    reason,
                    "nothing is relayed to Kafka until this is mended; requests are served"
                );
            }
            self.relay.set(phase);
        }
    }

    /// Says what is wrong and what to do, and waits for an operator.
    fn halts(&self, halt: Halt) {
        let remedy = halt.remedy();
        tracing::error!(reason = %halt, remedy, "the relay to Kafka has stopped; requests are served");
        self.relay.set(Phase::Halted(halt));
        self.runtime.block_on(self.stop.run_until_cancelled(self.relay.ordered()));
        if self.relay.is_ordered() {
            tracing::warn!("an operator lets the relay to Kafka go on");
            self.relay.set(Phase::Starting);
        }
    }

    fn place(&self, start: &Start) -> Place {
        Place {
            log: self.log.id(),
            incarnation: self.log.incarnation(),
            position: start.at,
            relay: self.id.clone(),
            last: start.last.clone(),
        }
    }

    fn partition(&self) -> i32 {
        partition(&self.log.id().to_string(), self.options.topics.partitions)
    }

    fn transactional_id(&self) -> String {
        format!("{}-{}", self.options.transactional_id_prefix, self.log.id())
    }
}

/// At work.
struct Session<'a> {
    life: &'a Life<'a>,
    producer: &'a Producer,
    tail: Tail,
    /// Read, and not in a transaction yet.
    read: VecDeque<Logged>,
    place: Place,
    note: Noting,
}

impl Session<'_> {
    fn relay(&mut self) -> Result<Never, Trouble> {
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
    fn commit(&mut self, batch: &[Logged]) -> Result<(), Trouble> {
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
        let committed = self.producer.commit(records, &placed, &|| self.life.stop.is_cancelled());
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
        self.note.at(place.position);
        Ok(())
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

/// The note beside the log: a hint, so that it is no matter if it can't be written.
struct Noting {
    note: Option<Note>,
    noted: Instant,
    newest: Position,
}

impl Noting {
    fn open(life: &Life<'_>) -> Self {
        let note = Note::open(&life.note, Kind::Relayed, life.log.id())
            .inspect_err(|error| tracing::warn!(%error, "where the relay is can't be noted"));
        let long_ago = Instant::now().checked_sub(NOTE_EVERY).unwrap_or_else(Instant::now);
        Self { note: note.ok(), noted: long_ago, newest: Position(0) }
    }

    fn at(&mut self, position: Position) {
        self.newest = position;
        if self.noted.elapsed() >= NOTE_EVERY {
            self.write();
        }
    }

    fn write(&mut self) {
        self.noted = Instant::now();
        let newest = mem::take(&mut self.newest);
        if let Some(Err(error)) = self.note.as_ref().map(|note| note.set(newest)) {
            tracing::warn!(%error, "where the relay is can't be noted");
        }
        self.newest = newest;
    }
}

impl Drop for Noting {
    fn drop(&mut self) {
        if self.newest > Position(0) {
            self.write();
        }
    }
}
