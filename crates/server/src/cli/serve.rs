//! `rollcall serve`: the gateway, until it is told to stop or its log fails.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process;
use std::sync::Arc;

use ingress::SystemClock;
use toml::{Table, Value};

use super::Failure;
use crate::config::LogFormat;
use crate::{Config, Exit, Outcome, StartError, config, logging, signals, start};

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Configuration file (TOML).
    #[arg(long, env = "ROLLCALL_CONFIG", value_name = "FILE", hide_env_values = true)]
    config: Option<PathBuf>,
    /// Directory of the log and keys.
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    /// Address of SCIM and the platform API.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Address of /livez, /readyz and /metrics.
    #[arg(long, value_name = "ADDR")]
    admin_listen: Option<String>,
    /// The base of every link that is written.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Certificate chain (PEM); with --tls-key.
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<String>,
    /// Private key (PEM); with --tls-cert.
    #[arg(long, value_name = "FILE")]
    tls_key: Option<String>,
    /// File with the master key [default: DATA/master.key, made at first start].
    #[arg(long, value_name = "FILE")]
    master_key_file: Option<String>,
    /// Tenants and keys to make when they are missing (TOML).
    #[arg(long, value_name = "FILE")]
    bootstrap: Option<String>,
    /// Where to write the secrets of what was issued (JSON lines, mode 0600).
    #[arg(long, value_name = "FILE")]
    tokens_out: Option<String>,
    /// Kafka brokers that events are published to.
    #[arg(long, value_name = "HOST:PORT,…", value_delimiter = ',')]
    kafka: Vec<String>,
    /// Form of log lines.
    #[arg(long, value_enum)]
    log_format: Option<LogFormat>,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let config = Config::load(args.config.as_deref(), config::variables(), args.layer());
    let config = config.map_err(|error| {
        usage(error).next("`rollcall config dump --default` documents every key")
    })?;
    logging::init(&config.logging).map_err(usage)?;
    let running = start(config, Arc::new(SystemClock)).map_err(not_started)?;
    let stop = running.stopper();
    let drain = move || {
        tracing::info!("told to stop: finishing what is in progress");
        stop.cancel();
    };
    signals::on_stop(drain, || process::exit(Exit::Interrupt as i32))?;
    end(&running.wait())
}

/// The last line of the log, and the exit code: at once and without tidying up when something failed, because
/// recovery at start is the only rollback.
fn end(outcome: &Outcome) -> Result<(), Failure> {
    if outcome.exit() != Exit::Ok {
        fail(outcome);
    }
    tracing::info!("{outcome}");
    Ok(())
}

fn fail(outcome: &Outcome) -> ! {
    tracing::error!("{outcome}");
    process::exit(outcome.exit() as i32)
}

impl Args {
    /// The flags that were given, as a layer of the configuration.
    fn layer(&self) -> Table {
        let format = self.log_format.map(|format| match format {
            LogFormat::Json => "json".to_owned(),
            LogFormat::Text => "text".to_owned(),
        });
        let given = [
            ("data", &self.data),
            ("listen", &self.listen),
            ("admin_listen", &self.admin_listen),
            ("public_url", &self.public_url),
            ("tls_cert", &self.tls_cert),
            ("tls_key", &self.tls_key),
            ("master_key_file", &self.master_key_file),
            ("bootstrap", &self.bootstrap),
            ("tokens_out", &self.tokens_out),
        ];
        let mut layer: Table = given
            .into_iter()
            .filter_map(|(key, value)| value.clone().map(|v| (key.to_owned(), Value::String(v))))
            .collect();
        if !self.kafka.is_empty() {
            let brokers = self.kafka.iter().map(|broker| Value::String(broker.trim().to_owned()));
            let kafka = Table::from_iter([("brokers".to_owned(), Value::Array(brokers.collect()))]);
            layer.insert("kafka".to_owned(), Value::Table(kafka));
        }
        if let Some(format) = format {
            let logging = Table::from_iter([("format".to_owned(), Value::String(format))]);
            layer.insert("logging".to_owned(), Value::Table(logging));
        }
        layer
    }
}

fn usage(error: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Usage, "the configuration is not valid").why(error)
}

/// On a terminal a person reads why; else it is a line of the log like any other.
fn not_started(error: StartError) -> Failure {
    let next = error.remedy();
    if io::stderr().is_terminal() {
        return Failure::new(error.exit(), "the gateway did not start").why(&error).next(next);
    }
    tracing::error!(%error, next, "the gateway did not start");
    Failure::silent(error.exit())
}
