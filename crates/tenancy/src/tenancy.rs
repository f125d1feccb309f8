//! The handle that everybody shares: opening it, and which streams there are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use directory::Directory;
use events::{Actor, ConnectionId, TenantId, Timestamp, TxnId};
use hashbrown::HashMap;
use parking_lot::RwLock;
use store::log::Log;
use store::snapshots::Snapshots;

use crate::registry::Registry;
use crate::stream::{Source, Stream};
use crate::{Error, FoldFactory, Tenant};

/// All tenants of one log. Clones share it.
#[derive(Clone)]
pub struct Tenancy(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) log: Arc<dyn Log>,
    pub(crate) platform: Stream<Registry>,
    pub(crate) source: Arc<Source>,
    streams: RwLock<HashMap<TenantId, Arc<Stream<Directory>>>>,
    longest_wait_ns: AtomicU64,
    /// How often the budget was looked at.
    pub(crate) looks: AtomicU64,
    pub(crate) evicted: AtomicU64,
}

impl Inner {
    /// A command has waited so long for the lock of its stream.
    pub(crate) fn waited(&self, wait: Duration) {
        let ns = u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX);
        self.longest_wait_ns.fetch_max(ns, Ordering::Relaxed);
    }
}

/// Who calls, when, and by which number the call is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// The call's id; all its events share it.
    pub txn: TxnId,
    /// When it came. Events never go back behind the tenant's last one.
    pub at: Timestamp,
    /// Whose credential it shows.
    pub actor: Actor,
    /// The provisioning client; `None` outside SCIM.
    pub connection: Option<ConnectionId>,
}

impl Tenancy {
    /// Folds `~platform`; tenants are loaded when they are first used, each with views of `folds`, from their snapshots if there are
    /// such and the log since.
    ///
    /// # Errors
    /// [`Error`] when the log can't be read.
    pub async fn open(
        log: Arc<dyn Log>,
        folds: Vec<FoldFactory>,
        snapshots: Option<Arc<Snapshots>>,
    ) -> Result<Self, Error> {
        let platform = Source::new(Vec::new(), snapshots.clone());
        let platform = Stream::new(TenantId::platform(), platform);
        platform.resident(&log).await?;
        let (source, streams) = (Source::new(folds, snapshots), RwLock::new(HashMap::new()));
        let (longest_wait_ns, looks, evicted) = Default::default();
        let inner = Inner { log, platform, source, streams, longest_wait_ns, looks, evicted };
        Ok(Self(Arc::new(inner)))
    }

    /// The log beneath, for those who follow it.
    pub fn log(&self) -> &Arc<dyn Log> {
        &self.0.log
    }

    /// Gives a tenant's memory back; it is loaded again on its next use. `false` when something of it is not
    /// durable yet: nothing happens then.
    pub fn evict(&self, tenant: &TenantId) -> bool {
        self.stream_if_any(tenant.as_str()).is_none_or(|stream| stream.evict())
    }

    /// Whether a tenant is in memory.
    pub fn is_resident(&self, tenant: &Tenant) -> bool {
        tenant.stream.loaded().is_some()
    }

    /// How many tenants are in memory.
    pub fn resident_count(&self) -> usize {
        self.streams().iter().filter(|stream| stream.loaded().is_some()).count()
    }

    /// The longest that any command has waited for the lock of its tenant since this was asked last.
    pub fn take_longest_wait(&self) -> Duration {
        Duration::from_nanos(self.0.longest_wait_ns.swap(0, Ordering::Relaxed))
    }

    /// The tenant's stream, from its first use on always the same one.
    pub(crate) fn stream(&self, tenant: &TenantId) -> Arc<Stream<Directory>> {
        if let Some(stream) = self.stream_if_any(tenant.as_str()) {
            return stream;
        }
        let make = || Arc::new(Stream::new(tenant.clone(), Arc::clone(&self.0.source)));
        Arc::clone(self.0.streams.write().entry(tenant.clone()).or_insert_with(make))
    }

    pub(crate) fn stream_if_any(&self, tenant: &str) -> Option<Arc<Stream<Directory>>> {
        self.0.streams.read().get(tenant).map(Arc::clone)
    }

    /// All streams that were used, in order of tenant.
    pub(crate) fn streams(&self) -> Vec<Arc<Stream<Directory>>> {
        let mut streams: Vec<_> = self.0.streams.read().values().map(Arc::clone).collect();
        streams.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        streams
    }

    /// Lets go of a tenant that was deleted.
    pub(crate) fn forget(&self, tenant: &TenantId) {
        self.0.streams.write().remove(tenant);
        if let Some(snapshots) = &self.0.source.snapshots {
            snapshots.remove(tenant);
        }
    }
}
