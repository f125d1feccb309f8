//! What bodies become, shape by shape.

use serde_json::{Value, json};

use super::*;

/// Lenient reads `body` as `expected`, noting those coercions; strict reads it the same if there are none, else refuses
/// it or takes it as it stands.
fn check(body: Value, expected: Value, noted: &[&str]) {
    let draft =
        read_user(body.clone(), Profile::LENIENT).unwrap_or_else(|error| panic!("{error}: {body}"));
    same(&attributes(&draft), &expected);
    assert_eq!(codes(&draft.coercions), noted, "{body}");
    match read_user(body.clone(), Profile::STRICT) {
        Err(error) => assert!(!noted.is_empty(), "strict refuses {body}: {error}"),
        Ok(strict) => {
            assert!(strict.coercions.is_empty(), "strict coerces {body}");
            assert_eq!(strict.attributes == draft.attributes, noted.is_empty(), "{body}");
        }
    }
}

#[test]
fn names_take_the_schemas_case_and_order() {
    check(
        json!({ "EMAILS": [{ "Primary": true, "TYPE": "work", "value": "a@b.example" }],
                "name": { "GivenName": "Ada", "familyname": "Lovelace" }, "externalID": "x", "userNAME": "ada" }),
        json!({ "externalId": "x", "userName": "ada", "name": { "familyName": "Lovelace", "givenName": "Ada" },
                "emails": [{ "value": "a@b.example", "type": "work", "primary": true }] }),
        &[],
    );
}

#[test]
fn null_and_empty_is_unassigned() {
    check(
        json!({ "userName": "ada", "title": null, "roles": [], "name": {}, "addresses": null,
                "emails": [null, {}], "phoneNumbers": [{ "value": null }], "nickName": [] }),
        json!({ "userName": "ada" }),
        &[],
    );
    let body = with_schemas(
        &[USER_URN, ENTERPRISE_URN],
        json!({ "userName": "ada", ENTERPRISE_URN: { "department": null, "manager": {} } }),
    );
    for profile in [Profile::LENIENT, Profile::STRICT] {
        let draft = read(body.clone(), user(), profile).expect("is read");
        same(&Value::Object(draft.attributes), &user_body(json!({ "userName": "ada" })));
    }
}

#[test]
fn what_the_server_owns_is_ignored() {
    check(
        json!({ "id": "mine", "meta": { "version": "W/\"9\"" }, "groups": [{ "value": "g" }], "userName": "ada",
                "password": "secret" }),
        json!({ "userName": "ada" }),
        &[],
    );
    let manager = json!({ "value": "m", "$ref": "../Users/m", "displayName": "Grace" });
    let body = with_schemas(
        &[USER_URN, ENTERPRISE_URN],
        json!({ ENTERPRISE_URN: { "manager": manager } }),
    );
    let draft = read(body, user(), Profile::STRICT).expect("is read");
    assert_eq!(draft.attributes[ENTERPRISE_URN], json!({ "manager": { "value": "m" } }));
}

#[test]
fn rule_7_values_of_other_shapes_are_understood() {
    check(json!({ "active": "True" }), json!({ "active": true }), &["BooleanFromText"]);
    check(json!({ "active": " fAlSe" }), json!({ "active": false }), &["BooleanFromText"]);
    check(json!({ "active": [false] }), json!({ "active": false }), &["SingleFromList"]);
    check(
        json!({ "emails": [{ "value": "a", "primary": "TRUE" }] }),
        json!({ "emails": [{ "value": "a", "primary": true }] }),
        &["BooleanFromText"],
    );
    check(json!({ "title": 7 }), json!({ "title": "7" }), &["TextFromNumber"]);
    check(json!({ "externalId": 7.5 }), json!({ "externalId": "7.5" }), &["TextFromNumber"]);
    check(json!({ "title": ["x"] }), json!({ "title": "x" }), &["SingleFromList"]);
    check(
        json!({ "name": [{ "givenName": "Ada" }] }),
        json!({ "name": { "givenName": "Ada" } }),
        &["SingleFromList"],
    );
    check(
        json!({ "emails": { "value": "a" } }),
        json!({ "emails": [{ "value": "a" }] }),
        &["ListFromSingle"],
    );
    check(
        json!({ "emails": "a" }),
        json!({ "emails": [{ "value": "a" }] }),
        &["ListFromSingle", "ComplexFromText"],
    );
    check(
        json!({ "emails": ["a", { "value": "b" }] }),
        json!({ "emails": [{ "value": "a" }, { "value": "b" }] }),
        &["ComplexFromText"],
    );
    check(
        json!({ "title": "", "roles": "", "emails": [{ "value": "", "type": "work" }], "name": { "givenName": "" } }),
        json!({}),
        &["EmptyTextCleared"],
    );
    check(
        json!({ "nickname2": "x", "name": { "middle": "y" } }),
        json!({}),
        &["UnknownAttributeIgnored"],
    );
    check(json!({ "department": null, "manager": "x" }), json!({}), &["UnknownAttributeIgnored"]);
}

#[test]
fn rule_7_roles_given_as_json_text_are_the_objects_in_it() {
    let expected = json!({ "roles": [{ "value": "Admin", "display": "Administrator" }] });
    let text = r#"{"id":"18d14569","value":"Admin","displayName":"Administrator"}"#;
    let noted = ["ComplexFromJsonText", "UnknownAttributeIgnored", "AliasUnderstood"];
    check(json!({ "roles": [{ "value": text }] }), expected.clone(), &noted);
    check(json!({ "roles": [text] }), expected.clone(), &noted);
    let listed =
        ["ListFromSingle", "ComplexFromJsonText", "UnknownAttributeIgnored", "AliasUnderstood"];
    check(json!({ "roles": text }), expected, &listed);
    let twice = json!({ "value": json!({ "value": "Admin" }).to_string() }).to_string();
    check(
        json!({ "roles": [{ "value": twice, "primary": true }] }),
        json!({ "roles": [{ "value": "Admin", "primary": true }] }),
        &["ComplexFromJsonText"],
    );
    // Elsewhere, and where it is no JSON, text is text.
    check(
        json!({ "roles": [{ "value": "{no json" }] }),
        json!({ "roles": [{ "value": "{no json" }] }),
        &[],
    );
    check(
        json!({ "entitlements": [{ "value": text }] }),
        json!({ "entitlements": [{ "value": text }] }),
        &[],
    );
    check(
        json!({ "roles": [{ "value": "a", "displayName": "A" }] }),
        json!({ "roles": [{ "value": "a", "display": "A" }] }),
        &["AliasUnderstood"],
    );
    check(
        json!({ "roles": [{ "value": "a", "displayName": "A", "display": "B" }] }),
        json!({ "roles": [{ "value": "a", "display": "B" }] }),
        &["UnknownAttributeIgnored"],
    );
}

#[test]
fn one_element_is_primary_and_none_is_there_twice() {
    check(
        json!({ "emails": [{ "value": "a", "primary": true }, { "value": "b", "primary": true }] }),
        json!({ "emails": [{ "value": "a", "primary": true }, { "value": "b", "primary": false }] }),
        &["PrimaryCleared"],
    );
    check(
        json!({ "emails": [{ "value": "A@b.example", "type": "work" }, { "value": "a@B.example", "type": "Work", "primary": true },
                           { "value": "a@b.example" }] }),
        json!({ "emails": [{ "value": "A@b.example", "type": "work", "primary": true }, { "value": "a@b.example" }] }),
        &[],
    );
    check(
        json!({ "photos": [{ "value": "https://a.example/A" }, { "value": "https://a.example/a" }] }),
        json!({ "photos": [{ "value": "https://a.example/A" }, { "value": "https://a.example/a" }] }),
        &[],
    );
    check(
        json!({ "addresses": [{ "locality": "London" }, { "locality": "London" }, { "locality": "london" }] }),
        json!({ "addresses": [{ "locality": "London" }, { "locality": "london" }] }),
        &[],
    );
}

#[test]
fn extensions_are_found_under_every_spelling_of_their_urn() {
    let check = |body: Value, expected: Value, noted: &[&str]| {
        let draft = read(body, user(), Profile::LENIENT).expect("is read");
        let urns = json!([USER_URN, ENTERPRISE_URN]);
        assert_eq!(draft.attributes["schemas"], urns);
        same(&draft.attributes[ENTERPRISE_URN], &expected);
        assert_eq!(codes(&draft.coercions), noted);
    };
    let both = [ENTERPRISE_URN, USER_URN];
    let upper = ENTERPRISE_URN.to_uppercase();
    check(
        with_schemas(&both, json!({ upper.as_str(): { "DEPARTMENT": "R&D" } })),
        json!({ "department": "R&D" }),
        &[],
    );
    check(
        with_schemas(&[USER_URN], json!({ ENTERPRISE_URN: { "department": "R&D" } })),
        json!({ "department": "R&D" }),
        &["SchemasRepaired"],
    );
    let key = |name: &str| format!("{ENTERPRISE_URN}:{name}");
    check(
        with_schemas(
            &both,
            json!({ key("department"): "R&D", ENTERPRISE_URN: { "costCenter": 7 } }),
        ),
        json!({ "costCenter": "7", "department": "R&D" }),
        &["TextFromNumber", "FlattenedKey"],
    );
    check(
        with_schemas(&both, json!({ key("manager.value"): "m", key("manager.displayName"): "x" })),
        json!({ "manager": { "value": "m" } }),
        &["FlattenedKey"],
    );
    check(
        with_schemas(&both, json!({ ENTERPRISE_URN: { "manager": "m" } })),
        json!({ "manager": { "value": "m" } }),
        &["ComplexFromText"],
    );
    check(
        with_schemas(
            &both,
            json!({ ENTERPRISE_URN: { "manager": { "$ref": "https://x.example/Users/m" } } }),
        ),
        json!({ "manager": { "value": "m" } }),
        &["AliasUnderstood"],
    );
}

#[test]
fn core_attributes_are_found_under_the_core_urn_and_under_dotted_names() {
    check(
        json!({ USER_URN: { "userName": "ada", "name": { "givenName": "Ada" } }, "name.familyName": "Lovelace" }),
        json!({ "userName": "ada", "name": { "familyName": "Lovelace", "givenName": "Ada" } }),
        &["FlattenedKey"],
    );
    check(
        json!({ format!("{USER_URN}:externalId"): "x" }),
        json!({ "externalId": "x" }),
        &["FlattenedKey"],
    );
    check(json!({ format!("{USER_URN}:badge"): "x" }), json!({}), &["UnknownAttributeIgnored"]);
    let twice = json!({ "userName": "ada", USER_URN: { "username": "bob" } });
    refused(
        read_user(twice, Profile::LENIENT),
        ScimType::InvalidSyntax,
        "userName: is given twice",
    );
    let twice = json!({ "name": { "givenName": "A" }, "name.givenname": "B" });
    refused(
        read_user(twice, Profile::LENIENT),
        ScimType::InvalidSyntax,
        "name.givenName: is given twice",
    );
}

#[test]
fn schemas_are_repaired_or_refused() {
    let check = |schemas: Value, noted: &[&str], strict: Option<&str>| {
        let body = json!({ "schemas": schemas, "userName": "ada" });
        let draft = read(body.clone(), user(), Profile::LENIENT).expect("is read");
        assert_eq!(draft.attributes["schemas"], json!([USER_URN]));
        assert_eq!(codes(&draft.coercions), noted, "{body}");
        match strict {
            None => assert!(read(body, user(), Profile::STRICT).is_ok()),
            Some(start) => {
                drop(refused(read(body, user(), Profile::STRICT), ScimType::InvalidSyntax, start))
            }
        }
    };
    check(json!([USER_URN]), &[], None);
    check(json!([ENTERPRISE_URN, USER_URN.to_uppercase()]), &[], None);
    let repaired = &["SchemasRepaired"];
    check(json!(null), repaired, Some("schemas: is missing"));
    check(json!([]), repaired, Some("schemas: \"urn:ietf"));
    check(json!("urn:scim:schemas:core:1.0"), repaired, Some("schemas: is missing"));
    check(json!(["urn:scim:schemas:core:1.0", USER_URN]), repaired, Some("schemas[0]: \"urn:scim"));
    check(
        json!([USER_URN, "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"]),
        repaired,
        Some("schemas[1]"),
    );
    check(json!([USER_URN, USER_URN]), repaired, Some("schemas[1]: is listed before"));
    check(json!([7]), repaired, Some("schemas[0]: must be a string"));
    let unlisted = with_schemas(&[USER_URN], json!({ ENTERPRISE_URN: { "department": "x" } }));
    refused(
        read(unlisted, user(), Profile::STRICT),
        ScimType::InvalidSyntax,
        "schemas: \"urn:ietf",
    );
}

#[test]
fn what_cant_be_meant_is_refused_with_its_place() {
    let check = |body: Value, start: &str| {
        let detail = refused(read_user(body, Profile::LENIENT), ScimType::InvalidValue, start);
        assert!(!detail.contains("geheim"), "values stay out of {detail}");
    };
    check(
        json!({ "userName": { "value": "geheim" } }),
        "userName: expected a string, found an object",
    );
    check(json!({ "title": true }), "title: expected a string, found a boolean");
    check(json!({ "title": ["a", "geheim"] }), "title: takes a single value, not an array of 2");
    check(json!({ "title": [["geheim"]] }), "title: takes a single value");
    check(json!({ "active": "geheim" }), "active: expected true or false");
    check(json!({ "active": 1 }), "active: expected true or false, found a number");
    check(json!({ "name": "geheim" }), "name: expected an object");
    check(
        json!({ "name": { "givenName": {} } }),
        "name.givenName: expected a string, found an object",
    );
    check(
        json!({ "emails": [{ "value": "a" }, { "value": "b", "primary": "geheim" }] }),
        "emails[1].primary: expected true",
    );
    check(json!({ "emails": [["geheim"]] }), "emails[0]: expected an object, found an array");
    check(
        json!({ "x509Certificates": [{ "value": "--geheim!" }] }),
        "x509Certificates[0].value: expected base64",
    );
    check(json!({ ENTERPRISE_URN: 7 }), &format!("{ENTERPRISE_URN}: expected an object"));
    check(
        json!({ ENTERPRISE_URN: { "manager": { "value": [1, 2] } } }),
        &format!("{ENTERPRISE_URN}:manager.value: takes"),
    );
    refused(read(json!([]), user(), Profile::LENIENT), ScimType::InvalidSyntax, "the body must be");
}

#[test]
fn strict_refuses_what_no_schema_names() {
    let check = |body: Value, name: &str| {
        refused(
            read_user(body, Profile::STRICT),
            ScimType::InvalidSyntax,
            &format!("\"{name}\": is not"),
        );
    };
    check(json!({ "nick": "x" }), "nick");
    check(json!({ "name": { "nick": "x" } }), "name.nick");
    check(json!({ "emails": [{ "value": "a" }, { "kind": "x" }] }), "emails[1].kind");
    check(json!({ "name.givenName": "x" }), "name.givenName");
    check(json!({ USER_URN: {} }), USER_URN);
    let long = "é".repeat(500);
    let detail =
        read_user(json!({ long.as_str(): 1 }), Profile::STRICT).expect_err("is refused").detail;
    assert!(detail.len() < 300, "{detail}");
}
