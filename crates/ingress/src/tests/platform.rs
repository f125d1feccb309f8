//! `/v1`: keys and roles, tenants, tokens, the history, people and teams; errors as problems.

use serde_json::{Value, json};

use super::house::{House, Reply};

#[actix_web::test]
async fn every_route_wants_a_key_and_writing_wants_an_owner() {
    let house = House::new().await;
    let mut seen = None;
    for route in crate::PLATFORM {
        for (verb, _) in route.1 {
            let path = route.0.replace("{tenant}", "acme").replace("{token}", "none");
            let path = path.replace("{number}", "0");
            for credential in ["", "rck_000000000000000000000000000000000000", &house.acme] {
                let reply = house.ask(verb.as_str(), &path).by(credential).send().await;
                check_problem(&reply, 401);
                assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
                let reply = reply.anonymous();
                assert_eq!(*seen.get_or_insert_with(|| reply.clone()), reply, "{path}");
            }
            let reply = house.ask(verb.as_str(), &path).by(&house.reader).send().await;
            // The log holds everything of everybody.
            let is_log = path.starts_with("/v1/log");
            let expected = match (verb.as_str(), route.0) {
                ("GET", _) if is_log => 403,
                ("GET", "/v1/relay") => 501,
                ("GET", path) if path.ends_with("{urn}") => 404,
                ("GET", _) => 200,
                _ => 403,
            };
            assert_eq!(reply.status, expected, "{} {path}", verb.as_str());
        }
    }
}

#[actix_web::test]
async fn a_change_sets_the_switch_that_it_names_and_no_other() {
    let house = House::new().await;
    let path = "/v1/tenants/acme";
    let mut expected = ask(&house, "GET", path, None).await.json()["switches"].clone();
    let names: Vec<String> = expected.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names.len(), 6);
    for name in names {
        let value = expected[&name].as_bool().map_or_else(|| json!("nothing"), |it| json!(!it));
        expected[&name] = value.clone();
        let change = json!({"switches": {&*name: value}});
        let changed = ask(&house, "PATCH", path, Some(&change)).await.json();
        assert_eq!(changed["switches"], expected, "{name}");
        assert_eq!(ask(&house, "GET", path, None).await.json()["switches"], expected, "{name}");
    }
}

#[actix_web::test]
async fn tenants_are_made_listed_shown_and_changed() {
    let house = House::new().await;
    let body = json!({"id": "initech", "name": "Initech", "profile": "strict"});
    let made = ask(&house, "POST", "/v1/tenants", Some(&body)).await;
    assert_eq!(made.status, 201);
    let location = Some("https://scim.example.com/v1/tenants/initech");
    assert_eq!(made.header("location"), location);
    assert_eq!(made.header("content-type"), Some("application/json"));
    let switches = |tolerant: bool| {
        json!({
            "put_keeps_absent": false, "unknown_attributes_ignored": tolerant,
            "schemas_repaired": tolerant, "unknown_members_pending": tolerant,
            "absent_targets_accepted": tolerant, "patch_answer": "short",
        })
    };
    let mut expected = json!({
        "switches": switches(false),
        "id": "initech", "name": "Initech", "profile": "strict", "unique_group_names": true,
        "status": "active", "base_url": "https://scim.example.com/t/initech/scim/v2",
    });
    assert_eq!(made.json(), expected);
    check_problem(&ask(&house, "POST", "/v1/tenants", Some(&body)).await, 409);
    for bad in [json!({"id": "A_b"}), json!({}), json!({"id": "x", "colour": 1}), json!([])] {
        check_problem(&ask(&house, "POST", "/v1/tenants", Some(&bad)).await, 400);
    }
    let change = json!({"name": "New", "profile": "lenient", "unique_group_names": false});
    let changed = ask(&house, "PATCH", "/v1/tenants/initech", Some(&change)).await;
    expected["name"] = json!("New");
    expected["profile"] = json!("lenient");
    expected["switches"] = switches(true);
    expected["unique_group_names"] = json!(false);
    assert_eq!((changed.status, changed.json()), (200, expected.clone()));
    let both = json!({"name": "Newer", "status": "suspended"});
    let changed = ask(&house, "PATCH", "/v1/tenants/initech", Some(&both)).await;
    expected["name"] = json!("Newer");
    expected["status"] = json!("suspended");
    assert_eq!((changed.status, changed.json()), (200, expected.clone()));
    for bad in [json!({"status": "gone"}), json!({"profile": "x"}), json!({"head": 7})] {
        check_problem(&ask(&house, "PATCH", "/v1/tenants/initech", Some(&bad)).await, 400);
    }
    let page = ask(&house, "GET", "/v1/tenants?limit=2&after=acme", None).await.json();
    assert_eq!((&page["tenants"][0]["id"], &page["next"]), (&json!("exact"), &json!("globex")));
    let page = ask(&house, "GET", "/v1/tenants?limit=2&after=globex", None).await.json();
    assert_eq!((&page["tenants"], &page["next"]), (&json!([expected]), &Value::Null));
    let shown = ask(&house, "GET", "/v1/tenants/initech", None).await.json();
    assert_eq!(
        (&shown["users"], &shown["groups"], &shown["head"]),
        (&json!(0), &json!(0), &json!(0))
    );
    check_problem(&ask(&house, "GET", "/v1/tenants/nobody", None).await, 404);
    check_problem(&ask(&house, "GET", "/v1/tenants?limit=x", None).await, 400);
    check_problem(&ask(&house, "GET", "/v1/nothing", None).await, 404);
    check_problem(&ask(&house, "PUT", "/v1/tenants", None).await, 405);
}

#[actix_web::test]
async fn a_token_is_shown_once_works_and_is_revoked() {
    let house = House::new().await;
    let path = "/v1/tenants/acme/tokens";
    house.clock.advance(1);
    let body = json!({"name": "okta", "expires_at": "2030-01-01T00:00:00Z"});
    let issued = ask(&house, "POST", path, Some(&body)).await;
    assert_eq!((issued.status, issued.header("cache-control")), (201, Some("no-store")));
    let issued = issued.json();
    let token = issued["token"].as_str().unwrap();
    assert_eq!(crate::secret::kind(token), Some(crate::secret::Kind::Token));
    assert_eq!(issued["base_url"], "https://scim.example.com/t/acme/scim/v2");
    assert_eq!(issued["expires_at"], "2030-01-01T00:00:00.000Z");
    assert!(token.ends_with(issued["hint"].as_str().unwrap()));
    let list = ask(&house, "GET", path, None).await;
    assert!(!String::from_utf8_lossy(&list.body).contains(token));
    assert_eq!(list.json()["tokens"].as_array().unwrap().len(), 2);
    assert_eq!(list.json()["tokens"][1]["name"], "okta");
    assert_eq!(house.ask("GET", "/scim/v2/Users").by(token).send().await.status, 200);
    let one = format!("{path}/{}", issued["id"].as_str().unwrap());
    let other = one.replace("acme", "globex");
    check_problem(&ask(&house, "DELETE", &other, None).await, 404);
    assert_eq!(ask(&house, "DELETE", &one, None).await.status, 204);
    assert_eq!(house.ask("GET", "/scim/v2/Users").by(token).send().await.status, 401);
    assert_eq!(ask(&house, "GET", path, None).await.json()["tokens"].as_array().unwrap().len(), 1);
    check_problem(&ask(&house, "DELETE", &format!("{path}/none"), None).await, 404);
    for bad in [json!({"expires_at": "soon"}), json!({"expires_at": "2020-01-01T00:00:00Z"})] {
        check_problem(&ask(&house, "POST", path, Some(&bad)).await, 400);
    }
}

#[actix_web::test]
async fn the_history_is_paged_by_seq() {
    let house = House::new().await;
    for number in 0..3 {
        house.create("/Users", json!({"userName": format!("u{number}")})).await;
    }
    let page = async |query: &str| {
        let page =
            ask(&house, "GET", &format!("/v1/tenants/acme/events?{query}"), None).await.json();
        let events = page["events"].as_array().unwrap().clone();
        let numbers: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
        (numbers, page)
    };
    let (numbers, all) = page("").await;
    assert_eq!((numbers, &all["next"], &all["head"]), (vec![1, 2, 3], &json!(3), &json!(3)));
    assert_eq!(all["incarnation"], 1);
    assert_eq!(all["log"], "00000000-0000-0000-0000-000000000001");
    assert_eq!(
        (&all["events"][0]["type"], &all["events"][0]["id"]),
        (&json!("user.created"), &json!("acme-1"))
    );
    assert_eq!(page("after=1&limit=1").await.0, [2]);
    let (numbers, end) = page("after=3").await;
    assert_eq!((numbers, &end["next"]), (vec![], &json!(3)));
}

#[actix_web::test]
async fn people_and_teams_say_where_they_stand() {
    let house = House::new().await;
    let ada = json!({"userName": "ada", "name": {"formatted": "Ada L"}, "emails": [{"value": "a@x", "primary": true}]});
    let ada = house.create("/Users", ada).await;
    let bob = house.create("/Users", json!({"userName": "bob", "active": false})).await;
    let members = json!([{"value": ada}, {"value": "unborn"}]);
    let team = house.create("/Groups", json!({"displayName": "Team", "members": members})).await;
    let opened = house.state.tenancy.clone();
    opened.project_all().unwrap();
    let first = ask(&house, "GET", "/v1/tenants/acme/users?limit=1", None).await.json();
    assert_eq!(
        first["users"],
        json!([{"id": ada, "active": true, "userName": "ada", "displayName": "Ada L",
                "emails": [{"value": "a@x", "type": null, "primary": true}], "teams": [team]}])
    );
    assert_eq!((&first["next"], &first["seq"]), (&json!(ada), &json!(4)));
    let rest = format!("/v1/tenants/acme/users?after={ada}");
    let rest = ask(&house, "GET", &rest, None).await.json();
    assert_eq!(
        (&rest["users"][0]["id"], &rest["users"][0]["active"]),
        (&json!(bob), &json!(false))
    );
    assert_eq!(rest["next"], Value::Null);
    let teams = ask(&house, "GET", "/v1/tenants/acme/teams", None).await.json();
    assert_eq!(teams["teams"], json!([{"id": team, "name": "Team", "members": 1, "pending": 1}]));
}

async fn ask(house: &House, method: &str, path: &str, body: Option<&Value>) -> Reply {
    let ask = house.ask(method, path).by(&house.owner);
    match body {
        Some(body) => ask.header("Content-Type", "application/json").text(&body.to_string()),
        None => ask,
    }
    .send()
    .await
}

fn check_problem(reply: &Reply, status: u16) {
    assert_eq!(reply.status, status, "{reply:?}");
    assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    assert_eq!(reply.json()["status"], status);
    assert!(reply.json()["detail"].is_string());
}
