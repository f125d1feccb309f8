//! The body of a PATCH request → its operations, still as they were written.

use serde_json::{Map, Value};

use crate::{Coercion, Coercions, Error, Profile, limits::PATCH_OPERATIONS_MAX, schema::PATCH_URN};

/// One operation.
#[derive(Debug)]
pub(super) struct Operation {
    /// None: not one of the three.
    pub(super) verb: Option<Verb>,
    pub(super) path: Given,
    pub(super) value: Option<Value>,
}

/// What is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verb {
    Add,
    Remove,
    Replace,
}

/// A path as it was given.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Given {
    Nothing,
    Path(String),
    /// Something that isn't text.
    Junk,
}

/// The operations of a request: 400 `invalidSyntax` if there are none, `invalidValue` if there are too many.
pub(super) fn read(
    body: Value,
    profile: Profile,
    coercions: &mut Coercions,
) -> Result<Vec<Operation>, Error> {
    let Value::Object(body) = body else {
        return Err(Error::invalid_syntax("the body must be a JSON object with Operations"));
    };
    let mut operations = None;
    let mut is_patch = false;
    for (key, value) in body {
        if key.eq_ignore_ascii_case("Operations") {
            operations = Some(value);
        } else if key.eq_ignore_ascii_case("schemas") {
            is_patch = names_patch(&value);
        }
    }
    if !is_patch {
        if !profile.schemas_repaired {
            return Err(Error::invalid_syntax(format!("schemas: must name {PATCH_URN}")));
        }
        coercions.insert(Coercion::SchemasRepaired);
    }
    match operations {
        Some(Value::Array(operations)) if operations.len() > PATCH_OPERATIONS_MAX => {
            let detail = format!("Operations: more than {PATCH_OPERATIONS_MAX}");
            Err(Error::invalid_value(detail))
        }
        Some(Value::Array(operations)) if !operations.is_empty() => {
            operations.into_iter().enumerate().map(|(at, one)| operation(at, one)).collect()
        }
        Some(_) | None => {
            Err(Error::invalid_syntax("Operations: must be an array of at least one"))
        }
    }
}

fn names_patch(schemas: &Value) -> bool {
    let is_patch =
        |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(PATCH_URN));
    schemas.as_array().is_some_and(|urns| urns.iter().any(is_patch))
}

fn operation(at: usize, operation: Value) -> Result<Operation, Error> {
    let Value::Object(operation) = operation else {
        let detail = format!("Operations[{at}]: must be an object with op, path and value");
        return Err(Error::invalid_syntax(detail));
    };
    Ok(sorted(operation))
}

fn sorted(operation: Map<String, Value>) -> Operation {
    let mut sorted = Operation { verb: None, path: Given::Nothing, value: None };
    for (key, value) in operation {
        if key.eq_ignore_ascii_case("op") {
            sorted.verb = value.as_str().and_then(verb);
        } else if key.eq_ignore_ascii_case("path") {
            sorted.path = path(value);
        } else if key.eq_ignore_ascii_case("value") {
            sorted.value = Some(value);
        }
    }
    sorted
}

/// In any case: Entra capitalises them.
fn verb(op: &str) -> Option<Verb> {
    let verbs = [("add", Verb::Add), ("remove", Verb::Remove), ("replace", Verb::Replace)];
    verbs.into_iter().find(|(name, _)| op.eq_ignore_ascii_case(name)).map(|(_, verb)| verb)
}

fn path(path: Value) -> Given {
    match path {
        Value::Null => Given::Nothing,
        Value::String(path) if path.trim().is_empty() => Given::Nothing,
        Value::String(path) => Given::Path(path),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Given::Junk,
    }
}
