//! The rules about `active`, `externalId` and empty names.

use serde_json::{Value, json};

use super::*;
use crate::resource::{Stored, create, replace};

fn put(old: &Value, body: Value, profile: Profile) -> Result<(Value, Vec<String>), Error> {
    let draft = read_user(body, profile)?;
    let mut coercions = Coercions::default();
    let old = old.to_string();
    let old = Stored::new(old.as_bytes())?;
    let resource = replace(&old, draft, user(), profile, &mut coercions)?;
    Ok((Value::Object(resource), codes(&coercions)))
}

#[test]
fn rule_1_active_is_true_on_post_when_absent_and_never_unassigned() {
    for profile in [Profile::LENIENT, Profile::STRICT] {
        let post = |body: Value| create(read_user(body, profile)?, "7", user());
        let active = |body: Value| post(body).map(|resource| resource["active"].clone());
        assert_eq!(active(json!({ "userName": "ada" })), Ok(true.into()));
        assert_eq!(active(json!({ "userName": "ada", "active": false })), Ok(false.into()));
        for unassigned in [json!(null), json!([])] {
            let body = json!({ "userName": "ada", "active": unassigned });
            refused(post(body), ScimType::InvalidValue, "active: can't be unassigned");
        }
        refused(
            post(json!({ "userName": "ada", "active": "" })),
            ScimType::InvalidValue,
            "active: ",
        );
    }
}

#[test]
fn rule_1_active_absent_on_put_is_unchanged() {
    let old = |active: bool| {
        user_body(json!({ "id": "7", "userName": "ada", "title": "x", "active": active }))
    };
    let check = |active: bool, body: Value, expected: bool, noted: &[&str]| {
        for profile in [Profile::LENIENT, Profile::STRICT] {
            let (resource, coercions) =
                put(&old(active), body.clone(), profile).expect("is replaced");
            same(
                &resource,
                &user_body(json!({ "id": "7", "userName": "ada", "active": expected })),
            );
            assert_eq!(coercions, noted);
        }
    };
    check(false, json!({ "userName": "ada" }), false, &["AbsentKept"]);
    check(true, json!({ "userName": "ada" }), true, &["AbsentKept"]);
    check(true, json!({ "active": false, "userName": "ada" }), false, &[]);
}

#[test]
fn rule_1_external_id_absent_on_put_is_unchanged_outside_strict() {
    let old = user_body(json!({ "id": "7", "externalId": "x", "userName": "ada", "active": true }));
    let check = |profile: Profile, body: Value, expected: Option<&str>, noted: &[&str]| {
        let (resource, coercions) = put(&old, body.clone(), profile).expect("is replaced");
        assert_eq!(resource.get("externalId").and_then(Value::as_str), expected, "{body}");
        assert_eq!(coercions, noted, "{body}");
    };
    let ada = |external_id: Value| json!({ "userName": "ada", "active": true, "externalId": external_id });
    let absent = json!({ "userName": "ada", "active": true });
    check(Profile::LENIENT, absent.clone(), Some("x"), &["AbsentKept"]);
    check(Profile::STRICT, absent, None, &[]);
    check(Profile::LENIENT, ada(json!("y")), Some("y"), &[]);
    check(Profile::LENIENT, ada(json!(null)), None, &[]);
    check(Profile::LENIENT, ada(json!("")), None, &[]);
    check(Profile::STRICT, ada(json!(null)), None, &[]);
}

#[test]
fn a_required_name_is_there_and_not_blank() {
    for profile in [Profile::LENIENT, Profile::STRICT] {
        let post = |body: Value| create(read_user(body, profile)?, "7", user());
        refused(post(json!({})), ScimType::InvalidValue, "userName: is required and missing");
        refused(
            post(json!({ "userName": null })),
            ScimType::InvalidValue,
            "userName: is required and missing",
        );
        refused(
            post(json!({ "userName": "" })),
            ScimType::InvalidValue,
            "userName: is required and can't be blank",
        );
        refused(
            post(json!({ "userName": " \t" })),
            ScimType::InvalidValue,
            "userName: is required and can't be blank",
        );
        let old = user_body(json!({ "id": "7", "userName": "ada", "active": true }));
        refused(
            put(&old, json!({ "title": "x" }), profile),
            ScimType::InvalidValue,
            "userName: is required and missing",
        );
        let team = read(with_schemas(&[GROUP_URN], json!({ "members": [] })), group(), profile)
            .expect("is read");
        refused(
            create(team.clone(), "7", group()),
            ScimType::InvalidValue,
            "displayName: is required and missing",
        );
    }
}
