//! Snapshots of streams: when one is due, what it consists of, and reading it back. A snapshot holds only what is durable.
//!
//! The first byte of a record says whose it is: 0 the stream's state, 1 and up its views in order, each whole in one record.

use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use bytes::Bytes;
use directory::Directory;
use events::{Seq, TenantId};
use store::log::Log;
use store::snapshots::{Known, Snapshots};

use crate::load::load;
use crate::resident::{Resident, State};
use crate::stream::{Source, Stream};
use crate::{Error, Fold, Tenancy};

/// When a stream gets another snapshot: by the events since the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotEvery {
    /// A tenant: so many, or a quarter of what its last snapshot held if that is more.
    pub tenant_events: u64,
    /// The platform's own stream, which every start reads.
    pub platform_events: u64,
    /// How long to wait until what was taken is durable; it is given up then.
    pub patience: Duration,
}

impl Default for SnapshotEvery {
    fn default() -> Self {
        Self { tenant_events: 10_000, platform_events: 256, patience: Duration::from_secs(2) }
    }
}

/// An event is worth so many bytes of a snapshot: another one is made when a quarter of it has changed, about.
const BYTES_PER_EVENT: u64 = 4_096;
const DURABLE_LOOK: Duration = Duration::from_millis(5);

const STATE: u8 = 0;

impl Tenancy {
    /// Saves those streams whose history since their last snapshot is long. How many that were. To be called now and then; blocks on
    /// disk.
    ///
    /// # Errors
    /// [`Error`] when the log can't be read. A snapshot that can't be written is none: that is logged.
    pub fn save_snapshots(&self, every: SnapshotEvery) -> Result<usize, Error> {
        let Some(snapshots) = self.0.source.snapshots.as_deref() else { return Ok(0) };
        let tenants = self.stream_ids();
        let platform = &self.0.platform;
        let of = (every.platform_events, every.patience);
        let mut saved = self.save_if_due(platform, snapshots, of)?;
        for id in tenants {
            if self.is_due(&id, snapshots, every.tenant_events) {
                let of = (every.tenant_events, every.patience);
                saved += self.save_if_due(&self.stream(&id), snapshots, of)?;
            }
        }
        Ok(saved)
    }

    /// How many snapshots there are, and their bytes.
    pub fn snapshots(&self) -> (usize, u64) {
        self.0.source.snapshots.as_ref().map_or((0, 0), |snapshots| snapshots.totals())
    }

    /// All tenants but deleted ones, by id.
    pub fn stream_ids(&self) -> Vec<TenantId> {
        let platform = self.0.platform.loaded();
        platform.map_or_else(Vec::new, |platform| {
            platform.live.read().state.tenants().map(|it| it.id.clone()).collect()
        })
    }

    /// Loads every tenant, from its snapshot where it has one; how many.
    ///
    /// # Errors
    /// [`Error`] of the first that can't be loaded.
    pub async fn load_all(&self) -> Result<usize, Error> {
        let ids = self.stream_ids();
        for id in &ids {
            self.stream(id).resident(self.log()).await?;
        }
        Ok(ids.len())
    }

    /// Makes a tenant's snapshot anew, from the log alone; the last event in it. Blocks on disk.
    ///
    /// # Errors
    /// [`Error`] when the log can't be read. A snapshot that can't be written is none: that is logged.
    pub fn rebuild(&self, id: &TenantId) -> Result<Seq, Error> {
        let Some(snapshots) = self.0.source.snapshots.as_deref() else { return Ok(Seq(0)) };
        snapshots.remove(id);
        let log = &**self.log();
        let resident: Resident<Directory> = load(log, id, &self.0.source)?;
        let seq = resident.live.read().state.seq();
        save((log, id), &resident, snapshots, Duration::ZERO);
        Ok(seq)
    }

    fn is_due(&self, id: &TenantId, snapshots: &Snapshots, tail_min: u64) -> bool {
        let known = snapshots.newest(id).unwrap_or(Known { seq: Seq(0), bytes: 0 });
        let tail = self.log().head(id).0.saturating_sub(known.seq.0);
        tail > 0 && tail >= tail_min.max(known.bytes / BYTES_PER_EVENT)
    }

    fn save_if_due<S: State>(
        &self,
        stream: &Stream<S>,
        snapshots: &Snapshots,
        (tail_min, patience): (u64, Duration),
    ) -> Result<usize, Error> {
        let log = &**self.log();
        if !self.is_due(&stream.id, snapshots, tail_min) {
            return Ok(0);
        }
        let resident = match stream.loaded() {
            Some(resident) => resident,
            // Nobody uses it: it is let go again.
            None => Arc::new(load(log, &stream.id, &stream.source)?),
        };
        Ok(usize::from(save((log, &stream.id), &resident, snapshots, patience)))
    }
}

fn save<S: State>(
    (log, id): (&dyn Log, &TenantId),
    resident: &Resident<S>,
    snapshots: &Snapshots,
    patience: Duration,
) -> bool {
    let (frozen, seq) = {
        let live = resident.live.read();
        (live.state.freeze(), live.state.seq())
    };
    // In this order: numbers are used again only after the resident that had them was retired.
    if !is_durable((log, id), seq, patience) || resident.is_retired() {
        return false;
    }
    let views: Vec<Vec<u8>> = resident.views.read().iter().map(|view| view.save()).collect();
    let state = S::records(&frozen).map(|record| tagged(STATE, &record));
    let views = (1..).zip(&views).map(|(tag, view)| tagged(tag, view));
    match snapshots.save(id, (seq, S::RECORDS), state.chain(views)) {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, tenant.id = %id, event.seq = %seq, "a snapshot could not be written");
            false
        }
    }
}

/// What a stream's snapshot holds, if there is one that can be used.
pub(crate) fn restore<S: State>(
    log: &dyn Log,
    id: &TenantId,
    source: &Source,
) -> Option<(S, Vec<Box<dyn Fold>>)> {
    let snapshots = source.snapshots.as_deref()?;
    snapshots.newest(id)?;
    let mut state = S::Restore::default();
    let mut views = source.empty_views();
    let mut views_seen = 0;
    let mut take = |record: Bytes| {
        let unreadable = || "a record of it can't be read".to_owned();
        let (tag, rest) = (record.first().copied(), record.get(1..).map(|it| record.slice_ref(it)));
        match (tag, rest) {
            (Some(STATE), Some(rest)) => S::take(&mut state, rest).map_err(|_| unreadable()),
            (Some(tag), Some(rest)) => {
                views_seen += 1;
                let view = views.get_mut(usize::from(tag) - 1).filter(|_| views_seen == tag);
                let taken = view.is_some_and(|view| view.restore(&rest));
                if taken { Ok(()) } else { Err(unreadable()) }
            }
            (None, _) | (_, None) => Err(unreadable()),
        }
    };
    let seq = snapshots.read(id, (log.head(id), S::RECORDS), &mut take)?;
    let restored = S::restored(state).ok();
    let whole = restored.filter(|it| it.seq() == seq && usize::from(views_seen) == views.len());
    if whole.is_none() {
        tracing::warn!(tenant.id = %id, event.seq = %seq, "a snapshot is not whole: the log is read");
        snapshots.remove(id);
    }
    whole.map(|state| (state, views))
}

fn is_durable((log, id): (&dyn Log, &TenantId), seq: Seq, patience: Duration) -> bool {
    let until = Instant::now() + patience;
    while log.head(id) < seq {
        if Instant::now() > until {
            return false;
        }
        sleep(DURABLE_LOOK);
    }
    true
}

fn tagged(tag: u8, record: &[u8]) -> Vec<u8> {
    let mut tagged = Vec::with_capacity(record.len() + 1);
    tagged.push(tag);
    tagged.extend_from_slice(record);
    tagged
}
