//! The real binary as a child process: for kill, power, CLI and demo.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::client::{Client, Scim};
use crate::harness::{bootstrap, read_tokens};

/// `rollcall serve` over a directory, with one tenant `acme`. Killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    dir: PathBuf,
    origin: String,
    admin: String,
}

const READY_WITHIN: Duration = Duration::from_secs(30);

/// The path of the binary; it is built once for each run of the tests. `ROLLCALL_TEST_BINARY` names another.
pub(crate) fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(given) = std::env::var_os("ROLLCALL_TEST_BINARY") {
            return given.into();
        }
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
        let built = Command::new(cargo).args(["build", "--locked", "--package", "server"]).status();
        assert!(built.unwrap().success(), "the binary doesn't build");
        let tests = std::env::current_exe().unwrap();
        tests.parent().unwrap().parent().unwrap().join("rollcall")
    })
}

impl Process {
    /// Starts the gateway and waits until it is ready.
    pub(crate) fn start(dir: &Path) -> Self {
        Self::start_with(dir, &[])
    }

    /// The same with settings in its environment.
    pub(crate) fn start_with(dir: &Path, settings: &[(&str, &str)]) -> Self {
        Self::try_start(dir, settings)
            .unwrap_or_else(|(code, log)| panic!("ended with {code:?}: {log}"))
    }

    /// The same; when it ends instead, its exit code and what it wrote to its log.
    pub(crate) fn try_start(
        dir: &Path,
        settings: &[(&str, &str)],
    ) -> Result<Self, (Option<i32>, String)> {
        std::fs::write(dir.join("bootstrap.toml"), bootstrap(&["acme"])).unwrap();
        let (listen, admin) = (free_address(), free_address());
        let child = command()
            .args(["serve", "--listen", &listen, "--admin-listen", &admin])
            .arg("--data")
            .arg(dir.join("data"))
            .arg("--bootstrap")
            .arg(dir.join("bootstrap.toml"))
            .arg("--tokens-out")
            .arg(dir.join("tokens.jsonl"))
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(dir.join("server.log")).unwrap())
            .spawn()
            .unwrap();
        let mut process = Self {
            child,
            dir: dir.to_owned(),
            origin: format!("http://{listen}"),
            admin: format!("http://{admin}"),
        };
        process.wait_until_ready()?;
        Ok(process)
    }

    pub(crate) fn scim(&self) -> Scim {
        let authorization = format!("Bearer {}", self.credential("scim"));
        Client::new(format!("{}/t/acme/scim/v2", self.origin), Some(authorization))
    }

    pub(crate) fn platform(&self) -> Client {
        let authorization = format!("Bearer {}", self.credential("platform"));
        Client::new(format!("{}/v1", self.origin), Some(authorization))
    }

    /// A client of the operations port.
    pub(crate) fn admin(&self) -> Client {
        Client::new(self.admin.clone(), None)
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Ends the process as a crash does: kill -9.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Ends the process as an operator does; its exit code.
    pub(crate) fn stop(&mut self) -> Option<i32> {
        let sent = Command::new("kill").args(["-TERM", &self.id().to_string()]).status().unwrap();
        assert!(sent.success());
        self.wait()
    }

    /// Waits until the process has ended by itself; its exit code.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    fn credential(&self, kind: &str) -> String {
        let lines = read_tokens(&self.dir.join("tokens.jsonl"));
        let line = lines.iter().find(|line| line["kind"] == kind);
        line.and_then(|line| line["token"].as_str().map(str::to_owned))
            .unwrap_or_else(|| panic!("no {kind} credential: {lines:?}"))
    }

    fn wait_until_ready(&mut self) -> Result<(), (Option<i32>, String)> {
        let url = format!("{}/readyz", self.admin);
        let began = Instant::now();
        let http = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
        while !http.get(&url).send().is_ok_and(|answer| answer.status().is_success()) {
            let ended = self.child.try_wait().unwrap();
            let log = || std::fs::read_to_string(self.dir.join("server.log")).unwrap();
            if let Some(ended) = ended {
                return Err((ended.code(), log()));
            }
            assert!(began.elapsed() < READY_WITHIN, "not ready: {}", log());
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The binary, without what configures these tests.
fn command() -> Command {
    let mut command = Command::new(binary());
    let knobs = std::env::vars_os().map(|(name, _)| name);
    let knobs = knobs.filter(|name| name.to_string_lossy().starts_with("ROLLCALL_"));
    for knob in knobs {
        command.env_remove(knob);
    }
    command
}

/// Runs a command line of the binary to its end: exit code, standard output, standard error.
pub(crate) fn run(arguments: &[&str], environment: &[(&str, &str)]) -> (i32, String, String) {
    let output = command()
        .args(arguments)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// The JSON that a command line prints.
pub(crate) fn run_json(arguments: &[&str], environment: &[(&str, &str)]) -> Value {
    let (code, stdout, stderr) = run(arguments, environment);
    assert_eq!(code, 0, "{arguments:?}: {stderr}");
    serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"))
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}
