//! Whatever is wrong with a credential looks the same, and a stranger's id looks like an absent one.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Answer, Scim};
use crate::harness::Gateway;

#[test]
fn whatever_is_wrong_with_a_credential_looks_the_same() {
    let gateway = Gateway::start(&["acme", "globex"]);
    let platform = gateway.platform();
    let revoked = platform.post("/tenants/acme/tokens", &json!({"name": "old"})).ok(201);
    let id = revoked["id"].as_str().unwrap();
    platform.delete(&format!("/tenants/acme/tokens/{id}")).ok(204);
    let soon = json!({"name": "short", "expires_at": "2025-11-25T00:00:00.000Z"});
    let expired = platform.post("/tenants/acme/tokens", &soon).ok(201);
    gateway.clock().advance(std::time::Duration::from_secs(365 * 24 * 3600));

    let acme = gateway.scim("acme");
    let globex_token = format!("Bearer {}", gateway.token("globex"));
    let bearer = |token: &Value| format!("Bearer {}", token["token"].as_str().unwrap());
    let nowhere = acme.at(format!("{}/t/nowhere/scim/v2", gateway.origin()));
    let shapeless = acme.at(format!("{}/t/no_where/scim/v2", gateway.origin()));
    let cases: Vec<(&str, Scim)> = vec![
        ("none", acme.with_authorization(None)),
        (
            "unknown",
            acme.with_authorization(Some("Bearer rct_000000000000000000000000000000000000")),
        ),
        ("junk", acme.with_authorization(Some("Negotiate !!"))),
        ("another tenant's", acme.with_authorization(Some(&globex_token))),
        ("another tenant's address", acme.at(gateway.scim("globex").base().to_owned())),
        ("revoked", acme.with_authorization(Some(&bearer(&revoked)))),
        ("expired", acme.with_authorization(Some(&bearer(&expired)))),
        ("unknown tenant", nowhere.clone()),
        ("no tenant id", shapeless),
        ("unknown tenant, no token", nowhere.with_authorization(None)),
        (
            "platform key",
            acme.with_authorization(Some("Bearer rck_000000000000000000000000000000000000")),
        ),
    ];
    let paths = ["/Users", "/Users/0190", "/Groups", "/Schemas", "/ResourceTypes", "/Me"];
    for path in paths {
        let first = seen(&cases[0].1.get(path));
        assert_eq!(first.0, 401, "{path}");
        for (name, client) in &cases {
            assert_eq!(seen(&client.get(path)), first, "{name} at {path}");
        }
    }
    let junk = |client: &Scim| client.send(Method::POST, "/Users", |r| r.body("{"));
    let first = seen(&junk(&cases[0].1));
    for (name, client) in &cases {
        assert_eq!(seen(&junk(client)), first, "{name}, POST");
    }
}

#[test]
fn a_strangers_id_looks_like_an_absent_one() {
    let gateway = Gateway::start(&["acme", "globex"]);
    let (acme, globex) = (gateway.scim("acme"), gateway.scim("globex"));
    let user = globex.user("eve@globex.example");
    let group = globex.group("Spies");
    let absent = "01932c5f-0000-7000-8000-000000000000";
    for (path, id) in [("/Users", &user), ("/Groups", &group)] {
        let compare = |ask: &dyn Fn(&str) -> Answer| {
            let (strange, missing) =
                (ask(&format!("{path}/{id}")), ask(&format!("{path}/{absent}")));
            strange.refused(404, None);
            assert_eq!(strange.text().replace(id.as_str(), absent), missing.text());
            assert_eq!(seen(&strange).1, seen(&missing).1);
        };
        compare(&|path| acme.get(path));
        compare(&|path| acme.delete(path));
        compare(&|path| acme.put(path, &json!({"userName": "x", "displayName": "x"})));
        compare(&|path| {
            acme.patch(path, &json!([{"op": "replace", "path": "displayName", "value": "x"}]))
        });
    }
    globex.get(&format!("/Users/{user}")).ok(200);
}

/// All that a client sees of an answer, but for the request id and the date.
fn seen(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let own = ["x-request-id", "date"];
    let mut headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .filter(|(name, _)| !own.contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    (answer.status, headers, answer.text())
}
