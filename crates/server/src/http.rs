//! The two ports: actix-web servers around what `ingress` answers. Decides nothing about a request.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::http::KeepAlive;
use actix_web::{App, HttpServer};
use ingress::State;

use crate::config::{Config, Http};
use crate::{StartError, descriptors, tls};

/// Operators ask seldom: one thread answers them.
const ADMIN_WORKERS: usize = 1;
/// Connections of operators.
const ADMIN_CONNECTIONS_MAX: usize = 256;

/// The public port: SCIM and `/v1`.
pub(crate) fn public(
    config: &Config,
    listener: TcpListener,
    state: State,
) -> Result<Server, StartError> {
    let Http { workers, connections_max, keep_alive_s, head_timeout_ms, drain_s, .. } = config.http;
    let connections_max = descriptors::connections(connections_max);
    let workers = match workers {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        given => given,
    };
    let server = HttpServer::new(move || App::new().configure(ingress::configure(state.clone())))
        .workers(workers)
        .max_connections(connections_max.div_ceil(workers))
        .keep_alive(KeepAlive::Timeout(Duration::from_secs(keep_alive_s)))
        .client_request_timeout(Duration::from_millis(head_timeout_ms))
        .tcp_nodelay(true)
        .shutdown_timeout(drain_s)
        .disable_signals();
    let server = match (&config.tls_cert, &config.tls_key) {
        (Some(cert), Some(key)) => {
            let tls = tls::load(cert, key).map_err(|e| StartError::Config(e.to_string()))?;
            server.listen_rustls_0_23(listener, tls)
        }
        (None | Some(_), None | Some(_)) => server.listen(listener),
    };
    Ok(server.map_err(system)?.run())
}

/// The operator's port: `/livez`, `/readyz`, `/metrics`.
pub(crate) fn admin(listener: TcpListener, state: State) -> Result<Server, StartError> {
    let server = HttpServer::new(move || App::new().configure(ingress::admin(state.clone())))
        .workers(ADMIN_WORKERS)
        .max_connections(ADMIN_CONNECTIONS_MAX)
        .tcp_nodelay(true)
        .disable_signals()
        .listen(listener);
    Ok(server.map_err(system)?.run())
}

fn system(error: io::Error) -> StartError {
    StartError::System(error.to_string())
}
