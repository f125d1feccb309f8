//! Discovery tells the truth: what `/Schemas`, `/ResourceTypes` and `/ServiceProviderConfig` claim is derived from them and held against
//! what happens.

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::client::Scim;
use crate::harness::Gateway;

/// One attribute of a schema, with where its value stands in a resource.
struct Claim<'a> {
    schema: &'a str,
    is_core: bool,
    attribute: &'a Value,
}

#[test]
fn every_attribute_does_what_its_schema_says() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let types = scim.get("/ResourceTypes").ok(200);
    let mut count = 0;
    for of in types["Resources"].as_array().unwrap() {
        let endpoint = of["endpoint"].as_str().unwrap();
        scim.get(endpoint).ok(200);
        let core = of["schema"].as_str().unwrap();
        let extensions = of["schemaExtensions"].as_array().unwrap().iter();
        let extensions = extensions.map(|it| it["schema"].as_str().unwrap());
        for urn in std::iter::once(core).chain(extensions) {
            let schema = scim.get(&format!("/Schemas/{urn}")).ok(200);
            for attribute in schema["attributes"].as_array().unwrap() {
                let claim = Claim { schema: urn, is_core: urn == core, attribute };
                claim.check(&scim, endpoint, count);
                count += 1;
            }
        }
    }
    assert!(count > 25, "only {count} attributes were found");
}

impl Claim<'_> {
    fn is(&self, characteristic: &str, value: impl Into<Value>) -> bool {
        self.attribute[characteristic] == value.into()
    }

    fn name(&self) -> &str {
        self.attribute["name"].as_str().unwrap()
    }

    fn check(&self, scim: &Scim, endpoint: &str, number: usize) {
        let name = format!("truth-{number}");
        if self.is("required", true)
            && self.is("mutability", "readWrite")
            && !self.is("type", "boolean")
        {
            let mut without = whole(endpoint, &name);
            without.remove(self.name());
            scim.post(endpoint, &Value::Object(without)).refused(400, Some("invalidValue"));
        }
        let Some(value) = self.value() else { return };
        let mut resource = whole(endpoint, &name);
        self.put(&mut resource, value.clone());
        let made = scim.post(endpoint, &Value::Object(resource)).ok(201);
        let shown = self.find(&made);
        if self.is("mutability", "readOnly") {
            assert_ne!(shown, Some(&value), "{} of {} is read-only", self.name(), self.schema);
            return;
        }
        let shown = shown
            .unwrap_or_else(|| panic!("{} of {} is not shown: {made}", self.name(), self.schema));
        assert_eq!(shown.is_array(), self.is("multiValued", true), "{}", self.name());
        self.check_filter(scim, endpoint, &made["id"]);
        if self.is("uniqueness", "server") {
            let mut again = whole(endpoint, "another");
            self.put(&mut again, value);
            scim.post(endpoint, &Value::Object(again)).refused(409, Some("uniqueness"));
        }
        scim.delete(&format!("{endpoint}/{}", made["id"].as_str().unwrap())).ok(204);
    }

    /// Text is found by its other case, unless it is case-exact.
    fn check_filter(&self, scim: &Scim, endpoint: &str, id: &Value) {
        if !self.is("type", "string") || self.is("multiValued", true) {
            return;
        }
        let path = match self.is_core {
            true => self.name().to_owned(),
            false => format!("{}:{}", self.schema, self.name()),
        };
        let ask = |value: &str| {
            let filter = format!("{path} eq \"{value}\"");
            let list = scim.send(Method::GET, endpoint, |it| it.query(&[("filter", &filter)]));
            let found = list.ok(200)["Resources"].as_array().unwrap().clone();
            found.iter().any(|one| one["id"] == *id)
        };
        assert!(ask("Value-x"), "{path} is not found");
        assert_eq!(ask("vALUE-X"), !self.is("caseExact", true), "{path} in another case");
    }

    /// A value of the attribute's type; `None` for what can't be made from its schema alone.
    fn value(&self) -> Option<Value> {
        let one = match self.attribute["type"].as_str().unwrap() {
            "string" | "reference" => json!("Value-x"),
            "boolean" => json!(true),
            "dateTime" => json!("2026-01-01T00:00:00Z"),
            "complex" => {
                let subs = self.attribute["subAttributes"].as_array().unwrap().iter();
                let subs =
                    subs.filter(|sub| sub["type"] == "string" && sub["mutability"] == "readWrite");
                let subs: Map<String, Value> = subs
                    .map(|sub| (sub["name"].as_str().unwrap().to_owned(), json!("Value-x")))
                    .collect();
                // Members and managers are others: nobody is called that.
                if subs.is_empty() || self.name() == "members" {
                    return None;
                }
                Value::Object(subs)
            }
            _ => return None,
        };
        Some(if self.is("multiValued", true) { json!([one]) } else { one })
    }

    fn put(&self, resource: &mut Map<String, Value>, value: Value) {
        let name = self.name().to_owned();
        if self.is_core {
            resource.insert(name, value);
        } else {
            resource.insert(self.schema.to_owned(), Value::Object(Map::from_iter([(name, value)])));
        }
    }

    fn find<'v>(&self, resource: &'v Value) -> Option<&'v Value> {
        let object = if self.is_core { resource } else { resource.get(self.schema)? };
        object.get(self.name())
    }
}

/// A resource with all that is required.
fn whole(endpoint: &str, name: &str) -> Map<String, Value> {
    let key = if endpoint == "/Users" { "userName" } else { "displayName" };
    Map::from_iter([(key.to_owned(), json!(name))])
}

#[test]
fn the_configuration_promises_nothing_else_than_what_happens() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let config = scim.get("/ServiceProviderConfig").ok(200);
    let number = |pointer: &str| {
        usize::try_from(config.pointer(pointer).unwrap().as_u64().unwrap()).unwrap()
    };
    let is = |feature: &str| config[feature]["supported"] == true;
    let ada = scim.post("/Users", &json!({"userName": "ada", "password": "secret"}));
    assert_eq!(is("etag"), ada.headers.contains_key("etag"));
    let id = ada.id();
    let bob = scim.user("bob");
    let patched = scim
        .patch(&format!("/Users/{id}"), &json!([{"op": "replace", "path": "title", "value": "x"}]));
    assert_eq!(is("patch"), patched.status == 200);
    let list = scim.get("/Users?sortBy=userName&sortOrder=descending").ok(200);
    assert_eq!(is("sort"), list["Resources"][0]["id"] == json!(bob));
    let found = scim.get("/Users?filter=title%20eq%20%22x%22").ok(200);
    assert_eq!(is("filter"), found["totalResults"] == 1);
    let page = scim.get(&format!("/Users?count={}", number("/filter/maxResults") + 1)).ok(200);
    assert_eq!(page["totalResults"], 2);
    let walk = scim.get("/Users?cursor&count=1").ok(200);
    assert_eq!(config["pagination"]["cursor"], json!(walk.get("nextCursor").is_some()));
    let operation = json!({"method": "DELETE", "path": format!("/Users/{bob}")});
    let urn = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
    let bulk = |operations: Vec<Value>| {
        scim.post("/Bulk", &json!({"schemas": [urn], "Operations": operations}))
    };
    let many = number("/bulk/maxOperations");
    bulk(vec![operation.clone(); many + 1]).refused(413, None);
    let answers = bulk(vec![operation; many]).ok(200);
    assert_eq!(is("bulk"), answers["Operations"][0]["status"] == "204");
    let large = "x".repeat(number("/bulk/maxPayloadSize"));
    bulk(vec![json!({"method": "DELETE", "path": large})]).refused(413, None);
    // A password is taken and dropped: nothing is changed by it.
    let before = scim.get(&format!("/Users/{id}")).ok(200);
    let change = json!([{"op": "replace", "path": "password", "value": "other"}]);
    let after = scim.patch(&format!("/Users/{id}"), &change);
    assert_eq!(
        is("changePassword"),
        after.status == 200 && after.ok(200)["meta"] != before["meta"]
    );
    let scheme = config["authenticationSchemes"][0]["type"].as_str().unwrap();
    assert_eq!(scheme, "oauthbearertoken");
    assert!(gateway.token("acme").starts_with("rct_"));
}
