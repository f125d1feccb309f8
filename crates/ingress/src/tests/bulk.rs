//! `/Bulk`: names, order, failures, limits; every operation is one call in the history.

use serde_json::{Value, json};

use super::house::{ACME, House, kind, plain};
use actix_web::http::StatusCode;

const REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// The operations of the answer.
async fn bulk(house: &House, operations: Value) -> Vec<Value> {
    let body = json!({"schemas": [REQUEST], "Operations": operations});
    let reply = house.acme("POST", "/Bulk").json(&body).send().await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let answer = reply.json();
    assert_eq!(answer["schemas"], json!([RESPONSE]));
    answer["Operations"].as_array().unwrap().clone()
}

fn statuses(answers: &[Value]) -> Vec<&str> {
    answers.iter().map(|it| it["status"].as_str().unwrap()).collect()
}

fn user(bulk_id: &str, name: &str) -> Value {
    let data = json!({"userName": name});
    json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data})
}

#[actix_web::test]
async fn names_stand_for_ids_before_and_behind() {
    let house = House::new().await;
    let members = json!([{"value": "bulkId:ada"}, {"value": "bulkId:inner"}]);
    let group = |name: &str, data: Value| json!({"method": "POST", "path": "/Groups", "bulkId": name, "data": data});
    let rename = json!({"Operations": [{"op": "replace", "path": "displayName", "value": "Ada"}]});
    let answers = bulk(
        &house,
        json!([
            group("outer", json!({"displayName": "Outer", "members": members})),
            {"method": "PATCH", "path": "/Users/bulkId:ada", "data": rename},
            group("inner", json!({"displayName": "Inner"})),
            user("ada", "ada"),
        ]),
    )
    .await;
    assert_eq!(statuses(&answers), ["201", "200", "201", "201"]);
    assert_eq!(answers[3]["bulkId"], "ada");
    assert_eq!(answers[1]["location"], answers[3]["location"]);
    let path = |answer: &Value| {
        let location = answer["location"].as_str().unwrap();
        location.strip_prefix("https://scim.example.com").unwrap().to_owned()
    };
    let ada = house.ask("GET", &path(&answers[3])).by(&house.acme).send().await.json();
    assert_eq!(ada["displayName"], "Ada");
    let outer = house.ask("GET", &path(&answers[0])).by(&house.acme).send().await;
    assert_eq!(outer.json()["members"].as_array().unwrap().len(), 2);
    assert_eq!(outer.header("etag"), answers[0]["version"].as_str());
    assert_eq!(ada["groups"][0]["display"], "Outer");
    // Managers may name each other.
    let boss = |own: &str, other: &str| {
        let urn = scim::schema::ENTERPRISE_URN;
        let data = json!({"userName": own, urn: {"manager": {"value": format!("bulkId:{other}")}}});
        json!({"method": "POST", "path": "/Users", "bulkId": own, "data": data})
    };
    let answers = bulk(&house, json!([boss("b", "c"), boss("c", "b")])).await;
    assert_eq!(statuses(&answers), ["201", "201"]);
    let user = house.ask("GET", &path(&answers[0])).by(&house.acme).send().await.json();
    let manager = &user[scim::schema::ENTERPRISE_URN]["manager"]["value"];
    assert!(path(&answers[1]).ends_with(manager.as_str().unwrap()));
}

#[actix_web::test]
async fn what_fails_fails_alone_and_says_why() {
    let house = House::new().await;
    let ada = house.create("/Users", json!({"userName": "ada"})).await;
    let circle = |own: &str, other: &str| {
        let data = json!({"displayName": own, "members": [{"value": format!("bulkId:{other}")}]});
        json!({"method": "POST", "path": "/Groups", "bulkId": own, "data": data})
    };
    let answers = bulk(
        &house,
        json!([
            user("twice", "ADA"),
            {"method": "DELETE", "path": "/Users/bulkId:twice"},
            circle("a", "b"),
            circle("b", "a"),
            {"method": "PUT", "path": format!("/Users/{ada}"), "version": "W/\"999\"", "data": {"userName": "x"}},
            {"method": "DELETE", "path": "/Users/01932c5f-0000-7000-8000-000000000000"},
            {"method": "DELETE", "path": "/Nothing/1"},
            {"method": "POST", "path": format!("/Users/{ada}"), "bulkId": "p", "data": {"userName": "x"}},
            user("fine", "fine"),
            {"method": "DELETE", "path": format!("{}/Users/{ada}", "https://scim.example.com/t/acme/scim/v2")},
        ]),
    )
    .await;
    let expected = ["409", "409", "409", "409", "412", "404", "404", "405", "201", "204"];
    assert_eq!(statuses(&answers), expected);
    assert_eq!(answers[0]["response"]["scimType"], "uniqueness");
    assert_eq!(answers[0].get("location"), None);
    assert!(answers[1]["response"]["detail"].as_str().unwrap().contains("bulkId:twice"));
    assert!(answers[4]["location"].as_str().unwrap().ends_with(&ada));
    assert_eq!(house.acme("GET", &format!("/Users/{ada}")).send().await.status, 404);
    let groups = house.acme("GET", "/Groups").send().await.json();
    assert_eq!(groups["totalResults"], 0);
}

#[actix_web::test]
async fn after_so_many_errors_the_rest_is_left_out() {
    let house = House::new().await;
    house.create("/Users", json!({"userName": "ada"})).await;
    let operations =
        json!([user("1", "ada"), user("2", "bob"), user("3", "ADA"), user("4", "cyd")]);
    let body = json!({"schemas": [REQUEST], "failOnErrors": 2, "Operations": operations});
    let answer = house.acme("POST", "/Bulk").json(&body).send().await.json();
    assert_eq!(statuses(answer["Operations"].as_array().unwrap()), ["409", "201", "409"]);
    let list = house.acme("GET", "/Users?filter=userName%20eq%20%22cyd%22").send().await.json();
    assert_eq!(list["totalResults"], 0);
}

#[actix_web::test]
async fn each_operation_is_a_call_of_its_own_and_limits_are_named() {
    let house = House::new().await;
    let before = house.log_length();
    bulk(&house, json!([user("1", "ada"), user("2", "bob")])).await;
    assert_eq!(house.log_length() - before, 2);
    let many: Vec<Value> = (0..=1_000).map(|n| user(&n.to_string(), &format!("u{n}"))).collect();
    let body = json!({"schemas": [REQUEST], "Operations": many});
    let reply = house.acme("POST", "/Bulk").json(&body).send().await;
    assert_eq!(reply.scim_error(), plain(StatusCode::PAYLOAD_TOO_LARGE));
    assert!(reply.json()["detail"].as_str().unwrap().contains("maxOperations"));
    let large = json!({"schemas": [REQUEST], "Operations": [user("1", &"x".repeat(5 << 20))]});
    let reply = house.acme("POST", "/Bulk").json(&large).send().await;
    assert_eq!(reply.scim_error(), plain(StatusCode::PAYLOAD_TOO_LARGE));
    assert!(reply.json()["detail"].as_str().unwrap().contains("maxPayloadSize"));
    let junk = house.acme("POST", "/Bulk").json(&json!({"Operations": "x"})).send().await;
    assert_eq!(junk.scim_error(), kind(400, "invalidSyntax"));
    let strict = house.ask("POST", &ACME.replace("acme", "exact").replace("v2", "v2/Bulk"));
    let strict =
        strict.by(&house.exact).json(&json!({"Operations": [user("1", "ada")]})).send().await;
    assert_eq!(strict.scim_error(), kind(400, "invalidSyntax"));
}
