//! Views: folds that others register, hosted beside each tenant's directory. They follow what is durable and
//! may lag; each says the number that it stands at.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use directory::Directory;
use events::{Envelope, Seq, TenantId, wire};
use tokio::time::{Instant, timeout_at};

use crate::load::{apply, decode, read_on};
use crate::resident::Resident;
use crate::{Error, Tenancy, Tenant};

/// A fold of one tenant's durable events, kept for reading.
pub trait Fold: Any + Send + Sync {
    /// Folds the next event in. Events come in order of number, each once.
    fn apply(&mut self, envelope: &Envelope);

    /// The number of the last event folded in.
    fn seq(&self) -> Seq;

    /// The whole state as text, the same for the same history.
    fn dump(&self) -> Vec<String>;

    /// The state as bytes, for [`Fold::restore`]: a cache, so that loading needs only the events since.
    fn save(&self) -> Vec<u8>;

    /// Takes over, into an empty view, what [`Fold::save`] gave; `false` when these bytes are none that this release reads.
    fn restore(&mut self, saved: &Bytes) -> bool;
}

/// Makes an empty view of one tenant.
pub type FoldFactory = fn() -> Box<dyn Fold>;

impl Tenancy {
    /// Reads the tenant's view of type `F` as it stands.
    ///
    /// # Errors
    /// [`Error`] when the tenant can't be loaded, or no such view was registered.
    pub async fn view<F: Fold, T>(
        &self,
        tenant: &Tenant,
        read: impl FnOnce(&F) -> T,
    ) -> Result<T, Error> {
        let resident = tenant.stream.resident(self.log()).await?;
        let views = resident.views.read();
        let view = views.iter().find_map(|view| (&**view as &dyn Any).downcast_ref::<F>());
        view.map(read).ok_or(Error::NoView)
    }

    /// Waits until the tenant's views stand at `seq`, no longer than `within`. Returns where they stand.
    ///
    /// # Errors
    /// [`Error`] when the tenant can't be loaded.
    pub async fn caught_up(
        &self,
        tenant: &Tenant,
        seq: Seq,
        within: Duration,
    ) -> Result<Seq, Error> {
        let resident = tenant.stream.resident(self.log()).await?;
        let until = Instant::now() + within;
        loop {
            let projected = resident.projected.notified();
            let stands = stands(&resident);
            if stands >= seq || timeout_at(until, projected).await.is_err() {
                return Ok(stands);
            }
        }
    }

    /// Folds a durable event into the views of its tenant, if that is resident. Events come in the log's order;
    /// those that a view has already are passed over, those that it missed are read first.
    ///
    /// # Errors
    /// [`Error`] when the record, or one that was missed, can't be read.
    pub fn project(&self, record: &Bytes) -> Result<(), Error> {
        let unnumbered =
            |reason| Error::Record { tenant: TenantId::platform(), seq: Seq(0), reason };
        let peeked = wire::peek(record).map_err(unnumbered)?;
        let Some(stream) = self.stream_if_any(peeked.tenant) else { return Ok(()) };
        let Some(resident) = stream.loaded() else { return Ok(()) };
        let stands = stands(&resident);
        if stands >= peeked.seq {
            return Ok(());
        }
        if stands.next() < peeked.seq {
            return self.catch_up(&stream.id, &resident);
        }
        fold(&resident, &decode(&stream.id, peeked.seq, record)?);
        Ok(())
    }

    /// Brings the views of all resident tenants up to what is durable. Blocks on disk.
    ///
    /// # Errors
    /// [`Error`] when the log can't be read.
    pub fn project_all(&self) -> Result<(), Error> {
        for stream in self.streams() {
            if let Some(resident) = stream.loaded() {
                self.catch_up(&stream.id, &resident)?;
            }
        }
        Ok(())
    }

    fn catch_up(&self, id: &TenantId, resident: &Arc<Resident<Directory>>) -> Result<(), Error> {
        let each = |envelope: Envelope| fold(resident, &envelope);
        read_on(&**self.log(), id, stands(resident), each).map(drop)
    }
}

/// Where the views stand: the least of their numbers. Without views nothing lags.
fn stands(resident: &Resident<Directory>) -> Seq {
    resident.views.read().iter().map(|view| view.seq()).min().unwrap_or(Seq(u64::MAX))
}

fn fold(resident: &Resident<Directory>, envelope: &Envelope) {
    apply(&mut resident.views.write(), envelope);
    resident.projected.notify_waiters();
}
