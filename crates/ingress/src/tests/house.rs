//! The harness: a gateway over the model log with two tenants, a clock by hand, and requests as data.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode};
use actix_web::{App, test};
use bytes::Bytes;
use events::{
    Actor, ConnectionId, KeyId, KeyRole, LogId, Profile, TenantId, TenantSettings, Timestamp,
    TokenFacts, TokenId, TxnId,
};
use serde_json::Value;
use store::log::model::ModelLog;
use tenancy::{Call, PlatformCommand, Tenancy};
use uuid::Uuid;

use crate::secret::{Kind, Secret};
use crate::{Addresses, Clock, Health, Ids, Keys, Limits, Metrics, State, configure};

pub(super) const ACME: &str = "/t/acme/scim/v2";

/// A gateway with the tenants `acme` and `globex` (lenient) and `exact` (strict).
pub(super) struct House {
    pub(super) state: State,
    pub(super) log: Arc<ModelLog>,
    pub(super) clock: Arc<HandClock>,
    pub(super) acme: String,
    pub(super) globex: String,
    pub(super) exact: String,
    pub(super) owner: String,
    pub(super) reader: String,
}

/// A clock that is set by hand.
pub(super) struct HandClock(AtomicI64);

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
}

/// A request in the making.
pub(super) struct Ask<'h> {
    house: &'h House,
    request: test::TestRequest,
}

impl House {
    pub(super) async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    pub(super) async fn with(limits: Limits) -> Self {
        super::logging::keep();
        let log = Arc::new(ModelLog::new(LogId::new(Uuid::from_u128(1))));
        let tenancy = Tenancy::open(log.clone(), vec![projector::fold], None).await.unwrap();
        let clock = Arc::new(HandClock(AtomicI64::new(1_764_000_000_000)));
        let state = State {
            tenancy,
            log: log.clone(),
            clock: clock.clone(),
            ids: Ids::seeded([1; 32]),
            addresses: Arc::new(Addresses::new("https://scim.example.com")),
            limits,
            trusted_proxies: Arc::new(|_| false),
            health: Health::default(),
            metrics: Metrics::default(),
            keys: Keys::derive(&[7; 32]),
            relay: None,
        };
        let acme = tenant(&state, "acme", Profile::Lenient).await;
        let globex = tenant(&state, "globex", Profile::Lenient).await;
        let exact = tenant(&state, "exact", Profile::Strict).await;
        let owner = key(&state, KeyRole::Owner).await;
        let reader = key(&state, KeyRole::Reader).await;
        Self { state, log, clock, acme, globex, exact, owner, reader }
    }

    /// A request with no credential.
    pub(super) fn ask(&self, method: &str, path: &str) -> Ask<'_> {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        Ask { house: self, request: test::TestRequest::with_uri(path).method(method) }
    }

    /// A request of `acme`, below its base address.
    pub(super) fn acme(&self, method: &str, path: &str) -> Ask<'_> {
        self.ask(method, &format!("{ACME}{path}")).by(&self.acme)
    }

    /// Frames in the log.
    pub(super) fn log_length(&self) -> u64 {
        store::log::Log::durable(&*self.log).0
    }

    /// Creates, and gives the id.
    pub(super) async fn create(&self, endpoint: &str, body: Value) -> String {
        let reply = self.acme("POST", endpoint).json(&body).send().await;
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.json()["id"].as_str().unwrap().to_owned()
    }
}

impl Ask<'_> {
    pub(super) fn by(self, credential: &str) -> Self {
        self.header("Authorization", &format!("Bearer {credential}"))
    }

    pub(super) fn header(self, name: &str, value: &str) -> Self {
        Self { request: self.request.append_header((name, value)), ..self }
    }

    pub(super) fn json(self, body: &Value) -> Self {
        self.header("Content-Type", "application/scim+json").text(&body.to_string())
    }

    pub(super) fn text(self, body: &str) -> Self {
        Self { request: self.request.set_payload(body.to_owned()), ..self }
    }

    pub(super) async fn send(self) -> Reply {
        let app =
            test::init_service(App::new().configure(configure(self.house.state.clone()))).await;
        let response = test::call_service(&app, self.request.to_request()).await;
        let status = response.status().as_u16();
        let headers = listed(response.headers());
        Reply { status, headers, body: test::read_body(response).await }
    }
}

impl Reply {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// An error of SCIM's form: status and kind.
    pub(super) fn scim_error(&self) -> (u16, Option<String>) {
        let body = self.json();
        assert_eq!(body["schemas"], serde_json::json!([scim::schema::ERROR_URN]), "{body}");
        assert_eq!(body["status"], self.status.to_string(), "{body}");
        assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{body}");
        (self.status, body["scimType"].as_str().map(str::to_owned))
    }

    /// The same reply without what must differ: the request's id.
    pub(super) fn anonymous(mut self) -> Self {
        self.headers.retain(|(name, _)| name != "x-request-id");
        self
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

impl HandClock {
    pub(super) fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

/// An error of a status without a kind.
pub(super) fn plain(status: StatusCode) -> (u16, Option<String>) {
    (status.as_u16(), None)
}

/// An error with a kind.
pub(super) fn kind(status: u16, scim_type: &str) -> (u16, Option<String>) {
    (status, Some(scim_type.to_owned()))
}

async fn administer(state: &State, command: PlatformCommand) {
    let at = state.clock.now();
    let txn = TxnId::new(state.ids.next(at));
    let call = Call { txn, at, actor: Actor::system(), connection: None };
    state.tenancy.administer(call, command).await.unwrap();
}

async fn tenant(state: &State, id: &str, profile: Profile) -> String {
    let tenant = TenantId::parse(id).unwrap();
    let settings = TenantSettings::of(profile);
    administer(state, PlatformCommand::CreateTenant { tenant: tenant.clone(), settings }).await;
    let secret = Secret::mint(Kind::Token).unwrap();
    let facts = TokenFacts {
        tenant,
        connection: ConnectionId::default_connection(),
        name: String::new(),
        hash: secret.hash(),
        hint: secret.hint(),
        expires_at: None,
    };
    let token = TokenId::new(state.ids.next(state.clock.now()));
    administer(state, PlatformCommand::IssueToken { token, facts }).await;
    secret.reveal().to_owned()
}

async fn key(state: &State, role: KeyRole) -> String {
    let secret = Secret::mint(Kind::Key).unwrap();
    let key = KeyId::new(state.ids.next(state.clock.now()));
    let command = PlatformCommand::IssueKey { key, name: String::new(), role, hash: secret.hash() };
    administer(state, command).await;
    secret.reveal().to_owned()
}

fn listed(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &actix_web::http::header::HeaderValue| value.to_str().unwrap().to_owned();
    let mut all: Vec<_> =
        headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    all.sort();
    all
}
