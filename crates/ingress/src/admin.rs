//! The operator's port: `/livez`, `/readyz`, `/metrics`. No credential: it listens on loopback by default.
//! `?verbose` lists the checks, as Kubernetes does.

use std::fmt::Write;

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use store::log;

use crate::query::Query;
use crate::{Phase, RelayState, RelayStatus, State};

/// The Content-Type of Prometheus' text form.
const METRICS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The routes of the operator's port.
pub fn admin(state: State) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        config
            .app_data(web::Data::new(state))
            .route("/livez", web::get().to(livez))
            .route("/readyz", web::get().to(readyz))
            .route("/metrics", web::get().to(metrics));
    }
}

/// The process runs.
async fn livez(request: HttpRequest) -> HttpResponse {
    report(&request, &[("process", Ok(()))], None)
}

/// Requests are welcome: started, not draining, and the log takes appends.
async fn readyz(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    let phase = match state.health.phase() {
        Phase::Serving => Ok(()),
        Phase::Starting => Err("starting"),
        Phase::Draining => Err("draining"),
    };
    let log = match state.log.state() {
        log::State::Open => Ok(()),
        log::State::Closed => Err("closed"),
        log::State::Failed(_) => Err("failed"),
    };
    // Requests are served without Kafka: its line is for whoever reads.
    let relay = state.relay.as_ref().map(|relay| relay.status());
    report(&request, &[("phase", phase), ("log", log)], relay.as_ref())
}

async fn metrics(state: web::Data<State>) -> HttpResponse {
    let mut text = state.metrics.render();
    let residents = state.tenancy.residents();
    let (snapshots, snapshot_bytes) = state.tenancy.snapshots();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let samples = [
        ("rollcall_ready", "gauge", "Whether requests are welcome.", u64::from(is_ready(&state))),
        ("rollcall_tenants_resident", "gauge", "Tenants in memory.", count(residents.tenants)),
        (
            "rollcall_tenants_resident_bytes",
            "gauge",
            "What tenants take in memory, about.",
            count(residents.bytes),
        ),
        (
            "rollcall_tenants_evicted_total",
            "counter",
            "Tenants let go because others needed the memory.",
            residents.evicted,
        ),
        ("rollcall_snapshots", "gauge", "Streams that are saved.", count(snapshots)),
        ("rollcall_snapshots_bytes", "gauge", "What they take on the disk.", snapshot_bytes),
        (
            "rollcall_log_durable_frames",
            "counter",
            "Frames of the log that are durable.",
            state.log.durable().0,
        ),
        (
            "rollcall_tenant_lock_longest_wait_microseconds",
            "gauge",
            "The longest that a command has waited for its tenant's lock since the last reading.",
            u64::try_from(state.tenancy.take_longest_wait().as_micros()).unwrap_or(u64::MAX),
        ),
    ];
    for (name, kind, help, value) in samples {
        crate::metrics::sample(&mut text, (name, kind, help), value);
    }
    if let Some(relay) = &state.relay {
        let (durable, now) = (state.log.durable(), state.clock.now());
        crate::metrics::write_relay(&mut text, &relay.status(), durable, now);
    }
    HttpResponse::Ok().content_type(METRICS_TYPE).body(text)
}

fn is_ready(state: &State) -> bool {
    state.health.phase() == Phase::Serving && state.log.state() == log::State::Open
}

/// What readiness doesn't hang on.
fn relay_line(relay: &RelayStatus) -> String {
    let state = relay.state.name();
    match (relay.state, &relay.reason) {
        (RelayState::Relaying | RelayState::Starting, _) => format!("[+]relay {state}\n"),
        (_, Some(reason)) => format!("[-]relay {state} (not needed for requests): {reason}\n"),
        (_, None) => format!("[-]relay {state} (not needed for requests)\n"),
    }
}

/// 200 if every check is fine, else 503; with `?verbose` or a failure one line for each check.
fn report(
    request: &HttpRequest,
    checks: &[(&str, Result<(), &str>)],
    relay: Option<&RelayStatus>,
) -> HttpResponse {
    let fine = checks.iter().all(|(_, outcome)| outcome.is_ok());
    let mut text = String::new();
    if !fine || Query::new(request.query_string()).has("verbose") {
        for (name, outcome) in checks {
            let written = match outcome {
                Ok(()) => writeln!(text, "[+]{name} ok"),
                Err(reason) => writeln!(text, "[-]{name} failed: {reason}"),
            };
            debug_assert!(written.is_ok(), "a String takes everything");
        }
        if let Some(relay) = relay {
            text.push_str(&relay_line(relay));
        }
    }
    text.push_str(if fine { "ok\n" } else { "not ready\n" });
    let status = if fine { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    HttpResponse::build(status).content_type("text/plain; charset=utf-8").body(text)
}
