//! What text is accepted, what it means, and what errors say.

use crate::{
    Filter, ScimType,
    limits::{FILTER_BYTES_MAX, FILTER_DEPTH_MAX, FILTER_NODES_MAX},
};

/// `text` is read and printed as `canonical`.
fn check(text: &str, canonical: &str) {
    let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(filter.to_string(), canonical, "printing {text}");
    assert_eq!(Filter::parse(canonical).unwrap(), filter, "reading {canonical}");
}

/// `text` is refused with that detail.
fn refused(text: &str, detail: &str) {
    let error = Filter::parse(text).expect_err(text);
    assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidFilter)), "{text}");
    assert_eq!(error.detail, detail, "{text}");
}

#[test]
fn grammar_of_rfc_7644() {
    for same in [
        r#"userName eq "bjensen""#,
        r#"name.familyName co "O'Malley""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "26""#,
        "title pr",
        r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
        r#"title pr and userType eq "Employee""#,
        r#"title pr or userType eq "Intern""#,
        r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
        r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "x")"#,
        r#"emails[type eq "work" and value co "@example.com"]"#,
        r#"emails[type eq "work" and value co "@a"] or ims[type eq "xmpp" and value co "@b"]"#,
        r#"members[$ref eq "../Users/1"]"#,
        "a eq 5 and b eq -1.50e+3 and c eq true and d eq false and e eq null",
    ] {
        check(same, same);
    }
    check(
        r#"USERNAME Eq "x" AND Title PR oR NOT(a Pr)"#,
        r#"USERNAME eq "x" and Title pr or not (a pr)"#,
    );
    check(r#"a eq "\u0041\n\"\\\/\ud83d\ude00é""#, r#"a eq "A\n\"\\/😀é""#);
}

#[test]
fn grouping_binds_before_not_before_and_before_or() {
    check("a pr or b pr and c pr", "a pr or b pr and c pr");
    check("(a pr or (b pr and c pr))", "a pr or b pr and c pr");
    check("(a pr or b pr) and c pr", "(a pr or b pr) and c pr");
    check("a pr and b pr or c pr", "a pr and b pr or c pr");
    check("a pr and (b pr and c pr)", "a pr and (b pr and c pr)");
    check("(a pr and b pr) and c pr", "a pr and b pr and c pr");
    check("not (a pr) and b pr", "not (a pr) and b pr");
    check("not(((a pr)) and b pr)", "not (a pr and b pr)");
    check("not (not (a pr))", "not (not (a pr))");
    check("a[(b pr or c pr) and d pr]", "a[(b pr or c pr) and d pr]");
}

#[test]
fn what_identity_providers_send_beyond_the_grammar() {
    check(
        r#"emails[type eq "work"].value eq "user@contoso.com""#,
        r#"emails[type eq "work" and value eq "user@contoso.com"]"#,
    );
    check(r#"a[b pr or c pr].d sw "x" and e pr"#, r#"a[(b pr or c pr) and d sw "x"] and e pr"#);
    check("a[b pr].c pr", "a[b pr and c pr]");
}

#[test]
fn rule_5_no_blank_before_a_quote_and_one_unquoted_token() {
    check(r#"value eq"x""#, r#"value eq "x""#);
    check("externalId eq jyoung", r#"externalId eq "jyoung""#);
    check("  externalId   eq\tjyoung  ", r#"externalId eq "jyoung""#);
    let id = "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef";
    check(&format!("externalId eq {id}"), &format!("externalId eq \"{id}\""));
    check("a eq 2011-05-13T04:42:34Z", r#"a eq "2011-05-13T04:42:34Z""#);
    check("a[b eq user@contoso.com]", r#"a[b eq "user@contoso.com"]"#);
    check("(a eq o'hara+é@x.org)", r#"a eq "o'hara+é@x.org""#);
    check("a eq 007", r#"a eq "007""#);
    check("a eq True", r#"a eq "True""#);
}

#[test]
fn errors_say_where_and_what_was_expected() {
    let ops = "one of eq ne co sw ew gt ge lt le pr";
    let value = r#"a value, such as "text", 5, true or null"#;
    let on = "and, or, a closing ) or ], or the end";
    for (text, character, expected) in [
        ("", 1, "an attribute, not or ("),
        ("a pr and", 9, "an attribute, not or ("),
        ("()", 2, "an attribute, not or ("),
        ("a.b.c pr", 1, "an attribute, not or ("),
        ("é pr", 1, "an attribute, not or ("),
        ("a[.b pr]", 3, "an attribute, not or ("),
        ("a", 2, ops),
        ("a like \"x\"", 3, ops),
        ("a eq", 5, value),
        ("a eq )", 6, value),
        ("a eq \"é", 6, "a string that ends with a quotation mark"),
        ("a eq \"\\x\"", 6, "a string with JSON's escapes"),
        ("a eq \"\u{1}\"", 6, "a string without control characters"),
        ("a eq \"éé\" b", 11, on),
        ("a pr pr", 6, on),
        ("not a pr", 5, "( behind not"),
        ("(a pr", 6, ")"),
        ("a[b pr", 7, "]"),
        ("a[b pr)", 7, "no ), since none is open"),
        ("a pr)", 5, "no ), since none is open"),
        ("(a[b pr]]", 9, "no ], since none is open"),
        ("a[b[c pr]]", 4, "an operator; brackets can't stand here"),
        ("a.b[c pr]", 4, "an operator; brackets can't stand here"),
        ("a[b pr].", 9, "a sub-attribute"),
        ("a[b pr].c", 10, ops),
    ] {
        refused(text, &format!("filter, character {character}: expected {expected}"));
    }
}

#[test]
fn limits_are_named() {
    let bytes = |length: usize| format!("a eq \"{}\"", "x".repeat(length - 7));
    assert!(Filter::parse(&bytes(FILTER_BYTES_MAX)).is_ok());
    refused(&bytes(FILTER_BYTES_MAX + 1), "filter: longer than 8192 bytes");

    let deep = |depth: usize| format!("{}a pr{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&deep(FILTER_DEPTH_MAX)).is_ok());
    refused(&deep(FILTER_DEPTH_MAX + 1), "filter: more than 16 levels deep");
    refused(&"(".repeat(FILTER_BYTES_MAX), "filter: more than 16 levels deep");
    refused(&"not(".repeat(20), "filter: more than 16 levels deep");

    // A level that printing needs counts, though the text has no parenthesis for it.
    let suffixed = |depth: usize| {
        format!("{}a[b pr or c pr].d pr{}", "(".repeat(depth - 1), ")".repeat(depth - 1))
    };
    check(&suffixed(FILTER_DEPTH_MAX - 1), "a[(b pr or c pr) and d pr]");
    refused(&suffixed(FILTER_DEPTH_MAX), "filter: more than 16 levels deep");
    // Beside each other they are no deeper.
    for flat in ["a[b pr]", "not (c pr)", "(d pr)"] {
        assert!(Filter::parse(&[flat].repeat(2 * FILTER_DEPTH_MAX).join(" or ")).is_ok());
    }

    let wide = |nodes: usize| vec!["a pr"; nodes.div_ceil(2)].join(" or ");
    assert!(Filter::parse(&wide(FILTER_NODES_MAX - 1)).is_ok());
    let detail = "filter: more than 128 comparisons and logical operators";
    refused(&wide(FILTER_NODES_MAX + 1), detail);
}
