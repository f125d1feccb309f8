//! The relay to Kafka: its options from the configuration, its threads, and what operators see of it.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use events::Position;
use ingress::{Clock, Ids, RelayState, RelayStatus, RepublishSince, RepublishStatus};
use relay::{Form, Options, Phase, Relay, Republish, Since, Token, TokenSource, Topics};
use serde_json::Value;
use store::log::Log;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio_util::sync::CancellationToken;

use crate::Config;
use crate::config::{Format, Kafka};

/// The file beside the log in which the last relayed position is noted.
const NOTE: &str = "relayed";
/// A token endpoint's answer.
const TOKEN_TIMEOUT: Duration = Duration::from_secs(10);
/// When the endpoint doesn't say how long its token lives.
const TOKEN_LIFE_S: i64 = 300;

/// A relay that is configured, not yet begun.
pub(crate) struct Door {
    relay: Relay,
    options: Options,
    id: String,
}

impl Door {
    /// `None`: no brokers are configured.
    pub(crate) fn new(
        config: &Config,
        clock: &Arc<dyn Clock>,
        ids: &Ids,
    ) -> Result<Option<Arc<Self>>, String> {
        if config.kafka.brokers.is_empty() {
            return Ok(None);
        }
        let options = options(&config.kafka, clock)?;
        let id = ids.next(clock.now()).to_string();
        Ok(Some(Arc::new(Self { relay: Relay::new(&options.topics), options, id })))
    }

    /// Begins to relay, and to follow requests to publish something once more.
    pub(crate) fn begin(
        self: &Arc<Self>,
        config: &Config,
        log: &Arc<dyn Log>,
        stop: &CancellationToken,
    ) -> [JoinHandle<()>; 2] {
        let note = config.data.join(NOTE);
        let (this, its_log, its_stop) = (Arc::clone(self), Arc::clone(log), stop.clone());
        let relaying = spawn_blocking(move || {
            let Self { relay, options, id } = &*this;
            relay::run(relay, options, &its_log, (note, id.clone()), &its_stop);
        });
        let (this, log, stop) = (Arc::clone(self), Arc::clone(log), stop.clone());
        let republishing =
            spawn_blocking(move || relay::republish(&this.relay, &this.options, &log, &stop));
        [relaying, republishing]
    }
}

impl ingress::Relay for Door {
    fn status(&self) -> RelayStatus {
        let relay::Status { phase, progress, republishing } = self.relay.status();
        let (state, reason, remedy) = match phase {
            Phase::Starting => (RelayState::Starting, None, None),
            Phase::Relaying => (RelayState::Relaying, None, None),
            Phase::Waiting { reason } => (RelayState::Waiting, Some(reason), None),
            Phase::Halted(halt) => {
                (RelayState::Halted, Some(halt.to_string()), Some(halt.remedy()))
            }
            Phase::Ended => (RelayState::Ended, None, None),
        };
        RelayStatus {
            state,
            reason,
            remedy,
            position: progress.position,
            oldest_at: progress.oldest_at,
            events: progress.events,
            transactions: progress.transactions,
            troubles: progress.troubles,
            last_commit_us: progress.last_commit_us,
            republishing: republishing.map(|it| RepublishStatus {
                topic: it.asked.topic,
                events: it.events,
                ended: it.ended,
            }),
        }
    }

    fn resume(&self) -> Result<(), String> {
        self.relay.resume().map_err(|refused| refused.to_string())
    }

    fn fork_at(&self, position: Position) {
        self.relay.fork_at(position);
    }

    fn republish(&self, topic: &str, since: RepublishSince) -> Result<(), String> {
        let since = match since {
            RepublishSince::Time(from) => Since::Time(from),
            RepublishSince::Seq(tenant, from) => Since::Seq(tenant, from),
        };
        let asked = Republish { topic: topic.to_owned(), since };
        self.relay.republish(asked).map_err(|refused| refused.to_string())
    }
}

fn options(kafka: &Kafka, clock: &Arc<dyn Clock>) -> Result<Options, String> {
    Ok(Options {
        brokers: kafka.brokers.join(","),
        properties: kafka.properties()?,
        transactional_id_prefix: kafka.transactional_id_prefix.clone(),
        topics: Topics {
            prefix: kafka.topic_prefix.clone(),
            partitions: kafka.partitions.into(),
            replicas: kafka.replicas.into(),
            min_insync_replicas: kafka.min_insync_replicas.into(),
            create: kafka.create_topics,
            with_state: kafka.state,
        },
        form: match kafka.format {
            Format::Protobuf => Form::Protobuf,
            Format::Json => Form::Json,
        },
        tokens: tokens(kafka, clock),
    })
}

/// Client credentials of OAuth 2.0 (RFC 6749 §4.4), by HTTP Basic (§2.3.1).
fn tokens(kafka: &Kafka, clock: &Arc<dyn Clock>) -> Option<TokenSource> {
    let (kafka, clock) = (kafka.clone(), Arc::clone(clock));
    let url = kafka.oauth_token_url.clone()?;
    Some(Arc::new(move || {
        let secret = kafka.oauth_client_secret_file.as_deref().map(fs::read_to_string).transpose();
        let secret = secret.map_err(|error| format!("kafka.oauth_client_secret_file: {error}"))?;
        let mut form = vec![("grant_type", "client_credentials")];
        if !kafka.oauth_scope.is_empty() {
            form.push(("scope", &kafka.oauth_scope));
        }
        let client = reqwest::blocking::Client::builder().timeout(TOKEN_TIMEOUT).build();
        let request = client.map_err(|error| error.to_string())?.post(&url).form(&form);
        let request = request.basic_auth(&kafka.oauth_client_id, secret.as_deref().map(str::trim));
        let answer = request.send().and_then(reqwest::blocking::Response::error_for_status);
        let answer: Value =
            answer.and_then(|it| it.json()).map_err(|error| error.without_url().to_string())?;
        let text = answer.get("access_token").and_then(Value::as_str);
        let life_s = answer.get("expires_in").and_then(Value::as_i64).unwrap_or(TOKEN_LIFE_S);
        Ok(Token {
            text: text.ok_or("the answer has no access_token")?.to_owned(),
            principal: kafka.oauth_client_id.clone(),
            expires_at_ms: clock.now().0 + life_s * 1_000,
        })
    }))
}
