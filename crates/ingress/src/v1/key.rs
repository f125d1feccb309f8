//! The one way into `/v1`: a platform key. Everything wrong with it is the same 401.

use events::{Actor, ActorKind, Event, KeyRole};
use serde::de::DeserializeOwned;
use tenancy::{Call, PlatformCommand, PlatformKey, Tenant};

use super::BODY_BYTES_MAX;
use crate::credential;
use crate::error::Error;
use crate::exchange::Exchange;

/// Who asks: the holder of a platform key.
pub(crate) struct Key(PlatformKey);

/// The holder of a key that may change things.
#[derive(Clone, Copy)]
pub(crate) struct Owner<'k>(&'k Key);

/// Lets a request in.
///
/// # Errors
/// 401 for everything about the key.
pub(crate) async fn admit(exchange: &mut Exchange<'_>) -> Result<Key, Error> {
    let text = credential::find(exchange.headers()).ok_or(Error::Unauthorized)?;
    let found = exchange.state.tenancy.authenticate_key(&text).await?;
    let key = found.ok_or(Error::Unauthorized)?;
    exchange.line.key = Some(key.id());
    Ok(Key(key))
}

impl Key {
    /// The right to change things.
    ///
    /// # Errors
    /// 403 for a key that may only read.
    pub(crate) fn owner(&self) -> Result<Owner<'_>, Error> {
        match self.0.role() {
            KeyRole::Owner => Ok(Owner(self)),
            KeyRole::Reader => Err(Error::ReadOnlyKey),
        }
    }

    /// The tenant that the address names.
    ///
    /// # Errors
    /// 404 when there is none.
    pub(crate) async fn tenant(&self, exchange: &mut Exchange<'_>) -> Result<Tenant, Error> {
        let found = exchange.state.tenancy.tenant(&self.0, &exchange.parameter(0)).await?;
        let tenant = found.ok_or_else(|| exchange.no_such("tenant"))?;
        exchange.line.tenant = Some(tenant.id().clone());
        Ok(tenant)
    }
}

impl Owner<'_> {
    /// The tenant that the address names.
    ///
    /// # Errors
    /// 404 when there is none.
    pub(crate) async fn tenant(self, exchange: &mut Exchange<'_>) -> Result<Tenant, Error> {
        self.0.tenant(exchange).await
    }

    /// Carries a command out; returns when that is durable.
    pub(crate) async fn administer(
        self,
        exchange: &mut Exchange<'_>,
        command: PlatformCommand,
    ) -> Result<Vec<Event>, Error> {
        let actor = Actor { kind: ActorKind::Key, id: self.0.0.id().to_string() };
        let call = Call { txn: exchange.txn, at: exchange.now, actor, connection: None };
        let events = exchange.state.tenancy.administer(call, command).await?;
        exchange.line.events = events.len();
        Ok(events)
    }
}

/// The body, in its one form; an unknown member is an error.
///
/// # Errors
/// 400 when it has another form.
pub(crate) async fn body<T: DeserializeOwned>(exchange: &mut Exchange<'_>) -> Result<T, Error> {
    let body = exchange.body(BODY_BYTES_MAX, Ok).await?;
    serde_json::from_value(body).map_err(|error| Error::Invalid { detail: error.to_string() })
}
