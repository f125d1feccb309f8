//! From a credential to what it opens; the only place that makes a [`Tenant`] or a [`PlatformKey`].
//!
//! Secrets are compared by looking their SHA-256 up, which takes no longer for a near miss. Whatever is wrong
//! with a credential, the answer is one: nothing.

use std::sync::Arc;

use events::{ConnectionId, Seq, Timestamp, TokenId};
use sha2::{Digest, Sha256};

use crate::registry::{Registry, TenantRecord};
use crate::{Error, Fact, PlatformKey, Status, Tenancy, Tenant};

const TOKEN_PREFIX: &str = "rct_";
const KEY_PREFIX: &str = "rck_";
/// Longer texts are no credentials of ours and not worth hashing.
const CREDENTIAL_BYTES_MAX: usize = 128;

impl Tenancy {
    /// What a SCIM token opens: its tenant, if that is the one that the URL names, if it names any.
    ///
    /// `None` for every token that is unknown, expired, revoked, another tenant's or a deleted one's. A suspended
    /// tenant is returned as such.
    ///
    /// # Errors
    /// [`Error`] when nothing can be answered now.
    pub async fn authenticate(
        &self,
        token: &str,
        addressed: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<(Tenant, TokenId)>, Error> {
        let Some(hash) = hash(token, TOKEN_PREFIX) else { return Ok(None) };
        let open = |registry: &Registry| match opened(registry, &hash, addressed, now) {
            Some(opened) => {
                let newest = opened.token_version.max(opened.tenant.version);
                (Some(opened), Fact::Version(newest))
            }
            None => (None, Fact::Head),
        };
        let found = self.ask(&self.0.platform, open).await?;
        Ok(found.map(|it| (self.open_tenant(&it.tenant, Some(it.connection)), it.token)))
    }

    /// What a platform key is.
    ///
    /// # Errors
    /// [`Error`] when nothing can be answered now.
    pub async fn authenticate_key(&self, key: &str) -> Result<Option<PlatformKey>, Error> {
        let Some(hash) = hash(key, KEY_PREFIX) else { return Ok(None) };
        let find = |registry: &Registry| match registry.key_by_hash(&hash) {
            Some(it) => (Some(PlatformKey { id: it.id, role: it.role }), Fact::Version(it.version)),
            None => (None, Fact::Head),
        };
        self.ask(&self.0.platform, find).await
    }

    /// The tenant of that id, for the holder of a platform key.
    ///
    /// # Errors
    /// [`Error`] when nothing can be answered now.
    pub async fn tenant(&self, _key: &PlatformKey, id: &str) -> Result<Option<Tenant>, Error> {
        let find = |registry: &Registry| match there(registry, id) {
            Some(it) => (Some(it.clone()), Fact::Version(it.version)),
            None => (None, Fact::Head),
        };
        let found = self.ask(&self.0.platform, find).await?;
        Ok(found.map(|it| self.open_tenant(&it, None)))
    }

    fn open_tenant(&self, record: &TenantRecord, connection: Option<ConnectionId>) -> Tenant {
        Tenant {
            stream: self.stream(&record.id),
            settings: Arc::clone(&record.settings),
            schemas: Arc::clone(&record.schemas),
            status: record.status,
            connection,
        }
    }
}

/// What a token opens, and what says so.
struct Opened {
    token: TokenId,
    token_version: Seq,
    connection: ConnectionId,
    tenant: TenantRecord,
}

fn opened(
    registry: &Registry,
    hash: &[u8; 32],
    addressed: Option<&str>,
    now: Timestamp,
) -> Option<Opened> {
    let token = registry.token_by_hash(hash, now)?;
    let tenant = there(registry, token.facts.tenant.as_str())?;
    let fits = addressed.is_none_or(|id| id == tenant.id.as_str());
    fits.then(|| Opened {
        token: token.id,
        token_version: token.version,
        connection: token.facts.connection.clone(),
        tenant: tenant.clone(),
    })
}

/// A tenant that wasn't deleted.
fn there<'a>(registry: &'a Registry, id: &str) -> Option<&'a TenantRecord> {
    registry.tenant(id).filter(|it| it.status != Status::Deleted)
}

/// The hash of what may be a credential; `None` for what can't be one.
fn hash(text: &str, prefix: &str) -> Option<[u8; 32]> {
    let plausible = text.starts_with(prefix) && text.len() <= CREDENTIAL_BYTES_MAX;
    plausible.then(|| Sha256::digest(text.as_bytes()).into())
}
