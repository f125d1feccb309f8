//! `/v1/tenants/{tenant}/tokens`: a token's secret is shown once, when it is issued; then only its hash is known.

use actix_web::http::StatusCode;
use events::{ConnectionId, Timestamp, TokenFacts, TokenId};
use serde::Deserialize;
use serde_json::{Value, json};
use tenancy::PlatformCommand;

use super::key::{Key, Owner, body};
use super::page::Page;
use crate::answer::Answer;
use crate::error::Error;
use crate::exchange::Exchange;
use crate::secret::{Kind, Secret};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Issue {
    #[serde(default)]
    name: String,
    expires_at: Option<String>,
}

/// GET `/v1/tenants/{tenant}/tokens`: those that were not revoked.
pub(crate) async fn list(exchange: &mut Exchange<'_>, by: &Key) -> Result<Answer, Error> {
    let tenant = by.tenant(exchange).await?;
    let page = Page::<TokenId>::of(exchange)?;
    let all = exchange.state.tenancy.tokens(&tenant).await?;
    let standing = all.into_iter().filter(|it| it.revoked_at.is_none());
    let behind = standing.filter(|it| page.after.is_none_or(|id| it.id > id));
    let (tokens, next) = page.cut(behind, |it| it.id.to_string());
    let tokens: Vec<Value> = tokens.iter().map(|it| shown(it.id, &it.facts)).collect();
    Answer::json(StatusCode::OK, &json!({ "tokens": tokens, "next": next }))
}

/// POST `/v1/tenants/{tenant}/tokens`.
pub(crate) async fn issue(exchange: &mut Exchange<'_>, by: Owner<'_>) -> Result<Answer, Error> {
    let tenant = by.tenant(exchange).await?;
    let Issue { name, expires_at } = body(exchange).await?;
    let expires_at = expires_at.as_deref().map(read_time).transpose()?;
    let secret = Secret::mint(Kind::Token).map_err(|_| Error::Unavailable { retry_after_s: 1 })?;
    let facts = TokenFacts {
        tenant: tenant.id().clone(),
        connection: ConnectionId::default_connection(),
        name,
        hash: secret.hash(),
        hint: secret.hint(),
        expires_at,
    };
    let token = TokenId::new(exchange.state.ids.next(exchange.now));
    let mut shown = shown(token, &facts);
    by.administer(exchange, PlatformCommand::IssueToken { token, facts }).await?;
    if let Some(shown) = shown.as_object_mut() {
        shown.insert("token".to_owned(), secret.reveal().into());
        let base_url = exchange.state.addresses.base_url(tenant.id());
        shown.insert("base_url".to_owned(), base_url.into());
    }
    Ok(Answer::json(StatusCode::CREATED, &shown)?.secret())
}

/// DELETE `/v1/tenants/{tenant}/tokens/{token}`.
pub(crate) async fn revoke(exchange: &mut Exchange<'_>, by: Owner<'_>) -> Result<Answer, Error> {
    let tenant = by.tenant(exchange).await?.id().clone();
    let id = exchange.parameter(1).into_owned();
    let Ok(token) = id.parse() else { return Err(Error::NoSuch { kind: "token", id }) };
    by.administer(exchange, PlatformCommand::RevokeToken { tenant, token }).await?;
    Ok(Answer::done())
}

fn shown(id: TokenId, facts: &TokenFacts) -> Value {
    json!({
        "id": id.to_string(),
        "name": facts.name,
        "hint": facts.hint,
        "connection": facts.connection.as_str(),
        "expires_at": facts.expires_at.map(|at| at.to_string()),
    })
}

fn read_time(text: &str) -> Result<Timestamp, Error> {
    Timestamp::parse(text).ok_or_else(|| Error::Invalid {
        detail: "expires_at: it must be an RFC 3339 time".to_owned(),
    })
}
