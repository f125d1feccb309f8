//! The rules of `~platform`: which events a command of the platform makes. Pure.

use events::{
    Event, KeyId, KeyRole, LogId, TenantId, TenantSchema, TenantSettings, Timestamp, TokenFacts,
    TokenId,
};

use crate::registry::{Registry, SchemaRecord, TenantRecord};
use crate::{Status, TenantChange};

/// Tokens of one tenant that work at the same time.
pub const TENANT_TOKENS_MAX: usize = 10;
/// Length of the name of a tenant, token, key or connection, in bytes.
pub const NAME_BYTES_MAX: usize = 256;

/// What can be asked of the platform. Secrets never get here, only their hashes.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the types of the fields say what they are")]
pub enum PlatformCommand {
    /// Makes a tenant.
    CreateTenant { tenant: TenantId, settings: TenantSettings },
    /// Gives it other settings, suspends it, or ends that.
    ChangeTenant { tenant: TenantId, change: TenantChange },
    /// Ends the tenant and its tokens, for good.
    DeleteTenant { tenant: TenantId },
    /// Gives a tenant one more SCIM token.
    IssueToken { token: TokenId, facts: TokenFacts },
    /// Ends a token of that tenant, at once.
    RevokeToken { tenant: TenantId, token: TokenId },
    /// Makes a key of the platform API.
    IssueKey { key: KeyId, name: String, role: KeyRole, hash: [u8; 32] },
    /// Ends it, at once.
    RevokeKey { key: KeyId },
    /// Gives a tenant a schema of its own, or another in the place of that under the same URN.
    PutSchema { tenant: TenantId, schema: TenantSchema },
    /// Takes it away. No resource may have values under it.
    DeleteSchema { tenant: TenantId, urn: String },
    /// Notes that the log goes on from a backup of that time.
    NoteRestore { log: LogId, incarnation: u32, backup_at: Timestamp },
}

/// The rule that a command of the platform breaks.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PlatformRejection {
    /// The id is or was a tenant's.
    #[error("tenant id {0} is taken, or was once: ids are never used again")]
    TenantIdTaken(TenantId),
    /// There is no such tenant.
    #[error("no tenant {0}")]
    NoSuchTenant(TenantId),
    /// The tenant has no such token.
    #[error("no token {0}")]
    NoSuchToken(TokenId),
    /// There is no such key.
    #[error("no platform key {0}")]
    NoSuchKey(KeyId),
    /// The id or the secret of a credential is in use.
    #[error("that credential exists already: make a new one")]
    CredentialExists,
    /// The tenant has enough tokens.
    #[error("the tenant has {limit} tokens that work: revoke one first")]
    TooManyTokens {
        /// [`TENANT_TOKENS_MAX`].
        limit: usize,
    },
    /// What is given is no schema, or doesn't go together with the tenant's others.
    #[error("{0}")]
    InvalidSchema(String),
    /// Values may be there that the schema wouldn't describe any more.
    #[error("{0}")]
    SchemaInUse(String),
    /// The tenant has no schema of its own of that URN.
    #[error("the tenant has no schema of its own under that URN")]
    NoSuchSchema,
    /// A name is too long.
    #[error("a name has at most {limit} bytes")]
    NameTooLong {
        /// [`NAME_BYTES_MAX`].
        limit: usize,
    },
    /// A token that would never work.
    #[error("the token would have expired before it was issued")]
    AlreadyExpired,
    /// The id is not one that tenants have.
    #[error("{0} is no tenant's id")]
    NoTenantId(TenantId),
}

/// Decides a command; no events when everything is already as asked for.
pub(crate) fn decide(
    registry: &Registry,
    command: PlatformCommand,
    now: Timestamp,
) -> Result<Vec<Event>, PlatformRejection> {
    match command {
        PlatformCommand::CreateTenant { tenant, settings } => create(registry, tenant, settings),
        PlatformCommand::ChangeTenant { tenant, change } => {
            check_name(change.name.as_deref().unwrap_or_default())?;
            Ok(change.events(find(registry, &tenant)?))
        }
        PlatformCommand::DeleteTenant { tenant } => {
            find(registry, &tenant)?;
            Ok(vec![Event::TenantDeleted { tenant }])
        }
        PlatformCommand::IssueToken { token, facts } => issue_token(registry, token, facts, now),
        PlatformCommand::RevokeToken { tenant, token } => {
            let known = registry.token(token).filter(|it| it.facts.tenant == tenant);
            let record = known.ok_or(PlatformRejection::NoSuchToken(token))?;
            Ok(unless(record.revoked_at.is_some(), Event::TokenRevoked { token, tenant }))
        }
        PlatformCommand::IssueKey { key, name, role, hash } => {
            check_name(&name)?;
            if registry.key(key).is_some() || registry.knows_hash(&hash) {
                return Err(PlatformRejection::CredentialExists);
            }
            Ok(vec![Event::KeyIssued { key, name, role, hash }])
        }
        PlatformCommand::RevokeKey { key } => {
            let record = registry.key(key).ok_or(PlatformRejection::NoSuchKey(key))?;
            Ok(unless(record.revoked_at.is_some(), Event::KeyRevoked { key }))
        }
        PlatformCommand::PutSchema { tenant, schema } => put_schema(registry, tenant, schema, now),
        PlatformCommand::DeleteSchema { tenant, urn } => {
            let schemas = &find(registry, &tenant)?.schemas;
            let urn = schemas.find(&urn).ok_or(PlatformRejection::NoSuchSchema)?.urn.clone();
            let needed = |error: scim::Error| PlatformRejection::SchemaInUse(error.detail);
            schemas.without(&urn).map_err(needed)?;
            Ok(vec![Event::SchemaDeleted { tenant, urn }])
        }
        PlatformCommand::NoteRestore { log, incarnation, backup_at } => {
            Ok(vec![Event::LogRestored { log, incarnation, backup_at }])
        }
    }
}

fn create(
    registry: &Registry,
    tenant: TenantId,
    settings: TenantSettings,
) -> Result<Vec<Event>, PlatformRejection> {
    check_name(&settings.name)?;
    if tenant.is_platform() {
        return Err(PlatformRejection::NoTenantId(tenant));
    }
    if registry.tenant(tenant.as_str()).is_some() {
        return Err(PlatformRejection::TenantIdTaken(tenant));
    }
    Ok(vec![Event::TenantCreated { tenant, settings }])
}

fn put_schema(
    registry: &Registry,
    tenant: TenantId,
    schema: TenantSchema,
    now: Timestamp,
) -> Result<Vec<Event>, PlatformRejection> {
    let schemas = &find(registry, &tenant)?.schemas;
    let invalid = |error: scim::Error| PlatformRejection::InvalidSchema(error.detail);
    let record = SchemaRecord::read(schema, now, registry.seq()).map_err(invalid)?;
    if let Some(old) = schemas.find(&record.urn) {
        if old.schema == record.schema {
            return Ok(Vec::new());
        }
        record.added.check_change(&old.added).map_err(PlatformRejection::SchemaInUse)?;
    }
    schemas.with(record.clone()).map_err(invalid)?;
    Ok(vec![Event::SchemaPut { tenant, urn: record.urn, schema: record.schema }])
}

fn issue_token(
    registry: &Registry,
    token: TokenId,
    facts: TokenFacts,
    now: Timestamp,
) -> Result<Vec<Event>, PlatformRejection> {
    check_name(&facts.name)?;
    check_name(facts.connection.as_str())?;
    find(registry, &facts.tenant)?;
    if registry.token(token).is_some() || registry.knows_hash(&facts.hash) {
        return Err(PlatformRejection::CredentialExists);
    }
    if facts.expires_at.is_some_and(|expiry| expiry <= now) {
        return Err(PlatformRejection::AlreadyExpired);
    }
    let working = registry.tokens(&facts.tenant).filter(|it| it.is_valid(now)).count();
    if working >= TENANT_TOKENS_MAX {
        return Err(PlatformRejection::TooManyTokens { limit: TENANT_TOKENS_MAX });
    }
    Ok(vec![Event::TokenIssued { token, facts }])
}

/// A tenant that is there; a deleted one isn't.
fn find<'a>(
    registry: &'a Registry,
    tenant: &TenantId,
) -> Result<&'a TenantRecord, PlatformRejection> {
    let there = registry.tenant(tenant.as_str()).filter(|it| it.status != Status::Deleted);
    there.ok_or_else(|| PlatformRejection::NoSuchTenant(tenant.clone()))
}

fn check_name(name: &str) -> Result<(), PlatformRejection> {
    let limit = NAME_BYTES_MAX;
    if name.len() <= limit { Ok(()) } else { Err(PlatformRejection::NameTooLong { limit }) }
}

fn unless(already: bool, event: Event) -> Vec<Event> {
    if already { Vec::new() } else { vec![event] }
}
