//! What a handler says, and its HTTP form: status, validators, links, body. Decides nothing.

use std::pin::Pin;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpResponse, body::BodyStream};
use bytes::Bytes;
use events::{Seq, TxnId};
use futures_util::Stream;
use serde::Serialize;

use crate::error::{Error, Facts};
use crate::media::{JSON, PROBLEM};
use crate::v1::problem;

/// The request's id, on every answer.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a handler says.
pub(crate) struct Answer {
    status: StatusCode,
    body: Body,
    version: Option<Seq>,
    location: Option<String>,
    /// It shows a secret: nobody may keep it.
    secret: bool,
}

/// A body.
pub(crate) enum Body {
    /// None.
    Nothing,
    /// All of it.
    Whole(Vec<u8>),
    /// In pieces, because it is long.
    Pieces(Pin<Box<dyn Stream<Item = Result<Bytes, Error>>>>),
}

impl Answer {
    /// A body and nothing about it.
    pub(crate) const fn new(status: StatusCode, body: Body) -> Self {
        Self { status, body, version: None, location: None, secret: false }
    }

    /// A whole body, 200.
    pub(crate) const fn ok(body: Vec<u8>) -> Self {
        Self::new(StatusCode::OK, Body::Whole(body))
    }

    /// Done, and nothing to show: 204.
    pub(crate) const fn done() -> Self {
        Self::new(StatusCode::NO_CONTENT, Body::Nothing)
    }

    /// The client has that version already: 304.
    pub(crate) const fn unchanged(version: Seq) -> Self {
        Self::new(StatusCode::NOT_MODIFIED, Body::Nothing).with_version(version)
    }

    /// JSON of `/v1`.
    pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Result<Self, Error> {
        let body = serde_json::to_vec(value).map_err(|_| Error::Failed)?;
        Ok(Self::new(status, Body::Whole(body)))
    }

    /// The resource's version, for the header `ETag`.
    pub(crate) const fn with_version(mut self, version: Seq) -> Self {
        self.version = Some(version);
        self
    }

    /// The resource's address, for Location and, with a body, Content-Location.
    pub(crate) fn at(mut self, location: String) -> Self {
        self.location = Some(location);
        self
    }

    /// Forbids keeping it.
    pub(crate) const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// The HTTP form.
    pub(crate) fn into_response(self, content_type: &'static str) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(version) = self.version {
            response.insert_header((header::ETAG, format!("W/\"{version}\"")));
        }
        if let Some(location) = self.location.map(HeaderValue::try_from).and_then(Result::ok) {
            if !matches!(self.body, Body::Nothing) {
                response.insert_header((header::CONTENT_LOCATION, location.clone()));
            }
            response.insert_header((header::LOCATION, location));
        }
        if self.secret {
            response.insert_header((header::CACHE_CONTROL, "no-store"));
        }
        match self.body {
            Body::Nothing => response.finish(),
            Body::Whole(body) => response.content_type(content_type).body(body),
            Body::Pieces(pieces) => {
                response.content_type(content_type).body(BodyStream::new(pieces))
            }
        }
    }
}

/// The SCIM form of an error (RFC 7644 §3.12).
pub(crate) fn scim_error(error: &Error, txn: TxnId, content_type: &'static str) -> HttpResponse {
    error_response(error, error.to_scim(txn).to_string(), content_type)
}

/// The form of an error on `/v1` (RFC 9457).
pub(crate) fn problem_error(error: &Error, txn: TxnId) -> HttpResponse {
    error_response(error, problem::render(error, txn).to_string(), PROBLEM)
}

fn error_response(error: &Error, body: String, content_type: &'static str) -> HttpResponse {
    let Facts { status, .. } = error.facts();
    let mut response = HttpResponse::build(status);
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    if let Error::WrongVerb { allow } = error {
        response.insert_header((header::ALLOW, allow.as_str()));
    }
    if let Some(seconds) = error.retry_after_s() {
        response.insert_header((header::RETRY_AFTER, seconds));
    }
    response.content_type(content_type).body(body)
}

/// Puts the request's id on an answer.
pub(crate) fn name_request(headers: &mut HeaderMap, txn: TxnId) {
    if let Ok(id) = HeaderValue::try_from(txn.to_string()) {
        headers.insert(REQUEST_ID, id);
    }
}

/// The Content-Type of `/v1`'s answers.
pub(crate) const PLATFORM_TYPE: &str = JSON;
