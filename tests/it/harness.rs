//! A whole gateway in this process: on port 0, with a directory of its own and a manual clock.
//! When it is dropped, log = views is checked; a test can't forget to.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use events::Timestamp;
use serde_json::{Value, json};
use server::{Config, Running};

use crate::client::{Client, Scim};

/// A running gateway and the credentials that its bootstrap issued.
pub(crate) struct Gateway {
    running: Option<Running>,
    dir: Arc<tempfile::TempDir>,
    clock: Arc<ManualClock>,
    tokens: Vec<Value>,
}

/// A clock that moves when it is told to, and a millisecond at each reading so that times differ.
pub(crate) struct ManualClock(AtomicI64);

impl ManualClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl ingress::Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1, Ordering::SeqCst))
    }
}

impl Gateway {
    /// A new gateway with these tenants, one SCIM token each, and a platform key.
    pub(crate) fn start(tenants: &[&str]) -> Self {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        std::fs::write(dir.path().join("bootstrap.toml"), bootstrap(tenants)).unwrap();
        let clock = Arc::new(ManualClock(AtomicI64::new(1_764_000_000_000)));
        let running = open(dir.path(), &clock);
        let tokens = read_tokens(&dir.path().join("tokens.jsonl"));
        Self { running: Some(running), dir, clock, tokens }
    }

    /// The same directory, opened again after an orderly stop.
    pub(crate) fn restart(&mut self) {
        self.stop();
        self.running = Some(open(self.dir.path(), &self.clock));
    }

    /// An HTTP client of one tenant's SCIM address, with its token.
    pub(crate) fn scim(&self, tenant: &str) -> Scim {
        let token = self.token(tenant);
        Scim::new(format!("{}/t/{tenant}/scim/v2", self.origin()), Some(format!("Bearer {token}")))
    }

    /// An HTTP client of the platform API, with the bootstrap's key.
    pub(crate) fn platform(&self) -> Client {
        let key = self.credential("platform", "name", "ci");
        Client::new(format!("{}/v1", self.origin()), Some(format!("Bearer {key}")))
    }

    /// A client of the operations port.
    pub(crate) fn admin(&self) -> Client {
        Client::new(format!("http://{}", self.running().admin), None)
    }

    pub(crate) fn token(&self, tenant: &str) -> String {
        self.credential("scim", "tenant", tenant)
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.running().listen)
    }

    pub(crate) fn clock(&self) -> &ManualClock {
        &self.clock
    }

    /// Every event of a tenant, oldest first, as the platform API shows them.
    pub(crate) fn events(&self, tenant: &str) -> Vec<Value> {
        events_of(&self.platform(), tenant)
    }

    fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    fn credential(&self, kind: &str, key: &str, name: &str) -> String {
        let line = self.tokens.iter().find(|line| line["kind"] == kind && line[key] == name);
        line.unwrap_or_else(|| panic!("no {kind} credential of {name}"))["token"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    fn stop(&mut self) {
        let Some(running) = self.running.take() else { return };
        close(running);
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.stop();
        }
    }
}

/// Opens a gateway over an existing directory, checks log = views, and stops it.
pub(crate) fn verify_directory(dir: &Path) {
    let clock = Arc::new(ManualClock(AtomicI64::new(1_900_000_000_000)));
    close(open(dir, &clock));
}

/// log = views, then an orderly stop.
fn close(running: Running) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let verified = runtime.block_on(running.parts().tenancy.verify());
    drop(running);
    assert_eq!(verified, Ok(()), "the log and the views differ");
}

/// Every event of a tenant by the platform API, page by page; fails on a gap.
pub(crate) fn events_of(platform: &Client, tenant: &str) -> Vec<Value> {
    let mut events: Vec<Value> = Vec::new();
    loop {
        let page =
            platform.get(&format!("/tenants/{tenant}/events?after={}&limit=1000", events.len()));
        let found = page.ok(200)["events"].as_array().unwrap().clone();
        if found.is_empty() {
            return events;
        }
        for event in found {
            assert_eq!(event["seq"], json!(events.len() + 1), "a gap in the history of {tenant}");
            events.push(event);
        }
    }
}

pub(crate) fn bootstrap(tenants: &[&str]) -> String {
    let tenants: String =
        tenants.iter().map(|tenant| format!("[[tenant]]\nid = \"{tenant}\"\n")).collect();
    format!("{tenants}[[platform_key]]\nname = \"ci\"\n")
}

pub(crate) fn read_tokens(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn open(dir: &Path, clock: &Arc<ManualClock>) -> Running {
    let text = |name: &str| toml::Value::from(dir.join(name).to_str().unwrap());
    let mut table = toml::Table::new();
    for (key, name) in
        [("data", "data"), ("bootstrap", "bootstrap.toml"), ("tokens_out", "tokens.jsonl")]
    {
        table.insert(key.to_owned(), text(name));
    }
    for key in ["listen", "admin_listen"] {
        table.insert(key.to_owned(), "127.0.0.1:0".into());
    }
    let config = Config::load(None, Vec::new(), table).unwrap();
    server::start(config, Arc::clone(clock) as Arc<dyn ingress::Clock>).unwrap()
}
