//! Commands and questions of the platform: tenants, tokens, keys.

use directory::Decision;
use events::{Event, TenantId, Timestamp};

use crate::change::{Refusal, change};
use crate::platform::decide;
use crate::registry::Registry;
use crate::{
    Call, Error, Fact, KeyRecord, PlatformCommand, PlatformRejection, Tenancy, Tenant,
    TenantRecord, TokenRecord,
};

/// Why a command of the platform was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// It breaks a rule. That rests on durable facts only.
    #[error(transparent)]
    Rejected(#[from] PlatformRejection),
    /// Nothing was written; trying again is safe.
    #[error("nothing can be written now; retry after {retry_after_s} s")]
    Unavailable {
        /// When to try again, in seconds.
        retry_after_s: u32,
    },
    /// The log has stopped, or can't be read: the command may be found carried out later, or not.
    #[error("the log has stopped")]
    Failed,
}

impl Tenancy {
    /// Carries a command of the platform out and answers when it is durable: with its events, none if everything
    /// was already as asked for.
    ///
    /// # Errors
    /// [`AdminError`]; nothing has changed then, except perhaps with [`AdminError::Failed`].
    pub async fn administer(
        &self,
        call: Call,
        command: PlatformCommand,
    ) -> Result<Vec<Event>, AdminError> {
        let now = call.at;
        let decide = |registry: &Registry| {
            let events = decide(registry, command, now)?;
            Ok((Decision { events, coercions: Vec::new() }, Fact::Head))
        };
        let read = |_: &Registry, decision: &Decision| decision.events.clone();
        let events = change((&*self.0, &self.0.platform), call, decide, read).await?;
        for event in &events {
            if let Event::TenantDeleted { tenant } = event {
                self.forget(tenant);
            }
        }
        Ok(events)
    }

    /// All tenants but deleted ones, by id.
    ///
    /// # Errors
    /// [`Error`] when nothing can be answered now.
    pub async fn tenants(&self) -> Result<Vec<TenantRecord>, Error> {
        self.ask_platform(|registry| registry.tenants().cloned().collect()).await
    }

    /// The tenant's tokens, revoked ones too, in order of id.
    ///
    /// # Errors
    /// [`Error`] when nothing can be answered now.
    pub async fn tokens(&self, tenant: &Tenant) -> Result<Vec<TokenRecord>, Error> {
        self.ask_platform(|registry| registry.tokens(tenant.id()).cloned().collect()).await
    }

    /// Whether the tenant has a token that works now.
    ///
    /// # Errors
    /// [`Error`] when nothing can be answered now.
    pub async fn has_token(&self, tenant: &TenantId, now: Timestamp) -> Result<bool, Error> {
        self.ask_platform(|registry| registry.tokens(tenant).any(|token| token.is_valid(now))).await
    }

    /// All platform keys, revoked ones too, in order of id.
    ///
    /// # Errors
    /// [`Error`] when nothing can be answered now.
    pub async fn keys(&self) -> Result<Vec<KeyRecord>, Error> {
        self.ask_platform(|registry| registry.keys().cloned().collect()).await
    }

    async fn ask_platform<T>(&self, read: impl FnOnce(&Registry) -> T) -> Result<T, Error> {
        self.ask(&self.0.platform, |registry| (read(registry), Fact::Head)).await
    }
}

impl From<Refusal<PlatformRejection>> for AdminError {
    fn from(refusal: Refusal<PlatformRejection>) -> Self {
        match refusal {
            Refusal::Rule(rejection) => Self::Rejected(rejection),
            // Names are bounded, so no event of the platform comes near the limit.
            Refusal::TooLarge { .. } | Refusal::Failed => Self::Failed,
            Refusal::Unavailable { retry_after_s } => Self::Unavailable { retry_after_s },
        }
    }
}
