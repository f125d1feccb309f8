//! Resource types that a tenant defines: roles, entitlements – also under Okta's URNs – and devices (RFC 9944), from the schemas that are
//! shipped as examples.

use serde_json::{Value, json};

use super::house::{ACME, House};

const ROLE: &str = "urn:example:params:scim:schemas:2.0:Role";
const DEVICE: &str = "urn:ietf:params:scim:schemas:core:2.0:Device";
const MAB: &str = "urn:ietf:params:scim:schemas:extension:ethernet-mab:2.0:Device";

/// The shipped schemas, with what each is put as.
const SHIPPED: [(&str, &str); 6] = [
    (
        include_str!("../../../../docs/examples/schemas/role.json"),
        "?defines=Role&endpoint=/Roles&description=Roles",
    ),
    (
        include_str!("../../../../docs/examples/schemas/entitlement.json"),
        "?defines=Entitlement&endpoint=/Entitlements",
    ),
    (
        include_str!("../../../../docs/examples/schemas/okta-role.json"),
        "?defines=OktaRole&endpoint=/OktaRoles",
    ),
    (
        include_str!("../../../../docs/examples/schemas/okta-entitlement.json"),
        "?defines=OktaEntitlement&endpoint=/OktaEntitlements",
    ),
    (
        include_str!("../../../../docs/examples/schemas/device.json"),
        "?defines=Device&endpoint=/Devices&description=Devices",
    ),
    (
        include_str!("../../../../docs/examples/schemas/device-ethernet-mab.json"),
        "?extends=Device&required=true",
    ),
];

/// A tenant with all of them.
async fn furnished() -> House {
    let house = House::new().await;
    for (schema, query) in SHIPPED {
        let schema: Value = serde_json::from_str(schema).unwrap();
        let reply = put(&house, query, &schema).await;
        assert_eq!(reply.0, 200, "{query}: {}", reply.1);
    }
    house
}

async fn put(house: &House, query: &str, schema: &Value) -> (u16, Value) {
    let urn = schema["id"].as_str().unwrap();
    let path = format!("/v1/tenants/acme/schemas/{urn}{query}");
    let reply = house.ask("PUT", &path).by(&house.owner).json(schema).send().await;
    (reply.status, reply.json())
}

async fn send(house: &House, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let reply = house.acme(method, path).json(body).send().await;
    (reply.status, if reply.body.is_empty() { Value::Null } else { reply.json() })
}

async fn get(house: &House, path: &str) -> Value {
    let reply = house.acme("GET", path).send().await;
    assert_eq!(reply.status, 200, "{path}: {reply:?}");
    reply.json()
}

fn role(name: &str) -> Value {
    json!({"schemas": [ROLE], "displayName": name})
}

fn names(list: &Value) -> Vec<&str> {
    let all = list["Resources"].as_array().unwrap().iter();
    all.map(|it| it["displayName"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_resource_lives_as_users_and_groups_do() {
    let house = furnished().await;
    let given = json!({"schemas": [ROLE], "displayName": "Editor", "externalId": "r-1", "supported": "True"});
    let made = house.acme("POST", "/Roles").json(&given).send().await;
    assert_eq!(made.status, 201);
    let shown = made.json();
    let (id, version) = (shown["id"].as_str().unwrap(), made.header("etag").unwrap());
    let location = format!("https://scim.example.com{ACME}/Roles/{id}");
    assert_eq!(made.header("location"), Some(&*location));
    assert_eq!(shown["meta"]["resourceType"], "Role");
    assert_eq!(shown["meta"]["location"], json!(location));
    assert_eq!((&shown["supported"], &shown["externalId"]), (&json!(true), &json!("r-1")));
    let path = format!("/Roles/{id}");
    assert_eq!(get(&house, &path).await, shown);
    let known = house.acme("GET", &path).header("If-None-Match", version).send().await;
    assert_eq!(known.status, 304);

    let frames = house.log_length();
    let long = format!("/Roles?attributes={}", "x".repeat(9_000));
    assert_eq!(send(&house, "POST", &long, &role("Other")).await.0, 400);
    assert_eq!(house.log_length(), frames, "what is refused isn't done");
    let (status, taken) = send(&house, "POST", "/Roles", &role("EDITOR")).await;
    assert_eq!((status, &taken["scimType"]), (409, &json!("uniqueness")));
    let stale =
        house.acme("PUT", &path).header("If-Match", "W/\"99\"").json(&role("X")).send().await;
    assert_eq!(stale.status, 412);
    let (status, replaced) = send(&house, "PUT", &path, &role("Author")).await;
    assert_eq!((status, &replaced["displayName"]), (200, &json!("Author")));
    assert_eq!(replaced.get("supported"), None);
    let frames = house.log_length();
    assert_eq!(send(&house, "PUT", &path, &role("Author")).await.0, 200);
    assert_eq!(house.log_length(), frames, "the same again is nothing");
    let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "value": {"description": "writes"}}]});
    let (status, patched) = send(&house, "PATCH", &path, &patch).await;
    assert_eq!((status, &patched["description"]), (200, &json!("writes")));
    assert_eq!(send(&house, "POST", "/Roles", &json!({"schemas": [ROLE]})).await.0, 400);

    assert_eq!(send(&house, "DELETE", &path, &Value::Null).await.0, 204);
    assert_eq!(house.acme("GET", &path).send().await.status, 404);
    assert_eq!(send(&house, "DELETE", &path, &Value::Null).await.0, 404);
    assert_eq!(send(&house, "POST", "/Roles", &role("Author")).await.0, 201, "the name is free");
}

#[actix_web::test]
async fn lists_filters_orders_pages_and_walks_know_them() {
    let house = furnished().await;
    for number in 0..25 {
        let name = format!("role {:02}", 24 - number);
        let body = json!({"schemas": [ROLE], "displayName": name, "externalId": format!("x{number}"), "supported": number % 2 == 0});
        assert_eq!(send(&house, "POST", "/Roles", &body).await.0, 201);
    }
    house.create("/Users", json!({"userName": "ada", "displayName": "role 07"})).await;
    let page = get(&house, "/Roles?startIndex=3&count=2").await;
    assert_eq!((&page["totalResults"], names(&page)), (&json!(25), vec!["role 22", "role 21"]));
    let sorted = get(&house, "/Roles?sortBy=displayName&count=2").await;
    assert_eq!(names(&sorted), ["role 00", "role 01"]);
    let check = async |path: &str, filter: &str, expected: usize| {
        let filter = filter.replace(' ', "%20").replace('"', "%22");
        let list = get(&house, &format!("{path}?filter={filter}")).await;
        assert_eq!(list["totalResults"], expected, "{filter}");
    };
    check("/Roles", "displayName eq \"ROLE 07\"", 1).await;
    check("/Roles", "externalId eq \"x3\"", 1).await;
    check("/Roles", "supported eq true and displayName sw \"role 2\"", 3).await;
    check("/Roles", "meta.resourceType eq \"Role\"", 25).await;
    check("", "displayName eq \"role 07\"", 2).await;
    check("", "meta.resourceType eq \"Role\"", 25).await;
    let search = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "displayName co \"1\"", "count": 1});
    let (status, found) = send(&house, "POST", "/Roles/.search", &search).await;
    assert_eq!(
        (status, &found["totalResults"], &found["itemsPerPage"]),
        (200, &json!(12), &json!(1))
    );
    let shown = get(&house, "/Roles?attributes=externalId&count=1").await;
    assert_eq!(shown["Resources"][0].get("displayName"), None);

    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let page = get(&house, &format!("/Roles?cursor={cursor}&count=10")).await;
        seen.extend(names(&page).iter().map(|it| (*it).to_owned()));
        match page.get("nextCursor") {
            Some(next) => next.as_str().unwrap().clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(seen.len(), 25);
    let other = house.acme("GET", &format!("/Entitlements?cursor={cursor}&count=10")).send().await;
    assert_eq!(other.json()["scimType"], "invalidCursor");
}

#[actix_web::test]
async fn types_are_data_and_each_tenant_has_its_own() {
    let house = furnished().await;
    let types = get(&house, "/ResourceTypes").await;
    assert_eq!(types["totalResults"], 7);
    let device = get(&house, "/ResourceTypes/Device").await;
    assert_eq!((&device["endpoint"], &device["schema"]), (&json!("/Devices"), &json!(DEVICE)));
    assert_eq!(device["schemaExtensions"], json!([{"schema": MAB, "required": true}]));
    assert_eq!(get(&house, &format!("/Schemas/{DEVICE}")).await["name"], "Device");

    let bare = json!({"schemas": [DEVICE], "displayName": "printer", "active": true});
    assert_eq!(send(&house, "POST", "/Devices", &bare).await.1["scimType"], "invalidValue");
    let whole = json!({"schemas": [DEVICE, MAB], "displayName": "printer", "active": "False",
        "groups": [{"value": "x"}], MAB: {"deviceMacAddress": "2C:54:91:88:C9:E3"}});
    let (status, made) = send(&house, "POST", "/Devices", &whole).await;
    assert_eq!((status, &made["active"], made.get("groups")), (201, &json!(false), None));
    let (status, _) = send(&house, "POST", "/Devices", &whole).await;
    assert_eq!(status, 409, "one device an address");

    let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
        {"method": "POST", "path": "/Roles", "bulkId": "r", "data": role("Bulky")},
        {"method": "PATCH", "path": "/Roles/nobody", "data": {}},
        {"method": "POST", "path": "/Planets", "bulkId": "p", "data": {}},
    ]});
    let (_, done) = send(&house, "POST", "/Bulk", &bulk).await;
    let statuses: Vec<&str> = done["Operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["201", "404", "404"]);
    assert!(done["Operations"][0]["location"].as_str().unwrap().contains("/Roles/"));

    for (path, credential, expected) in [
        ("/t/globex/scim/v2/Roles", &house.globex, 404),
        ("/t/acme/scim/v2/Planets", &house.acme, 404),
        ("/t/acme/scim/v2/Roles", &house.globex, 401),
        ("/t/acme/scim/v2/Roles", &house.acme, 200),
    ] {
        assert_eq!(house.ask("GET", path).by(credential).send().await.status, expected, "{path}");
    }

    // Everything is in the history, and another fold of it is the same.
    let events = house.ask("GET", "/v1/tenants/acme/events").by(&house.owner).send().await.json();
    let kinds: Vec<&str> = events["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["resource.created", "resource.created"]);
    assert_eq!(house.state.tenancy.verify().await, Ok(()));
}

#[actix_web::test]
async fn what_is_no_type_is_refused_and_types_stay_while_they_are_used() {
    let house = furnished().await;
    let check = async |query: &str, expected: (u16, &str)| {
        let schema = json!({"id": "urn:example:x", "attributes": [{"name": "a"}]});
        let (status, body) = put(&house, query, &schema).await;
        let detail = body["detail"].as_str().unwrap_or_default();
        assert_eq!(status, expected.0, "{query}: {detail}");
        assert!(detail.contains(expected.1), "{query}: {detail}");
    };
    check("?defines=Thing", (400, "go together")).await;
    check("?defines=Role&endpoint=/Things", (400, "name:")).await;
    check("?defines=user&endpoint=/Things", (400, "name:")).await;
    check("?defines=Thing&endpoint=/roles", (400, "endpoint:")).await;
    check("?defines=Thing&endpoint=/Bulk", (400, "endpoint:")).await;
    check("?defines=Thing&endpoint=Things", (400, "endpoint:")).await;
    check("?defines=Thing&endpoint=/a/b", (400, "endpoint:")).await;
    check("?extends=Thing", (400, "no such resource type")).await;
    check("?defines=Thing&endpoint=/Things", (200, "")).await;
    check("?defines=Thing&endpoint=/Stuff", (409, "stays where it is")).await;

    let remove = async |urn: &str| {
        let path = format!("/v1/tenants/acme/schemas/{urn}");
        house.ask("DELETE", &path).by(&house.owner).send().await.status
    };
    assert_eq!(send(&house, "POST", "/Roles", &role("Editor")).await.0, 201);
    assert_eq!(remove(ROLE).await, 409, "there is a role");
    assert_eq!(remove(DEVICE).await, 409, "another schema needs it");
    assert_eq!(remove(MAB).await, 204);
    assert_eq!(remove(DEVICE).await, 204);
    assert_eq!(house.acme("GET", "/Devices").send().await.status, 404);
}
