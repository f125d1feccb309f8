//! The rules of users.

use events::{Coercion, Seq};
use serde_json::json;

use super::*;

#[test]
fn a_user_is_created_once_per_name() {
    let ada = || user_created(ADA, json!({"userName": "ada", "externalId": "x1"}));
    check(&[], create_user(ADA, json!({"userName": "ada", "externalId": "x1"})), Ok(vec![ada()]));
    let taken = || Err(Rejection::UserNameTaken { by: ADA });
    check(&[ada()], create_user(BOB, json!({"userName": "ada"})), taken());
    check(&[ada()], create_user(BOB, json!({"userName": "ADA"})), taken());
    check(&[ada()], put_user(ADA, json!({"userName": "ada", "externalId": "x1"})), Ok(vec![]));
    let bob = || user_created(BOB, json!({"userName": "bob", "externalId": "x1"}));
    check(
        &[ada()],
        create_user(BOB, json!({"userName": "bob", "externalId": "x1"})),
        Ok(vec![bob()]),
    );
    check(&[ada(), bob()], put_user(BOB, json!({"userName": "Ada"})), taken());
    let rename = json!([{"op": "replace", "path": "userName", "value": "Ada"}]);
    check(&[ada(), bob()], patch_user(BOB, rename), taken());
}

#[test]
fn a_deleted_name_is_free_again() {
    let ada = json!({"userName": "ada"});
    let gone = [user_created(ADA, ada.clone()), user_deleted(ADA, ada.clone(), &[])];
    check(&gone, create_user(BOB, ada.clone()), Ok(vec![user_created(BOB, ada)]));
    let old = json!({"userName": "ada"});
    let new = json!({"userName": "lovelace"});
    let renamed =
        [user_created(ADA, old.clone()), user_updated(ADA, new, json!({"userName": "ada"}))];
    check(&renamed, create_user(BOB, old.clone()), Ok(vec![user_created(BOB, old)]));
}

#[test]
fn a_name_may_change_its_case() {
    let given = [user_created(ADA, json!({"userName": "ada"}))];
    let updated = user_updated(ADA, json!({"userName": "Ada"}), json!({"userName": "ada"}));
    check(&given, put_user(ADA, json!({"userName": "Ada"})), Ok(vec![updated]));
}

#[test]
fn the_type_of_event_follows_active() {
    let on = json!({"userName": "ada", "active": true});
    let off = json!({"userName": "ada", "active": false});
    let given = [user_created(ADA, on.clone())];
    let deactivated = user_deactivated(ADA, off.clone(), json!({"active": true}));
    check(&given, put_user(ADA, off.clone()), Ok(vec![deactivated.clone()]));
    let switch = |to: &str| json!([{"op": "Replace", "path": "active", "value": to}]);
    check(&given, patch_user(ADA, switch("False")), Ok(vec![deactivated.clone()]));
    check(&given, patch_user(ADA, switch("True")), Ok(vec![]));
    let given = [given[0].clone(), deactivated];
    let reactivated = user_reactivated(ADA, on.clone(), json!({"active": false}));
    check(&given, put_user(ADA, on), Ok(vec![reactivated]));
    let titled = json!({"userName": "ada", "title": "Countess", "active": false});
    let updated = user_updated(ADA, titled.clone(), json!({"title": null}));
    check(&given, put_user(ADA, titled), Ok(vec![updated]));
    check(&[], create_user(ADA, off.clone()), Ok(vec![user_created(ADA, off)]));
}

#[test]
fn if_match_is_compared_with_the_version() {
    let given = [
        user_created(ADA, json!({"userName": "ada"})),
        group_created(STAFF, json!({"displayName": "staff"})),
        added(STAFF, &[Member::User(ADA)]),
    ];
    let put = |expected| {
        let draft = user_body(json!({"userName": "ada"}));
        Command::ReplaceUser { id: ADA, expected, draft }
    };
    let stale = Err(Rejection::StaleVersion { current: Seq(3) });
    check(&given, put(Expected::Versions(vec![Seq(1), Seq(2)])), stale.clone());
    check(&given, put(Expected::Versions(vec![])), stale.clone());
    check(&given, put(Expected::Versions(vec![Seq(1), Seq(3)])), Ok(vec![]));
    check(&given, put(Expected::Exists), Ok(vec![]));
    let delete = |expected| Command::DeleteUser { id: ADA, expected };
    check(&given, delete(Expected::Versions(vec![Seq(2)])), stale);
    let deleted = user_deleted(ADA, json!({"userName": "ada"}), &[STAFF]);
    check(&given, delete(Expected::Versions(vec![Seq(3)])), Ok(vec![deleted]));
}

#[test]
fn nobody_can_be_changed_who_is_not_there() {
    let ada = json!({"userName": "ada"});
    let given = [user_created(ADA, ada.clone()), user_deleted(ADA, ada.clone(), &[])];
    let nobody = || Err(Rejection::NoSuchUser(ADA));
    check(&given, put_user(ADA, ada), nobody());
    check(&given, patch_user(ADA, json!([{"op": "remove", "path": "title"}])), nobody());
    check(&given, delete_user(ADA), nobody());
    check(&[], delete_user(ADA), nobody());
}

#[test]
fn the_state_names_what_a_user_is_found_by() {
    let attributes = json!({
        "userName": "Ada", "externalId": "X1", "active": false,
        "emails": [{"value": "Ada@x.org", "type": "work", "primary": true}, {"value": "a@home"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
            {"employeeNumber": "7", "manager": {"value": BOB.to_string()}},
    });
    let state = user_state(ADA, attributes);
    let email = |value: &str, kind: Option<&str>, primary| events::Email {
        value: value.to_owned(),
        kind: kind.map(str::to_owned),
        primary,
    };
    assert_eq!(
        state,
        events::UserState {
            resource: state.resource.clone(),
            user_name: "Ada".to_owned(),
            external_id: Some("X1".to_owned()),
            active: false,
            emails: vec![email("Ada@x.org", Some("work"), true), email("a@home", None, false)],
            employee_number: Some("7".to_owned()),
            manager: Some(BOB.to_string()),
            unique_keys: Vec::new(),
        }
    );
}

#[test]
fn a_resource_beyond_256_kib_is_refused() {
    let given = [user_created(ADA, json!({"userName": "ada"}))];
    let long = "x".repeat(256 * 1024);
    let body = json!({"userName": "ada", "title": long});
    for command in
        [create_user(BOB, json!({"userName": "bob", "title": long})), put_user(ADA, body)]
    {
        let refused = decide(&directory(&given), command, &LENIENT).unwrap_err().to_scim();
        assert_eq!((refused.status, refused.detail.contains("title")), (413, true));
    }
}

#[test]
fn tolerances_of_reading_and_of_applying_are_reported_together() {
    let given = [user_created(ADA, json!({"userName": "ada"}))];
    let command = patch_user(
        ADA,
        json!([
            {"op": "replace", "path": "active", "value": "False"},
            {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "a@x.org"},
        ]),
    );
    check_coercions(&given, command, &[Coercion::BooleanFromText, Coercion::ElementMadeForFilter]);
    check_coercions(&given, delete_user(ADA), &[]);
}
