//! Part of the history once more, to a topic of its own: for a subscriber that lost some of it. The relay itself isn't touched.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use events::{Envelope, Position, Seq, TenantId, Timestamp, wire};
use rdkafka::error::RDKafkaErrorCode;
use rdkafka::producer::{BaseRecord, Producer as _, ThreadedProducer};
use store::log::{Limit, Log, Logged};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::client::{Context, Shared, config};
use crate::record::{Record, Source, event};
use crate::topics::{Wanted, ensure};
use crate::{Options, Relay, partition};

/// One read of the log.
const READ: Limit = Limit { events: 500, bytes: 4 << 20 };
/// How long records of one read may take.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(50);
const QUEUE_PAUSE: Duration = Duration::from_millis(2);

/// What to publish once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Republish {
    /// Where to; made if it is missing and topics are made at all.
    pub topic: String,
    /// Which events.
    pub since: Since,
}

/// Which events to publish once more; all up to what is durable at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// Everybody's, from a moment on.
    Time(Timestamp),
    /// One tenant's, from a number on.
    Seq(TenantId, Seq),
}

/// Follows requests, one after the other, until told to stop. Blocks: wants a thread of its own.
pub fn run(relay: &Relay, options: &Options, log: &Arc<dyn Log>, stop: &CancellationToken) {
    let runtime = Handle::current();
    while let Some(asked) = runtime.block_on(stop.run_until_cancelled(relay.asked())) {
        let ended = Job { relay, options, log, stop, runtime: &runtime, asked: &asked }.run();
        tracing::info!(topic = asked.topic, ?ended, "events were published once more");
        relay.update_republishing(|republishing| republishing.ended = Some(ended));
    }
}

struct Job<'a> {
    relay: &'a Relay,
    options: &'a Options,
    log: &'a Arc<dyn Log>,
    stop: &'a CancellationToken,
    runtime: &'a Handle,
    asked: &'a Republish,
}

impl Job<'_> {
    fn run(&self) -> Result<(), String> {
        let context = Context::new(self.options);
        let producer: ThreadedProducer<Shared> = config(self.options)
            .create_with_context(Shared(Arc::clone(&context)))
            .map_err(|error| error.to_string())?;
        let wanted = [Wanted::of_events(self.asked.topic.clone())];
        ensure(producer.client(), self.options, &wanted, self.runtime)
            .map_err(|trouble| format!("{trouble:?}"))?;
        let end = self.log.durable();
        match &self.asked.since {
            Since::Time(from) => self.all(&producer, &context, *from, end),
            Since::Seq(tenant, from) => self.one(&producer, &context, tenant, *from),
        }
    }

    fn all(
        &self,
        producer: &ThreadedProducer<Shared>,
        context: &Context,
        from: Timestamp,
        end: Position,
    ) -> Result<(), String> {
        let mut at = Position(0);
        while at < end {
            let page = self.log.read(at, READ).map_err(|error| error.to_string())?;
            let Some(last) = page.last() else { break };
            at = last.next;
            let page = page.iter().filter(|logged| logged.position < end);
            self.publish(producer, context, page, |envelope| envelope.at >= from)?;
        }
        Ok(())
    }

    fn one(
        &self,
        producer: &ThreadedProducer<Shared>,
        context: &Context,
        tenant: &TenantId,
        from: Seq,
    ) -> Result<(), String> {
        let (mut after, head) = (Seq(from.0.saturating_sub(1)), self.log.head(tenant));
        while after < head {
            let page =
                self.log.read_tenant(tenant, after, READ).map_err(|error| error.to_string())?;
            let Some(last) = page.last() else { break };
            after = wire::peek(&last.envelope).map_err(|error| error.to_string())?.seq;
            self.publish(producer, context, page.iter(), |envelope| envelope.seq <= head)?;
        }
        Ok(())
    }

    /// Those of a page that are wanted, and waits until they are delivered.
    fn publish<'a>(
        &self,
        producer: &ThreadedProducer<Shared>,
        context: &Context,
        page: impl Iterator<Item = &'a Logged>,
        is_wanted: impl Fn(&Envelope) -> bool,
    ) -> Result<(), String> {
        if self.stop.is_cancelled() {
            return Err("the gateway ends".to_owned());
        }
        let source = Source { log: self.log.id(), incarnation: self.log.incarnation() };
        let options = self.options;
        context.deliveries.begin();
        let mut events = 0;
        for logged in page {
            let envelope = wire::decode(&logged.envelope).map_err(|error| error.to_string())?;
            if is_wanted(&envelope) {
                let partition = partition(envelope.tenant.as_str(), options.topics.partitions);
                let record = event(&envelope, source, options.form, partition);
                send(producer, context, &self.asked.topic, &record)?;
                events += 1;
            }
        }
        let delivered = context.deliveries.wait(DELIVERY_TIMEOUT, &|| self.stop.is_cancelled());
        delivered.map_err(|failed| {
            failed.map_or_else(|| "not delivered in time".to_owned(), |it| it.code.to_string())
        })?;
        self.relay.update_republishing(|republishing| republishing.events += events);
        Ok(())
    }
}

fn send(
    producer: &ThreadedProducer<Shared>,
    context: &Context,
    topic: &str,
    record: &Record,
) -> Result<(), String> {
    let until = Instant::now() + DELIVERY_TIMEOUT;
    let value = record.value.as_deref().unwrap_or_default();
    let mut built: BaseRecord<'_, str, [u8], usize> = BaseRecord::with_opaque_to(topic, 0)
        .partition(record.partition)
        .key(record.key.as_str())
        .payload(value)
        .headers(record.headers.clone());
    loop {
        context.deliveries.sent();
        let Err((error, back)) = producer.send(built) else { return Ok(()) };
        context.deliveries.ended(0, None);
        let is_full = error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull);
        if !is_full || Instant::now() >= until {
            return Err(error.to_string());
        }
        thread::sleep(QUEUE_PAUSE);
        built = back;
    }
}
