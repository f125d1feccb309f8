//! Lists that come in pages: read as far as the caller wants, printed as a table or as JSON.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::client::{Client, Connect};
use super::output::{Table, cell, write_json};
use super::{Failure, Format};

/// Entries that one call asks for, at most.
const PAGE_MAX: usize = 1_000;

/// How far to read.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct Range {
    /// Print at most so many.
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    limit: usize,
    /// Go on after this one, as the last call said.
    #[arg(long, value_name = "NEXT")]
    after: Option<String>,
}

/// A list's name in answers, and the head and JSON pointer of each column.
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, &'static str)],
}

/// Every entry of a list.
pub(crate) fn whole(client: &Client, path: &[&str], name: &str) -> Result<Vec<Value>, Failure> {
    let range = Range { limit: usize::MAX, after: None };
    read(client, path, &range, name).map(|(items, _)| items)
}

/// Reads the list at `path` and prints it.
pub(super) fn print(
    connect: &Connect,
    path: &[&str],
    range: &Range,
    shape: &Shape,
) -> Result<(), Failure> {
    let (items, next) = read(&connect.client()?, path, range, shape.name)?;
    let mut out = io::stdout().lock();
    match connect.output {
        Format::Table => shape.table(&items).write(&mut out)?,
        Format::Json => {
            let document = json!({ shape.name: items, "next": next });
            write_json(&mut out, &document)?;
        }
    }
    if let Some(next) = next {
        drop(writeln!(io::stderr(), "there are more: add --after {next}"));
    }
    Ok(())
}

/// The entries of a list as far as `range` goes, and where to go on.
fn read(
    client: &Client,
    path: &[&str],
    range: &Range,
    name: &str,
) -> Result<(Vec<Value>, Option<String>), Failure> {
    let mut items = Vec::new();
    let mut next = range.after.clone();
    loop {
        let page = (range.limit - items.len()).min(PAGE_MAX);
        let mut query = vec![("limit", page.to_string())];
        query.extend(next.take().map(|next| ("after", next)));
        let mut answer = client.get(path, &query)?;
        next = answer.get("next").and_then(Value::as_str).map(str::to_owned);
        let found = answer.get_mut(name).and_then(Value::as_array_mut).map(std::mem::take);
        items.extend(found.unwrap_or_default());
        if next.is_none() || items.len() >= range.limit {
            return Ok((items, next));
        }
    }
}

impl Shape {
    /// The entries as rows.
    pub(crate) fn table(&self, items: &[Value]) -> Table {
        let heads: Vec<&str> = self.columns.iter().map(|(head, _)| *head).collect();
        let mut table = Table::new(&heads);
        for item in items {
            table.row(self.columns.iter().map(|(_, pointer)| cell(item, pointer)).collect());
        }
        table
    }
}

/// One thing: a line for each of its members.
pub(super) fn print_one(connect: &Connect, shown: &Value) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match connect.output {
        Format::Json => write_json(&mut out, shown)?,
        Format::Table => {
            let mut table = Table::new(&["FIELD", "VALUE"]);
            for name in shown.as_object().into_iter().flat_map(Map::keys) {
                table.row(vec![name.clone(), cell(shown, &format!("/{name}"))]);
            }
            table.write(&mut out)?;
        }
    }
    Ok(())
}
