//! What is not a good request: addresses, methods, types, sizes. Every answer has SCIM's form.

use std::sync::Arc;

use actix_web::http::StatusCode;
use serde_json::json;

use super::house::{ACME, House, kind, plain};
use crate::{Addresses, Limits, TenantUrl};

#[actix_web::test]
async fn every_error_of_the_frame_has_scims_form() {
    let house = House::new().await;
    let check = async |method: &str, path: &str, expected: StatusCode| {
        let reply = house.ask(method, path).by(&house.acme).send().await;
        assert_eq!(reply.scim_error(), plain(expected), "{method} {path}");
        assert_eq!(reply.header("content-type"), Some("application/scim+json"));
        assert!(reply.header("x-request-id").is_some());
    };
    check("GET", "/", StatusCode::NOT_FOUND).await;
    check("GET", "/t/acme", StatusCode::NOT_FOUND).await;
    check("GET", &format!("{ACME}/Nothing"), StatusCode::NOT_FOUND).await;
    check("GET", &format!("{ACME}/Users/a/b"), StatusCode::NOT_FOUND).await;
    check("PUT", &format!("{ACME}/Users"), StatusCode::METHOD_NOT_ALLOWED).await;
    check("BREW", &format!("{ACME}/Users"), StatusCode::METHOD_NOT_ALLOWED).await;
    check("GET", &format!("{ACME}/Me"), StatusCode::NOT_IMPLEMENTED).await;
}

#[actix_web::test]
async fn sloppy_addresses_reach_the_same_place() {
    let house = House::new().await;
    let id = house.create("/Users", json!({"userName": "ada"})).await;
    let location = format!("https://scim.example.com{ACME}/Users/{id}");
    for path in ["/t/acme/scim/v2/Users/", "/t/acme/scim/Users/", "//t/acme//scim/v2//Users//"] {
        let reply = house.ask("GET", &format!("{path}{id}/")).by(&house.acme).send().await;
        assert_eq!(reply.json()["meta"]["location"], location, "{path}");
    }
    let reply = house.ask("GET", &format!("/scim/v2/Users/{id}?")).by(&house.acme).send().await;
    let expected = format!("https://scim.example.com/scim/v2/Users/{id}");
    assert_eq!(reply.json()["meta"]["location"], expected, "the base that was addressed");
}

#[actix_web::test]
async fn a_host_of_its_own_names_the_tenant() {
    let mut house = House::new().await;
    let id = house.create("/Users", json!({"userName": "ada"})).await;
    house.state.addresses = Arc::new(Addresses {
        tenant_urls: vec![TenantUrl::parse("https://{tenant}.example.com").unwrap()],
        ..Addresses::new("https://scim.example.com")
    });
    let get = async |host: &str, base: &str, credential: &str| {
        let ask = house.ask("GET", &format!("{base}/Users/{id}")).header("Host", host);
        let reply = ask.by(credential).send().await;
        (reply.status, reply.json()["meta"]["location"].clone())
    };
    let at = |base: &str| (200, json!(format!("https://{base}/Users/{id}")));
    let (own, none) = ("acme.example.com", (401, json!(null)));
    assert_eq!(get(own, "/scim/v2", &house.acme).await, at("acme.example.com/scim/v2"));
    assert_eq!(
        get("ACME.Example.com:443", "/scim", &house.acme).await,
        at("acme.example.com/scim/v2")
    );
    let both = "acme.example.com/t/acme/scim/v2";
    assert_eq!(get(own, "/t/acme/scim/v2", &house.acme).await, at(both));
    assert_eq!(get("evil.org", "/scim/v2", &house.acme).await, at("scim.example.com/scim/v2"));
    assert_eq!(get(own, "/scim/v2", &house.globex).await, none, "another tenant's host");
    assert_eq!(get(own, "/t/globex/scim/v2", &house.globex).await, none, "two tenants");
    assert_eq!(get("nobody.example.com", "/scim/v2", &house.acme).await, none);
    let shown = house.ask("GET", "/v1/tenants/acme").by(&house.reader).send().await.json();
    assert_eq!(shown["base_url"], "https://acme.example.com/scim/v2");
}

#[actix_web::test]
async fn media_types_are_negotiated() {
    let house = House::new().await;
    let check = async |name: &str, value: &str, expected: u16| {
        let body = json!({"userName": format!("{name} {value}")}).to_string();
        let ask = house.acme("POST", "/Users").header(name, value).text(&body);
        let reply = ask.send().await;
        assert_eq!(reply.status, expected, "{name}: {value}");
        reply.header("content-type").unwrap().to_owned()
    };
    assert_eq!(check("Content-Type", "application/json", 201).await, "application/scim+json");
    check("Content-Type", "application/scim+json; charset=utf-8", 201).await;
    check("Content-Type", "text/plain", 415).await;
    check("Content-Type", "application/json; charset=latin1", 415).await;
    assert_eq!(check("Accept", "application/json", 201).await, "application/json");
    assert_eq!(check("Accept", "text/html", 201).await, "application/scim+json");
    let ask = house.ask("GET", "/scim/v2/Users").by(&house.exact).header("Accept", "text/html");
    assert_eq!(ask.send().await.scim_error(), plain(StatusCode::NOT_ACCEPTABLE));
    let ask = house
        .acme("POST", "/Users")
        .header("Content-Type", "a/b")
        .header("Accept", "application/json");
    let reply = ask.text("{}").send().await;
    assert_eq!(reply.scim_error(), plain(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    assert_eq!(reply.header("content-type"), Some("application/json"));
}

#[actix_web::test]
async fn sizes_are_limited_to_the_byte() {
    let limits = Limits { body_bytes_max: 200, group_body_bytes_max: 400, ..Limits::default() };
    let house = House::with(limits).await;
    let check = async |path: &str, bytes: usize, expected: u16| {
        let body = json!({"userName": bytes, "displayName": bytes.to_string()}).to_string();
        let reply = house.acme("POST", path).text(&format!("{body:<bytes$}")).send().await;
        assert_eq!(reply.status, expected, "{path} {bytes}");
        if expected == 413 {
            assert_eq!(reply.scim_error(), plain(StatusCode::PAYLOAD_TOO_LARGE));
        }
    };
    check("/Users", 200, 201).await;
    check("/Users", 201, 413).await;
    check("/Groups", 400, 201).await;
    check("/Groups", 401, 413).await;
    let header = |bytes: usize| house.acme("GET", "/Users").header("X-Large", &"x".repeat(bytes));
    assert_eq!(header(16_000).send().await.status, 200);
    let reply = header(16_384).send().await;
    assert_eq!(reply.scim_error(), plain(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
}

#[actix_web::test]
async fn depth_and_filters_are_limited() {
    let house = House::new().await;
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let reply = house.acme("POST", "/Users").text(&nested(65)).send().await;
    assert_eq!(reply.scim_error(), kind(400, "invalidSyntax"));
    let filter = |filter: &str| {
        let encoded: String = filter.bytes().map(|byte| format!("%{byte:02X}")).collect();
        house.acme("GET", &format!("/Users?filter={encoded}"))
    };
    let long = |bytes: usize| format!("userName eq \"{}\"", "x".repeat(bytes - 14));
    assert_eq!(filter(&long(8192)).send().await.status, 200);
    assert_eq!(filter(&long(8193)).send().await.scim_error(), kind(400, "invalidFilter"));
    let deep = |depth: usize| format!("{}id pr{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(filter(&deep(16)).send().await.status, 200);
    assert_eq!(filter(&deep(17)).send().await.scim_error(), kind(400, "invalidFilter"));
    assert_eq!(filter("nothing eq 1").send().await.scim_error(), kind(400, "invalidFilter"));
    assert_eq!(filter("password pr").send().await.scim_error(), kind(400, "invalidFilter"));
}

#[actix_web::test]
async fn a_log_without_space_takes_nothing_and_says_when_to_come_back() {
    let house = House::new().await;
    let id = house.create("/Users", json!({"userName": "ada"})).await;
    house.log.set_space(false);
    let reply = house.acme("POST", "/Users").json(&json!({"userName": "bob"})).send().await;
    assert_eq!(reply.scim_error(), plain(StatusCode::SERVICE_UNAVAILABLE));
    assert!(reply.header("retry-after").is_some_and(|wait| wait.parse::<u32>().is_ok()));
    assert_eq!(house.acme("GET", &format!("/Users/{id}")).send().await.status, 200);
    house.log.set_space(true);
    house.create("/Users", json!({"userName": "bob"})).await;
}
