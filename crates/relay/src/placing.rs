//! Where a relay goes on: after what it relayed last, if that is in this log; else nowhere without an operator.

use events::{Event, Position, Seq, TenantId, wire};
use store::log::{Limit, Log, ReadError};

use crate::failure::Halt;
use crate::place::{Last, Place};

/// Where to go on, and what was relayed last before that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Start {
    pub(crate) at: Position,
    pub(crate) last: Option<Last>,
}

const ONE: Limit = Limit { events: 1, bytes: 1 };
const PAGE: Limit = Limit { events: 1_000, bytes: 4 << 20 };

/// `found` is the record in Kafka's `topic`, `noted` what is noted beside the log: a hint, which only counts where there is no record.
pub(crate) fn start(
    log: &dyn Log,
    found: Option<Place>,
    noted: Option<Position>,
    topic: &str,
) -> Result<Start, Halt> {
    let Some(place) = found else {
        return match noted {
            Some(noted) if noted > Position(0) => {
                Err(Halt::NoRecord { noted, topic: topic.to_owned() })
            }
            Some(_) | None => Ok(Start { at: Position(0), last: None }),
        };
    };
    match difference(log, &place).map_err(Halt::Log)? {
        None => Ok(Start { at: place.position, last: place.last }),
        Some(here) => Err(Halt::Parted {
            event: place
                .last
                .as_ref()
                .map_or_else(|| "none".to_owned(), |last| format!("{}-{}", last.tenant, last.seq)),
            relayed: place.position,
            here,
            fork: fork(log, place.incarnation).map_err(Halt::Log)?,
        }),
    }
}

/// What is here instead of what was relayed last; `None`: it is here, unaltered and in its place.
fn difference(log: &dyn Log, place: &Place) -> Result<Option<String>, ReadError> {
    let durable = log.durable();
    if place.position > durable {
        return Ok(Some(format!("the log ends at position {durable}")));
    }
    let Some(last) = &place.last else {
        return match log.read(place.position, ONE) {
            Ok(_) => Ok(None),
            Err(ReadError::NoEventHere { .. }) => Ok(Some("no event begins there".to_owned())),
            Err(error @ (ReadError::Integrity { .. } | ReadError::Io { .. })) => Err(error),
        };
    };
    let before = Seq(last.seq.0.saturating_sub(1));
    let event = log.read_tenant(&last.tenant, before, ONE)?.into_iter().next();
    Ok(match event {
        None => Some("there is no such event".to_owned()),
        Some(event) if event.next != place.position => {
            Some(format!("that event ends at position {}", event.next))
        }
        Some(event) => {
            let here = Last::of(last.tenant.clone(), last.seq, &event.envelope);
            (here != *last).then(|| "that event says something else".to_owned())
        }
    })
}

/// Where the log was first restored after an incarnation: below, it is what it was.
fn fork(log: &dyn Log, after: u32) -> Result<Option<Position>, ReadError> {
    let mut seq = Seq(0);
    loop {
        let page = log.read_tenant(&TenantId::platform(), seq, PAGE)?;
        for logged in &page {
            let Ok(envelope) = wire::decode(&logged.envelope) else { continue };
            seq = envelope.seq;
            if matches!(envelope.event, Event::LogRestored { incarnation, .. } if incarnation > after)
            {
                return Ok(Some(logged.position));
            }
        }
        if page.is_empty() {
            return Ok(None);
        }
    }
}
