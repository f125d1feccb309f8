//! A platform on the model log with the tenants `acme` and `globex`, and short words to use it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use directory::{Command, Directory, Expected, Rejection};
use events::{
    Actor, ConnectionId, Event, GroupId, KeyId, KeyRole, LogId, Profile, TenantId, TenantSettings,
    Timestamp, TokenFacts, TokenId, TxnId, UserId,
};
use futures_util::FutureExt;
use scim::{Draft, Patch};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::log::model::ModelLog;
use store::snapshots::Snapshots;
use uuid::Uuid;

use crate::{
    AdminError, Call, CommitError, Error, Fact, FoldFactory, PlatformCommand, PlatformKey,
    SnapshotEvery, Tenancy, Tenant, TenantChange,
};

pub(super) const NOW: Timestamp = Timestamp(1_790_000_000_000);
pub(super) const KEY: &str = "rck_the-key-of-the-house";

pub(super) struct House {
    pub(super) log: Arc<ModelLog>,
    pub(super) snapshots: Arc<Snapshots>,
    pub(super) tenancy: Tenancy,
    pub(super) key: PlatformKey,
}

/// An answer that is on its way.
pub(super) type Coming<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

impl House {
    pub(super) async fn new() -> Self {
        Self::with(Vec::new()).await
    }

    pub(super) async fn with(folds: Vec<FoldFactory>) -> Self {
        let log = Arc::new(ModelLog::new(LogId::new(Uuid::from_u128(1))));
        let snapshots = Arc::new(Snapshots::in_memory(&*log));
        let tenancy = Tenancy::open(log.clone(), folds, Some(snapshots.clone())).await.unwrap();
        let (key, hash) = (KeyId::new(Uuid::from_u128(7)), hash(KEY));
        let (name, role) = ("ci".to_owned(), KeyRole::Owner);
        let issue = PlatformCommand::IssueKey { key, name, role, hash };
        tenancy.administer(call(), issue).await.unwrap();
        for id in ["acme", "globex"] {
            let create = PlatformCommand::CreateTenant { tenant: named(id), settings: settings() };
            tenancy.administer(call(), create).await.unwrap();
        }
        let key = tenancy.authenticate_key(KEY).await.unwrap().unwrap();
        let house = Self { log, snapshots, tenancy, key };
        // Loaded now, so that what is pending later is pending for the log's sake.
        for tenant in [house.acme().await, house.globex().await] {
            house.user_count(&tenant).await.unwrap();
        }
        house
    }

    /// The house as the next start finds it, after a crash that kept so many undurable frames.
    pub(super) async fn restarted(&self, frames_kept: u64) -> Self {
        let log = Arc::new(self.log.crash(frames_kept));
        let snapshots = Arc::clone(&self.snapshots);
        let tenancy = Tenancy::open(log.clone(), Vec::new(), Some(snapshots.clone())).await;
        Self { log, snapshots, tenancy: tenancy.unwrap(), key: self.key.clone() }
    }

    /// Saves every stream that has changed since it was saved last; how many that were.
    pub(super) fn save_snapshots(&self) -> usize {
        let patience = Duration::from_millis(20);
        let every = SnapshotEvery { tenant_events: 1, platform_events: 1, patience };
        self.tenancy.save_snapshots(every).unwrap()
    }

    pub(super) async fn acme(&self) -> Tenant {
        self.tenancy.tenant(&self.key, "acme").await.unwrap().unwrap()
    }

    pub(super) async fn globex(&self) -> Tenant {
        self.tenancy.tenant(&self.key, "globex").await.unwrap().unwrap()
    }

    /// The number of events that the command makes.
    pub(super) fn commit<'a>(
        &'a self,
        tenant: &'a Tenant,
        command: Command,
    ) -> Coming<'a, Result<usize, CommitError>> {
        Box::pin(async move {
            let read = |_: &Directory, decision: &directory::Decision| decision.events.len();
            self.tenancy.commit(tenant, call(), command, read).await
        })
    }

    /// The version of a user; a miss rests on the head.
    pub(super) fn version<'a>(
        &'a self,
        tenant: &'a Tenant,
        user: UserId,
    ) -> Coming<'a, Result<Option<u64>, Error>> {
        Box::pin(self.tenancy.read(tenant, move |directory| match directory.user(user) {
            Some(user) => (Some(user.version.0), Fact::Version(user.version)),
            None => (None, Fact::Head),
        }))
    }

    /// How many users there are; rests on the head.
    pub(super) fn user_count<'a>(&'a self, tenant: &'a Tenant) -> Coming<'a, Result<usize, Error>> {
        Box::pin(self.tenancy.read(tenant, |directory| (directory.user_count(), Fact::Head)))
    }

    pub(super) fn administer(
        &self,
        command: PlatformCommand,
    ) -> Coming<'_, Result<Vec<Event>, AdminError>> {
        Box::pin(self.tenancy.administer(call(), command))
    }

    pub(super) fn opens<'a>(
        &'a self,
        token: &'a str,
        addressed: Option<&'a str>,
    ) -> Coming<'a, Option<String>> {
        Box::pin(async move {
            let opened = self.tenancy.authenticate(token, addressed, NOW).await.unwrap();
            opened.map(|(tenant, _)| tenant.id().to_string())
        })
    }

    pub(super) async fn dump(&self, tenant: &Tenant) -> Vec<String> {
        let resident = tenant.stream.resident(self.tenancy.log()).await.unwrap();
        resident.live.read().state.dump()
    }

    pub(super) async fn verify(&self) {
        self.tenancy.verify().await.unwrap();
    }
}

/// What the answer is, if it has come.
pub(super) fn now<T>(coming: &mut Coming<'_, T>) -> Option<T> {
    coming.now_or_never()
}

#[track_caller]
pub(super) fn pending<T>(coming: &mut Coming<'_, T>) {
    assert!(now(coming).is_none(), "answered before what it rests on was durable");
}

pub(super) fn create(n: u128, user_name: &str) -> Command {
    Command::CreateUser { id: user(n), draft: user_draft(user_name, "Ada") }
}

pub(super) fn replace(n: u128, user_name: &str, display_name: &str) -> Command {
    let draft = user_draft(user_name, display_name);
    Command::ReplaceUser { id: user(n), expected: Expected::Whatever, draft }
}

pub(super) fn patch(n: u128, display_name: &str) -> Command {
    let operation = json!({ "op": "replace", "path": "displayName", "value": display_name });
    let patch = patch_of(operation, scim::schema::user());
    Command::PatchUser { id: user(n), expected: Expected::Whatever, patch }
}

pub(super) fn add_member(n: u128, member: u128) -> Command {
    let value = json!([{ "value": user(member).to_string() }]);
    let operation = json!({ "op": "add", "path": "members", "value": value });
    let patch = patch_of(operation, scim::schema::group());
    Command::PatchGroup { id: group(n), expected: Expected::Whatever, patch }
}

pub(super) fn delete(n: u128) -> Command {
    Command::DeleteUser { id: user(n), expected: Expected::Whatever }
}

pub(super) fn create_group(n: u128, name: &str, members: &[u128]) -> Command {
    Command::CreateGroup { id: group(n), draft: group_draft(name, members) }
}

pub(super) fn replace_group(n: u128, name: &str, members: &[u128]) -> Command {
    let draft = group_draft(name, members);
    Command::ReplaceGroup { id: group(n), expected: Expected::Whatever, draft }
}

pub(super) fn delete_group(n: u128) -> Command {
    Command::DeleteGroup { id: group(n), expected: Expected::Whatever }
}

fn patch_of(operation: Value, of: &scim::ResourceType) -> Patch {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [operation],
    });
    Patch::parse(body, of, scim::Profile::LENIENT).unwrap()
}

fn user_draft(user_name: &str, display_name: &str) -> Draft {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": user_name,
        "displayName": display_name,
    });
    draft(body, scim::schema::user())
}

fn group_draft(name: &str, members: &[u128]) -> Draft {
    let members: Vec<Value> =
        members.iter().map(|n| json!({ "value": user(*n).to_string() })).collect();
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": name,
        "members": members,
    });
    draft(body, scim::schema::group())
}

fn draft(body: Value, of: &scim::ResourceType) -> Draft {
    scim::resource::read(body, of, scim::Profile::LENIENT).unwrap()
}

pub(super) fn user(n: u128) -> UserId {
    UserId::new(Uuid::from_u128(0x1000 + n))
}

pub(super) fn group(n: u128) -> GroupId {
    GroupId::new(Uuid::from_u128(0x2000 + n))
}

pub(super) fn token(n: u128) -> TokenId {
    TokenId::new(Uuid::from_u128(0x3000 + n))
}

/// Suspends the tenant, or ends that.
pub(super) fn suspend(tenant: &str, suspended: bool) -> PlatformCommand {
    let change = TenantChange { suspended: Some(suspended), ..TenantChange::default() };
    PlatformCommand::ChangeTenant { tenant: named(tenant), change }
}

/// A token by its text, without end.
pub(super) fn issue(n: u128, tenant: &str, text: &str) -> PlatformCommand {
    PlatformCommand::IssueToken { token: token(n), facts: facts(tenant, text) }
}

pub(super) fn facts(tenant: &str, text: &str) -> TokenFacts {
    TokenFacts {
        tenant: named(tenant),
        connection: ConnectionId::default_connection(),
        name: String::new(),
        hash: hash(text),
        hint: "hint".to_owned(),
        expires_at: None,
    }
}

pub(super) fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

pub(super) fn settings() -> TenantSettings {
    TenantSettings::of(Profile::Lenient)
}

pub(super) fn named(tenant: &str) -> TenantId {
    TenantId::parse(tenant).unwrap()
}

pub(super) fn call() -> Call {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let txn = TxnId::new(Uuid::from_u128(CALLS.fetch_add(1, Ordering::Relaxed).into()));
    Call { txn, at: NOW, actor: Actor::system(), connection: None }
}

pub(super) fn rejected(answer: Result<usize, CommitError>) -> Rejection {
    match answer {
        Err(CommitError::Rejected(rejection)) => rejection,
        other => panic!("{other:?} is no rejection"),
    }
}
