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

#[actix_web::test]
async fn lists_are_sorted_by_any_attribute_and_by_id_at_last() {
    let house = five().await;
    house.create("/Users", json!({"userName": "A@x", "name": {"familyName": "Zed"}})).await;
    let check = async |query: &str, expected: &str| {
        let list = house.acme("GET", &format!("/Users?{query}")).send().await.json();
        let names = list["Resources"].as_array().unwrap().iter();
        let names: Vec<&str> = names.map(|one| one["userName"].as_str().unwrap()).collect();
        assert_eq!(
            (list["totalResults"].as_u64(), names.join(" ")),
            (Some(6), expected.to_owned()),
            "{query}"
        );
    };
    check("sortBy=userName", "A@x u0@x u1@x u2@x u3@x u4@x").await;
    check("sortBy=userName&sortOrder=descending", "u4@x u3@x u2@x u1@x u0@x A@x").await;
    check("sortBy=name.familyName&count=1", "A@x").await;
    check("sortBy=name.familyName&sortOrder=descending&startIndex=6", "A@x").await;
    check("sortBy=displayName", "u0@x u2@x u4@x u1@x u3@x A@x").await;
    check("sortBy=displayName&startIndex=3&count=2", "u4@x u1@x").await;
    check("sortBy=emails&sortOrder=descending&count=2", "A@x u4@x").await;
    check("sortBy=userName&filter=userName%20pr&count=2", "A@x u0@x").await;
    let refused = house.acme("GET", "/Users?sortBy=colour").send().await;
    assert_eq!(refused.scim_error(), kind(400, "invalidValue"));
}

/// Every page of a walk, and its names.
async fn walk(house: &House, query: &str, mut between: impl AsyncFnMut(usize)) -> Vec<String> {
    let (mut names, mut cursor, mut page) = (Vec::new(), String::new(), 0);
    loop {
        let path = format!("/Users?{query}&cursor={cursor}");
        let list = house.acme("GET", &path).send().await.json();
        let found = list["Resources"].as_array().unwrap().iter();
        names.extend(found.map(|one| one["userName"].as_str().unwrap().to_owned()));
        assert!(list.get("startIndex").is_none(), "{list}");
        between(page).await;
        page += 1;
        match list["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return names,
        }
    }
}

#[actix_web::test]
async fn a_walk_sees_everybody_once_whatever_happens_meanwhile() {
    let house = five().await;
    let all = ["u0@x", "u1@x", "u2@x", "u3@x", "u4@x"];
    for query in ["count=2", "count=2&filter=userName%20sw%20%22u%22", "count=2&sortBy=userName"] {
        assert_eq!(walk(&house, query, async |_| {}).await, all, "{query}");
    }
    let filtered = walk(&house, "count=1&filter=displayName%20eq%20%22odd%22", async |_| {});
    assert_eq!(filtered.await, ["u1@x", "u3@x"]);
    let filter = "count=1&cursor&filter=displayName%20eq%20%22odd%22";
    let first = house.acme("GET", &format!("/Users?{filter}")).send().await.json();
    assert_eq!(first["totalResults"], 2);
    // Whom the last page ended with is deleted, and others come.
    let list = house.acme("GET", "/Users").send().await.json();
    let id = |at: usize| list["Resources"][at]["id"].as_str().unwrap().to_owned();
    let mut meddle = async |page: usize| {
        if page == 0 {
            house.acme("DELETE", &format!("/Users/{}", id(1))).send().await;
            house.create("/Users", json!({"userName": "late@x"})).await;
        }
    };
    let seen = walk(&house, "count=2", &mut meddle).await;
    assert_eq!(seen, ["u0@x", "u1@x", "u2@x", "u3@x", "u4@x", "late@x"]);
    let total = house.acme("GET", "/Users?cursor=&count=0").send().await.json();
    assert_eq!((&total["totalResults"], total.get("nextCursor")), (&json!(5), None));
}

#[actix_web::test]
async fn a_walk_by_scan_has_short_pages_and_no_end_of_its_budget() {
    let house = House::with(Limits { scan_rows_max: 256, ..Limits::default() }).await;
    for number in 0..600 {
        let title = if number % 100 == 99 { "rare" } else { "common" };
        house.create("/Users", json!({"userName": format!("u{number}"), "title": title})).await;
    }
    let rare = walk(&house, "count=4&filter=title%20eq%20%22rare%22", async |_| {}).await;
    assert_eq!(rare, ["u99", "u199", "u299", "u399", "u499", "u599"]);
}

#[actix_web::test]
async fn a_cursor_is_good_for_its_list_alone_and_not_for_ever() {
    let house = five().await;
    let next = async |query: &str| {
        let list = house.acme("GET", &format!("/Users?{query}")).send().await.json();
        list["nextCursor"].as_str().unwrap().to_owned()
    };
    let cursor = next("cursor&count=2").await;
    assert!(cursor.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it)), "{cursor}");
    let check = async |path: &str, scim_type: &str| {
        let reply = house.acme("GET", path).send().await;
        assert_eq!(reply.scim_error(), kind(400, scim_type), "{path}");
    };
    check(&format!("/Users?count=3&cursor={cursor}"), "invalidCount").await;
    check(&format!("/Groups?count=2&cursor={cursor}"), "invalidCursor").await;
    check(&format!("/Users?sortBy=id&cursor={cursor}"), "invalidCursor").await;
    check(&format!("/Users?filter=active%20eq%20true&cursor={cursor}"), "invalidCursor").await;
    check("/Users?cursor=nonsense", "invalidCursor").await;
    let foreign = house.ask("GET", &format!("/t/globex/scim/v2/Users?cursor={cursor}"));
    assert_eq!(foreign.by(&house.globex).send().await.scim_error(), kind(400, "invalidCursor"));
    let sorted = next("cursor&count=1&sortBy=userName").await;
    house.clock.advance(3_600_001);
    check(&format!("/Users?cursor={cursor}"), "expiredCursor").await;
    check(&format!("/Users?sortBy=userName&cursor={sorted}"), "expiredCursor").await;
}

#[actix_web::test]
async fn a_search_by_body_asks_the_same_and_the_root_asks_all() {
    let house = five().await;
    let ada = house.create("/Users", json!({"userName": "ada", "displayName": "Team"})).await;
    let team =
        house.create("/Groups", json!({"displayName": "Team", "members": [{"value": ada}]})).await;
    let check = async |path: &str, body: serde_json::Value, total: usize, ids: &[&str]| {
        let list = house.acme("POST", path).json(&body).send().await.json();
        assert_eq!(list["totalResults"], total, "{path} {body}: {list}");
        let found = list["Resources"].as_array().unwrap().iter();
        let found: Vec<&str> = found.map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(found, ids, "{path} {body}");
    };
    let urn = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
    let body =
        json!({"schemas": [urn], "filter": "displayName eq \"team\"", "attributes": ["userName"]});
    check("/Users/.search", body.clone(), 1, &[&ada]).await;
    check("/Groups/.search", body.clone(), 1, &[&team]).await;
    check("/.search", body.clone(), 2, &[&ada, &team]).await;
    check("/.search", json!({"filter": "userName eq \"ADA\""}), 1, &[&ada]).await;
    let both = json!({"filter": "userName eq \"ada\" or displayName eq \"Team\"", "startIndex": 2, "count": 1});
    check("/.search", both, 2, &[&team]).await;
    let kind_of = json!({"filter": "meta.resourceType eq \"Group\""});
    check("/.search", kind_of, 1, &[&team]).await;
    check("/.search", json!({"startIndex": 6, "count": 5}), 7, &[&ada, &team]).await;
    check(
        "/.search",
        json!({"sortBy": "displayName", "sortOrder": "descending", "count": 2}),
        7,
        &[&ada, &team],
    )
    .await;
    let list = house.acme("GET", "/?filter=displayName%20eq%20%22team%22").send().await.json();
    assert_eq!(list["totalResults"], 2);
    let unknown = house.acme("POST", "/.search").json(&json!({"filter": "colour eq \"red\""}));
    assert_eq!(unknown.send().await.scim_error(), kind(400, "invalidFilter"));
    // Across both kinds, one page after the other.
    let (mut seen, mut cursor) = (Vec::new(), json!(""));
    while !cursor.is_null() {
        let body = json!({"cursor": cursor, "count": 2});
        let list = house.acme("POST", "/.search").json(&body).send().await.json();
        let found = list["Resources"].as_array().unwrap().iter();
        seen.extend(found.map(|one| one["meta"]["resourceType"].as_str().unwrap().to_owned()));
        assert_eq!(list["totalResults"], 7);
        cursor = list["nextCursor"].clone();
    }
    assert_eq!(seen, ["User", "User", "User", "User", "User", "User", "Group"]);
}
