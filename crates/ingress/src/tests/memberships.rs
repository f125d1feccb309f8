//! `/GroupMembers`: the members of a group in pages, by index and by cursor, and one of them.

use serde_json::{Value, json};

use super::house::{ACME, House, kind};

/// A group of so many users and one group: its id, and its members' in the order of the list.
async fn crowd(house: &House, users: usize) -> (String, Vec<String>) {
    let nested = house.create("/Groups", json!({"displayName": "Nested"})).await;
    let mut ids = Vec::new();
    for n in 0..users {
        let user = json!({"userName": format!("u{n}"), "displayName": format!("User {n}")});
        ids.push(house.create("/Users", user).await);
    }
    ids.sort();
    ids.push(nested);
    let members: Vec<Value> = ids.iter().map(|id| json!({ "value": id })).collect();
    let group = json!({"displayName": "Crowd", "members": members});
    (house.create("/Groups", group).await, ids)
}

async fn list(house: &House, filter: &str, more: &str) -> Value {
    let filter = filter.replace(' ', "%20").replace('"', "%22");
    let path = format!("/GroupMembers?filter={filter}{more}");
    let reply = house.acme("GET", &path).send().await;
    assert_eq!(reply.status, 200, "{path} {reply:?}");
    reply.json()
}

fn members(page: &Value) -> Vec<String> {
    let of = |one: &Value| one["member"]["value"].as_str().unwrap().to_owned();
    page["Resources"].as_array().unwrap().iter().map(of).collect()
}

#[actix_web::test]
async fn members_are_read_in_pages() {
    let house = House::new().await;
    let (group, all) = crowd(&house, 24).await;
    let of = format!("group.value eq \"{group}\"");
    let page = list(&house, &of, "&startIndex=6&count=10").await;
    assert_eq!((&page["totalResults"], &page["startIndex"]), (&json!(25), &json!(6)));
    assert_eq!((&page["itemsPerPage"], members(&page)), (&json!(10), all[5..15].to_vec()));
    assert_eq!(list(&house, &of, "&count=0").await["totalResults"], 25);
    // Who leaves meanwhile is missed or not; who stays is seen once.
    let mut seen = Vec::new();
    let mut cursor = Some(String::new());
    while let Some(at) = cursor {
        let page = list(&house, &of, &format!("&count=7&cursor={at}")).await;
        seen.extend(members(&page));
        cursor = page["nextCursor"].as_str().map(str::to_owned);
        let gone = json!({"Operations": [
            {"op": "remove", "path": format!("members[value eq \"{}\"]", seen[seen.len() / 2])}]});
        let path = format!("/Groups/{group}?excludedAttributes=members");
        assert_eq!(house.acme("PATCH", &path).json(&gone).send().await.status, 200);
    }
    assert_eq!(seen, all);
}

#[actix_web::test]
async fn a_membership_is_a_resource() {
    let house = House::new().await;
    let (group, all) = crowd(&house, 2).await;
    let base = format!("https://scim.example.com{ACME}");
    let (user, nested) = (&all[0], &all[2]);
    let id = format!("{group}.{user}");
    let shown = house.acme("GET", &format!("/GroupMembers/{id}")).send().await;
    let name = shown.json()["member"]["display"].clone();
    let expected = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:GroupMember"], "id": id,
        "group": {"value": group, "$ref": format!("{base}/Groups/{group}")},
        "member": {"value": user, "$ref": format!("{base}/Users/{user}"), "display": name,
                   "type": "User"},
        "meta": {"resourceType": "GroupMember", "location": format!("{base}/GroupMembers/{id}")},
    });
    assert!(name.as_str().is_some_and(|name| name.starts_with("User ")), "{name}");
    assert_eq!((shown.status, shown.json()), (200, expected.clone()));
    let filter = format!("member eq \"{user}\" and group eq \"{group}\"");
    assert_eq!(list(&house, &filter, "").await["Resources"], json!([expected]));
    let filter = format!("group eq \"{group}\" and member.value eq \"{nested}\"");
    let behind = list(&house, &filter, "&startIndex=2").await;
    assert_eq!((&behind["totalResults"], &behind["Resources"]), (&json!(1), &json!([])));
    let less = list(&house, &filter, "&attributes=member.type").await;
    assert_eq!(less["Resources"][0]["member"], json!({"type": "Group"}));
    for absent in [user.clone(), group.clone(), format!("{group}.{group}"), "x.y".to_owned()] {
        let reply = house.acme("GET", &format!("/GroupMembers/{absent}")).send().await;
        assert_eq!(reply.status, 404, "{absent}");
        let filter = format!("group eq \"{absent}\" and member eq \"{absent}\"");
        assert_eq!(list(&house, &filter, "").await["totalResults"], 0, "{absent}");
    }
    // To another tenant it is no group at all.
    let path = format!("/t/globex/scim/v2/GroupMembers?filter=group%20eq%20%22{group}%22");
    let other = house.ask("GET", &path).by(&house.globex).send().await;
    assert_eq!((other.status, &other.json()["totalResults"]), (200, &json!(0)));
}

#[actix_web::test]
async fn other_questions_are_refused() {
    let house = House::new().await;
    let check = async |query: &str, expected: &str| {
        let query = query.replace(' ', "%20").replace('"', "%22");
        let reply = house.acme("GET", &format!("/GroupMembers?{query}")).send().await;
        assert_eq!(reply.scim_error(), kind(400, expected), "{query}");
    };
    check("", "invalidFilter").await;
    check("filter=member eq \"a\"", "invalidFilter").await;
    check("filter=group ne \"a\"", "invalidFilter").await;
    check("filter=group.display eq \"a\"", "invalidFilter").await;
    check("filter=group.$ref eq \"a\"", "invalidFilter").await;
    check("filter=group eq \"a\" or member eq \"b\"", "invalidFilter").await;
    check("filter=group eq \"a\" and group eq \"b\"", "invalidFilter").await;
    check("filter=group eq \"a\" and member.type eq \"User\"", "invalidFilter").await;
    check("filter=group eq \"a\"&cursor=abc", "invalidCursor").await;
    check("filter=group eq \"a\" and member eq \"b\"&cursor=abc", "invalidCursor").await;
    // A cursor of users is none of members.
    house.create("/Users", json!({"userName": "a"})).await;
    house.create("/Users", json!({"userName": "b"})).await;
    let page = house.acme("GET", "/Users?cursor=&count=1").send().await.json();
    let cursor = page["nextCursor"].as_str().unwrap();
    check(&format!("filter=group eq \"a\"&cursor={cursor}"), "invalidCursor").await;
}
