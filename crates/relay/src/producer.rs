//! The transactional producer of one session: everything of a batch and the log's place, or nothing.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, Producer as _, ThreadedProducer};

use crate::Options;
use crate::client::{Context, Shared, config};
use crate::failure::{Class, Trouble, class};
use crate::record::{Record, Topic};

/// How long one call may block before it is looked whether to stop.
const SLICE: Duration = Duration::from_secs(2);
/// How long the coordinator may take to answer.
const COORDINATOR_TIMEOUT: Duration = Duration::from_secs(30);
/// How long all records of a transaction may take; librdkafka gives them up after 45 s by itself.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(50);
/// How long librdkafka may take to count delivered records, and how often that is looked at.
const SETTLE_TIMEOUT: Duration = Duration::from_millis(50);
const SETTLE_PAUSE: Duration = Duration::from_micros(50);
/// How long a full queue is waited for between two tries.
const QUEUE_PAUSE: Duration = Duration::from_millis(2);

/// Which event of a batch is refused, and why.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) event: usize,
    pub(crate) reason: String,
}

/// Why a transaction failed.
#[derive(Debug)]
pub(crate) enum Failed {
    Trouble(Trouble),
    Refused(Refusal),
}

/// One producer; after anything has failed it is of no use.
pub(crate) struct Producer {
    inner: ThreadedProducer<Shared>,
    context: Arc<Context>,
    topics: Names,
}

/// The topics' names, made once.
struct Names {
    events: String,
    state: String,
    relay: String,
}

impl Producer {
    /// Connects to nothing yet. `transactional_id` is one for a whole Kafka cluster.
    pub(crate) fn new(
        options: &Options,
        context: &Arc<Context>,
        id: &str,
    ) -> Result<Self, Trouble> {
        let mut config = config(options);
        config.set("transactional.id", id);
        let inner = config
            .create_with_context(Shared(Arc::clone(context)))
            .map_err(|error| Trouble::passing(format!("the settings don't fit: {error}")))?;
        let topics = &options.topics;
        let topics =
            Names { events: topics.events(), state: topics.state(), relay: topics.relay() };
        Ok(Self { inner, context: Arc::clone(context), topics })
    }

    /// The last thing that the client complained of.
    pub(crate) fn complaint(&self) -> Option<String> {
        self.context.complaint()
    }

    pub(crate) fn client(&self) -> &rdkafka::client::Client<Shared> {
        self.inner.client()
    }

    /// Fences whoever had the id before, and ends what it left open.
    pub(crate) fn init(&self, is_stopped: &dyn Fn() -> bool) -> Result<(), Trouble> {
        let until = Instant::now() + COORDINATOR_TIMEOUT;
        self.patiently("transactions can't be begun", until, is_stopped, |within| {
            self.inner.init_transactions(within)
        })
    }

    /// One transaction: `records` of events by number, and the log's place.
    pub(crate) fn commit(
        &self,
        records: impl IntoIterator<Item = (usize, Record)>,
        place: &Placed<'_>,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<(), Failed> {
        self.try_to_commit(records, place, is_stopped).map_err(|failed| {
            // What a call or a record failed with may only be what follows from a fence: records are purged then.
            let is_passing = matches!(failed, Failed::Trouble(Trouble::Passing(_)));
            if is_passing && self.is_fenced() {
                Failed::Trouble(Trouble::MaybeFenced)
            } else {
                failed
            }
        })
    }

    fn is_fenced(&self) -> bool {
        self.client().fatal_error().is_some_and(|(code, _)| class(code) == Class::Fenced)
    }

    fn try_to_commit(
        &self,
        records: impl IntoIterator<Item = (usize, Record)>,
        place: &Placed<'_>,
        is_stopped: &dyn Fn() -> bool,
    ) -> Result<(), Failed> {
        let trouble = |doing: &str, error| Failed::Trouble(Trouble::of(doing, &error));
        self.context.deliveries.begin();
        self.inner
            .begin_transaction()
            .map_err(|error| trouble("a transaction can't be begun", error))?;
        for (event, record) in records {
            self.send(event, &record)?;
        }
        let (key, value) = (place.key, place.value);
        let record: BaseRecord<'_, str, [u8], usize> =
            BaseRecord::with_opaque_to(&self.topics.relay, 0).partition(place.partition);
        self.produce(0, record.key(key).payload(value))?;
        self.delivered(is_stopped)?;
        let until = Instant::now() + COORDINATOR_TIMEOUT;
        self.patiently("the transaction can't be committed", until, is_stopped, |within| {
            self.inner.commit_transaction(within)
        })
        .map_err(Failed::Trouble)
    }

    /// Takes back what was sent. Whether that works is of no matter: the next producer's `init` ends it.
    pub(crate) fn abort(&self) {
        if let Err(error) = self.inner.abort_transaction(SLICE) {
            tracing::debug!(%error, "a transaction could not be aborted");
        }
    }

    fn send(&self, event: usize, record: &Record) -> Result<(), Failed> {
        let topic = match record.topic {
            Topic::Events => &self.topics.events,
            Topic::State => &self.topics.state,
        };
        let built: BaseRecord<'_, str, [u8], usize> = BaseRecord::with_opaque_to(topic, event)
            .partition(record.partition)
            .key(record.key.as_str())
            .headers(record.headers.clone());
        self.produce(
            event,
            match &record.value {
                Some(value) => built.payload(value),
                None => built,
            },
        )
    }

    /// Hands a record over; waits for room as long as records may take.
    fn produce(
        &self,
        event: usize,
        mut record: BaseRecord<'_, str, [u8], usize>,
    ) -> Result<(), Failed> {
        let until = Instant::now() + DELIVERY_TIMEOUT;
        loop {
            self.context.deliveries.sent();
            let Err((error, back)) = self.inner.send(record) else { return Ok(()) };
            self.context.deliveries.ended(event, None);
            let code = error.rdkafka_error_code();
            if code == Some(RDKafkaErrorCode::QueueFull) && Instant::now() < until {
                thread::sleep(QUEUE_PAUSE);
                record = back;
                continue;
            }
            if code.is_some_and(|code| class(code) == Class::Refused) {
                return Err(Failed::Refused(Refusal { event, reason: error.to_string() }));
            }
            return Err(Failed::Trouble(Trouble::of("a record can't be sent", &error)));
        }
    }

    fn delivered(&self, is_stopped: &dyn Fn() -> bool) -> Result<(), Failed> {
        match self.context.deliveries.wait(DELIVERY_TIMEOUT, is_stopped) {
            Ok(()) => {
                self.settle();
                Ok(())
            }
            Err(None) if is_stopped() => Err(Failed::Trouble(Trouble::Stopped)),
            Err(None) => {
                Err(Failed::Trouble(Trouble::passing("records were not delivered in time")))
            }
            Err(Some(failed)) => Err(match class(failed.code) {
                Class::Refused => Failed::Refused(Refusal {
                    event: failed.event,
                    reason: failed.code.to_string(),
                }),
                Class::Fenced => Failed::Trouble(Trouble::MaybeFenced),
                Class::Passing | Class::Purged => {
                    let said = self.context.complaint().unwrap_or_default();
                    Failed::Trouble(Trouble::passing(format!("{}: {said}", failed.code)))
                }
            }),
        }
    }

    /// Waits a moment until librdkafka has counted what its reports said: it flushes in a commit, by 100 ms when anything is left.
    fn settle(&self) {
        let until = Instant::now() + SETTLE_TIMEOUT;
        while self.inner.in_flight_count() > 0 && Instant::now() < until {
            thread::sleep(SETTLE_PAUSE);
        }
    }

    /// Calls again what only ran out of time or may be tried again, until it is too late or told to stop.
    fn patiently(
        &self,
        doing: &str,
        until: Instant,
        is_stopped: &dyn Fn() -> bool,
        call: impl Fn(Duration) -> Result<(), KafkaError>,
    ) -> Result<(), Trouble> {
        loop {
            let Err(error) = call(SLICE) else { return Ok(()) };
            if is_stopped() {
                return Err(Trouble::Stopped);
            }
            if !is_retriable(&error) || Instant::now() >= until {
                let said = self.context.complaint().map(|said| format!(" ({said})"));
                let trouble = Trouble::of(doing, &error);
                let Trouble::Passing(reason) = trouble else { return Err(trouble) };
                return Err(Trouble::Passing(reason + &said.unwrap_or_default()));
            }
        }
    }
}

/// Whether the same call may be made again.
fn is_retriable(error: &KafkaError) -> bool {
    if let KafkaError::Transaction(error) = error {
        return error.is_retriable();
    }
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::OperationTimedOut)
}

/// The log's place as a record.
pub(crate) struct Placed<'a> {
    pub(crate) partition: i32,
    pub(crate) key: &'a str,
    pub(crate) value: &'a [u8],
}
