//! The switches of a tenant: how they are set, and that each changes what it says and nothing else.

use serde_json::{Value, json};

use super::house::House;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A tenant's settings after a change of them, or the error's text.
async fn set(house: &House, change: &Value) -> Result<Value, String> {
    let reply = house.ask("PATCH", "/v1/tenants/acme").by(&house.owner).json(change).send().await;
    match reply.status {
        200 => Ok(reply.json()),
        _ => Err(reply.json()["detail"].as_str().unwrap_or_default().to_owned()),
    }
}

#[actix_web::test]
async fn a_profile_sets_the_switches_and_each_can_be_chosen() {
    let house = House::new().await;
    let check = async |change: Value, expected: Result<(&str, bool, &str), &str>| {
        let found = set(&house, &change).await;
        let found = found.as_ref().map(|settings| {
            let switches = &settings["switches"];
            let keeps = switches["put_keeps_absent"].as_bool().unwrap();
            let answer = switches["patch_answer"].as_str().unwrap();
            (settings["profile"].as_str().unwrap(), keeps, answer)
        });
        assert_eq!(found.map_err(String::as_str), expected, "{change}");
    };
    check(json!({"profile": "onelogin"}), Ok(("onelogin", true, "short"))).await;
    let chosen = json!({"switches": {"patch_answer": "nothing"}});
    check(chosen, Ok(("onelogin", true, "nothing"))).await;
    check(json!({"name": "A"}), Ok(("onelogin", true, "nothing"))).await;
    let chosen = json!({"profile": "okta", "switches": {"put_keeps_absent": true}});
    check(chosen, Ok(("okta", true, "short"))).await;
    for profile in ["lenient", "strict", "entra", "okta", "google", "jumpcloud", "ping"] {
        check(json!({"profile": profile}), Ok((profile, false, "short"))).await;
    }
    let known = "lenient, strict, entra, okta, google, jumpcloud, onelogin, ping";
    let refused = format!("profile: must be one of {known}");
    check(json!({"profile": "azure"}), Err(&refused)).await;
    let answer = json!({"switches": {"patch_answer": "all"}});
    let refused = "switches.patch_answer: must be one of short, resource, nothing";
    check(answer, Err(refused)).await;
    assert!(set(&house, &json!({"switches": {"colour": true}})).await.is_err());
    let shown = house.ask("GET", "/v1/tenants/acme").by(&house.owner).send().await.json();
    assert_eq!((&shown["profile"], &shown["name"]), (&json!("ping"), &json!("A")));
}

/// Two resources, and what requests about them are answered when a switch is set: the status, and the scimType or the title.
struct Tried {
    house: House,
    ada: String,
    team: String,
}

impl Tried {
    async fn new() -> Self {
        let house = House::new().await;
        let ada = house.create("/Users", json!({"userName": "ada", "title": "Countess"})).await;
        let team = house.create("/Groups", json!({"displayName": "Team"})).await;
        Self { house, ada: format!("/Users/{ada}"), team: format!("/Groups/{team}") }
    }

    async fn check(&self, switch: Value, asked: (&str, &str, &Value), expected: &str) {
        let (method, path, body) = asked;
        set(&self.house, &json!({"profile": "lenient", "switches": switch})).await.unwrap();
        let reply = self.house.acme(method, path).json(body).send().await;
        let kind = match reply.status {
            400.. => reply.json()["scimType"].as_str().unwrap_or_default().to_owned(),
            204 => String::new(),
            _ => reply.json()["title"].as_str().unwrap_or("-").to_owned(),
        };
        assert_eq!(format!("{} {kind}", reply.status), expected, "{switch} {method} {path} {body}");
    }
}

#[actix_web::test]
async fn each_switch_changes_what_it_says() {
    let tried = Tried::new().await;
    let (ada, team) = (tried.ada.as_str(), tried.team.as_str());
    let put = json!({"schemas": [USER], "userName": "ada"});
    tried.check(json!({"put_keeps_absent": true}), ("PUT", ada, &put), "200 Countess").await;
    tried.check(json!({}), ("PUT", ada, &put), "200 -").await;
    let odd = json!({"schemas": [USER], "userName": "ada", "title": "a", "colour": "red"});
    let refused = json!({"unknown_attributes_ignored": false});
    tried.check(refused.clone(), ("PUT", ada, &odd), "400 invalidSyntax").await;
    tried.check(json!({}), ("PUT", ada, &odd), "200 a").await;
    let path = json!({"schemas": [PATCH], "Operations": [
        {"op": "add", "path": "urn:example:2.0:User:colour", "value": "red"}]});
    tried.check(refused, ("PATCH", ada, &path), "400 invalidPath").await;
    tried.check(json!({}), ("PATCH", ada, &path), "200 a").await;
    let bare = json!({"userName": "ada", "title": "b"});
    let required = json!({"schemas_repaired": false});
    tried.check(required.clone(), ("PUT", ada, &bare), "400 invalidSyntax").await;
    tried.check(json!({}), ("PUT", ada, &bare), "200 b").await;
    let bare = json!({"Operations": [{"op": "replace", "path": "title", "value": "c"}]});
    tried.check(required, ("PATCH", ada, &bare), "400 invalidSyntax").await;
    tried.check(json!({}), ("PATCH", ada, &bare), "200 c").await;
    let member = json!({"schemas": [PATCH], "Operations": [
        {"op": "add", "path": "members", "value": [{"value": "nobody yet"}]}]});
    let refused = json!({"unknown_members_pending": false});
    tried.check(refused, ("PATCH", team, &member), "400 invalidValue").await;
    tried.check(json!({}), ("PATCH", team, &member), "200 -").await;
    let absent = json!({"schemas": [PATCH], "Operations": [
        {"op": "remove", "path": "emails[type eq \"home\"]"}]});
    let refused = json!({"absent_targets_accepted": false});
    tried.check(refused, ("PATCH", ada, &absent), "400 noTarget").await;
    tried.check(json!({}), ("PATCH", ada, &absent), "200 c").await;
}

#[actix_web::test]
async fn a_patch_is_answered_as_the_switch_says() {
    let tried = Tried::new().await;
    let (ada, team) = (tried.ada.as_str(), tried.team.as_str());
    let titled = json!({"schemas": [PATCH], "Operations": [
        {"op": "replace", "path": "title", "value": "c"}]});
    for (answer, expected) in [("short", "200 c"), ("resource", "200 c"), ("nothing", "204 ")] {
        let asked = ("PATCH", ada, &titled);
        tried.check(json!({"patch_answer": answer}), asked, expected).await;
    }
    let asked = &format!("{ada}?attributes=title");
    tried.check(json!({"patch_answer": "nothing"}), ("PATCH", asked, &titled), "200 c").await;
    let named = json!({"schemas": [PATCH], "Operations": [
        {"op": "replace", "path": "displayName", "value": "Team A"}]});
    tried.check(json!({"patch_answer": "nothing"}), ("PATCH", team, &named), "204 ").await;
    let mut many = Vec::new();
    for n in 0..101 {
        let id = tried.house.create("/Users", json!({"userName": format!("u{n}")})).await;
        many.push(json!({ "value": id }));
    }
    let all = &json!({"schemas": [PATCH], "Operations": [
        {"op": "add", "path": "members", "value": many}]});
    tried.check(json!({}), ("PATCH", team, all), "204 ").await;
    tried.check(json!({"patch_answer": "resource"}), ("PATCH", team, all), "200 -").await;
}
