//! A subscriber: reads whole topics, committed records only, as `docs/SUBSCRIBING.md` says it is done.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, NewTopic, ResourceSpecifier, TopicReplication,
};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::{Offset, TopicPartitionList};

/// One committed record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) partition: i32,
    pub(crate) key: String,
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) headers: BTreeMap<String, String>,
}

const READ_WITHIN: Duration = Duration::from_secs(90);
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

impl Record {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn seq(&self) -> u64 {
        self.header("seq").parse().unwrap()
    }
}

/// Every committed record of a topic, partition by partition, up to where the partitions end now.
pub(crate) fn read(brokers: &str, topic: &str) -> Vec<Record> {
    let consumer = consumer(brokers, "read_committed");
    let ends = ends(brokers, topic);
    let mut places = TopicPartitionList::new();
    for partition in ends.keys() {
        places.add_partition_offset(topic, *partition, Offset::Beginning).unwrap();
    }
    consumer.assign(&places).unwrap();
    let (began, mut records) = (Instant::now(), Vec::new());
    while !is_read(&consumer, topic, &ends) {
        assert!(began.elapsed() < READ_WITHIN, "{topic} can't be read to its end");
        // Errors are brokers that come and go.
        if let Some(Ok(message)) = consumer.poll(Duration::from_millis(50)) {
            records.push(record(&message));
        }
    }
    records.sort_by_key(|record| record.partition);
    records
}

/// Follows a topic from its end on, until told to stop.
pub(crate) fn follow(
    brokers: &str,
    topic: &str,
    stop: &AtomicBool,
    mut each: impl FnMut(&BorrowedMessage<'_>),
) {
    let consumer = consumer(brokers, "read_committed");
    let metadata = consumer.fetch_metadata(Some(topic), ANSWER_WITHIN).unwrap();
    let mut places = TopicPartitionList::new();
    for partition in metadata.topics()[0].partitions() {
        places.add_partition_offset(topic, partition.id(), Offset::End).unwrap();
    }
    consumer.assign(&places).unwrap();
    while !stop.load(Ordering::SeqCst) {
        if let Some(Ok(message)) = consumer.poll(Duration::from_millis(20)) {
            each(&message);
        }
    }
}

/// Where the partitions end, open transactions included; empty ones are left out.
fn ends(brokers: &str, topic: &str) -> BTreeMap<i32, i64> {
    let consumer = consumer(brokers, "read_uncommitted");
    let metadata = consumer.fetch_metadata(Some(topic), ANSWER_WITHIN).unwrap();
    let partitions = metadata.topics()[0].partitions().iter().map(|it| it.id());
    let bounds = |partition: i32| {
        let (low, high) = consumer.fetch_watermarks(topic, partition, ANSWER_WITHIN).unwrap();
        (high > low).then_some((partition, high))
    };
    partitions.filter_map(bounds).collect()
}

fn is_read(consumer: &BaseConsumer, topic: &str, ends: &BTreeMap<i32, i64>) -> bool {
    let places = consumer.position().unwrap();
    ends.iter().all(|(partition, end)| {
        let place = places.find_partition(topic, *partition).map(|place| place.offset());
        matches!(place, Some(Offset::Offset(at)) if at >= *end)
    })
}

fn record(message: &impl Message) -> Record {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let headers = message.headers().into_iter().flat_map(Headers::iter);
    Record {
        partition: message.partition(),
        key: text(message.key().unwrap_or_default()),
        value: message.payload().map(<[u8]>::to_vec),
        headers: headers
            .map(|it| (it.key.to_owned(), text(it.value.unwrap_or_default())))
            .collect(),
    }
}

fn consumer(brokers: &str, isolation: &str) -> BaseConsumer {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers).set("isolation.level", isolation);
    config.set("group.id", "tests").set("enable.auto.commit", "false");
    config.set("fetch.wait.max.ms", "20").create().unwrap()
}

/// What the tests do to topics behind the relay's back.
pub(crate) struct Topics {
    admin: AdminClient<DefaultClientContext>,
    runtime: tokio::runtime::Runtime,
}

impl Topics {
    pub(crate) fn of(brokers: &str) -> Self {
        let mut config = ClientConfig::new();
        let admin = config.set("bootstrap.servers", brokers).create().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { admin, runtime }
    }

    pub(crate) fn make(&self, name: &str, partitions: i32, settings: &[(&str, &str)]) {
        let new = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
        let new = settings.iter().fold(new, |new, (key, value)| new.set(key, value));
        let (new, options) = ([new], options());
        let made = self.admin.create_topics(&new, &options);
        self.runtime.block_on(made).unwrap()[0].as_ref().unwrap();
    }

    pub(crate) fn delete(&self, name: &str) {
        let options = options();
        let deleted = self.admin.delete_topics(&[name], &options);
        self.runtime.block_on(deleted).unwrap()[0].as_ref().unwrap();
        // The name is free a moment later.
        std::thread::sleep(Duration::from_millis(500));
    }

    /// The settings of a topic, all of them anew.
    pub(crate) fn set(&self, name: &str, settings: &[(&str, &str)]) {
        let change = AlterConfig::new(ResourceSpecifier::Topic(name));
        let change = settings.iter().fold(change, |change, (key, value)| change.set(key, value));
        let (change, options) = ([change], options());
        let altered = self.admin.alter_configs(&change, &options);
        self.runtime.block_on(altered).unwrap()[0].as_ref().unwrap();
    }

    /// As retention does: everything in the topic is gone, the partitions' ends stay.
    pub(crate) fn expire(&self, brokers: &str, name: &str) {
        let mut places = TopicPartitionList::new();
        for (partition, end) in ends(brokers, name) {
            places.add_partition_offset(name, partition, Offset::Offset(end)).unwrap();
        }
        let options = options();
        self.runtime.block_on(self.admin.delete_records(&places, &options)).unwrap();
    }
}

fn options() -> AdminOptions {
    AdminOptions::new().operation_timeout(Some(ANSWER_WITHIN))
}
