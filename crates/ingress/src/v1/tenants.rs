//! `/v1/tenants`: one function for each verb.

use actix_web::http::StatusCode;
use events::{PatchAnswer, Profile, Switches, TenantId, TenantSettings};
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
    name: Option<String>,
    profile: Option<String>,
    switches: Option<SwitchChoice>,
    unique_group_names: Option<bool>,
}

/// Either settings or the status, so that one call is one fact.
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
    let Creation { id, name, profile, switches, unique_group_names } = body(exchange).await?;
    let tenant =
        TenantId::parse(&id).map_err(|error| Error::Invalid { detail: error.to_string() })?;
    let profile = profile.unwrap_or_else(|| Profile::default().name().to_owned());
    let settings = TenantSettings { name: name.unwrap_or_default(), ..read(&profile, switches)? };
    let unique_group_names = unique_group_names.unwrap_or(settings.unique_group_names);
    let settings = TenantSettings { unique_group_names, ..settings };
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
    let Change { name, profile, switches, unique_group_names, status } = body(exchange).await?;
    let old = tenant.settings();
    let (profile, switches) = match profile {
        Some(profile) => {
            let chosen = read(&profile, switches)?;
            (chosen.profile, chosen.switches)
        }
        None => (old.profile, switches.unwrap_or_default().over(old.switches)?),
    };
    let settings = TenantSettings {
        name: name.unwrap_or_else(|| old.name.clone()),
        profile,
        switches,
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

/// A profile with what is chosen otherwise.
fn read(profile: &str, chosen: Option<SwitchChoice>) -> Result<TenantSettings, Error> {
    let known = Profile::from_name(profile);
    let profile = known.ok_or_else(|| no_such("profile", &Profile::ALL.map(Profile::name)))?;
    let settings = TenantSettings::of(profile);
    let switches = chosen.unwrap_or_default().over(settings.switches)?;
    Ok(TenantSettings { switches, ..settings })
}

impl SwitchChoice {
    fn over(self, switches: Switches) -> Result<Switches, Error> {
        let answer = match self.patch_answer.as_deref() {
            None => switches.patch_answer,
            Some(name) => PatchAnswer::from_name(name).ok_or_else(|| {
                no_such("switches.patch_answer", &PatchAnswer::ALL.map(PatchAnswer::name))
            })?,
        };
        Ok(Switches {
            put_keeps_absent: self.put_keeps_absent.unwrap_or(switches.put_keeps_absent),
            unknown_attributes_ignored: self
                .unknown_attributes_ignored
                .unwrap_or(switches.unknown_attributes_ignored),
            schemas_repaired: self.schemas_repaired.unwrap_or(switches.schemas_repaired),
            unknown_members_pending: self
                .unknown_members_pending
                .unwrap_or(switches.unknown_members_pending),
            absent_targets_accepted: self
                .absent_targets_accepted
                .unwrap_or(switches.absent_targets_accepted),
            patch_answer: answer,
        })
    }
}

fn no_such(field: &str, known: &[&str]) -> Error {
    Error::Invalid { detail: format!("{field}: must be one of {}", known.join(", ")) }
}
