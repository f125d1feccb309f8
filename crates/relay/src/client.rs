//! Clients of Kafka: our settings under the operator's, what they have to say, and tokens for those who log in by one.

use std::error::Error;
use std::sync::Arc;

use parking_lot::Mutex;
use rdkafka::ClientContext;
use rdkafka::client::OAuthToken;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::ProducerContext;

use crate::deliveries::Deliveries;
use crate::{Options, TokenSource};

/// How long the broker leaves a transaction open of which it hears nothing, in milliseconds.
pub(crate) const TRANSACTION_TIMEOUT_MS: u32 = 60_000;

/// Ours; the operator's go over them (librdkafka's `CONFIGURATION.md`).
const SETTINGS: [(&str, &str); 17] = [
    // The vendored OpenSSL knows no certificates of its own.
    ("ssl.ca.location", "probe"),
    ("client.id", "rollcall"),
    ("acks", "all"),
    ("enable.idempotence", "true"),
    // Records of a transaction are handed over at once: there is nothing to wait for.
    ("linger.ms", "0"),
    ("compression.type", "zstd"),
    ("batch.size", "900000"),
    ("queue.buffering.max.messages", "100000"),
    ("queue.buffering.max.kbytes", "32768"),
    ("transaction.timeout.ms", "60000"),
    ("message.timeout.ms", "45000"),
    ("socket.timeout.ms", "20000"),
    ("reconnect.backoff.max.ms", "2000"),
    ("topic.metadata.refresh.interval.ms", "30000"),
    // Topics are made on purpose or not at all.
    ("allow.auto.create.topics", "false"),
    // So that a partition's end is its end, and not the first open transaction of another log.
    ("isolation.level", "read_uncommitted"),
    ("enable.auto.commit", "false"),
];

/// The settings of every client.
pub(crate) fn config(options: &Options) -> ClientConfig {
    let mut config = ClientConfig::new();
    for (name, value) in SETTINGS {
        config.set(name, value);
    }
    for (name, value) in &options.properties {
        config.set(name, value);
    }
    config.set("bootstrap.servers", &options.brokers);
    config.set_log_level(RDKafkaLogLevel::Warning);
    config
}

/// What a client calls back.
pub(crate) struct Context {
    pub(crate) deliveries: Deliveries,
    tokens: Option<TokenSource>,
    last_error: Mutex<Option<String>>,
}

impl Context {
    pub(crate) fn new(options: &Options) -> Arc<Self> {
        let (deliveries, last_error) = Default::default();
        Arc::new(Self { deliveries, tokens: options.tokens.clone(), last_error })
    }

    /// The last thing that a client complained of: it says more than a call that timed out.
    pub(crate) fn complaint(&self) -> Option<String> {
        self.last_error.lock().clone()
    }
}

/// The context as a client owns it.
#[derive(Clone)]
pub(crate) struct Shared(pub(crate) Arc<Context>);

impl ClientContext for Shared {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        // That a setting is for consumers or producers only is known: all clients share them.
        let is_grave = (level as i32) <= RDKafkaLogLevel::Warning as i32 && facility != "CONFWARN";
        if is_grave {
            tracing::debug!(target: "relay::librdkafka", facility, message, "librdkafka warns");
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(target: "relay::librdkafka", %error, reason, "a client of Kafka has trouble");
        let mut last = self.0.last_error.lock();
        // That all brokers are down says less than why one of them is.
        let is_summary = error.rdkafka_error_code() == Some(RDKafkaErrorCode::AllBrokersDown);
        if !is_summary || last.is_none() {
            *last = Some(reason.to_owned());
        }
    }

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        let tokens = self.0.tokens.as_ref().ok_or("OAUTHBEARER needs [kafka] oauth_token_url")?;
        let token = tokens().inspect_err(|error| {
            *self.0.last_error.lock() = Some(format!("no token for Kafka: {error}"));
        })?;
        let lifetime_ms = token.expires_at_ms;
        Ok(OAuthToken { token: token.text, principal_name: token.principal, lifetime_ms })
    }
}

impl ConsumerContext for Shared {}

impl ProducerContext for Shared {
    /// The number of the event among those of the transaction.
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, event: usize) {
        let error = result.as_ref().err().map(|(error, _)| error);
        self.0.deliveries.ended(event, error.and_then(KafkaError::rdkafka_error_code));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Form, Topics};

    #[test]
    fn the_operators_settings_go_over_ours() {
        let topics = Topics {
            prefix: "rollcall".to_owned(),
            partitions: 12,
            replicas: 0,
            min_insync_replicas: 0,
            create: true,
            with_state: true,
        };
        let options = Options {
            brokers: "127.0.0.1:9092".to_owned(),
            properties: vec![
                ("compression.type".to_owned(), "lz4".to_owned()),
                ("sasl.password".to_owned(), "hunter2".to_owned()),
            ],
            transactional_id_prefix: "rollcall".to_owned(),
            topics,
            form: Form::Protobuf,
            tokens: None,
        };
        let config = config(&options);
        let check =
            |name: &str, expected: &str| assert_eq!(config.get(name), Some(expected), "{name}");
        check("bootstrap.servers", "127.0.0.1:9092");
        check("compression.type", "lz4");
        check("acks", "all");
        check("transaction.timeout.ms", &TRANSACTION_TIMEOUT_MS.to_string());
        assert!(!format!("{options:?} {config:?}").contains("hunter2"));
    }
}
