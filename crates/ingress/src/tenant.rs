//! The one way to a [`Tenant`]: a credential that is good for it. Everything wrong with a credential is the same 401;
//! what `tenancy` can't tell apart, nobody outside can.

use std::sync::Arc;

use events::{Actor, ActorKind, PatchAnswer, Timestamp, TokenId, TxnId};
use scim::schema::Types;
use tenancy::{Call, Status, Tenant};

use crate::credential;
use crate::error::Error;
use crate::exchange::Exchange;

/// Who asks: a tenant, by one of its tokens.
pub(crate) struct Caller {
    /// Whose directory.
    pub(crate) tenant: Tenant,
    token: TokenId,
}

/// Lets a request in, if its credential opens the tenant that its address names (or any, if it names none).
///
/// # Errors
/// 401 for everything about the credential; 403 if the tenant is suspended.
pub(crate) async fn admit(
    exchange: &mut Exchange<'_>,
    addressed: Option<&str>,
) -> Result<Caller, Error> {
    let token = credential::find(exchange.headers()).ok_or(Error::Unauthorized)?;
    let found = exchange.state.tenancy.authenticate(&token, addressed, exchange.now).await?;
    let (tenant, token) = found.ok_or(Error::Unauthorized)?;
    exchange.line.tenant = Some(tenant.id().clone());
    exchange.line.token = Some(token);
    match tenant.status() {
        Status::Active => Ok(Caller { tenant, token }),
        Status::Suspended => Err(Error::Suspended),
        Status::Deleted => Err(Error::Unauthorized),
    }
}

impl Caller {
    /// How its requests are read.
    pub(crate) fn profile(&self) -> scim::Profile {
        self.tenant.profile()
    }

    /// What its users and groups are.
    pub(crate) fn types(&self) -> &Arc<Types> {
        self.tenant.schemas().types()
    }

    /// What a PATCH of its is answered with.
    pub(crate) fn patch_answer(&self) -> PatchAnswer {
        self.tenant.settings().switches.patch_answer
    }

    /// What the envelopes of its changes say.
    pub(crate) fn call(&self, txn: TxnId, at: Timestamp) -> Call {
        let actor = Actor { kind: ActorKind::Token, id: self.token.to_string() };
        Call { txn, at, actor, connection: self.tenant.connection().cloned() }
    }
}
