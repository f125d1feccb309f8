//! Bad input gets the right SCIM error; no event comes of it, and nothing panics.

use reqwest::Method;
use serde_json::json;

use crate::client::{Answer, Scim};
use crate::harness::Gateway;

const MIB: usize = 1 << 20;

#[test]
fn bodies_that_are_no_resource() {
    check_all(&[
        ("POST /Users", "{\"userName\":", "400 invalidSyntax"),
        ("POST /Users", "", "400 invalidSyntax"),
        ("POST /Users", "[]", "400 invalidSyntax"),
        ("POST /Users", r#"{"userName":"a","username":"b"}"#, "400 invalidSyntax"),
        ("POST /Users", r#"{"displayName":"x"}"#, "400 invalidValue"),
        ("POST /Users", r#"{"userName":""}"#, "400 invalidValue"),
        ("POST /Users", r#"{"userName":{"a":1}}"#, "400 invalidValue"),
        ("POST /Users", r#"{"userName":"b","active":"perhaps"}"#, "400 invalidValue"),
        ("POST /Users", r#"{"userName":"b","active":null}"#, "400 invalidValue"),
        ("PUT {user}", r#"{"userName":"b","emails":[[1]]}"#, "400 invalidValue"),
        ("PUT {user}", r#"{"userName":"b","active":""}"#, "400 invalidValue"),
        ("POST /Groups", "{}", "400 invalidValue"),
        ("POST /Groups", r#"{"displayName":"x","members":[[]]}"#, "400 invalidValue"),
        ("POST /Users", &nested(65), "400 invalidSyntax"),
        ("POST /Users", &nested(100_000), "400 invalidSyntax"),
        ("POST /Users", &padded(MIB + 1), "413"),
        ("PUT {user}", &padded(MIB + 1), "413"),
        ("POST /Groups", &padded(16 * MIB + 1), "413"),
        ("POST /Users", &titled(257 * 1024), "413"),
    ]);
}

#[test]
fn patches_that_say_nothing_sensible() {
    let long = format!("[{}]", vec![r#"{"op":"add","path":"title","value":"x"}"#; 1001].join(","));
    check_all(&[
        ("PATCH {user}", "[]", "400 invalidSyntax"),
        ("PATCH {user}", r#"{"op":"add"}"#, "400 invalidSyntax"),
        ("PATCH {user}", r#"[{"op":"move","path":"title"}]"#, "400 invalidSyntax"),
        ("PATCH {user}", r#"[{"path":"title"}]"#, "400 invalidSyntax"),
        ("PATCH {user}", &long, "400 invalidValue"),
        ("PATCH {user}", r#"[{"op":"add","path":"emails[","value":"x"}]"#, "400 invalidFilter"),
        ("PATCH {user}", r#"[{"op":"add","path":"a..b","value":"x"}]"#, "400 invalidPath"),
        ("PATCH {user}", r#"[{"op":"remove"}]"#, "400 noTarget"),
        ("PATCH {user}", r#"[{"op":"replace","path":"id","value":"x"}]"#, "400 mutability"),
        ("PATCH {user}", r#"[{"op":"remove","path":"userName"}]"#, "400 mutability"),
        ("PATCH {user}", r#"[{"op":"remove","path":"active"}]"#, "400 invalidValue"),
        ("PATCH {user}", r#"[{"op":"replace","path":"active","value":""}]"#, "400 invalidValue"),
        ("PATCH {group}", r#"[{"op":"remove","path":"displayName"}]"#, "400 mutability"),
        ("PATCH /Users/unknown", r#"[{"op":"add","path":"title","value":"x"}]"#, "404"),
        ("PATCH /Groups/unknown", r#"[{"op":"remove","path":"members"}]"#, "404"),
    ]);
}

/// Every request is refused as said, and no event comes of any.
fn check_all(cases: &[(&str, &str, &str)]) {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let (user, group) = (scim.user("ada@acme.example"), scim.group("Engineers"));
    let before = gateway.events("acme").len();
    for (asked, body, expected) in cases {
        let (method, path) = asked.split_once(' ').unwrap();
        let path = path.replace("{user}", &format!("/Users/{user}"));
        let path = path.replace("{group}", &format!("/Groups/{group}"));
        let body = match method {
            "PATCH" => format!("{{\"Operations\":{body}}}"),
            _ => (*body).to_owned(),
        };
        let start: String = body.chars().take(80).collect();
        println!("{asked} {start}");
        let (status, scim_type) =
            expected.split_once(' ').map_or((*expected, None), |(s, t)| (s, Some(t)));
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = scim.send(method, &path, |request| request.body(body));
        answer.refused(status.parse().unwrap(), scim_type);
    }
    assert_eq!(gateway.events("acme").len(), before, "bad input made events");
}

#[test]
fn a_body_that_is_no_text() {
    let gateway = Gateway::start(&["acme"]);
    let body = b"{\"userName\":\"\xff\"}".to_vec();
    let answer = gateway.scim("acme").send(Method::POST, "/Users", |request| request.body(body));
    answer.refused(400, Some("invalidSyntax"));
    assert_eq!(gateway.events("acme").len(), 0);
}

#[test]
fn a_body_at_the_limit_is_read() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    scim.send(Method::POST, "/Users", |request| request.body(padded(MIB))).ok(201);
    scim.send(Method::POST, "/Users", |request| request.body(nested(64))).ok(201);
}

#[test]
fn filters() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    scim.user("ada@acme.example");
    let long = format!("userName eq \"{}\"", "x".repeat(8 * 1024 + 1 - "userName eq \"\"".len()));
    let deep = |depth: usize| format!("{}title pr{}", "(".repeat(depth), ")".repeat(depth));
    let wide = vec!["title pr"; 129].join(" or ");
    assert_eq!(long.len(), 8 * 1024 + 1);
    let refused = [
        "userName",
        "userName eq",
        "userName zz \"x\"",
        "userName eq \"x",
        "(title pr",
        "title pr)",
        "nonsense eq \"x\"",
        "active gt true",
        "emails[type eq \"work\"",
        &long,
        &deep(17),
        &deep(4000),
        &wide,
        "password eq \"x\"",
        "title eq \"a\" and",
        "not title pr",
    ];
    for filter in refused {
        list(&scim, filter).refused(400, Some("invalidFilter"));
    }
    list(&scim, &long.replacen('x', "", 1)).ok(200);
    list(&scim, &deep(16)).ok(200);
    for (query, scim_type) in [("startIndex=x", "invalidValue"), ("count=x", "invalidValue")] {
        scim.get(&format!("/Users?{query}")).refused(400, Some(scim_type));
    }
}

#[test]
fn what_the_framework_would_say_is_said_in_scim() {
    let gateway = Gateway::start(&["acme"]);
    let scim = gateway.scim("acme");
    let user = scim.user("ada@acme.example");
    scim.get("/Nothing").refused(404, None);
    scim.get("/Users/no-uuid").refused(404, None);
    scim.get("/Schemas/urn:nothing").refused(404, None);
    let not_allowed = scim.put("/Users", &json!({}));
    not_allowed.refused(405, None);
    assert!(not_allowed.header("allow").contains("POST"), "{:?}", not_allowed.headers);
    scim.post(&format!("/Users/{user}"), &json!({})).refused(405, None);
    scim.delete("/ServiceProviderConfig").refused(405, None);
    scim.with_content_type("text/xml").post("/Users", &json!({})).refused(415, None);
    let heavy = scim.send(Method::GET, "/Users", |r| r.header("X-Padding", "x".repeat(17 * 1024)));
    heavy.refused(431, None);
    for path in ["/.search", "/Users/.search", "/Groups/.search"] {
        scim.post(path, &json!([])).refused(400, Some("invalidSyntax"));
        scim.post(path, &json!({"cursor": "x"})).refused(400, Some("invalidCursor"));
    }
    scim.post("/Bulk", &json!({})).refused(400, Some("invalidSyntax"));
    scim.get("/Me").refused(501, None);
}

fn list(scim: &Scim, filter: &str) -> Answer {
    scim.send(Method::GET, "/Users", |request| request.query(&[("filter", filter)]))
}

/// A user whose one unknown attribute brings the whole body to this depth.
fn nested(depth: usize) -> String {
    let inner = depth - 1;
    format!("{{\"userName\":\"deep\",\"x\":{}{}}}", "[".repeat(inner), "]".repeat(inner))
}

/// A body of exactly this many bytes: blanks count too.
fn padded(bytes: usize) -> String {
    let body = r#"{"userName":"wide","displayName":"wide"}"#;
    format!("{body}{}", " ".repeat(bytes - body.len()))
}

/// A user with a title of this many bytes.
fn titled(bytes: usize) -> String {
    json!({"userName": "b", "title": "x".repeat(bytes)}).to_string()
}
