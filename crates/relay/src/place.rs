//! The log's own record of how far it was relayed: written inside each transaction, read back by each start.

use std::time::{Duration, Instant};

use events::{LogId, Position, Seq, TenantId};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::client::{Shared, TRANSACTION_TIMEOUT_MS};
use crate::failure::Trouble;

/// How many records are looked at first, from the end; sixteen times as many each time that none is ours.
const STEP_FIRST: i64 = 4;
const STEP_FACTOR: i64 = 16;
/// Another log's open transaction may stand before ours: it ends by then.
const READ_TIMEOUT: Duration = Duration::from_millis(TRANSACTION_TIMEOUT_MS as u64 + 15_000);
const POLL: Duration = Duration::from_millis(20);

/// How far a log was relayed, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) log: LogId,
    pub(crate) incarnation: u32,
    /// Where the next event begins.
    pub(crate) position: Position,
    /// The relay that wrote it: its own id, new with each start.
    pub(crate) relay: String,
    /// The newest event that was relayed.
    pub(crate) last: Option<Last>,
}

/// An event, to be known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Last {
    pub(crate) tenant: TenantId,
    pub(crate) seq: Seq,
    /// The first 16 bytes of the SHA-256 of its envelope as it lies in the log, in hex.
    pub(crate) digest: String,
}

impl Last {
    pub(crate) fn of(tenant: TenantId, seq: Seq, envelope: &[u8]) -> Self {
        let digest = Sha256::digest(envelope);
        let digest = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self { tenant, seq, digest }
    }
}

impl Place {
    /// The record's value: JSON, for people who look at the topic.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let last = self.last.as_ref().map(|last| {
            json!({ "tenant": last.tenant.as_str(), "seq": last.seq.0, "digest": last.digest })
        });
        let value = json!({
            "log": self.log.to_string(),
            "incarnation": self.incarnation,
            "position": self.position.0,
            "relay": self.relay,
            "last": last,
        });
        value.to_string().into_bytes()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(bytes).ok()?;
        let last = |last: &Value| {
            Some(Last {
                tenant: TenantId::from_stored(last.get("tenant")?.as_str()?).ok()?,
                seq: Seq(last.get("seq")?.as_u64()?),
                digest: last.get("digest")?.as_str()?.to_owned(),
            })
        };
        Some(Self {
            log: value.get("log")?.as_str()?.parse().ok()?,
            incarnation: value.get("incarnation")?.as_u64()?.try_into().ok()?,
            position: Position(value.get("position")?.as_u64()?),
            relay: value.get("relay")?.as_str()?.to_owned(),
            last: value.get("last").and_then(last),
        })
    }
}

/// Where the records of one log are.
#[derive(Debug)]
pub(crate) struct Home<'a> {
    pub(crate) topic: &'a str,
    pub(crate) partition: i32,
    pub(crate) log: LogId,
    /// The partition's first offset and the one after its last.
    pub(crate) bounds: (i64, i64),
}

/// The newest committed record of the log, read backwards in steps.
pub(crate) fn newest(
    config: &ClientConfig,
    context: Shared,
    home: &Home<'_>,
    is_stopped: &dyn Fn() -> bool,
) -> Result<Option<Place>, Trouble> {
    let mut config = config.clone();
    // A group's name is wanted though no group is joined and nothing committed.
    config.set("group.id", "rollcall-relay").set("isolation.level", "read_committed");
    config.set("fetch.wait.max.ms", "10").set("enable.auto.offset.store", "false");
    let consumer: BaseConsumer<Shared> = config
        .create_with_context(context)
        .map_err(|error| Trouble::of("a consumer can't be made", &error))?;
    let until = Instant::now() + READ_TIMEOUT;
    let goes_on = || !is_stopped() && Instant::now() < until;
    let (low, high) = home.bounds;
    let mut step = STEP_FIRST;
    loop {
        let from = low.max(high - step);
        let found = scan(&consumer, home, from, &goes_on)?;
        if found.is_some() || from == low {
            return Ok(found);
        }
        step *= STEP_FACTOR;
    }
}

/// The newest record of the log from an offset on to the end.
fn scan(
    consumer: &BaseConsumer<Shared>,
    home: &Home<'_>,
    from: i64,
    goes_on: &dyn Fn() -> bool,
) -> Result<Option<Place>, Trouble> {
    let failed = |error| Trouble::of("the relay's record can't be read", &error);
    let high = home.bounds.1;
    if from >= high {
        return Ok(None);
    }
    let mut places = TopicPartitionList::new();
    places
        .add_partition_offset(home.topic, home.partition, Offset::Offset(from))
        .map_err(failed)?;
    consumer.assign(&places).map_err(failed)?;
    let key = home.log.to_string();
    let mut found = None;
    while position(consumer, home).is_none_or(|at| at < high) {
        if !goes_on() {
            return Err(Trouble::passing("the relay's record can't be read in time"));
        }
        // Errors are brokers that come and go; what matters is whether the end is reached.
        let Some(Ok(record)) = consumer.poll(POLL) else { continue };
        if record.key() == Some(key.as_bytes()) {
            found = record.payload().and_then(Place::decode).or(found);
        }
    }
    Ok(found)
}

/// The offset after the last record that was read, markers of transactions included.
fn position(consumer: &BaseConsumer<Shared>, home: &Home<'_>) -> Option<i64> {
    let places = consumer.position().ok()?;
    match places.find_partition(home.topic, home.partition)?.offset() {
        Offset::Offset(at) => Some(at),
        Offset::Beginning
        | Offset::End
        | Offset::Stored
        | Offset::Invalid
        | Offset::OffsetTail(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let bare = Place {
            log: LogId::new(Uuid::from_u128(7)),
            incarnation: 2,
            position: Position(4_711),
            relay: "r1".to_owned(),
            last: None,
        };
        let last = Some(Last::of(TenantId::parse("acme").unwrap(), Seq(42), b"envelope"));
        for place in [bare.clone(), Place { last, ..bare }] {
            assert_eq!(Place::decode(&place.encode()), Some(place));
        }
        assert_eq!(Place::decode(b"{}"), None);
    }
}
