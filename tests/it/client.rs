//! A small HTTP client for tests: one base address, one credential, answers as JSON.

use std::time::Duration;

use reqwest::Method;
use reqwest::blocking::{Client as Http, RequestBuilder};
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

/// A client of one base address.
#[derive(Clone)]
pub(crate) struct Client {
    http: Http,
    base: String,
    authorization: Option<String>,
    content_type: &'static str,
}

/// A client of a SCIM address: bodies are `application/scim+json`.
pub(crate) type Scim = Client;

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    asked: String,
}

impl Client {
    pub(crate) fn new(base: String, authorization: Option<String>) -> Self {
        let http = Http::builder().timeout(Duration::from_secs(30)).no_proxy().build().unwrap();
        Self { http, base, authorization, content_type: "application/scim+json" }
    }

    /// The same address with another Authorization header, or none.
    pub(crate) fn with_authorization(&self, authorization: Option<&str>) -> Self {
        Self { authorization: authorization.map(str::to_owned), ..self.clone() }
    }

    /// Bodies are said to be of another type.
    pub(crate) fn with_content_type(&self, content_type: &'static str) -> Self {
        Self { content_type, ..self.clone() }
    }

    /// Another address with the same credential.
    pub(crate) fn at(&self, base: String) -> Self {
        Self { base, ..self.clone() }
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, |request| request)
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, |request| request)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, |request| request.body(body.to_string()))
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, |request| request.body(body.to_string()))
    }

    pub(crate) fn patch(&self, path: &str, operations: &Value) -> Answer {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": operations,
        });
        self.send(Method::PATCH, path, |request| request.body(body.to_string()))
    }

    /// PATCH of the platform API: the members given replace those that are there.
    pub(crate) fn patch_merge(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, |request| request.body(body.to_string()))
    }

    /// Any request; `shape` sets what is special about it.
    pub(crate) fn send(
        &self,
        method: Method,
        path: &str,
        shape: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Answer {
        let asked = format!("{method} {path}");
        let mut request = self.http.request(method.clone(), format!("{}{path}", self.base));
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        if matches!(method, Method::POST | Method::PUT | Method::PATCH) {
            request = request.header("Content-Type", HeaderValue::from_static(self.content_type));
        }
        let answer = shape(request).send().unwrap_or_else(|error| panic!("{asked}: {error:?}"));
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Answer { status, headers, body: answer.bytes().unwrap().to_vec(), asked }
    }

    /// A request that may find nobody: `None` when the connection fails. Any answer is a success.
    pub(crate) fn attempt(&self, method: Method, path: &str, body: &Value) -> Option<Answer> {
        let answer = self.try_to_send(method, path, body)?;
        assert!(answer.status < 300, "{}: {} {}", answer.asked, answer.status, answer.text());
        Some(answer)
    }

    /// A request that may find nobody, or be refused.
    pub(crate) fn try_to_send(&self, method: Method, path: &str, body: &Value) -> Option<Answer> {
        let asked = format!("{method} {path}");
        let request = self
            .http
            .request(method, format!("{}{path}", self.base))
            .header("Authorization", self.authorization.as_deref().unwrap_or_default())
            .header("Content-Type", self.content_type)
            .body(body.to_string());
        let answer = request.send().ok()?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.bytes().ok()?.to_vec();
        Some(Answer { status, headers, body, asked })
    }

    /// Makes a user and gives its id.
    pub(crate) fn user(&self, user_name: &str) -> String {
        self.post("/Users", &json!({"schemas": [crate::USER], "userName": user_name})).id()
    }

    /// Makes an empty group and gives its id.
    pub(crate) fn group(&self, name: &str) -> String {
        self.post("/Groups", &json!({"schemas": [crate::GROUP], "displayName": name})).id()
    }
}

impl Answer {
    /// The body, when the status is the expected one; else fails and shows both.
    pub(crate) fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text());
        self.json()
    }

    /// Fails unless it is a SCIM error of that status and scimType.
    pub(crate) fn refused(&self, status: u16, scim_type: Option<&str>) -> Value {
        let body = self.ok(status);
        assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        assert_eq!(body["status"], json!(status.to_string()), "{}", self.asked);
        assert_eq!(body.get("scimType").and_then(Value::as_str), scim_type, "{}", self.text());
        assert!(body["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{}", self.text());
        body
    }

    /// The `id` of the resource that was made.
    pub(crate) fn id(&self) -> String {
        self.ok(201)["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        if self.body.is_empty() { Value::Null } else { serde_json::from_slice(&self.body).unwrap() }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
