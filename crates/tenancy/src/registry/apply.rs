//! What an event does to the registry. What is logged is true, so nothing here can fail.

use std::sync::Arc;

use events::{
    Envelope, Event, KeyId, Seq, TenantId, TenantSchema, TenantSettings, Timestamp, TokenId,
};

use super::{KeyRecord, Registry, SchemaRecord, Status, TenantRecord, TokenRecord};

impl Registry {
    /// Folds one event of `~platform` in. Events come in order of number.
    pub(crate) fn apply(&mut self, envelope: &Envelope) {
        let (seq, at) = (envelope.seq, envelope.at);
        self.seq = seq;
        self.at = at;
        match &envelope.event {
            Event::TenantCreated { tenant, settings } => self.create(tenant, settings, (seq, at)),
            Event::TenantUpdated { tenant, settings } => {
                let settings = Arc::new(settings.clone());
                self.change_tenant(tenant, (seq, at), |it| it.settings = settings);
            }
            Event::TenantSuspended { tenant } => {
                self.change_tenant(tenant, (seq, at), |it| it.status = Status::Suspended);
            }
            Event::TenantResumed { tenant } => {
                self.change_tenant(tenant, (seq, at), |it| it.status = Status::Active);
            }
            Event::TenantDeleted { tenant } => self.delete_tenant(tenant, (seq, at)),
            Event::TokenIssued { token: id, facts } => {
                self.token_hashes.insert(facts.hash, *id);
                let facts = facts.clone();
                let record =
                    TokenRecord { id: *id, facts, issued_at: at, revoked_at: None, version: seq };
                self.tokens.insert(*id, record);
            }
            Event::TokenRevoked { token, tenant: _ } => self.revoke_token(*token, (seq, at)),
            Event::KeyIssued { key: id, name, role, hash } => {
                self.key_hashes.insert(*hash, *id);
                let (name, role, hash) = (name.clone(), *role, *hash);
                let (issued_at, revoked_at, version) = (at, None, seq);
                let record =
                    KeyRecord { id: *id, name, role, hash, issued_at, revoked_at, version };
                self.keys.insert(*id, record);
            }
            Event::KeyRevoked { key } => self.revoke_key(*key, (seq, at)),
            Event::SchemaPut { tenant, schema, .. } => self.put_schema(tenant, schema, (seq, at)),
            Event::SchemaDeleted { tenant, urn } => self.delete_schema(tenant, urn, (seq, at)),
            // It says something of the log, not of what is in it.
            Event::LogRestored { .. } => {}
            // Of tenants' streams: they say nothing about the platform.
            Event::UserCreated { .. }
            | Event::UserUpdated { .. }
            | Event::UserDeactivated { .. }
            | Event::UserReactivated { .. }
            | Event::UserDeleted { .. }
            | Event::GroupCreated { .. }
            | Event::GroupUpdated { .. }
            | Event::GroupDeleted { .. }
            | Event::GroupMembersAdded { .. }
            | Event::GroupMembersRemoved { .. }
            | Event::ResourceCreated { .. }
            | Event::ResourceUpdated { .. }
            | Event::ResourceDeleted { .. } => {}
        }
    }

    fn change_tenant(
        &mut self,
        tenant: &TenantId,
        (seq, at): (Seq, Timestamp),
        change: impl FnOnce(&mut TenantRecord),
    ) {
        if let Some(record) = self.tenants.get_mut(tenant) {
            record.version = seq;
            record.modified_at = at;
            change(record);
        }
    }

    fn create(
        &mut self,
        tenant: &TenantId,
        settings: &TenantSettings,
        (seq, at): (Seq, Timestamp),
    ) {
        let record = TenantRecord {
            id: tenant.clone(),
            settings: Arc::new(settings.clone()),
            status: Status::Active,
            schemas: Arc::default(),
            created_at: at,
            modified_at: at,
            version: seq,
        };
        self.tenants.insert(tenant.clone(), record);
    }

    /// What is logged was read before: it goes together with the others.
    fn put_schema(&mut self, tenant: &TenantId, schema: &TenantSchema, stamp: (Seq, Timestamp)) {
        let record = SchemaRecord::read(schema.clone(), stamp.1, stamp.0);
        self.change_tenant(tenant, stamp, |it| {
            if let Ok(schemas) = record.and_then(|record| it.schemas.with(record)) {
                it.schemas = Arc::new(schemas);
            }
        });
    }

    /// No other schema needs it.
    fn delete_schema(&mut self, tenant: &TenantId, urn: &str, stamp: (Seq, Timestamp)) {
        self.change_tenant(tenant, stamp, |it| {
            if let Ok(schemas) = it.schemas.without(urn) {
                it.schemas = Arc::new(schemas);
            }
        });
    }

    /// The tenant's tokens die with it.
    fn delete_tenant(&mut self, tenant: &TenantId, stamp: (Seq, Timestamp)) {
        self.change_tenant(tenant, stamp, |it| it.status = Status::Deleted);
        let works = |it: &&TokenRecord| it.revoked_at.is_none();
        let tokens: Vec<TokenId> = self.tokens(tenant).filter(works).map(|it| it.id).collect();
        for token in tokens {
            self.revoke_token(token, stamp);
        }
    }

    fn revoke_token(&mut self, token: TokenId, (seq, at): (Seq, Timestamp)) {
        if let Some(record) = self.tokens.get_mut(&token) {
            record.version = seq;
            record.revoked_at = Some(at);
            self.token_hashes.remove(&record.facts.hash);
        }
    }

    fn revoke_key(&mut self, key: KeyId, (seq, at): (Seq, Timestamp)) {
        if let Some(record) = self.keys.get_mut(&key) {
            record.version = seq;
            record.revoked_at = Some(at);
            self.key_hashes.remove(&record.hash);
        }
    }
}
