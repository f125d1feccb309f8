//! What a relay is told: where the brokers are, what the topics are called, and all that librdkafka knows.

use std::fmt;
use std::sync::Arc;

/// What a relay is told.
#[derive(Clone)]
pub struct Options {
    /// `host:port`, by commas.
    pub brokers: String,
    /// librdkafka's own settings (`CONFIGURATION.md` of librdkafka), over ours.
    pub properties: Vec<(String, String)>,
    /// What stands before the log's id in `transactional.id`, which is one for a whole Kafka cluster.
    pub transactional_id_prefix: String,
    /// The topics.
    pub topics: Topics,
    /// The form of values.
    pub form: Form,
    /// Where tokens for SASL OAUTHBEARER come from.
    pub tokens: Option<TokenSource>,
}

/// The topics' names and what they have to be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topics {
    /// `rollcall` makes `rollcall.events.v1`, `rollcall.state.v1` and `rollcall.relay.v1`.
    pub prefix: String,
    /// Partitions of each, for ever: another number would break the order of a tenant's events.
    pub partitions: i32,
    /// Copies of a topic that is made; 0: three, or as many as there are brokers.
    pub replicas: i32,
    /// `min.insync.replicas` of a topic that is made, and the least that an existing one may have; 0: one less than the copies.
    pub min_insync_replicas: i32,
    /// Whether missing topics are made.
    pub create: bool,
    /// Whether states are written too.
    pub with_state: bool,
}

/// The form of values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// The messages of `proto/rollcall/events/v1`: `Envelope`, `State`.
    Protobuf,
    /// The JSON of every other door.
    Json,
}

/// Gets a token for SASL OAUTHBEARER; may block.
pub type TokenSource = Arc<dyn Fn() -> Result<Token, String> + Send + Sync>;

/// An access token.
#[derive(Clone)]
pub struct Token {
    /// The token itself.
    pub text: String,
    /// Whose it is.
    pub principal: String,
    /// Until when, in milliseconds since 1970.
    pub expires_at_ms: i64,
}

impl Topics {
    /// Events, in order.
    pub fn events(&self) -> String {
        format!("{}.events.v1", self.prefix)
    }

    /// The newest state by key.
    pub fn state(&self) -> String {
        format!("{}.state.v1", self.prefix)
    }

    /// How far each log was relayed.
    pub fn relay(&self) -> String {
        format!("{}.relay.v1", self.prefix)
    }
}

impl Form {
    /// The header `content-type`.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/protobuf",
            Self::Json => "application/json",
        }
    }
}

impl fmt::Debug for Options {
    /// Without values of properties: some are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.properties.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Options")
            .field("brokers", &self.brokers)
            .field("properties", &names)
            .field("topics", &self.topics)
            .field("form", &self.form)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("expires_at_ms", &self.expires_at_ms).finish_non_exhaustive()
    }
}
