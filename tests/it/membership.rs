//! Groups and their members over HTTP: pending names, nesting, shapes that must never wipe a group.

use serde_json::{Value, json};

use crate::GROUP;
use crate::client::Scim;
use crate::harness::Gateway;

#[test]
fn a_member_that_is_not_known_yet_joins_when_it_arrives() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let names = json!([{"value": "ext-1"}, {"value": "grace@acme.example"}, {"value": "never"}]);
    let group = scim
        .post("/Groups", &json!({"schemas": [GROUP], "displayName": "Engineers", "members": names}))
        .id();
    assert_eq!(members(&scim, &group), Vec::<String>::new());
    let ada = scim.post("/Users", &json!({"userName": "ada", "externalId": "ext-1"})).id();
    let grace = scim.post("/Users", &json!({"userName": "Grace@Acme.example"})).id();
    let mut expected = vec![ada, grace];
    expected.sort();
    assert_eq!(members(&scim, &group), expected);
    let teams = gateway.platform().get("/tenants/acme/teams").ok(200);
    assert_eq!(teams["teams"][0]["members"], json!(2), "{teams}");
    assert_eq!(teams["teams"][0]["pending"], json!(1), "{teams}");
    let types: Vec<Value> = gateway.events("acme").iter().map(|e| e["type"].clone()).collect();
    let added = "group.members_added";
    assert_eq!(types, ["group.created", added, "user.created", added, "user.created", added]);
}

#[test]
fn strict_tenants_refuse_unknown_members() {
    let gateway = Gateway::start(&["acme"]);
    let strict = json!({"profile": "strict"});
    gateway.platform().patch_merge("/tenants/acme", &strict).ok(200);
    let scim = gateway.scim("acme");
    let group = scim.group("Engineers");
    let before = gateway.events("acme").len();
    let add = json!([{"op": "add", "path": "members", "value": [{"value": "nobody"}]}]);
    scim.patch(&format!("/Groups/{group}"), &add).refused(400, Some("invalidValue"));
    assert_eq!(gateway.events("acme").len(), before);
}

#[test]
fn no_shape_wipes_a_group() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let (ada, eve) = (scim.user("ada"), scim.user("eve"));
    let mut both = vec![ada.clone(), eve.clone()];
    both.sort();
    let group = scim.group("Engineers");
    let path = format!("/Groups/{group}");
    let all = json!([{"op": "add", "path": "members", "value": [{"value": ada}, {"value": eve}]}]);
    scim.patch(&path, &all).ok(200);
    let harmless = [
        json!([{"op": "remove", "path": "members", "value": []}]),
        json!([{"op": "remove", "path": "members", "value": [{"display": "ada"}]}]),
        json!([{"op": "remove", "path": "members[value eq \"stranger\"]"}]),
        json!([{"op": "replace", "value": {"displayName": "Engineers"}}]),
        json!([{"op": "replace", "value": {"id": group, "displayName": "Engineers"}}]),
    ];
    for operations in harmless {
        assert!(matches!(scim.patch(&path, &operations).status, 200 | 204), "{operations}");
        assert_eq!(members(&scim, &group), both, "{operations}");
    }
    scim.put(&path, &json!({"schemas": [GROUP], "displayName": "Builders"})).ok(200);
    assert_eq!(members(&scim, &group), both);
    let only_ada =
        json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": ada}]}]);
    scim.patch(&path, &only_ada).ok(200);
    assert_eq!(members(&scim, &group), [eve]);
    scim.put(&path, &json!({"schemas": [GROUP], "displayName": "Builders", "members": []})).ok(200);
    assert_eq!(members(&scim, &group), Vec::<String>::new());
}

#[test]
fn groups_nest_but_not_in_circles() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let (outer, middle, inner) = (scim.group("outer"), scim.group("middle"), scim.group("inner"));
    let add = |group: &str, member: &str| {
        let operations = json!([{"op": "add", "path": "members", "value": [{"value": member}]}]);
        scim.patch(&format!("/Groups/{group}"), &operations)
    };
    add(&outer, &middle).ok(200);
    add(&middle, &inner).ok(200);
    add(&inner, &outer).refused(400, Some("invalidValue"));
    let shown = scim.get(&format!("/Groups/{outer}")).ok(200);
    assert_eq!(shown["members"][0]["type"], json!("Group"));
    assert_eq!(scim.delete(&format!("/Groups/{middle}")).status, 204);
    assert_eq!(members(&scim, &outer), Vec::<String>::new());
    add(&inner, &outer).ok(200);
}

#[test]
fn a_big_change_to_a_group_is_answered_without_its_members() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let users: Vec<Value> =
        (0..101).map(|n| json!({"value": scim.user(&format!("user{n}"))})).collect();
    let path = format!("/Groups/{}", scim.group("Everyone"));
    let add = |members: &[Value]| json!([{"op": "add", "path": "members", "value": members}]);
    assert_eq!(scim.patch(&path, &add(&users[..100])).status, 200);
    assert_eq!(scim.patch(&path, &add(&users)).status, 204);
    let asked = scim.patch(&format!("{path}?attributes=displayName"), &add(&users));
    assert_eq!(asked.ok(200)["displayName"], json!("Everyone"));
    let lookup =
        scim.get("/Groups?excludedAttributes=members&filter=displayName%20eq%20%22EVERYONE%22");
    assert_eq!(lookup.ok(200)["Resources"][0].get("members"), None);
    let holder = format!("/Groups?filter=members%20eq%20{}&attributes=id", users[100]["value"]);
    assert_eq!(scim.get(&holder).ok(200)["totalResults"], json!(1));
}

fn members(scim: &Scim, group: &str) -> Vec<String> {
    let shown = scim.get(&format!("/Groups/{group}")).ok(200);
    let members = shown.get("members").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut ids: Vec<String> =
        members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}
