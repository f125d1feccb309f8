//! `/v1/tenants/{tenant}/users`: people as the product reads them – ids, flags and teams from the projector's view,
//! with the `seq` it stands at; names and addresses from the directory.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use directory::Directory;
use events::UserId;
use projector::{Person, Views};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tenancy::Fact;

use super::key::Key;
use super::page::Page;
use crate::answer::Answer;
use crate::error::Error;
use crate::exchange::Exchange;

/// One entry.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: String,
    active: bool,
    user_name: Option<String>,
    display_name: Option<String>,
    emails: Vec<Email<'static>>,
    teams: Vec<String>,
}

/// What is read of a stored user.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Stored<'a> {
    #[serde(borrow)]
    user_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    display_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    name: Option<Name<'a>>,
    #[serde(borrow, default)]
    emails: Vec<Email<'a>>,
}

#[derive(Deserialize)]
struct Name<'a> {
    #[serde(borrow)]
    formatted: Option<Cow<'a, str>>,
}

#[derive(Deserialize, Serialize)]
struct Email<'a> {
    #[serde(borrow)]
    value: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(default)]
    primary: bool,
}

/// GET `/v1/tenants/{tenant}/users`, in order of id, which is the order of creation.
pub(crate) async fn list(exchange: &mut Exchange<'_>, by: &Key) -> Result<Answer, Error> {
    let tenant = by.tenant(exchange).await?;
    let page = Page::<UserId>::of(exchange)?;
    let tenancy = &exchange.state.tenancy;
    projector::caught_up(tenancy, &tenant).await?;
    let view = |views: &Views| (views.people().page(page.after, page.limit + 1), views.stands_at());
    let (people, seq) = tenancy.view(&tenant, view).await?;
    let (people, next) = page.cut(people.into_iter(), |person| person.id.to_string());
    let read = |directory: &Directory| {
        let resource = |person: &Person| directory.user(person.id).map(|view| view.resource);
        (people.iter().map(resource).collect::<Vec<_>>(), Fact::Head)
    };
    let resources = tenancy.read(&tenant, read).await?;
    let entries = people.iter().zip(&resources);
    let users: Vec<Entry> =
        entries.map(|(person, resource)| Entry::of(person, resource.as_deref())).collect();
    Answer::json(StatusCode::OK, &json!({ "users": users, "seq": seq.0, "next": next }))
}

impl Entry {
    fn of(person: &Person, resource: Option<&[u8]>) -> Self {
        let stored = resource.and_then(|bytes| serde_json::from_slice(bytes).ok());
        let Stored { user_name, display_name, name, emails } = stored.unwrap_or_default();
        let display_name = display_name.or_else(|| name?.formatted);
        Self {
            id: person.id.to_string(),
            active: person.active,
            user_name: user_name.map(Cow::into_owned),
            display_name: display_name.map(Cow::into_owned),
            emails: emails.into_iter().map(Email::into_owned).collect(),
            teams: person.teams.iter().map(ToString::to_string).collect(),
        }
    }
}

impl Email<'_> {
    fn into_owned(self) -> Email<'static> {
        let owned = |text: Option<Cow<'_, str>>| text.map(|text| Cow::Owned(text.into_owned()));
        Email { value: owned(self.value), kind: owned(self.kind), primary: self.primary }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn a_person_is_shown_by_what_is_stored() {
        let person = Person { id: UserId::new(uuid::Uuid::nil()), active: true, teams: Vec::new() };
        let check = |resource: Option<&str>, expected: Value| {
            let entry = Entry::of(&person, resource.map(str::as_bytes));
            let mut shown = serde_json::to_value(entry).unwrap();
            shown
                .as_object_mut()
                .unwrap()
                .retain(|key, _| !["id", "active", "teams"].contains(&&**key));
            assert_eq!(shown, expected);
        };
        check(
            Some(
                r#"{"userName":"ada","name":{"formatted":"Ada \"L\""},"emails":[{"value":"a@b","type":"work","primary":true},{"value":"c@d"}]}"#,
            ),
            json!({"userName": "ada", "displayName": "Ada \"L\"", "emails": [
                {"value": "a@b", "type": "work", "primary": true},
                {"value": "c@d", "type": null, "primary": false},
            ]}),
        );
        check(
            Some(r#"{"userName":"ada","displayName":"Ada","name":{"formatted":"L"}}"#),
            json!({"userName": "ada", "displayName": "Ada", "emails": []}),
        );
        check(None, json!({"userName": null, "displayName": null, "emails": []}));
    }
}
