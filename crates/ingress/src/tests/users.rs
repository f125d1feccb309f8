//! `/Users`: the verbs, their statuses, headers and bodies.

use serde_json::{Value, json};

use super::house::{House, kind, plain};
use actix_web::http::StatusCode;

const ADA: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada","password":"x","emails":[{"value":"ada@example.com","type":"work","primary":true}]}"#;

#[actix_web::test]
async fn a_user_is_created_shown_replaced_changed_and_removed() {
    let house = House::new().await;
    let made = house.acme("POST", "/Users").text(ADA).send().await;
    assert_eq!(made.status, 201);
    let user = made.json();
    let id = user["id"].as_str().unwrap();
    let location = format!("https://scim.example.com/t/acme/scim/v2/Users/{id}");
    assert_eq!(made.header("location"), Some(location.as_str()));
    assert_eq!(made.header("content-location"), Some(location.as_str()));
    assert_eq!(made.header("content-type"), Some("application/scim+json"));
    assert_eq!(made.header("etag"), user["meta"]["version"].as_str());
    assert_eq!(user["meta"]["location"], location);
    assert_eq!(user["meta"]["resourceType"], "User");
    assert_eq!(user["meta"]["created"], user["meta"]["lastModified"]);
    assert_eq!((&user["active"], &user["password"]), (&json!(true), &Value::Null));

    let path = format!("/Users/{id}");
    let shown = house.acme("GET", &path).send().await;
    assert_eq!((shown.status, shown.json()), (200, user.clone()));

    house.clock.advance(1_000);
    let body = json!({"userName": "ada", "displayName": "Ada"});
    let replaced = house.acme("PUT", &path).json(&body).send().await;
    assert_eq!(replaced.status, 200);
    assert_eq!(replaced.json()["displayName"], "Ada");
    assert_ne!(replaced.header("etag"), made.header("etag"));
    assert_ne!(replaced.json()["meta"]["lastModified"], user["meta"]["lastModified"]);

    let patch = json!({"Operations": [{"op": "Replace", "path": "active", "value": "False"}]});
    let changed = house.acme("PATCH", &path).json(&patch).send().await;
    assert_eq!((changed.status, &changed.json()["active"]), (200, &json!(false)));
    let again = house.acme("PATCH", &path).json(&patch).send().await;
    assert_eq!(again.header("etag"), changed.header("etag"), "nothing changed");

    let removed = house.acme("DELETE", &path).send().await;
    assert_eq!((removed.status, removed.body.len()), (204, 0));
    for method in ["GET", "DELETE"] {
        let gone = house.acme(method, &path).send().await;
        assert_eq!(gone.scim_error(), plain(StatusCode::NOT_FOUND), "{method}");
    }
}

#[actix_web::test]
async fn what_cannot_be_done_is_told_in_scims_form() {
    let house = House::new().await;
    let id = house.create("/Users", serde_json::from_str(ADA).unwrap()).await;
    let path = format!("/Users/{id}");
    let check = async |method: &str, path: &str, body: &str, expected: (u16, Option<String>)| {
        let reply = house.acme(method, path).text(body).send().await;
        assert_eq!(reply.scim_error(), expected, "{method} {path} {body}");
        let (detail, id) = (reply.json()["detail"].to_string(), reply.header("x-request-id"));
        assert_eq!(detail.contains(id.unwrap()), reply.status != 404, "{detail}");
    };
    check("POST", "/Users", ADA, kind(409, "uniqueness")).await;
    check("POST", "/Users", r#"{"userName":"#, kind(400, "invalidSyntax")).await;
    check("POST", "/Users", "", kind(400, "invalidSyntax")).await;
    check("POST", "/Users", "[]", kind(400, "invalidSyntax")).await;
    check("POST", "/Users", r#"{"userName":"a","USERNAME":"b"}"#, kind(400, "invalidSyntax")).await;
    check("POST", "/Users", r#"{"displayName":"x"}"#, kind(400, "invalidValue")).await;
    check(
        "PATCH",
        &path,
        r#"{"Operations":[{"op":"sing","path":"x"}]}"#,
        kind(400, "invalidSyntax"),
    )
    .await;
    check("PATCH", &path, r#"{"Operations":[]}"#, kind(400, "invalidSyntax")).await;
    let absent = "/Users/0190a0a0-0000-7000-8000-000000000000";
    let change = r#"{"Operations":[{"op":"replace","path":"active","value":true}]}"#;
    check("GET", absent, "", plain(StatusCode::NOT_FOUND)).await;
    check("PUT", absent, ADA, plain(StatusCode::NOT_FOUND)).await;
    check("PATCH", absent, change, plain(StatusCode::NOT_FOUND)).await;
    check("GET", "/Users/nobody", "", plain(StatusCode::NOT_FOUND)).await;
    check(
        "GET",
        &path.to_uppercase().replace("/USERS", "/Users"),
        "",
        plain(StatusCode::NOT_FOUND),
    )
    .await;
}

#[actix_web::test]
async fn versions_are_preconditions() {
    let house = House::new().await;
    let made = house.acme("POST", "/Users").text(ADA).send().await;
    let (user, tag) = (made.json(), made.header("etag").unwrap().to_owned());
    let path = format!("/Users/{}", user["id"].as_str().unwrap());
    let strong = tag.strip_prefix("W/").unwrap();
    let check = async |method: &str, name: &str, value: &str, expected: u16| {
        let change = r#"{"Operations":[{"op":"replace","path":"active","value":true}]}"#;
        let body = if method == "PUT" {
            ADA
        } else if method == "PATCH" {
            change
        } else {
            ""
        };
        let ask = house.acme(method, &path).header(name, value).text(body);
        let reply = ask.send().await;
        assert_eq!(reply.status, expected, "{method} {name}: {value}");
        if expected == 412 {
            assert_eq!(reply.scim_error(), plain(StatusCode::PRECONDITION_FAILED));
        }
        if expected == 304 {
            assert_eq!((reply.body.len(), reply.header("etag")), (0, Some(tag.as_str())));
        }
    };
    check("GET", "If-None-Match", &tag, 304).await;
    check("GET", "If-None-Match", strong, 304).await;
    check("GET", "If-None-Match", "*", 304).await;
    check("GET", "If-None-Match", "W/\"999\"", 200).await;
    for method in ["PUT", "PATCH", "DELETE"] {
        check(method, "If-Match", "W/\"999\"", 412).await;
        check(method, "If-Match", "\"junk\"", 412).await;
    }
    check("PUT", "If-Match", &format!("W/\"999\", {strong}"), 200).await;
    check("PATCH", "If-Match", "*", 200).await;
    check("DELETE", "If-Match", &tag, 204).await;
    check("DELETE", "If-Match", "*", 404).await;
}

#[actix_web::test]
async fn answers_show_what_is_asked_for() {
    let house = House::new().await;
    let keys = |user: &Value| user.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let made = house.acme("POST", "/Users?attributes=userName").text(ADA).send().await;
    assert_eq!(keys(&made.json()), ["schemas", "id", "userName"]);
    let path = format!("/Users/{}", made.json()["id"].as_str().unwrap());
    let check = async |query: &str, expected: &[&str]| {
        let reply = house.acme("GET", &format!("{path}?{query}")).send().await;
        assert_eq!(keys(&reply.json()), expected, "{query}");
    };
    check("", &["schemas", "id", "userName", "active", "emails", "meta"]).await;
    check("attributes=emails.value", &["schemas", "id", "emails"]).await;
    check("excludedAttributes=emails,meta", &["schemas", "id", "userName", "active"]).await;
    check("attributes=meta.location&", &["schemas", "id", "meta"]).await;
}

#[actix_web::test]
async fn a_manager_and_groups_are_named_on_reading() {
    let house = House::new().await;
    let boss =
        house.create("/Users", json!({"userName": "boss", "displayName": "The \"Boss\""})).await;
    let urn = scim::schema::ENTERPRISE_URN;
    let ada = json!({"userName": "ada", "title": "\"manager\":{", urn: {"department": "x", "manager": boss}});
    let id = house.create("/Users", ada).await;
    let group = json!({"displayName": "Team \\", "members": [{"value": id}]});
    let group = house.create("/Groups", group).await;
    let user = house.acme("GET", &format!("/Users/{id}")).send().await.json();
    let base = "https://scim.example.com/t/acme/scim/v2";
    assert_eq!(
        user[urn]["manager"],
        json!({"value": boss, "$ref": format!("{base}/Users/{boss}"), "displayName": "The \"Boss\""})
    );
    assert_eq!((&user[urn]["department"], &user["title"]), (&json!("x"), &json!("\"manager\":{")));
    assert_eq!(
        user["groups"],
        json!([{"value": group, "$ref": format!("{base}/Groups/{group}"), "display": "Team \\", "type": "direct"}])
    );
    let nameless = house.create("/Users", json!({"userName": "nameless"})).await;
    let led = house.create("/Users", json!({"userName": "led", urn: {"manager": nameless}})).await;
    let user = house.acme("GET", &format!("/Users/{led}")).send().await.json();
    let expected = json!({"value": nameless, "$ref": format!("{base}/Users/{nameless}")});
    assert_eq!(user[urn]["manager"], expected);
    let stranger = json!({"userName": "bob", urn: {"manager": {"value": "nobody"}}});
    let id = house.create("/Users", stranger).await;
    let user = house.acme("GET", &format!("/Users/{id}")).send().await.json();
    assert_eq!(user[urn]["manager"], json!({"value": "nobody"}));
}

#[actix_web::test]
async fn a_strict_tenant_takes_what_the_rfc_says_and_nothing_else() {
    let house = House::new().await;
    let post = async |body: &str| {
        house.ask("POST", "/scim/v2/Users").by(&house.exact).text(body).send().await
    };
    let made = post(ADA).await;
    assert_eq!((made.status, &made.json()["active"]), (201, &json!(true)));
    let text = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bob","active":"True"}"#;
    assert_eq!(post(text).await.scim_error(), kind(400, "invalidValue"));
    assert_eq!(post(r#"{"userName":"bob"}"#).await.scim_error().0, 400);
}
