//! Seven more kinds, from Google to `CyberArk`: what each does otherwise.

use serde_json::json;

use super::Trace;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

#[test]
fn google_says_json_and_an_old_urn_first() {
    let mut google = Trace::new().typed("application/json");
    google
        .get("/Users", 200)
        .get("/Users?filter=userName%20eq%20%22ada@acme.example%22&startIndex=1", 200)
        .sees("/totalResults", 0);
    let ada = json!({
        "schemas": ["urn:scim:schemas:core:1.0", USER], "userName": "ada@acme.example", "active": true, "displayName": "Ada",
        "emails": [{"primary": true, "value": "ada@acme.example", "type": "work"}], "name": {"givenName": "Ada", "familyName": "Byron"}
    });
    google.post("/Users", &ada, 201).keeps("ada").sees("/schemas/0", USER);
    google.put("/Users/{ada}", &ada, 200);
    google
        .patch("/Users/{ada}", &json!([{"op": "replace", "path": "active", "value": false}]), 200)
        .sees("/active", false);
    google.delete("/Users/{ada}", 204);
}

#[test]
fn jumpcloud_tries_everything_at_activation() {
    let mut jumpcloud = Trace::new();
    jumpcloud
        .post("/Users", &json!({"schemas": [USER], "userName": "jctest", "active": true}), 201)
        .keeps("user");
    jumpcloud
        .put(
            "/Users/{user}",
            &json!({"schemas": [USER], "userName": "jctest2", "active": true}),
            200,
        )
        .sees("/userName", "jctest2");
    jumpcloud.post("/Groups", &json!({"schemas": [GROUP], "displayName": "jcgroup", "members": [{"value": "{user}"}]}), 201).keeps("group");
    jumpcloud.put(
        "/Groups/{group}",
        &json!({"schemas": [GROUP], "displayName": "jcgroup2", "members": [{"value": "{user}"}]}),
        200,
    );
    jumpcloud
        .patch(
            "/Groups/{group}",
            &json!([{"op": "remove", "path": "members", "value": [{"value": "{user}"}]}]),
            200,
        )
        .sees("/members", json!([]));
    jumpcloud.patch(
        "/Groups/{group}",
        &json!([{"op": "remove", "path": "members", "value": []}]),
        200,
    );
    jumpcloud.delete("/Groups/{group}", 204).delete("/Users/{user}", 204);
}

#[test]
fn onelogin_leaves_marks_at_the_end_of_addresses() {
    let mut onelogin = Trace::new().typed("application/json");
    onelogin
        .get("/Users?filter=userName+eq+%22onelogin-test-user01%22&", 200)
        .sees("/totalResults", 0);
    let template = json!({
        "schemas": ["urn:scim:schemas:core:2.0", "urn:scim:schemas:extension:enterprise:2.0"], "userName": "onelogin-test-user01",
        "name": {"familyName": "User 01", "givenName": "AAA Test"}, "title": null, "phoneNumbers": []
    });
    onelogin.post("/Users", &template, 201).keeps("user").sees("/title", json!(null));
    onelogin.put("/Users/{user}?", &template, 200);
    onelogin
        .post("/Groups", &json!({"schemas": [GROUP], "displayName": "Role"}), 201)
        .keeps("group");
    onelogin
        .patch(
            "/Groups/{group}",
            &json!([{"op": "add", "path": "members", "value": [{"value": "{user}"}]}]),
            200,
        )
        .sees("/members/0/value", "{user}");
    onelogin.get("/Users?", 200).sees("/totalResults", 1);
    onelogin.patch(
        "/Users/{user}",
        &json!([{"op": "replace", "path": "active", "value": false}]),
        200,
    );
}

#[test]
fn ping_puts_users_patches_groups_and_reads_all_groups() {
    let mut ping = Trace::new();
    let ada = json!({"schemas": [USER], "userName": "ada", "emails": [{"value": "ada@acme.example", "type": "work"}]});
    ping.get("/Users?filter=emails%20eq%20%22ada@acme.example%22", 200).sees("/totalResults", 0);
    ping.post("/Users", &ada, 201).keeps("ada");
    ping.get("/Users?filter=emails%20eq%20%22ADA@acme.example%22", 200)
        .sees("/Resources/0/id", "{ada}");
    ping.put("/Users/{ada}", &json!({"schemas": [USER], "userName": "ada", "active": false}), 200)
        .sees("/emails", json!(null))
        .sees("/active", false);
    ping.post("/Groups", &json!({"schemas": [GROUP], "displayName": "P"}), 201).keeps("group");
    ping.get("/Groups", 200).sees("/totalResults", 1);
    ping.patch(
        "/Groups/{group}",
        &json!([{"op": "add", "path": "members", "value": {"value": "{ada}"}}]),
        200,
    )
    .sees("/members/0/value", "{ada}");
    ping.delete("/Groups/{group}", 204);
}

#[test]
fn sailpoint_merges_complex_attributes_and_others_wrap_lists() {
    let mut sailpoint = Trace::new();
    sailpoint.get("/Schemas", 200).get("/ResourceTypes", 200);
    sailpoint.post("/Users", &json!({"schemas": [USER], "userName": "ada", "name": {"givenName": "Ada", "familyName": "Byron"}}), 201).keeps("ada");
    sailpoint
        .patch(
            "/Users/{ada}",
            &json!([{"op": "replace", "path": "name", "value": {"givenName": "Augusta"}}]),
            200,
        )
        .sees("/name/givenName", "Augusta")
        .sees("/name/familyName", "Byron");
    sailpoint.get("/Users?startIndex=1&count=50", 200).sees("/itemsPerPage", 1);
    sailpoint.post("/Groups", &json!({"schemas": [GROUP], "displayName": "S"}), 201).keeps("group");
    sailpoint
        .patch(
            "/Groups/{group}",
            &json!([{"op": "add", "path": "members", "value": {"members": [{"value": "{ada}"}]}}]),
            200,
        )
        .sees("/members/0/value", "{ada}");
}

#[test]
fn rippling_retries_a_create() {
    let mut rippling = Trace::new();
    rippling.get("/ServiceProviderConfig", 200).sees("/patch/supported", true);
    let ada = json!({"schemas": [USER], "userName": "ada", "externalId": "r1", "name": {"givenName": "Ada", "familyName": "B"}});
    rippling.post("/Users", &ada, 201).keeps("ada");
    rippling.post("/Users", &ada, 409).sees("/scimType", "uniqueness");
    rippling.get("/Users?filter=externalId%20eq%20%22r1%22", 200).sees("/Resources/0/id", "{ada}");
    rippling
        .patch("/Users/{ada}", &json!([{"op": "replace", "value": {"active": false}}]), 200)
        .sees("/active", false);
}

#[test]
fn cyberark_asks_for_single_documents_of_discovery() {
    let mut cyberark = Trace::new();
    cyberark.get("/Users?count=1", 200).get("/ServiceProviderConfig", 200);
    cyberark
        .get("/ResourceTypes/User", 200)
        .sees("/endpoint", "/Users")
        .get("/ResourceTypes/Group", 200)
        .sees("/endpoint", "/Groups");
    cyberark.get(&format!("/Schemas/{USER}"), 200).sees("/id", USER);
    cyberark.post("/Users", &json!({"schemas": [USER], "userName": "ada"}), 201).keeps("ada");
    cyberark.get("/Users?filter=userName%20eq%20%22ada%22", 200).sees("/totalResults", 1);
    cyberark
        .put(
            "/Users/{ada}",
            &json!({"schemas": [USER], "userName": "ada", "displayName": "Ada"}),
            200,
        )
        .sees("/displayName", "Ada");
    cyberark.post("/Groups", &json!({"schemas": [GROUP], "displayName": "C"}), 201).keeps("group");
    cyberark.patch(
        "/Groups/{group}",
        &json!([{"op": "add", "path": "members", "value": [{"value": "{ada}"}]}]),
        200,
    );
    cyberark.get("/Groups/{group}", 200).sees("/members/0/display", "Ada").get("/Groups", 200);
}
