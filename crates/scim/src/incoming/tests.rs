//! Read as it comes in or as a whole, it is the same.

use proptest::prelude::*;

use super::*;
use crate::schema::group;

const PROFILES: [Profile; 2] = [Profile::LENIENT, Profile::STRICT];
/// The ways to write a list of members, well and badly.
const LISTS: [&str; 21] = [
    r#"[]"#,
    r#"[ ]"#,
    r#"[{"value":"a"}]"#,
    r#"[ {"value":"a"} , {"value":"b","$ref":null,"display":"]},\"{["} ]"#,
    r#"["a","b"]"#,
    r#"[7, null,true]"#,
    r#"[{}]"#,
    r#"[""]"#,
    r#"null"#,
    r#""""#,
    r#"{"value":"a"}"#,
    r#"[[{"value":"a"}]]"#,
    r#"[,]"#,
    r#"[{"value":"a"},]"#,
    r#"[{"value":"a"} {"value":"b"}]"#,
    r#"[{"value":"a"}"#,
    r#"[{"value":}]"#,
    r#"[{"value":"a","VALUE":"b"}]"#,
    r#"["a" "b"]"#,
    r#"[tru]"#,
    r#"[{"value":"a"}}]"#,
];

/// It is the same whole; a refusal is one, if for what comes first.
fn check<T: PartialEq + fmt::Debug>(
    body: &str,
    incoming: fn(Profile) -> Incoming<T>,
    whole: fn(&[u8], Profile) -> Result<T, Error>,
) {
    let kind = |error: Error| error.status;
    for profile in PROFILES {
        let expected = whole(body.as_bytes(), profile).map_err(kind);
        for chunk in [1, 2, 7, 4_096] {
            let mut incoming = incoming(profile);
            incoming.scanner.scan_at_once();
            let taken = body.as_bytes().chunks(chunk).try_for_each(|chunk| incoming.take(chunk));
            let found = taken.and_then(|()| incoming.finish(group())).map_err(kind);
            assert_eq!(found, expected, "{body} in chunks of {chunk}");
        }
    }
}

fn check_group(body: &str) {
    let whole = |body: &[u8], profile| resource::read(json::parse(body)?, group(), profile);
    check(body, Incoming::group, whole);
}

fn check_patch(body: &str) {
    let whole = |body: &[u8], profile| Patch::parse(json::parse(body)?, group(), profile);
    check(body, Incoming::patch, whole);
}

/// A request of these operations.
fn patch_of(operations: &str) -> String {
    let schemas = r#""schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]"#;
    format!(r#"{{{schemas},"Operations":[{operations}]}}"#)
}

#[test]
fn a_group_is_the_same() {
    for members in LISTS {
        for key in ["members", "Members", "\\u006dembers", "member", "externalId"] {
            check_group(&format!(r#"{{"displayName":"x","{key}":{members},"externalId2":[1]}}"#));
        }
        check_group(&format!(r#"{{"members":{members}}}"#));
        check_group(&format!(r#"{{"members":{members},"Members":[]}}"#));
        check_group(&format!(r#"{{"displayName":"members","x":{{"members":{members}}}}}"#));
        check_group(&format!(
            r#"{{"displayName":"members", "nickName":"members" ,"y":{members}}}"#
        ));
        check_group(&format!(r#"[{{"members":{members}}}]"#));
    }
    check_group("\u{feff}{\"members\" : [ {\"value\" : \"a\"} ] }");
    check_group("");
    check_group("members");
}

#[test]
fn a_patch_is_the_same() {
    for members in LISTS {
        for op in ["add", "Remove", "replace", "move"] {
            let one = |fields: &str| patch_of(&format!(r#"{{"op":"{op}",{fields}}}"#));
            for path in ["members", " MEMBERS ", "\\u006dembers", "displayName", ""] {
                check_patch(&one(&format!(r#""path":"{path}","value":{members}"#)));
                check_patch(&one(&format!(r#""value":{members},"path":"{path}""#)));
                check_patch(&one(&format!(r#""path":"{path}","value":{{"members":{members}}}"#)));
            }
            check_patch(&one(&format!(
                r#""value":{{"displayName":"members","Members":{members}}}"#
            )));
            check_patch(&one(&format!(r#""path":null,"value":{{"members":{members}}}"#)));
            check_patch(&one(&format!(r#""path":7,"value":{{"members":{members}}}"#)));
            check_patch(&one(&format!(r#""value":[{{"members":{members}}}]"#)));
            check_patch(&one(&format!(r#""path":"members","x":{{"value":{members}}}"#)));
            let urn = r#""urn:ietf:params:scim:schemas:core:2.0:Group:members":["c"]"#;
            check_patch(&one(&format!(r#""value":{{{urn},"members":{members}}}"#)));
        }
        // Paths that begin as one that is looked for, where they are cut off.
        for (blanks, path) in [(58, "membersX"), (58, "members"), (65, "displayName"), (80, "")] {
            let path = format!("{}{path}", " ".repeat(blanks));
            for value in [members.to_owned(), format!(r#"{{"members":{members}}}"#)] {
                check_patch(&patch_of(&format!(
                    r#"{{"op":"add","path":"{path}","value":{value}}}"#
                )));
            }
        }
        let several = format!(
            r#"{{"op":"remove","path":"members"}},
               {{"path":"members","value":{members},"op":"add"}},
               {{"op":"replace","path":"displayName","value":"x"}},
               {{"op":"add","value":{{"members":{members},"displayName":"y"}}}},
               {{"op":"remove","path":"members","value":{members}}}"#
        );
        check_patch(&patch_of(&several));
        check_patch(&format!(r#"{{"Operations":{{"path":"members","value":{members}}}}}"#));
        check_patch(&format!(r#"{{"value":{members},"members":{members}}}"#));
    }
    check_patch("");
}

#[test]
fn what_is_wrong_with_a_member_is_said_with_its_place() {
    let check = |body: String, detail: &str| {
        let mut incoming = Incoming::patch(Profile::STRICT);
        incoming.scanner.scan_at_once();
        let error = incoming.take(body.as_bytes()).unwrap_err();
        assert!(error.detail.starts_with(detail), "{}", error.detail);
    };
    let second = |members: &str| {
        let first = r#"{"op":"remove","path":"members"}"#;
        patch_of(&format!(r#"{first},{{"op":"add","path":"members","value":{members}}}"#))
    };
    check(second(r#"[{"value":"a"},{}]"#), "Operations[1]: members[1].value: is missing");
    check(second(r#"[{"value":"a"},,]"#), "Operations[1]: members[1]: a comma too many");
    check(second(r#"[{"value":"a"},{x}]"#), "Operations[1]: members[1]: the body can't be read");
}

/// The list can't be given back once it was read, so it is refused rather than lost.
#[test]
fn a_path_behind_a_value_with_members_is_refused() {
    let operation = r#"{"op":"add","value":{"members":["a"]},"path":"members"}"#;
    let mut incoming = Incoming::patch(Profile::LENIENT);
    incoming.scanner.scan_at_once();
    incoming.take(patch_of(operation).as_bytes()).unwrap();
    let error = incoming.finish(group()).unwrap_err();
    assert_eq!(error.detail, "Operations[0]: path: must stand before a value with members");
}

#[test]
fn members_are_not_kept_as_json() {
    let members = vec![r#"{"value":"somebody"}"#; 1_000].join(",");
    let bodies = [
        patch_of(&format!(r#"{{"op":"add","path":"members","value":[{members}]}}"#)),
        patch_of(&format!(r#"{{"op":"add","value":{{"members":[{members}]}}}}"#)),
    ];
    for body in bodies {
        let mut incoming = Incoming::patch(Profile::LENIENT);
        for chunk in body.as_bytes().chunks(1_000) {
            incoming.take(chunk).unwrap();
        }
        assert!(incoming.left() < 200, "{}", incoming.left());
        assert_eq!(
            incoming.finish(group()),
            Patch::parse(json::parse(body.as_bytes()).unwrap(), group(), Profile::LENIENT)
        );
    }
}

proptest! {
    #[test]
    fn any_group_is_the_same(body in r#"\{("(members|Members|a)" ?: ?(\[(\{"value":"[a-c\\]?"\}|"x"|,| |\[|\])*\]|"x\\?"|1),?){0,3}\}?"#) {
        check_group(&body);
    }

    /// A value with members comes behind the path, or there is none.
    #[test]
    fn any_patch_is_the_same(
        operations in r#"(\{"op":"(add|replace|remove)"(,"path":"(members|displayName|x)"){0,2}(,"value":(\[(\{"value":"[a-c\\]?"\}|"x"|,| |\[|\])*\]|\{"(members|a)":\[("x",?)*\](,"b":1)?\}|"x\\?"|1)){0,2}\},?){0,3}"#,
    ) {
        check_patch(&patch_of(&operations));
    }
}
