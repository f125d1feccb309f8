//! The fold of `~platform`: tenants, tokens by hash, keys by hash. Always resident; holds no secret.

mod apply;
mod dump;
mod saved;
mod schemas;

use std::collections::BTreeMap;
use std::sync::Arc;

use events::{KeyId, KeyRole, Seq, TenantId, TenantSettings, Timestamp, TokenFacts, TokenId};
use hashbrown::HashMap;

pub(crate) use saved::RECORDS;
pub use schemas::{SchemaRecord, Schemas};

/// All that the platform's own stream says.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    seq: Seq,
    at: Timestamp,
    tenants: BTreeMap<TenantId, TenantRecord>,
    tokens: BTreeMap<TokenId, TokenRecord>,
    keys: BTreeMap<KeyId, KeyRecord>,
    token_hashes: HashMap<[u8; 32], TokenId>,
    key_hashes: HashMap<[u8; 32], KeyId>,
}

/// A tenant; one that was deleted stays, because its id is never used again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TenantRecord {
    /// Its id.
    pub id: TenantId,
    /// What the platform has decided for it.
    pub settings: Arc<TenantSettings>,
    /// Whether it may be used.
    pub status: Status,
    /// What its users and groups are.
    pub schemas: Arc<Schemas>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// The event of `~platform` that last changed it.
    pub version: Seq,
}

/// What may be done with a tenant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Status {
    /// Everything.
    Active,
    /// Nothing by SCIM: it answers 403.
    Suspended,
    /// Nothing; it is gone, and its tokens with it.
    Deleted,
}

/// A SCIM token; one that was revoked stays, to be listed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenRecord {
    /// Its id.
    pub id: TokenId,
    /// What was said of it when it was issued.
    pub facts: TokenFacts,
    /// When.
    pub issued_at: Timestamp,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
    /// The event of `~platform` that last changed it.
    pub version: Seq,
}

/// A platform key; one that was revoked stays, to be listed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyRecord {
    /// Its id.
    pub id: KeyId,
    /// For people.
    pub name: String,
    /// What it may do.
    pub role: KeyRole,
    /// SHA-256 of the whole key text.
    pub hash: [u8; 32],
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
    /// The event of `~platform` that last changed it.
    pub version: Seq,
}

impl Registry {
    pub(crate) const fn seq(&self) -> Seq {
        self.seq
    }

    pub(crate) const fn at(&self) -> Timestamp {
        self.at
    }

    /// A tenant, deleted or not.
    pub(crate) fn tenant(&self, id: &str) -> Option<&TenantRecord> {
        self.tenants.get(id)
    }

    /// All tenants but deleted ones, by id.
    pub(crate) fn tenants(&self) -> impl Iterator<Item = &TenantRecord> {
        self.tenants.values().filter(|it| it.status != Status::Deleted)
    }

    /// A token, revoked or not.
    pub(crate) fn token(&self, id: TokenId) -> Option<&TokenRecord> {
        self.tokens.get(&id)
    }

    /// The token of that hash, if it opens anything now.
    pub(crate) fn token_by_hash(&self, hash: &[u8; 32], now: Timestamp) -> Option<&TokenRecord> {
        self.tokens.get(self.token_hashes.get(hash)?).filter(|it| it.is_valid(now))
    }

    /// A tenant's tokens, revoked ones too, in order of id.
    pub(crate) fn tokens(&self, tenant: &TenantId) -> impl Iterator<Item = &TokenRecord> {
        self.tokens.values().filter(move |it| it.facts.tenant == *tenant)
    }

    /// A key, revoked or not.
    pub(crate) fn key(&self, id: KeyId) -> Option<&KeyRecord> {
        self.keys.get(&id)
    }

    /// The key of that hash, unless it was revoked.
    pub(crate) fn key_by_hash(&self, hash: &[u8; 32]) -> Option<&KeyRecord> {
        self.keys.get(self.key_hashes.get(hash)?)
    }

    /// All keys, revoked ones too, in order of id.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &KeyRecord> {
        self.keys.values()
    }

    /// Whether the hash is that of a credential that works.
    pub(crate) fn knows_hash(&self, hash: &[u8; 32]) -> bool {
        self.token_hashes.contains_key(hash) || self.key_hashes.contains_key(hash)
    }
}

impl TokenRecord {
    /// Whether it opens its tenant.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.facts.expires_at.is_none_or(|expiry| now < expiry)
    }
}
