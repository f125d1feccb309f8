//! Many clients at one tenant: nobody's change is lost, uniqueness holds.

use std::thread;

use serde_json::json;

use crate::harness::Gateway;

const CLIENTS: usize = 64;

#[test]
fn parallel_patches_of_one_group_lose_no_member() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let users: Vec<String> =
        (0..CLIENTS).map(|n| scim.user(&format!("user{n}@acme.example"))).collect();
    for round in 0..100 {
        let group = scim.group(&format!("group {round}"));
        thread::scope(|scope| {
            let (scim, group) = (&scim, &group);
            for user in &users {
                scope.spawn(move || {
                    let add = json!([{"op": "add", "path": "members", "value": [{"value": user}]}]);
                    let answer = scim.patch(&format!("/Groups/{group}"), &add);
                    assert!(matches!(answer.status, 200 | 204), "{}", answer.text());
                });
            }
        });
        let members = scim.get(&format!("/Groups/{group}")).ok(200)["members"].clone();
        let mut found: Vec<&str> =
            members.as_array().unwrap().iter().map(|m| m["value"].as_str().unwrap()).collect();
        let mut expected: Vec<&str> = users.iter().map(String::as_str).collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "round {round}");
    }
}

#[test]
fn parallel_creates_of_one_user_name_make_one_user() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let body = json!({"schemas": [crate::USER], "userName": "ada@acme.example"});
    let answers: Vec<_> = thread::scope(|scope| {
        let tries: Vec<_> =
            (0..CLIENTS).map(|_| scope.spawn(|| scim.post("/Users", &body))).collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let (made, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|a| a.status == 201);
    assert_eq!((made.len(), refused.len()), (1, CLIENTS - 1));
    for answer in refused {
        answer.refused(409, Some("uniqueness"));
    }
    assert_eq!(gateway.events("acme").len(), 1);
}

#[test]
fn parallel_changes_of_one_tenant_all_count() {
    let gateway = Gateway::start(&["acme"]);
    let platform = gateway.platform();
    for round in 0..50 {
        let (even, name) = (round % 2 == 0, format!("Acme {round}"));
        let changes = [
            json!({"name": name}),
            json!({"unique_group_names": even}),
            json!({"switches": {"put_keeps_absent": even}}),
            json!({"switches": {"unknown_attributes_ignored": even}}),
        ];
        thread::scope(|scope| {
            for change in &changes {
                let platform = &platform;
                scope.spawn(move || platform.patch_merge("/tenants/acme", change).ok(200));
            }
        });
        let now = platform.get("/tenants/acme").ok(200);
        let found = [&now["name"], &now["unique_group_names"]];
        assert_eq!(found, [&json!(name), &json!(even)], "round {round}");
        let switches = &now["switches"];
        let found = [&switches["put_keeps_absent"], &switches["unknown_attributes_ignored"]];
        assert_eq!(found, [&json!(even), &json!(even)], "round {round}");
    }
}
