//! Which filters an index serves, and what must be put into a resource before they are asked.

use crate::{
    Filter, Lookup,
    schema::{self, ResourceType},
};

/// The index answers of `filter`; None: a scan.
fn check(of: &ResourceType, filter: &str, expected: Option<Vec<Lookup>>) {
    let query = Filter::parse(filter).unwrap().resolve(of).unwrap();
    assert_eq!(query.lookup(), expected, "{filter}");
}

fn email(value: &str, kind: Option<&str>) -> Lookup {
    Lookup::Email { value: value.to_owned(), kind: kind.map(str::to_owned) }
}

#[test]
fn rule_12_lookups_of_users() {
    let id = || Lookup::Id("u-1".to_owned());
    let ada = || Lookup::UserName("ada".to_owned());
    let number = || Lookup::EmployeeNumber("a7".to_owned());
    for (filter, expected) in [
        (r#"id eq "u-1""#, vec![id()]),
        (r#"userName eq "ADA""#, vec![ada()]),
        (r#"externalId eq "Ext""#, vec![Lookup::ExternalId("Ext".to_owned())]),
        (r#"emails.value eq "A@X""#, vec![email("a@x", None)]),
        (r#"emails eq "A@X""#, vec![email("a@x", None)]),
        (r#"email eq "A@X""#, vec![email("a@x", None)]),
        (r#"emails[type eq "Work"].value eq "A@X""#, vec![email("a@x", Some("work"))]),
        (r#"emails[value eq "A@X" and type eq "work"]"#, vec![email("a@x", Some("work"))]),
        (r#"emails[value eq "A@X" and not (type eq "work")]"#, vec![email("a@x", None)]),
        (r#"emails[value eq "A@X"]"#, vec![email("a@x", None)]),
        (r#"employeeNumber eq "A7""#, vec![number()]),
        (
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "A7""#,
            vec![number()],
        ),
        (r#"id eq "u-1" and manager eq "m""#, vec![id()]),
        (r#"title pr and (active eq true and userName eq "ada")"#, vec![ada()]),
        (r#"emails eq "a" and id eq "u-1""#, vec![id()]),
        (
            r#"(id eq "u-1" or userName eq "ada") and externalId eq "e""#,
            vec![Lookup::ExternalId("e".to_owned())],
        ),
        (
            r#"userName eq "ada" or id eq "u-1" or emails eq "a""#,
            vec![ada(), id(), email("a", None)],
        ),
        (r#"(userName eq "ada" or emails eq "a") and title pr"#, vec![ada(), email("a", None)]),
    ] {
        check(schema::user(), filter, Some(expected));
    }
    for scan in [
        r#"displayName eq "x""#,
        r#"userName ne "ada""#,
        r#"userName sw "ada""#,
        "userName pr",
        "id eq null",
        r#"userName eq "ada" or title pr"#,
        r#"not (userName eq "ada")"#,
        r#"emails.type eq "work""#,
        r#"emails[value eq "a" or type eq "work"]"#,
        r#"emails[not (value eq "a")]"#,
        r#"ims.value eq "x""#,
        r#"emails[type eq "work"]"#,
        r#"manager eq "m""#,
        r#"emails[value sw "a"].type eq "work""#,
    ] {
        check(schema::user(), scan, None);
    }
}

#[test]
fn rule_12_lookups_of_groups() {
    let member = || Lookup::Member("u-1".to_owned());
    for (filter, expected) in [
        (r#"displayName eq "Analysts""#, Lookup::DisplayName("analysts".to_owned())),
        (r#"members.value eq "u-1""#, member()),
        (r#"members eq "u-1""#, member()),
        (r#"members[value eq "u-1"]"#, member()),
        (r#"members[type eq "User" and value eq "u-1"]"#, member()),
        (r#"externalId eq "e""#, Lookup::ExternalId("e".to_owned())),
        (r#"id eq "g-1" and members eq "u-1""#, Lookup::Id("g-1".to_owned())),
        (
            r#"members eq "u-1" and displayName eq "Analysts""#,
            Lookup::DisplayName("analysts".to_owned()),
        ),
    ] {
        check(schema::group(), filter, Some(vec![expected]));
    }
    check(schema::group(), r#"displayName co "x""#, None);
}

#[test]
fn a_query_says_what_it_needs() {
    let check = |of: &ResourceType, filter: &str, needed: &[&str]| {
        let query = Filter::parse(filter).unwrap().resolve(of).unwrap();
        let all =
            ["groups", "meta", "manager", "manager.displayName", "members", "members.display"];
        for attribute in all {
            let expected = needed.contains(&attribute);
            assert_eq!(query.needs(attribute), expected, "{filter}: {attribute}");
        }
    };
    let (user, group) = (schema::user(), schema::group());
    check(user, r#"groups.value eq "g""#, &["groups"]);
    check(user, r#"title pr and groups[value eq "g"]"#, &["groups"]);
    check(user, r#"meta.lastModified gt "2026-01-31T12:00:00Z""#, &["meta"]);
    check(user, "manager.displayName pr", &["manager", "manager.displayName"]);
    check(user, r#"manager eq "m""#, &["manager"]);
    check(user, "manager pr", &["manager", "manager.displayName"]);
    check(group, r#"members eq "u""#, &["members"]);
    check(group, "members.display pr", &["members", "members.display"]);
    check(group, r#"members[value eq "u" or display eq "x"]"#, &["members", "members.display"]);
    check(group, r#"members[value eq "u"] or displayName pr"#, &["members"]);
}
