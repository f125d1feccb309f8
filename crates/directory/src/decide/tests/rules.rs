//! The decided rules on what real identity providers send, by their number (`idp-traffic.md` §9).

use events::{Coercion, Seq};
use scim::Filter;
use serde_json::json;

use super::*;

#[test]
fn rule_1_active_is_true_when_absent_on_post_and_unchanged_when_absent_on_put() {
    let on = json!({"userName": "ada", "externalId": "x1", "active": true});
    let off = json!({"userName": "ada", "externalId": "x1", "active": false});
    let bare = json!({"userName": "ada"});
    let created = user_created(ADA, json!({"userName": "ada", "active": true}));
    check(&[], create_user(ADA, bare.clone()), Ok(vec![created]));
    let on = [user_created(ADA, on)];
    let off = [user_created(ADA, off)];
    check(&on, put_user(ADA, bare.clone()), Ok(vec![]));
    check(&off, put_user(ADA, bare.clone()), Ok(vec![]));
    check_coercions(&off, put_user(ADA, bare), &[Coercion::AbsentKept]);
}

#[test]
fn rule_2_membership_is_never_wiped_by_shape() {
    let staff = json!({"displayName": "staff"});
    let given = [
        user_created(ADA, json!({"userName": "ada"})),
        group_created(STAFF, staff.clone()),
        added(STAFF, &[Member::User(ADA)]),
    ];
    check(&given, put_group(STAFF, staff.clone()), Ok(vec![]));
    check_coercions(&given, put_group(STAFF, staff.clone()), &[Coercion::AbsentKept]);
    for ops in [
        json!([{"op": "Remove", "path": "members", "value": []}]),
        json!([{"op": "Remove", "path": "members", "value": [{"display": "ada"}]}]),
        json!([{"op": "replace", "value": {"displayName": "staff"}}]),
    ] {
        check(&given, patch_group(STAFF, ops), Ok(vec![]));
    }
    let cleared = || Ok(vec![removed(STAFF, &[Member::User(ADA)])]);
    let mut nobody = staff;
    nobody["members"] = json!([]);
    check(&given, put_group(STAFF, nobody), cleared());
    check(&given, patch_group(STAFF, json!([{"op": "remove", "path": "members"}])), cleared());
}

#[test]
fn rule_11_who_is_deleted_leaves_all_groups_at_once_and_versions_move() {
    let ada = json!({"userName": "ada"});
    let team = json!({"displayName": "team"});
    let mut given = vec![
        user_created(ADA, ada),
        user_created(BOB, json!({"userName": "bob"})),
        group_created(STAFF, json!({"displayName": "staff"})),
        group_created(TEAM, team.clone()),
        added(STAFF, &[Member::User(ADA), Member::Group(TEAM)]),
        added(TEAM, &[Member::User(ADA), Member::User(BOB)]),
    ];
    let versions = |given: &[Event]| {
        let directory = directory(given);
        let user = |id| directory.user(id).map(|user| user.version.0);
        let group = |id| directory.group(id).map(|group| group.version.0);
        (user(ADA), user(BOB), group(STAFF), group(TEAM))
    };
    assert_eq!(versions(&given), (Some(6), Some(6), Some(5), Some(6)));
    let off = json!({"userName": "ada", "active": false});
    let deactivated = user_deactivated(ADA, off.clone(), json!({"active": true}));
    check(&given, put_user(ADA, off.clone()), Ok(vec![deactivated.clone()]));
    given.push(deactivated);
    assert_eq!(directory(&given).user(ADA).unwrap().groups.len(), 2, "membership is kept");
    let deleted = user_deleted(ADA, off, &[STAFF, TEAM]);
    check(&given, delete_user(ADA), Ok(vec![deleted.clone()]));
    given.push(deleted);
    assert_eq!(versions(&given), (None, Some(6), Some(8), Some(8)));
    let deleted = group_deleted(TEAM, team);
    check(&given, delete_group(TEAM), Ok(vec![deleted.clone()]));
    given.push(deleted);
    assert_eq!(versions(&given), (None, Some(9), Some(9), None));
    let staff = directory(&given).group(STAFF).unwrap();
    assert!(staff.members.is_empty());
    assert_eq!((staff.created, staff.modified), (Timestamp(3_000), Timestamp(9_000)));
}

#[test]
fn rule_12_every_matching_attribute_is_looked_up_by_index() {
    let given = [
        user_created(BOB, json!({"userName": "bob"})),
        user_created(
            ADA,
            json!({
                "userName": "Ada@x.org", "externalId": "X1",
                "emails": [{"value": "Ada@Mail.org", "type": "work"}, {"value": "a@home.org", "type": "home"}],
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "N7"},
            }),
        ),
        group_created(TEAM, json!({"displayName": "Team"})),
        group_created(STAFF, json!({"displayName": "Staff", "externalId": "G1"})),
        added(STAFF, &[Member::User(ADA), Member::Group(TEAM)]),
    ];
    let directory = directory(&given);
    let users = |filter: &str, expected: &[UserId]| {
        let query = Filter::parse(filter).unwrap().resolve(user_type()).unwrap();
        let lookups = query.lookup().unwrap_or_else(|| panic!("{filter} is not indexed"));
        let found = directory.lookup_users(&lookups, &query);
        assert_eq!(found.iter().map(|u| u.id).collect::<Vec<_>>(), expected, "{filter}");
    };
    users(&format!("id eq \"{ADA}\""), &[ADA]);
    users("userName eq \"ada@X.ORG\"", &[ADA]);
    users("externalId eq \"X1\"", &[ADA]);
    users("externalId eq \"x1\"", &[]);
    users("emails.value eq \"ADA@mail.org\"", &[ADA]);
    users("emails eq \"a@home.org\"", &[ADA]);
    users("emails[type eq \"work\"].value eq \"ada@mail.org\"", &[ADA]);
    users("emails[type eq \"work\"].value eq \"a@home.org\"", &[]);
    users(
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq \"n7\"",
        &[ADA],
    );
    users("externalId eq \"X1\" or userName eq \"bob\" or userName eq \"BOB\"", &[BOB, ADA]);
    users("userName eq \"ada@x.org\" and active eq false", &[]);
    let groups = |filter: &str, expected: &[GroupId]| {
        let query = Filter::parse(filter).unwrap().resolve(group_type()).unwrap();
        let lookups = query.lookup().unwrap_or_else(|| panic!("{filter} is not indexed"));
        let found = directory.lookup_groups(&lookups, &query);
        assert_eq!(found.iter().map(|g| g.id).collect::<Vec<_>>(), expected, "{filter}");
    };
    groups("displayName eq \"staff\"", &[STAFF]);
    groups("externalId eq \"G1\"", &[STAFF]);
    groups(&format!("id eq \"{STAFF}\" and members eq \"{ADA}\""), &[STAFF]);
    groups(&format!("id eq \"{STAFF}\" and members eq \"{BOB}\""), &[]);
    groups(&format!("members.value eq \"{TEAM}\""), &[STAFF]);
    groups(&format!("members[value eq \"{ADA}\"]"), &[STAFF]);
    groups("displayName eq \"team\" or externalId eq \"G1\"", &[TEAM, STAFF]);
}

#[test]
fn rule_13_the_deactivation_wins_over_what_is_refused_with_it() {
    let taken = json!({"userName": "ada"});
    let given = [user_created(BOB, taken.clone()), user_created(ADA, json!({"userName": "eve"}))];
    let off = json!({"userName": "eve", "title": "left", "active": false});
    let deactivated = user_deactivated(ADA, off, json!({"title": null, "active": true}));
    // Entra's soft delete renames and deactivates at once.
    let ops = json!([
        {"op": "Replace", "path": "userName", "value": "ada"},
        {"op": "Replace", "path": "title", "value": "left"},
        {"op": "Replace", "path": "active", "value": false},
    ]);
    check(&given, patch_user(ADA, ops.clone()), Ok(vec![deactivated.clone()]));
    check_coercions(&given, patch_user(ADA, ops.clone()), &[Coercion::DeactivationWon]);
    let body = json!({"userName": "ada", "title": "left", "active": false});
    check(&given, put_user(ADA, body.clone()), Ok(vec![deactivated]));
    check_coercions(&given, put_user(ADA, body), &[Coercion::DeactivationWon]);
    let conflict = || Err(Rejection::UserNameTaken { by: BOB });
    check_in(&STRICT, &given, patch_user(ADA, ops), conflict());
    check(&given, put_user(ADA, taken), conflict());
    // A PUT without a userName is no user at all.
    let put = put_user(ADA, json!({"active": false}));
    let Err(nameless) = decide(&directory(&given), put, &LENIENT) else { panic!("taken") };
    assert_eq!(nameless.to_scim().scim_type, Some(scim::ScimType::InvalidValue));
    // What is too large is left out with all that came with it.
    let large = json!([
        {"op": "replace", "path": "title", "value": "x".repeat(256 * 1024)},
        {"op": "replace", "path": "active", "value": false},
    ]);
    let off =
        user_deactivated(ADA, json!({"userName": "eve", "active": false}), json!({"active": true}));
    check(&given, patch_user(ADA, large), Ok(vec![off]));
    assert_eq!(directory(&given).user(ADA).unwrap().version, Seq(2));
}
