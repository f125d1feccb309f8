//! Schemas that a tenant adds: how they come and go, and that what they say of attributes is kept.

use serde_json::{Value, json};

use super::house::House;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const BADGE: &str = "urn:example:params:scim:schemas:2.0:Badge";

/// A schema with one attribute of each characteristic.
fn badge() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": BADGE,
        "name": "Badge",
        "description": "Who may enter",
        "attributes": [
            {"name": "number", "type": "integer", "uniqueness": "server"},
            {"name": "code", "uniqueness": "server", "caseExact": true},
            {"name": "colour", "canonicalValues": ["red", "green"]},
            {"name": "issued", "type": "dateTime", "mutability": "immutable"},
            {"name": "score", "type": "decimal", "mutability": "readOnly"},
            {"name": "pin", "mutability": "writeOnly", "returned": "never"},
            {"name": "note", "returned": "request"},
            {"name": "serial", "returned": "always"},
            {"name": "doors", "type": "complex", "multiValued": true, "subAttributes": [
                {"name": "value"}, {"name": "zone", "returned": "request"}]},
        ],
    })
}

async fn put(house: &House, urn: &str, query: &str, schema: &Value) -> (u16, Value) {
    let path = format!("/v1/tenants/acme/schemas/{urn}{query}");
    let reply = house.ask("PUT", &path).by(&house.owner).json(schema).send().await;
    (reply.status, reply.json())
}

async fn send(house: &House, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let reply = house.acme(method, path).json(body).send().await;
    (reply.status, if reply.body.is_empty() { Value::Null } else { reply.json() })
}

async fn get(house: &House, path: &str) -> Value {
    let reply = house.acme("GET", path).send().await;
    assert_eq!(reply.status, 200, "{path}: {reply:?}");
    reply.json()
}

fn user(name: &str, badge: &Value) -> Value {
    json!({"schemas": [USER, BADGE], "userName": name, BADGE: badge})
}

#[actix_web::test]
async fn what_a_schema_says_is_kept() {
    let house = House::new().await;
    let odd = user("early", &json!({"colour": "red"}));
    let (status, early) = send(&house, "POST", "/Users", &odd).await;
    assert_eq!((status, early.get(BADGE)), (201, None), "nobody knows it yet");
    assert_eq!(put(&house, BADGE, "", &badge()).await.0, 200);

    let check = async |given: Value, expected: Result<Value, &str>| {
        let name = format!("user{}", given.to_string().len());
        let (status, body) = send(&house, "POST", "/Users", &user(&name, &given)).await;
        match expected {
            Ok(shown) => assert_eq!((status, &body[BADGE]), (201, &shown), "{given}: {body}"),
            Err(scim_type) => {
                assert_eq!(body["scimType"], scim_type, "{given}: {body}");
            }
        }
    };
    check(json!({"number": 7, "code": "aB"}), Ok(json!({"number": 7, "code": "aB"}))).await;
    check(json!({"number": "seven"}), Err("invalidValue")).await;
    check(json!({"number": 7, "colour": "red"}), Err("uniqueness")).await;
    check(json!({"code": "aB", "serial": "1"}), Err("uniqueness")).await;
    check(json!({"code": "ab", "serial": "22"}), Ok(json!({"code": "ab", "serial": "22"}))).await;
    check(json!({"colour": "GREEN"}), Ok(json!({"colour": "GREEN"}))).await;
    check(json!({"colour": "blue"}), Err("invalidValue")).await;
    check(json!({"issued": "yesterday"}), Err("invalidValue")).await;
    let hidden = json!({"score": 1.5, "pin": "1234", "note": "x", "colour": "red"});
    check(hidden, Ok(json!({"colour": "red"}))).await;
    let doors = json!({"doors": [{"value": "north", "zone": "a"}], "serial": "4444"});
    check(doors, Ok(json!({"doors": [{"value": "north"}], "serial": "4444"}))).await;
}

#[actix_web::test]
async fn values_of_groups_may_be_unique() {
    let house = House::new().await;
    let code = json!({"id": GROUP, "attributes": [{"name": "code", "uniqueness": "server"}]});
    assert_eq!(put(&house, GROUP, "?extends=Group", &code).await.0, 200);
    let group = |name: &str, code: &str| json!({"displayName": name, "code": code});
    let (status, staff) = send(&house, "POST", "/Groups", &group("Staff", "A1")).await;
    assert_eq!((status, &staff["code"]), (201, &json!("A1")));
    let taken = async |method: &str, path: &str, body: Value| {
        let (status, body) = send(&house, method, path, &body).await;
        let detail = body["detail"].as_str().unwrap_or_default();
        assert_eq!((status, &body["scimType"]), (409, &json!("uniqueness")), "{body}");
        assert!(detail.starts_with("code: the value is taken by group"), "{detail}");
    };
    taken("POST", "/Groups", group("Crew", "a1")).await;
    let (_, crew) = send(&house, "POST", "/Groups", &group("Crew", "A2")).await;
    let path = format!("/Groups/{}", crew["id"].as_str().unwrap());
    taken("PUT", &path, group("Crew", "A1")).await;
    let operation = json!({"op": "replace", "path": "code", "value": "A1"});
    let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]});
    taken("PATCH", &path, patch.clone()).await;
    let staff = format!("/Groups/{}", staff["id"].as_str().unwrap());
    assert_eq!(send(&house, "PUT", &staff, &group("Staff", "A3")).await.0, 200);
    assert_eq!(send(&house, "PATCH", &path, &patch).await.0, 200, "it is free again");
}

#[actix_web::test]
async fn values_are_changed_found_and_shown_as_the_schema_says() {
    let house = House::new().await;
    assert_eq!(put(&house, BADGE, "?extends=User", &badge()).await.0, 200);
    let given = json!({"number": 7, "issued": "2026-01-31T08:00:00Z", "note": "n", "serial": "s",
        "doors": [{"value": "north", "zone": "a"}]});
    let (_, ada) = send(&house, "POST", "/Users", &user("ada", &given)).await;
    let path = format!("/Users/{}", ada["id"].as_str().unwrap());

    let shown = async |query: &str, expected: Value| {
        assert_eq!(get(&house, &format!("{path}{query}")).await[BADGE], expected, "{query}");
    };
    shown(&format!("?attributes={BADGE}:note"), json!({"note": "n", "serial": "s"})).await;
    shown("?attributes=userName", json!({"serial": "s"})).await;
    shown(&format!("?excludedAttributes={BADGE}"), json!({"serial": "s"})).await;
    let zone = format!("?attributes={BADGE}:doors.zone");
    shown(&zone, json!({"serial": "s", "doors": [{"zone": "a"}]})).await;

    let patch = async |operation: Value| {
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]});
        let (status, body) = send(&house, "PATCH", &path, &body).await;
        (status, body["scimType"].as_str().unwrap_or_default().to_owned())
    };
    let colour = json!({"op": "add", "path": format!("{BADGE}:colour"), "value": "green"});
    assert_eq!(patch(colour).await, (200, String::new()));
    let issued = json!({"op": "replace", "path": format!("{BADGE}:issued"), "value": "2027-01-31T08:00:00Z"});
    assert_eq!(patch(issued).await, (400, "mutability".to_owned()));
    let same = json!({"op": "replace", "path": format!("{BADGE}:number"), "value": 7});
    assert_eq!(patch(same).await, (200, String::new()), "one's own value is free");

    let found = async |filter: &str, expected: usize| {
        let filter = filter.replace(' ', "%20").replace('"', "%22");
        let list = get(&house, &format!("/Users?filter={filter}")).await;
        assert_eq!(list["totalResults"], expected, "{filter}");
    };
    house.create("/Users", json!({"userName": "bob"})).await;
    found(&format!("{BADGE}:number eq 7"), 1).await;
    found(&format!("{BADGE}:colour eq \"GREEN\""), 1).await;
    found(&format!("{BADGE}:doors[value eq \"north\"]"), 1).await;
    found(&format!("not ({BADGE}:number pr)"), 1).await;
    let sorted = get(&house, &format!("/Users?sortBy={BADGE}:number")).await;
    assert_eq!(sorted["Resources"][0]["userName"], "ada");

    // Freed by its end.
    assert_eq!(send(&house, "DELETE", &path, &Value::Null).await.0, 204);
    let (status, _) = send(&house, "POST", "/Users", &user("eve", &json!({"number": 7}))).await;
    assert_eq!(status, 201);
}

#[actix_web::test]
async fn attributes_can_stand_beside_the_built_in_ones_and_groups_have_schemas_too() {
    let house = House::new().await;
    let core = json!({"id": USER, "attributes": [
        {"name": "costBearer", "required": true}, {"name": "locker", "type": "integer"}]});
    assert_eq!(put(&house, USER, "", &core).await.0, 200);
    let bare = json!({"schemas": [USER], "userName": "ada"});
    assert_eq!(send(&house, "POST", "/Users", &bare).await.1["scimType"], "invalidValue");
    let whole = json!({"schemas": [USER], "userName": "ada", "costBearer": "K1", "locker": 3});
    let (status, ada) = send(&house, "POST", "/Users", &whole).await;
    assert_eq!((status, &ada["costBearer"], &ada["locker"]), (201, &json!("K1"), &json!(3)));

    let urn = "urn:example:params:scim:schemas:2.0:Shift";
    let shift = json!({"id": urn, "attributes": [{"name": "hours", "type": "integer"}]});
    assert_eq!(put(&house, urn, "?extends=Group&required=true", &shift).await.0, 200);
    let (status, refused) = send(&house, "POST", "/Groups", &json!({"displayName": "A"})).await;
    assert_eq!((status, &refused["scimType"]), (400, &json!("invalidValue")));
    let team = json!({"displayName": "A", urn: {"hours": 8}});
    assert_eq!(send(&house, "POST", "/Groups", &team).await.1[urn], json!({"hours": 8}));

    // Discovery says so, to this tenant alone.
    let types = get(&house, "/ResourceTypes/Group").await;
    assert_eq!(types["schemaExtensions"], json!([{"schema": urn, "required": true}]));
    assert_eq!(get(&house, &format!("/Schemas/{urn}")).await["attributes"][0]["name"], "hours");
    let named = |schema: &Value| {
        let attributes = schema["attributes"].as_array().unwrap().iter();
        attributes.filter(|it| it["name"] == "costBearer").count()
    };
    assert_eq!(named(&get(&house, &format!("/Schemas/{USER}")).await), 1);
    let other = house.ask("GET", &format!("/t/globex/scim/v2/Schemas/{USER}")).by(&house.globex);
    assert_eq!(named(&other.send().await.json()), 0);
}

#[actix_web::test]
async fn what_is_no_schema_or_takes_something_away_is_refused() {
    let house = House::new().await;
    let check = async |urn: &str, query: &str, schema: Value, expected: (u16, &str)| {
        let (status, body) = put(&house, urn, query, &schema).await;
        let detail = body["detail"].as_str().unwrap_or_default();
        assert_eq!(status, expected.0, "{schema}: {detail}");
        assert!(detail.contains(expected.1), "{detail}");
    };
    let of = |attributes: Value| json!({"id": BADGE, "attributes": attributes});
    let number = json!({"name": "number"});
    check(BADGE, "", json!({"id": USER, "attributes": [number]}), (400, "the address names")).await;
    check(BADGE, "", of(json!([])), (400, "attributes")).await;
    check(BADGE, "?extends=Device", of(json!([number])), (400, "no such resource type")).await;
    check(BADGE, "?required=perhaps", of(json!([number])), (400, "true or false")).await;
    check(BADGE, "", of(json!([{"name": "x", "type": "colour"}])), (400, "attributes[0].type"))
        .await;
    let many = json!([{"name": "x", "multiValued": true, "uniqueness": "server"}]);
    check(BADGE, "", of(many), (400, "single simple value")).await;
    let taken = json!({"id": USER, "attributes": [{"name": "username"}]});
    check(USER, "", taken, (400, "is an attribute of it already")).await;
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let built_in = json!({"id": enterprise, "attributes": [number]});
    check(enterprise, "", built_in, (400, "schemas already")).await;

    check(BADGE, "", badge(), (200, "")).await;
    let frames = house.log_length();
    check(BADGE, "", badge(), (200, "")).await;
    assert_eq!(house.log_length(), frames, "the same again is nothing");
    check(BADGE, "", of(json!([number])), (409, "number: type")).await;
    let mut wider = badge();
    wider["attributes"].as_array_mut().unwrap().push(json!({"name": "more"}));
    check(BADGE, "", wider, (200, "")).await;
    check(BADGE, "?extends=Group", badge(), (409, "another URN")).await;
}

#[actix_web::test]
async fn a_schema_goes_when_nobody_has_values_under_it() {
    let house = House::new().await;
    put(&house, BADGE, "", &badge()).await;
    let id = house.create("/Users", user("ada", &json!({"number": 1}))).await;
    let path = format!("/v1/tenants/acme/schemas/{BADGE}");
    let remove = async || house.ask("DELETE", &path).by(&house.owner).send().await;
    let refused = remove().await;
    assert_eq!(refused.status, 409);
    assert!(refused.json()["detail"].as_str().unwrap().contains(&id));
    let shown = house.ask("GET", "/v1/tenants/acme/schemas").by(&house.reader).send().await.json();
    assert_eq!(shown["schemas"][0]["urn"], BADGE);
    assert_eq!(house.ask("PUT", &path).by(&house.reader).json(&badge()).send().await.status, 403);
    let bare = json!({"schemas": [USER], "userName": "ada"});
    assert_eq!(send(&house, "PUT", &format!("/Users/{id}"), &bare).await.0, 200);
    assert_eq!(remove().await.status, 204);
    assert_eq!(remove().await.status, 404);
    assert_eq!(house.acme("GET", &format!("/Schemas/{BADGE}")).send().await.status, 404);
    let (_, late) = send(&house, "POST", "/Users", &user("eve", &json!({"number": 1}))).await;
    assert_eq!(late.get(BADGE), None);
}
