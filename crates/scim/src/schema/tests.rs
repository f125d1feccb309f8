//! Tests of the schemas, their reader and the finding of attributes.

use serde_json::{Value, json};

use super::*;
use crate::{ScimType, path::AttributePath};

fn attribute(path: &str) -> &'static Attribute {
    let found = resource_types().into_iter().find_map(|of| match of.find_key(path) {
        Some(Named::Attribute(found)) => Some(found.leaf()),
        Some(Named::Core | Named::Extension(_)) | None => None,
    });
    found.unwrap_or_else(|| panic!("{path} is known"))
}

#[test]
fn errata_of_rfc_7643_are_in() {
    let display_name = group().find_key("displayName");
    let Some(Named::Attribute(display_name)) = display_name else { panic!("{display_name:?}") };
    assert!(display_name.attribute.required, "5368");
    assert_eq!(attribute("groups.$ref").reference_types, ["Group"], "8471");
    assert!(attribute("manager.value").case_exact, "8472");
    for schema in schemas() {
        let subs = schema.attributes.iter().flat_map(|one| &one.sub_attributes);
        for one in schema.attributes.iter().chain(subs) {
            let exact = matches!(one.kind, Kind::Reference | Kind::Binary);
            assert!(one.case_exact || !exact, "6001: {} of {}", one.name, schema.id);
        }
    }
}

#[test]
fn the_attributes_are_those_of_rfc_7643() {
    let check = |schema: &Schema, names: &str| {
        let known: Vec<_> = schema.attributes.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(known.join(" "), names);
    };
    check(
        &user().schema,
        "userName name displayName nickName profileUrl title userType preferredLanguage locale timezone active password \
         emails phoneNumbers ims photos addresses groups entitlements roles x509Certificates",
    );
    check(&group().schema, "displayName members");
    check(
        &user().extensions[0].schema,
        "employeeNumber costCenter organization division department manager",
    );
    let exact = ["externalId", "id", "meta.resourceType", "meta.version", "members.value"];
    assert!(exact.into_iter().all(|path| attribute(path).case_exact));
    assert!(
        ["userName", "emails.value", "displayName"]
            .into_iter()
            .all(|path| !attribute(path).case_exact)
    );
}

#[test]
fn paths_find_attributes_in_any_case() {
    let check = |of: &ResourceType,
                 urn: Option<&str>,
                 name: &str,
                 sub: Option<&str>,
                 expected: Option<&str>| {
        let path = AttributePath {
            urn: urn.map(str::to_owned),
            name: name.to_owned(),
            sub: sub.map(str::to_owned),
        };
        let found = of.find(&path).map(|found| {
            let extension = found.extension.map(|schema| format!("{}:", schema.id));
            format!("{}{}", extension.unwrap_or_default(), found.leaf().name)
        });
        assert_eq!(found.as_deref(), expected, "{path:?}");
    };
    let manager = format!("{ENTERPRISE_URN}:value");
    let department = format!("{ENTERPRISE_URN}:department");
    check(user(), None, "USERNAME", None, Some("userName"));
    check(user(), None, "emails", Some("VALUE"), Some("value"));
    check(user(), None, "emails", Some("nothing"), None);
    check(user(), None, "userName", Some("value"), None);
    check(user(), Some(&USER_URN.to_uppercase()), "externalid", None, Some("externalId"));
    check(user(), Some(USER_URN), "department", None, None);
    check(user(), Some(ENTERPRISE_URN), "Department", None, Some(&department));
    check(user(), None, "manager", Some("value"), Some(&manager));
    check(user(), Some("urn:example:other"), "userName", None, None);
    check(user(), None, "meta", Some("lastmodified"), Some("lastModified"));
    check(group(), None, "members", Some("$ref"), Some("$ref"));
    check(group(), None, "department", None, None);
    check(group(), Some(USER_URN), "displayName", None, None);
}

#[test]
fn keys_find_attributes_and_schemas() {
    let check = |key: &str, expected: &str| {
        let found = match user().find_key(key) {
            None => "nothing".to_owned(),
            Some(Named::Core) => "core".to_owned(),
            Some(Named::Extension(schema)) => schema.name.clone(),
            Some(Named::Attribute(found)) => {
                let sub = found.sub.map(|sub| format!(".{}", sub.name)).unwrap_or_default();
                format!("{}{sub}", found.attribute.name)
            }
        };
        assert_eq!(found, expected, "{key}");
    };
    check("userName", "userName");
    check("NAME.givenname", "name.givenName");
    check(USER_URN, "core");
    check(&format!("{USER_URN}:name.familyName"), "name.familyName");
    check(&ENTERPRISE_URN.to_lowercase(), "EnterpriseUser");
    check(&format!("{ENTERPRISE_URN}:manager.value"), "manager.value");
    check(&format!("{ENTERPRISE_URN}.department"), "department");
    check(&format!("{ENTERPRISE_URN}X"), "nothing");
    check(&format!("{ENTERPRISE_URN}:"), "nothing");
    check(&format!("{ENTERPRISE_URN}:userName"), "nothing");
    check("urn:example:custom:User:department", "nothing");
    check("name.given.name", "nothing");
    check("é".repeat(30).as_str(), "nothing");
    check("", "nothing");
}

#[test]
fn a_schema_is_refused_with_the_place_and_the_reason() {
    let check = |document: Value, place: &str, reason: &str| {
        let error = Schema::read(&document).expect_err("is refused");
        assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidValue)));
        assert!(error.detail.starts_with(&format!("{place}: ")), "{place}: {error}");
        assert!(error.detail.contains(reason), "{reason}: {error}");
    };
    let with = |attributes: Value| json!({ "id": "urn:example:x:User", "attributes": attributes });
    check(json!([]), "the schema", "object");
    check(json!({ "id": "User", "attributes": [{ "name": "a" }] }), "id", "URN");
    check(json!({ "id": "urn:example:x y", "attributes": [{ "name": "a" }] }), "id", "URN");
    check(json!({ "id": 7 }), "id", "string");
    check(json!({ "ID": "urn:example:x" }), "ID", "none of schemas, meta, id");
    check(with(json!([])), "attributes", "at least one");
    check(with(json!({})), "attributes", "array");
    check(with(json!([7])), "attributes[0]", "object");
    check(with(json!([{ "name": "a" }, { "name": "A" }])), "attributes[1].name", "before");
    check(with(json!([{ "name": "a b" }])), "attributes[0].name", "letter");
    check(with(json!([{ "type": "string" }])), "attributes[0].name", "letter");
    check(with(json!([{ "name": "externalID" }])), "attributes", "common");
    check(
        with(json!([{ "name": "a", "type": "strnig" }])),
        "attributes[0].type",
        "string, boolean",
    );
    check(with(json!([{ "name": "a", "requird": true }])), "attributes[0].requird", "none of name");
    check(
        with(json!([{ "name": "a", "required": "yes" }])),
        "attributes[0].required",
        "true or false",
    );
    check(
        with(json!([{ "name": "a", "canonicalValues": [1] }])),
        "attributes[0].canonicalValues",
        "strings",
    );
    check(
        with(json!([{ "name": "a", "type": "complex" }])),
        "attributes[0].subAttributes",
        "at least one",
    );
    check(
        with(json!([{ "name": "a", "subAttributes": [{ "name": "b" }] }])),
        "attributes[0].subAttributes",
        "only",
    );
    let nested = json!([{ "name": "a", "type": "complex", "subAttributes": [
        { "name": "b", "type": "complex", "subAttributes": [{ "name": "c" }] }] }]);
    check(with(nested), "attributes[0].subAttributes[0].type", "can't be complex");
    let secret = json!([{ "name": "a", "mutability": "writeOnly" }]);
    check(with(secret), "attributes[0].returned", "never");
    let many: Vec<_> = (0..1001).map(|n| json!({ "name": format!("a{n}") })).collect();
    check(with(many.into()), "attributes", "1001");
}

#[test]
fn characteristics_left_out_take_their_defaults() {
    let document = json!({ "id": "urn:example:x:User", "attributes": [{ "name": "badge" }] });
    let expected = Attribute {
        name: "badge".into(),
        kind: Kind::String,
        multi_valued: false,
        required: false,
        case_exact: false,
        mutability: Mutability::ReadWrite,
        returned: Returned::Default,
        uniqueness: Uniqueness::None,
        canonical_values: Vec::new(),
        is_closed: false,
        reference_types: Vec::new(),
        sub_attributes: Vec::new(),
        description: String::new(),
    };
    assert_eq!(Schema::read(&document).map(|schema| schema.attributes), Ok(vec![expected]));
}
