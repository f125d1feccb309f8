//! What holds of any JSON whatever.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;
use crate::{
    resource::{Stored, create, diff, replace, to_bytes},
    schema::ResourceType,
};

/// Names that mean something somewhere, and some that don't.
fn names() -> impl Strategy<Value = String> {
    let known = "userName|USERNAME|name|active|emails|roles|photos|addresses|x509Certificates|members|displayName|externalId|\
                 schemas|id|meta|groups|password|manager|department|value|type|primary|display|\\$ref|givenName|familyName|\
                 name\\.givenName|[a-z]{1,3}";
    let qualified = prop::sample::select(vec![USER_URN, ENTERPRISE_URN, GROUP_URN]);
    prop_oneof![
        8 => known.prop_map(|name| name),
        1 => qualified.clone().prop_map(str::to_owned),
        1 => (qualified, "department|userName|manager\\.value|manager").prop_map(|(urn, name)| format!("{urn}:{name}")),
    ]
}

fn documents() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-5i64..100).prop_map(Value::from),
        "|a|b|A|ß|True|false|work|TWFu|\\{\"value\":\"x\"\\}|\\{\"value\":\"\\{\\}\"\\}|[a-zé ]{0,4}".prop_map(Value::from),
        Just(Value::from(USER_URN)),
    ];
    let object = |inner: BoxedStrategy<Value>| {
        prop::collection::vec((names(), inner), 0..7)
            .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>()))
    };
    let any = leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            object(inner.boxed()),
        ]
    });
    object(any.boxed()).prop_map(named)
}

/// With the names that are required, so that it can be created more often than not.
fn named(mut body: Value) -> Value {
    if let Value::Object(body) = &mut body {
        for name in ["userName", "displayName"] {
            if !body.keys().any(|key| key.eq_ignore_ascii_case(name)) {
                body.insert(name.into(), "ada".into());
            }
        }
    }
    body
}

fn types() -> impl Strategy<Value = &'static ResourceType> {
    prop_oneof![Just(user()), Just(group())]
}

fn profiles() -> impl Strategy<Value = Profile> {
    prop_oneof![3 => Just(Profile::LENIENT), 1 => Just(Profile::STRICT)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_document_is_read_or_refused(body in documents(), of in types(), profile in profiles()) {
        if let Err(error) = read(body, of, profile) {
            prop_assert_eq!(error.status, 400);
        }
    }

    #[test]
    fn canonical_form_is_stable(body in documents(), of in types()) {
        let Ok(draft) = read(body, of, Profile::LENIENT) else { return Ok(()) };
        let Ok(resource) = create(draft, "7", of) else { return Ok(()) };
        for profile in [Profile::LENIENT, Profile::STRICT] {
            let again = read(Value::Object(resource.clone()), of, profile);
            let again = again.map_err(|error| TestCaseError::fail(format!("{profile:?}: {error}: {resource:?}")))?;
            prop_assert!(again.coercions.is_empty(), "{:?} of {:?}", again.coercions, resource);
            let same = create(again.clone(), "7", of).map(|again| Value::Object(again).to_string());
            prop_assert_eq!(same, Ok(Value::Object(resource.clone()).to_string()));
        }
        let mut arranged = resource.clone();
        crate::resource::arrange(&mut arranged, of);
        prop_assert_eq!(Value::Object(arranged).to_string(), Value::Object(resource).to_string());
    }

    #[test]
    fn a_repeated_put_changes_nothing(first in documents(), second in documents(), profile in profiles()) {
        let created = read(first, user(), profile).and_then(|draft| create(draft, "7", user()));
        let (Ok(old), Ok(draft)) = (created, read(second, user(), profile)) else { return Ok(()) };
        let mut coercions = Coercions::default();
        let (old_bytes, created) = (to_bytes(&old).unwrap(), old);
        let old = Stored::new(&old_bytes).unwrap();
        let Ok(replaced) = replace(&old, draft.clone(), user(), profile, &mut coercions) else { return Ok(()) };
        let new_bytes = to_bytes(&replaced).unwrap();
        let new = Stored::new(&new_bytes).unwrap();
        let again = replace(&new, draft, user(), profile, &mut coercions);
        prop_assert_eq!(again.as_ref(), Ok(&replaced));
        prop_assert!(diff(&new, &new, user()).is_empty());
        let change = diff(&old, &new, user());
        prop_assert_eq!(change.is_empty(), without_schemas(&created) == without_schemas(&replaced));
        prop_assert_eq!(change.changed.len(), change.previous.len());
    }
}

fn without_schemas(resource: &Map<String, Value>) -> Map<String, Value> {
    let mut resource = resource.clone();
    resource.shift_remove("schemas");
    resource
}
