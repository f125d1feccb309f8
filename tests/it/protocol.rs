//! RFC 7643/7644 as a client sees it: verbs, versions, projections, pages, discovery, addresses.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::Gateway;
use crate::{ENTERPRISE, GROUP, LIST, USER};

#[test]
fn a_user_from_birth_to_death() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let body = json!({
        "schemas": [ENTERPRISE, USER], "USERNAME": "Ada@Acme.example", "password": "secret",
        "name": {"givenName": "Ada", "familyName": "Byron"}, "nickName": null, "roles": [],
        "emails": [{"value": "ada@acme.example", "type": "work", "primary": true}],
        "id": "mine", "meta": {"version": "W/\"9\""}, "groups": [{"value": "x"}],
        ENTERPRISE: {"department": "Engines"},
    });
    let made = scim.post("/Users", &body);
    let user = made.ok(201);
    let id = user["id"].as_str().unwrap();
    let location = format!("{}/Users/{id}", scim.base());
    assert_ne!(id, "mine");
    assert_eq!((made.header("location"), made.header("etag")), (location.as_str(), "W/\"1\""));
    assert_eq!(made.header("content-type").split(';').next(), Some("application/scim+json"));
    assert_eq!(user["meta"]["location"], json!(location));
    assert_eq!(user["meta"]["version"], json!("W/\"1\""));
    assert_eq!(user["meta"]["resourceType"], json!("User"));
    assert_eq!(user["meta"]["created"], user["meta"]["lastModified"]);
    assert_eq!(user["schemas"], json!([USER, ENTERPRISE]));
    assert_eq!((&user["active"], &user["userName"]), (&json!(true), &json!("Ada@Acme.example")));
    for gone in ["password", "nickName", "roles", "groups"] {
        assert_eq!(user.get(gone), None, "{gone}");
    }
    assert_eq!(scim.get(&format!("/Users/{id}")).ok(200), user);

    let events = gateway.events("acme");
    assert_eq!((events.len(), &events[0]["type"]), (1, &json!("user.created")));
}

#[test]
fn a_users_changes_and_its_end() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let name = json!({"givenName": "Ada", "familyName": "Byron"});
    let extension = json!({"department": "Engines"});
    let body = json!({"userName": "Ada", "name": name, ENTERPRISE: extension});
    let user = scim.post("/Users", &body).ok(201);
    let id = user["id"].as_str().unwrap();

    let again = scim.put(&format!("/Users/{id}"), &user);
    assert_eq!(again.ok(200), user, "a PUT of what is there changes nothing");
    let renamed = scim.patch(
        &format!("/Users/{id}"),
        &json!([{"op": "replace", "path": "name.familyName", "value": "King"}]),
    );
    assert_eq!(renamed.ok(200)["name"], json!({"givenName": "Ada", "familyName": "King"}));
    assert_eq!(renamed.header("etag"), "W/\"2\"");
    let replaced =
        scim.put(&format!("/Users/{id}"), &json!({"schemas": [USER], "userName": "ada"})).ok(200);
    assert_eq!((replaced.get("name"), replaced.get(ENTERPRISE)), (None, None));

    let gone = scim.delete(&format!("/Users/{id}"));
    assert_eq!((gone.status, gone.body.len()), (204, 0));
    scim.get(&format!("/Users/{id}")).refused(404, None);
    scim.delete(&format!("/Users/{id}")).refused(404, None);
    scim.user("ADA");
    let types: Vec<Value> = gateway.events("acme").iter().map(|e| e["type"].clone()).collect();
    assert_eq!(
        types,
        ["user.created", "user.updated", "user.updated", "user.deleted", "user.created"]
    );
}

#[test]
fn versions_guard_changes_and_save_reads() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let path = format!("/Users/{}", scim.user("ada"));
    let tagged = |method: Method, header: &str, tag: &str| {
        scim.send(method, &path, |r| {
            r.header(header, tag).body(r#"{"userName":"ada","title":"x"}"#)
        })
    };
    assert_eq!(tagged(Method::GET, "If-None-Match", "W/\"1\"").status, 304);
    assert_eq!(tagged(Method::GET, "If-None-Match", "\"9\", W/\"1\"").status, 304);
    assert_eq!(tagged(Method::GET, "If-None-Match", "*").status, 304);
    tagged(Method::GET, "If-None-Match", "W/\"2\"").ok(200);
    tagged(Method::PUT, "If-Match", "W/\"7\"").refused(412, None);
    tagged(Method::PUT, "If-Match", "\"1\"").ok(200);
    tagged(Method::PUT, "If-Match", "W/\"1\"").refused(412, None);
    tagged(Method::PUT, "If-Match", "*").ok(200);
    tagged(Method::DELETE, "If-Match", "W/\"1\"").refused(412, None);
    assert_eq!(tagged(Method::DELETE, "If-Match", "W/\"2\"").status, 204);
}

#[test]
fn a_users_version_moves_with_its_groups() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let user = scim.user("ada");
    let group = scim.group("Engineers");
    let version = |path: &str| scim.get(path).header("etag").to_owned();
    let (one, team) = (format!("/Users/{user}"), format!("/Groups/{group}"));
    assert_eq!(version(&one), "W/\"1\"");
    let add = json!([{"op": "add", "path": "members", "value": [{"value": user}]}]);
    scim.patch(&team, &add).ok(200);
    assert_eq!((version(&one), version(&team)), ("W/\"3\"".into(), "W/\"3\"".into()));
    scim.patch(&team, &add).ok(200);
    assert_eq!(version(&team), "W/\"3\"", "adding a member twice changes nothing");
    let shown = scim.get(&one).ok(200);
    assert_eq!(shown["groups"][0]["value"], json!(group));
    assert_eq!(shown["groups"][0]["display"], json!("Engineers"));
    assert_eq!(shown["groups"][0]["$ref"], json!(format!("{}{team}", scim.base())));
    let members = scim.get(&team).ok(200)["members"].clone();
    assert_eq!(members[0]["type"], json!("User"));
    assert_eq!(members[0]["$ref"], json!(format!("{}{one}", scim.base())));
    scim.delete(&team);
    assert_eq!(version(&one), "W/\"4\"");
    assert_eq!(scim.get(&one).ok(200).get("groups"), None);
}

#[test]
fn only_what_is_asked_for_is_shown() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let body = json!({"schemas": [USER], "userName": "ada", "title": "Countess", "name": {"givenName": "Ada", "familyName": "King"}});
    let id = scim.post("/Users", &body).id();
    let keys = |query: &str| -> Vec<String> {
        let shown = scim.get(&format!("/Users/{id}?{query}")).ok(200);
        let mut keys: Vec<String> = shown.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    assert_eq!(keys("attributes=USERNAME"), ["id", "schemas", "userName"]);
    assert_eq!(keys("attributes=name.givenName,title"), ["id", "name", "schemas", "title"]);
    assert_eq!(
        keys("excludedAttributes=title,name,id"),
        ["active", "id", "meta", "schemas", "userName"]
    );
    assert_eq!(keys(&format!("attributes={USER}:userName")), ["id", "schemas", "userName"]);
    let listed = scim.get("/Users?attributes=title").ok(200);
    assert_eq!(listed["Resources"][0], json!({"schemas": [USER], "id": id, "title": "Countess"}));
}

#[test]
fn lists_are_stable_pages_in_creation_order() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let ids: Vec<String> = (0..25).map(|n| scim.user(&format!("user{n}"))).collect();
    let page = |query: &str| {
        let list = scim.get(&format!("/Users?{query}")).ok(200);
        assert_eq!(list["schemas"], json!([LIST]));
        let found: Vec<String> = list["Resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(list["itemsPerPage"], json!(found.len()));
        (list["totalResults"].as_u64().unwrap(), list["startIndex"].as_u64().unwrap(), found)
    };
    assert_eq!(page(""), (25, 1, ids.clone()));
    assert_eq!(page("startIndex=1&count=10"), (25, 1, ids[..10].to_vec()));
    assert_eq!(page("startIndex=21&count=10"), (25, 21, ids[20..].to_vec()));
    assert_eq!(page("startIndex=0&count=1"), (25, 1, ids[..1].to_vec()));
    assert_eq!(page("startIndex=-5&count=1"), (25, 1, ids[..1].to_vec()));
    assert_eq!(page("count=0"), (25, 1, vec![]));
    assert_eq!(page("count=-1"), (25, 1, vec![]));
    assert_eq!(page("startIndex=100"), (25, 100, vec![]));
    assert_eq!(
        page("filter=userName%20sw%20%22user2%22&startIndex=2&count=2"),
        (6, 2, ids[20..22].to_vec())
    );
    scim.delete(&format!("/Users/{}", ids[0]));
    assert_eq!(page("startIndex=1&count=1"), (24, 1, ids[1..2].to_vec()));
}

#[test]
fn discovery() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    for (path, names) in
        [("/Schemas", vec![USER, GROUP, ENTERPRISE]), ("/ResourceTypes", vec!["User", "Group"])]
    {
        let list = scim.get(path).ok(200);
        let found = list["Resources"].as_array().unwrap();
        assert_eq!(list["totalResults"], json!(found.len()));
        for name in names {
            let listed = found.iter().find(|r| r["id"] == name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(&scim.get(&format!("{path}/{name}")).ok(200), listed);
        }
        scim.get(&format!("{path}?filter=id%20pr")).refused(403, None);
    }
    let open = scim.with_authorization(None).get("/ServiceProviderConfig").ok(200);
    assert_eq!(open["patch"]["supported"], json!(true));
    for feature in ["bulk", "sort"] {
        assert_eq!(open[feature]["supported"], json!(true));
    }
    assert_eq!(open["authenticationSchemes"][0]["type"], json!("oauthbearertoken"));
    let elsewhere = scim.at(format!("{}/t/nowhere/scim/v2", gateway.origin()));
    let other = elsewhere.with_authorization(None).get("/ServiceProviderConfig");
    assert_eq!(
        other.text().replace("/t/nowhere/", "/t/acme/"),
        open.to_string(),
        "it tells who is a tenant"
    );
}

#[test]
fn the_address_is_read_generously() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let id = scim.user("ada");
    let origin = gateway.origin();
    let bases =
        ["/t/acme/scim/v2", "/t/acme/scim", "/t/acme//scim//v2", "/scim/v2", "/scim", "//scim/v2/"];
    for base in bases {
        let client = scim.at(format!("{origin}{base}"));
        let found = client.get(&format!("/Users/{id}")).ok(200);
        let canonical = if base.contains("/t/") { "/t/acme/scim/v2" } else { "/scim/v2" };
        assert_eq!(
            found["meta"]["location"],
            json!(format!("{origin}{canonical}/Users/{id}")),
            "{base}"
        );
        client.get("/Users/").ok(200);
        client.get("/Users?filter=userName+eq+%22ada%22&").ok(200);
        client.get(&format!("/Users/{id}?")).ok(200);
        client.get("").ok(200);
    }
}

#[test]
fn credentials_come_in_many_shapes() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let token = gateway.token("acme");
    let basic = reqwest::blocking::Client::new()
        .get("http://x")
        .basic_auth("any", Some(&token))
        .build()
        .unwrap();
    let basic = basic.headers()["authorization"].to_str().unwrap().to_owned();
    let shapes = [
        format!("Bearer {token}"),
        format!("bearer {token}"),
        token.clone(),
        format!("Bearer Bearer {token}"),
        format!("  Bearer   {token}  "),
        basic,
    ];
    for shape in shapes {
        scim.with_authorization(Some(&shape)).get("/Users").ok(200);
    }
}

#[test]
fn media_types_are_negotiated() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let typed = |accept: &str| {
        let answer = scim.send(Method::GET, "/Users", |r| r.header("Accept", accept));
        answer.ok(200);
        answer.header("content-type").split(';').next().unwrap().to_owned()
    };
    assert_eq!(typed("application/scim+json"), "application/scim+json");
    assert_eq!(typed("*/*"), "application/scim+json");
    assert_eq!(typed("application/json, application/scim+json"), "application/scim+json");
    assert_eq!(typed("application/json"), "application/json");
    let plain = scim.with_content_type("application/json; charset=utf-8");
    plain.post("/Users", &json!({"schemas": [USER], "userName": "ada"})).ok(201);
}
