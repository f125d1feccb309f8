//! Snapshots are a cache: with one, of whatever age, or without any, a stream is the same; nothing in one is not durable.

use bytes::Bytes;
use events::{Envelope, Seq, TenantId};

use super::house::{House, add_member, call, create, create_group, delete, pending, suspend};
use crate::{Fold, PlatformCommand};

/// The last number, and how many events this process folded.
#[derive(Default)]
struct Counted {
    seq: Seq,
    folded: u64,
}

impl Fold for Counted {
    fn apply(&mut self, envelope: &Envelope) {
        self.seq = envelope.seq;
        self.folded += 1;
    }

    fn seq(&self) -> Seq {
        self.seq
    }

    fn dump(&self) -> Vec<String> {
        vec![self.seq.to_string()]
    }

    fn save(&self) -> Vec<u8> {
        self.seq.0.to_be_bytes().to_vec()
    }

    fn restore(&mut self, saved: &Bytes) -> bool {
        let seq = saved[..].try_into().map(u64::from_be_bytes);
        self.seq = Seq(seq.unwrap_or_default());
        seq.is_ok()
    }
}

fn counted() -> Box<dyn Fold> {
    Box::<Counted>::default()
}

async fn folded(house: &House) -> u64 {
    let acme = house.acme().await;
    house.tenancy.view(&acme, |it: &Counted| it.folded).await.unwrap()
}

#[tokio::test]
async fn a_cold_tenant_is_its_snapshot_and_the_events_since() {
    let house = House::with(vec![counted]).await;
    let acme = house.acme().await;
    for n in 0..20 {
        house.commit(&acme, create(n, &format!("user-{n}"))).await.unwrap();
    }
    house.commit(&acme, create_group(30, "staff", &[1, 2])).await.unwrap();
    house.tenancy.project_all().unwrap();
    assert_eq!(house.save_snapshots(), 2, "the platform's and the tenant's");
    assert_eq!(house.save_snapshots(), 0, "nothing has happened since");
    house.commit(&acme, delete(3)).await.unwrap();
    house.commit(&acme, add_member(30, 4)).await.unwrap();
    let before = house.dump(&acme).await;
    assert!(house.tenancy.evict(acme.id()));
    assert_eq!(house.dump(&acme).await, before);
    assert_eq!(folded(&house).await, 2);
    house.verify().await;
    // Nobody uses it: the next one is made from the last one and the log.
    assert!(house.tenancy.evict(acme.id()));
    assert_eq!(house.save_snapshots(), 1);
    assert!(acme.stream.loaded().is_none());
    assert_eq!(house.snapshots.newest(acme.id()).unwrap().seq, Seq(24));
    assert_eq!(folded(&house).await, 0);
    house.verify().await;
}

#[tokio::test]
async fn a_snapshot_of_other_views_or_of_none_is_not_used() {
    let house = House::with(vec![counted]).await;
    let acme = house.acme().await;
    house.commit(&acme, create(1, "ada")).await.unwrap();
    house.save_snapshots();
    let before = house.dump(&acme).await;
    let next = house.restarted(0).await;
    let acme = next.acme().await;
    assert_eq!(next.dump(&acme).await, before);
    assert_eq!(next.snapshots.newest(acme.id()), None);
    next.verify().await;
}

#[tokio::test]
async fn what_is_not_durable_is_in_no_snapshot() {
    let house = House::new().await;
    let acme = house.acme().await;
    house.commit(&acme, create(1, "ada")).await.unwrap();
    house.log.hold();
    let mut coming = house.commit(&acme, create(2, "bob"));
    pending(&mut coming);
    // It waits a while for the disk, and gives up.
    assert_eq!(house.save_snapshots(), 1, "only the platform's");
    assert_eq!(house.snapshots.newest(acme.id()), None);
    house.log.release();
    coming.await.unwrap();
    assert_eq!(house.save_snapshots(), 1);
    assert_eq!(house.snapshots.newest(acme.id()).unwrap().seq, Seq(2));
}

#[tokio::test]
async fn a_crash_may_leave_no_snapshot_beyond_the_log() {
    let house = House::new().await;
    let mut shorter = House::new().await;
    for (house, users) in [(&house, 2), (&shorter, 1)] {
        let acme = house.acme().await;
        for n in 0..users {
            house.commit(&acme, create(n, &format!("user-{n}"))).await.unwrap();
        }
    }
    house.save_snapshots();
    // As if the log had lost its end, which no crash can make it do: the snapshot gives way.
    shorter.snapshots = house.snapshots;
    let shorter = shorter.restarted(0).await;
    let acme = shorter.acme().await;
    assert_eq!(shorter.user_count(&acme).await.unwrap(), 1);
    assert_eq!(shorter.snapshots.newest(acme.id()), None);
}

#[tokio::test]
async fn the_registry_comes_back_with_all_that_it_knows() {
    let house = House::new().await;
    house.administer(suspend("globex", true)).await.unwrap();
    let mut later = call();
    later.at.0 += 5_000;
    let delete = PlatformCommand::DeleteTenant { tenant: TenantId::parse("acme").unwrap() };
    house.tenancy.administer(later, delete).await.unwrap();
    assert_eq!(house.save_snapshots(), 1);
    let platform = |house: &House| {
        let resident = house.tenancy.0.platform.loaded().unwrap();
        resident.live.read().state.dump()
    };
    let next = house.restarted(0).await;
    assert_eq!(platform(&next), platform(&house));
    assert!(next.snapshots.newest(&TenantId::platform()).is_some());
    next.administer(suspend("globex", false)).await.unwrap();
    next.verify().await;
}
