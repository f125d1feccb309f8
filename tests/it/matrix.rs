//! Isolation: every route × method × credential, from the gateway's own tables. A new route without its row here fails.

use std::time::Duration;

use ingress::{PLATFORM, SCIM, Verb};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::harness::Gateway;

/// What the tenant's own token gets at each SCIM route, with an empty object as the body where there is one; `OPEN` needs none.
#[rustfmt::skip]
const SCIM_ROWS: &[(&str, Verb, u16)] = &[
    ("/Users/.search", Verb::Post, 200),
    ("/Users/{id}", Verb::Get, 200), ("/Users/{id}", Verb::Put, 400), ("/Users/{id}", Verb::Patch, 400), ("/Users/{id}", Verb::Delete, 204),
    ("/Users", Verb::Get, 200), ("/Users", Verb::Post, 400),
    ("/Groups/.search", Verb::Post, 200),
    ("/Groups/{id}", Verb::Get, 200), ("/Groups/{id}", Verb::Put, 400), ("/Groups/{id}", Verb::Patch, 400), ("/Groups/{id}", Verb::Delete, 204),
    ("/Groups", Verb::Get, 200), ("/Groups", Verb::Post, 400),
    ("/GroupMembers/{id}", Verb::Get, 200), ("/GroupMembers", Verb::Get, 400),
    ("", Verb::Get, OPEN), ("/ServiceProviderConfig", Verb::Get, OPEN), ("/openapi.json", Verb::Get, OPEN),
    ("/ResourceTypes/{name}", Verb::Get, 200), ("/ResourceTypes", Verb::Get, 200),
    ("/Schemas/{urn}", Verb::Get, 200), ("/Schemas", Verb::Get, 200),
    ("/.search", Verb::Post, 200), ("/Bulk", Verb::Post, 400),
    ("/Me", Verb::Get, 501), ("/Me", Verb::Post, 501), ("/Me", Verb::Put, 501), ("/Me", Verb::Patch, 501), ("/Me", Verb::Delete, 501),
    ("/{endpoint}/.search", Verb::Post, 404), ("/{endpoint}/{id}", Verb::Get, 404), ("/{endpoint}/{id}", Verb::Put, 404),
    ("/{endpoint}/{id}", Verb::Patch, 404), ("/{endpoint}/{id}", Verb::Delete, 404), ("/{endpoint}", Verb::Get, 404),
    ("/{endpoint}", Verb::Post, 404),
];

/// What an owner's key gets at each route of the platform.
#[rustfmt::skip]
const PLATFORM_ROWS: &[(&str, Verb, u16)] = &[
    ("/v1/tenants/{tenant}/events", Verb::Get, 200), ("/v1/tenants/{tenant}/users", Verb::Get, 200), ("/v1/tenants/{tenant}/teams", Verb::Get, 200),
    ("/v1/tenants/{tenant}/tokens/{token}", Verb::Delete, 404),
    ("/v1/tenants/{tenant}/tokens", Verb::Get, 200), ("/v1/tenants/{tenant}/tokens", Verb::Post, 201),
    ("/v1/tenants/{tenant}", Verb::Get, 200), ("/v1/tenants/{tenant}", Verb::Patch, 200), ("/v1/tenants/{tenant}", Verb::Delete, 204),
    ("/v1/tenants", Verb::Get, 200), ("/v1/tenants", Verb::Post, 400),
    ("/v1/log/segments/{number}/verify", Verb::Post, 404), ("/v1/log/segments/{number}", Verb::Get, 404),
    ("/v1/log/unsealed", Verb::Get, 200), ("/v1/log/views/verify", Verb::Post, 200), ("/v1/log", Verb::Get, 200),
    ("/v1/tenants/{tenant}/schemas/{urn}", Verb::Get, 404), ("/v1/tenants/{tenant}/schemas/{urn}", Verb::Put, 400),
    ("/v1/tenants/{tenant}/schemas/{urn}", Verb::Delete, 404), ("/v1/tenants/{tenant}/schemas", Verb::Get, 200),
    ("/v1/relay/resume", Verb::Post, 501), ("/v1/relay/republish", Verb::Post, 501), ("/v1/relay", Verb::Get, 501),
];

/// 200 for everybody.
const OPEN: u16 = 0;
const UNKNOWN: &str = "rct_000000000000000000000000000000000000";

#[test]
fn every_scim_route_opens_to_its_tenants_token_alone() {
    let gateway = Gateway::start(&["acme", "globex"]);
    let platform = gateway.platform();
    let secret = |issued: &Value| format!("Bearer {}", issued["token"].as_str().unwrap());
    let revoked = platform.post("/tenants/acme/tokens", &json!({"name": "old"})).ok(201);
    platform.delete(&format!("/tenants/acme/tokens/{}", revoked["id"].as_str().unwrap())).ok(204);
    let soon = json!({"name": "short", "expires_at": "2025-11-25T00:00:00.000Z"});
    let expired = platform.post("/tenants/acme/tokens", &soon).ok(201);
    gateway.clock().advance(Duration::from_secs(365 * 24 * 3600));
    let (acme, globex) = (gateway.scim("acme"), gateway.scim("globex"));
    let strange = team(&globex, "eve");
    let closed = [
        None,
        Some(format!("Bearer {UNKNOWN}")),
        Some(format!("Bearer {}", gateway.token("globex"))),
        Some(secret(&revoked)),
        Some(secret(&expired)),
    ];
    for (template, verb) in all(SCIM) {
        let expected = row(SCIM_ROWS, template, verb);
        let own = team(&acme, &format!("{template}{verb:?}"));
        for credential in &closed {
            let other = acme.with_authorization(credential.as_deref());
            let answer = ask(&other, verb, &path(template, &own));
            let refused = if expected == OPEN { 200 } else { 401 };
            assert_eq!(answer.status, refused, "{verb:?} {template} by {credential:?}");
        }
        if template.contains("{id}") {
            let answer = ask_with(&acme, verb, &path(template, &strange), &whole(verb));
            assert_eq!(answer.status, 404, "{verb:?} {template} of a stranger");
        }
        let expected = if expected == OPEN { 200 } else { expected };
        let answer = ask(&acme, verb, &path(template, &own));
        assert_eq!(answer.status, expected, "{verb:?} {template}: {}", answer.text());
    }
}

#[test]
fn every_route_of_the_platform_opens_to_its_key_alone() {
    let gateway = Gateway::start(&["acme", "globex"]);
    let platform = gateway.platform().at(gateway.origin());
    let scim = format!("Bearer {}", gateway.token("acme"));
    let unknown = format!("Bearer {}", UNKNOWN.replace("rct", "rck"));
    for (template, verb) in all(PLATFORM) {
        let path = template.replace("{tenant}", "globex").replace("{token}", "none");
        let path = path.replace("{number}", "7");
        for credential in [None, Some(scim.as_str()), Some(unknown.as_str())] {
            let answer = ask(&platform.with_authorization(credential), verb, &path);
            assert_eq!(answer.status, 401, "{verb:?} {template} by {credential:?}");
        }
    }
    // What ends a tenant comes last.
    let mut routes = all(PLATFORM);
    routes.sort_by_key(|(template, verb)| {
        (*verb == Verb::Delete, *template == "/v1/tenants/{tenant}")
    });
    for (template, verb) in routes {
        let path = template.replace("{tenant}", "globex").replace("{token}", "none");
        let answer = ask(&platform, verb, &path.replace("{number}", "7"));
        assert_eq!(answer.status, row(PLATFORM_ROWS, template, verb), "{verb:?} {template}");
    }
}

fn all<E>(table: &'static [ingress::Route<E>]) -> Vec<(&'static str, Verb)> {
    let verbs =
        |route: &'static ingress::Route<E>| route.1.iter().map(|(verb, _)| (route.0, *verb));
    table.iter().flat_map(verbs).collect()
}

fn row(rows: &[(&str, Verb, u16)], template: &str, verb: Verb) -> u16 {
    let found = rows.iter().find(|row| (row.0, row.1) == (template, verb));
    found.unwrap_or_else(|| panic!("{verb:?} {template} has no row")).2
}

/// A user, and a group that it is in.
fn team(tenant: &Client, name: &str) -> [String; 2] {
    let user = tenant.user(name);
    let group = json!({"displayName": name, "members": [{"value": user}]});
    [user, tenant.post("/Groups", &group).id()]
}

fn path(template: &str, [user, group]: &[String; 2]) -> String {
    let id = if template.starts_with("/Users") { user } else { group };
    let both = format!("{group}.{user}");
    let id = if template.starts_with("/GroupMembers") { &both } else { id };
    let urn = scim::schema::USER_URN;
    template.replace("{id}", id).replace("{name}", "User").replace("{urn}", urn)
}

/// A body that is whole, so that it is the address that is refused.
fn whole(verb: Verb) -> Value {
    match verb {
        Verb::Patch => {
            json!({"Operations": [{"op": "replace", "path": "displayName", "value": "x"}]})
        }
        Verb::Get | Verb::Post | Verb::Put | Verb::Delete => {
            json!({"userName": "x", "displayName": "x"})
        }
    }
}

fn ask(client: &Client, verb: Verb, path: &str) -> Answer {
    ask_with(client, verb, path, &json!({}))
}

fn ask_with(client: &Client, verb: Verb, path: &str, body: &Value) -> Answer {
    let method = Method::from_bytes(verb.as_str().as_bytes()).unwrap();
    let has_body = matches!(verb, Verb::Post | Verb::Put | Verb::Patch);
    let content_type =
        if path.starts_with("/v1") { "application/json" } else { "application/scim+json" };
    client.send(method, path, |request| match has_body {
        true => request.header("Content-Type", content_type).body(body.to_string()),
        false => request,
    })
}
