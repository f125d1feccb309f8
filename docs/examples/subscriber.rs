//! A subscriber to Rollcall's topics: learns who is there, then follows what changes. Values are JSON (`[kafka] format = "json"`).
//!
//! ```text
//! cargo run --package tests --example subscriber -- localhost:9092 rollcall [--once]
//! ```
//!
//! Prints one JSON line when it has caught up, and one for each event after that. See `docs/SUBSCRIBING.md`.

use std::collections::{BTreeSet, HashMap};
use std::error::Error;
use std::io::{self, Write};
use std::time::Duration;

use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::{Offset, TopicPartitionList};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [brokers, prefix, rest @ ..] = &*arguments else {
        return Err("usage: subscriber BROKERS PREFIX [--once]".into());
    };
    let once = rest.iter().any(|argument| argument == "--once");
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        // No group is joined: every subscriber reads all.
        .set("group.id", "subscriber-example")
        .set("enable.auto.commit", "false")
        // Others may never have happened. It is librdkafka's default, but not that of Java's consumers.
        .set("isolation.level", "read_committed")
        .set("enable.partition.eof", "true")
        .create()?;

    let mut directory = Directory::default();
    read(&consumer, &format!("{prefix}.state.v1"), true, |record| directory.state(record))?;
    say(&json!({ "caught_up": directory.counts() }))?;
    read(&consumer, &format!("{prefix}.events.v1"), once, |record| {
        if !directory.is_new(record)? {
            return Ok(());
        }
        let event: Value = serde_json::from_slice(record.payload().unwrap_or_default())?;
        let of = |name: &str| event.get(name).cloned().unwrap_or_default();
        say(&json!({ "id": of("id"), "type": of("type"), "subject": of("subject") }))
    })
}

/// What this subscriber knows.
#[derive(Default)]
struct Directory {
    by_key: HashMap<String, Value>,
    /// The newest number of each history that is known: whatever isn't newer has been seen.
    seen: HashMap<(String, String, String), u64>,
}

impl Directory {
    /// A null value takes a key away.
    fn state(&mut self, record: &BorrowedMessage<'_>) -> Result<(), Box<dyn Error>> {
        let key = String::from_utf8(record.key().unwrap_or_default().to_vec())?;
        match record.payload() {
            Some(value) => drop(self.by_key.insert(key, serde_json::from_slice(value)?)),
            None => drop(self.by_key.remove(&key)),
        }
        Ok(())
    }

    /// Each event once, in whatever way it comes. Numbers count within one incarnation of one log.
    fn is_new(&mut self, record: &BorrowedMessage<'_>) -> Result<bool, Box<dyn Error>> {
        let history =
            (header(record, "log"), header(record, "incarnation"), header(record, "tenant"));
        let seq: u64 = header(record, "seq").parse()?;
        let newest = self.seen.entry(history).or_default();
        let is_new = seq > *newest;
        *newest = seq.max(*newest);
        Ok(is_new)
    }

    /// Members of groups, or of members, that are gone don't count: their records stay behind.
    fn counts(&self) -> Value {
        let of = |wanted: &str| -> BTreeSet<&str> {
            let keys = self.by_key.keys().map(String::as_str);
            keys.filter(|key| key.split('/').nth(1) == Some(wanted)).collect()
        };
        let (users, groups) = (of("user"), of("group"));
        let counts = |key: &&&str| {
            let parts: Vec<&str> = key.split('/').collect();
            let [tenant, _, group, member] = &*parts else { return false };
            let is_there = |kind: &str, id: &str, all: &BTreeSet<&str>| {
                all.contains(&*format!("{tenant}/{kind}/{id}"))
            };
            is_there("group", group, &groups)
                && (is_there("user", member, &users) || is_there("group", member, &groups))
        };
        let members = of("member").iter().filter(counts).count();
        json!({ "users": users.len(), "groups": groups.len(), "members": members })
    }
}

/// Every record of the topic from the start: to where the partitions end, or for ever.
fn read(
    consumer: &BaseConsumer,
    topic: &str,
    once: bool,
    mut each: impl FnMut(&BorrowedMessage<'_>) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let metadata = consumer.fetch_metadata(Some(topic), Duration::from_secs(10))?;
    let partitions = metadata.topics().iter().flat_map(|found| found.partitions());
    let mut places = TopicPartitionList::new();
    for partition in partitions {
        places.add_partition_offset(topic, partition.id(), Offset::Beginning)?;
    }
    consumer.assign(&places)?;
    let mut ended = BTreeSet::new();
    while !once || ended.len() < places.count() {
        match consumer.poll(Duration::from_secs(1)) {
            Some(Ok(record)) => each(&record)?,
            Some(Err(KafkaError::PartitionEOF(partition))) => drop(ended.insert(partition)),
            // A broker that comes and goes.
            Some(Err(_)) | None => {}
        }
    }
    Ok(())
}

fn header(record: &BorrowedMessage<'_>, name: &str) -> String {
    let headers = record.headers().into_iter().flat_map(Headers::iter);
    let found = headers.filter(|header| header.key == name).find_map(|header| header.value);
    String::from_utf8_lossy(found.unwrap_or_default()).into_owned()
}

fn say(line: &Value) -> Result<(), Box<dyn Error>> {
    Ok(writeln!(io::stdout(), "{line}")?)
}
