//! Okta: an app integration by PUT and one of the catalogue by PATCH, on one user; group push in all its shapes.

use serde_json::{Value, json};

use super::Trace;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

fn ada() -> Value {
    json!({
        "schemas": [USER], "userName": "ada@acme.example", "name": {"givenName": "Ada", "familyName": "Byron"},
        "emails": [{"primary": true, "value": "ada@acme.example", "type": "work"}], "displayName": "Ada Byron", "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7", "groups": [], "password": "1mz050nq", "active": true
    })
}

#[test]
fn put_and_patch_meet_on_one_user() {
    let mut okta = Trace::new().typed("application/scim+json; charset=utf-8");
    okta.get("/Users?startIndex=1&count=2", 200).sees("/totalResults", 0);
    okta.get("/Groups?startIndex=1&count=100", 200);
    okta.get("/Users?filter=userName%20eq%20%22ada%40acme.example%22&startIndex=1&count=100", 200)
        .sees("/totalResults", 0);
    okta.post("/Users", &ada(), 201)
        .keeps("ada")
        .sees("/password", json!(null))
        .sees("/externalId", "00ujl29u0le5T6Aj10h7");
    okta.post("/Users", &ada(), 409);
    okta.get("/Users?filter=email+eq+%22ada%40acme.example%22&startIndex=1&count=100", 200)
        .sees("/Resources/0/id", "{ada}");
    // The whole resource comes back with what the server had added.
    let mut echoed = ada();
    echoed["id"] = json!("{ada}");
    echoed["meta"] = json!({"resourceType": "User", "version": "whatever"});
    echoed["name"]["givenName"] = json!("Augusta");
    okta.put("/Users/{ada}", &echoed, 200).sees("/name/givenName", "Augusta").sees("/active", true);
    okta.patch("/Users/{ada}", &json!([{"op": "replace", "value": {"active": false}}]), 200)
        .sees("/active", false);
    echoed["active"] = json!(true);
    okta.put("/Users/{ada}", &echoed, 200).sees("/active", true);
    echoed.as_object_mut().unwrap().remove("active");
    okta.put("/Users/{ada}", &echoed, 200).sees("/active", true);
    echoed["active"] = json!(false);
    okta.put("/Users/{ada}", &echoed, 200).sees("/active", false);
    okta.get("/Users?filter=userName+eq+%22ada@acme.example%22", 200)
        .sees("/Resources/0/active", false);
}

#[test]
fn a_group_is_pushed_in_every_shape() {
    let mut okta = Trace::new();
    okta.post("/Users", &ada(), 201).keeps("ada");
    okta.post("/Users", &json!({"schemas": [USER], "userName": "bob@acme.example"}), 201)
        .keeps("bob");
    okta.post("/Groups", &json!({"schemas": [GROUP], "displayName": "Team", "members": []}), 201)
        .keeps("team");
    okta.patch(
        "/Groups/{team}",
        &json!([{"op": "replace", "value": {"id": "{team}", "displayName": "Team A"}}]),
        200,
    )
    .sees("/displayName", "Team A");
    let both = json!([{"value": "{ada}", "display": "ada"}, {"value": "{bob}", "display": "bob"}]);
    okta.patch(
        "/Groups/{team}",
        &json!([{"op": "replace", "path": "members", "value": both}]),
        200,
    )
    .sees("/members/1/type", "User");
    okta.patch(
        "/Groups/{team}",
        &json!([
            {"op": "remove", "path": "members[value eq \"{ada}\"]"},
            {"op": "add", "path": "members", "value": [{"value": "{bob}", "display": "bob"}]},
        ]),
        200,
    )
    .sees("/members/0/value", "{bob}")
    .sees("/members/1", json!(null));
    okta.patch("/Groups/{team}", &json!([{"op": "replace", "value": {"members": [], "id": "{team}", "displayName": "Team A"}}]), 200)
        .sees("/members", json!([]));
    okta.put(
        "/Groups/{team}",
        &json!({"schemas": [GROUP], "id": "{team}", "displayName": "Team A", "members": both}),
        200,
    )
    .sees("/members/1/type", "User");
    okta.put("/Groups/{team}", &json!({"schemas": [GROUP], "displayName": "Team A"}), 200)
        .sees("/members/1/type", "User");
    okta.get("/Groups?filter=displayName%20eq%20%22team%20a%22&startIndex=1&count=100", 200)
        .sees("/Resources/0/id", "{team}");
    okta.delete("/Groups/{team}", 204).get("/Groups/{team}", 404);
}
