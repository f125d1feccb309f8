//! The table of RFC 7644 §3.5.2, in RFC form: both profiles agree, nothing is noted.

use serde_json::json;

use super::{bare, check, check_rfc, enterprise, of_enterprise, op, remove, user};
use crate::Coercion;

#[test]
fn single_values_are_replaced() {
    for verb in ["add", "replace"] {
        check_rfc(
            user(json!({})),
            op(verb, "nickName", json!("Babs")),
            user(json!({"nickName": "Babs"})),
        );
        let before = user(json!({"nickName": "Ada", "title": "Dr"}));
        let after = user(json!({"nickName": "Babs", "title": "Dr"}));
        check_rfc(before, op(verb, "nickName", json!("Babs")), after);
        check_rfc(
            user(json!({})),
            op(verb, "NICKNAME", json!("B")),
            user(json!({"nickName": "B"})),
        );
        let after = user(json!({"externalId": "x"}));
        check_rfc(user(json!({})), op(verb, "externalId", json!("x")), after);
        check_rfc(
            user(json!({})),
            op(verb, "active", json!(false)),
            user(json!({"active": false})),
        );
    }
    check_rfc(user(json!({"title": "Dr"})), remove("title"), user(json!({})));
    check_rfc(user(json!({"title": "Dr"})), op("replace", "title", json!(null)), user(json!({})));
}

#[test]
fn complex_values_are_merged() {
    let before = || user(json!({"name": {"givenName": "Ada", "familyName": "King"}}));
    for verb in ["add", "replace"] {
        let after = || user(json!({"name": {"givenName": "Ada", "familyName": "Lovelace"}}));
        check_rfc(before(), op(verb, "name", json!({"familyName": "Lovelace"})), after());
        check_rfc(before(), op(verb, "name.familyName", json!("Lovelace")), after());
        check_rfc(before(), bare(verb, json!({"name": {"FamilyName": "Lovelace"}})), after());
        let after = user(json!({"name": {"givenName": "Ada"}}));
        check_rfc(before(), op(verb, "name", json!({"familyName": null})), after);
        check_rfc(before(), op(verb, "name", json!({})), before());
        check_rfc(
            user(json!({})),
            op(verb, "name.givenName", json!("A")),
            user(json!({"name": {"givenName": "A"}})),
        );
    }
    check_rfc(before(), remove("name"), user(json!({})));
    check_rfc(before(), remove("name.givenName"), user(json!({"name": {"familyName": "King"}})));
    let both = json!([{"op": "remove", "path": "name.givenName"}, {"op": "remove", "path": "name.familyName"}]);
    check_rfc(before(), both, user(json!({})));
}

#[test]
fn lists_are_appended_to_replaced_and_cleared() {
    let work = json!({"value": "a@work", "type": "work", "primary": true});
    let home = json!({"value": "a@home", "type": "home"});
    let before = || user(json!({"emails": [work]}));
    check_rfc(before(), op("add", "emails", json!([home])), user(json!({"emails": [work, home]})));
    check_rfc(before(), op("replace", "emails", json!([home])), user(json!({"emails": [home]})));
    check_rfc(
        user(json!({})),
        op("replace", "emails", json!([home])),
        user(json!({"emails": [home]})),
    );
    check_rfc(before(), remove("emails"), user(json!({})));
    check_rfc(before(), op("replace", "emails", json!([])), user(json!({})));
    check_rfc(before(), op("add", "emails", json!([])), before());
    // The order of keys makes no other element.
    let again = json!([{"primary": true, "type": "work", "value": "a@work"}]);
    check_rfc(before(), op("add", "emails", again), before());
    check_rfc(
        before(),
        bare("add", json!({"emails": [home, home]})),
        user(json!({"emails": [work, home]})),
    );
}

#[test]
fn elements_are_selected_by_brackets() {
    let emails = json!([{"value": "a@work", "type": "work"}, {"value": "a@home", "type": "home"}]);
    let before = || user(json!({"emails": emails}));
    let after = |work: &str| user(json!({"emails": [{"value": work, "type": "work"}, emails[1]]}));
    for verb in ["add", "replace"] {
        let path = r#"emails[type eq "WORK"].value"#;
        check_rfc(before(), op(verb, path, json!("b@work")), after("b@work"));
        let path = r#"emails[not (type eq "home") and value sw "A"].value"#;
        check_rfc(before(), op(verb, path, json!("b@work")), after("b@work"));
    }
    let one = || user(json!({"emails": [emails[1]]}));
    check_rfc(before(), remove(r#"emails[type eq "work"]"#), one());
    check_rfc(before(), remove(r#"emails[type eq "work" or type eq "home"]"#), user(json!({})));
    check_rfc(before(), op("replace", r#"emails[type eq "work"].value"#, json!(null)), one());
    let typeless = user(json!({"emails": [{"value": "a@work"}, emails[1]]}));
    check_rfc(before(), remove(r#"emails[type eq "work"].type"#), typeless);
    // add merges, replace replaces.
    let value = json!({"type": "work", "display": "Work"});
    let merged = json!([{"value": "a@work", "display": "Work", "type": "work"}, emails[1]]);
    let path = r#"emails[type eq "work"]"#;
    check_rfc(before(), op("add", path, value.clone()), user(json!({"emails": merged})));
    let replaced = json!([{"display": "Work", "type": "work"}, emails[1]]);
    check_rfc(before(), op("replace", path, value), user(json!({"emails": replaced})));
    // Without brackets all are meant.
    let labelled = json!([{"value": "a@work", "display": "x", "type": "work"},
                          {"value": "a@home", "display": "x", "type": "home"}]);
    check_rfc(
        before(),
        op("replace", "emails.display", json!("x")),
        user(json!({"emails": labelled})),
    );
    check_rfc(before(), remove("emails.value"), user(json!({})));
}

#[test]
fn a_new_primary_element_takes_the_mark() {
    let before = || {
        user(
            json!({"emails": [{"value": "a", "type": "work", "primary": true}, {"value": "b", "type": "home"}]}),
        )
    };
    let after = json!([{"value": "a", "type": "work", "primary": false}, {"value": "b", "type": "home", "primary": true}]);
    let moved = || user(json!({"emails": after}));
    let noted = [Coercion::PrimaryCleared];
    check(
        before(),
        op("replace", r#"emails[type eq "home"].primary"#, json!(true)),
        moved(),
        &noted,
    );
    let value = json!({"value": "b", "type": "home", "primary": true});
    check(before(), op("replace", r#"emails[value eq "b"]"#, value), moved(), &noted);
    let added = json!([{"value": "c", "type": "other", "primary": true}]);
    let three = json!([{"value": "a", "type": "work", "primary": false}, {"value": "b", "type": "home"}, added[0]]);
    check(before(), op("add", "emails", added), user(json!({"emails": three})), &noted);
    // No other was set: nothing is noted.
    check_rfc(before(), op("replace", r#"emails[type eq "work"].primary"#, json!(true)), before());
    let again = json!([{"value": "a", "type": "work", "primary": true}]);
    check_rfc(before(), op("add", "emails", again), before());
}

#[test]
fn extensions_come_and_go_with_their_urn() {
    let department = of_enterprise("department");
    let with = || enterprise(json!({"department": "Engines"}));
    check_rfc(user(json!({})), op("add", &department, json!("Engines")), with());
    check_rfc(with(), remove(&department), user(json!({})));
    check_rfc(with(), remove(crate::schema::ENTERPRISE_URN), user(json!({})));
    let both = || enterprise(json!({"costCenter": "7", "department": "Engines"}));
    check_rfc(both(), remove(&department), enterprise(json!({"costCenter": "7"})));
    let urn = crate::schema::ENTERPRISE_URN;
    for verb in ["add", "replace"] {
        check_rfc(with(), op(verb, urn, json!({"costCenter": "7"})), both());
        check_rfc(with(), bare(verb, json!({urn: {"costCenter": "7"}})), both());
        check_rfc(
            with(),
            bare(verb, json!({urn: {"costCenter": "7", "department": null}})),
            enterprise(json!({"costCenter": "7"})),
        );
        let manager = enterprise(json!({"manager": {"value": "m"}}));
        check_rfc(
            user(json!({})),
            op(verb, &of_enterprise("manager"), json!({"value": "m"})),
            manager.clone(),
        );
        check_rfc(user(json!({})), op(verb, &of_enterprise("manager.value"), json!("m")), manager);
    }
    check_rfc(with(), bare("replace", json!({urn: null})), user(json!({})));
}

#[test]
fn operations_see_what_those_before_them_did() {
    let operations = json!([
        {"op": "add", "path": "emails", "value": [{"value": "a", "type": "work"}]},
        {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "b"},
        {"op": "add", "path": "title", "value": "Dr"},
        {"op": "remove", "path": "title"},
        {"op": "add", "path": "nickName", "value": "x"},
        {"op": "replace", "path": "nickName", "value": "y"},
    ]);
    let after = user(json!({"nickName": "y", "emails": [{"value": "b", "type": "work"}]}));
    check_rfc(user(json!({})), operations, after);
}
