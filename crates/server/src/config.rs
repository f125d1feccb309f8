//! The configuration: embedded defaults < file < `ROLLCALL_*` variables < flags, every key known.
//! `config/default.toml` is its documentation. Reads files and nothing else; makes nothing.

mod kafka;
mod layers;
mod proxies;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use ingress::TenantUrl;
use serde::{Deserialize, Deserializer};
use toml::Table;

pub use kafka::{Format, Kafka};
pub use proxies::Network;

/// The embedded defaults, with a comment for every key.
pub const DEFAULT_TOML: &str = include_str!("config/default.toml");

/// What a gateway runs by. Each field is documented in [`DEFAULT_TOML`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The data directory.
    pub data: PathBuf,
    /// `host:port` of SCIM and `/v1`.
    pub listen: String,
    /// `host:port` of `/livez`, `/readyz`, `/metrics`.
    pub admin_listen: String,
    /// The base of every link; `None`: the bound address.
    #[serde(deserialize_with = "unset_if_empty")]
    pub public_url: Option<String>,
    /// Path prefixes of SCIM.
    pub mounts: Vec<String>,
    /// Hosts of tenants' own, each as `https://{tenant}.scim.example.com`.
    pub tenant_urls: Vec<String>,
    /// PEM certificate chain.
    #[serde(deserialize_with = "unset_if_empty")]
    pub tls_cert: Option<PathBuf>,
    /// PEM private key.
    #[serde(deserialize_with = "unset_if_empty")]
    pub tls_key: Option<PathBuf>,
    /// Peers whose X-Forwarded-For is believed, for the request log.
    pub trusted_proxies: Vec<Network>,
    /// The master key's file; `None`: `DIR/master.key`.
    #[serde(deserialize_with = "unset_if_empty")]
    pub master_key_file: Option<PathBuf>,
    /// Tenants and keys that must exist.
    #[serde(deserialize_with = "unset_if_empty")]
    pub bootstrap: Option<PathBuf>,
    /// Where issued secrets go.
    #[serde(deserialize_with = "unset_if_empty")]
    pub tokens_out: Option<PathBuf>,
    /// The event log.
    pub log: Log,
    /// What may be kept in memory.
    pub memory: Memory,
    /// What is kept beside the log.
    pub snapshots: Snapshots,
    /// The HTTP server.
    pub http: Http,
    /// What is refused.
    pub limits: Limits,
    /// What is published to Kafka.
    pub kafka: Kafka,
    /// What is logged, and how.
    pub logging: Logging,
}

/// `[log]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// What is written before it is sealed into a segment, bytes.
    pub generation_bytes: u64,
    /// Free space demanded where the file system can't reserve, bytes.
    pub free_floor_bytes: u64,
    /// The engine's page cache, bytes.
    pub cache_bytes: u64,
    /// How long nothing may become durable while something is queued, seconds.
    pub silence_max_s: u64,
}

/// `[memory]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// What resident tenants may take, bytes.
    pub tenants_bytes: usize,
}

/// `[snapshots]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshots {
    /// A tenant is saved after so many events, at least.
    pub tenant_events: u64,
    /// How often it is looked whose turn it is, milliseconds.
    pub every_ms: u64,
}

/// `[http]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// Worker threads; 0: one per CPU.
    pub workers: usize,
    /// Open connections in all.
    pub connections_max: usize,
    /// Idle time of a connection, seconds.
    pub keep_alive_s: u64,
    /// Time for a request's head, milliseconds.
    pub head_timeout_ms: u64,
    /// From "not ready" to refusing connections, milliseconds.
    pub drain_notice_ms: u64,
    /// Time for requests in progress at the end, seconds.
    pub drain_s: u64,
}

/// `[limits]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a body.
    pub body_bytes_max: usize,
    /// Bytes of a group's body.
    pub group_body_bytes_max: usize,
    /// Bytes of all header fields together.
    pub header_bytes_max: usize,
    /// The slowest a body may come, over any 10 s.
    pub body_bytes_per_s_min: usize,
    /// Resources looked at for a filter that no index answers.
    pub scan_rows_max: usize,
}

/// `[logging]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logging {
    /// The form of a line.
    pub format: LogFormat,
    /// Level or directives.
    pub filter: String,
}

/// The form of a log line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// Where a value came from, for messages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Layer {
    /// The file of `--config`.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
    /// A flag of `rollcall serve`.
    Flags,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file can't be read.
    #[error("the configuration {path} can't be read: {error}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The file is no TOML.
    #[error("{path} is no TOML: {message}")]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Line, column and what was expected there.
        message: String,
    },
    /// A key that nobody knows.
    #[error("unknown key {key:?} in {layer}{}", suggestion(near.as_deref()))]
    UnknownKey {
        /// As it was written.
        key: String,
        /// Where it stood.
        layer: Layer,
        /// The known key that is most like it.
        near: Option<String>,
    },
    /// A value of the wrong type.
    #[error("{key} in {layer} must be {expected}, not {found}")]
    Type {
        /// The key's path.
        key: String,
        /// Where it stood.
        layer: Layer,
        /// The type that it has to have.
        expected: &'static str,
        /// What it was.
        found: String,
    },
    /// A value that makes no sense.
    #[error("{0}")]
    Invalid(String),
}

impl Config {
    /// Reads all layers: the embedded defaults, `file`, the variables that start with `ROLLCALL_`, `flags`.
    ///
    /// # Errors
    /// [`Error`] naming the key and where it stood.
    pub fn load(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
        flags: Table,
    ) -> Result<Self, Error> {
        Self::from_table(effective(file, variables, flags)?)
    }

    /// Reads a table that has every key, as [`effective`] makes it.
    ///
    /// # Errors
    /// [`Error::Invalid`] when a value makes no sense.
    pub fn from_table(table: Table) -> Result<Self, Error> {
        let config: Self = table.try_into().map_err(|error: toml::de::Error| {
            Error::Invalid(error.to_string().trim_end().replace('\n', " "))
        })?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), Error> {
        let invalid = |text: &str| Err(Error::Invalid(text.to_owned()));
        if self.tls_cert.is_some() != self.tls_key.is_some() {
            return invalid("tls_cert and tls_key go together: set both or none");
        }
        if let Some(url) = &self.public_url {
            let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
            if rest.is_none_or(|rest| rest.is_empty() || rest.ends_with('/')) {
                return invalid(
                    "public_url begins with http:// or https:// and has no slash at its end",
                );
            }
        }
        let is_mount = |mount: &str| mount.starts_with('/') && !mount.ends_with('/');
        if self.mounts.is_empty() || !self.mounts.iter().all(|mount| is_mount(mount)) {
            return invalid(
                "mounts are paths such as \"/scim\": with a slash before, none behind, at least one",
            );
        }
        let is_pattern = |url: &String| TenantUrl::parse(url).is_some();
        if !self.tenant_urls.iter().all(is_pattern) {
            return invalid(
                "tenant_urls are addresses such as \"https://{tenant}.scim.example.com\": a scheme, {tenant} and a dot, a domain, no path",
            );
        }
        self.kafka.check().map_err(Error::Invalid)?;
        for (key, address) in [("listen", &self.listen), ("admin_listen", &self.admin_listen)] {
            let port = address.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
            if !matches!(port, Some(Ok(_))) {
                return Err(Error::Invalid(format!("{key} is host:port, not {address:?}")));
            }
        }
        Ok(())
    }
}

/// The table that counts: every key, with the value of the last layer that sets it.
///
/// # Errors
/// [`Error`] naming the key and where it stood.
pub fn effective(
    file: Option<&Path>,
    variables: impl IntoIterator<Item = (String, String)>,
    flags: Table,
) -> Result<Table, Error> {
    let mut table = parse(DEFAULT_TOML, Path::new("default.toml"))?;
    if let Some(path) = file {
        let text = fs::read_to_string(path)
            .map_err(|error| Error::Read { path: path.to_owned(), error })?;
        layers::overlay(&mut table, parse(&text, path)?, &Layer::File(path.to_owned()))?;
    }
    layers::overlay_variables(&mut table, variables)?;
    layers::overlay(&mut table, flags, &Layer::Flags)?;
    Ok(table)
}

/// The embedded defaults with the values of `table` in their place: what counts, and what each key means.
pub fn documented(table: &Table) -> String {
    let mut section = table;
    let mut text = String::new();
    for line in DEFAULT_TOML.lines() {
        let name = line.trim_matches(['[', ']']);
        if line.starts_with('[') {
            section = table.get(name).and_then(toml::Value::as_table).unwrap_or(section);
        }
        if name == kafka::PROPERTIES {
            text.push_str(&kafka::shown(table));
            continue;
        }
        let key = line.split_once(" = ").map(|(key, _)| key);
        match key.and_then(|key| section.get_key_value(key)) {
            Some((key, value)) => text.push_str(&format!("{key} = {value}")),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

/// This process's environment, as far as it is text.
pub fn variables() -> impl Iterator<Item = (String, String)> {
    let texts = |(name, value): (OsString, OsString)| {
        Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
    };
    std::env::vars_os().filter_map(texts)
}

fn parse(text: &str, path: &Path) -> Result<Table, Error> {
    text.parse().map_err(|error: toml::de::Error| Error::Syntax {
        path: path.to_owned(),
        message: error.to_string().trim_end().to_owned(),
    })
}

fn unset_if_empty<'de, D: Deserializer<'de>, T: From<String>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok((!text.is_empty()).then(|| T::from(text)))
}

fn suggestion(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean {near:?}?")).unwrap_or_default()
}

impl std::fmt::Display for Layer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Variable(_) => f.write_str("the environment"),
            Self::Flags => f.write_str("the flags"),
        }
    }
}

#[cfg(test)]
mod tests;
