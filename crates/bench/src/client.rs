//! The load client: keep-alive HTTP/1.1 over plain sockets, as cheap as it can be, and it checks every
//! answer. It shares two cores with the server, so figures are taken from the server's own CPU time.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// One request: bytes to send and the answer's checks.
#[derive(Clone)]
pub(crate) struct Request {
    /// Request line, headers and body.
    pub(crate) bytes: Vec<u8>,
    /// The status that must come back.
    pub(crate) status: u16,
    /// Text that the body must hold; empty for none.
    pub(crate) holds: String,
}

/// What a slice of load measured.
pub(crate) struct Slice {
    /// Requests answered as expected.
    pub(crate) requests: usize,
    /// Wall time of the whole slice.
    pub(crate) wall: Duration,
    /// Every request's latency, sorted.
    pub(crate) latencies: Vec<Duration>,
}

impl Request {
    /// A request of a JSON API; `token` becomes a bearer token.
    pub(crate) fn new(method: &str, path: &str, token: &str, body: &str) -> Self {
        let bytes = format!(
            "{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        Self { bytes: bytes.into_bytes(), status: 200, holds: String::new() }
    }

    /// What the answer must be.
    #[must_use]
    pub(crate) fn expect(mut self, status: u16, holds: &str) -> Self {
        self.status = status;
        holds.clone_into(&mut self.holds);
        self
    }
}

impl Slice {
    /// The latency below which this share of the requests lies.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let last = self.latencies.len().saturating_sub(1);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index into a list that fits memory"
        )]
        let at = (last as f64 * share).round() as usize;
        self.latencies.get(at).copied().unwrap_or_default()
    }

    /// Requests a second.
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    pub(crate) fn rate(&self) -> f64 {
        self.requests as f64 / self.wall.as_secs_f64()
    }
}

/// Makes the n-th request of a load.
pub(crate) type Make = Arc<dyn Fn(usize) -> Request + Send + Sync>;

/// Sees the body of the answer to the n-th request.
pub(crate) type See = Arc<dyn Fn(usize, &[u8]) + Send + Sync>;

/// Sends `count` requests over `connections` connections.
///
/// # Errors
/// The first answer that isn't what its request expects ends the slice.
pub(crate) async fn drive(
    address: SocketAddr,
    connections: usize,
    count: usize,
    make: Make,
    see: See,
) -> io::Result<Slice> {
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let mut clients = JoinSet::new();
    for _ in 0..connections {
        let (next, make, see) = (Arc::clone(&next), Arc::clone(&make), Arc::clone(&see));
        clients.spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut latencies = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= count {
                    return Ok::<_, io::Error>(latencies);
                }
                let request = make(n);
                let sent = Instant::now();
                let body = connection.ask(&request).await?;
                latencies.push(sent.elapsed());
                see(n, body);
            }
        });
    }
    let mut latencies = Vec::with_capacity(count);
    while let Some(client) = clients.join_next().await {
        latencies.extend(client.map_err(io::Error::other)??);
    }
    let wall = began.elapsed();
    latencies.sort_unstable();
    Ok(Slice { requests: latencies.len(), wall, latencies })
}

/// A keep-alive connection.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(256 * 1024) })
    }

    async fn ask(&mut self, request: &Request) -> io::Result<&[u8]> {
        self.stream.write_all(&request.bytes).await?;
        self.buffer.clear();
        let (status, head) = loop {
            self.fill().await?;
            if let Some(head) = find(&self.buffer, b"\r\n\r\n") {
                break (status_of(&self.buffer), head + 4);
            }
        };
        let body = self.body(head).await?;
        let text = String::from_utf8_lossy(body.get(..4096.min(body.len())).unwrap_or_default());
        let holds = request.holds.is_empty() || find(body, request.holds.as_bytes()).is_some();
        if status != Some(request.status) || !holds {
            let wanted = (request.status, &request.holds);
            return Err(io::Error::other(format!("{status:?}, not {wanted:?}: {text}")));
        }
        Ok(self.body_seen(head))
    }

    /// Reads the rest of the body: by length, or chunked to its last chunk.
    async fn body(&mut self, head: usize) -> io::Result<&[u8]> {
        let headers = String::from_utf8_lossy(self.buffer.get(..head).unwrap_or_default());
        let headers = headers.to_ascii_lowercase();
        let length = headers
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .and_then(|text| text.trim().parse::<usize>().ok());
        match length {
            Some(length) => {
                while self.buffer.len() < head + length {
                    self.fill().await?;
                }
            }
            None if headers.contains("transfer-encoding: chunked") => {
                while !self.buffer.ends_with(b"0\r\n\r\n") {
                    self.fill().await?;
                }
            }
            None => {}
        }
        Ok(self.body_seen(head))
    }

    fn body_seen(&self, head: usize) -> &[u8] {
        self.buffer.get(head..).unwrap_or_default()
    }

    async fn fill(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server hung up")),
            _ => Ok(()),
        }
    }
}

fn status_of(answer: &[u8]) -> Option<u16> {
    std::str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}
