//! Bulk requests (RFC 7644 §3.7): operations, and what they call each other before anything has an id.
//!
//! Names are resolved on the parsed JSON, before any schema is looked at: `bulkId:x` stands for the id that the operation `x` makes,
//! wherever a string is exactly that.

use serde_json::{Map, Value};

use crate::{Error, Profile, limits::BULK_OPERATIONS_MAX};

/// The message of a request.
pub const REQUEST_URN: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// The message of an answer.
pub const RESPONSE_URN: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
const REFERENCE: &str = "bulkId:";

/// A request.
#[derive(Clone, PartialEq, Debug)]
pub struct Bulk {
    /// After so many failed operations the rest isn't done; `None`: all are done.
    pub fail_on_errors: Option<usize>,
    /// In the order given.
    pub operations: Vec<Operation>,
}

/// One operation, as it was given.
#[derive(Clone, PartialEq, Debug)]
pub struct Operation {
    /// What is to be done.
    pub method: Method,
    /// What others call the resource that it makes.
    pub bulk_id: Option<String>,
    /// The path below the base address: `/Users`, `/Users/{id}`, `/Users/bulkId:x`.
    pub path: String,
    /// The version that must be there, as in `If-Match`.
    pub version: Option<String>,
    /// The body of a POST, PUT or PATCH.
    pub data: Value,
}

/// What an operation does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names of HTTP")]
pub enum Method {
    Post,
    Put,
    Patch,
    Delete,
}

impl Bulk {
    /// Reads a request. 400 `invalidSyntax` for what is none, 413 for too many operations.
    pub fn parse(body: Value, profile: Profile) -> Result<Self, Error> {
        let Value::Object(members) = body else {
            return Err(Error::invalid_syntax("the body must be a JSON object with Operations"));
        };
        let (mut fail_on_errors, mut operations, mut named) = (None, None, false);
        for (name, value) in members {
            match name.to_ascii_lowercase().as_str() {
                "schemas" => named = names_request(&value),
                "failonerrors" => fail_on_errors = count(&value)?,
                "operations" => operations = Some(value),
                _ => {}
            }
        }
        if !named && !profile.schemas_repaired {
            return Err(Error::invalid_syntax(format!("schemas: must name {REQUEST_URN}")));
        }
        let operations = match operations {
            Some(Value::Array(operations)) if operations.len() > BULK_OPERATIONS_MAX => {
                let detail = format!(
                    "Operations: {} are more than maxOperations, {BULK_OPERATIONS_MAX}",
                    operations.len()
                );
                return Err(Error::new(413, None, detail));
            }
            Some(Value::Array(operations)) if !operations.is_empty() => operations,
            Some(_) | None => {
                let detail = "Operations: must be an array of at least one";
                return Err(Error::invalid_syntax(detail));
            }
        };
        let operations = operations.into_iter().enumerate().map(|(at, one)| operation(at, one));
        let operations: Vec<Operation> = operations.collect::<Result<_, _>>()?;
        check_names(&operations)?;
        Ok(Self { fail_on_errors, operations })
    }
}

impl Operation {
    /// The names that the operation calls others by, each as often as it does.
    pub fn references(&self) -> Vec<String> {
        let mut names = Vec::new();
        self.path.split('/').filter_map(reference).for_each(|name| names.push(name.to_owned()));
        let mut todo = vec![&self.data];
        while let Some(value) = todo.pop() {
            match value {
                Value::String(text) => names.extend(reference(text).map(str::to_owned)),
                Value::Array(items) => todo.extend(items),
                Value::Object(members) => todo.extend(members.values()),
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
        names
    }

    /// Puts ids in the place of names. The first name that `id` doesn't know is given back.
    pub fn resolve(&mut self, id: &dyn Fn(&str) -> Option<String>) -> Result<(), String> {
        let mut parts: Vec<String> = Vec::new();
        for part in self.path.split('/') {
            parts.push(match reference(part) {
                None => part.to_owned(),
                Some(name) => id(name).ok_or_else(|| name.to_owned())?,
            });
        }
        self.path = parts.join("/");
        let mut todo = vec![&mut self.data];
        while let Some(value) = todo.pop() {
            match value {
                Value::String(text) => {
                    if let Some(name) = reference(text) {
                        *text = id(name).ok_or_else(|| name.to_owned())?;
                    }
                }
                Value::Array(items) => todo.extend(items),
                Value::Object(members) => todo.extend(members.values_mut()),
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
        Ok(())
    }
}

impl Method {
    /// The method's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    fn of(text: &str) -> Option<Self> {
        let all = [Self::Post, Self::Put, Self::Patch, Self::Delete];
        all.into_iter().find(|it| it.as_str().eq_ignore_ascii_case(text))
    }
}

fn operation(at: usize, given: Value) -> Result<Operation, Error> {
    let refused = |why: &str| Error::invalid_syntax(format!("Operations[{at}]: {why}"));
    let Value::Object(members) = given else { return Err(refused("must be an object")) };
    let mut members = lower_case(members);
    let mut text = |name: &str| match members.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(refused(&format!("{name} must be text"))),
    };
    let method = text("method")?.as_deref().and_then(Method::of);
    let method = method.ok_or_else(|| refused("method must be POST, PUT, PATCH or DELETE"))?;
    let path = text("path")?.ok_or_else(|| refused("path is missing"))?;
    let bulk_id = text("bulkid")?.filter(|id| !id.is_empty());
    let version = text("version")?;
    if method == Method::Post && bulk_id.is_none() {
        return Err(refused("bulkId is missing: a POST needs one"));
    }
    let data = members.remove("data").unwrap_or_default();
    if method != Method::Delete && !data.is_object() {
        return Err(refused("data must be an object"));
    }
    Ok(Operation { method, bulk_id, path, version, data })
}

fn lower_case(members: Map<String, Value>) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect()
}

fn check_names(operations: &[Operation]) -> Result<(), Error> {
    let posts = operations.iter().filter(|it| it.method == Method::Post);
    let mut names: Vec<&str> = posts.filter_map(|it| it.bulk_id.as_deref()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
        return Err(Error::invalid_syntax("Operations: two POSTs have the same bulkId"));
    }
    Ok(())
}

fn names_request(schemas: &Value) -> bool {
    let is_request =
        |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(REQUEST_URN));
    schemas.as_array().is_some_and(|urns| urns.iter().any(is_request))
}

/// 0 and less are taken as "never", as absent is.
fn count(value: &Value) -> Result<Option<usize>, Error> {
    let number = match value {
        Value::Null => return Ok(None),
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let number = number.ok_or_else(|| Error::invalid_syntax("failOnErrors: must be an integer"))?;
    Ok(usize::try_from(number).ok().filter(|number| *number > 0))
}

/// The name in `bulkId:name`.
fn reference(text: &str) -> Option<&str> {
    let (prefix, name) = text.split_at_checked(REFERENCE.len())?;
    (prefix.eq_ignore_ascii_case(REFERENCE) && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn bulk(operations: Value) -> Value {
        json!({"schemas": [REQUEST_URN], "Operations": operations})
    }

    #[test]
    fn names_are_found_and_replaced_wherever_they_stand() {
        let body = bulk(json!([{
            "method": "patch", "path": "/Groups/bulkId:g", "data": {
                "Operations": [{"op": "add", "path": "members", "value": [{"value": "bulkId:u"}]}],
                "note": "about bulkId:x"
            }
        }]));
        let mut operation = Bulk::parse(body, Profile::STRICT).unwrap().operations.remove(0);
        let mut names = operation.references();
        names.sort();
        assert_eq!(names, ["g", "u"]);
        let id = |name: &str| Some(format!("id-of-{name}"));
        assert_eq!(operation.resolve(&id), Ok(()));
        assert_eq!(operation.path, "/Groups/id-of-g");
        assert_eq!(operation.data["Operations"][0]["value"][0]["value"], "id-of-u");
        assert_eq!(operation.data["note"], "about bulkId:x");
        let mut again = operation.clone();
        again.data = json!({"value": "bulkId:nobody"});
        assert_eq!(again.resolve(&|_| None), Err("nobody".to_owned()));
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let check = |body: Value, status: u16, named: &str| {
            let error = Bulk::parse(body, Profile::STRICT).unwrap_err();
            assert!(error.status == status && error.detail.contains(named), "{error:?}");
        };
        check(json!([]), 400, "object");
        check(json!({"Operations": [{}]}), 400, "schemas");
        check(bulk(json!([])), 400, "at least one");
        check(bulk(json!([1])), 400, "Operations[0]");
        check(bulk(json!([{"method": "GET", "path": "/Users"}])), 400, "method");
        check(bulk(json!([{"method": "POST", "path": "/Users", "data": {}}])), 400, "bulkId");
        check(bulk(json!([{"method": "PUT", "path": "/Users/1"}])), 400, "data");
        check(bulk(json!([{"method": "DELETE"}])), 400, "path");
        let post = json!({"method": "POST", "path": "/Users", "bulkId": "a", "data": {}});
        check(bulk(json!([post, post])), 400, "same bulkId");
        check(bulk(json!(vec![post.clone(); BULK_OPERATIONS_MAX + 1])), 413, "maxOperations");
        let mut body = bulk(json!([post]));
        body["failOnErrors"] = json!("x");
        check(body, 400, "failOnErrors");
        let mut body = bulk(json!([post]));
        body["failOnErrors"] = json!(0);
        assert_eq!(Bulk::parse(body, Profile::STRICT).unwrap().fail_on_errors, None);
    }
}
