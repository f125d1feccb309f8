//! The follower: durable events, in the log's order, into the views of the tenants that are resident.

use std::sync::Arc;
use std::time::Duration;

use events::Seq;
use store::log::{Limit, ReadError, Tail};
use tenancy::{Tenancy, Tenant};
use tokio_util::sync::CancellationToken;

/// How long a reader waits for the views to come up to what is durable, in milliseconds.
pub const CAUGHT_UP_WITHIN_MS: u64 = 2_000;

/// How long the follower lets events gather; a reader of views waits as long at most.
const GATHER: Duration = Duration::from_millis(10);

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

/// Follows the log until told to stop.
///
/// # Errors
/// [`Error`] when an event can't be read: views that go on without it would be wrong.
pub async fn run(tenancy: Tenancy, stop: CancellationToken) -> Result<(), Error> {
    let log = Arc::clone(tenancy.log());
    let durable = log.durable();
    let mut tail = Tail::new(log, durable, READ);
    // Tenants that are resident by now are brought up to where the tail begins; later ones are loaded beyond it.
    let all = tenancy.clone();
    let all = tokio::task::spawn_blocking(move || all.project_all());
    all.await.map_err(|_| Error::Interrupted)??;
    while let Some(events) = stop.run_until_cancelled(tail.next()).await {
        let events = events?;
        for logged in &events {
            tenancy.project(&logged.envelope)?;
        }
        if events.len() < READ.events {
            // A wake-up for each commit would cost more than the fold: what follows is taken together.
            let _stopped = stop.run_until_cancelled(tokio::time::sleep(GATHER)).await;
        } else {
            // After a stall many events wait; others have their turn in between.
            tokio::task::yield_now().await;
        }
    }
    Ok(())
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
