//! What can go wrong: what passes by itself, and what needs a person.

use events::{Position, Seq, TenantId};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use store::log::ReadError;

/// Why a session with Kafka ended.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Begin again in a moment: whatever is wrong is mended elsewhere, or passes.
    Passing(String),
    /// Somebody else may have taken over: whether they have stands in Kafka.
    MaybeFenced,
    /// Stop until somebody says otherwise.
    Halt(Halt),
    /// An operator has said something.
    Ordered,
    /// Told to stop.
    Stopped,
}

/// Why a relay stopped; it goes on when an operator says so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Halt {
    /// Another gateway relays under this log's id.
    #[error("another gateway (relay {by}) has taken over this log's place in Kafka")]
    Fenced {
        /// The other relay's own id.
        by: String,
    },
    /// Kafka holds what this log doesn't: it was restored from a backup, or copied.
    #[error(
        "Kafka holds events of this log up to {event} at position {relayed}, but here {here}: the log was restored from a backup, or \
         copied"
    )]
    Parted {
        /// The newest event that was relayed.
        event: String,
        /// Where the relay went on, by its record in Kafka.
        relayed: Position,
        /// What is here instead.
        here: String,
        /// Where the log was restored, if it was: everything below is the same in both.
        fork: Option<Position>,
    },
    /// The log was relayed, but Kafka has no record of it.
    #[error(
        "this log was relayed up to position {noted}, but {topic} has no record of it: the topic was deleted, or this is another cluster"
    )]
    NoRecord {
        /// As noted beside the log.
        noted: Position,
        /// Where the record should be.
        topic: String,
    },
    /// The broker takes the others, but not this one.
    #[error("Kafka refuses {tenant}-{seq} at position {position}: {reason}")]
    Refused {
        /// Where the event is in the log.
        position: Position,
        /// Whose it is.
        tenant: TenantId,
        /// Its number.
        seq: Seq,
        /// What the broker said.
        reason: String,
    },
    /// The log can't be read.
    #[error("{0}")]
    Log(ReadError),
    /// An event can't be read.
    #[error("the event at position {position} can't be read: {reason}")]
    Unreadable {
        /// Where it is in the log.
        position: Position,
        /// What is wrong with it.
        reason: String,
    },
}

impl Halt {
    /// What to do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::Fenced { .. } => "stop one of the two gateways, then `rollcall relay resume` here or there; a copied data directory must \
                                    not be served beside its original"
                .to_owned(),
            Self::Parted { fork: Some(fork), .. } => format!(
                "subscribers hold events that this log doesn't: tell them, then `rollcall relay republish --fork-at {fork}` publishes all \
                 from there under the new incarnation"
            ),
            Self::Parted { fork: None, .. } => "find out which of the copies is right; `rollcall relay republish --fork-at POSITION` \
                                                publishes all of this one from there"
                .to_owned(),
            Self::NoRecord { noted, .. } => format!(
                "`rollcall relay republish --fork-at {noted}` goes on where it was, `--fork-at 0` publishes the whole history"
            ),
            Self::Refused { .. } => "mend what the broker refuses (the topic's max.message.bytes, a policy), then `rollcall relay resume`: \
                                     nothing is skipped"
                .to_owned(),
            Self::Log(_) | Self::Unreadable { .. } => {
                "`rollcall verify` says what is damaged; restore a backup".to_owned()
            }
        }
    }
}

/// What an error says of what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Begin again.
    Passing,
    /// Another producer has this `transactional.id` now, or the coordinator gave up on us.
    Fenced,
    /// This record will never be taken as things are.
    Refused,
    /// A record that went down with another one.
    Purged,
}

pub(crate) fn class(code: RDKafkaErrorCode) -> Class {
    use RDKafkaErrorCode as C;
    if [C::Fenced, C::ProducerFenced, C::InvalidProducerEpoch].contains(&code) {
        return Class::Fenced;
    }
    let refusals = [
        C::MessageSizeTooLarge,
        C::InvalidMessage,
        C::InvalidMessageSize,
        C::InvalidRecord,
        C::InvalidTimestamp,
        C::PolicyViolation,
        C::UnsupportedCompressionType,
    ];
    if refusals.contains(&code) {
        return Class::Refused;
    }
    if [C::PurgeQueue, C::PurgeInflight].contains(&code) { Class::Purged } else { Class::Passing }
}

impl Trouble {
    /// What a call to Kafka failed with, and what it was for.
    pub(crate) fn of(doing: &str, error: &KafkaError) -> Self {
        match code_of(error).map(class) {
            Some(Class::Fenced) => Self::MaybeFenced,
            Some(Class::Passing | Class::Refused | Class::Purged) | None => {
                Self::Passing(format!("{doing}: {error}"))
            }
        }
    }

    pub(crate) fn passing(what: impl Into<String>) -> Self {
        Self::Passing(what.into())
    }
}

/// Errors of transactions have theirs inside.
fn code_of(error: &KafkaError) -> Option<RDKafkaErrorCode> {
    if let KafkaError::Transaction(error) = error {
        return Some(error.code());
    }
    error.rdkafka_error_code()
}

impl From<Halt> for Trouble {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

impl From<ReadError> for Trouble {
    fn from(error: ReadError) -> Self {
        Self::Halt(Halt::Log(error))
    }
}
