//! What holds for every filter: jumps don't change logic, and look-ups never miss a match.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Filter, Lookup, Query, schema};

/// Filters whose parts are known to hold or not, with what the whole must say.
fn decided() -> impl Strategy<Value = (String, bool)> {
    let leaf = prop_oneof![
        Just(("active pr".to_owned(), true)),
        Just(("title pr".to_owned(), false)),
        Just(("emails[type pr and not (value pr)]".to_owned(), true)),
        Just(("emails[value pr or display pr]".to_owned(), false)),
    ];
    leaf.prop_recursive(5, 32, 2, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            pair.clone().prop_map(|(a, b)| (format!("({}) and ({})", a.0, b.0), a.1 && b.1)),
            pair.prop_map(|(a, b)| (format!("({}) or ({})", a.0, b.0), a.1 || b.1)),
            inner.prop_map(|a| (format!("not ({})", a.0), !a.1)),
        ]
    })
}

/// Filters over few names and values, so that matches are frequent.
fn frequent() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "(id|userName|externalId|emails|emails[.]type|employeeNumber) (eq|ne|sw) \"[ab]\"",
        "emails\\[type eq \"[ab]\" (and|or) value (eq|ne) \"[ab]\"\\]",
        "emails\\[not [(]type eq \"[ab]\"[)] and value eq \"[ab]\"\\]",
        "emails\\[type eq \"[ab]\"\\][.]value eq \"[ab]\"",
        "title pr",
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            3 => pair.clone().prop_map(|(a, b)| format!("({a}) and ({b})")),
            3 => pair.prop_map(|(a, b)| format!("({a}) or ({b})")),
            1 => inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

fn users() -> impl Strategy<Value = Value> {
    let email = ("[abAB]", "[ab]").prop_map(|(value, kind)| json!({"value": value, "type": kind}));
    let emails = proptest::collection::vec(email, 0..3);
    let number = proptest::option::of("[ab]");
    ("[ab]", "[abAB]", proptest::option::of("[ab]"), number, emails).prop_map(
        |(id, user_name, external_id, number, emails)| {
            json!({"id": id, "userName": user_name, "externalId": external_id, "emails": emails,
                   (schema::ENTERPRISE_URN): {"employeeNumber": number}})
        },
    )
}

fn resolved(filter: &str) -> Query {
    Filter::parse(filter).and_then(|filter| filter.resolve(schema::user())).unwrap()
}

/// An index is as exact as its key: that user is under it.
fn finds(lookup: &Lookup, user: &Value) -> bool {
    let is = |value: &Value, key: &str| {
        value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(key))
    };
    match lookup {
        Lookup::Id(id) => user["id"] == id.as_str(),
        Lookup::UserName(key) => is(&user["userName"], key),
        Lookup::ExternalId(id) => user["externalId"] == id.as_str(),
        Lookup::EmployeeNumber(key) => is(&user[schema::ENTERPRISE_URN]["employeeNumber"], key),
        Lookup::Email { value, kind } => user["emails"].as_array().unwrap().iter().any(|email| {
            is(&email["value"], value) && kind.as_ref().is_none_or(|kind| is(&email["type"], kind))
        }),
        Lookup::DisplayName(_) | Lookup::Member(_) => false,
    }
}

proptest! {
    #[test]
    fn skipping_what_is_decided_changes_nothing((filter, expected) in decided()) {
        let user = json!({"active": true, "emails": [{"type": "work"}]});
        prop_assume!(Filter::parse(&filter).is_ok());
        prop_assert_eq!(resolved(&filter).matches(user.as_object().unwrap()), expected);
        let printed = Filter::parse(&filter).unwrap().to_string();
        prop_assert_eq!(resolved(&printed).matches(user.as_object().unwrap()), expected);
    }

    #[test]
    fn rule_12_lookups_hold_every_match(filter in frequent(), user in users()) {
        let query = resolved(&filter);
        if let Some(lookups) = query.lookup() && query.matches(user.as_object().unwrap()) {
            prop_assert!(lookups.iter().any(|lookup| finds(lookup, &user)), "{:?}", lookups);
        }
    }
}
