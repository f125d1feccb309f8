//! What is looked after while a gateway serves: the memory that tenants take, and their snapshots. Nothing here is needed for a right
//! answer.

use std::sync::Arc;
use std::time::Duration;

use store::log::Log;
use store::snapshots::Snapshots;
use tenancy::{SnapshotEvery, Tenancy};
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{Config, config};

/// How often the memory that tenants take is looked at.
const BUDGET_EVERY: Duration = Duration::from_secs(1);

/// The snapshots beside the log; without them the log is read.
pub(crate) fn snapshots(config: &Config, log: &dyn Log) -> Option<Arc<Snapshots>> {
    match Snapshots::open(&config.data, log) {
        Ok(snapshots) => Some(Arc::new(snapshots)),
        Err(error) => {
            tracing::warn!(%error, "snapshots can't be used: tenants are loaded from the log alone");
            None
        }
    }
}

/// Looks after the memory that tenants take, until told to stop.
pub(crate) async fn keep_within(tenancy: Tenancy, bytes_max: usize, stop: CancellationToken) {
    let mut evicted = 0;
    while stop.run_until_cancelled(sleep(BUDGET_EVERY)).await.is_some() {
        let residents = tenancy.keep_within(bytes_max);
        if residents.evicted > evicted {
            let (tenants, bytes, count) =
                (residents.tenants, residents.bytes, residents.evicted - evicted);
            tracing::info!(tenants, bytes, count, "tenants that were used longest ago are let go");
            evicted = residents.evicted;
        }
    }
}

/// Saves streams whose history since their last snapshot is long, until told to stop.
pub(crate) async fn save_snapshots(
    tenancy: Tenancy,
    config: config::Snapshots,
    stop: CancellationToken,
) {
    let tenant_events = config.tenant_events;
    let every = SnapshotEvery { tenant_events, ..SnapshotEvery::default() };
    let pause = Duration::from_millis(config.every_ms.max(1));
    while stop.run_until_cancelled(sleep(pause)).await.is_some() {
        let tenancy = tenancy.clone();
        let saving = spawn_blocking(move || tenancy.save_snapshots(every));
        let saved = saving.await.map_err(|error| error.to_string());
        log_saved(saved.and_then(|saved| saved.map_err(|error| error.to_string())));
    }
}

fn log_saved(saved: Result<usize, String>) {
    if saved != Ok(0) {
        tracing::info!(?saved, "streams were saved as snapshots");
    }
}
