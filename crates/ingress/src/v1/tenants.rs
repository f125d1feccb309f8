//! `/v1/tenants`: one function for each verb.

use actix_web::http::StatusCode;
use events::{Profile, TenantId, TenantSettings};
use serde::Deserialize;
use serde_json::{Value, json};
use tenancy::{Fact, PlatformCommand, Status};

use super::key::{Key, Owner, body};
use super::page::Page;
use crate::answer::Answer;
use crate::error::Error;
use crate::exchange::Exchange;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Creation {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    profile: ProfileName,
    #[serde(default = "default_unique_group_names")]
    unique_group_names: bool,
}

/// Either settings or the status, so that one call is one fact.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    name: Option<String>,
    profile: Option<ProfileName>,
    unique_group_names: Option<bool>,
    status: Option<StatusName>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum ProfileName {
    #[default]
    Lenient,
    Strict,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum StatusName {
    Active,
    Suspended,
}

/// GET `/v1/tenants`.
pub(crate) async fn list(exchange: &Exchange<'_>, _: &Key) -> Result<Answer, Error> {
    let page = Page::<String>::of(exchange)?;
    let all = exchange.state.tenancy.tenants().await?;
    let behind =
        all.into_iter().filter(|it| page.after.as_deref().is_none_or(|id| it.id.as_str() > id));
    let (tenants, next) = page.cut(behind, |it| it.id.to_string());
    let tenants: Vec<Value> =
        tenants.iter().map(|it| shown(exchange, &it.id, &it.settings, it.status)).collect();
    Answer::json(StatusCode::OK, &json!({ "tenants": tenants, "next": next }))
}

/// POST `/v1/tenants`.
pub(crate) async fn create(exchange: &mut Exchange<'_>, by: Owner<'_>) -> Result<Answer, Error> {
    let Creation { id, name, profile, unique_group_names } = body(exchange).await?;
    let tenant =
        TenantId::parse(&id).map_err(|error| Error::Invalid { detail: error.to_string() })?;
    let settings = TenantSettings { name, profile: profile.into(), unique_group_names };
    let command =
        PlatformCommand::CreateTenant { tenant: tenant.clone(), settings: settings.clone() };
    by.administer(exchange, command).await?;
    let answer =
        Answer::json(StatusCode::CREATED, &shown(exchange, &tenant, &settings, Status::Active))?;
    Ok(answer.at(format!("{}/v1/tenants/{tenant}", exchange.state.addresses.public_url)))
}

/// GET `/v1/tenants/{tenant}`.
pub(crate) async fn show(exchange: &mut Exchange<'_>, by: &Key) -> Result<Answer, Error> {
    let tenant = by.tenant(exchange).await?;
    let count = |directory: &directory::Directory| {
        let counts = (directory.user_count(), directory.group_count(), directory.seq());
        (counts, Fact::Head)
    };
    let (users, groups, head) = exchange.state.tenancy.read(&tenant, count).await?;
    let mut shown = shown(exchange, tenant.id(), tenant.settings(), tenant.status());
    if let Some(shown) = shown.as_object_mut() {
        shown.insert("users".to_owned(), users.into());
        shown.insert("groups".to_owned(), groups.into());
        shown.insert("head".to_owned(), head.0.into());
    }
    Answer::json(StatusCode::OK, &shown)
}

/// PATCH `/v1/tenants/{tenant}`.
pub(crate) async fn change(exchange: &mut Exchange<'_>, by: Owner<'_>) -> Result<Answer, Error> {
    let tenant = by.tenant(exchange).await?;
    let Change { name, profile, unique_group_names, status } = body(exchange).await?;
    let old = tenant.settings();
    let settings = TenantSettings {
        name: name.unwrap_or_else(|| old.name.clone()),
        profile: profile.map_or(old.profile, Profile::from),
        unique_group_names: unique_group_names.unwrap_or(old.unique_group_names),
    };
    let id = tenant.id().clone();
    let (command, status) = match status {
        None => {
            let settings = settings.clone();
            (PlatformCommand::UpdateTenant { tenant: id, settings }, tenant.status())
        }
        Some(_) if settings != *old => {
            let detail = "change the status in a request of its own".to_owned();
            return Err(Error::Invalid { detail });
        }
        Some(StatusName::Active) => (PlatformCommand::ResumeTenant { tenant: id }, Status::Active),
        Some(StatusName::Suspended) => {
            (PlatformCommand::SuspendTenant { tenant: id }, Status::Suspended)
        }
    };
    by.administer(exchange, command).await?;
    Answer::json(StatusCode::OK, &shown(exchange, tenant.id(), &settings, status))
}

/// DELETE `/v1/tenants/{tenant}`.
pub(crate) async fn remove(exchange: &mut Exchange<'_>, by: Owner<'_>) -> Result<Answer, Error> {
    let tenant = by.tenant(exchange).await?.id().clone();
    by.administer(exchange, PlatformCommand::DeleteTenant { tenant }).await?;
    Ok(Answer::done())
}

fn shown(
    exchange: &Exchange<'_>,
    tenant: &TenantId,
    settings: &TenantSettings,
    status: Status,
) -> Value {
    let profile = match settings.profile {
        Profile::Lenient => "lenient",
        Profile::Strict => "strict",
    };
    let status = match status {
        Status::Active => "active",
        Status::Suspended => "suspended",
        Status::Deleted => "deleted",
    };
    json!({
        "id": tenant.as_str(),
        "name": settings.name,
        "profile": profile,
        "unique_group_names": settings.unique_group_names,
        "status": status,
        "base_url": exchange.state.addresses.base_url(tenant),
    })
}

const fn default_unique_group_names() -> bool {
    true
}

impl From<ProfileName> for Profile {
    fn from(name: ProfileName) -> Self {
        match name {
            ProfileName::Lenient => Self::Lenient,
            ProfileName::Strict => Self::Strict,
        }
    }
}
