//! What runs in a gateway.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use ingress::Clock;
use tokio_util::sync::CancellationToken;

use crate::Config;
use crate::start::{Outcome, StartError};

/// Listening, not yet served.
#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) public: TcpListener,
    pub(crate) admin: TcpListener,
}

/// What a gateway works on.
#[derive(Debug)]
pub struct Parts;

pub(crate) async fn run(
    config: Config,
    clock: Arc<dyn Clock>,
    bound: Bound,
    stop: CancellationToken,
    ready: SyncSender<Result<Parts, StartError>>,
) -> Outcome {
    drop((config, clock, bound));
    drop(ready.send(Ok(Parts)));
    stop.cancelled().await;
    Outcome::Stopped
}
