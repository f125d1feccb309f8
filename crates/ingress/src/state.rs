//! What every request may use, made once by `server`. Clones share it.

use std::sync::Arc;

use actix_web::web::{self, ServiceConfig};
use events::TenantId;
use store::log::Log;
use tenancy::Tenancy;

use crate::{Clock, Health, Ids, Keys, Metrics, Relay, TenantUrl, TrustedProxies, gateway};

/// What every request may use.
#[derive(Clone)]
pub struct State {
    /// The tenants.
    pub tenancy: Tenancy,
    /// The log, for reading.
    pub log: Arc<dyn Log>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Ids,
    /// Where clients reach us.
    pub addresses: Arc<Addresses>,
    /// The limits of design §6 that are kept here.
    pub limits: Limits,
    /// Whose X-Forwarded-For is believed, for the log line.
    pub trusted_proxies: TrustedProxies,
    /// Start, service or shutdown.
    pub health: Health,
    /// Counters.
    pub metrics: Metrics,
    /// What is derived from the master key.
    pub keys: Keys,
    /// The relay to Kafka, where there is one.
    pub relay: Option<Arc<dyn Relay>>,
}

/// Where clients reach us. A Host header only ever chooses among these.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// Scheme, host and port without a slash at the end: `https://scim.example.com`.
    pub public_url: String,
    /// Path prefixes that SCIM is mounted at, at the root and behind `/t/{tenant}`; `/scim` by default.
    pub mounts: Vec<String>,
    /// Hosts of tenants' own; identity providers are given the first of them, if there is one.
    pub tenant_urls: Vec<TenantUrl>,
}

/// Limits of design §6 that are kept at the edge.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a body.
    pub body_bytes_max: usize,
    /// Bytes of a group's body.
    pub group_body_bytes_max: usize,
    /// Bytes of all header fields together.
    pub header_bytes_max: usize,
    /// The slowest a body may come, over any 10 s.
    pub body_bytes_per_s_min: usize,
    /// Resources looked at for a filter that no index answers.
    pub scan_rows_max: usize,
}

impl Addresses {
    /// The default mount at that URL; a slash at its end is left out.
    pub fn new(public_url: &str) -> Self {
        let public_url = public_url.trim_end_matches('/').to_owned();
        Self { public_url, mounts: vec!["/scim".to_owned()], tenant_urls: Vec::new() }
    }

    /// The base address that a tenant's identity provider is given: at the first mount, with the tenant in host or path.
    pub fn base_url(&self, tenant: &TenantId) -> String {
        let mount = self.mounts.first().map_or("", String::as_str);
        match self.tenant_urls.first() {
            Some(url) => format!("{}{mount}/v2", url.of(tenant.as_str())),
            None => format!("{}/t/{tenant}{mount}/v2", self.public_url),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 1024 * 1024,
            group_body_bytes_max: 16 * 1024 * 1024,
            header_bytes_max: 16 * 1024,
            body_bytes_per_s_min: 16 * 1024,
            scan_rows_max: 50_000,
        }
    }
}

/// The routes of the public port.
pub fn configure(state: State) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        config.app_data(web::Data::new(state)).default_service(web::to(gateway::answer));
    }
}
