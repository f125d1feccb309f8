//! The command line: one file per command. stdout carries data, stderr talk; the exit code says how it ended.
//!
//! Talks to a running gateway by HTTP alone. `serve`, `restore` and `rebuild` open a data directory; `verify` and `segments` look into one.

mod backup;
mod client;
mod config;
mod demo;
mod events;
mod failure;
mod listing;
mod output;
mod progress;
mod rebuild;
mod relay;
mod restore;
mod schema;
mod segments;
mod serve;
mod team;
mod tenant;
mod token;
mod user;
mod verify;

use std::io::{self, Write};

use clap::{Parser, Subcommand};

use crate::Exit;

pub(crate) use client::Client;
pub(crate) use events::page as event_page;
pub(crate) use failure::Failure;
pub(crate) use listing::whole as read_list;
use output::Format;
pub(crate) use output::printable;

/// The whole command line.
#[derive(Parser, Debug)]
#[command(
    name = "rollcall",
    version,
    about = "A multi-tenant SCIM 2.0 gateway whose state is an event log",
    after_help = "Exit codes: 0 done, 1 refused or negative, 2 usage, 3 data damaged, 4 credential, 5 not found,\n\
                  6 unreachable, 7 rate limited, 10 log I/O error, 11 log stuck, 130 interrupted.",
    disable_help_subcommand = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run the gateway.
    Serve(serve::Args),
    /// Play Entra ID and Okta against a gateway of its own, kill it, and show that nothing is gone.
    Demo(demo::Args),
    /// Make, list and show tenants.
    #[command(subcommand)]
    Tenant(tenant::Command),
    /// Issue, list and revoke the SCIM tokens of a tenant.
    #[command(subcommand)]
    Token(token::Command),
    /// The schemas that a tenant adds.
    #[command(subcommand)]
    Schema(schema::Command),
    /// The people of a tenant.
    #[command(subcommand)]
    User(user::Command),
    /// The teams of a tenant.
    #[command(subcommand)]
    Team(team::Command),
    /// The history of a tenant.
    Events(events::Args),
    /// The relay to Kafka.
    #[command(subcommand)]
    Relay(relay::Command),
    /// Read the whole log: is it what was written?
    Verify(verify::Args),
    /// Copy the log of a running gateway elsewhere; what is there already isn't copied again.
    Backup(backup::Args),
    /// Make a data directory from a backup.
    Restore(restore::Args),
    /// Make all snapshots of a data directory anew, from the log alone.
    Rebuild(rebuild::Args),
    /// The sealed segments of a data directory.
    #[command(subcommand)]
    Segments(segments::Command),
    /// Check and print the configuration.
    #[command(subcommand)]
    Config(config::Command),
}

/// Runs the command line of this process.
pub fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    let done = match cli.command {
        Command::Serve(args) => serve::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Tenant(command) => tenant::run(&command),
        Command::Token(command) => token::run(&command),
        Command::Schema(command) => schema::run(&command),
        Command::User(command) => user::run(&command),
        Command::Team(command) => team::run(&command),
        Command::Events(args) => events::run(&args),
        Command::Relay(command) => relay::run(&command),
        Command::Verify(args) => verify::run(&args),
        Command::Backup(args) => backup::run(&args),
        Command::Restore(args) => restore::run(&args),
        Command::Rebuild(args) => rebuild::run(&args),
        Command::Segments(command) => segments::run(&command),
        Command::Config(command) => config::run(&command),
    };
    match done {
        Ok(()) => Exit::Ok,
        Err(failure) => report(&failure),
    }
}

/// Help and version are data; anything else is a usage error.
fn refuse(error: &clap::Error) -> Exit {
    // Nobody is left to tell when the output is closed.
    drop(error.print());
    if error.use_stderr() { Exit::Usage } else { Exit::Ok }
}

fn report(failure: &Failure) -> Exit {
    drop(write!(io::stderr(), "{failure}"));
    failure.exit
}

#[cfg(test)]
mod tests;
