//! Discovery: what needs a credential and what doesn't, and the forms.

use actix_web::http::StatusCode;
use serde_json::json;

use super::house::{ACME, House, plain};

#[actix_web::test]
async fn the_configuration_needs_no_credential_and_betrays_no_tenant() {
    let house = House::new().await;
    for base in [ACME, "/t/nobody/scim/v2", "/scim/v2", "/t/acme/scim", "/t/acme//scim/v2/"] {
        for path in ["", "/ServiceProviderConfig"] {
            let reply = house.ask("GET", &format!("{base}{path}")).send().await;
            assert_eq!(reply.status, 200, "{base}{path}");
            let base = if base.contains("acme") { ACME } else { base };
            let location = format!("https://scim.example.com{base}/ServiceProviderConfig");
            assert_eq!(reply.json()["meta"]["location"], location);
        }
    }
    let reply = house.ask("GET", "/t/No_Slug/scim/v2/ServiceProviderConfig").send().await;
    assert_eq!(reply.scim_error(), plain(StatusCode::NOT_FOUND));
}

#[actix_web::test]
async fn types_and_schemas_are_listed_and_shown_one_by_one() {
    let house = House::new().await;
    for (path, ids) in [
        ("/ResourceTypes", &["User", "Group"][..]),
        (
            "/Schemas",
            &[scim::schema::USER_URN, scim::schema::ENTERPRISE_URN, scim::schema::GROUP_URN],
        ),
    ] {
        let without = house.ask("GET", &format!("{ACME}{path}")).send().await;
        assert_eq!(without.scim_error(), plain(StatusCode::UNAUTHORIZED));
        let list = house.acme("GET", &format!("{path}?startIndex=2&attributes=id")).send().await;
        let list = list.json();
        assert_eq!(list["totalResults"], ids.len());
        assert_eq!(list["itemsPerPage"], ids.len());
        let resources = list["Resources"].as_array().unwrap();
        assert!(resources.iter().map(|one| one["id"].as_str().unwrap()).eq(ids.iter().copied()));
        for (id, listed) in ids.iter().zip(resources) {
            let encoded = id.replace(':', "%3A");
            for id in [*id, &encoded] {
                let shown = house.acme("GET", &format!("{path}/{id}")).send().await;
                assert_eq!(&shown.json(), listed, "{path}/{id}");
            }
        }
        let absent = house.acme("GET", &format!("{path}/urn:none")).send().await;
        assert_eq!(absent.scim_error(), plain(StatusCode::NOT_FOUND));
        let filtered = house.acme("GET", &format!("{path}?filter=id%20pr")).send().await;
        assert_eq!(filtered.scim_error(), plain(StatusCode::FORBIDDEN));
        let written = house.acme("POST", path).json(&json!({})).send().await;
        assert_eq!(written.scim_error(), plain(StatusCode::METHOD_NOT_ALLOWED));
        assert_eq!(written.header("allow"), Some("GET, HEAD"));
    }
}
