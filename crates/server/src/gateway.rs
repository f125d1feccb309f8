//! The life of a gateway: open, make what is missing, serve, drain, close. Ends by itself only when its log fails.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use events::LogId;
use ingress::{
    Addresses, Clock, Health, Ids, Limits, Metrics, Phase, State, TenantUrl, TrustedProxies,
};
use store::log::Log;
use tenancy::{FoldFactory, Tenancy};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::issue::{Issuer, unreadable};
use crate::{Config, Outcome, StartError, files, http, kafka, keys, upkeep};

/// On top of the drain that is configured: for the server itself to end.
const DRAIN_RESERVE: Duration = Duration::from_secs(1);
/// How long threads may hold on to the log after they ended, and how often that is looked at.
const LET_GO_TIMEOUT: Duration = Duration::from_secs(2);
const LET_GO_PAUSE: Duration = Duration::from_millis(1);
/// How long the log may take to make durable what is queued, at the end.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(35);

/// Listening, not yet served.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) public: TcpListener,
    pub(crate) admin: TcpListener,
}

/// What a gateway works on. Clones share it.
#[derive(Clone)]
pub struct Parts {
    /// The tenants.
    pub tenancy: Tenancy,
    /// The log.
    pub log: Arc<dyn Log>,
    /// Start, service or shutdown.
    pub health: Health,
    /// Alive as long as a thread of a port holds on to the log.
    held: Weak<Addresses>,
}

impl Parts {
    /// Waits, but not long, until no thread of a port holds on to the log: they let go a moment after they ended.
    pub(crate) fn wait_until_let_go(&self) {
        let begun = Instant::now();
        while self.held.strong_count() > 0 && begun.elapsed() < LET_GO_TIMEOUT {
            std::thread::sleep(LET_GO_PAUSE);
        }
    }
}

/// Opens everything, says that it is ready, serves until `stop` or a failure, and closes everything.
pub(crate) async fn run(
    config: Config,
    clock: Arc<dyn Clock>,
    bound: Bound,
    stop: CancellationToken,
    ready: SyncSender<Result<Parts, StartError>>,
) -> Outcome {
    let started = match open(&config, clock, &bound).await {
        Ok((state, door)) => serve(&config, bound, state, door),
        Err(error) => Err(error),
    };
    match started {
        Ok(serving) => {
            let state = &serving.state;
            state.health.set(Phase::Serving);
            let parts = Parts {
                tenancy: state.tenancy.clone(),
                log: Arc::clone(&state.log),
                health: state.health.clone(),
                held: Arc::downgrade(&state.addresses),
            };
            let _starter_is_gone = ready.send(Ok(parts));
            serving.until(stop, &config).await
        }
        Err(error) => {
            let _starter_is_gone = ready.send(Err(error));
            Outcome::Stopped
        }
    }
}

/// What requests use, and the relay to Kafka if there is one.
type Opened = (State, Option<Arc<kafka::Door>>);

async fn open(config: &Config, clock: Arc<dyn Clock>, bound: &Bound) -> Result<Opened, StartError> {
    let system = |error: String| StartError::System(error);
    let ids = Ids::random().map_err(|error| system(error.to_string()))?;
    files::make_dir(&config.data)
        .map_err(|error| system(format!("{}: {error}", config.data.display())))?;
    let options = log_options(config, LogId::new(ids.next(clock.now())));
    let log = Arc::new(store::open(&config.data, &options)?);
    let metrics = Metrics::default();
    let counted = Arc::downgrade(&log);
    metrics.watch_log(move || counted.upgrade().map(|log| log.metrics()));
    let log: Arc<dyn Log> = log;
    // Only now is the directory ours.
    let master = keys::master_key(config).map_err(|error| StartError::Config(error.to_string()))?;
    let folds: Vec<FoldFactory> = vec![projector::fold];
    let snapshots = upkeep::snapshots(config, &*log);
    let tenancy = Tenancy::open(Arc::clone(&log), folds, snapshots).await.map_err(unreadable)?;
    let addresses = addresses(config, bound)?;
    let issuer = Issuer { tenancy: &tenancy, clock: &*clock, ids: &ids, addresses: &addresses };
    issuer.operator_key(&config.data).await?;
    issuer.bootstrap(config).await?;
    let door = kafka::Door::new(config, &clock, &ids).map_err(StartError::Config)?;
    let state = State {
        tenancy,
        log,
        clock,
        ids,
        addresses: Arc::new(addresses),
        limits: limits(config),
        trusted_proxies: trusted_proxies(config),
        health: Health::default(),
        metrics,
        keys: master.derive(),
        relay: door.clone().map(|door| door as Arc<dyn ingress::Relay>),
    };
    Ok((state, door))
}

/// All that runs.
struct Serving {
    state: State,
    public: Task,
    admin: Task,
    projector: JoinHandle<Result<(), projector::Error>>,
    /// The relay to Kafka; ends when told to and never before.
    relaying: Vec<JoinHandle<()>>,
    /// Stops what follows the log and what looks after memory and snapshots.
    stop_projector: CancellationToken,
}

/// A port that is served.
struct Task {
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
}

fn serve(
    config: &Config,
    bound: Bound,
    state: State,
    door: Option<Arc<kafka::Door>>,
) -> Result<Serving, StartError> {
    let addresses = (local_address(&bound.public)?, local_address(&bound.admin)?);
    let stop_projector = CancellationToken::new();
    let public = http::public(config, bound.public, state.clone())?;
    let admin = http::admin(bound.admin, state.clone())?;
    let projector = projector::run(state.tenancy.clone(), stop_projector.clone());
    let budget = config.memory.tenants_bytes;
    let _keeper = spawn(upkeep::keep_within(state.tenancy.clone(), budget, stop_projector.clone()));
    let _saver = spawn(upkeep::save_snapshots(
        state.tenancy.clone(),
        config.snapshots.clone(),
        stop_projector.clone(),
    ));
    let relaying = door.map(|door| door.begin(config, &state.log, &stop_projector));
    let public = Task { handle: public.handle(), task: spawn(public) };
    let admin = Task { handle: admin.handle(), task: spawn(admin) };
    log_ports(config, &state, addresses);
    warn_of_clear_text(config, &state);
    let relaying = relaying.into_iter().flatten().collect();
    Ok(Serving { state, public, admin, projector: spawn(projector), relaying, stop_projector })
}

impl Serving {
    async fn until(mut self, stop: CancellationToken, config: &Config) -> Outcome {
        let log = Arc::clone(&self.state.log);
        let ended = tokio::select! {
            biased;
            failure = log.failed() => return Outcome::LogFailed(failure),
            () = stop.cancelled() => None,
            end = &mut self.public.task => Some(broken("the public port", &end)),
            end = &mut self.admin.task => Some(broken("the operator's port", &end)),
            end = &mut self.projector => Some(broken("the projector", &end)),
        };
        match (ended, log.state()) {
            // What follows the log ends with it.
            (_, store::log::State::Failed(failure)) => Outcome::LogFailed(failure),
            (Some(broken), _) => broken,
            (None, _) => tokio::select! {
                biased;
                failure = log.failed() => Outcome::LogFailed(failure),
                outcome = self.drain(config) => outcome,
            },
        }
    }

    /// Readiness drops, requests in progress end, the log is closed.
    async fn drain(self, config: &Config) -> Outcome {
        self.state.health.set(Phase::Draining);
        sleep(Duration::from_millis(config.http.drain_notice_ms)).await;
        let time = Duration::from_secs(config.http.drain_s) + DRAIN_RESERVE;
        within(time, "requests in progress", self.public.handle.stop(true)).await;
        self.stop_projector.cancel();
        let outcome = close(Arc::clone(&self.state.log)).await;
        self.admin.handle.stop(false).await;
        // Dropped with them: what they hold of the log, so that the directory is free for the next start.
        let ends = async {
            for relaying in self.relaying {
                drop(relaying.await);
            }
            (self.public.task.await, self.admin.task.await, self.projector.await)
        };
        within(DRAIN_RESERVE, "parts of the gateway", ends).await;
        outcome
    }
}

/// Makes durable what is queued.
async fn close(log: Arc<dyn Log>) -> Outcome {
    let closed = tokio::task::spawn_blocking(move || log.close());
    match timeout(CLOSE_TIMEOUT, closed).await {
        Ok(Ok(())) => Outcome::Stopped,
        Ok(Err(panic)) => Outcome::Broken(format!("closing the log: {panic}")),
        Err(_) => Outcome::Broken("the log could not be closed in time".to_owned()),
    }
}

async fn within(time: Duration, what: &str, work: impl Future) {
    if timeout(time, work).await.is_err() {
        tracing::warn!("{what} did not end within {} s", time.as_secs());
    }
}

fn broken<T, E>(what: &str, end: &Result<Result<T, E>, tokio::task::JoinError>) -> Outcome
where
    T: std::fmt::Debug,
    E: std::fmt::Display,
{
    Outcome::Broken(match end {
        Ok(Ok(value)) => format!("{what} ended: {value:?}"),
        Ok(Err(error)) => format!("{what} ended: {error}"),
        Err(panic) => format!("{what} ended: {panic}"),
    })
}

#[expect(clippy::disallowed_methods, reason = "this is where tasks are spawned")]
fn spawn<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(task)
}

fn log_options(config: &Config, new_log: LogId) -> store::Options {
    let log = &config.log;
    store::Options {
        cache_bytes: log.cache_bytes,
        generation_bytes: log.generation_bytes,
        free_floor_bytes: log.free_floor_bytes,
        silence_max: Duration::from_secs(log.silence_max_s),
        ..store::Options::new(new_log)
    }
}

fn trusted_proxies(config: &Config) -> TrustedProxies {
    let networks = config.trusted_proxies.clone();
    Arc::new(move |address| networks.iter().any(|network| network.contains(address)))
}

fn limits(config: &Config) -> Limits {
    let limits = &config.limits;
    Limits {
        body_bytes_max: limits.body_bytes_max,
        group_body_bytes_max: limits.group_body_bytes_max,
        header_bytes_max: limits.header_bytes_max,
        body_bytes_per_s_min: limits.body_bytes_per_s_min,
        scan_rows_max: limits.scan_rows_max,
    }
}

/// Where clients reach us: as configured, else where we are bound.
fn addresses(config: &Config, bound: &Bound) -> Result<Addresses, StartError> {
    let local = local_address(&bound.public)?;
    let scheme = if config.tls_cert.is_some() { "https" } else { "http" };
    let bound_url = || format!("{scheme}://{}", reachable(local));
    let public_url = config.public_url.clone().unwrap_or_else(bound_url);
    let mounts = config.mounts.clone();
    let tenant_urls = config.tenant_urls.iter().filter_map(|url| TenantUrl::parse(url)).collect();
    Ok(Addresses { mounts, tenant_urls, ..Addresses::new(&public_url) })
}

fn local_address(listener: &TcpListener) -> Result<SocketAddr, StartError> {
    listener.local_addr().map_err(|error| StartError::System(error.to_string()))
}

/// "All addresses" is none that a client can call: this machine's own stands in.
fn reachable(bound: SocketAddr) -> SocketAddr {
    let ip = match bound.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, bound.port())
}

fn log_ports(config: &Config, state: &State, (listen, admin_listen): (SocketAddr, SocketAddr)) {
    tracing::info!(
        data = %config.data.display(),
        %listen,
        %admin_listen,
        public_url = state.addresses.public_url,
        version = env!("CARGO_PKG_VERSION"),
        "serving"
    );
}

fn warn_of_clear_text(config: &Config, state: &State) {
    let https = state.addresses.public_url.starts_with("https://");
    let local = ["127.", "[::1]", "localhost"].iter().any(|own| config.listen.starts_with(own));
    if !https && !local && config.trusted_proxies.is_empty() {
        tracing::warn!(
            "tokens cross the network in clear: set tls_cert and tls_key, or put a TLS proxy in front"
        );
    }
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("phase", &self.health.phase()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_names_an_address_that_can_be_called() {
        let check = |bound: &str, expected: &str| {
            assert_eq!(reachable(bound.parse().unwrap()).to_string(), expected);
        };
        check("127.0.0.1:8080", "127.0.0.1:8080");
        check("192.0.2.7:80", "192.0.2.7:80");
        check("0.0.0.0:8080", "127.0.0.1:8080");
        check("[::]:8080", "[::1]:8080");
    }
}
