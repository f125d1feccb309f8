//! `rollcall team list`: the teams of a tenant, as the product reads them.

use super::Failure;
use super::client::Connect;
use super::listing::{self, Range, Shape};

#[derive(clap::Subcommand, Debug)]
pub(super) enum Command {
    /// List the teams of a tenant.
    List {
        /// The tenant.
        #[arg(long, short)]
        tenant: String,
        #[command(flatten)]
        range: Range,
        #[command(flatten)]
        connect: Connect,
    },
}

/// The columns of teams.
pub(crate) const TEAMS: Shape = Shape {
    name: "teams",
    columns: &[
        ("TEAM", "/id"),
        ("NAME", "/name"),
        ("MEMBERS", "/members"),
        ("PENDING", "/pending"),
    ],
};

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::List { tenant, range, connect } => {
            listing::print(connect, &["tenants", tenant, "teams"], range, &TEAMS)
        }
    }
}
