//! The relay's life: sessions with Kafka, one after the other, until told to stop or something needs a person.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use events::Position;
use store::log::Log;
use store::mark::{self, Kind, Mark};
use tokio::runtime::Handle;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::client::{Context, Shared, config};
use crate::failure::{Halt, Trouble};
use crate::place::{Home, Place, newest};
use crate::placing::{Start, start};
use crate::producer::Producer;
use crate::session::Session;
use crate::status::Order;
use crate::{Options, Phase, Relay, partition, topics};

/// Between two sessions: at first, and at most.
const PAUSE: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(5);
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
        let is_fenced = matches!(trouble, Trouble::MaybeFenced);
        let trouble = if is_fenced { life.who_fenced() } else { trouble };
        if begun.elapsed() > PAUSE_MAX * 2 {
            pause = PAUSE;
        }
        match trouble {
            Trouble::Passing(reason) => {
                relay.update(|progress| progress.troubles += 1);
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
pub(crate) enum Never {}

/// What all sessions share.
pub(crate) struct Life<'a> {
    pub(crate) relay: &'a Relay,
    pub(crate) options: &'a Options,
    pub(crate) log: &'a Arc<dyn Log>,
    pub(crate) note: PathBuf,
    id: String,
    pub(crate) stop: &'a CancellationToken,
    pub(crate) runtime: Handle,
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
        let mut session = Session::new(self, &producer, self.place(&start));
        // Whoever is fenced by us must be able to read by whom.
        session.commit(&[])?;
        self.fork.set(None);
        self.relay.update(|progress| progress.position = Some(start.at));
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

    /// Says what is waited for, once.
    pub(crate) fn waits(&self, reason: String) {
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

    pub(crate) fn partition(&self) -> i32 {
        partition(&self.log.id().to_string(), self.options.topics.partitions)
    }

    fn transactional_id(&self) -> String {
        format!("{}-{}", self.options.transactional_id_prefix, self.log.id())
    }
}
