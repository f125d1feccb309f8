//! A follower's place in the log: the next durable events, as soon as there are any.

use std::sync::Arc;

use events::Position;
use tokio::sync::watch;
use tokio::task::spawn_blocking;

use super::{Limit, Log, Logged, ReadError};

/// Follows a log from a position on. Never sees what isn't durable.
pub struct Tail {
    log: Arc<dyn Log>,
    next: Position,
    limit: Limit,
    durable: watch::Receiver<Position>,
}

impl Tail {
    /// Follows from `from` (0 or a [`Logged::next`]), at most `limit` at a time.
    pub fn new(log: Arc<dyn Log>, from: Position, limit: Limit) -> Self {
        let durable = log.watch();
        Self { log, next: from, limit, durable }
    }

    /// Where the next event begins.
    pub const fn position(&self) -> Position {
        self.next
    }

    /// The next events, at least one; waits for them, for ever if nothing is appended any more. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`ReadError`]; the first one ends the tail: what follows it is unknown.
    pub async fn next(&mut self) -> Result<Vec<Logged>, ReadError> {
        loop {
            self.durable.borrow_and_update();
            let events = self.read().await?;
            if let Some(last) = events.last() {
                self.next = last.next;
                return Ok(events);
            }
            if self.durable.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// From memory at once; what is older is read from disk on a thread that may block.
    async fn read(&self) -> Result<Vec<Logged>, ReadError> {
        let (from, limit) = (self.next, self.limit);
        if from >= self.log.recent() {
            return self.log.read(from, limit);
        }
        let log = Arc::clone(&self.log);
        let reading = spawn_blocking(move || log.read(from, limit)).await;
        reading.unwrap_or_else(|error| Err(ReadError::Io { reason: error.to_string() }))
    }
}

impl std::fmt::Debug for Tail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tail").field("next", &self.next).finish_non_exhaustive()
    }
}
