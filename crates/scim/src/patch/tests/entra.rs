//! What Entra ID sends, in both dialects, and what Okta sends for users.

use serde_json::json;

use super::{bare, check, enterprise, of_enterprise, op, remove, user};
use crate::{Coercion, schema::ENTERPRISE_URN};

#[test]
fn the_default_dialect() {
    check(
        user(json!({"active": true})),
        op("Replace", "active", json!("False")),
        user(json!({"active": false})),
        &[Coercion::BooleanFromText],
    );
    let none: &[Coercion] = &[];
    check(
        user(json!({})),
        op("Add", "nickName", json!("Babs")),
        user(json!({"nickName": "Babs"})),
        none,
    );
    let before = enterprise(json!({"employeeNumber": "1"}));
    let operations = json!([
        {"op": "Replace", "path": "displayName", "value": "Bjfe"},
        {"op": "Replace", "path": "name.givenName", "value": "Kkom"},
        {"op": "Replace", "path": "externalId", "value": "ext"},
        {"op": "Add", "path": of_enterprise("employeeNumber"), "value": "Aklq"},
    ]);
    let after =
        user(json!({"externalId": "ext", "displayName": "Bjfe", "name": {"givenName": "Kkom"},
                            ENTERPRISE_URN: {"employeeNumber": "Aklq"}}));
    check(before, operations, after, none);
}

#[test]
fn rule_7_flattened_keys_of_the_other_dialect() {
    let value = json!({
        "displayName": "Bjfe", "name.givenName": "Kkom", "name.familyName": "Unua",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber": "Aklq",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value": "m",
        "urn:ietf:params:scim:schemas:core:2.0:User:title": "Dr",
        "emails[type eq \"work\"].value": "b@work",
    });
    let after = || {
        user(
            json!({"displayName": "Bjfe", "name": {"givenName": "Kkom", "familyName": "Unua"}, "title": "Dr",
                    "emails": [{"value": "b@work", "type": "work"}],
                    ENTERPRISE_URN: {"employeeNumber": "Aklq", "manager": {"value": "m"}}}),
        )
    };
    let before = || user(json!({"emails": [{"value": "a@work", "type": "work"}]}));
    check(before(), bare("replace", value.clone()), after(), &[Coercion::FlattenedKey]);
    check(before(), bare("add", value), after(), &[Coercion::FlattenedKey]);
    let nested = json!({"urn:ietf:params:scim:schemas:core:2.0:User": {"title": "Dr", "NAME": {"givenName": "A"}}});
    check(
        user(json!({})),
        bare("replace", nested),
        user(json!({"title": "Dr", "name": {"givenName": "A"}})),
        &[],
    );
}

#[test]
fn rule_7_manager_in_all_its_forms() {
    let with = || enterprise(json!({"manager": {"value": "271"}}));
    let path = of_enterprise("manager");
    check(user(json!({})), op("Add", &path, json!("271")), with(), &[Coercion::ComplexFromText]);
    check(
        enterprise(json!({"manager": {"value": "1"}})),
        op("replace", &path, json!("271")),
        with(),
        &[Coercion::ComplexFromText],
    );
    let list = json!([{"$ref": "http://x/Users/271", "value": "271"}]);
    check(
        user(json!({})),
        op("Add", "manager", list),
        with(),
        &[Coercion::SingleFromList, Coercion::AliasUnderstood],
    );
    let dotted = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager";
    check(
        user(json!({})),
        op("add", dotted, json!("271")),
        with(),
        &[Coercion::ComplexFromText, Coercion::AliasUnderstood],
    );
    check(
        user(json!({})),
        op("add", &path, json!({"$ref": "../Users/271"})),
        with(),
        &[Coercion::AliasUnderstood],
    );
    check(
        user(json!({})),
        op("add", &path, json!(271)),
        with(),
        &[Coercion::TextFromNumber, Coercion::ComplexFromText],
    );
    // The value counts, not the reference beside it.
    let both = json!({"$ref": "../Users/999", "value": "271"});
    check(user(json!({})), op("add", &path, both), with(), &[]);
    // Cleared: by "", by null, by Remove, by the only sub-attribute.
    let cleared = [Coercion::EmptyTextCleared];
    check(with(), op("replace", &path, json!("")), user(json!({})), &cleared);
    check(with(), op("replace", &path, json!({"value": ""})), user(json!({})), &cleared);
    check(
        with(),
        op("replace", &of_enterprise("manager.value"), json!("")),
        user(json!({})),
        &cleared,
    );
    check(with(), op("replace", &path, json!(null)), user(json!({})), &[]);
    check(with(), remove(&path), user(json!({})), &[]);
    check(with(), remove(&of_enterprise("manager.value")), user(json!({})), &[]);
    // What is computed on reading is no one's to set, but harmless in a value.
    check(
        user(json!({})),
        op("add", &path, json!({"value": "271", "displayName": "Boss"})),
        with(),
        &[],
    );
}

#[test]
fn rule_7_a_value_path_without_match_makes_one_element() {
    let made = [Coercion::ElementMadeForFilter];
    for verb in ["Add", "Replace"] {
        let operations = json!([
            {"op": verb, "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+1 555 0100"},
            {"op": verb, "path": "addresses[type eq \"work\"].streetAddress", "value": "12 St James Square"},
            {"op": verb, "path": "addresses[type eq \"work\"].locality", "value": "London"},
            {"op": verb, "path": "addresses[type eq \"work\"].country", "value": "GB"},
        ]);
        let after = user(
            json!({"phoneNumbers": [{"value": "+1 555 0100", "type": "mobile"}], "addresses":
            [{"type": "work", "streetAddress": "12 St James Square", "locality": "London", "country": "GB"}]}),
        );
        check(user(json!({})), operations, after, &made);
    }
    // Beside another element.
    let home = json!({"value": "h", "type": "home"});
    let before = user(json!({"emails": [home]}));
    let after = user(json!({"emails": [home, {"value": "w", "type": "work"}]}));
    check(before, op("replace", r#"emails[type eq "work"].value"#, json!("w")), after, &made);
    // The value of the whole element; the brackets say its type.
    let after = || user(json!({"emails": [{"value": "w", "type": "work"}]}));
    check(
        user(json!({})),
        op("add", r#"emails[type eq "work"]"#, json!({"value": "w"})),
        after(),
        &made,
    );
    let text = [Coercion::ElementMadeForFilter, Coercion::ComplexFromText];
    check(user(json!({})), op("replace", r#"emails[type eq "work"]"#, json!("w")), after(), &text);
    let before = user(json!({"emails": [{"value": "v", "type": "work", "display": "d"}]}));
    check(before, op("replace", r#"emails[type eq "work"]"#, json!({"value": "w"})), after(), &[]);
    // Nothing to clear makes nothing.
    check(
        user(json!({})),
        op("replace", r#"emails[type eq "work"].value"#, json!("")),
        user(json!({})),
        &[Coercion::EmptyTextCleared],
    );
}

#[test]
fn rule_7_roles_as_text_and_by_primary() {
    let admin = || user(json!({"roles": [{"value": "Admin", "primary": true}]}));
    let path = r#"roles[primary eq "True"].value"#;
    let noted = [Coercion::BooleanFromText, Coercion::ElementMadeForFilter];
    check(user(json!({})), op("Add", path, json!("Admin")), admin(), &noted);
    let before = user(json!({"roles": [{"value": "User", "primary": true}]}));
    check(before, op("Add", path, json!("Admin")), admin(), &[Coercion::BooleanFromText]);
    let after =
        user(json!({"roles": [{"value": "Admin", "display": "The boss", "primary": true}]}));
    let noted = [Coercion::BooleanFromText, Coercion::AliasUnderstood];
    check(
        admin(),
        op("Add", r#"roles[primary eq "True"].displayName"#, json!("The boss")),
        after,
        &noted,
    );
    let text = r#"{"id":"06b07648","value":"User","displayName":"User"}"#;
    let after = user(json!({"roles": [{"value": "User", "display": "User"}]}));
    let (changed, _, coercions) = super::patched(
        &user(json!({})),
        &op("Add", "roles", json!([{"value": text}])),
        crate::Profile::LENIENT,
    )
    .unwrap();
    assert_eq!(super::text(&changed), super::text(&after));
    assert!(coercions.contains(Coercion::ComplexFromJsonText));
    let roles = json!([{"primary": false, "type": "WindowsAzureActiveDirectoryRole", "display": "User", "value": "User"},
                       {"primary": false, "type": "WindowsAzureActiveDirectoryRole", "display": "Test", "value": "Test"}]);
    check(admin(), op("replace", "roles", roles.clone()), user(json!({"roles": roles})), &[]);
}

#[test]
fn rule_7_empty_text_clears() {
    let before = user(
        json!({"externalId": "x", "nickName": "n", "phoneNumbers": [{"value": "1", "type": "mobile", "primary": true}],
                             "name": {"givenName": "A"}, ENTERPRISE_URN: {"department": "D"}}),
    );
    let operations = json!([
        {"op": "replace", "path": "nickName", "value": ""},
        {"op": "replace", "path": "externalId", "value": ""},
        {"op": "Add", "path": "name.givenName", "value": ""},
        {"op": "replace", "path": "phoneNumbers[type eq \"mobile\"].value", "value": ""},
        {"op": "replace", "path": of_enterprise("department"), "value": ""},
        {"op": "replace", "path": "addresses", "value": ""},
    ]);
    check(before, operations, user(json!({})), &[Coercion::EmptyTextCleared]);
    let before = enterprise(json!({"department": "D"}));
    check(
        before,
        op("replace", ENTERPRISE_URN, json!("")),
        user(json!({})),
        &[Coercion::EmptyTextCleared],
    );
}

#[test]
fn rule_7_what_is_custom_or_dropped_is_ignored() {
    let before = || user(json!({"title": "Dr"}));
    let unknown = [Coercion::UnknownAttributeIgnored];
    let custom = "urn:ietf:params:scim:schemas:core:2.0:User:role";
    check(before(), op("Add", custom, json!("admin")), before(), &unknown);
    check(before(), op("Add", "urn:acme:hr:2.0:User:badge", json!("7")), before(), &unknown);
    check(before(), remove(custom), before(), &unknown);
    let value = json!({"favouriteColour": "red", "urn:acme:hr:2.0:User": {"badge": "7"}, "name": {"nick": "x"}});
    check(before(), bare("replace", value), before(), &unknown);
    // Okta's password synchronisation.
    for operations in [
        bare("replace", json!({"password": "t1meMa$heen"})),
        op("replace", "password", json!("t1meMa$heen")),
        remove("password"),
    ] {
        check(before(), operations, before(), &[]);
    }
}

#[test]
fn rule_7_the_servers_own_attributes_in_a_value_are_ignored() {
    let value = json!({"id": "id-1", "schemas": ["urn:x"], "meta": {"version": "W/\"1\""}, "groups": [{"value": "g"}],
                       "displayName": "Ada"});
    check(user(json!({})), bare("replace", value), user(json!({"displayName": "Ada"})), &[]);
}

#[test]
fn removing_what_is_not_there_succeeds() {
    let before = || user(json!({"emails": [{"value": "h", "type": "home"}]}));
    for path in [
        "title".to_owned(),
        "name.givenName".to_owned(),
        r#"emails[type eq "work"]"#.to_owned(),
        r#"emails[type eq "work"].value"#.to_owned(),
        r#"ims[type co "x"].value"#.to_owned(),
        of_enterprise("department"),
        ENTERPRISE_URN.to_owned(),
    ] {
        check(before(), remove(&path), before(), &[Coercion::RemovedNothing]);
    }
}

#[test]
fn remove_with_a_value_removes_what_it_names() {
    let before = || {
        user(
            json!({"roles": [{"value": "a"}, {"value": "b", "type": "x"}, {"value": "B", "type": "y"}]}),
        )
    };
    let by_value = [Coercion::RemoveByValue];
    let after = user(json!({"roles": [{"value": "b", "type": "x"}, {"value": "B", "type": "y"}]}));
    check(before(), op("Remove", "roles", json!([{"value": "A"}])), after, &by_value);
    let after = user(json!({"roles": [{"value": "a"}, {"value": "B", "type": "y"}]}));
    check(before(), op("Remove", "roles", json!([{"value": "B", "type": "X"}])), after, &by_value);
    check(
        before(),
        op("Remove", "roles", json!([{"value": "b"}])),
        user(json!({"roles": [{"value": "a"}]})),
        &by_value,
    );
    let nothing = [Coercion::RemoveByValue, Coercion::RemovedNothing];
    check(before(), op("Remove", "roles", json!([{"value": "c"}])), before(), &nothing);
    check(before(), op("Remove", "roles", json!([])), before(), &nothing);
}
