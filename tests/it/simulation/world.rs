//! A platform with two tenants on the log in memory, those who wait for an answer, and a follower of the log.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use directory::Directory;
use events::{
    Actor, ConnectionId, KeyId, KeyRole, LogId, Position, Profile, Seq, TenantId, TenantSettings,
    Timestamp, TxnId, wire,
};
use ingress::secret::{Kind, Secret};
use store::log::model::{Fault, ModelLog};
use store::log::{Limit, Log, State};
use store::snapshots::Snapshots;
use tenancy::{
    Call, CommitError, Fact, PlatformCommand, PlatformKey, SnapshotEvery, Tenancy, Tenant,
};
use uuid::Uuid;

use super::commands::command;
use super::dice::Dice;

const TENANTS: [&str; 2] = ["acme", "globex"];
const EVERY: SnapshotEvery =
    SnapshotEvery { tenant_events: 1, platform_events: 1, patience: Duration::ZERO };
const PAGE: Limit = Limit { events: 7, bytes: 1 << 20 };

pub(super) struct World {
    log: Arc<ModelLog>,
    snapshots: Arc<Snapshots>,
    tenancy: Tenancy,
    key: String,
    waiting: Vec<Waiting>,
    promised: Promised,
    follower: Follower,
    calls: u128,
}

/// What was said to those who called.
#[derive(Default)]
struct Promised {
    /// Events of each acknowledged call.
    kept: BTreeMap<TxnId, usize>,
    /// Calls of which nothing may be found.
    never: BTreeSet<TxnId>,
}

/// Reads the log from its beginning, whatever becomes of the gateways.
#[derive(Default)]
struct Follower {
    at: Position,
    folds: BTreeMap<TenantId, Directory>,
    events: BTreeMap<TxnId, usize>,
}

/// Somebody who waits for an answer.
struct Waiting {
    txn: TxnId,
    tenant: &'static str,
    answer: Pin<Box<dyn Future<Output = Answer>>>,
}

enum Answer {
    /// Events made, and the last number among them.
    Done(usize, Seq),
    Refused,
    NotWritten,
    Unknown,
}

impl World {
    pub(super) async fn new() -> Self {
        let log = Arc::new(ModelLog::new(LogId::new(Uuid::from_u128(1))));
        let snapshots = Arc::new(Snapshots::in_memory(&*log));
        let tenancy = open(&log, &snapshots).await;
        let key = Secret::mint(Kind::Key).unwrap();
        let mut world = Self {
            log,
            snapshots,
            tenancy,
            key: key.reveal().to_owned(),
            waiting: Vec::new(),
            promised: Promised::default(),
            follower: Follower::default(),
            calls: 0,
        };
        let (id, name, role) = (KeyId::new(Uuid::from_u128(7)), "ci".to_owned(), KeyRole::Owner);
        world.administer(PlatformCommand::IssueKey { key: id, name, role, hash: key.hash() }).await;
        for tenant in TENANTS {
            let (name, profile) = (tenant.to_owned(), Profile::Lenient);
            let settings = TenantSettings { name, ..TenantSettings::of(profile) };
            let tenant = TenantId::parse(tenant).unwrap();
            world.administer(PlatformCommand::CreateTenant { tenant, settings }).await;
        }
        world
    }

    /// One thing that happens.
    pub(super) async fn step(mut self, dice: &mut Dice) -> Self {
        match dice.roll(20) {
            0..=8 => self.ask(dice).await,
            9 => self.log.hold(),
            10 => self.log.release(),
            11 | 12 => drop(self.log.release_one()),
            13 => self.log.seal().unwrap(),
            14 => drop(self.tenancy.save_snapshots(EVERY).unwrap()),
            15 => self.forget(dice),
            16 => self.follower.read(&*self.log, dice.roll(4)),
            17 => self.tenancy.project_all().unwrap(),
            18 => self.break_something(dice),
            _ => return self.crash(dice).await,
        }
        self.hear();
        self
    }

    /// Everybody has an answer, and everything that must hold does.
    pub(super) async fn end(mut self) {
        if self.log.state() != State::Open {
            self = self.reopen(1 << 32).await;
        }
        self.log.release();
        self.hear();
        assert!(self.waiting.is_empty(), "{} still wait", self.waiting.len());
        self.tenancy.project_all().unwrap();
        self.tenancy.verify().await.unwrap();
        self.follower.read(&*self.log, u64::MAX);
        self.promised.check(&self.follower.events);
        for id in TENANTS {
            let lines = self.dump(id).await;
            let followed = self.follower.folds.remove(id).unwrap_or_default();
            assert_eq!(followed.dump(), lines, "the follower has another {id}");
        }
    }

    /// A call, as far as it comes without waiting for the log.
    async fn ask(&mut self, dice: &mut Dice) {
        let id = TENANTS[usize::try_from(dice.roll(2)).unwrap()];
        if self.log.state() != State::Open {
            return;
        }
        let tenant = self.loaded(id).await;
        self.calls += 1;
        let txn = TxnId::new(Uuid::from_u128(self.calls));
        let at = Timestamp(1_790_000_000_000 + i64::try_from(self.calls).unwrap());
        let connection = Some(ConnectionId::default_connection());
        let call = Call { txn, at, actor: Actor::system(), connection };
        let tenancy = self.tenancy.clone();
        let command = command(dice);
        let answer = async move {
            let made = |directory: &Directory, decision: &directory::Decision| {
                // What leaves a user as it is rests on that user's version alone.
                let events = decision.events.len();
                (events, if events == 0 { Seq(0) } else { directory.seq() })
            };
            match tenancy.commit(&tenant, call, command, made).await {
                Ok((events, seq)) => Answer::Done(events, seq),
                Err(CommitError::Rejected(_)) => Answer::Refused,
                Err(CommitError::Unavailable { .. }) => Answer::NotWritten,
                Err(CommitError::Failed) => Answer::Unknown,
            }
        };
        self.waiting.push(Waiting { txn, tenant: id, answer: Box::pin(answer) });
    }

    /// The tenant, in memory: a call then waits for nothing but the log.
    async fn loaded(&self, id: &str) -> Tenant {
        let key: PlatformKey = self.tenancy.authenticate_key(&self.key).await.unwrap().unwrap();
        let tenant = self.tenancy.tenant(&key, id).await.unwrap().unwrap();
        if !self.tenancy.is_resident(&tenant) {
            // What a retired resident has handed over must have its outcome before the next one is loaded.
            self.log.release();
            let load = self.tenancy.read(&tenant, |_| ((), Fact::Version(Seq(0)))).await;
            load.unwrap();
        }
        tenant
    }

    /// Those who have an answer now go, and what they were told is noted.
    fn hear(&mut self) {
        let mut context = Context::from_waker(Waker::noop());
        let (log, promised) = (&self.log, &mut self.promised);
        self.waiting.retain_mut(|waiting| {
            let Poll::Ready(answer) = waiting.answer.as_mut().poll(&mut context) else {
                return true;
            };
            match answer {
                Answer::Done(events, seq) => {
                    let head = log.head(&TenantId::parse(waiting.tenant).unwrap());
                    assert!(seq <= head, "an answer shows {seq}, durable is {head}");
                    promised.kept.insert(waiting.txn, events);
                }
                Answer::Refused | Answer::NotWritten => {
                    promised.never.insert(waiting.txn);
                }
                Answer::Unknown => {}
            }
            false
        });
    }

    fn forget(&self, dice: &mut Dice) {
        let id = TenantId::parse(TENANTS[usize::try_from(dice.roll(2)).unwrap()]).unwrap();
        match dice.roll(3) {
            0 => self.snapshots.remove(&id),
            1 => self.snapshots.remove(&TenantId::platform()),
            _ => drop(self.tenancy.evict(&id)),
        }
    }

    fn break_something(&self, dice: &mut Dice) {
        match dice.roll(6) {
            0 => self.log.inject(Fault::UnknownWritten),
            1 => self.log.inject(Fault::UnknownLost),
            2 => self.log.inject(Fault::Fenced),
            3 => self.log.give_up_queue(),
            4 => self.log.set_space(dice.roll(2) == 0),
            _ => self.log.inject(Fault::NotWritten),
        }
    }

    /// Power is cut; some of what was on its way may have reached the disk.
    async fn crash(self, dice: &mut Dice) -> Self {
        self.reopen(dice.roll(8)).await
    }

    async fn reopen(mut self, frames_kept: u64) -> Self {
        let log = Arc::new(self.log.crash(frames_kept));
        // Nobody hears from a process that is gone.
        self.hear();
        self.waiting.clear();
        self.tenancy = open(&log, &self.snapshots).await;
        self.log = log;
        self
    }

    async fn administer(&mut self, command: PlatformCommand) {
        self.calls += 1;
        let txn = TxnId::new(Uuid::from_u128(self.calls));
        let at = Timestamp(1_790_000_000_000);
        let call = Call { txn, at, actor: Actor::system(), connection: None };
        self.tenancy.administer(call, command).await.unwrap();
    }

    async fn dump(&self, id: &str) -> Vec<String> {
        let tenant = self.loaded(id).await;
        self.tenancy.read(&tenant, |it| (it.dump(), Fact::Head)).await.unwrap()
    }
}

impl Promised {
    fn check(&self, found: &BTreeMap<TxnId, usize>) {
        for (txn, events) in &self.kept {
            let there = found.get(txn).copied().unwrap_or(0);
            assert_eq!(there, *events, "call {txn} was acknowledged");
        }
        let undone = self.never.iter().find(|txn| found.contains_key(txn));
        assert_eq!(undone, None, "was said to be not written, and is there");
    }
}

impl Follower {
    /// Reads on, at most so many pages.
    fn read(&mut self, log: &dyn Log, pages: u64) {
        for _ in 0..pages {
            let page = log.read(self.at, PAGE).unwrap();
            if page.is_empty() {
                return;
            }
            for logged in page {
                assert!(logged.next <= log.durable(), "it was shown before it is durable");
                self.at = logged.next;
                let envelope = wire::decode(&logged.envelope).unwrap();
                *self.events.entry(envelope.txn).or_default() += 1;
                if !envelope.tenant.is_platform() {
                    let fold = self.folds.entry(envelope.tenant.clone()).or_default();
                    assert_eq!(fold.seq().next(), envelope.seq, "{}", envelope.tenant);
                    fold.apply(&envelope);
                }
            }
        }
    }
}

async fn open(log: &Arc<ModelLog>, snapshots: &Arc<Snapshots>) -> Tenancy {
    let log: Arc<dyn Log> = log.clone();
    Tenancy::open(log, vec![projector::fold], Some(Arc::clone(snapshots))).await.unwrap()
}
