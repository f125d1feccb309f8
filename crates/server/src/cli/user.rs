//! `rollcall user list`: the people of a tenant, as the product reads them.

use super::Failure;
use super::client::Connect;
use super::listing::{self, Range, Shape};

#[derive(clap::Subcommand, Debug)]
pub(super) enum Command {
    /// List the people of a tenant.
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

/// The columns of people.
pub(crate) const USERS: Shape = Shape {
    name: "users",
    columns: &[
        ("USER", "/id"),
        ("USERNAME", "/userName"),
        ("NAME", "/displayName"),
        ("ACTIVE", "/active"),
        ("TEAMS", "/teams"),
    ],
};

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::List { tenant, range, connect } => {
            listing::print(connect, &["tenants", tenant, "users"], range, &USERS)
        }
    }
}
