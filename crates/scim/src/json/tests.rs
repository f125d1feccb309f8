//! Tests of the strict JSON reader.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{FEW_KEYS, JSON_DEPTH_MAX, parse};
use crate::ScimType;

fn check(body: &str, expected: Value) {
    assert_eq!(parse(body.as_bytes()), Ok(expected), "{body}");
}

/// The refusal names all of `parts`.
fn refuse(body: &[u8], parts: &[&str]) {
    let error = parse(body).expect_err("is refused");
    assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidSyntax)));
    for part in parts {
        assert!(error.detail.contains(part), "{part:?} is not in {:?}", error.detail);
    }
}

#[test]
fn documents_are_read_as_they_stand() {
    check(
        r#"{"b":[1,-2,3.5,null,true,"x\u00e9"],"a":{}}"#,
        json!({"b": [1, -2, 3.5, null, true, "xé"], "a": {}}),
    );
    check("\u{feff}{}", json!({}));
    check(" 7 ", json!(7));
    check("18446744073709551615", json!(u64::MAX));
    let keys: Vec<_> = parse(br#"{"z":1,"a":2,"m":3}"#)
        .ok()
        .and_then(|value| value.as_object().map(|object| object.keys().cloned().collect()))
        .unwrap_or_default();
    assert_eq!(keys, ["z", "a", "m"], "keys keep their order");
}

#[test]
fn what_is_no_json_is_refused_with_line_and_column() {
    refuse(b"", &["empty"]);
    refuse(b" \n", &["empty"]);
    refuse(b"{\"userName\":\n  tru}", &["line 2", "column"]);
    refuse(b"{} {}", &["trailing", "line 1 column 4"]);
    refuse(b"{\"a\":1e999}", &["number out of range", "line 1"]);
    refuse(b"{\"a\":\"\xff\"}", &["line 1"]);
    refuse(b"{\"a\":\"\\ud800\"}", &["line 1"]);
    refuse(b"<html>", &["line 1 column 1"]);
}

#[test]
fn depth_64_is_read_and_depth_65_is_not() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(nested(JSON_DEPTH_MAX).as_bytes()).is_ok());
    refuse(nested(JSON_DEPTH_MAX + 1).as_bytes(), &["64 levels", "line 1 column 66"]);
    refuse("[".repeat(100_000).as_bytes(), &["64 levels"]);
    let objects = format!("{}1{}", r#"{"a":"#.repeat(65), "}".repeat(65));
    refuse(objects.as_bytes(), &["64 levels"]);
}

#[test]
fn a_key_twice_is_refused_in_whatever_case() {
    refuse(br#"{"userName":"a","userName":"b"}"#, &["\"userName\" twice", "line 1 column 26"]);
    refuse(br#"{"userName":"a","USERNAME":"b"}"#, &["\"USERNAME\" twice", "another case"]);
    refuse(r#"{"straße":1,"STRASSE":2}"#.as_bytes(), &["\"STRASSE\" twice"]);
    refuse(br#"{"name":{"a":1,"A":2}}"#, &["\"A\" twice"]);
    check(r#"[{"a":1},{"A":2}]"#, json!([{"a": 1}, {"A": 2}]));
}

#[test]
fn a_key_twice_is_found_among_many() {
    let entries: Vec<_> = (0..FEW_KEYS * 3).map(|n| format!("\"key{n}\":{n}")).collect();
    assert!(parse(format!("{{{}}}", entries.join(",")).as_bytes()).is_ok());
    for again in ["key0", "KEY0", "Key70", "key71"] {
        let body = format!("{{{},\"{again}\":0}}", entries.join(","));
        refuse(body.as_bytes(), &[again, "twice"]);
    }
}

/// Documents whose keys are unique in every case.
fn documents() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e15..1e15).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{0,6}|é|\\$ref", inner, 0..6)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #[test]
    fn agrees_with_serde_json(document in documents()) {
        for body in [serde_json::to_vec(&document), serde_json::to_vec_pretty(&document)] {
            let body = body.unwrap_or_default();
            let expected: Value = serde_json::from_slice(&body).unwrap_or_default();
            prop_assert_eq!(parse(&body), Ok(expected));
        }
    }

    #[test]
    fn never_panics(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let expected: Result<Value, _> = serde_json::from_slice(&body);
        // What it accepts, serde_json accepts too.
        prop_assert!(parse(&body).is_err() || expected.is_ok() || body.starts_with(b"\xef\xbb\xbf"));
    }

    #[test]
    fn never_panics_on_what_looks_like_json(body in "[\\[\\]{}:,\"a0-9eE.+-]{0,80}") {
        prop_assert!(parse(body.as_bytes()).is_err() || serde_json::from_str::<Value>(&body).is_ok());
    }
}
