//! `rollcall tenant create|list|show`.

use serde_json::{Map, Value, json};

use super::Failure;
use super::client::Connect;
use super::listing::{self, Range, Shape, print_one};

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
    /// Change a tenant's settings, or suspend and resume it.
    Set {
        /// The tenant's id.
        id: String,
        #[command(flatten)]
        change: Change,
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

// At least one of these; the status stands alone. No doc comment: clap would print it instead of the command's.
#[derive(clap::Args, Debug)]
#[group(required = true, multiple = true)]
pub(super) struct Change {
    /// Its name for people.
    #[arg(long)]
    name: Option<String>,
    /// How its requests are read; sets all switches.
    #[arg(long)]
    profile: Option<String>,
    /// A switch that is to differ from the profile, such as `put_keeps_absent=true`; may be given several times.
    #[arg(long, value_name = "NAME=VALUE", value_parser = switch)]
    switch: Vec<(String, Value)>,
    /// Whether two groups may not share a name.
    #[arg(long, value_name = "BOOL")]
    unique_group_names: Option<bool>,
    /// "suspended" answers every SCIM request with 403; "active" ends that.
    #[arg(long, conflicts_with_all = ["name", "profile", "switch", "unique_group_names"])]
    status: Option<String>,
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
        Command::Set { id, change, connect } => {
            print_one(connect, &connect.client()?.patch(&["tenants", id], &change.body())?)
        }
        Command::List { range, connect } => listing::print(connect, &["tenants"], range, &TENANTS),
        Command::Show { id, connect } => {
            print_one(connect, &connect.client()?.get(&["tenants", id], &[])?)
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
    print_one(connect, &connect.client()?.post(&["tenants"], &Value::Object(body))?)
}

impl Change {
    fn body(&self) -> Value {
        let mut body = Map::new();
        let texts = [("name", &self.name), ("profile", &self.profile), ("status", &self.status)];
        for (key, text) in texts {
            body.extend(text.as_ref().map(|text| (key.to_owned(), json!(text))));
        }
        if let Some(unique) = self.unique_group_names {
            body.insert("unique_group_names".to_owned(), json!(unique));
        }
        if !self.switch.is_empty() {
            let switches = self.switch.iter().cloned().collect();
            body.insert("switches".to_owned(), Value::Object(switches));
        }
        Value::Object(body)
    }
}

/// `name=true`, `name=false`, or `name=word`.
fn switch(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text.split_once('=').ok_or("must be NAME=VALUE")?;
    let value = value.parse::<bool>().map_or_else(|_| json!(value), Value::Bool);
    Ok((name.to_owned(), value))
}
