//! One structured line per request, and its counts. Ids and the address of the caller: no query string, no body, no name.
//! Written when the request ends, even when the client is gone before.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use events::{KeyId, TenantId, TokenId, TxnId};
use tracing::info;

use crate::Metrics;
use crate::metrics::Endpoint;

/// What is noted of a request that nobody waited for until it was answered.
const CLIENT_GONE: u16 = 499;

/// What one line will say; it is written on drop.
pub(crate) struct Line {
    metrics: Metrics,
    started: Instant,
    txn: TxnId,
    method: &'static str,
    /// Who asked.
    pub(crate) peer: Option<IpAddr>,
    /// Where it was routed to, with the template of the address.
    pub(crate) route: Option<(Endpoint, &'static str)>,
    /// Whose directory was opened.
    pub(crate) tenant: Option<TenantId>,
    /// By which SCIM token.
    pub(crate) token: Option<TokenId>,
    /// By which platform key.
    pub(crate) key: Option<KeyId>,
    /// How many events came of it.
    pub(crate) events: usize,
    /// What was answered.
    pub(crate) status: Option<u16>,
}

impl Line {
    /// Begins to measure.
    pub(crate) fn begin(metrics: Metrics, txn: TxnId, method: &'static str) -> Self {
        Self {
            metrics,
            started: Instant::now(),
            txn,
            method,
            peer: None,
            route: None,
            tenant: None,
            token: None,
            key: None,
            events: 0,
            status: None,
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let took = self.started.elapsed();
        let status = self.status.unwrap_or(CLIENT_GONE);
        self.metrics.count_request(self.route.map(|(endpoint, _)| endpoint), status, took);
        let route = self.route.map_or("none", |(_, template)| template);
        info!(
            http.method = self.method,
            http.route = route,
            http.status = status,
            duration_ms = milliseconds(took),
            request.id = %self.txn,
            peer = self.peer.map(tracing::field::display),
            tenant.id = self.tenant.as_ref().map(tracing::field::display),
            token.id = self.token.map(tracing::field::display),
            key.id = self.key.map(tracing::field::display),
            events = self.events,
            "answered {method} {route} with {status}",
            method = self.method,
        );
    }
}

/// In thousandths, as people and machines read it.
fn milliseconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}
