//! PATCH: the table of RFC 7644 §3.5.2, what identity providers send, and what is refused.

mod custom;
mod deactivation;
mod entra;
mod members;
mod paths;
mod properties;
mod refused;
mod strict;
mod table;

use serde_json::{Map, Value, json};

use crate::{
    Coercion, Coercions, Error, MemberOp, Patch, Profile, ScimType, resource,
    schema::{self, ENTERPRISE_URN, Extension, PATCH_URN, ResourceType, Schema},
};

/// A user of that profile: `id`, `userName` and `active` are put in where they are missing.
fn user(attributes: Value) -> Map<String, Value> {
    let mut body = json!({"userName": "ada"});
    body.as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
    canonical(body, schema::user())
}

fn group(attributes: Value) -> Map<String, Value> {
    let mut body = json!({"displayName": "Analysts"});
    body.as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
    canonical(body, schema::group())
}

fn canonical(body: Value, of: &ResourceType) -> Map<String, Value> {
    let draft = resource::read(body, of, Profile::LENIENT).unwrap();
    resource::create(draft, "id-1", of).unwrap()
}

/// The resource, what is to be done to members, and the tolerances.
type Patched = (Map<String, Value>, Vec<MemberOp>, Coercions);

/// Applies those operations. The resource is untouched if they are refused, and canonical if not.
fn patched(
    resource: &Map<String, Value>,
    operations: &Value,
    profile: Profile,
) -> Result<Patched, Error> {
    let of = if resource.contains_key("userName") { schema::user() } else { schema::group() };
    let body = json!({"schemas": [PATCH_URN], "Operations": operations});
    let patch = Patch::parse(body, of, profile)?;
    let mut coercions = *patch.coercions();
    let mut changed = resource.clone();
    if let Err(error) = patch.apply(&mut changed, of, &mut coercions) {
        assert_eq!(text(&changed), text(resource), "half applied: {operations}");
        assert_eq!(coercions, *patch.coercions());
        return Err(error);
    }
    assert_canonical(&changed, of);
    Ok((changed, patch.members().to_vec(), coercions))
}

/// What `read` and `create` would have made of it.
fn assert_canonical(resource: &Map<String, Value>, of: &ResourceType) {
    let again = canonical(Value::Object(resource.clone()), of);
    assert_eq!(text(resource), text(&again), "not in canonical form");
}

/// Order counts.
fn text(resource: &Map<String, Value>) -> String {
    serde_json::to_string_pretty(resource).unwrap()
}

/// `operations` make `after` of `before`, with exactly those tolerances.
fn check(
    before: Map<String, Value>,
    operations: Value,
    after: Map<String, Value>,
    noted: &[Coercion],
) {
    let outcome = patched(&before, &operations, Profile::LENIENT);
    let (changed, members, coercions) =
        outcome.unwrap_or_else(|error| panic!("{operations}: {error}"));
    assert_eq!(text(&changed), text(&after), "{operations}");
    assert_eq!(members, [], "{operations}");
    let expected: Coercions = noted.iter().copied().collect();
    assert_eq!(coercions, expected, "{operations}");
}

/// The same in RFC form: strict takes it too, and nothing is noted.
fn check_rfc(before: Map<String, Value>, operations: Value, after: Map<String, Value>) {
    let (changed, _, coercions) = patched(&before, &operations, Profile::STRICT)
        .unwrap_or_else(|error| panic!("{operations}: {error}"));
    assert_eq!(text(&changed), text(&after), "{operations}");
    assert!(coercions.is_empty(), "{operations}: {coercions:?}");
    check(before, operations, after, &[]);
}

/// `operations` are refused with that type and a text that starts like that, behind `Operations[0]: `.
fn refused(before: Map<String, Value>, operations: Value, scim_type: ScimType, detail: &str) {
    refused_by(Profile::LENIENT, before, operations, scim_type, detail);
}

fn refused_by(
    profile: Profile,
    before: Map<String, Value>,
    operations: Value,
    scim_type: ScimType,
    detail: &str,
) {
    let error = patched(&before, &operations, profile).expect_err(&operations.to_string());
    assert_eq!((error.status, error.scim_type), (400, Some(scim_type)), "{operations}: {error}");
    let expected = format!("Operations[0]: {detail}");
    assert!(error.detail.starts_with(&expected), "{operations}: {error}");
}

/// Users with one more extension.
fn of_user_with(schema: Schema) -> ResourceType {
    let mut of = schema::user().clone();
    of.extensions.push(Extension { schema, required: false });
    of
}

/// `{op, path, value}`.
fn op(op: &str, path: &str, value: Value) -> Value {
    json!([{"op": op, "path": path, "value": value}])
}

fn remove(path: &str) -> Value {
    json!([{"op": "remove", "path": path}])
}

/// No path.
fn bare(op: &str, value: Value) -> Value {
    json!([{"op": op, "value": value}])
}

fn enterprise(attributes: Value) -> Map<String, Value> {
    user(json!({ENTERPRISE_URN: attributes}))
}

fn of_enterprise(attribute: &str) -> String {
    format!("{ENTERPRISE_URN}:{attribute}")
}
