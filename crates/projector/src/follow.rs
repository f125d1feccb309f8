//! The follower: durable events, in the log's order, into the views of the tenants that are resident.

use std::sync::Arc;
use std::time::Duration;

use events::{Position, Seq};
use store::log::{Limit, Log, Logged, ReadError};
use tenancy::{Tenancy, Tenant};
use tokio_util::sync::CancellationToken;

/// How long a reader waits for the views to come up to what is durable, in milliseconds.
pub const CAUGHT_UP_WITHIN_MS: u64 = 2_000;

/// One read of the follower.
const READ: Limit = Limit { events: 512, bytes: 4 * 1024 * 1024 };

/// The views can't go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The log can't be read.
    #[error(transparent)]
    Log(#[from] ReadError),
    /// An event can't be read or folded.
    #[error(transparent)]
    Tenancy(#[from] tenancy::Error),
    /// Reading on another thread ended without a result.
    #[error("reading the log ended without a result")]
    Interrupted,
}

/// Follows the log until told to stop, or until the log is closed.
///
/// # Errors
/// [`Error`] when an event can't be read: views that go on without it would be wrong.
pub async fn run(tenancy: Tenancy, stop: CancellationToken) -> Result<(), Error> {
    let log = Arc::clone(tenancy.log());
    let mut watermark = log.watch();
    // Tenants that became resident before this moment are brought up to it; later ones are loaded up to it.
    let mut from = log.durable();
    let all = tenancy.clone();
    blocking(move || all.project_all().map_err(Error::from)).await?;
    loop {
        while let Some(next) = step(&tenancy, &log, from).await? {
            from = next;
            if stop.is_cancelled() {
                return Ok(());
            }
        }
        match stop.run_until_cancelled(watermark.changed()).await {
            Some(Ok(())) => {}
            Some(Err(_)) | None => return Ok(()),
        }
    }
}

/// Waits until the tenant's views show all that is durable now, for a bounded time. Returns where they stand:
/// whoever answers from them names that number.
///
/// # Errors
/// [`tenancy::Error`] when the tenant can't be loaded.
pub async fn caught_up(tenancy: &Tenancy, tenant: &Tenant) -> Result<Seq, tenancy::Error> {
    let within = Duration::from_millis(CAUGHT_UP_WITHIN_MS);
    tenancy.caught_up(tenant, tenancy.head(tenant), within).await
}

/// Projects the events at a position; gives the position after them, or nothing at the end.
async fn step(
    tenancy: &Tenancy,
    log: &Arc<dyn Log>,
    from: Position,
) -> Result<Option<Position>, Error> {
    let page = read(log, from).await?;
    for logged in &page {
        tenancy.project(&logged.envelope)?;
    }
    // Many events are waiting after a stall; others have their turn in between.
    tokio::task::yield_now().await;
    Ok(page.last().map(|logged| logged.next))
}

async fn read(log: &Arc<dyn Log>, from: Position) -> Result<Vec<Logged>, Error> {
    if from >= log.recent() {
        return Ok(log.read(from, READ)?);
    }
    let log = Arc::clone(log);
    blocking(move || Ok(log.read(from, READ)?)).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Interrupted)?
}
