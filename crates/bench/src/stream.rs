//! A stream of events as a provisioning client makes them, decided by the directory itself.

use bytes::Bytes;
use directory::{Command, Directory, Expected, Rules, decide};
use events::{
    Actor, ConnectionId, Envelope, Event, Flags, Seq, TenantId, Timestamp, TxnId, UserId, wire,
};
use serde_json::json;
use uuid::Uuid;

use crate::people;

/// One tenant's history, made as it is asked for.
pub(crate) struct Stream {
    tenant: TenantId,
    directory: Directory,
    made: usize,
}

impl Stream {
    /// The history of a tenant of that name, from its first event.
    ///
    /// # Panics
    /// Never: the names used here are slugs.
    pub(crate) fn new(tenant: &str) -> Self {
        let tenant = TenantId::parse(tenant).unwrap_or_else(|_| TenantId::platform());
        Self { tenant, directory: Directory::default(), made: 0 }
    }

    /// The next `user.created`, encoded.
    pub(crate) fn next_event(&mut self) -> Bytes {
        let envelope = self.next_envelope();
        self.directory.apply(&envelope);
        wire::encode(&envelope)
    }

    /// The events of the platform's own stream that make so many tenants `t0`, `t1`, …
    pub(crate) fn founded(tenants: usize) -> Vec<Bytes> {
        let envelope = |n: usize| {
            let tenant = TenantId::parse(&format!("t{n}")).unwrap_or_else(|_| TenantId::platform());
            let name = tenant.to_string();
            let profile = events::Profile::Lenient;
            let settings = events::TenantSettings { name, ..events::TenantSettings::of(profile) };
            let event = Event::TenantCreated { tenant, settings };
            wire::encode(&numbered(&TenantId::platform(), n, event))
        };
        (0..tenants).map(envelope).collect()
    }

    /// The next `user.updated`: person `n` has another title.
    pub(crate) fn change(&mut self, n: usize, change: usize) -> Bytes {
        let id = UserId::new(Uuid::from_u128((1 << 76) | n as u128));
        let operation =
            json!({ "op": "replace", "path": "title", "value": format!("Rank {change}") });
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [operation],
        });
        let rules = Rules::default();
        let patch = scim::Patch::parse(body, scim::schema::user(), rules.profile);
        let patch = patch.unwrap_or_else(|error| unreachable!("{error}"));
        let command = Command::PatchUser { id, expected: Expected::Whatever, patch };
        let decision = decide(&self.directory, command, &rules);
        let mut events = decision.map(|decision| decision.events).unwrap_or_default();
        let event = events.pop().unwrap_or_else(|| unreachable!("person {n} is there"));
        let envelope = numbered(&self.tenant, self.made, event);
        self.made += 1;
        self.directory.apply(&envelope);
        wire::encode(&envelope)
    }

    /// The next `user.created`; the caller applies it.
    pub(crate) fn next_envelope(&mut self) -> Envelope {
        let n = self.made;
        self.made += 1;
        let id = UserId::new(Uuid::from_u128((1 << 76) | n as u128));
        let body = serde_json::from_str(&people::user(n)).unwrap_or_default();
        let rules = Rules::default();
        let draft = scim::resource::read(body, scim::schema::user(), rules.profile);
        let draft = draft.unwrap_or_else(|error| unreachable!("{error}"));
        let decision = decide(&self.directory, Command::CreateUser { id, draft }, &rules);
        let mut events = decision.map(|decision| decision.events).unwrap_or_default();
        let event = events.pop().unwrap_or_else(|| unreachable!("person {n} is new"));
        numbered(&self.tenant, n, event)
    }
}

/// The event after `before` others.
fn numbered(tenant: &TenantId, before: usize, event: Event) -> Envelope {
    Envelope {
        tenant: tenant.clone(),
        seq: Seq(before as u64 + 1),
        txn: TxnId::new(Uuid::from_u128(before as u128)),
        txn_index: 0,
        txn_size: 1,
        at: Timestamp(1_764_000_000_000 + i64::try_from(before).unwrap_or(0)),
        actor: Actor::system(),
        connection: Some(ConnectionId::default_connection()),
        coercions: Vec::new(),
        flags: Flags::default(),
        event,
    }
}
