//! What a filter matches, on one user and one group.

use serde_json::{Value, json};

use crate::{
    Filter, ScimType,
    schema::{self, ResourceType},
};

fn ada() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User",
                    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "id": "0190a1b2-0000-7000-8000-000000000001",
        "externalId": "Ext-1",
        "userName": "Ada@Example.com",
        "name": {"familyName": "Straße", "givenName": "Ada"},
        "displayName": "Ada Lovelace",
        "profileUrl": "https://example.com/Ada",
        "active": true,
        "emails": [{"value": "ada@work.example", "type": "work", "primary": true},
                   {"value": "ada@home.example", "type": "home"}],
        "x509Certificates": [{"value": "TUlJ"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
            {"employeeNumber": "007", "department": "Engines", "manager": {"value": "m-1"}},
        "groups": [{"value": "g-1", "display": "Analysts"}],
        "meta": {"resourceType": "User", "created": "2026-01-31T12:00:00Z",
                 "lastModified": "2026-01-31T12:00:00.500Z", "version": "W/\"7\""},
    })
}

fn analysts() -> Value {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": "g-1",
           "displayName": "Analysts", "members": [{"value": "u-1", "type": "User"}]})
}

/// `filter` matches `resource`, or doesn't.
fn check(of: &ResourceType, resource: &Value, filter: &str, expected: bool) {
    let query = Filter::parse(filter).and_then(|parsed| parsed.resolve(of));
    let query = query.unwrap_or_else(|error| panic!("{filter}: {error}"));
    assert_eq!(query.matches(resource.as_object().unwrap()), expected, "{filter}");
}

fn of_user(yes: &[&str], no: &[&str]) {
    yes.iter().for_each(|filter| check(schema::user(), &ada(), filter, true));
    no.iter().for_each(|filter| check(schema::user(), &ada(), filter, false));
}

#[test]
fn text_by_the_case_rule_of_its_attribute() {
    of_user(
        &[
            r#"userName eq "ADA@EXAMPLE.COM""#,
            r#"username SW "ada@""#,
            r#"userName ew ".COM""#,
            r#"userName co "A@EX""#,
            r#"displayName eq "ada lovelace""#,
            r#"displayName co """#,
            r#"name.familyName eq "STRASSE""#,
            r#"name.familyName co "RASS""#,
            r#"externalId eq "Ext-1""#,
            r#"id eq "0190a1b2-0000-7000-8000-000000000001""#,
            r#"profileUrl sw "https://""#,
            r#"displayName ge "ada""#,
            r#"displayName lt "B""#,
            r#"userName ne "bob""#,
            r#"meta.resourceType eq "User""#,
            "externalId eq Ext-1",
            r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ADA""#,
            r#"x509Certificates.value eq "TUlJ""#,
        ],
        &[
            r#"externalId eq "ext-1""#,
            r#"profileUrl co "ada""#,
            r#"userName sw "da""#,
            r#"displayName ew "lovelac""#,
            r#"displayName gt "ada lovelace""#,
            r#"userName eq """#,
            r#"userName eq "ada@example.co""#,
            r#"name.familyName eq "STRASE""#,
            r#"displayName sw "Ada Lovelace and more""#,
            r#"meta.resourceType eq "user""#,
        ],
    );
}

#[test]
fn long_text_is_searched_alike() {
    let resource = json!({"title": format!("{}NEEDLE{}", "x".repeat(400), "y".repeat(400))});
    for (filter, expected) in [
        (r#"title co "xneedley""#, true),
        (r#"title co "needlex""#, false),
        (r#"title ew "Y""#, true),
        (r#"title sw "xX""#, true),
    ] {
        check(schema::user(), &resource, filter, expected);
    }
}

#[test]
fn rule_4_user_name_is_compared_by_its_key() {
    let resource = json!({"userName": "ＡＤＡ Straße"});
    check(schema::user(), &resource, r#"userName eq "ada STRASSE""#, true);
    let resource = json!({"userName": "Straße"});
    check(schema::user(), &resource, r#"userName eq "strasse""#, false);
    check(schema::user(), &resource, r#"nickName pr or userName eq "STRAßE""#, true);
}

#[test]
fn values_of_many() {
    of_user(
        &[
            r#"emails.value eq "ADA@home.example""#,
            r#"emails[type eq "WORK" and value co "work"]"#,
            r#"emails.type eq "work" and emails.value co "home""#,
            r#"emails.value ne "ada@work.example""#,
            r#"emails[type eq "work"].value eq "ada@work.example""#,
            r#"emails[type eq home].value pr"#,
            r#"emails[not (type eq "work")]"#,
            r#"emails[primary eq true]"#,
            r#"groups.value eq "g-1""#,
            r#"emails[type eq "home" and not (primary eq true)]"#,
            r#"emails[display eq null]"#,
            r#"ims.value ne "x""#,
            r#"not (ims.value eq "x")"#,
            r#"not (emails.value eq "nobody")"#,
            r#"groups[display eq "analysts"]"#,
            r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
        ],
        &[
            r#"emails[type eq "work" and value co "home"]"#,
            r#"emails[type eq "work"].value eq "ada@home.example""#,
            r#"emails[type eq "other"]"#,
            r#"ims[type ne "x"]"#,
            r#"emails[type eq "home" and primary eq true]"#,
            r#"ims.value eq "x""#,
            r#"not (emails.value co "example")"#,
            r#"schemas eq "urn:x""#,
        ],
    );
}

#[test]
fn rule_6_aliases() {
    of_user(
        &[
            r#"emails eq "ada@work.example""#,
            r#"email eq "ada@home.example""#,
            r#"emails co "@work""#,
            r#"email.type eq "work""#,
            r#"email[type eq "work"].value sw "ada""#,
            r#"manager eq "m-1""#,
            r#"employeeNumber eq "007""#,
            "employeeNumber eq 007",
            r#"groups eq "g-1""#,
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq "m-1""#,
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager eq "m-1""#,
            r#"URN:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:user:manager.value eq "m-1""#,
            r#"id eq "0190a1b2-0000-7000-8000-000000000001" and manager eq "m-1""#,
        ],
        &[r#"emails eq "work""#, r#"manager eq "M-1""#, "employeeNumber eq 7"],
    );
    check(schema::group(), &analysts(), r#"members eq "u-1""#, true);
    check(schema::group(), &analysts(), r#"id eq "g-1" and members eq "u-2""#, false);
    check(schema::group(), &analysts(), r#"displayName eq "ANALYSTS""#, true);
    check(schema::group(), &analysts(), r#"members[value eq "u-1" and type eq "user"]"#, true);
}

#[test]
fn booleans_numbers_and_instants() {
    of_user(
        &[
            "active eq true",
            r#"active eq "True""#,
            r#"active ne "FALSE""#,
            "active eq True",
            "active pr",
            r#"emails[primary eq "True"].value eq "ada@work.example""#,
            r#"meta.created eq "2026-01-31T13:00:00+01:00""#,
            r#"meta.created le "2026-01-31T12:00:00.000Z""#,
            r#"meta.lastModified gt "2026-01-31T12:00:00Z""#,
            "meta.Created gt 2015-10-10T14:38:21.8617979-07:00",
            "meta.lastModified lt 2026-01-31T12:00:00.501Z",
            r#"meta.created eq "2026-01-31T12:00:00""#,
        ],
        &[
            "active eq false",
            "not (active eq true)",
            r#"meta.created gt "2026-01-31T13:00:00+01:00""#,
        ],
    );
}

#[test]
fn presence_and_null() {
    of_user(
        &[
            "name pr",
            "emails pr",
            "name.givenName pr",
            "title eq null",
            "not (title pr)",
            "active ne null",
            "manager pr",
            "emails ne null",
            r#"title ne "x""#,
            "emails[value pr]",
        ],
        &[
            "title pr",
            "name.middleName pr",
            "ims pr",
            "name eq null",
            "title ne null",
            "emails[display pr]",
        ],
    );
    let hollow =
        json!({"title": "", "name": {"givenName": ""}, "emails": [], "ims": [{}], "active": false});
    for (filter, expected) in [
        ("title pr", false),
        ("name pr", false),
        ("emails pr", false),
        ("ims pr", false),
        ("active pr", true),
    ] {
        check(schema::user(), &hollow, filter, expected);
    }
}

#[test]
fn logic() {
    of_user(
        &[
            "title pr or active eq true",
            "active eq true and name pr or title pr",
            "title pr or title pr or active pr",
            "not (title pr and active pr) and name pr",
            "title pr and title pr or active pr",
            "not (not (active pr))",
            "(title pr or active pr) and (name pr or title pr)",
        ],
        &[
            "title pr and active pr",
            "not (title pr or active pr)",
            "active pr and (title pr or ims pr)",
            "title pr or ims pr",
            "active pr and active pr and title pr",
            "not (active pr) or title pr",
        ],
    );
}

#[test]
fn what_cannot_be_asked() {
    for (filter, why) in [
        ("favouriteColour pr", "favouriteColour is no attribute of this resource type"),
        ("urn:x:y:userName pr", "urn:x:y:userName is no attribute of this resource type"),
        ("name.nick pr", "name.nick is no attribute of this resource type"),
        ("emails[nick pr]", "nick is no sub-attribute here"),
        ("userName[value pr]", "userName has no sub-attributes, so it takes no brackets"),
        ("password pr", "password can't be filtered by"),
        ("active gt true", "active has no order"),
        ("x509Certificates.value ge \"a\"", "x509Certificates.value has no order"),
        ("active co \"t\"", "active isn't text, so co, sw and ew don't go with it"),
        ("meta.created sw \"2026\"", "meta.created isn't text, so co, sw and ew don't go with it"),
        ("active eq \"yes\"", "active is true or false"),
        ("userName eq true", "userName is text; put the value in quotes"),
        ("userName gt null", "userName null goes with eq and ne only"),
        (
            "meta.created gt \"2026\"",
            "meta.created is a date and time, such as \"2026-01-31T12:00:00Z\"",
        ),
        ("name eq \"x\"", "name has sub-attributes; name one of them"),
        (
            "title pr and (userName pr or addresses co \"x\")",
            "addresses has sub-attributes; name one of them",
        ),
    ] {
        let error = Filter::parse(filter).unwrap().resolve(schema::user()).expect_err(filter);
        assert_eq!(error.scim_type, Some(ScimType::InvalidFilter), "{filter}");
        assert_eq!(error.detail, format!("filter: {why}"), "{filter}");
    }
}
