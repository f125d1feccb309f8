//! Credentials: what opens a tenant, and one identical 401 for everything that doesn't.

use actix_web::http::StatusCode;
use serde_json::json;

use super::house::{ACME, House, Reply, plain};

#[actix_web::test]
async fn every_shape_of_a_good_credential_is_let_in() {
    use base64::Engine;
    let house = House::new().await;
    let token = &house.acme;
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("okta:{token}"));
    for given in [
        format!("Bearer {token}"),
        format!("bearer {token}"),
        format!("Bearer Bearer {token}"),
        format!("  Bearer   {token} "),
        token.clone(),
        format!("Basic {basic}"),
    ] {
        for base in [ACME, "/scim/v2", "/scim"] {
            let ask = house.ask("GET", &format!("{base}/Users")).header("Authorization", &given);
            assert_eq!(ask.send().await.status, 200, "{given} {base}");
        }
    }
}

#[actix_web::test]
async fn whatever_is_wrong_with_a_credential_the_answer_is_the_same() {
    let house = House::new().await;
    let expired = issue(&house, json!({"expires_at": "2025-11-24T16:00:01Z"})).await;
    let revoked = issue(&house, json!({"name": "old"})).await;
    assert_eq!(house.ask("GET", &format!("{ACME}/Users")).by(&expired.0).send().await.status, 200);
    let path = format!("/v1/tenants/acme/tokens/{}", revoked.1);
    assert_eq!(house.ask("DELETE", &path).by(&house.owner).send().await.status, 204);
    house.clock.advance(1_000);
    let unknown = "rct_000000000000000000000000000000000000";
    let absent = "/Users/0190a0a0-0000-7000-8000-000000000000";
    let expected = house.ask("GET", &format!("{ACME}{absent}")).send().await;
    assert_eq!(expected.scim_error(), plain(StatusCode::UNAUTHORIZED));
    assert_eq!(expected.header("www-authenticate"), Some("Bearer"));
    let expected = expected.anonymous();
    let check = async |base: &str, credential: &str| {
        let reply = house.ask("GET", &format!("{base}{absent}")).by(credential).send().await;
        assert_eq!(reply.anonymous(), expected, "{base} {credential}");
    };
    for credential in [unknown, &expired.0, &revoked.0, &house.globex, &house.owner, "", "junk"] {
        check(ACME, credential).await;
    }
    check("/t/nobody/scim/v2", &house.acme).await;
    check("/t/Not_A_Slug/scim/v2", &house.acme).await;
    check("/t/~platform/scim/v2", &house.acme).await;
    check("/scim/v2", unknown).await;
    check("/scim/v2", &house.reader).await;
}

#[actix_web::test]
async fn another_tenants_id_looks_like_an_absent_one() {
    let house = House::new().await;
    let theirs = house.ask("POST", "/scim/v2/Users").by(&house.globex);
    let theirs = theirs.json(&json!({"userName": "eve"})).send().await.json();
    let theirs = theirs["id"].as_str().unwrap();
    let absent = "0190a0a0-0000-7000-8000-000000000000";
    let change = json!({"Operations": [{"op": "replace", "path": "active", "value": false}]});
    for method in ["GET", "PUT", "PATCH", "DELETE"] {
        let body = if method == "PUT" { json!({"userName": "eve"}) } else { change.clone() };
        let ask = async |id: &str| {
            let reply = house.acme(method, &format!("/Users/{id}")).json(&body).send().await;
            let reply = Reply { body: without(&reply, id).into(), ..reply }.anonymous();
            assert_eq!(reply.scim_error(), plain(StatusCode::NOT_FOUND));
            reply
        };
        assert_eq!(ask(theirs).await, ask(absent).await, "{method}");
    }
}

#[actix_web::test]
async fn a_suspended_tenant_is_told_so_and_a_deleted_one_is_unknown() {
    let house = House::new().await;
    let change = async |method: &str, body: serde_json::Value| {
        let ask = house.ask(method, "/v1/tenants/acme").by(&house.owner).json(&body);
        ask.send().await.status
    };
    assert_eq!(change("PATCH", json!({"status": "suspended"})).await, 200);
    let reply = house.acme("GET", "/Users").send().await;
    assert_eq!(reply.scim_error(), plain(StatusCode::FORBIDDEN));
    assert_eq!(change("PATCH", json!({"status": "active"})).await, 200);
    assert_eq!(house.acme("GET", "/Users").send().await.status, 200);
    assert_eq!(change("DELETE", json!({})).await, 204);
    let reply = house.acme("GET", "/Users").send().await;
    assert_eq!(reply.scim_error(), plain(StatusCode::UNAUTHORIZED));
}

/// A new token of `acme`, with its id.
async fn issue(house: &House, body: serde_json::Value) -> (String, String) {
    let ask = house.ask("POST", "/v1/tenants/acme/tokens").by(&house.owner).json(&body);
    let reply = ask.send().await;
    assert_eq!(reply.status, 201, "{reply:?}");
    let text = |name: &str| reply.json()[name].as_str().unwrap().to_owned();
    (text("token"), text("id"))
}

/// The body without what the client itself sent.
fn without(reply: &Reply, id: &str) -> String {
    String::from_utf8(reply.body.to_vec()).unwrap().replace(id, "it")
}
