//! A server under measurement as a child process: Rollcall itself or one of the floors.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::floor::Kind;

/// A running server and what is needed to talk to it.
pub(crate) struct Target {
    /// `rollcall`, `json`, `durable`, …
    pub(crate) name: &'static str,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// One SCIM token a tenant; one empty token for a floor.
    pub(crate) tokens: Vec<String>,
    /// The path of each tenant's SCIM address; empty for a floor.
    pub(crate) bases: Vec<String>,
    admin: Option<SocketAddr>,
    child: Child,
    dir: tempfile::TempDir,
    settings: Settings,
}

/// Variables of the gateway's environment.
type Settings = &'static [(&'static str, &'static str)];

const READY_WITHIN: Duration = Duration::from_secs(60);

impl Target {
    /// The gateway, from the binary at `rollcall`, with this many tenants.
    ///
    /// # Errors
    /// When it doesn't start.
    pub(crate) fn rollcall(rollcall: &Path, tenants: usize) -> io::Result<Self> {
        Self::rollcall_with(rollcall, tenants, &[])
    }

    /// The same with settings of its own.
    ///
    /// # Errors
    /// When it doesn't start.
    pub(crate) fn rollcall_with(
        rollcall: &Path,
        tenants: usize,
        settings: Settings,
    ) -> io::Result<Self> {
        let dir = tempfile::tempdir_in(".")?;
        let file = |name: &str| dir.path().join(name);
        let lines = (0..tenants).map(|n| format!("[[tenant]]\nid = \"t{n}\"\n"));
        fs::write(file("bootstrap.toml"), lines.collect::<String>())?;
        let (address, admin) = (free_address()?, free_address()?);
        let child = serve(rollcall, dir.path(), (address, admin), settings)?;
        let text = fs::read_to_string(file("tokens.jsonl"))?;
        let (mut tokens, mut bases) = (Vec::new(), Vec::new());
        for line in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let member = |key: &str| line.get(key).and_then(Value::as_str).unwrap_or_default();
            if member("kind") == "scim" {
                tokens.push(member("token").to_owned());
                bases.push(format!("/t/{}/scim/v2", member("tenant")));
            }
        }
        let admin = Some(admin);
        Ok(Self { name: "rollcall", address, tokens, bases, admin, child, dir, settings })
    }

    /// Kills the gateway with -9 and starts it again; how long it took from then until it was ready.
    ///
    /// # Errors
    /// When it doesn't start, or is a floor.
    pub(crate) fn restart(&mut self, rollcall: &Path) -> io::Result<Duration> {
        let admin = self.admin.ok_or_else(|| io::Error::other("a floor keeps nothing"))?;
        self.child.kill()?;
        self.child.wait()?;
        let began = Instant::now();
        self.child = serve(rollcall, self.dir.path(), (self.address, admin), self.settings)?;
        Ok(began.elapsed())
    }

    /// A floor of that kind: this program again, as a server.
    ///
    /// # Errors
    /// When it doesn't start.
    pub(crate) fn floor(kind: Kind, name: &'static str) -> io::Result<Self> {
        let dir = tempfile::tempdir_in(".")?;
        let mut child = Command::new(std::env::current_exe()?)
            .args(["floor", "--kind", name, "--dir"])
            .arg(dir.path())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line)?;
        }
        let address =
            line.trim().parse().map_err(|_| io::Error::other(format!("{kind:?}: {line}")))?;
        let (tokens, bases) = (vec![String::new()], vec![String::new()]);
        Ok(Self { name, address, tokens, bases, admin: None, child, dir, settings: &[] })
    }

    /// Backs the gateway up, again and again, each time to a new place, until told to stop; how often that was.
    pub(crate) fn back_up_until(
        &self,
        rollcall: &Path,
        stop: &Arc<AtomicBool>,
    ) -> JoinHandle<usize> {
        let (rollcall, dir, address) =
            (rollcall.to_owned(), self.dir.path().to_owned(), self.address);
        let stop = Arc::clone(stop);
        std::thread::spawn(move || {
            let mut count = 0;
            while !stop.load(Ordering::Relaxed) {
                let to = dir.join(format!("backup-{count}"));
                let url = format!("http://{address}");
                let mut backup = Command::new(&rollcall);
                backup.args(["backup", "--url", &url, "--data"]).arg(dir.join("data"));
                let done = backup.arg("--to").arg(&to).stderr(Stdio::null()).output();
                count += usize::from(done.is_ok_and(|done| done.status.success()));
                drop(fs::remove_dir_all(to));
            }
            count
        })
    }

    /// CPU time of all of its threads so far, user and system (`/proc/PID/task/*/schedstat`, ns).
    pub(crate) fn cpu(&self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id()));
        let nanos = |path: PathBuf| -> Option<u64> {
            fs::read_to_string(path.join("schedstat")).ok()?.split(' ').next()?.parse().ok()
        };
        let each = tasks.into_iter().flatten().flatten().filter_map(|task| nanos(task.path()));
        Duration::from_nanos(each.sum())
    }

    /// A number of its `/metrics`.
    ///
    /// # Errors
    /// When it isn't there.
    pub(crate) fn metric(&self, name: &str) -> io::Result<f64> {
        let admin = self.admin.ok_or_else(|| io::Error::other("a floor has no metrics"))?;
        let text = get(admin, "/metrics")?;
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|value| value.trim().parse().ok())
            .ok_or_else(|| io::Error::other(format!("no {name}")))
    }

    /// Resident memory, bytes (`VmRSS`).
    pub(crate) fn resident_bytes(&self) -> u64 {
        resident_bytes(&self.child.id().to_string())
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Resident memory of a process (`self` for this one), bytes.
pub(crate) fn resident_bytes(process: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0)
        * 1024
}

/// Starts the gateway over a directory and waits until it is ready.
fn serve(
    rollcall: &Path,
    dir: &Path,
    (listen, admin): (SocketAddr, SocketAddr),
    settings: Settings,
) -> io::Result<Child> {
    let log = dir.join("server.log");
    let mut child = Command::new(rollcall)
        .args(["serve", "--listen", &listen.to_string(), "--admin-listen", &admin.to_string()])
        .arg("--data")
        .arg(dir.join("data"))
        .arg("--bootstrap")
        .arg(dir.join("bootstrap.toml"))
        .arg("--tokens-out")
        .arg(dir.join("tokens.jsonl"))
        .envs(settings.iter().copied())
        .stdout(Stdio::null())
        .stderr(fs::File::create(&log)?)
        .spawn()?;
    wait_until_ready(&mut child, admin, &log)?;
    Ok(child)
}

fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}

fn wait_until_ready(child: &mut Child, admin: SocketAddr, log: &Path) -> io::Result<()> {
    let began = Instant::now();
    loop {
        if get(admin, "/readyz").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")) {
            return Ok(());
        }
        if child.try_wait()?.is_some() || began.elapsed() > READY_WITHIN {
            return Err(io::Error::other(fs::read_to_string(log).unwrap_or_default()));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn get(address: SocketAddr, path: &str) -> io::Result<String> {
    use io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
