//! What nine kinds of identity provider send, each in its own words and order, against a fresh tenant; and what comes of it.

mod entra;
mod okta;
mod others;

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Answer, Scim};
use crate::harness::Gateway;

const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A client of one tenant, step by step. `{name}` in a path or body stands for the id that was kept under that name.
struct Trace {
    _gateway: Gateway,
    scim: Scim,
    ids: BTreeMap<String, String>,
    last: Option<Answer>,
}

impl Trace {
    fn new() -> Self {
        let gateway = Gateway::start(&["acme"]);
        let scim = gateway.scim("acme");
        Self { _gateway: gateway, scim, ids: BTreeMap::new(), last: None }
    }

    /// The same client with bodies of another type.
    fn typed(mut self, content_type: &'static str) -> Self {
        self.scim = self.scim.with_content_type(content_type);
        self
    }

    fn get(&mut self, path: &str, status: u16) -> &mut Self {
        self.ask(Method::GET, path, &Value::Null, status)
    }

    fn post(&mut self, path: &str, body: &Value, status: u16) -> &mut Self {
        self.ask(Method::POST, path, body, status)
    }

    fn put(&mut self, path: &str, body: &Value, status: u16) -> &mut Self {
        self.ask(Method::PUT, path, body, status)
    }

    fn patch(&mut self, path: &str, operations: &Value, status: u16) -> &mut Self {
        let body = json!({"schemas": [PATCH], "Operations": operations});
        self.ask(Method::PATCH, path, &body, status)
    }

    fn delete(&mut self, path: &str, status: u16) -> &mut Self {
        self.ask(Method::DELETE, path, &Value::Null, status)
    }

    /// The last answer has that value there; null: nothing.
    fn sees(&mut self, pointer: &str, expected: impl Into<Value>) -> &mut Self {
        let body = self.last.as_ref().unwrap().json();
        let expected = self.named(&expected.into().to_string());
        let expected: Value = serde_json::from_str(&expected).unwrap();
        assert_eq!(body.pointer(pointer).unwrap_or(&Value::Null), &expected, "{pointer} of {body}");
        self
    }

    /// Keeps the last answer's id under a name.
    fn keeps(&mut self, name: &str) -> &mut Self {
        let id = self.last.as_ref().unwrap().id();
        self.ids.insert(format!("{{{name}}}"), id);
        self
    }

    fn ask(&mut self, method: Method, path: &str, body: &Value, status: u16) -> &mut Self {
        let (path, body) = (self.named(path), self.named(&body.to_string()));
        let has_body = matches!(method, Method::POST | Method::PUT | Method::PATCH);
        let send = |request: reqwest::blocking::RequestBuilder| match has_body {
            true => request.body(body.clone()),
            false => request,
        };
        let answer = self.scim.send(method.clone(), &path, send);
        assert_eq!(answer.status, status, "{method} {path} {body}: {}", answer.text());
        self.last = Some(answer);
        self
    }

    fn named(&self, text: &str) -> String {
        self.ids.iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, id))
    }
}
