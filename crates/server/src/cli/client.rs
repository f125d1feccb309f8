//! Calls to the platform API of a running gateway. The key comes from a file, never from a flag.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::blocking::{RequestBuilder, Response};
use reqwest::{StatusCode, Url};
use serde_json::Value;

use super::{Failure, Format};
use crate::Exit;

/// Where the gateway is, and as whom to call it.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Connect {
    /// The gateway's address.
    #[arg(
        long,
        env = "ROLLCALL_URL",
        default_value = "http://127.0.0.1:8080",
        hide_env_values = true
    )]
    url: String,
    /// File with a platform key [default: DATA/operator.key].
    #[arg(long, env = "ROLLCALL_KEY_FILE", value_name = "FILE", hide_env_values = true)]
    key_file: Option<PathBuf>,
    /// The gateway's data directory, for its operator.key.
    #[arg(
        long,
        env = "ROLLCALL_DATA",
        value_name = "DIR",
        default_value = "rollcall-data",
        hide_env_values = true
    )]
    data: PathBuf,
    /// PEM file of a certificate authority to trust besides the system's.
    #[arg(long, env = "ROLLCALL_CA_FILE", value_name = "FILE", hide_env_values = true)]
    ca_file: Option<PathBuf>,
    /// Seconds to wait for an answer.
    #[arg(long, default_value_t = 30, value_name = "SECONDS")]
    timeout: u64,
    /// How to print.
    #[arg(short, long, value_enum, default_value_t)]
    pub(super) output: Format,
}

/// A file, or work that reads the whole log.
const LONG_TIMEOUT: Duration = Duration::from_secs(3_600);

/// A platform key and the address that it is for.
#[derive(Debug)]
pub(crate) struct Client {
    base: Url,
    key: String,
    http: reqwest::blocking::Client,
}

impl Connect {
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        let file = self.key_file.clone().unwrap_or_else(|| self.data.join("operator.key"));
        let key = read_key(&file)?;
        let mut http = reqwest::blocking::Client::builder()
            .timeout(Duration::from_secs(self.timeout))
            .user_agent(concat!("rollcall/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none());
        if is_loopback(&self.url) {
            // No proxy can reach what listens on this machine alone.
            http = http.no_proxy();
        }
        if let Some(path) = &self.ca_file {
            http = http.tls_certs_merge(read_certificates(path)?);
        }
        let http = http
            .build()
            .map_err(|error| Failure::new(Exit::Usage, "no HTTP client").why(cause(&error)))?;
        Client::new(&self.url, key, http)
    }
}

impl Client {
    pub(crate) fn new(
        url: &str,
        key: String,
        http: reqwest::blocking::Client,
    ) -> Result<Self, Failure> {
        let refused = || Failure::new(Exit::Usage, format!("{url:?} is no address of a gateway"));
        let base = Url::parse(url).map_err(|error| {
            refused().why(error).next("give --url as http://HOST:PORT or https://HOST")
        })?;
        if base.cannot_be_a_base() || !matches!(base.scheme(), "http" | "https") {
            return Err(refused().next("give --url as http://HOST:PORT or https://HOST"));
        }
        Ok(Self { base, key, http })
    }

    /// GET of a path below `/v1`; `query` is encoded.
    pub(crate) fn get(&self, path: &[&str], query: &[(&str, String)]) -> Result<Value, Failure> {
        let url = self.address(path, query)?;
        self.send(self.http.get(url))
    }

    pub(crate) fn post(&self, path: &[&str], body: &Value) -> Result<Value, Failure> {
        let url = self.address(path, &[])?;
        self.send(self.http.post(url).json(body))
    }

    /// PUT to a path below `/v1`; `query` is encoded.
    pub(crate) fn put(
        &self,
        path: &[&str],
        query: &[(&str, String)],
        body: &Value,
    ) -> Result<Value, Failure> {
        let url = self.address(path, query)?;
        self.send(self.http.put(url).json(body))
    }

    pub(crate) fn patch(&self, path: &[&str], body: &Value) -> Result<Value, Failure> {
        let url = self.address(path, &[])?;
        self.send(self.http.patch(url).json(body))
    }

    pub(crate) fn delete(&self, path: &[&str]) -> Result<Value, Failure> {
        let url = self.address(path, &[])?;
        self.send(self.http.delete(url))
    }

    /// GET of a path below `/v1` into a file; `false`: there is nothing.
    pub(crate) fn download(&self, path: &[&str], to: &Path) -> Result<bool, Failure> {
        let broken =
            |why: String| Failure::new(Exit::Negative, "the answer can't be kept").why(why);
        let request = self.http.get(self.address(path, &[])?).timeout(LONG_TIMEOUT);
        let mut answer = self.answer(request)?;
        if answer.status() == StatusCode::NO_CONTENT {
            return Ok(false);
        }
        let mut file = fs::File::create(to).map_err(|error| broken(error.to_string()))?;
        answer.copy_to(&mut file).map_err(|error| broken(cause(&error)))?;
        Ok(true)
    }

    /// POST of nothing to a path below `/v1`, for work that takes long.
    pub(crate) fn work(&self, path: &[&str]) -> Result<Value, Failure> {
        let url = self.address(path, &[])?;
        self.send(self.http.post(url).timeout(LONG_TIMEOUT))
    }

    fn address(&self, path: &[&str], query: &[(&str, String)]) -> Result<Url, Failure> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| Failure::new(Exit::Usage, "the address takes no path"))?
            .pop_if_empty()
            .push("v1")
            .extend(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    fn send(&self, request: RequestBuilder) -> Result<Value, Failure> {
        self.answer(request).and_then(body)
    }

    fn answer(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let answer =
            request.bearer_auth(&self.key).send().map_err(|error| self.unreached(&error))?;
        let status = answer.status();
        if status.is_success() { Ok(answer) } else { Err(refusal(status, answer)) }
    }

    fn unreached(&self, error: &reqwest::Error) -> Failure {
        Failure::new(Exit::Unreachable, format!("no answer from {}", self.base))
            .why(cause(error))
            .next("is `rollcall serve` running there? Set --url or ROLLCALL_URL to its address")
    }
}

fn body(answer: Response) -> Result<Value, Failure> {
    let unread = |why: String| Failure::new(Exit::Negative, "the answer can't be read").why(why);
    let text = answer.text().map_err(|error| unread(cause(&error)))?;
    if text.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&text).map_err(|error| unread(error.to_string()))
}

/// A refusal of the server as a failure: its problem document says what and why.
fn refusal(status: StatusCode, answer: Response) -> Failure {
    let retry_after = answer
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let problem = body(answer).unwrap_or_default();
    let text = |name: &str| problem.get(name).and_then(Value::as_str).map(super::output::printable);
    let what = text("title").unwrap_or_else(|| status.to_string());
    let (exit, next) = match status.as_u16() {
        401 | 403 => (
            Exit::Auth,
            "check --key-file: it must hold a key of this gateway, with a role that may do this"
                .to_owned(),
        ),
        404 => (Exit::NotFound, "list what there is: `rollcall tenant list`".to_owned()),
        429 => (Exit::RateLimited, wait(retry_after.as_deref())),
        502..=504 => (Exit::Unreachable, wait(retry_after.as_deref())),
        _ => (Exit::Negative, String::new()),
    };
    let failure = Failure::new(exit, format!("{what} ({})", status.as_u16()));
    let failure = match text("detail") {
        Some(detail) => failure.why(detail),
        None => failure,
    };
    if next.is_empty() { failure } else { failure.next(next) }
}

fn wait(retry_after: Option<&str>) -> String {
    retry_after.map_or_else(
        || "try again in a moment".to_owned(),
        |seconds| format!("try again in {seconds} s"),
    )
}

fn is_loopback(url: &str) -> bool {
    let url = Url::parse(url).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
}

fn read_key(path: &Path) -> Result<String, Failure> {
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::new(Exit::Auth, format!("the key in {} can't be read", path.display()))
            .why(error)
            .next("name the gateway's data directory (--data) or a file with a platform key (--key-file)")
    })?;
    Ok(text.trim().to_owned())
}

fn read_certificates(path: &Path) -> Result<Vec<reqwest::Certificate>, Failure> {
    let refused =
        || Failure::new(Exit::Usage, format!("{} holds no PEM certificates", path.display()));
    let pem = fs::read(path).map_err(|error| refused().why(error))?;
    reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| refused().why(error))
}

/// The innermost reason; the outer ones repeat the address.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(inner) = innermost.source() {
        innermost = inner;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_called_without_a_proxy() {
        let check = |url: &str, expected: bool| assert_eq!(is_loopback(url), expected, "{url}");
        check("http://127.0.0.1:8080", true);
        check("https://localhost", true);
        check("http://[::1]:8080", true);
        check("http://192.0.2.1", false);
        check("https://localhost.example.com", false);
        check("nonsense", false);
    }
}
