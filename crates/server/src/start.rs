//! A whole gateway in this process: bound, opened, bootstrapped, serving, drained. The tests start it like this too.
//! Only here are threads and tasks made.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ingress::Clock;
use store::OpenError;
use store::log::Failure;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::gateway::{self, Bound, Parts};
use crate::{Config, Exit};

/// Threads for what isn't a request: projections, the follower of the log.
const TASK_THREADS: usize = 2;

/// Connections that wait to be accepted.
const BACKLOG: i32 = 2_048;
/// How long what was told to end may take, after everything is durable.
const TASKS_END_TIMEOUT: Duration = Duration::from_secs(2);

/// A gateway that serves. Dropped, it is drained and closed.
#[derive(Debug)]
pub struct Running {
    /// The bound address of SCIM and `/v1`.
    pub listen: SocketAddr,
    /// The bound address of `/livez`, `/readyz`, `/metrics`.
    pub admin: SocketAddr,
    parts: Parts,
    stop: CancellationToken,
    outcome: Option<oneshot::Receiver<Outcome>>,
    thread: Option<JoinHandle<()>>,
}

/// How a gateway ended.
#[derive(Debug, thiserror::Error)]
pub enum Outcome {
    /// It was told to.
    #[error("stopped: everything is on disk")]
    Stopped,
    /// Its log stopped for good: the process must end at once.
    #[error("{0}: ending, the next start recovers")]
    LogFailed(Failure),
    /// A part of it ended by itself: a defect.
    #[error("{0}: ending, this is a defect of Rollcall")]
    Broken(String),
}

impl Outcome {
    /// What the process exits with.
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Stopped => Exit::Ok,
            Self::LogFailed(Failure::Io { .. }) => Exit::LogIo,
            Self::LogFailed(Failure::Stuck { .. }) => Exit::LogStuck,
            Self::Broken(_) => Exit::Negative,
        }
    }
}

/// Why a gateway doesn't start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration asks for something impossible.
    #[error("{0}")]
    Config(String),
    /// An address can't be listened on.
    #[error("can't listen on {address}: {error}")]
    Bind {
        /// As configured.
        address: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// The log can't be opened.
    #[error("{0}")]
    Log(#[from] OpenError),
    /// The log was opened, but what it says can't be folded.
    #[error("{0}")]
    Integrity(String),
    /// Anything else that the system refuses.
    #[error("{0}")]
    System(String),
}

impl StartError {
    /// What the process exits with.
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Config(_) => Exit::Usage,
            Self::Bind { .. } | Self::System(_) => Exit::Negative,
            Self::Integrity(_) | Self::Log(OpenError::Integrity { .. }) => Exit::Integrity,
            Self::Log(OpenError::InUse | OpenError::Format { .. }) => Exit::Usage,
            Self::Log(OpenError::Io { .. }) => Exit::LogIo,
        }
    }

    /// What to do about it.
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Config(_) => "`rollcall config check` checks file and environment",
            Self::Bind { .. } => "choose another address with --listen or --admin-listen",
            Self::Log(OpenError::InUse) => "stop the other process, or choose another --data",
            Self::Log(OpenError::Format { .. }) => "use the release that wrote it, or a later one",
            Self::Integrity(_) | Self::Log(OpenError::Integrity { .. }) => {
                "a restart doesn't help: keep the directory as it is and restore a backup elsewhere"
            }
            Self::Log(OpenError::Io { .. }) => {
                "check the disk: space, permissions, the system's log"
            }
            Self::System(_) => "look at what the system said, then start it again",
        }
    }
}

/// Starts a gateway and returns when it serves.
///
/// # Errors
/// [`StartError`]; nothing is left running then.
pub fn start(config: Config, clock: Arc<dyn Clock>) -> Result<Running, StartError> {
    let bound = Bound { public: bind(&config.listen)?, admin: bind(&config.admin_listen)? };
    let (listen, admin) = (address(&bound.public)?, address(&bound.admin)?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(TASK_THREADS)
        .thread_name("rollcall-task")
        .enable_all()
        .build()
        .map_err(system)?;
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let (ready, opened) = mpsc::sync_channel(1);
    let (ended, outcome) = oneshot::channel();
    let thread = thread::Builder::new().name("rollcall".to_owned()).spawn(move || {
        let end = runtime.block_on(gateway::run(config, clock, bound, stopped, ready));
        match end {
            Outcome::Stopped => runtime.shutdown_timeout(TASKS_END_TIMEOUT),
            // What is blocked on IO must not hold up the end.
            Outcome::LogFailed(_) | Outcome::Broken(_) => runtime.shutdown_background(),
        }
        let _nobody_waits = ended.send(end);
    });
    let thread = Some(thread.map_err(system)?);
    let parts = opened.recv().map_err(|_| system("the gateway's thread ended"))??;
    Ok(Running { listen, admin, parts, stop, outcome: Some(outcome), thread })
}

impl Running {
    /// What the gateway works on.
    pub const fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Tells the gateway to stop, when cancelled.
    pub fn stopper(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Drains, closes the log, and says how it ended.
    pub async fn stop(mut self) -> Outcome {
        self.stop.cancel();
        match self.outcome.take() {
            Some(outcome) => outcome.await.unwrap_or_else(|_| panicked()),
            None => panicked(),
        }
    }

    /// Blocks until the gateway ends.
    pub fn wait(mut self) -> Outcome {
        self.join();
        self.outcome.take().and_then(|mut outcome| outcome.try_recv().ok()).unwrap_or_else(panicked)
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            // A panic in there has been logged; the outcome tells it.
            drop(thread.join());
            self.parts.wait_until_let_go();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
        self.join();
    }
}

fn panicked() -> Outcome {
    Outcome::Broken("the gateway's main thread panicked".to_owned())
}

fn bind(address: &str) -> Result<TcpListener, StartError> {
    let failed = |error| StartError::Bind { address: address.to_owned(), error };
    let listener = TcpListener::bind(address).map_err(failed)?;
    // Listening once more only sets the length of the queue: 128 is too short for a burst of connections.
    rustix::net::listen(&listener, BACKLOG).map_err(|error| failed(error.into()))?;
    Ok(listener)
}

fn address(listener: &TcpListener) -> Result<SocketAddr, StartError> {
    listener.local_addr().map_err(system)
}

fn system(error: impl std::fmt::Display) -> StartError {
    StartError::System(error.to_string())
}

#[cfg(test)]
mod tests;
