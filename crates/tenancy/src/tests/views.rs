//! Views follow what is durable, say where they stand, and are compared with the log like everything else.

use std::time::Duration;

use bytes::Bytes;
use events::{Envelope, Event, Position, Seq};
use store::log::{Limit, Log};

use super::house::{House, create, delete, pending};
use crate::{Error, Fold};

const ALL: Limit = Limit { events: 10_000, bytes: 64 << 20 };
const SOON: Duration = Duration::from_millis(20);

/// The numbers seen.
#[derive(Default)]
struct Seen(Vec<u64>);

/// A view that nobody registers.
struct Stranger;

impl Fold for Seen {
    fn apply(&mut self, envelope: &Envelope) {
        self.0.push(envelope.seq.0);
    }

    fn seq(&self) -> Seq {
        Seq(self.0.last().copied().unwrap_or(0))
    }

    fn dump(&self) -> Vec<String> {
        vec![format!("{:?}", self.0)]
    }

    fn save(&self) -> Vec<u8> {
        self.0.iter().flat_map(|seq| seq.to_be_bytes()).collect()
    }

    fn restore(&mut self, saved: &Bytes) -> bool {
        self.0 = saved.as_chunks().0.iter().map(|seq| u64::from_be_bytes(*seq)).collect();
        true
    }
}

impl Fold for Stranger {
    fn apply(&mut self, _: &Envelope) {}

    fn seq(&self) -> Seq {
        Seq(0)
    }

    fn dump(&self) -> Vec<String> {
        Vec::new()
    }

    fn save(&self) -> Vec<u8> {
        Vec::new()
    }

    fn restore(&mut self, _: &Bytes) -> bool {
        true
    }
}

fn seen() -> Box<dyn Fold> {
    Box::<Seen>::default()
}

impl House {
    async fn seen(&self) -> Vec<u64> {
        let acme = self.acme().await;
        self.tenancy.view(&acme, |seen: &Seen| seen.0.clone()).await.unwrap()
    }

    /// Projects the events from a position on.
    fn project(&self, from: Position) {
        for logged in self.log.read(from, ALL).unwrap() {
            self.tenancy.project(&logged.envelope).unwrap();
        }
    }
}

#[tokio::test]
async fn a_view_sees_each_event_once_and_in_order() {
    let house = House::with(vec![seen]).await;
    let acme = house.acme().await;
    for n in 1..=3 {
        house.commit(&acme, create(n, &format!("user-{n}"))).await.unwrap();
    }
    assert_eq!(
        house.seen().await,
        [0_u64; 0],
        "it was resident before the first event, and nobody follows"
    );
    house.project(Position(0));
    assert_eq!(house.seen().await, [1, 2, 3]);
    house.project(Position(0));
    assert_eq!(house.seen().await, [1, 2, 3], "what it has is passed over");
    house.verify().await;
}

#[tokio::test]
async fn a_view_that_missed_events_reads_them_first() {
    let house = House::with(vec![seen]).await;
    let acme = house.acme().await;
    for n in 1..=3 {
        house.commit(&acme, create(n, &format!("user-{n}"))).await.unwrap();
    }
    let last = house.log.read(Position(0), ALL).unwrap().pop().unwrap();
    house.tenancy.project(&last.envelope).unwrap();
    assert_eq!(house.seen().await, [1, 2, 3]);
    house.commit(&acme, delete(1)).await.unwrap();
    house.tenancy.project_all().unwrap();
    assert_eq!(house.seen().await, [1, 2, 3, 4]);
    assert!(house.tenancy.evict(acme.id()));
    assert_eq!(house.seen().await, [1, 2, 3, 4], "loading brings it up");
}

#[tokio::test]
async fn a_view_never_runs_ahead_of_the_disk() {
    let house = House::with(vec![seen]).await;
    let acme = house.acme().await;
    house.log.hold();
    pending(&mut house.commit(&acme, create(1, "ada")));
    house.tenancy.project_all().unwrap();
    house.project(Position(0));
    assert_eq!(house.seen().await, [0_u64; 0]);
    house.log.release();
    house.project(Position(0));
    assert_eq!(house.seen().await, [1]);
}

#[tokio::test]
async fn a_reader_waits_for_a_view_only_so_long() {
    let house = House::with(vec![seen]).await;
    let acme = house.acme().await;
    house.commit(&acme, create(1, "ada")).await.unwrap();
    let stands = house.tenancy.caught_up(&acme, Seq(1), SOON).await.unwrap();
    assert_eq!(stands, Seq(0), "it says where it stands");
    let waiting = house.tenancy.caught_up(&acme, Seq(1), Duration::from_secs(60));
    let (stands, ()) = tokio::join!(waiting, async { house.project(Position(0)) });
    assert_eq!(stands.unwrap(), Seq(1));
    assert_eq!(house.tenancy.caught_up(&acme, Seq(1), SOON).await.unwrap(), Seq(1));
}

#[tokio::test]
async fn a_view_that_is_not_registered_is_named() {
    let house = House::with(vec![seen]).await;
    let acme = house.acme().await;
    let stranger = house.tenancy.view(&acme, |_: &Stranger| ()).await;
    assert!(matches!(stranger, Err(Error::NoView)));
}

#[tokio::test]
async fn the_comparison_with_the_log_finds_what_differs() {
    let house = House::with(vec![seen]).await;
    let acme = house.acme().await;
    house.commit(&acme, create(1, "ada")).await.unwrap();
    house.project(Position(0));
    house.verify().await;
    let resident = acme.stream.loaded().unwrap();
    let mut forged = house.tenancy.events(&acme, Seq(0), ALL).await.unwrap().remove(0);
    let Event::UserCreated { state, .. } = &mut forged.event else { panic!("{forged:?}") };
    state.active = false;
    resident.live.write().state.apply(&forged);
    let faults = house.tenancy.verify().await.unwrap_err();
    assert!(faults.iter().all(|it| it.starts_with("acme: memory has")), "{faults:?}");

    assert!(house.tenancy.evict(acme.id()));
    house.verify().await;
    house.user_count(&acme).await.unwrap();
    let resident = acme.stream.loaded().unwrap();
    resident.views.write().iter_mut().for_each(|it| it.apply(&forged));
    let faults = house.tenancy.verify().await.unwrap_err();
    assert_eq!(faults, ["acme: memory has Some(\"[1, 1]\"), the log gives Some(\"[1]\")"]);
}
