//! Lists: pages, filters by index and by scan, blanks and plus signs.

use serde_json::json;

use super::house::{House, kind};
use crate::Limits;

#[actix_web::test]
async fn pages_are_as_rfc_7644_counts_them() {
    let house = five().await;
    let check = async |query: &str, expected: (usize, usize, &str)| {
        let reply = house.acme("GET", &format!("/Users{query}")).send().await;
        let list = reply.json();
        assert_eq!(list["schemas"], json!([scim::schema::LIST_URN]));
        let resources = list["Resources"].as_array().unwrap();
        let names: Vec<&str> =
            resources.iter().map(|one| one["userName"].as_str().unwrap()).collect();
        assert_eq!(list["itemsPerPage"], names.len());
        let (total, start) = (list["totalResults"].as_u64(), list["startIndex"].as_u64());
        assert_eq!((total, start), (Some(expected.0 as u64), Some(expected.1 as u64)), "{query}");
        assert_eq!(names.join(" "), expected.2, "{query}");
    };
    check("", (5, 1, "u0@x u1@x u2@x u3@x u4@x")).await;
    check("?startIndex=1&count=2", (5, 1, "u0@x u1@x")).await;
    check("?startIndex=3&count=2&", (5, 3, "u2@x u3@x")).await;
    check("?startIndex=0&count=1", (5, 1, "u0@x")).await;
    check("?count=0", (5, 1, "")).await;
    check("?count=-1", (5, 1, "")).await;
    check("?startIndex=6", (5, 6, "")).await;
    check("?filter=userName%20eq%20%22U3@x%22", (1, 1, "u3@x")).await;
    check("?filter=userName+eq+%22u3%40x%22&startIndex=1&count=100", (1, 1, "u3@x")).await;
    check("?filter=userName%20eq%20%22nobody%22", (0, 1, "")).await;
    check("?filter=displayName%20eq%20%22odd%22", (2, 1, "u1@x u3@x")).await;
    check("?filter=displayName%20eq%20%22odd%22&startIndex=2&count=1", (2, 2, "u3@x")).await;
    check("?filter=displayName%20eq%20%22odd%22&count=0", (2, 1, "")).await;
    check("?filter=emails%20eq%20%22u2@x%22", (1, 1, "u2@x")).await;
    check("?filter=emails%5Btype%20eq%20%22work%22%5D.value%20eq%20%22u2@x%22", (1, 1, "u2@x"))
        .await;
    check("?filter=", (5, 1, "u0@x u1@x u2@x u3@x u4@x")).await;
    check("?sortBy=userName&nonsense=1&count=1", (5, 1, "u0@x")).await;
    let reply = house.acme("GET", "/Users?count=x").send().await;
    assert_eq!(reply.scim_error(), kind(400, "invalidValue"));
}

#[actix_web::test]
async fn an_eq_that_finds_nothing_is_tried_with_the_other_reading_of_plus() {
    let house = House::new().await;
    house.create("/Users", json!({"userName": "a+b@x"})).await;
    house.create("/Users", json!({"userName": "c d@x"})).await;
    house.create("/Users", json!({"userName": "e+f@x"})).await;
    house.create("/Users", json!({"userName": "e f@x", "title": "x+y"})).await;
    let check = async |filter: &str, expected: &[&str]| {
        let list = house.acme("GET", &format!("/Users?filter={filter}")).send().await.json();
        let resources = list["Resources"].as_array().unwrap();
        let names: Vec<&str> =
            resources.iter().map(|one| one["userName"].as_str().unwrap()).collect();
        assert_eq!(names, expected, "{filter}");
    };
    check("userName%20eq%20%22a+b@x%22", &["a+b@x"]).await;
    check("userName+eq+%22a+b@x%22", &["a+b@x"]).await;
    check("userName+eq+%22c+d@x%22", &["c d@x"]).await;
    check("userName%20eq%20%22c+d@x%22", &["c d@x"]).await;
    check("userName%20eq%20%22e+f@x%22", &["e+f@x"]).await;
    check("userName+eq+%22e+f@x%22", &["e f@x"]).await;
    check("title+eq+%22x+y%22", &["e f@x"]).await;
    check("title+co+%22x+y%22", &[]).await;
    check("userName%20eq+%22a%2Bb@x%22", &["a+b@x"]).await;
}

#[actix_web::test]
async fn scans_have_a_budget_and_look_ups_have_none() {
    let house = House::with(Limits { scan_rows_max: 4, ..Limits::default() }).await;
    for number in 0..4 {
        house.create("/Users", json!({"userName": format!("u{number}")})).await;
    }
    let filter =
        async |filter: &str| house.acme("GET", &format!("/Users?filter={filter}")).send().await;
    assert_eq!(filter("displayName%20pr").await.status, 200);
    for number in 4..600 {
        house.create("/Users", json!({"userName": format!("u{number}")})).await;
    }
    assert_eq!(filter("displayName%20pr").await.scim_error(), kind(400, "tooMany"));
    assert_eq!(filter("userName%20eq%20%22u599%22").await.json()["totalResults"], 1);
    assert_eq!(filter("externalId%20eq%20%22none%22").await.json()["totalResults"], 0);
}

#[actix_web::test]
async fn groups_are_found_by_name_and_by_member() {
    let house = House::new().await;
    let ada = house.create("/Users", json!({"userName": "ada"})).await;
    let team = house
        .create("/Groups", json!({"displayName": "Team A", "members": [{"value": ada}]}))
        .await;
    house.create("/Groups", json!({"displayName": "Team B"})).await;
    let check = async |query: &str, total: usize| {
        let list = house.acme("GET", &format!("/Groups?{query}")).send().await.json();
        assert_eq!(list["totalResults"], total, "{query}");
        assert_eq!(list["Resources"].as_array().unwrap().len(), total);
    };
    check("excludedAttributes=members&filter=displayName+eq+%22team+a%22", 1).await;
    check("filter=displayName%20eq%20%22none%22", 0).await;
    check("filter=displayName%20sw%20%22team%22", 2).await;
    check(
        &format!("filter=id%20eq%20%22{team}%22%20and%20members%20eq%20%22{ada}%22&attributes=id"),
        1,
    )
    .await;
    check(&format!("filter=members.value%20eq%20%22{team}%22"), 0).await;
    check("", 2).await;
}

/// A house with five users of `acme`.
async fn five() -> House {
    let house = House::new().await;
    for number in 0..5 {
        let name = format!("u{number}@x");
        let display = if number % 2 == 1 { "odd" } else { "even" };
        let emails = json!([{"value": name, "type": "work"}]);
        let user = json!({"userName": name, "displayName": display, "emails": emails});
        house.create("/Users", user).await;
    }
    house
}
