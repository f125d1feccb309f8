//! `[kafka]`: where events are published. Its `properties` are the one section whose keys are not ours: librdkafka knows them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs};

use serde::Deserialize;
use toml::{Table, Value};

use super::unset_if_empty;

/// The section that takes any key.
pub(super) const PROPERTIES: &str = "kafka.properties";

/// Parts of names whose values are secrets.
const SECRETS: [&str; 4] = ["password", "secret", "key.pem", "keystore"];

const MASK: &str = "***";

/// `[kafka]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kafka {
    /// `host:port`; none: nothing is published.
    pub brokers: Vec<String>,
    /// The form of values.
    pub format: Format,
    /// What the topics' names begin with.
    pub topic_prefix: String,
    /// Partitions of each topic.
    pub partitions: u16,
    /// Copies of a topic that is made; 0: as many as fit.
    pub replicas: u8,
    /// `min.insync.replicas`, at least; 0: as fits the copies.
    pub min_insync_replicas: u8,
    /// Whether missing topics are made.
    pub create_topics: bool,
    /// Whether states are published too.
    pub state: bool,
    /// What `transactional.id` begins with.
    pub transactional_id_prefix: String,
    /// Where tokens for OAUTHBEARER are had.
    #[serde(deserialize_with = "unset_if_empty")]
    pub oauth_token_url: Option<String>,
    /// Who asks for one.
    pub oauth_client_id: String,
    /// The file with the secret.
    #[serde(deserialize_with = "unset_if_empty")]
    pub oauth_client_secret_file: Option<PathBuf>,
    /// What for.
    pub oauth_scope: String,
    /// librdkafka's own.
    properties: BTreeMap<String, Property>,
}

/// The form of values.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The messages of `proto/`.
    Protobuf,
    /// JSON.
    Json,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Property {
    Text(String),
    Flag(bool),
    Number(i64),
    File { file: PathBuf },
    Variable { env: String },
}

impl Kafka {
    pub(super) fn check(&self) -> Result<(), String> {
        for broker in &self.brokers {
            let port = broker.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
            if !matches!(port, Some(Ok(_))) {
                return Err(format!("kafka.brokers are host:port, not {broker:?}"));
            }
        }
        if self.partitions == 0 {
            return Err("kafka.partitions is at least 1".to_owned());
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        if self.topic_prefix.is_empty() || !self.topic_prefix.chars().all(is_name) {
            return Err("kafka.topic_prefix has letters, digits, '.', '-' and '_' only".to_owned());
        }
        Ok(())
    }

    /// librdkafka's own settings, with secrets read.
    ///
    /// # Errors
    /// Which secret can't be read, and why.
    pub fn properties(&self) -> Result<Vec<(String, String)>, String> {
        let read = |(name, property): (&String, &Property)| {
            let value = match property {
                Property::Text(text) => text.clone(),
                Property::Flag(flag) => flag.to_string(),
                Property::Number(number) => number.to_string(),
                Property::File { file } => fs::read_to_string(file)
                    .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
                    .map_err(|error| format!("{PROPERTIES}.{name}: {}: {error}", file.display()))?,
                Property::Variable { env: variable } => env::var(variable)
                    .map_err(|error| format!("{PROPERTIES}.{name}: {variable}: {error}"))?,
            };
            Ok((name.clone(), value))
        };
        self.properties.iter().map(read).collect()
    }
}

/// The section as it is shown: without secrets.
pub(super) fn shown(table: &Table) -> String {
    let properties = table.get("kafka").and_then(|kafka| kafka.get("properties"));
    let mut text = format!("[{PROPERTIES}]\n");
    for (name, value) in properties.and_then(Value::as_table).into_iter().flatten() {
        let is_secret = SECRETS.iter().any(|part| name.contains(part)) && !value.is_table();
        let value = if is_secret { Value::String(MASK.to_owned()) } else { value.clone() };
        text.push_str(&format!("{} = {value}\n", Value::String(name.clone())));
    }
    text
}
