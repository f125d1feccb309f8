//! One request on its way through: what it is, who asks, and the few things that every handler does with it.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::http::uri::Authority;
use actix_web::{HttpRequest, http::Method};
use bytes::Bytes;
use directory::{Command, Directory};
use events::{Timestamp, TxnId};
use percent_encoding::percent_decode_str;
use scim::{Incoming, Projection, ResourceType};
use serde_json::Value;
use uuid::Uuid;

use crate::access::Line;
use crate::error::Error;
use crate::metrics::Endpoint;
use crate::query::Query;
use crate::routes::Found;
use crate::tenant::Caller;
use crate::{State, body, peer};

/// A body that is larger is parsed away from the requests of others.
const PARSE_BYTES_MAX: usize = 256 * 1024;

/// A request, and what will be logged of it.
pub(crate) struct Exchange<'a> {
    /// What every request may use.
    pub(crate) state: &'a State,
    /// When it came.
    pub(crate) now: Timestamp,
    /// Its id, and that of the txn it makes.
    pub(crate) txn: TxnId,
    /// What will be logged.
    pub(crate) line: Line,
    /// How links begin: the base address that was used.
    pub(crate) base: String,
    parameters: Vec<&'a str>,
    request: &'a HttpRequest,
    payload: Payload,
}

impl<'a> Exchange<'a> {
    /// Begins: takes the time and the id.
    pub(crate) fn begin(state: &'a State, request: &'a HttpRequest, payload: Payload) -> Self {
        let now = state.clock.now();
        let txn = TxnId::new(state.ids.next(now));
        let mut line = Line::begin(state.metrics.clone(), txn, method_name(request.method()));
        line.peer = peer::find(request.peer_addr(), request.headers(), &state.trusted_proxies);
        let (base, parameters) = (String::new(), Vec::new());
        Self { state, now, txn, line, base, parameters, request, payload }
    }

    /// Notes where the request was routed to.
    ///
    /// # Errors
    /// 404 and 405.
    pub(crate) fn enter<E: Copy>(
        &mut self,
        found: Found<'a, E>,
        counted: impl FnOnce(E) -> Endpoint,
    ) -> Result<E, Error> {
        match found {
            Found::Nothing => Err(Error::NoRoute),
            Found::WrongVerb { allow } => Err(Error::WrongVerb { allow }),
            Found::Endpoint { endpoint, template, parameters } => {
                self.line.route = Some((counted(endpoint), template));
                self.parameters = parameters;
                Ok(endpoint)
            }
        }
    }

    /// The host that was addressed, with its port if one was named.
    pub(crate) fn host(&self) -> Option<&'a str> {
        let authority = self.request.uri().authority().map(Authority::as_str);
        authority.or_else(|| self.headers().get(header::HOST)?.to_str().ok())
    }

    /// The path as it was sent.
    pub(crate) fn path(&self) -> &'a str {
        self.request.path()
    }

    /// The method.
    pub(crate) fn method(&self) -> &'a Method {
        self.request.method()
    }

    /// The header fields.
    pub(crate) fn headers(&self) -> &'a HeaderMap {
        self.request.headers()
    }

    /// The query string.
    pub(crate) fn query(&self) -> Query<'a> {
        Query::new(self.request.query_string())
    }

    /// A parameter of the address, decoded; empty if it isn't UTF-8, which names nothing.
    pub(crate) fn parameter(&self, index: usize) -> Cow<'a, str> {
        let raw = self.parameters.get(index).copied().unwrap_or_default();
        percent_decode_str(raw).decode_utf8().unwrap_or_default()
    }

    /// The id in the address: a UUID just as it was given out, nothing that only means the same.
    pub(crate) fn id(&self) -> Option<Uuid> {
        let text = self.parameter(0);
        let id = Uuid::try_parse(&text).ok()?;
        let mut written = Uuid::encode_buffer();
        (*id.hyphenated().encode_lower(&mut written) == *text).then_some(id)
    }

    /// What `attributes` and `excludedAttributes` leave of a resource.
    pub(crate) fn projection(&self, of: &ResourceType) -> Result<Projection, Error> {
        let query = self.query();
        let (wanted, unwanted) = (query.text("attributes")?, query.text("excludedAttributes")?);
        Ok(Projection::parse(wanted.as_deref(), unwanted.as_deref(), of)?)
    }

    /// The body, of at most `bytes_max`, as what `read` makes of its JSON.
    pub(crate) async fn body<T: Send + 'static>(
        &mut self,
        bytes_max: usize,
        read: impl FnOnce(Value) -> Result<T, scim::Error> + Send + 'static,
    ) -> Result<T, Error> {
        let headers = self.request.headers();
        let body = body::read(&mut self.payload, headers, bytes_max, &self.state.limits).await?;
        let parse = move |body: Bytes| read(scim::json::parse(&body)?);
        if body.len() <= PARSE_BYTES_MAX {
            return Ok(parse(body)?);
        }
        Ok(actix_web::web::block(move || parse(body)).await.map_err(|_| Error::Failed)??)
    }

    /// A group's body, read as it comes in.
    pub(crate) async fn incoming<T: Send + 'static>(
        &mut self,
        mut incoming: Incoming<T>,
        caller: &Caller,
    ) -> Result<T, Error> {
        let (headers, limits) = (self.request.headers(), &self.state.limits);
        let limits = (limits.group_body_bytes_max, limits);
        let take = |chunk: Bytes| Ok(incoming.take(&chunk)?);
        body::each_chunk(&mut self.payload, headers, limits, take).await?;
        let (is_long, types) = (incoming.left() > PARSE_BYTES_MAX, Arc::clone(caller.types()));
        let finish = move || incoming.finish(types.group());
        if is_long {
            return Ok(actix_web::web::block(finish).await.map_err(|_| Error::Failed)??);
        }
        Ok(finish()?)
    }

    /// Carries out a command, and reads of the directory as it is afterwards; returns when that is durable.
    pub(crate) async fn commit<T>(
        &mut self,
        caller: &Caller,
        command: Command,
        read: impl FnOnce(&Directory) -> T,
    ) -> Result<T, Error> {
        let call = caller.call(self.txn, self.now);
        let metrics = &self.state.metrics;
        let seen = |directory: &Directory, decision: &directory::Decision| {
            metrics.count_coercions(&decision.coercions);
            (read(directory), decision.events.len())
        };
        let done = self.state.tenancy.commit(&caller.tenant, call, command, seen).await;
        let (seen, events) = done.map_err(Error::from)?;
        self.line.events = events;
        Ok(seen)
    }

    /// 404 for the id in the address.
    pub(crate) fn no_such(&self, kind: &'static str) -> Error {
        Error::NoSuch { kind, id: self.parameter(0).into_owned() }
    }
}

/// A method's name as it may stand in a log line.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
