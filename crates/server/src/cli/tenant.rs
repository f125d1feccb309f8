//! `rollcall tenant create|list|show`.

use std::io;

use serde_json::{Map, Value, json};

use super::client::Connect;
use super::listing::{self, Range, Shape};
use super::output::{Table, cell, write_json};
use super::{Failure, Format};

#[derive(clap::Subcommand, Debug)]
pub(super) enum Command {
    /// Make a tenant. Its first token comes from `rollcall token issue`.
    Create {
        /// Its id for ever: a-z, 0-9 and '-', at most 63 characters.
        id: String,
        /// Its name for people [default: the id].
        #[arg(long)]
        name: Option<String>,
        /// How its requests are read: lenient, strict, or as an identity provider needs it: entra, okta, google, jumpcloud, onelogin, ping [default: lenient].
        #[arg(long)]
        profile: Option<String>,
        #[command(flatten)]
        connect: Connect,
    },
    /// List the tenants.
    List {
        #[command(flatten)]
        range: Range,
        #[command(flatten)]
        connect: Connect,
    },
    /// Show one tenant with its counts.
    Show {
        /// The tenant's id.
        id: String,
        #[command(flatten)]
        connect: Connect,
    },
}

const TENANTS: Shape = Shape {
    name: "tenants",
    columns: &[
        ("TENANT", "/id"),
        ("NAME", "/name"),
        ("STATUS", "/status"),
        ("PROFILE", "/profile"),
        ("BASE URL", "/base_url"),
    ],
};

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Create { id, name, profile, connect } => {
            create(connect, id, name.as_deref(), profile.as_deref())
        }
        Command::List { range, connect } => listing::print(connect, &["tenants"], range, &TENANTS),
        Command::Show { id, connect } => {
            print(connect, &connect.client()?.get(&["tenants", id], &[])?)
        }
    }
}

fn create(
    connect: &Connect,
    id: &str,
    name: Option<&str>,
    profile: Option<&str>,
) -> Result<(), Failure> {
    let mut body = Map::from_iter([("id".to_owned(), json!(id))]);
    if let Some(name) = name {
        body.insert("name".to_owned(), json!(name));
    }
    if let Some(profile) = profile {
        body.insert("profile".to_owned(), json!(profile));
    }
    print(connect, &connect.client()?.post(&["tenants"], &Value::Object(body))?)
}

/// One tenant: a line for each of its members.
fn print(connect: &Connect, tenant: &Value) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match connect.output {
        Format::Json => write_json(&mut out, tenant)?,
        Format::Table => {
            let mut table = Table::new(&["FIELD", "VALUE"]);
            for name in tenant.as_object().into_iter().flat_map(Map::keys) {
                table.row(vec![name.clone(), cell(tenant, &format!("/{name}"))]);
            }
            table.write(&mut out)?;
        }
    }
    Ok(())
}
