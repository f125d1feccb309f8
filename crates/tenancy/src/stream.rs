//! One stream of events and its resident, loaded on first use. Concurrent first uses load once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use events::TenantId;
use parking_lot::RwLock;
use store::log::Log;
use store::snapshots::Snapshots;

use crate::load::load;
use crate::resident::{Resident, State};
use crate::{Error, Fold, FoldFactory};

/// What a stream is made from besides the log.
pub(crate) struct Source {
    folds: Vec<FoldFactory>,
    pub(crate) snapshots: Option<Arc<Snapshots>>,
}

impl Source {
    /// Views of `folds`; loaded from the log alone if there are no snapshots.
    pub(crate) fn new(folds: Vec<FoldFactory>, snapshots: Option<Arc<Snapshots>>) -> Arc<Self> {
        Arc::new(Self { folds, snapshots })
    }

    /// The views that a resident has, empty.
    pub(crate) fn empty_views(&self) -> Vec<Box<dyn Fold>> {
        self.folds.iter().map(|make| make()).collect()
    }
}

/// A stream that may be resident.
pub(crate) struct Stream<S> {
    pub(crate) id: TenantId,
    pub(crate) source: Arc<Source>,
    resident: RwLock<Option<Arc<Resident<S>>>>,
    /// Whether anybody has asked for the resident since the budget was looked at last.
    is_used: AtomicBool,
    /// Which look at the budget found it used last.
    used_at: AtomicU64,
    loading: tokio::sync::Mutex<()>,
}

impl<S: State> Stream<S> {
    /// A stream that is not resident yet.
    pub(crate) fn new(id: TenantId, source: Arc<Source>) -> Self {
        let loading = tokio::sync::Mutex::new(());
        let (resident, is_used, used_at) = Default::default();
        Self { id, source, resident, is_used, used_at, loading }
    }

    /// The resident, if there is one that may be used.
    pub(crate) fn loaded(&self) -> Option<Arc<Resident<S>>> {
        self.resident.read().as_ref().filter(|it| !it.is_retired()).map(Arc::clone)
    }

    /// The resident; loads it first when there is none.
    pub(crate) async fn resident(&self, log: &Arc<dyn Log>) -> Result<Arc<Resident<S>>, Error> {
        // Read first: a write by every request would move the cache line from core to core.
        if !self.is_used.load(Ordering::Relaxed) {
            self.is_used.store(true, Ordering::Relaxed);
        }
        match self.loaded() {
            Some(resident) => Ok(resident),
            None => self.load(log).await,
        }
    }

    /// When it was used last, by the number of the look at the budget; this one is number `now`.
    pub(crate) fn last_used(&self, now: u64) -> u64 {
        if self.is_used.swap(false, Ordering::Relaxed) {
            self.used_at.store(now, Ordering::Relaxed);
        }
        self.used_at.load(Ordering::Relaxed)
    }

    /// Gives the memory back. `false` when something is not durable yet: nothing happens then.
    pub(crate) fn evict(&self) -> bool {
        let mut resident = self.resident.write();
        let evicted = resident.as_ref().is_none_or(|it| it.retire_if_settled());
        if evicted {
            *resident = None;
        }
        evicted
    }

    async fn load(&self, log: &Arc<dyn Log>) -> Result<Arc<Resident<S>>, Error> {
        let _one_at_a_time = self.loading.lock().await;
        if let Some(resident) = self.loaded() {
            return Ok(resident);
        }
        let retired = self.resident.read().clone();
        if let Some(retired) = retired {
            // What it handed over is durable or gone before the log is read.
            retired.settle_all().await;
        }
        let (log, id, source) = (Arc::clone(log), self.id.clone(), Arc::clone(&self.source));
        let loading = tokio::task::spawn_blocking(move || load(&*log, &id, &source));
        let resident = Arc::new(loading.await.map_err(|_| Error::Failed)??);
        *self.resident.write() = Some(Arc::clone(&resident));
        Ok(resident)
    }
}
