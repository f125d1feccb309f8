//! The registry as records: where it stands, and the fewest events that fold to it. A cache; the log stays the truth.
//!
//! ```text
//! [1] 'p'  [8] seq  [8] at, big-endian      first
//! [1] 'e'  [..] an envelope, as in the log  each other one
//! ```

use bytes::Bytes;
use directory::saved::Unreadable;
use events::{Actor, Envelope, Event, Flags, Seq, TenantId, Timestamp, TxnId, wire};
use uuid::Uuid;

use super::{KeyRecord, Registry, SchemaRecord, Status, TenantRecord, TokenRecord};

/// The version of these records.
pub(crate) const RECORDS: u32 = 1;
const PLACE: u8 = b'p';
const EVENT: u8 = b'e';

impl Registry {
    /// All of it. Tenants come before tokens: a tenant's end would revoke those that it has by then.
    pub(crate) fn records(&self) -> Vec<Vec<u8>> {
        let mut place = vec![PLACE];
        place.extend_from_slice(&self.seq.0.to_be_bytes());
        place.extend_from_slice(&self.at.0.to_be_bytes());
        let mut records = vec![place];
        self.tenants.values().for_each(|it| tenant(it, &mut records));
        self.tokens.values().for_each(|it| token(it, &mut records));
        self.keys.values().for_each(|it| key(it, &mut records));
        records
    }

    /// Takes over the next record, in the order of [`Registry::records`].
    pub(crate) fn take(&mut self, record: &Bytes) -> Result<(), Unreadable> {
        let (kind, rest) = record.split_first().ok_or(Unreadable)?;
        match *kind {
            PLACE => {
                let (seq, at) = rest.split_first_chunk().ok_or(Unreadable)?;
                self.seq = Seq(u64::from_be_bytes(*seq));
                self.at = Timestamp(i64::from_be_bytes(at.try_into().map_err(|_| Unreadable)?));
            }
            EVENT => {
                let envelope = wire::decode(&record.slice(1..)).map_err(|_| Unreadable)?;
                let (seq, at) = (self.seq, self.at);
                self.apply(&envelope);
                (self.seq, self.at) = (seq, at);
            }
            _ => return Err(Unreadable),
        }
        Ok(())
    }
}

fn tenant(record: &TenantRecord, records: &mut Vec<Vec<u8>>) {
    let TenantRecord { id, settings, status, schemas, created_at, modified_at, version } = record;
    let (tenant, settings) = (id.clone(), (**settings).clone());
    let last = match status {
        Status::Active => Event::TenantUpdated { tenant, settings: settings.clone() },
        Status::Suspended => Event::TenantSuspended { tenant },
        Status::Deleted => Event::TenantDeleted { tenant },
    };
    let created = Event::TenantCreated { tenant: id.clone(), settings };
    records.push(event(*version, *created_at, created));
    for SchemaRecord { urn, schema, modified_at, version, added: _ } in schemas.records() {
        let (tenant, urn, schema) = (id.clone(), urn.clone(), schema.clone());
        records.push(event(*version, *modified_at, Event::SchemaPut { tenant, urn, schema }));
    }
    records.push(event(*version, *modified_at, last));
}

fn token(record: &TokenRecord, records: &mut Vec<Vec<u8>>) {
    let TokenRecord { id: token, facts, issued_at, revoked_at, version } = record;
    let tenant = facts.tenant.clone();
    let issued = Event::TokenIssued { token: *token, facts: facts.clone() };
    records.push(event(*version, *issued_at, issued));
    if let Some(at) = revoked_at {
        records.push(event(*version, *at, Event::TokenRevoked { token: *token, tenant }));
    }
}

fn key(record: &KeyRecord, records: &mut Vec<Vec<u8>>) {
    let KeyRecord { id: key, name, role, hash, issued_at, revoked_at, version } = record;
    let issued = Event::KeyIssued { key: *key, name: name.clone(), role: *role, hash: *hash };
    records.push(event(*version, *issued_at, issued));
    if let Some(at) = revoked_at {
        records.push(event(*version, *at, Event::KeyRevoked { key: *key }));
    }
}

fn event(seq: Seq, at: Timestamp, event: Event) -> Vec<u8> {
    let envelope = Envelope {
        tenant: TenantId::platform(),
        seq,
        txn: TxnId::new(Uuid::nil()),
        txn_index: 0,
        txn_size: 1,
        at,
        actor: Actor::system(),
        connection: None,
        coercions: Vec::new(),
        flags: Flags::default(),
        event,
    };
    let mut record = vec![EVENT];
    record.extend_from_slice(&wire::encode(&envelope));
    record
}
