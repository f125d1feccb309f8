//! A life of the log in a test of crashes: eight tenants append until it ends; what is there afterwards is compared with what was
//! acknowledged.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use events::{LogId, Position, Seq, TenantId};
use store::log::{Append, Limit, Log};
use store::{Options, open};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::{envelope, tenant};

const TENANTS: u64 = 8;

/// The last acknowledged number of each tenant.
pub(crate) type Ledger = BTreeMap<String, u64>;

/// Eight tenants append txns of one to three events; `acknowledged` hears of each tenant's last number.
pub(crate) fn append_until_killed(dir: &Path, acknowledged: fn(&TenantId, u64)) {
    let log: Arc<dyn Log> = Arc::new(open(dir, &options()).unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        let mut writers = JoinSet::new();
        for n in 0..TENANTS {
            let tenant = tenant(&format!("t-{n}"));
            writers.spawn(append_for_ever(Arc::clone(&log), tenant, acknowledged));
        }
        writers.join_all().await;
    });
}

async fn append_for_ever(log: Arc<dyn Log>, tenant: TenantId, acknowledged: fn(&TenantId, u64)) {
    let mut head = log.head(&tenant).0;
    loop {
        let size = 1 + head % 3;
        let txn = (head + 1..=head + size).map(|seq| written(&tenant, seq)).collect();
        let permit = log.reserve().await.unwrap();
        assert_eq!(log.append(permit, txn).outcome().await, Append::Committed);
        head += size;
        acknowledged(&tenant, head);
    }
}

/// Reads everything there is and compares it with what was written.
pub(crate) fn check(dir: &Path, ledger: &Ledger, round: u64) {
    let log = open(dir, &options()).unwrap();
    for (name, acknowledged) in ledger {
        let head = log.head(&tenant(name));
        assert!(head >= Seq(*acknowledged), "round {round}: {name} lost {head:?}..{acknowledged}");
    }
    let mut heads: BTreeMap<String, u64> = BTreeMap::new();
    let mut from = Position(0);
    while from < log.durable() {
        for event in log.read(from, Limit { events: 1_000, bytes: 8 << 20 }).unwrap() {
            assert_eq!(event.position, from, "round {round}: a hole");
            let peeked = events::wire::peek(&event.envelope).unwrap();
            let head = heads.entry(peeked.tenant.to_owned()).or_default();
            *head += 1;
            assert_eq!(peeked.seq, Seq(*head), "round {round}: a hole in {}", peeked.tenant);
            assert_eq!(event.envelope, written(&tenant(peeked.tenant), *head), "altered");
            from = event.next;
        }
    }
    for (name, head) in heads {
        // Whole txns only: 1, 2, 3, 1, 2, 3 … events as `append_for_ever` cuts them.
        assert!(is_end_of_a_txn(head), "round {round}: {name} ends at {head}, inside a txn");
        assert_eq!(log.head(&tenant(&name)), Seq(head));
    }
}

fn is_end_of_a_txn(head: u64) -> bool {
    let mut end = 0;
    while end < head {
        end += 1 + end % 3;
    }
    end == head
}

/// What a tenant's event of this number is, in every life. Some span frames.
fn written(tenant: &TenantId, seq: u64) -> bytes::Bytes {
    envelope(tenant, seq, if seq.is_multiple_of(50) { 150_000 } else { 400 })
}

fn options() -> Options {
    Options {
        cache_bytes: 8 << 20,
        // Small, so that many kills meet a generation that is being sealed.
        generation_bytes: 256 << 10,
        ..Options::new(LogId::new(Uuid::from_u128(9)))
    }
}
