//! A trace is what an identity provider sends, call by call, and what it must get. Playing one checks every answer.
//!
//! JSON lines. The first: `client`, `tenant`, `headers`, `content_type`. Each other one: `do` (method and path below
//! the base URL), `body`, `status`, `see` (JSON pointer → value; null: absent), `keep` (name → JSON pointer), and `say`, a
//! sentence for the spectator. `{name}` in a path or a text stands for a kept value.

use std::collections::BTreeMap;
use std::io;
use std::time::Instant;

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Screen;
use super::child::Access;
use crate::cli::printable;

/// Columns of a path, of a method with a path, and of a body.
const PATH_WIDTH: usize = 60;
const CALL_WIDTH: usize = 7 + PATH_WIDTH;
const BODY_WIDTH: usize = 110;

/// A recorded life cycle.
#[derive(Debug)]
pub(crate) struct Trace {
    pub(crate) head: Head,
    pub(crate) steps: Vec<Step>,
}

/// Who calls, and for which tenant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    pub(crate) client: String,
    pub(crate) tenant: String,
    headers: BTreeMap<String, String>,
    content_type: String,
}

/// One call.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    say: Option<String>,
    r#do: String,
    body: Option<Value>,
    status: u16,
    #[serde(default)]
    see: BTreeMap<String, Value>,
    #[serde(default)]
    keep: BTreeMap<String, String>,
}

/// Plays one trace against one tenant.
pub(crate) struct Player<'a> {
    screen: &'a Screen,
    http: &'a reqwest::blocking::Client,
    access: &'a Access,
    kept: BTreeMap<String, String>,
}

/// What came back.
struct Answer {
    status: u16,
    etag: Option<String>,
    body: Value,
    millis: f64,
    /// What isn't as it must be.
    faults: Vec<String>,
}

impl Trace {
    /// Reads a trace.
    ///
    /// # Errors
    /// The line that isn't one.
    pub(crate) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let mut lines = text.lines();
        let head = serde_json::from_str(lines.next().unwrap_or_default())?;
        let steps = lines.map(serde_json::from_str).collect::<Result<_, _>>()?;
        Ok(Self { head, steps })
    }
}

impl<'a> Player<'a> {
    pub(crate) const fn new(
        screen: &'a Screen,
        http: &'a reqwest::blocking::Client,
        access: &'a Access,
    ) -> Self {
        Self { screen, http, access, kept: BTreeMap::new() }
    }

    /// Plays all steps; how many answers were not as they must be.
    pub(crate) fn play(&mut self, trace: &Trace) -> io::Result<usize> {
        let mut wrong = 0;
        for step in &trace.steps {
            if let Some(say) = &step.say {
                self.screen.say(say)?;
            }
            let (method, path) = step.r#do.split_once(' ').unwrap_or(("GET", &step.r#do));
            let path = self.fill(path);
            let body = step.body.as_ref().map(|body| self.fill_all(body));
            let mut answer = self.call(&trace.head, method, &path, body.as_ref())?;
            for (name, pointer) in &step.keep {
                let value = answer.body.pointer(pointer).and_then(Value::as_str);
                self.kept.extend(value.map(|value| (name.clone(), value.to_owned())));
            }
            answer.faults = self.faults(step, &answer);
            self.show(
                &format!("{method:<6} {}", cut(&short_ids(&path), PATH_WIDTH)),
                body.as_ref(),
                &answer,
            )?;
            wrong += usize::from(!answer.faults.is_empty());
        }
        Ok(wrong)
    }

    fn call(
        &self,
        head: &Head,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> io::Result<Answer> {
        let method: Method = method.parse().map_err(io::Error::other)?;
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.access.base_url))
            .bearer_auth(&self.access.token);
        for (name, value) in &head.headers {
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request.header("Content-Type", &head.content_type).body(body.to_string());
        }
        let begun = Instant::now();
        let answer = request.send().map_err(io::Error::other)?;
        let status = answer.status().as_u16();
        let etag = answer.headers().get("etag").and_then(|value| value.to_str().ok());
        let etag = etag.map(str::to_owned);
        let text = answer.text().map_err(io::Error::other)?;
        let millis = begun.elapsed().as_secs_f64() * 1_000.0;
        let body = serde_json::from_str(&text).unwrap_or_default();
        Ok(Answer { status, etag, body, millis, faults: Vec::new() })
    }

    fn faults(&self, step: &Step, answer: &Answer) -> Vec<String> {
        let mut faults = Vec::new();
        if answer.status != step.status {
            faults.push(format!("status {} is due", step.status));
        }
        for (pointer, due) in &step.see {
            let due = self.fill_all(due);
            let found = answer.body.pointer(pointer).unwrap_or(&Value::Null);
            if *found != due {
                faults.push(format!("{pointer} is {found}, {due} is due"));
            }
        }
        faults
    }

    fn show(&self, call: &str, body: Option<&Value>, answer: &Answer) -> io::Result<()> {
        let good = answer.faults.is_empty();
        let status = answer.status.to_string();
        let status = if good { self.screen.good(&status) } else { self.screen.bad(&status) };
        let Answer { millis, .. } = answer;
        let line = format!("  {call:<CALL_WIDTH$}  {status}  {millis:>5.1} ms  {}", gist(answer));
        self.screen.line(line.trim_end())?;
        if let Some(body) = body {
            self.screen.faint(&format!("         {}", cut(&sent(body), BODY_WIDTH)))?;
        }
        for fault in &answer.faults {
            self.screen.line(&self.screen.bad(&format!("         wrong: {}", printable(fault))))?;
        }
        Ok(())
    }

    /// The text with kept values in place of their names.
    fn fill(&self, text: &str) -> String {
        self.kept.iter().fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        })
    }

    fn fill_all(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.fill(text)),
            Value::Array(items) => items.iter().map(|item| self.fill_all(item)).collect(),
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| (name.clone(), self.fill_all(value)))
                .collect::<Map<_, _>>()
                .into(),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }
}

/// A request's body without what is the same in all of them.
fn sent(body: &Value) -> String {
    let mut body = body.clone();
    if let Some(members) = body.as_object_mut() {
        members.shift_remove("schemas");
    }
    short_ids(&body.get("Operations").unwrap_or(&body).to_string())
}

/// The text, or its beginning when it is wider.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width - 1).chain(['…']).collect()
}

/// The text with only the end of each id.
fn short_ids(text: &str) -> String {
    const ID: usize = 36;
    const END: usize = 12;
    let parts = text.split_inclusive(['/', '?', '"', '\\']).map(|part| {
        let name = part.trim_end_matches(['/', '?', '"', '\\']);
        let is_id = name.len() == ID && name.matches('-').count() == 4;
        match name.get(ID - END..) {
            Some(end) if is_id => part.replace(name, &format!("…{end}")),
            Some(_) | None => part.to_owned(),
        }
    });
    parts.collect()
}

/// What an answer says, in a few words.
fn gist(answer: &Answer) -> String {
    let text = |pointer: &str| answer.body.pointer(pointer).and_then(Value::as_str);
    if let Some(detail) = text("/detail") {
        let kind = text("/scimType").map(|kind| format!("{kind}: ")).unwrap_or_default();
        return printable(&format!("{kind}{detail}"));
    }
    if let Some(total) = answer.body.get("totalResults") {
        return format!("{total} found");
    }
    let name = text("/userName").or_else(|| text("/displayName")).unwrap_or_default();
    let inactive = answer.body.get("active") == Some(&Value::Bool(false));
    let state = if inactive { " (inactive)" } else { "" };
    printable(&format!("{name}{state}  {}", answer.etag.as_deref().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::TRACES;

    #[test]
    fn the_traces_are_read_and_name_only_what_they_kept() {
        for text in TRACES {
            let trace = Trace::parse(text).unwrap();
            let mut kept: Vec<String> = Vec::new();
            for (step, line) in trace.steps.iter().zip(text.lines().skip(1)) {
                for part in line.split('{').skip(1) {
                    let name = part.split('}').next().unwrap();
                    let is_name = name.chars().all(|c| c.is_ascii_lowercase()) && !name.is_empty();
                    assert!(!is_name || kept.iter().any(|kept| kept == name), "{name} in {line}");
                }
                kept.extend(step.keep.keys().cloned());
            }
            assert!(!kept.is_empty());
        }
    }

    #[test]
    fn a_line_is_as_short_as_it_can_be() {
        let id = "01983b7e-0000-7000-8000-00000000ada0";
        let check = |path: &str, expected: &str| assert_eq!(short_ids(path), expected);
        check("/Users?count=2", "/Users?count=2");
        check(&format!("/Users/{id}"), "/Users/…00000000ada0");
        check(&format!("id eq \"{id}\" and x"), "id eq \"…00000000ada0\" and x");
        assert_eq!(cut("élan", 4), "élan");
        assert_eq!(cut("élans", 4), "éla…");
        let body = serde_json::json!({"schemas": [], "a": 1, "Operations": [{"value": id}]});
        assert_eq!(sent(&body), "[{\"value\":\"…00000000ada0\"}]");
        let body = serde_json::json!({"schemas": [], "b": 1, "a": 2});
        assert_eq!(sent(&body), "{\"b\":1,\"a\":2}");
    }
}
