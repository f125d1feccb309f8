//! The follower brings the views of resident tenants to what is durable, no further and no less.

use std::sync::Arc;

use events::{
    Actor, Event, KeyId, KeyRole, LogId, Profile, Seq, TenantId, TenantSettings, Timestamp, TxnId,
    wire,
};
use sha2::{Digest, Sha256};
use store::log::model::ModelLog;
use store::log::{Append, Log};
use tenancy::{Call, PlatformCommand, Tenancy, Tenant};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::history::{created, deleted, history};
use crate::{Error, Views, caught_up, fold, run};

const KEY: &str = "rck_follower";

struct House {
    log: Arc<ModelLog>,
    tenancy: Tenancy,
    acme: Tenant,
}

impl House {
    async fn new() -> Self {
        let log = Arc::new(ModelLog::new(LogId::new(Uuid::from_u128(1))));
        let tenancy = Tenancy::open(log.clone(), vec![fold], None).await.unwrap();
        let tenant = TenantId::parse("acme").unwrap();
        let (profile, name) = (Profile::Lenient, String::new());
        let settings = TenantSettings { name: name.clone(), ..TenantSettings::of(profile) };
        let hash = Sha256::digest(KEY).into();
        let key = KeyId::new(Uuid::from_u128(1));
        let issue = PlatformCommand::IssueKey { key, name, role: KeyRole::Owner, hash };
        for command in [PlatformCommand::CreateTenant { tenant, settings }, issue] {
            let txn = TxnId::new(Uuid::from_u128(9));
            let at = Timestamp(1_790_000_000_000);
            let call = Call { txn, at, actor: Actor::system(), connection: None };
            tenancy.administer(call, command).await.unwrap();
        }
        let key = tenancy.authenticate_key(KEY).await.unwrap().unwrap();
        let acme = tenancy.tenant(&key, "acme").await.unwrap().unwrap();
        Self { log, tenancy, acme }
    }

    async fn append(&self, first: u64, events: Vec<Event>) {
        for envelope in history(first, events) {
            let permit = self.log.reserve().await.unwrap();
            let receipt = self.log.append(permit, vec![wire::encode(&envelope)]);
            assert_eq!(receipt.outcome().await, Append::Committed);
        }
    }

    async fn stands_at(&self) -> Seq {
        self.tenancy.view(&self.acme, Views::stands_at).await.unwrap()
    }

    /// Does something while the follower runs, then stops it.
    async fn followed<T>(&self, what: impl Future<Output = T>) -> (Result<(), Error>, T) {
        let stop = CancellationToken::new();
        let following = run(self.tenancy.clone(), stop.clone());
        tokio::join!(following, async {
            let done = what.await;
            stop.cancel();
            done
        })
    }
}

#[tokio::test]
async fn a_tenant_that_was_resident_before_is_brought_up_and_then_followed() {
    let house = House::new().await;
    assert_eq!(house.stands_at().await, Seq(0));
    house.append(1, vec![created(1, true)]).await;
    assert_eq!(house.stands_at().await, Seq(0), "nobody follows yet");
    let (ended, ()) = house
        .followed(async {
            assert_eq!(caught_up(&house.tenancy, &house.acme).await.unwrap(), Seq(1));
            house.append(2, vec![created(2, true), deleted(1, Vec::new())]).await;
            assert_eq!(caught_up(&house.tenancy, &house.acme).await.unwrap(), Seq(3));
        })
        .await;
    ended.unwrap();
    let count = house.tenancy.view(&house.acme, |views: &Views| views.people().len()).await;
    assert_eq!(count.unwrap(), 1);
}

#[tokio::test]
async fn a_tenant_that_becomes_resident_later_has_all() {
    let house = House::new().await;
    let (ended, ()) = house
        .followed(async {
            house.append(1, (1..=1_000).map(|n| created(n, true)).collect()).await;
            assert_eq!(house.stands_at().await, Seq(1_000));
            house.append(1_001, vec![deleted(1, Vec::new())]).await;
            assert_eq!(caught_up(&house.tenancy, &house.acme).await.unwrap(), Seq(1_001));
            assert!(house.tenancy.evict(house.acme.id()));
            assert_eq!(house.stands_at().await, Seq(1_001));
        })
        .await;
    ended.unwrap();
}

#[tokio::test]
async fn what_is_not_durable_is_not_shown() {
    let house = House::new().await;
    house.stands_at().await;
    let (ended, ()) = house
        .followed(async {
            house.log.hold();
            let mut appended = Box::pin(house.append(1, vec![created(1, true)]));
            let undurable =
                tokio::time::timeout(std::time::Duration::from_millis(20), &mut appended);
            assert!(undurable.await.is_err());
            assert_eq!(caught_up(&house.tenancy, &house.acme).await.unwrap(), Seq(0));
            house.log.release();
            appended.await;
            assert_eq!(caught_up(&house.tenancy, &house.acme).await.unwrap(), Seq(1));
        })
        .await;
    ended.unwrap();
}

#[tokio::test]
async fn an_event_that_cannot_be_read_ends_the_follower() {
    let house = House::new().await;
    house.stands_at().await;
    let (ended, ()) = house
        .followed(async {
            let mut broken = wire::encode(&history(1, vec![created(1, true)]).remove(0)).to_vec();
            // The blob comes last: the log, which peeks only, takes the record.
            broken.truncate(broken.len() - 1);
            let permit = house.log.reserve().await.unwrap();
            let receipt = house.log.append(permit, vec![broken.into()]);
            assert_eq!(receipt.outcome().await, Append::Committed);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        })
        .await;
    assert!(matches!(ended, Err(Error::Tenancy(tenancy::Error::Record { .. }))), "{ended:?}");
}
