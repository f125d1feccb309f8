//! What a start makes when it is missing: the operator's key, and the tenants, tokens and keys of the bootstrap file.
//! A secret is on disk before its event is: none is lost by a crash in between, and the next start replaces it.

use std::fs;
use std::path::Path;

use events::{
    Actor, ConnectionId, KeyId, KeyRole, TenantId, TenantSettings, TokenFacts, TokenId, TxnId,
};
use ingress::secret::{Kind, Secret};
use ingress::{Addresses, Clock, Ids};
use serde::Serialize;
use tenancy::{Call, PlatformCommand, Tenancy};

use crate::bootstrap::{self, Bootstrap};
use crate::{Config, StartError, files, keys};

/// The name of the platform key in `DIR/operator.key`.
pub(crate) const OPERATOR: &str = "operator.key";
/// The name of the tokens that a bootstrap file asked for.
const BOOTSTRAP: &str = "bootstrap";

/// What is needed to change the platform.
pub(crate) struct Issuer<'a> {
    pub(crate) tenancy: &'a Tenancy,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) ids: &'a Ids,
    pub(crate) addresses: &'a Addresses,
}

/// A credential that was issued, as a line of `--tokens-out`.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Issued {
    Scim { tenant: String, base_url: String, token: String },
    Platform { name: String, base_url: String, token: String },
}

/// What is missing: the commands that make it, and the credentials among them.
#[derive(Debug, Default)]
struct Missing {
    commands: Vec<PlatformCommand>,
    issued: Vec<Issued>,
}

impl Issuer<'_> {
    /// Makes `DIR/operator.key` unless a key of that name works.
    ///
    /// # Errors
    /// [`StartError`] when it can't be written or committed.
    pub(crate) async fn operator_key(&self, data: &Path) -> Result<(), StartError> {
        if self.has_key(OPERATOR).await? {
            return Ok(());
        }
        let secret = mint(Kind::Key)?;
        let file = keys::operator_key_file(data);
        write(&file, &format!("{}\n", secret.reveal()))?;
        self.administer(self.issue_key(OPERATOR, KeyRole::Owner, &secret)).await?;
        tracing::info!(file = %file.display(), "made the operator's platform key");
        Ok(())
    }

    /// Makes what the bootstrap file names and is missing; its secrets go to `--tokens-out`.
    ///
    /// # Errors
    /// [`StartError`] when the file is wrong, or something can't be written or committed.
    pub(crate) async fn bootstrap(&self, config: &Config) -> Result<(), StartError> {
        let Some(file) = &config.bootstrap else { return Ok(()) };
        let bootstrap = Bootstrap::read(file).map_err(|e| StartError::Config(e.to_string()))?;
        let missing = self.missing(&bootstrap, config.tokens_out.is_some()).await?;
        if let Some(out) = config.tokens_out.as_deref().filter(|_| !missing.issued.is_empty()) {
            write(out, &lines(&missing.issued)?)?;
        }
        let issued = missing.issued.len();
        for command in missing.commands {
            if let Err(error) = self.administer(command).await {
                // The credentials in it may never have come into being.
                config.tokens_out.as_deref().map(fs::remove_file).transpose().ok();
                return Err(error);
            }
        }
        tracing::info!(file = %file.display(), issued, "what the bootstrap file names is there");
        Ok(())
    }

    async fn missing(&self, wanted: &Bootstrap, issue: bool) -> Result<Missing, StartError> {
        let mut missing = Missing::default();
        let known = self.tenancy.tenants().await.map_err(unreadable)?;
        for tenant in &wanted.tenants {
            let id = TenantId::parse(&tenant.id).map_err(|e| StartError::Config(e.to_string()))?;
            let exists = known.iter().any(|record| record.id == id);
            if !exists {
                missing.commands.push(create(&id, tenant));
            }
            let has_token = exists && self.has_token(&id).await?;
            match (has_token, issue) {
                (true, _) => {}
                (false, true) => self.add_token(&mut missing, id)?,
                (false, false) => not_issued("a token", &tenant.id),
            }
        }
        for key in &wanted.platform_keys {
            match (self.has_key(&key.name).await?, issue) {
                (true, _) => {}
                (false, true) => self.add_key(&mut missing, key)?,
                (false, false) => not_issued("a platform key", &key.name),
            }
        }
        Ok(missing)
    }

    fn add_token(&self, missing: &mut Missing, tenant: TenantId) -> Result<(), StartError> {
        let secret = mint(Kind::Token)?;
        missing.issued.push(Issued::Scim {
            tenant: tenant.to_string(),
            base_url: self.addresses.base_url(&tenant),
            token: secret.reveal().to_owned(),
        });
        let facts = TokenFacts {
            tenant,
            connection: ConnectionId::default_connection(),
            name: BOOTSTRAP.to_owned(),
            hash: secret.hash(),
            hint: secret.hint(),
            expires_at: None,
        };
        let token = TokenId::new(self.ids.next(self.clock.now()));
        missing.commands.push(PlatformCommand::IssueToken { token, facts });
        Ok(())
    }

    fn add_key(
        &self,
        missing: &mut Missing,
        wanted: &bootstrap::PlatformKey,
    ) -> Result<(), StartError> {
        let secret = mint(Kind::Key)?;
        missing.issued.push(Issued::Platform {
            name: wanted.name.clone(),
            base_url: format!("{}/v1", self.addresses.public_url),
            token: secret.reveal().to_owned(),
        });
        missing.commands.push(self.issue_key(&wanted.name, wanted.role.into(), &secret));
        Ok(())
    }

    fn issue_key(&self, name: &str, role: KeyRole, secret: &Secret) -> PlatformCommand {
        let key = KeyId::new(self.ids.next(self.clock.now()));
        PlatformCommand::IssueKey { key, name: name.to_owned(), role, hash: secret.hash() }
    }

    async fn has_key(&self, name: &str) -> Result<bool, StartError> {
        let keys = self.tenancy.keys().await.map_err(unreadable)?;
        Ok(keys.iter().any(|key| key.name == name && key.revoked_at.is_none()))
    }

    async fn has_token(&self, tenant: &TenantId) -> Result<bool, StartError> {
        self.tenancy.has_token(tenant, self.clock.now()).await.map_err(unreadable)
    }

    async fn administer(&self, command: PlatformCommand) -> Result<(), StartError> {
        let at = self.clock.now();
        let txn = TxnId::new(self.ids.next(at));
        let call = Call { txn, at, actor: Actor::system(), connection: None };
        let done = self.tenancy.administer(call, command).await;
        done.map(drop).map_err(|error| StartError::System(format!("the bootstrap failed: {error}")))
    }
}

/// A secret that goes nowhere would be lost.
fn not_issued(what: &str, name: &str) {
    tracing::warn!(name, "{what} is missing and not made: set tokens_out to have it written there");
}

fn create(id: &TenantId, wanted: &bootstrap::Tenant) -> PlatformCommand {
    let settings = TenantSettings {
        name: wanted.name.clone().unwrap_or_else(|| wanted.id.clone()),
        ..TenantSettings::of(wanted.profile().unwrap_or_default())
    };
    PlatformCommand::CreateTenant { tenant: id.clone(), settings }
}

fn lines(issued: &[Issued]) -> Result<String, StartError> {
    let mut text = String::new();
    for credential in issued {
        let line = serde_json::to_string(credential);
        text.push_str(&line.map_err(|error| StartError::System(error.to_string()))?);
        text.push('\n');
    }
    Ok(text)
}

fn mint(kind: Kind) -> Result<Secret, StartError> {
    Secret::mint(kind).map_err(|error| StartError::System(format!("no randomness: {error}")))
}

fn write(path: &Path, text: &str) -> Result<(), StartError> {
    files::write_secret(path, text).map_err(|error| {
        StartError::System(format!("{} can't be written: {error}", path.display()))
    })
}

/// The registry can't be read: the log is damaged, or it has stopped.
pub(crate) fn unreadable(error: tenancy::Error) -> StartError {
    let text = error.to_string();
    match error {
        tenancy::Error::Unavailable { .. } | tenancy::Error::Failed | tenancy::Error::NoView => {
            StartError::System(text)
        }
        tenancy::Error::Log(_) | tenancy::Error::Record { .. } | tenancy::Error::Gap { .. } => {
            StartError::Integrity(text)
        }
    }
}
