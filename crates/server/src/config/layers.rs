//! One table out of many: laying files, variables and flags over the defaults.
//! The embedded defaults name every key, so they alone say what is known and of which type it is.

use toml::{Table, Value};

use super::{Error, Layer};

/// Variables that start with `ROLLCALL_` and are no keys of the configuration: the CLI's own.
const CLIENT_VARIABLES: [&str; 4] =
    ["ROLLCALL_CONFIG", "ROLLCALL_URL", "ROLLCALL_KEY_FILE", "ROLLCALL_CA_FILE"];

/// A short name for a key that operators set often.
const ALIASES: [(&str, &str); 1] = [("ROLLCALL_LOG", "ROLLCALL_LOGGING_FILTER")];

/// The section whose keys are librdkafka's; what is in it is checked when it is read.
const OPEN_SECTION: &str = "kafka.properties.";

const PREFIX: &str = "ROLLCALL_";

/// Lays `layer` over `base`. Every key of it must stand in `base`, with the same type.
pub(super) fn overlay(base: &mut Table, layer: Table, source: &Layer) -> Result<(), Error> {
    lay(base, layer, source, "")
}

/// Lays the `ROLLCALL_*` variables over `base`.
pub(super) fn overlay_variables(
    base: &mut Table,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<(), Error> {
    for (given, text) in variables {
        if !given.starts_with(PREFIX) || CLIENT_VARIABLES.contains(&given.as_str()) {
            continue;
        }
        let alias = ALIASES.iter().find(|(short, _)| *short == given);
        let name = alias.map_or(given.as_str(), |(_, long)| *long);
        let source = Layer::Variable(given.clone());
        let Some(slot) = slot(base, name, PREFIX) else {
            let near = nearest(name, variable_names(base, PREFIX));
            return Err(Error::UnknownKey { key: given, layer: source, near });
        };
        *slot = read(&text, slot, &given, &source)?;
    }
    Ok(())
}

fn lay(base: &mut Table, layer: Table, source: &Layer, prefix: &str) -> Result<(), Error> {
    for (name, value) in layer {
        let key = format!("{prefix}{name}");
        if prefix == OPEN_SECTION {
            base.insert(name, value);
            continue;
        }
        let Some(slot) = base.get_mut(&name) else {
            let near = nearest(&name, base.keys().cloned()).map(|near| format!("{prefix}{near}"));
            return Err(Error::UnknownKey { key, layer: source.clone(), near });
        };
        match (slot, value) {
            (Value::Table(inner), Value::Table(layer)) => {
                lay(inner, layer, source, &format!("{key}."))?;
            }
            (slot, value) if slot.same_type(&value) => *slot = value,
            (slot, value) => {
                let expected = type_name(slot);
                let found = type_name(&value).to_owned();
                return Err(Error::Type { key, layer: source.clone(), expected, found });
            }
        }
    }
    Ok(())
}

/// The place in `table` of the variable `name`.
fn slot<'a>(table: &'a mut Table, name: &str, prefix: &str) -> Option<&'a mut Value> {
    for (key, value) in table.iter_mut() {
        let here = variable(prefix, key);
        if let Value::Table(inner) = value {
            if let Some(found) = slot(inner, name, &format!("{here}_")) {
                return Some(found);
            }
        } else if here == name {
            return Some(value);
        }
    }
    None
}

fn variable_names(table: &Table, prefix: &str) -> Vec<String> {
    let names = table.iter().map(|(key, value)| match value.as_table() {
        Some(inner) => variable_names(inner, &format!("{}_", variable(prefix, key))),
        None => vec![variable(prefix, key)],
    });
    names.flatten().collect()
}

fn variable(prefix: &str, key: &str) -> String {
    format!("{prefix}{}", key.to_ascii_uppercase())
}

/// A variable's text as a value of the type that stands in `slot`.
fn read(text: &str, slot: &Value, key: &str, source: &Layer) -> Result<Value, Error> {
    let refused = || Error::Type {
        key: key.to_owned(),
        layer: source.clone(),
        expected: type_name(slot),
        found: format!("{text:?}"),
    };
    match slot {
        Value::String(_) => Ok(Value::String(text.to_owned())),
        Value::Integer(_) => text.parse().map(Value::Integer).map_err(|_| refused()),
        Value::Boolean(_) => text.parse().map(Value::Boolean).map_err(|_| refused()),
        Value::Array(_) => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            Ok(Value::Array(parts.map(|part| Value::String(part.to_owned())).collect()))
        }
        Value::Float(_) | Value::Datetime(_) | Value::Table(_) => Err(refused()),
    }
}

const fn type_name(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "text",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a time",
        Value::Array(_) => "a list",
        Value::Table(_) => "a section",
    }
}

/// The known name that is most like `name`, if one is like it at all.
fn nearest(name: &str, known: impl IntoIterator<Item = String>) -> Option<String> {
    let scored = known.into_iter().map(|known| (distance(name, &known), known));
    let (distance, known) = scored.min()?;
    (distance <= name.len() / 3).then_some(known)
}

/// Levenshtein distance, row by row.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut left = i + 1;
        let mut next = vec![left];
        for (b, pair) in to.iter().zip(row.windows(2)) {
            let (Some(diagonal), Some(above)) = (pair.first(), pair.last()) else { break };
            left = (diagonal + usize::from(a != *b)).min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
