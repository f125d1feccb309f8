//! `/v1/tenants`: one function for each verb.

use actix_web::http::StatusCode;
use events::{PatchAnswer, Profile, TenantId, TenantSettings};
use serde::Deserialize;
use serde_json::{Value, json};
use tenancy::{Fact, PlatformCommand, Status, SwitchesChange, TenantChange};

use super::key::{Key, Owner, body};
use super::page::Page;
use crate::answer::Answer;
use crate::error::Error;
use crate::exchange::Exchange;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Creation {
    id: String,
    name: Option<String>,
    profile: Option<String>,
    switches: Option<SwitchChoice>,
    unique_group_names: Option<bool>,
}

/// What shall be otherwise.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    name: Option<String>,
    profile: Option<String>,
    switches: Option<SwitchChoice>,
    unique_group_names: Option<bool>,
    status: Option<StatusName>,
}

/// The switches that are set otherwise than the profile has them.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct SwitchChoice {
    put_keeps_absent: Option<bool>,
    unknown_attributes_ignored: Option<bool>,
    schemas_repaired: Option<bool>,
    unknown_members_pending: Option<bool>,
    absent_targets_accepted: Option<bool>,
    patch_answer: Option<String>,
}

#[derive(Deserialize, PartialEq)]
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
    let Creation { id, name, profile, switches, unique_group_names } = body(exchange).await?;
    let tenant =
        TenantId::parse(&id).map_err(|error| Error::Invalid { detail: error.to_string() })?;
    let wanted = Change { name, profile, switches, unique_group_names, status: None }.read()?;
    let settings = wanted.over(&TenantSettings::of(Profile::default()));
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

/// PATCH `/v1/tenants/{tenant}`: what isn't named stays as it is.
pub(crate) async fn change(exchange: &mut Exchange<'_>, by: Owner<'_>) -> Result<Answer, Error> {
    let tenant = by.tenant(exchange).await?.id().clone();
    let change = body::<Change>(exchange).await?.read()?;
    by.administer(exchange, PlatformCommand::ChangeTenant { tenant, change }).await?;
    let tenant = by.tenant(exchange).await?;
    let shown = shown(exchange, tenant.id(), tenant.settings(), tenant.status());
    Answer::json(StatusCode::OK, &shown)
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
    let status = match status {
        Status::Active => "active",
        Status::Suspended => "suspended",
        Status::Deleted => "deleted",
    };
    json!({
        "id": tenant.as_str(),
        "name": settings.name,
        "profile": settings.profile.name(),
        "switches": events::json::switches(settings.switches),
        "unique_group_names": settings.unique_group_names,
        "status": status,
        "base_url": exchange.state.addresses.base_url(tenant),
    })
}

impl Change {
    fn read(self) -> Result<TenantChange, Error> {
        let known = |name: String| {
            let known = Profile::from_name(&name);
            known.ok_or_else(|| no_such("profile", &Profile::ALL.map(Profile::name)))
        };
        Ok(TenantChange {
            name: self.name,
            profile: self.profile.map(known).transpose()?,
            switches: self.switches.unwrap_or_default().read()?,
            unique_group_names: self.unique_group_names,
            suspended: self.status.map(|it| it == StatusName::Suspended),
        })
    }
}

impl SwitchChoice {
    fn read(self) -> Result<SwitchesChange, Error> {
        let known = |name: String| {
            let known = PatchAnswer::from_name(&name);
            let all = PatchAnswer::ALL.map(PatchAnswer::name);
            known.ok_or_else(|| no_such("switches.patch_answer", &all))
        };
        Ok(SwitchesChange {
            put_keeps_absent: self.put_keeps_absent,
            unknown_attributes_ignored: self.unknown_attributes_ignored,
            schemas_repaired: self.schemas_repaired,
            unknown_members_pending: self.unknown_members_pending,
            absent_targets_accepted: self.absent_targets_accepted,
            patch_answer: self.patch_answer.map(known).transpose()?,
        })
    }
}

fn no_such(field: &str, known: &[&str]) -> Error {
    Error::Invalid { detail: format!("{field}: must be one of {}", known.join(", ")) }
}
