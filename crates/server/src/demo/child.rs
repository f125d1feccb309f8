//! The gateway of the demonstration: the same binary as a child process, on a directory that vanishes afterwards.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;
use tempfile::TempDir;

const BOOTSTRAP: &str = "[[tenant]]\nid = \"acme\"\nname = \"Acme, on Microsoft Entra ID\"\n\n\
                         [[tenant]]\nid = \"globex\"\nname = \"Globex, on Okta\"\n";
const READY_TIMEOUT: Duration = Duration::from_secs(15);
const READY_PAUSE: Duration = Duration::from_millis(20);

/// A running gateway and all that it owns. Dropped, it is killed and its directory removed.
pub(crate) struct Gateway {
    child: Child,
    pid: Arc<AtomicI32>,
    dir: TempDir,
    listen: String,
    admin_listen: String,
}

/// A line of `--tokens-out`.
#[derive(Deserialize)]
struct Issued {
    tenant: Option<String>,
    base_url: String,
    token: String,
}

/// Where a tenant is provisioned, and with which token.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub(crate) base_url: String,
    pub(crate) token: String,
}

impl Gateway {
    /// Starts a gateway on a new directory and two free ports of the loopback.
    ///
    /// `pid` always holds the process that runs now, for who has to end it.
    pub(crate) fn start(pid: Arc<AtomicI32>) -> io::Result<Self> {
        let dir = tempfile::Builder::new().prefix("rollcall-demo-").tempdir()?;
        fs::write(dir.path().join("bootstrap.toml"), BOOTSTRAP)?;
        let (listen, admin_listen) = (free_address()?, free_address()?);
        let child = spawn(&dir, &listen, &admin_listen)?;
        let mut gateway = Self { child, pid, dir, listen, admin_listen };
        gateway.wait_until_ready()?;
        Ok(gateway)
    }

    /// kill -9: the process gets no chance to tidy up.
    pub(crate) fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// The same command again, after [`Gateway::kill`]; how long until it was ready.
    pub(crate) fn restart(&mut self) -> io::Result<Duration> {
        let begun = Instant::now();
        self.child = spawn(&self.dir, &self.listen, &self.admin_listen)?;
        self.wait_until_ready()?;
        Ok(begun.elapsed())
    }

    /// Waits until the process ends by itself.
    pub(crate) fn wait(&mut self) -> io::Result<()> {
        self.child.wait().map(drop)
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The address of SCIM and `/v1`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.listen)
    }

    /// The address of `/readyz` and `/metrics`.
    pub(crate) fn admin_url(&self) -> String {
        format!("http://{}", self.admin_listen)
    }

    /// Everything that the gateway keeps.
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Its log lines.
    pub(crate) fn log(&self) -> PathBuf {
        self.dir.path().join("rollcall.log")
    }

    /// Base URL and token of each tenant, as the gateway wrote them at its first start.
    pub(crate) fn accesses(&self) -> io::Result<BTreeMap<String, Access>> {
        let text = fs::read_to_string(self.dir.path().join("tokens.jsonl"))?;
        let mut found = BTreeMap::new();
        for line in text.lines() {
            let Issued { tenant, base_url, token } = serde_json::from_str(line)?;
            found.extend(tenant.map(|tenant| (tenant, Access { base_url, token })));
        }
        Ok(found)
    }

    fn wait_until_ready(&mut self) -> io::Result<()> {
        self.pid.store(i32::try_from(self.child.id()).unwrap_or_default(), Ordering::Release);
        let url = format!("{}/readyz", self.admin_url());
        let http = reqwest::blocking::Client::builder().no_proxy().timeout(READY_TIMEOUT).build();
        let http = http.map_err(io::Error::other)?;
        let begun = Instant::now();
        while begun.elapsed() < READY_TIMEOUT {
            if let Some(status) = self.child.try_wait()? {
                return Err(self.failed(&format!("the gateway ended with {status}")));
            }
            if http.get(&url).send().is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            thread::sleep(READY_PAUSE);
        }
        Err(self.failed("the gateway is not ready"))
    }

    /// The error with the last of the gateway's log lines.
    fn failed(&self, what: &str) -> io::Error {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines.len().saturating_sub(5);
        io::Error::other(format!("{what}\n{}", lines.get(last..).unwrap_or_default().join("\n")))
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may have ended already; the directory goes in either case.
        drop(self.kill());
    }
}

fn spawn(dir: &TempDir, listen: &str, admin_listen: &str) -> io::Result<Child> {
    let at = |name: &str| dir.path().join(name);
    let log = File::options().create(true).append(true).open(at("rollcall.log"))?;
    let mut command = Command::new(std::env::current_exe()?);
    // The demonstration is the same everywhere: nothing of the caller's settings gets in.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("ROLLCALL_") {
            command.env_remove(name);
        }
    }
    command
        .args(["serve", "--listen", listen, "--admin-listen", admin_listen])
        .arg("--data")
        .arg(at("data"))
        .arg("--bootstrap")
        .arg(at("bootstrap.toml"))
        .arg("--tokens-out")
        .arg(at("tokens.jsonl"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
}

/// A port that nobody listens on now.
fn free_address() -> io::Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}
