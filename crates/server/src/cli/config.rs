//! `rollcall config check|dump`: what counts, and what is wrong with it.

use std::io::{self, Write};
use std::path::PathBuf;

use crate::config::{self, Config, DEFAULT_TOML};
use crate::{Exit, bootstrap, tls};

use super::Failure;

#[derive(clap::Subcommand, Debug)]
pub(super) enum Command {
    /// Read file and environment and say what is wrong. Exits 0 when nothing is, else 1.
    Check(Args),
    /// Print every key with its meaning and the value that counts.
    Dump {
        #[command(flatten)]
        args: Args,
        /// Print the defaults instead.
        #[arg(long)]
        default: bool,
    },
}

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Configuration file.
    #[arg(long, env = "ROLLCALL_CONFIG", value_name = "FILE", hide_env_values = true)]
    config: Option<PathBuf>,
}

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Check(args) => check(args),
        Command::Dump { default: true, .. } => Ok(write!(io::stdout(), "{DEFAULT_TOML}")?),
        Command::Dump { args, default: false } => dump(args),
    }
}

fn check(args: &Args) -> Result<(), Failure> {
    let config = Config::load(args.config.as_deref(), config::variables(), toml::Table::new())
        .map_err(refused)?;
    if let Some(path) = &config.bootstrap {
        bootstrap::Bootstrap::read(path).map_err(refused)?;
    }
    if let (Some(cert), Some(key)) = (&config.tls_cert, &config.tls_key) {
        tls::load(cert, key).map_err(refused)?;
    }
    Ok(writeln!(io::stdout(), "the configuration is valid")?)
}

fn dump(args: &Args) -> Result<(), Failure> {
    let table = config::effective(args.config.as_deref(), config::variables(), toml::Table::new())
        .map_err(refused)?;
    Config::from_table(table.clone()).map_err(refused)?;
    Ok(write!(io::stdout(), "{}", config::documented(&table))?)
}

fn refused(error: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Negative, "the configuration is not valid")
        .why(error)
        .next("`rollcall config dump --default` documents every key")
}
