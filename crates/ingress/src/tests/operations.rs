//! The operator's port.

use actix_web::{App, test};

use super::house::House;
use crate::{Phase, admin};

#[actix_web::test]
async fn readiness_follows_the_process_and_the_log() {
    let house = House::new().await;
    let check = async |path: &str, status: u16, says: &str| {
        let app = test::init_service(App::new().configure(admin(house.state.clone()))).await;
        let request = test::TestRequest::with_uri(path).to_request();
        let response = test::call_service(&app, request).await;
        assert_eq!(response.status().as_u16(), status, "{path}");
        let body = test::read_body(response).await;
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(text.contains(says), "{path}: {text}");
    };
    check("/livez", 200, "ok").await;
    check("/readyz", 503, "[-]phase failed: starting").await;
    house.state.health.set(Phase::Serving);
    check("/readyz", 200, "ok").await;
    check("/readyz?verbose", 200, "[+]log ok").await;
    check("/metrics", 200, "rollcall_ready 1").await;
    house.state.health.set(Phase::Draining);
    check("/readyz", 503, "draining").await;
    house.state.health.set(Phase::Serving);
    drop(house.log.crash(0));
    check("/readyz", 503, "[-]log failed: failed").await;
    check("/livez", 200, "ok").await;
    check("/metrics", 200, "rollcall_ready 0").await;
    check("/none", 404, "").await;
}

#[actix_web::test]
async fn requests_are_counted_without_naming_anyone() {
    let house = House::new().await;
    house.create("/Users", serde_json::json!({"userName": "ada", "active": "True"})).await;
    let text = house.state.metrics.render();
    for expected in [
        r#"rollcall_http_requests_total{route="/Users",method="POST",status="2xx"} 1"#,
        r#"rollcall_coercions_total{code="boolean_from_text"} 1"#,
    ] {
        assert!(text.lines().any(|line| line == expected), "{expected} in\n{text}");
    }
    assert!(!text.contains("acme") && !text.contains("ada"));
}
