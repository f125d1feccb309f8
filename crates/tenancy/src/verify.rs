//! log = views: the whole log folded anew must give what is in memory, and every history must be whole.
//! For tests and for operators; reads everything and blocks no writer for longer than a dump takes.

mod follow;
mod order;

use std::collections::BTreeMap;
use std::sync::Arc;

use events::{Position, TenantId, wire};
use store::log::{Limit, Log};

use crate::resident::State;
use crate::stream::Stream;
use crate::{Error, Fold, Tenancy};
use follow::{Anew, Follow, Snapshot};
use order::Order;

const READ: Limit = Limit { events: 4_096, bytes: 4 * 1024 * 1024 };

impl Tenancy {
    /// Compares memory with the log: directories, views and registry as they stand now.
    ///
    /// # Errors
    /// What differs, what is missing in a history, or why that can't be said. The lines may hold personal data.
    pub async fn verify(&self) -> Result<(), Vec<String>> {
        let mut anew: BTreeMap<TenantId, Box<dyn Follow>> = BTreeMap::new();
        if let Some(registry) = self.snapshot(&self.0.platform).await? {
            anew.insert(TenantId::platform(), registry);
        }
        for stream in self.streams() {
            if let Some(directory) = self.snapshot(&stream).await? {
                anew.insert(stream.id.clone(), directory);
            }
        }
        let log = Arc::clone(self.log());
        let faults = tokio::task::spawn_blocking(move || compare(&*log, anew)).await;
        let faults = faults.unwrap_or_else(|error| vec![format!("the comparison ended: {error}")]);
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// What a stream has in memory, once that is durable, with empty folds to compare it with.
    async fn snapshot<S: State>(
        &self,
        stream: &Stream<S>,
    ) -> Result<Option<Box<dyn Follow>>, Vec<String>> {
        let Some(resident) = stream.loaded() else { return Ok(None) };
        let (state, txn) = {
            let live = resident.live.read();
            let seq = live.state.seq();
            let state = Snapshot { seq, lines: live.state.dump() };
            (state, resident.pending(&live, seq))
        };
        let views = resident.views.read().iter().map(|it| snapshot_of(&**it)).collect();
        resident.settle(txn).await.map_err(|error| vec![format!("{}: {error}", stream.id)])?;
        Ok(Some(Box::new(Anew::<S>::new(state, views, stream.source.empty_views()))))
    }
}

fn snapshot_of(view: &dyn Fold) -> Snapshot {
    Snapshot { seq: view.seq(), lines: view.dump() }
}

fn compare(log: &dyn Log, mut anew: BTreeMap<TenantId, Box<dyn Follow>>) -> Vec<String> {
    let mut orders: BTreeMap<TenantId, Order> = BTreeMap::new();
    if let Err(error) = follow(log, &mut anew, &mut orders) {
        return vec![error.to_string()];
    }
    let incomplete = orders.iter().filter_map(|(id, order)| order.unfinished(id));
    let mut faults: Vec<String> = incomplete.collect();
    for (id, follow) in &anew {
        faults.extend(follow.differences().into_iter().map(|line| format!("{id}: {line}")));
    }
    faults
}

fn follow(
    log: &dyn Log,
    anew: &mut BTreeMap<TenantId, Box<dyn Follow>>,
    orders: &mut BTreeMap<TenantId, Order>,
) -> Result<(), Error> {
    let mut from = Position(0);
    loop {
        let page = log.read(from, READ)?;
        let Some(last) = page.last() else { return Ok(()) };
        from = last.next;
        for logged in &page {
            let unnumbered = |reason| Error::Record {
                tenant: TenantId::platform(),
                seq: events::Seq(0),
                reason,
            };
            let envelope = wire::decode(&logged.envelope).map_err(unnumbered)?;
            orders.entry(envelope.tenant.clone()).or_default().next(&envelope)?;
            if let Some(follow) = anew.get_mut(&envelope.tenant) {
                follow.apply(&envelope);
            }
        }
    }
}
