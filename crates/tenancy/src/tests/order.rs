//! Many at once: one order of a tenant's events, and one loading.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use events::{Envelope, Seq};
use store::log::Limit;
use tokio::task::JoinSet;

use super::house::{House, add_member, call, create, create_group, delete, group, user};
use crate::{CommitError, Fold};

const ALL: Limit = Limit { events: 10_000, bytes: 64 << 20 };

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn commits_at_once_come_in_one_order_without_gaps() {
    let house = Arc::new(House::new().await);
    let mut tasks = JoinSet::new();
    for n in 0..64 {
        let house = Arc::clone(&house);
        tasks.spawn(async move {
            let tenant = if n % 4 == 0 { house.globex().await } else { house.acme().await };
            let command = create(n, &format!("user-{n}"));
            let seen = house.tenancy.commit(&tenant, call(), command, |directory, _| {
                let version = directory.user(user(n)).unwrap().version;
                assert_eq!(version, directory.seq(), "read as the command left it");
                version
            });
            (n % 4 == 0, seen.await.unwrap())
        });
    }
    let mut versions = tasks.join_all().await;
    versions.sort_unstable();
    let expected = (1..=48).map(|n| (false, Seq(n))).chain((1..=16).map(|n| (true, Seq(n))));
    assert_eq!(versions, expected.collect::<Vec<_>>());
    house.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_want_one_name_one_gets_it() {
    let house = Arc::new(House::new().await);
    let mut tasks = JoinSet::new();
    for n in 0..64 {
        let house = Arc::clone(&house);
        tasks.spawn(async move {
            let acme = house.acme().await;
            house.tenancy.commit(&acme, call(), create(n, "ada"), |_, _| ()).await
        });
    }
    let answers = tasks.join_all().await;
    let made = answers.iter().filter(|it| it.is_ok()).count();
    let taken = answers.iter().filter(|it| matches!(it, Err(CommitError::Rejected(_)))).count();
    assert_eq!((made, taken), (1, 63));
    house.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_join_one_group_everyone_is_there() {
    let house = Arc::new(House::new().await);
    let acme = house.acme().await;
    house.commit(&acme, create_group(1, "all", &[])).await.unwrap();
    for n in 0..64 {
        house.commit(&acme, create(n, &format!("user-{n}"))).await.unwrap();
    }
    let mut tasks = JoinSet::new();
    for n in 0..64 {
        let house = Arc::clone(&house);
        tasks.spawn(async move {
            let acme = house.acme().await;
            house.tenancy.commit(&acme, call(), add_member(1, n), |_, _| ()).await.unwrap();
        });
    }
    tasks.join_all().await;
    let count = house.tenancy.read(&acme, |directory| {
        let group = directory.group(group(1)).unwrap();
        (group.members.len(), crate::Fact::Version(group.version))
    });
    assert_eq!(count.await.unwrap(), 64);
    house.verify().await;
}

#[tokio::test]
async fn a_call_of_several_events_is_one_txn() {
    let house = House::new().await;
    let acme = house.acme().await;
    house.commit(&acme, create(1, "ada")).await.unwrap();
    assert_eq!(house.commit(&acme, create_group(1, "all", &[1])).await.unwrap(), 2);
    let events = house.tenancy.events(&acme, Seq(1), ALL).await.unwrap();
    let places: Vec<_> = events.iter().map(|it| (it.seq.0, it.txn_index, it.txn_size)).collect();
    assert_eq!(places, [(2, 0, 2), (3, 1, 2)]);
    assert_eq!(events[0].txn, events[1].txn);
    assert_eq!(house.tenancy.head(&acme), Seq(3));
}

#[tokio::test]
async fn time_does_not_go_back_within_a_tenant() {
    let house = House::new().await;
    let acme = house.acme().await;
    house.commit(&acme, create(1, "ada")).await.unwrap();
    let mut early = call();
    early.at.0 -= 5_000;
    house.tenancy.commit(&acme, early, delete(1), |_, _| ()).await.unwrap();
    let events = house.tenancy.events(&acme, Seq(0), ALL).await.unwrap();
    assert_eq!(events[0].at, events[1].at);
}

static MADE: AtomicUsize = AtomicUsize::new(0);

/// A view that says how often one was made.
struct Counted(Seq);

impl Fold for Counted {
    fn apply(&mut self, envelope: &Envelope) {
        self.0 = envelope.seq;
    }

    fn seq(&self) -> Seq {
        self.0
    }

    fn dump(&self) -> Vec<String> {
        Vec::new()
    }

    fn save(&self) -> Vec<u8> {
        Vec::new()
    }

    fn restore(&mut self, _: &Bytes) -> bool {
        false
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn first_uses_at_once_load_once() {
    let counted = || -> Box<dyn Fold> {
        MADE.fetch_add(1, Ordering::SeqCst);
        Box::new(Counted(Seq(0)))
    };
    let house = Arc::new(House::with(vec![counted]).await);
    let acme = house.acme().await;
    for n in 0..500 {
        house.commit(&acme, create(n, &format!("user-{n}"))).await.unwrap();
    }
    assert!(house.tenancy.evict(acme.id()));
    let before = MADE.load(Ordering::SeqCst);
    let mut tasks = JoinSet::new();
    for _ in 0..32 {
        let house = Arc::clone(&house);
        tasks.spawn(async move {
            let acme = house.acme().await;
            house.tenancy.read(&acme, |it| (it.user_count(), crate::Fact::Head)).await.unwrap()
        });
    }
    assert_eq!(tasks.join_all().await, [500; 32]);
    assert_eq!(MADE.load(Ordering::SeqCst) - before, 1);
}
