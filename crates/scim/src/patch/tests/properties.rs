//! Whatever is sent: no panic, and a canonical resource or an untouched one.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{patched, user};
use crate::{
    Coercions, Patch, Profile,
    schema::{self, ENTERPRISE_URN},
};

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(Value::from),
        "[a-c]|True|false||\\PC{0,6}".prop_map(Value::from),
        Just(json!("{\"value\":\"x\",\"displayName\":\"y\"}")),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let keys = prop_oneof![keys(), "[a-z]{1,4}"];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((keys, inner), 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

fn keys() -> impl Strategy<Value = String> {
    let names = [
        "id",
        "meta",
        "schemas",
        "userName",
        "name",
        "name.givenName",
        "givenName",
        "active",
        "title",
        "emails",
        "value",
        "type",
        "primary",
        "display",
        "displayName",
        "addresses",
        "roles",
        "manager",
        "department",
        "groups",
        "members",
        "$ref",
        "password",
        "x509Certificates",
        "emails.value",
        "op",
        "path",
        "Operations",
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:ietf:params:scim:schemas:core:2.0:User:title",
        ENTERPRISE_URN,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
        "externalId",
    ];
    proptest::sample::select(names.to_vec()).prop_map(str::to_owned)
}

fn paths() -> impl Strategy<Value = String> {
    let subs =
        ["", ".value", ".type", ".primary", ".display", ".displayName", ".streetAddress", ".x"];
    let bracketed =
        (keys(), proptest::sample::select(&FILTERS[..]), proptest::sample::select(subs.to_vec()));
    prop_oneof![
        3 => keys(),
        3 => bracketed.prop_map(|(name, filter, sub)| format!("{name}[{filter}]{sub}")),
        1 => "\\PC{0,12}",
    ]
}

const FILTERS: [&str; 6] = [
    "type eq \"a\"",
    "primary eq \"True\"",
    "value eq b or type pr",
    "not (value eq \"a\")",
    "type eq \"a\" and value eq \"b\"",
    "x",
];

/// Mostly well formed, so that much of it applies.
fn operations() -> impl Strategy<Value = Value> {
    let verbs = proptest::sample::select(vec!["add", "Add", "replace", "remove", "Remove", "move"]);
    let operation = (
        verbs,
        proptest::option::weighted(0.8, paths()),
        proptest::option::weighted(0.8, values()),
    );
    let operation = operation.prop_map(|(op, path, value)| {
        let mut operation = json!({"op": op});
        let entries = operation.as_object_mut().unwrap();
        entries.extend(path.map(|path| ("path".to_owned(), path.into())));
        entries.extend(value.map(|value| ("value".to_owned(), value)));
        operation
    });
    proptest::collection::vec(operation, 1..5).prop_map(Value::from)
}

fn before() -> Map<String, Value> {
    user(
        json!({"title": "Dr", "name": {"givenName": "Ada"}, "roles": [{"value": "a", "primary": true}],
                "emails": [{"value": "a", "type": "a", "primary": true}, {"value": "b", "type": "b"}],
                ENTERPRISE_URN: {"department": "D", "manager": {"value": "m"}}}),
    )
}

proptest! {
    #[test]
    fn any_body_is_read_or_refused(body in values(), strict in any::<bool>()) {
        let profile = if strict { Profile::STRICT } else { Profile::LENIENT };
        for of in [schema::user(), schema::group()] {
            if let Ok(patch) = Patch::parse(body.clone(), of, profile) {
                let mut resource = before();
                prop_assert!(patch.apply(&mut resource, of, &mut Coercions::default()).is_ok() || resource == before());
            }
        }
    }

    #[test]
    fn what_applies_leaves_a_canonical_resource(operations in operations(), strict in any::<bool>()) {
        let profile = if strict { Profile::STRICT } else { Profile::LENIENT };
        // `patched` asserts both.
        if let Ok((after, _, _)) = patched(&before(), &operations, profile) {
            prop_assert_eq!(&after["id"], &json!("id-1"));
            prop_assert!(after["active"].is_boolean() && after["userName"].is_string());
        }
    }

    #[test]
    fn doing_it_twice_changes_nothing_more(operations in operations()) {
        // Only for requests whose operations don't undo each other: one operation.
        let one = json!([operations[0]]);
        if let Ok((once, _, _)) = patched(&before(), &one, Profile::LENIENT)
            && let Ok((twice, _, _)) = patched(&once, &one, Profile::LENIENT)
        {
            prop_assert_eq!(twice, once);
        }
    }
}
