//! One event as records: `CloudEvents` 1.0 in Kafka's binary mode (§3.2 of its Kafka protocol binding), and the states it makes.

use bytes::Bytes;
use events::{Envelope, LogId, json, state, wire};
use rdkafka::message::{Header, OwnedHeaders};

use crate::{Form, Options, partition};

/// One record, to be produced.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) topic: Topic,
    pub(crate) partition: i32,
    pub(crate) key: String,
    /// `None`: a tombstone.
    pub(crate) value: Option<Bytes>,
    pub(crate) headers: OwnedHeaders,
}

/// Which topic a record goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    Events,
    State,
}

/// The log that events are from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source {
    pub(crate) log: LogId,
    pub(crate) incarnation: u32,
}

/// The event's record, then those of the states it makes.
pub(crate) fn records(envelope: &Envelope, from: Source, options: &Options) -> Vec<Record> {
    let partition = partition(envelope.tenant.as_str(), options.topics.partitions);
    let mut records = vec![event(envelope, from, options.form, partition)];
    if options.topics.with_state {
        let states = state::changes(envelope).into_iter();
        records.extend(states.map(|change| Record {
            topic: Topic::State,
            partition,
            key: change.key,
            value: change.state.map(|state| match options.form {
                Form::Protobuf => state.protobuf(),
                Form::Json => state.json().to_string().into_bytes().into(),
            }),
            headers: common(envelope, from, options.form, "rollcall.events.v1.State"),
        }));
    }
    records
}

/// The event's own record.
pub(crate) fn event(envelope: &Envelope, from: Source, form: Form, partition: i32) -> Record {
    let (kind, id) = envelope.event.subject();
    let (tenant, kind) = (&envelope.tenant, kind.name());
    let headers = [
        ("ce_specversion", "1.0"),
        ("ce_id", &format!("{tenant}-{}", envelope.seq)),
        // Ids are used again after a restore: with the incarnation they are unique.
        ("ce_source", &format!("/logs/{}/{}", from.log, from.incarnation)),
        ("ce_type", envelope.event.kind().name()),
        ("ce_subject", &format!("{kind}/{id}")),
        ("ce_time", &envelope.at.to_string()),
    ];
    let common = common(envelope, from, form, "rollcall.events.v1.Envelope");
    Record {
        topic: Topic::Events,
        partition,
        key: format!("{tenant}/{kind}/{id}"),
        value: Some(match form {
            Form::Protobuf => wire::publish(envelope),
            Form::Json => json::render(envelope).to_string().into_bytes().into(),
        }),
        headers: headers.into_iter().fold(common, with),
    }
}

/// What every record says, tombstones too.
fn common(envelope: &Envelope, from: Source, form: Form, schema: &str) -> OwnedHeaders {
    let headers = [
        ("content-type", form.content_type()),
        ("schema", schema),
        ("tenant", envelope.tenant.as_str()),
        ("seq", &envelope.seq.to_string()),
        ("txn", &envelope.txn.to_string()),
        ("log", &from.log.to_string()),
        ("incarnation", &from.incarnation.to_string()),
        ("flags", &envelope.flags.0.to_string()),
    ];
    headers.into_iter().fold(OwnedHeaders::new_with_capacity(14), with)
}

fn with(headers: OwnedHeaders, (key, value): (&str, &str)) -> OwnedHeaders {
    headers.insert(Header { key, value: Some(value) })
}
