//! `/v1/relay`: how far the events are in Kafka, and what an operator can do about it.

use std::sync::Arc;

use actix_web::http::StatusCode;
use events::{Position, Seq, TenantId, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::key::{Key, Owner, body};
use crate::answer::Answer;
use crate::error::Error;
use crate::exchange::Exchange;
use crate::{Relay, RepublishSince};

/// GET `/v1/relay`.
pub(crate) fn show(exchange: &Exchange<'_>, _by: &Key) -> Result<Answer, Error> {
    Answer::json(StatusCode::OK, &shown(exchange, &**relay(exchange)?))
}

/// POST `/v1/relay/resume`: goes on after a halt that is mended.
pub(crate) fn resume(exchange: &Exchange<'_>, _by: Owner<'_>) -> Result<Answer, Error> {
    let relay = relay(exchange)?;
    relay.resume().map_err(|detail| Error::Taken { detail })?;
    Answer::json(StatusCode::ACCEPTED, &shown(exchange, &**relay))
}

/// POST `/v1/relay/republish`: `{"fork_at": position}`, or `{"topic", "from_time"}`, or `{"topic", "tenant", "from_seq"}`.
pub(crate) async fn republish(
    exchange: &mut Exchange<'_>,
    _by: Owner<'_>,
) -> Result<Answer, Error> {
    let asked: Asked = body(exchange).await?;
    let relay = Arc::clone(relay(exchange)?);
    match asked.into_order()? {
        Order::ForkAt(position) => {
            begins_an_event(exchange, position)?;
            relay.fork_at(position);
        }
        Order::Republish(topic, since) => {
            relay.republish(&topic, since).map_err(|detail| Error::Taken { detail })?;
        }
    }
    Answer::json(StatusCode::ACCEPTED, &shown(exchange, &*relay))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    fork_at: Option<u64>,
    topic: Option<String>,
    tenant: Option<String>,
    from_seq: Option<u64>,
    from_time: Option<String>,
}

enum Order {
    ForkAt(Position),
    Republish(String, RepublishSince),
}

impl Asked {
    fn into_order(self) -> Result<Order, Error> {
        let invalid = |detail: &str| Error::Invalid { detail: detail.to_owned() };
        match self {
            Self {
                fork_at: Some(at),
                topic: None,
                tenant: None,
                from_seq: None,
                from_time: None,
            } => Ok(Order::ForkAt(Position(at))),
            Self {
                fork_at: None,
                topic: Some(topic),
                tenant: None,
                from_seq: None,
                from_time: Some(time),
            } => {
                let from = Timestamp::parse(&time)
                    .ok_or_else(|| invalid("from_time: must be a time as in RFC 3339"))?;
                Ok(Order::Republish(topic, RepublishSince::Time(from)))
            }
            Self {
                fork_at: None,
                topic: Some(topic),
                tenant: Some(tenant),
                from_seq,
                from_time: None,
            } => {
                let tenant = TenantId::from_stored(&tenant)
                    .map_err(|error| Error::Invalid { detail: format!("tenant: {error}") })?;
                let from = Seq(from_seq.unwrap_or(1));
                Ok(Order::Republish(topic, RepublishSince::Seq(tenant, from)))
            }
            Self { .. } => Err(invalid(
                "give fork_at alone, or topic with from_time, or topic with tenant and from_seq",
            )),
        }
    }
}

fn relay<'a>(exchange: &'a Exchange<'_>) -> Result<&'a Arc<dyn Relay>, Error> {
    exchange.state.relay.as_ref().ok_or(Error::NotOffered { what: "the relay to Kafka" })
}

/// A fork inside an event would be refused for ever.
fn begins_an_event(exchange: &Exchange<'_>, position: Position) -> Result<(), Error> {
    let log = &exchange.state.log;
    let is_end = position == log.durable();
    let one = store::log::Limit { events: 1, bytes: 1 };
    if is_end || log.read(position, one).is_ok_and(|read| !read.is_empty()) {
        return Ok(());
    }
    let detail = format!("fork_at: no event begins at position {position} of this log");
    Err(Error::Invalid { detail })
}

fn shown(exchange: &Exchange<'_>, relay: &dyn Relay) -> Value {
    let status = relay.status();
    let durable = exchange.state.log.durable();
    let behind = status.position.map(|position| durable.0.saturating_sub(position.0));
    let republishing = status.republishing.as_ref().map(|it| {
        let (state, reason) = match &it.ended {
            None => ("publishing", None),
            Some(Ok(())) => ("done", None),
            Some(Err(reason)) => ("failed", Some(reason)),
        };
        json!({ "topic": it.topic, "events": it.events, "state": state, "reason": reason })
    });
    json!({
        "state": status.state.name(),
        "reason": status.reason,
        "remedy": status.remedy,
        "position": status.position.map(|it| it.0),
        "durable": durable.0,
        "behind": behind,
        "oldest_at": status.oldest_at.map(|it| it.to_string()),
        "events": status.events,
        "transactions": status.transactions,
        "troubles": status.troubles,
        "republishing": republishing,
    })
}
