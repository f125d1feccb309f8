//! The real binary: the demonstration, exit codes, signals, TLS, pipes. What it answers to SCIM is tested elsewhere.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may fail"
)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_rollcall");

/// `rollcall serve` on a directory of its own. Dropped, it is killed.
struct Served {
    child: Child,
    dir: PathBuf,
    listen: String,
    log: Option<JoinHandle<Vec<String>>>,
}

impl Served {
    fn start(dir: &Path, more: &[&str]) -> Self {
        let mut child = rollcall(&["serve", "--listen", "127.0.0.1:0"])
            .args(["--admin-listen", "127.0.0.1:0", "--data"])
            .arg(dir)
            .args(more)
            .env("ROLLCALL_HTTP_DRAIN_S", "1")
            .env("ROLLCALL_LOG_GENERATION_BYTES", "8388608")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let mut log = Vec::new();
        let serving: Value = lines
            .by_ref()
            .inspect(|line| log.push(line.clone()))
            .map(|line| serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}")))
            .find(|line: &Value| line["message"] == "serving")
            .expect("it serves");
        let log = Some(thread::spawn(move || log.into_iter().chain(lines).collect()));
        let listen = serving["listen"].as_str().unwrap().to_owned();
        Self { child, dir: dir.to_owned(), listen, log }
    }

    /// A client command against it.
    fn ask(&self, args: &[&str]) -> Output {
        let url = format!("http://{}", self.listen);
        rollcall(args).env("ROLLCALL_URL", url).env("ROLLCALL_DATA", &self.dir).output().unwrap()
    }

    /// Sends a signal and waits: the exit code, how long it took, and all log lines.
    fn end(mut self, signal: Signal) -> (Option<i32>, Duration, Vec<String>) {
        let begun = Instant::now();
        kill_process(Pid::from_child(&self.child), signal).unwrap();
        let code = self.child.wait().unwrap().code();
        (code, begun.elapsed(), self.log.take().unwrap().join().unwrap())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The binary, without the settings of whoever runs the tests.
fn rollcall(args: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    for (name, _) in std::env::vars() {
        if name.starts_with("ROLLCALL_") {
            command.env_remove(name);
        }
    }
    command.args(args);
    command
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn the_demonstration_shows_what_it_promises() {
    let begun = Instant::now();
    let shown = rollcall(&["demo"]).output().unwrap();
    let (out, talk) = (text(&shown.stdout), text(&shown.stderr));
    assert_eq!(shown.status.code(), Some(0), "{out}{talk}");
    assert!(begun.elapsed() < Duration::from_secs(60));
    for part in ["Microsoft Entra ID provisions acme", "Okta provisions globex", "kill -9"] {
        assert!(out.contains(part), "{part}");
    }
    assert_eq!(out.matches("the same, byte for byte").count(), 2);
    assert!(!out.contains("wrong:") && !out.contains('\x1b'), "{out}");
    assert_eq!(talk, "");
}

#[test]
fn exit_codes_say_how_it_ended() {
    let dir = tempfile::tempdir().unwrap();
    let served = Served::start(dir.path(), &[]);
    let check = |args: &[&str], code: i32, said: &str| {
        let ended = served.ask(args);
        let all = format!("{}{}", text(&ended.stdout), text(&ended.stderr));
        assert_eq!(ended.status.code(), Some(code), "{args:?}: {all}");
        assert!(all.contains(said), "{args:?}: {all}");
    };
    fs::write(dir.path().join("stranger"), "rck_stranger").unwrap();
    let stranger = dir.path().join("stranger");
    check(&["tenant", "create", "acme"], 0, "/t/acme/scim/v2");
    check(&["tenant", "create", "acme"], 1, "acme is taken");
    check(&["tenant", "list", "-o", "json"], 0, "\"acme\"");
    check(&["tenant", "show", "acme"], 0, "head");
    check(&["tenant", "show", "nobody"], 5, "next: ");
    check(&["user", "list", "--tenant", "acme"], 0, "USERNAME");
    check(&["team", "list", "--tenant", "acme"], 0, "MEMBERS");
    check(&["events", "--tenant", "acme"], 0, "");
    check(&["events", "--tenant", "nobody"], 5, "nobody");
    check(&["tenant", "list", "--key-file", stranger.to_str().unwrap()], 4, "--key-file");
    check(&["tenant", "list", "--key-file", "/nonexistent"], 4, "/nonexistent");
    check(&["tenant", "list", "--url", "http://127.0.0.1:1"], 6, "http://127.0.0.1:1");
    check(&["tenant", "list", "--url", "nowhere"], 2, "nowhere");
    check(&["tenant", "lst"], 2, "lst");
}

#[test]
fn a_token_is_printed_once_and_alone() {
    let dir = tempfile::tempdir().unwrap();
    let served = Served::start(dir.path(), &[]);
    served.ask(&["tenant", "create", "acme"]);
    let issued = served.ask(&["token", "issue", "--tenant", "acme", "--name", "okta"]);
    let token = text(&issued.stdout).trim_end();
    assert!(token.starts_with("rct_") && token.len() == 40, "{token}");
    assert!(!text(&issued.stderr).contains(token));
    let scim = || {
        let url = format!("http://{}/t/acme/scim/v2/Users", served.listen);
        let http = reqwest::blocking::Client::new();
        http.get(url).bearer_auth(token).send().unwrap().status().as_u16()
    };
    assert_eq!(scim(), 200);
    let listed = served.ask(&["token", "list", "--tenant", "acme", "-o", "json"]);
    assert!(!text(&listed.stdout).contains(token));
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    let id = listed["tokens"][0]["id"].as_str().unwrap();
    let revoked = served.ask(&["token", "revoke", "--tenant", "acme", id]);
    assert_eq!(revoked.status.code(), Some(0));
    assert_eq!(scim(), 401);
}

#[test]
fn a_signal_drains_and_every_line_is_json() {
    let dir = tempfile::tempdir().unwrap();
    for signal in [Signal::TERM, Signal::INT] {
        let served = Served::start(dir.path(), &[]);
        let mut slow = TcpStream::connect(&served.listen).unwrap();
        slow.write_all(b"POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
            .unwrap();
        let idle = TcpStream::connect(&served.listen).unwrap();
        thread::sleep(Duration::from_millis(100));
        let (code, took, lines) = served.end(signal);
        assert_eq!(code, Some(0), "{lines:?}");
        assert!(took < Duration::from_secs(5), "{took:?}");
        for line in &lines {
            assert!(serde_json::from_str::<Value>(line).is_ok(), "{line}");
        }
        assert!(lines.last().unwrap().contains("stopped"), "{lines:?}");
        drop((slow, idle));
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let dir = tempfile::tempdir().unwrap();
    let served = Served::start(dir.path(), &[]);
    served.ask(&["tenant", "create", "acme"]);
    for args in [&["tenant", "list"][..], &["tenant", "list", "-o", "json"], &["config", "dump"]] {
        let mut child = rollcall(args)
            .env("ROLLCALL_URL", format!("http://{}", served.listen))
            .env("ROLLCALL_DATA", dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut talk = String::new();
        child.stderr.take().unwrap().read_to_string(&mut talk).unwrap();
        assert_eq!((child.wait().unwrap().code(), talk.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn tls_is_spoken_and_checked() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| format!("{}/testdata/{name}", env!("CARGO_MANIFEST_DIR"));
    let (cert, key) = (file("cert.pem"), file("key.pem"));
    let served = Served::start(dir.path(), &["--tls-cert", &cert, "--tls-key", &key]);
    let url = format!("https://{}", served.listen);
    let check = |args: &[&str], code: i32| {
        let ended = served.ask(&[&["tenant", "list"], args].concat());
        assert_eq!(ended.status.code(), Some(code), "{args:?} {}", text(&ended.stderr));
    };
    check(&["--url", &url, "--ca-file", &cert], 0);
    check(&["--url", &url], 6);
    check(&[], 6);
}

#[test]
fn what_prevents_a_start_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let check = |args: &[&str], variable: (&str, &str), code: i32, said: &str| {
        let mut command = rollcall(args);
        let ended = command.env(variable.0, variable.1).output().unwrap();
        let all = format!("{}{}", text(&ended.stdout), text(&ended.stderr));
        assert_eq!(ended.status.code(), Some(code), "{args:?}: {all}");
        assert!(all.contains(said), "{args:?}: {all}");
    };
    let data = dir.path().join("data");
    let serve = ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--data"];
    let serve = [&serve[..], &[data.to_str().unwrap()]].concat();
    check(&serve, ("ROLLCALL_LISEN", "x"), 2, "did you mean \"ROLLCALL_LISTEN\"");
    check(&serve, ("ROLLCALL_BOOTSTRAP", "/nonexistent"), 2, "/nonexistent");
    check(&["config", "check"], ("ROLLCALL_LISEN", "x"), 1, "ROLLCALL_LISEN");
    check(&["config", "check"], ("ROLLCALL_LISTEN", "localhost:80"), 0, "valid");
    check(&["config", "dump"], ("ROLLCALL_HTTP_WORKERS", "7"), 0, "workers = 7");
    check(&["config", "dump", "--default"], ("ROLLCALL_HTTP_WORKERS", "7"), 0, "workers = 0");
    drop(Served::start(&data, &[]));
    fs::write(data.join("log.id"), "junk").unwrap();
    check(&serve, ("TZ", "UTC"), 3, "damaged");
}
