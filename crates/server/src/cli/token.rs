//! `rollcall token issue|list|revoke`: the SCIM tokens of a tenant. A secret is printed once, to stdout only.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::client::Connect;
use super::listing::{self, Range, Shape};
use super::output::{cell, write_json};
use super::{Failure, Format};

#[derive(clap::Subcommand, Debug)]
pub(super) enum Command {
    /// Issue a token. stdout is the token alone, shown this once.
    Issue {
        /// The tenant that it opens.
        #[arg(long, short)]
        tenant: String,
        /// Its name for people.
        #[arg(long)]
        name: Option<String>,
        /// When it ends, as 2027-01-31T00:00:00Z [default: never].
        #[arg(long, value_name = "TIME")]
        expires_at: Option<String>,
        #[command(flatten)]
        connect: Connect,
    },
    /// List the tokens, without their secrets.
    List {
        /// The tenant that they open.
        #[arg(long, short)]
        tenant: String,
        #[command(flatten)]
        range: Range,
        #[command(flatten)]
        connect: Connect,
    },
    /// Revoke a token, at once.
    Revoke {
        /// The tenant that it opens.
        #[arg(long, short)]
        tenant: String,
        /// The token's id, from `rollcall token list`.
        token: String,
        #[command(flatten)]
        connect: Connect,
    },
}

const TOKENS: Shape = Shape {
    name: "tokens",
    columns: &[
        ("TOKEN", "/id"),
        ("NAME", "/name"),
        ("ENDS WITH", "/hint"),
        ("CONNECTION", "/connection"),
        ("EXPIRES", "/expires_at"),
    ],
};

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Issue { tenant, name, expires_at, connect } => {
            issue(connect, tenant, name.as_deref(), expires_at.as_deref())
        }
        Command::List { tenant, range, connect } => {
            listing::print(connect, &["tenants", tenant, "tokens"], range, &TOKENS)
        }
        Command::Revoke { tenant, token, connect } => {
            connect.client()?.delete(&["tenants", tenant, "tokens", token])?;
            drop(writeln!(io::stderr(), "revoked {token} of {tenant}"));
            Ok(())
        }
    }
}

fn issue(
    connect: &Connect,
    tenant: &str,
    name: Option<&str>,
    expires_at: Option<&str>,
) -> Result<(), Failure> {
    let given = [("name", name), ("expires_at", expires_at)];
    let body: Map<String, Value> = given
        .into_iter()
        .filter_map(|(key, value)| value.map(|value| (key.to_owned(), json!(value))))
        .collect();
    let issued = connect.client()?.post(&["tenants", tenant, "tokens"], &Value::Object(body))?;
    let mut out = io::stdout().lock();
    match connect.output {
        Format::Json => write_json(&mut out, &issued)?,
        Format::Table => {
            let (id, base) = (cell(&issued, "/id"), cell(&issued, "/base_url"));
            let talk = format!("token {id} of {tenant}, shown this once; base URL {base}");
            drop(writeln!(io::stderr(), "{talk}"));
            writeln!(out, "{}", cell(&issued, "/token"))?;
        }
    }
    Ok(())
}
