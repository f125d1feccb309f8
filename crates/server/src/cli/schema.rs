//! `rollcall schema put|list|show|rm`: attributes that a tenant's users and groups have beyond those of RFC 7643.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::Failure;
use super::client::Connect;
use super::listing::{self, Range, Shape, print_one};
use crate::Exit;

#[derive(clap::Subcommand, Debug)]
pub(super) enum Command {
    /// Add a schema, or put it in the place of that under the same URN. Attributes may be added, never taken away.
    Put {
        /// The tenant.
        tenant: String,
        /// The schema as JSON (RFC 7643 section 7). Under a built-in URN its attributes stand beside the built-in ones.
        file: PathBuf,
        /// The resource type that it extends: User or Group.
        #[arg(long, default_value = "User", value_name = "TYPE")]
        extends: String,
        /// A resource can't be without it.
        #[arg(long)]
        required: bool,
        /// There is a resource type of that name by it, as in Role.
        #[arg(long, value_name = "NAME", requires = "endpoint", conflicts_with_all = ["extends", "required"])]
        defines: Option<String>,
        /// Where its resources are, as in /Roles.
        #[arg(long, value_name = "PATH", requires = "defines")]
        endpoint: Option<String>,
        /// What its resources are, for people.
        #[arg(long, requires = "defines")]
        description: Option<String>,
        #[command(flatten)]
        connect: Connect,
    },
    /// List a tenant's own schemas.
    List {
        /// The tenant.
        tenant: String,
        #[command(flatten)]
        range: Range,
        #[command(flatten)]
        connect: Connect,
    },
    /// Show one.
    Show {
        /// The tenant.
        tenant: String,
        /// Its URN.
        urn: String,
        #[command(flatten)]
        connect: Connect,
    },
    /// Take a schema away; refused while anybody has values under it.
    Rm {
        /// The tenant.
        tenant: String,
        /// Its URN.
        urn: String,
        #[command(flatten)]
        connect: Connect,
    },
}

const SCHEMAS: Shape = Shape {
    name: "schemas",
    columns: &[("URN", "/urn"), ("EXTENDS", "/extends"), ("REQUIRED", "/required")],
};

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Put {
            tenant,
            file,
            extends,
            required,
            defines,
            endpoint,
            description,
            connect,
        } => {
            let schema = read(file)?;
            let urn = schema.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
            let mut query = vec![("required", required.to_string())];
            match (defines, endpoint) {
                (Some(name), Some(path)) => {
                    query.extend([("defines", name.clone()), ("endpoint", path.clone())]);
                    query.extend(description.clone().map(|text| ("description", text)));
                }
                _ => query.push(("extends", extends.clone())),
            }
            let path = ["tenants", tenant, "schemas", &urn];
            print_one(connect, &connect.client()?.put(&path, &query, &schema)?)
        }
        Command::List { tenant, range, connect } => {
            listing::print(connect, &["tenants", tenant, "schemas"], range, &SCHEMAS)
        }
        Command::Show { tenant, urn, connect } => {
            print_one(connect, &connect.client()?.get(&["tenants", tenant, "schemas", urn], &[])?)
        }
        Command::Rm { tenant, urn, connect } => {
            connect.client()?.delete(&["tenants", tenant, "schemas", urn]).map(drop)
        }
    }
}

fn read(file: &PathBuf) -> Result<Value, Failure> {
    let refused = |why: String| {
        Failure::new(Exit::Usage, format!("{} is no schema", file.display())).why(why)
    };
    let text = fs::read(file).map_err(|error| refused(error.to_string()))?;
    serde_json::from_slice(&text).map_err(|error| refused(error.to_string()))
}
