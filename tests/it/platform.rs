//! The platform API: tenants, tokens, events, people and teams.

use serde_json::json;

use crate::harness::Gateway;

#[test]
fn a_platform_team_makes_a_tenant_and_its_token() {
    let gateway = Gateway::start(&["acme"]);
    let platform = gateway.platform();
    let made = platform.post("/tenants", &json!({"id": "initech", "name": "Initech"})).ok(201);
    assert_eq!(
        (&made["id"], &made["name"], &made["status"]),
        (&json!("initech"), &json!("Initech"), &json!("active"))
    );
    let shown = platform.get("/tenants/initech").ok(200);
    assert_eq!((&shown["name"], &shown["users"]), (&made["name"], &json!(0)));
    let listed = platform.get("/tenants").ok(200);
    let ids: Vec<_> =
        listed["tenants"].as_array().unwrap().iter().map(|t| t["id"].clone()).collect();
    assert_eq!(ids, ["acme", "initech"]);

    let token = platform.post("/tenants/initech/tokens", &json!({"name": "okta"})).ok(201);
    let secret = token["token"].as_str().unwrap();
    assert!(secret.starts_with("rct_") && secret.len() == 40, "{secret}");
    let scim = gateway.scim("acme").at(format!("{}/t/initech/scim/v2", gateway.origin()));
    let scim = scim.with_authorization(Some(&format!("Bearer {secret}")));
    scim.get("/Users").ok(200);
    let listed = platform.get("/tenants/initech/tokens");
    assert_eq!(listed.ok(200)["tokens"][0]["id"], token["id"]);
    assert!(!listed.text().contains(secret), "a list shows a secret");
    platform.delete(&format!("/tenants/initech/tokens/{}", token["id"].as_str().unwrap())).ok(204);
    scim.get("/Users").refused(401, None);
}

#[test]
fn bad_requests_are_problems() {
    let gateway = Gateway::start(&["acme"]);
    let platform = gateway.platform();
    let check = |answer: crate::client::Answer, status: u16| {
        let problem = answer.ok(status);
        assert_eq!(
            answer.header("content-type").split(';').next(),
            Some("application/problem+json")
        );
        assert_eq!(problem["status"], json!(status), "{problem}");
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
    };
    check(platform.post("/tenants", &json!({"id": "acme"})), 409);
    check(platform.post("/tenants", &json!({"id": "No_Slug"})), 400);
    check(platform.post("/tenants", &json!({"id": "a", "color": "red"})), 400);
    check(platform.post("/tenants", &json!([])), 400);
    check(platform.get("/tenants/nowhere"), 404);
    check(platform.get("/tenants/nowhere/events"), 404);
    check(platform.get("/tenants/acme/events?after=x"), 400);
    check(platform.get("/nothing"), 404);
    check(platform.delete("/tenants"), 405);
    check(platform.with_authorization(None).get("/tenants"), 401);
    let scim_token = format!("Bearer {}", gateway.token("acme"));
    check(platform.with_authorization(Some(&scim_token)).get("/tenants"), 401);
}

#[test]
fn events_people_and_teams_tell_the_same_story() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let platform = gateway.platform();
    let ada = scim
        .post("/Users", &json!({"userName": "ada", "name": {"formatted": "Ada Byron"}, "emails": [{"value": "a@b.example"}]}))
        .id();
    let eve = scim.user("eve");
    let group = scim.group("Engineers");
    let add = json!([{"op": "add", "path": "members", "value": [{"value": ada}]}]);
    scim.patch(&format!("/Groups/{group}"), &add).ok(200);
    let off = json!([{"op": "Replace", "path": "active", "value": "False"}]);
    scim.patch(&format!("/Users/{eve}"), &off).ok(200);

    let feed = platform.get("/tenants/acme/events?after=2&limit=2").ok(200);
    assert_eq!((&feed["next"], &feed["head"]), (&json!(4), &json!(5)));
    assert!(feed["log"].is_string() && feed["incarnation"].is_u64());
    let event = &feed["events"][0];
    assert_eq!((&event["id"], &event["seq"]), (&json!("acme-3"), &json!(3)));
    assert_eq!(
        (&event["type"], &event["subject"]),
        (&json!("group.created"), &json!({"type": "group", "id": group}))
    );
    let last = &gateway.events("acme")[4];
    assert_eq!((&last["type"], &last["changed"]), (&json!("user.deactivated"), &json!(["active"])));
    assert_eq!(last["coercions"], json!(["boolean_from_text"]), "{last}");

    let users = platform.get("/tenants/acme/users").ok(200);
    assert_eq!(users["seq"], json!(5));
    let shown = &users["users"][0];
    assert_eq!(
        (&shown["id"], &shown["active"], &shown["displayName"]),
        (&json!(ada), &json!(true), &json!("Ada Byron"))
    );
    assert_eq!(shown["teams"], json!([group]));
    assert_eq!(users["users"][1]["active"], json!(false));
    let teams = platform.get("/tenants/acme/teams").ok(200);
    assert_eq!(
        (&teams["teams"][0]["name"], &teams["teams"][0]["members"]),
        (&json!("Engineers"), &json!(1))
    );
}

#[test]
fn a_suspended_tenant_is_told_so_and_a_deleted_one_is_gone() {
    let gateway = Gateway::start(&["acme"]);
    let (scim, platform) = (gateway.scim("acme"), gateway.platform());
    let user = scim.user("ada");
    platform.patch_merge("/tenants/acme", &json!({"status": "suspended"})).ok(200);
    scim.get(&format!("/Users/{user}")).refused(403, None);
    let both = json!({"status": "active", "name": "Acme & Sons"});
    let shown = platform.patch_merge("/tenants/acme", &both).ok(200);
    assert_eq!((&shown["status"], &shown["name"]), (&both["status"], &both["name"]));
    scim.get(&format!("/Users/{user}")).ok(200);
    platform.delete("/tenants/acme").ok(204);
    scim.get(&format!("/Users/{user}")).refused(401, None);
    platform.post("/tenants", &json!({"id": "acme"})).ok(409);
}

#[test]
fn everything_is_there_after_a_restart() {
    let mut gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let users: Vec<_> = (0..50).map(|n| scim.user(&format!("user{n}"))).collect();
    let group = scim.group("Engineers");
    let members: Vec<_> = users.iter().map(|id| json!({"value": id})).collect();
    scim.patch(
        &format!("/Groups/{group}"),
        &json!([{"op": "add", "path": "members", "value": members}]),
    );
    let paths = ["/Users?count=100", "/Groups", "/Schemas"];
    let base = gateway.origin();
    let before: Vec<String> = paths.iter().map(|path| scim.get(path).text()).collect();
    let events = gateway.events("acme");
    gateway.restart();
    let scim = gateway.scim("acme");
    for (path, text) in paths.iter().zip(before) {
        assert_eq!(scim.get(path).text().replace(&gateway.origin(), &base), text);
    }
    assert_eq!(gateway.events("acme"), events);
}

#[test]
fn the_operations_port_tells_how_it_goes() {
    let gateway = Gateway::start(&["acme"]);
    let admin = gateway.admin();
    assert_eq!(admin.get("/livez").status, 200);
    assert_eq!(admin.get("/readyz").status, 200);
    gateway.scim("acme").user("ada");
    let metrics = admin.get("/metrics").text();
    assert!(
        metrics.lines().any(|l| l.starts_with("rollcall_") && !l.contains("acme")),
        "{metrics}"
    );
    assert!(metrics.contains("rollcall_log_"), "the log's own counts are missing: {metrics}");
    assert_eq!(admin.get("/v1/tenants").status, 404);
    assert_eq!(gateway.platform().at(gateway.origin()).get("/metrics").status, 404);
}
