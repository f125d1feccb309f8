//! Entra ID: connection test, both dialects on one tenant, soft delete and restore, groups, and the walk of Account Discovery.

use serde_json::json;

use super::Trace;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[test]
fn both_dialects_on_one_tenant() {
    let mut entra = Trace::new();
    // Test Connection asks for somebody who can't be.
    entra.get("/Users?filter=userName+eq+%2228ee3b1c-a5cd%22", 200).sees("/totalResults", 0);
    let alice = json!({
        "schemas": [USER, ENTERPRISE], "externalId": "jyoung", "userName": "alice@acme.example", "active": true,
        "displayName": "Alice Adams", "emails": [{"primary": true, "type": "work", "value": "alice@acme.example"}],
        "meta": {"resourceType": "User"}, "name": {"formatted": "Alice Adams", "familyName": "Adams", "givenName": "Alice"},
        "roles": []
    });
    entra.post("/Users", &alice, 201).keeps("alice").sees("/active", true);
    entra.post("/Users", &alice, 409).sees("/scimType", "uniqueness");
    entra.get("/Users?filter=externalId%20eq%20jyoung", 200).sees("/Resources/0/id", "{alice}");
    // The old dialect: capitals, text for booleans, a manager as text.
    entra
        .patch(
            "/Users/{alice}",
            &json!([
                {"op": "Replace", "path": "active", "value": "False"},
                {"op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": "m-1"},
                {"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+1 555"},
            ]),
            200,
        )
        .sees("/active", false)
        .sees("/phoneNumbers/0/type", "mobile");
    // The new one: no path, dotted and qualified keys.
    entra.patch("/Users/{alice}", &json!([
        {"op": "replace", "value": {"active": true, "name.givenName": "Alicia", format!("{ENTERPRISE}:department"): "Sales"}},
    ]), 200).sees("/active", true).sees("/name/givenName", "Alicia").sees("/name/familyName", "Adams");
    entra.patch("/Users/{alice}", &json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "a@acme.example"}]), 200)
        .sees("/emails/0/value", "a@acme.example");
    entra
        .patch("/Users/{alice}", &json!([{"op": "replace", "path": "title", "value": ""}]), 200)
        .sees("/title", json!(null));
    entra.patch("/Users/{alice}", &json!([{"op": "Add", "path": "roles", "value": [{"value": "{\"id\":\"1\",\"value\":\"Admin\",\"displayName\":\"Administrator\"}"}]}]), 200)
        .sees("/roles/0/value", "Admin").sees("/roles/0/display", "Administrator");
    entra.patch("/Users/{alice}", &json!([{"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:role", "value": "x"}]), 200);
}

#[test]
fn who_leaves_and_comes_back_keeps_the_groups() {
    let mut entra = Trace::new();
    entra
        .post(
            "/Users",
            &json!({"schemas": [USER], "userName": "bob@acme.example", "externalId": "b"}),
            201,
        )
        .keeps("bob");
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group", "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "externalId": "8aa1a0c0", "displayName": "Sales", "meta": {"resourceType": "Group"}
    });
    entra.post("/Groups", &group, 201).keeps("sales").sees("/members", json!([]));
    entra.patch(
        "/Groups/{sales}",
        &json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": "{bob}"}]}]),
        200,
    );
    entra
        .get("/Groups?excludedAttributes=members&filter=displayName+eq+%22sales%22", 200)
        .sees("/Resources/0/id", "{sales}")
        .sees("/Resources/0/members", json!(null));
    // Soft delete: another userName together with the deactivation.
    let tombstone = json!([
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "Replace", "path": "userName", "value": "0123456789abcdef0123456789abcdefbob@acme.example"},
    ]);
    entra
        .patch("/Users/{bob}", &tombstone, 200)
        .sees("/active", false)
        .sees("/groups/0/value", "{sales}");
    entra.get("/Users/{bob}", 200);
    entra
        .patch("/Users/{bob}", &json!([{"op": "Replace", "path": "active", "value": "True"}]), 200)
        .sees("/groups/0/display", "Sales");
    entra.patch(
        "/Groups/{sales}",
        &json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "{bob}"}]}]),
        200,
    );
    entra.get("/Groups/{sales}", 200).sees("/members", json!([]));
    entra.delete("/Users/{bob}", 204).delete("/Users/{bob}", 404);
    entra.get("/Groups?excludedAttributes=members&filter=id+eq+%22{sales}%22+and+members+eq+%22{bob}%22", 200).sees("/totalResults", 0);
}

#[test]
fn account_discovery_walks_everybody() {
    let mut entra = Trace::new();
    for n in 0..23 {
        entra.post(
            "/Users",
            &json!({"schemas": [USER], "userName": format!("u{n:02}@acme.example")}),
            201,
        );
    }
    for start in [1, 11, 21] {
        entra
            .get(&format!("/Users?startIndex={start}&count=10"), 200)
            .sees("/totalResults", 23)
            .sees("/itemsPerPage", if start == 21 { 3 } else { 10 })
            .sees("/Resources/0/userName", format!("u{:02}@acme.example", start - 1));
    }
}
