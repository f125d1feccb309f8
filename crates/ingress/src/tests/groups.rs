//! `/Groups`: the verbs, members with their names, and what is left out when there are many.

use actix_web::http::StatusCode;
use serde_json::{Value, json};

use super::house::{House, kind, plain};

#[actix_web::test]
async fn a_group_is_created_shown_replaced_changed_and_removed() {
    let house = House::new().await;
    let ada = house.create("/Users", json!({"userName": "ada", "displayName": "Ada"})).await;
    let bob = house.create("/Users", json!({"userName": "bob"})).await;
    let made = house.acme("POST", "/Groups").json(&json!({"displayName": "Team"})).send().await;
    assert_eq!((made.status, &made.json()["members"]), (201, &json!([])));
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let base = "https://scim.example.com/t/acme/scim/v2";
    let location = format!("{base}/Groups/{id}");
    assert_eq!(made.header("location"), Some(location.as_str()));
    assert_eq!(made.json()["meta"]["location"], location);

    let path = format!("/Groups/{id}");
    let add = json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": ada}, {"value": bob}]}]});
    let changed = house.acme("PATCH", &path).json(&add).send().await;
    let expected = json!([
        {"value": ada, "$ref": format!("{base}/Users/{ada}"), "display": "Ada", "type": "User"},
        {"value": bob, "$ref": format!("{base}/Users/{bob}"), "type": "User"},
    ]);
    assert_eq!((changed.status, &changed.json()["members"]), (200, &expected));
    let shown = house.acme("GET", &path).send().await;
    assert_eq!(shown.json(), changed.json());
    assert_eq!(shown.header("etag"), shown.json()["meta"]["version"].as_str());
    let known = house.acme("GET", &path).header("If-None-Match", shown.header("etag").unwrap());
    assert_eq!(known.send().await.status, 304);

    let body = json!({"displayName": "Crew", "members": [{"value": bob}]});
    let replaced = house.acme("PUT", &path).json(&body).send().await;
    assert_eq!((replaced.status, &replaced.json()["members"][0]["value"]), (200, &json!(bob)));
    assert_eq!(replaced.json()["members"].as_array().unwrap().len(), 1);
    let stale = house.acme("PUT", &path).header("If-Match", shown.header("etag").unwrap());
    assert_eq!(stale.json(&body).send().await.scim_error(), plain(StatusCode::PRECONDITION_FAILED));

    let twin = house.acme("POST", "/Groups").json(&json!({"displayName": "crew"})).send().await;
    assert_eq!(twin.scim_error(), kind(409, "uniqueness"));
    assert_eq!(house.acme("DELETE", &path).send().await.status, 204);
    assert_eq!(house.acme("GET", &path).send().await.scim_error(), plain(StatusCode::NOT_FOUND));
}

#[actix_web::test]
async fn members_are_left_out_when_nobody_wants_them() {
    let house = House::new().await;
    let (id, _) = crowd(&house, 3).await;
    let keys = async |query: &str| {
        let reply = house.acme("GET", &format!("/Groups/{id}?{query}")).send().await.json();
        let keys: Vec<String> = reply.as_object().unwrap().keys().cloned().collect();
        (keys.join(" "), reply["members"].clone())
    };
    assert_eq!(
        keys("excludedAttributes=members").await,
        ("schemas id displayName meta".into(), Value::Null)
    );
    assert_eq!(keys("attributes=displayName").await.0, "schemas id displayName");
    let (shown, members) = keys("attributes=members.value").await;
    assert_eq!(shown, "schemas id members");
    assert_eq!(members.as_array().unwrap().len(), 3);
    assert!(members[0].as_object().unwrap().keys().eq(["value"]));
    let (_, members) = keys("excludedAttributes=members.display,meta").await;
    assert!(members[2].as_object().unwrap().keys().eq(["value", "$ref", "type"]), "{members}");
    let list = house.acme("GET", "/Groups?excludedAttributes=members").send().await.json();
    assert_eq!(list["Resources"][0]["members"], Value::Null);
}

#[actix_web::test]
async fn a_changed_crowd_is_answered_without_a_body_unless_attributes_are_asked_for() {
    let house = House::new().await;
    let (id, members) = crowd(&house, 101).await;
    let path = format!("/Groups/{id}");
    let change = async |query: &str, op: Value| {
        let body = json!({ "Operations": [op] });
        house.acme("PATCH", &format!("{path}{query}")).json(&body).send().await
    };
    let rename = json!({"op": "replace", "path": "displayName", "value": "New"});
    let reply = change("", rename.clone()).await;
    assert_eq!((reply.status, reply.body.len()), (204, 0));
    assert!(reply.header("etag").is_some());
    let reply = change("?attributes=displayName,members", rename.clone()).await;
    assert_eq!(reply.json()["members"].as_array().unwrap().len(), 101);
    assert_eq!(change("?excludedAttributes=members", rename).await.json()["displayName"], "New");
    let remove = json!({"op": "remove", "path": format!("members[value eq \"{}\"]", members[0])});
    assert_eq!(change("", remove).await.json()["members"].as_array().unwrap().len(), 100);
}

#[actix_web::test]
async fn a_large_crowd_comes_in_pieces_and_whole() {
    let house = House::new().await;
    let (id, members) = crowd(&house, 1_500).await;
    let check = |shown: &Value| {
        let shown = shown["members"].as_array().unwrap();
        let ids: Vec<&str> = shown.iter().map(|one| one["value"].as_str().unwrap()).collect();
        let mut expected: Vec<&str> = members.iter().map(String::as_str).collect();
        expected.sort_unstable();
        assert_eq!(ids, expected);
        assert!(shown.iter().all(|one| one["display"].as_str().unwrap().starts_with("User")));
    };
    let reply = house.acme("GET", &format!("/Groups/{id}")).send().await;
    assert_eq!((reply.status, reply.header("content-length")), (200, None));
    check(&reply.json());
    let list = house.acme("GET", "/Groups").send().await.json();
    assert_eq!((&list["totalResults"], &list["itemsPerPage"]), (&json!(1), &json!(1)));
    check(&list["Resources"][0]);
}

/// A group with so many members, and their ids.
async fn crowd(house: &House, count: usize) -> (String, Vec<String>) {
    let mut members = Vec::new();
    for number in 0..count {
        let name = format!("User{number}");
        let user = json!({"userName": name, "displayName": name});
        members.push(house.create("/Users", user).await);
    }
    let list: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
    let id = house.create("/Groups", json!({"displayName": "Crowd", "members": list})).await;
    (id, members)
}
