//! A gateway started in process: what a start makes, once, and how it ends.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use ingress::SystemClock;
use ingress::secret::{self, Kind};
use serde_json::{Value, json};
use toml::Table;

use super::*;

/// A place for a gateway, with small reserves.
struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn config(&self, bootstrap: &str) -> Config {
        fs::write(self.path("bootstrap.toml"), bootstrap).unwrap();
        let mut config = Config::load(None, [], Table::new()).unwrap();
        config.data = self.path("data");
        config.listen = "127.0.0.1:0".to_owned();
        config.admin_listen = "127.0.0.1:0".to_owned();
        config.bootstrap = Some(self.path("bootstrap.toml"));
        config.tokens_out = Some(self.path("tokens.jsonl"));
        config.log.generation_bytes = 8 << 20;
        config.http.workers = 1;
        config
    }

    fn start(&self, bootstrap: &str) -> Running {
        start(self.config(bootstrap), Arc::new(SystemClock)).unwrap()
    }

    /// Starts and stops; the lines of `--tokens-out`, which are taken away.
    fn issued(&self, bootstrap: &str) -> Vec<Value> {
        let running = self.start(bootstrap);
        let stopped = running.stopper();
        stopped.cancel();
        assert!(matches!(running.wait(), Outcome::Stopped));
        let text = fs::read_to_string(self.path("tokens.jsonl")).unwrap_or_default();
        fs::remove_file(self.path("tokens.jsonl")).ok();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

const ONE: &str = "[[tenant]]\nid = 'acme'\n[[platform_key]]\nname = 'ci'";

#[test]
fn what_is_missing_is_made_and_only_that() {
    let place = Place::new();
    let names = |lines: Vec<Value>| -> Vec<Value> {
        lines
            .iter()
            .map(|line| line.get("tenant").or_else(|| line.get("name")).cloned().unwrap())
            .collect()
    };
    assert_eq!(names(place.issued("")), Vec::<Value>::new());
    assert!(!place.path("tokens.jsonl").exists());
    let operator = fs::read_to_string(place.path("data/operator.key")).unwrap();
    let master = fs::read_to_string(place.path("data/master.key")).unwrap();
    assert_eq!(names(place.issued(ONE)), [json!("acme"), json!("ci")]);
    assert_eq!(names(place.issued(ONE)), Vec::<Value>::new());
    let more = format!(
        "{ONE}\n[[tenant]]\nid = 'globex'\n[[platform_key]]\nname = 'audit'\nrole = 'reader'"
    );
    assert_eq!(names(place.issued(&more)), [json!("globex"), json!("audit")]);
    assert_eq!(names(place.issued("")), Vec::<Value>::new());
    assert_eq!(fs::read_to_string(place.path("data/operator.key")).unwrap(), operator);
    assert_eq!(fs::read_to_string(place.path("data/master.key")).unwrap(), master);
}

#[test]
fn secrets_are_written_for_their_owner_alone() {
    let place = Place::new();
    let running = place.start(ONE);
    let listen = running.listen;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for name in ["tokens.jsonl", "data/operator.key", "data/master.key"] {
        assert_eq!(mode(&place.path(name)), 0o600, "{name}");
    }
    assert_eq!(mode(&place.path("data")), 0o700);
    let text = fs::read_to_string(place.path("tokens.jsonl")).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected = [
        json!({"kind": "scim", "tenant": "acme",
            "base_url": format!("http://{listen}/t/acme/scim/v2"), "token": lines[0]["token"]}),
        json!({"kind": "platform", "name": "ci",
            "base_url": format!("http://{listen}/v1"), "token": lines[1]["token"]}),
    ];
    assert_eq!(lines, expected);
    let kind = |text: &str| secret::kind(text);
    assert_eq!(kind(lines[0]["token"].as_str().unwrap()), Some(Kind::Token));
    assert_eq!(kind(lines[1]["token"].as_str().unwrap()), Some(Kind::Key));
    let operator = fs::read_to_string(place.path("data/operator.key")).unwrap();
    assert_eq!(kind(operator.trim()), Some(Kind::Key));
}

#[test]
fn nothing_is_issued_that_nobody_would_see() {
    let place = Place::new();
    let mut config = place.config(ONE);
    config.tokens_out = None;
    drop(start(config, Arc::new(SystemClock)).unwrap());
    assert_eq!(place.issued(ONE).len(), 2, "the tenant had no token, the key was not made");
}

#[test]
fn a_start_that_fails_says_why_and_leaves_nothing_running() {
    let place = Place::new();
    let running = place.start("");
    let check = |config: Config, expected: Exit, part: &str| {
        let error = start(config, Arc::new(SystemClock)).unwrap_err();
        assert_eq!(error.exit(), expected, "{error}");
        assert!(error.to_string().contains(part), "{error}");
    };
    check(place.config(""), Exit::Usage, "in use");
    let other = Place::new();
    let mut taken = other.config("");
    taken.listen = running.listen.to_string();
    check(taken, Exit::Negative, "can't listen on");
    check(other.config("[[tenant]]\nid = '_'"), Exit::Usage, "bootstrap");
    let mut no_key = other.config("");
    no_key.master_key_file = Some(other.path("absent"));
    check(no_key, Exit::Usage, "absent");
    let mut no_cert = other.config("");
    no_cert.tls_cert = Some(other.path("absent.pem"));
    no_cert.tls_key = Some(other.path("absent.pem"));
    check(no_cert, Exit::Usage, "absent.pem");
    drop(other.start(""));
    let address = running.listen;
    assert!(TcpStream::connect(address).is_ok());
    drop(running);
    assert!(TcpStream::connect(address).is_err(), "stopped when dropped");
    drop(place.start(""));
}

#[test]
fn a_stop_waits_for_no_idle_connection() {
    let place = Place::new();
    let running = place.start("");
    let idle = TcpStream::connect(running.listen).unwrap();
    let begun = std::time::Instant::now();
    drop(running);
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    drop(idle);
}

#[test]
fn a_stop_drops_readiness_first_and_lets_requests_end() {
    let place = Place::new();
    let mut config = place.config("");
    config.http.drain_notice_ms = 700;
    let running = start(config, Arc::new(SystemClock)).unwrap();
    let ready = || {
        let url = format!("http://{}/readyz", running.admin);
        reqwest::blocking::get(url).unwrap().status().as_u16()
    };
    let begin = || {
        let mut begun = TcpStream::connect(running.listen).unwrap();
        begun.write_all(b"GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\n").unwrap();
        begun
    };
    let end = |mut begun: TcpStream| {
        begun.write_all(b"Connection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        begun.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    };
    assert_eq!(ready(), 200);
    let before = begin();
    running.stopper().cancel();
    thread::sleep(Duration::from_millis(200));
    assert_eq!(ready(), 503, "before connections are refused");
    end(begin());
    end(before);
    assert!(matches!(running.wait(), Outcome::Stopped));
}

#[test]
fn a_tenant_gets_one_token_and_no_second_while_it_works() {
    let place = Place::new();
    let first = place.issued(ONE);
    let running = place.start(ONE);
    let call = |method: reqwest::Method, path: &str| {
        let key = first[1]["token"].as_str().unwrap();
        let url = format!("http://{}/v1/tenants/acme/tokens{path}", running.listen);
        let answer = reqwest::blocking::Client::new().request(method, url).bearer_auth(key).send();
        answer.unwrap().text().unwrap()
    };
    let tokens: Value = serde_json::from_str(&call(reqwest::Method::GET, "")).unwrap();
    let id = tokens["tokens"][0]["id"].as_str().unwrap();
    call(reqwest::Method::DELETE, &format!("/{id}"));
    drop(running);
    let again = place.issued(ONE);
    assert_eq!(again.len(), 1, "the only token was revoked");
    assert_eq!(again[0]["tenant"], "acme");
    assert_ne!(again[0]["token"], first[0]["token"]);
}
