//! Reading: a tenant's directory as it is now, and its history.

use std::sync::Arc;

use directory::Directory;
use events::{Envelope, Seq};
use store::log::Limit;

use crate::load::decode;
use crate::resident::State;
use crate::stream::Stream;
use crate::{Error, Fact, Tenancy, Tenant};

impl Tenancy {
    /// Reads the tenant's directory, under its lock, and answers when the fact that the answer rests on is
    /// durable: at once, as a rule.
    ///
    /// # Errors
    /// [`Error`] when nothing can be answered now.
    pub async fn read<T>(
        &self,
        tenant: &Tenant,
        read: impl FnOnce(&Directory) -> (T, Fact),
    ) -> Result<T, Error> {
        self.ask(&tenant.stream, read).await
    }

    /// Durable events of the tenant with a number greater than `after`, in order.
    ///
    /// # Errors
    /// [`Error`] when the log can't be read.
    pub async fn events(
        &self,
        tenant: &Tenant,
        after: Seq,
        limit: Limit,
    ) -> Result<Vec<Envelope>, Error> {
        let (log, id) = (Arc::clone(self.log()), tenant.id().clone());
        let reading = tokio::task::spawn_blocking(move || {
            let mut last = after;
            let decode = |logged: store::log::Logged| {
                let envelope = decode(&id, last.next(), &logged.envelope)?;
                last = envelope.seq;
                Ok(envelope)
            };
            log.read_tenant(&id, after, limit)?.into_iter().map(decode).collect()
        });
        reading.await.map_err(|_| Error::Failed)?
    }

    /// The number of the tenant's last durable event; 0 when it has none.
    pub fn head(&self, tenant: &Tenant) -> Seq {
        self.log().head(tenant.id())
    }

    pub(crate) async fn ask<S: State, T>(
        &self,
        stream: &Stream<S>,
        read: impl FnOnce(&S) -> (T, Fact),
    ) -> Result<T, Error> {
        let (resident, answer, txn) = loop {
            let resident = stream.resident(self.log()).await?;
            let live = resident.live.read();
            if !resident.is_retired() {
                let (answer, fact) = read(&live.state);
                let txn = resident.pending(&live, fact.number(live.state.seq()));
                drop(live);
                break (resident, answer, txn);
            }
        };
        resident.settle(txn).await?;
        Ok(answer)
    }
}
