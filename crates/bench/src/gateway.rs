//! A gateway in this process over the model log, for counting: no socket, no disk, no second thread.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use actix_http::Request;
use actix_web::body::BoxBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use actix_web::{App, Error, body, test};
use events::{
    Actor, ConnectionId, LogId, Profile, TenantId, TenantSettings, Timestamp, TokenFacts, TokenId,
    TxnId,
};
use ingress::secret::{Kind, Secret};
use ingress::{Addresses, Clock, Health, Ids, Keys, Limits, Metrics, State, configure};
use store::log::model::ModelLog;
use tenancy::{Call, PlatformCommand, Tenancy};
use uuid::Uuid;

/// The gateway with one tenant.
pub(crate) struct Gateway {
    app: Box<dyn Answer>,
    token: String,
}

/// An actix application, without its type.
trait Answer {
    fn answer(&self, request: Request) -> Answered<'_>;
}

type Answered<'a> =
    std::pin::Pin<Box<dyn Future<Output = Result<ServiceResponse<BoxBody>, Error>> + 'a>>;

impl<S> Answer for S
where
    S: Service<Request, Response = ServiceResponse<BoxBody>, Error = Error>,
    S::Future: 'static,
{
    fn answer(&self, request: Request) -> Answered<'_> {
        Box::pin(self.call(request))
    }
}

/// A millisecond more at each reading.
struct Steps(AtomicI64);

impl Clock for Steps {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

const BASE: &str = "/t/acme/scim/v2";

impl Gateway {
    /// Opens it with the tenant `acme`.
    ///
    /// # Errors
    /// When its own parts refuse; a defect.
    pub(crate) async fn open() -> io::Result<Self> {
        let log = Arc::new(ModelLog::new(LogId::new(Uuid::from_u128(1))));
        let tenancy = Tenancy::open(log.clone(), vec![projector::fold], None).await;
        let tenancy = tenancy.map_err(io::Error::other)?;
        let state = State {
            tenancy,
            log,
            clock: Arc::new(Steps(AtomicI64::new(1_764_000_000_000))),
            ids: Ids::seeded([7; 32]),
            addresses: Arc::new(Addresses::new("https://scim.example.com")),
            limits: Limits::default(),
            trusted_proxies: Arc::new(|_| false),
            health: Health::default(),
            metrics: Metrics::default(),
            keys: Keys::derive(&[7; 32]),
            relay: None,
        };
        let token = tenant(&state).await?;
        let app = test::init_service(App::new().configure(configure(state))).await;
        Ok(Self { app: Box::new(app), token })
    }

    /// Creates, and gives the id.
    ///
    /// # Errors
    /// When the answer isn't 201.
    pub(crate) async fn create(&self, path: &str, body: &str) -> io::Result<String> {
        let made = self.ask("POST", path, body, 201).await?;
        let id = made.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next());
        id.map(str::to_owned).ok_or_else(|| io::Error::other("no id"))
    }

    /// One request; the body of its answer.
    ///
    /// # Errors
    /// When the answer has another status.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        text: &str,
        status: u16,
    ) -> io::Result<String> {
        let request = test::TestRequest::with_uri(&format!("{BASE}{path}"))
            .method(Method::from_bytes(method.as_bytes()).map_err(io::Error::other)?)
            .append_header(("Authorization", format!("Bearer {}", self.token)))
            .append_header(("Content-Type", "application/scim+json"))
            .set_payload(text.to_owned())
            .to_request();
        let text_of = |error: &dyn std::fmt::Display| io::Error::other(error.to_string());
        let answer = self.app.answer(request).await.map_err(|error| text_of(&error))?;
        let found = answer.status().as_u16();
        let bytes = body::to_bytes(answer.into_body()).await.map_err(|error| text_of(&error))?;
        let bytes = String::from_utf8_lossy(&bytes).into_owned();
        if found == status { Ok(bytes) } else { Err(io::Error::other(format!("{found}: {bytes}"))) }
    }
}

/// Makes `acme` and a token of it.
async fn tenant(state: &State) -> io::Result<String> {
    let tenant = TenantId::parse("acme").map_err(io::Error::other)?;
    let settings =
        TenantSettings { name: "Acme".to_owned(), ..TenantSettings::of(Profile::Lenient) };
    let secret = Secret::mint(Kind::Token).map_err(io::Error::other)?;
    let facts = TokenFacts {
        tenant: tenant.clone(),
        connection: ConnectionId::default_connection(),
        name: String::new(),
        hash: secret.hash(),
        hint: secret.hint(),
        expires_at: None,
    };
    let token = TokenId::new(Uuid::from_u128(2));
    for command in [
        PlatformCommand::CreateTenant { tenant, settings },
        PlatformCommand::IssueToken { token, facts },
    ] {
        let call = Call {
            txn: TxnId::new(Uuid::from_u128(3)),
            at: Timestamp(1_764_000_000_000),
            actor: Actor::system(),
            connection: None,
        };
        state.tenancy.administer(call, command).await.map_err(io::Error::other)?;
    }
    Ok(secret.reveal().to_owned())
}
