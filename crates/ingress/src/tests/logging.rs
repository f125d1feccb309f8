//! The log line of a request: one, with ids only.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::Once;

use serde_json::{Value, json};

use super::house::House;

thread_local! {
    /// What this test has logged: a test has a thread of its own.
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Keeps what is logged. For the whole process and before the first request, because whether a line is wanted
/// is decided once.
pub(super) fn keep() {
    static SET: Once = Once::new();
    SET.call_once(|| {
        tracing_subscriber::fmt().json().flatten_event(true).with_writer(|| Lines).init();
    });
}

struct Lines;

#[actix_web::test]
async fn a_request_leaves_one_line_that_names_nobody() {
    let house = House::new().await;
    let made = house.acme("POST", "/Users?attributes=userName").json(&json!({"userName": "ada"}));
    let made = made.send().await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    house.acme("GET", &format!("/Users/{id}")).send().await;
    house.acme("GET", "/Users?filter=userName%20eq%20%22ada%22").by("junk").send().await;
    house.ask("GET", "/v1/tenants/acme").by(&house.owner).send().await;
    house.ask("GET", "/ada").send().await;
    let text = String::from_utf8(LINES.take()).unwrap();
    assert!(!text.contains("ada") && !text.contains(&id) && !text.contains(&house.acme), "{text}");
    let seen: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let check = |at: usize, method: &str, route: &str, status: u16, tenant: Value, events: u64| {
        let line = &seen[at];
        let shown = [&line["http.method"], &line["http.route"], &line["http.status"]];
        assert_eq!(shown, [&json!(method), &json!(route), &json!(status)]);
        assert_eq!((&line["tenant.id"], &line["events"]), (&tenant, &json!(events)));
        assert!(line["duration_ms"].is_number() && line["request.id"].is_string());
    };
    check(0, "POST", "/Users", 201, json!("acme"), 1);
    check(1, "GET", "/Users/{id}", 200, json!("acme"), 0);
    check(2, "GET", "/Users", 200, json!("acme"), 0);
    check(3, "GET", "/v1/tenants/{tenant}", 200, json!("acme"), 0);
    check(4, "GET", "none", 404, Value::Null, 0);
    assert_eq!(seen.len(), 5);
    assert_eq!(seen[0]["request.id"].as_str(), made.header("x-request-id"));
    assert!(seen[0]["token.id"].is_string() && seen[3]["key.id"].is_string());
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
