//! Reading: pages, scans, names of others, and what a view holds.

use scim::{Filter, Page};
use serde_json::json;

use super::*;
use crate::{Sample, ScanFrom, UserView};

fn user(number: u128) -> UserId {
    UserId::new(Uuid::from_u128(0x100 + number))
}

/// Ten users, every third deleted, all of the rest in staff.
fn ten() -> Directory {
    let attributes = |n: u128| {
        let name = format!("u{n}");
        json!({"userName": name, "displayName": name, "active": n.is_multiple_of(2)})
    };
    let mut events: Vec<Event> = (0..10).map(|n| user_created(user(n), attributes(n))).collect();
    events.push(group_created(STAFF, json!({"displayName": "staff"})));
    let stay: Vec<Member> = (0..10).filter(|n| n % 3 != 0).map(|n| Member::User(user(n))).collect();
    events.push(added(STAFF, &stay));
    events.extend((0..10).step_by(3).map(|n| user_deleted(user(n), attributes(n), &[])));
    directory(&events)
}

fn numbers(users: &[UserView]) -> Vec<u128> {
    users.iter().map(|user| user.id.uuid().as_u128() - 0x100).collect()
}

#[test]
fn pages_are_in_creation_order() {
    let directory = ten();
    let check = |start_index, count, expected: &[u128]| {
        let page = directory.users_page(Page { start_index, count });
        assert_eq!(numbers(&page), expected);
    };
    check(1, 100, &[1, 2, 4, 5, 7, 8]);
    check(1, 2, &[1, 2]);
    check(3, 2, &[4, 5]);
    check(6, 9, &[8]);
    check(7, 9, &[]);
    check(1, 0, &[]);
    assert_eq!((directory.user_count(), directory.group_count()), (6, 1));
    let groups = directory.groups_page(Page { start_index: 1, count: 10 });
    assert_eq!(groups.iter().map(|g| (g.id, g.members.len())).collect::<Vec<_>>(), [(STAFF, 6)]);
}

#[test]
fn the_place_is_that_of_the_last_event() {
    let place = |directory: &Directory| (directory.seq().0, directory.at().0);
    assert_eq!(place(&Directory::default()), (0, 0));
    let mut directory = directory(&[user_created(ADA, json!({"userName": "ada"}))]);
    assert_eq!(place(&directory), (1, 1_000));
    // Whatever it is: the platform's own events change nothing else.
    let tenant = TenantId::parse("acme").unwrap();
    apply(&mut directory, &[Event::TenantSuspended { tenant }]);
    assert_eq!(place(&directory), (2, 2_000));
    assert_eq!(directory.user(ADA).unwrap().version.0, 1);
}

#[test]
fn a_scan_goes_on_where_it_stopped() {
    let directory = ten();
    let scan = |filter: &str, rows: usize| {
        let query = Filter::parse(filter).unwrap().resolve(user_type()).unwrap();
        let (mut from, mut found, mut slices) = (Some(ScanFrom::default()), vec![], vec![]);
        while let Some(at) = from {
            let slice = directory.scan_users(&query, at, rows);
            found.extend(numbers(&slice.found));
            slices.push(slice.scanned);
            from = slice.next;
        }
        assert_sampled(&directory, &query, &found, slices.iter().sum());
        (found, slices)
    };
    assert_eq!(scan("active eq true", 100), (vec![2, 4, 8], vec![6]));
    assert_eq!(scan("active eq false", 4), (vec![1, 5, 7], vec![4, 2]));
    assert_eq!(scan("userName ne \"u4\"", 3), (vec![1, 2, 5, 7, 8], vec![3, 3]));
    assert_eq!(scan("title pr", 100), (vec![], vec![6]));
    assert_eq!(scan(&format!("id eq \"{}\"", user(5)), 100), (vec![5], vec![6]));
    assert_eq!(scan("groups.display eq \"staff\" and active eq true", 100).0, [2, 4, 8]);
    assert_eq!(scan("meta.lastModified gt \"1970-01-01T00:00:12Z\"", 100).0, [0; 0]);
    assert_eq!(scan("meta.lastModified ge \"1970-01-01T00:00:12Z\"", 100).0.len(), 6);
    assert_eq!(scan("meta.created lt \"1970-01-01T00:00:04Z\"", 100).0, [1, 2]);
    let query = Filter::parse("active pr").unwrap().resolve(user_type()).unwrap();
    let nothing = Directory::default().scan_users(&query, ScanFrom::default(), 10);
    assert_eq!((nothing.scanned, nothing.next), (0, None));
}

/// Users taken out and looked at give what the scan gave, if the query is theirs alone to answer.
fn assert_sampled(directory: &Directory, query: &scim::Query, expected: &[u128], rows: usize) {
    assert_eq!(Sample::serves(query), !query.needs("groups"));
    let (mut from, mut found, mut scanned) = (Some(ScanFrom::default()), vec![], 0);
    while let Some(at) = from.filter(|_| Sample::serves(query)) {
        let sample = directory.sample_users(at, 3);
        scanned += sample.scanned();
        found.extend(numbers(&directory.matching_users(&sample.matching(query), query)));
        from = sample.next();
    }
    if Sample::serves(query) {
        assert_eq!((found.as_slice(), scanned), (expected, rows));
    }
}

#[test]
fn samples_of_many_users_follow_each_other() {
    let created = |n: u128| user_created(user(n), json!({"userName": format!("u{n}")}));
    let directory = directory(&(0..700).map(created).collect::<Vec<_>>());
    let query = Filter::parse("userName sw \"u\"").unwrap().resolve(user_type()).unwrap();
    let mut sizes = vec![];
    let mut from = Some(ScanFrom(Seq(100)));
    while let Some(at) = from {
        let sample = directory.sample_users(at, 256);
        sizes.push((sample.scanned(), sample.matching(&query).len()));
        from = sample.next();
    }
    assert_eq!(sizes, [(412, 412), (188, 188)]);
}

#[test]
fn who_changed_after_it_was_taken_is_left_out() {
    let mut directory = ten();
    let query = Filter::parse("active eq true").unwrap().resolve(user_type()).unwrap();
    let sample = directory.sample_users(ScanFrom::default(), 100);
    apply(&mut directory, &[user_deleted(user(4), json!({"userName": "u4"}), &[STAFF])]);
    let matching = sample.matching(&query);
    assert_eq!(matching, [user(2), user(4), user(8)]);
    assert_eq!(numbers(&directory.matching_users(&matching, &query)), [2, 8]);
}

#[test]
fn members_that_are_looked_at_count_as_rows() {
    let directory = ten();
    let scan = |filter: &str| {
        let query = Filter::parse(filter).unwrap().resolve(group_type()).unwrap();
        let slice = directory.scan_groups(&query, ScanFrom::default(), 100);
        (slice.found.len(), slice.scanned)
    };
    assert_eq!(scan("members.display co \"u7\""), (1, 7));
    assert_eq!(scan("members.display co \"u9\""), (0, 7));
    assert_eq!(scan(&format!("members eq \"{}\"", user(7))), (1, 3), "not everybody");
    assert_eq!(scan(&format!("members eq \"{}\"", user(9))), (0, 3), "not everybody");
    assert_eq!(scan(&format!("not (members eq \"{}\")", user(9))), (1, 3), "not everybody");
    assert_eq!(scan("displayName sw \"s\""), (1, 1));
    assert_eq!(scan("displayName sw \"t\""), (0, 1));
}

#[test]
fn names_of_others_are_read_from_them() {
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let managed = |name: &str, manager: &str| {
        let mut attributes = json!({"userName": name});
        attributes[enterprise] = json!({"manager": {"value": manager}});
        attributes
    };
    let mut given = vec![
        user_created(ADA, json!({"userName": "ada", "displayName": "Ada L"})),
        user_created(BOB, managed("bob", &ADA.to_string())),
        user_created(EVE, managed("eve", "271")),
        group_created(STAFF, json!({"displayName": "staff"})),
        added(STAFF, &[Member::User(BOB)]),
    ];
    let names = |given: &[Event]| {
        let members =
            [Member::User(ADA), Member::User(BOB), Member::Group(STAFF), Member::Group(TEAM)];
        let names = directory(given).display_names(&members);
        names.iter().map(|name| name.as_deref().unwrap_or("-").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&given), ["Ada L", "-", "staff", "-"]);
    let view = |given: &[Event], id| {
        let view = directory(given).user(id).unwrap();
        let manager = view.manager.unwrap();
        let name = manager.display.map(|name| name.to_string());
        (manager.value, manager.user, name, view.groups.len())
    };
    assert_eq!(view(&given, BOB), (ADA.to_string(), Some(ADA), Some("Ada L".to_owned()), 1));
    assert_eq!(view(&given, EVE), ("271".to_owned(), None, None, 0));
    let renamed = json!({"userName": "ada", "displayName": "Lovelace"});
    given.push(user_updated(ADA, renamed, json!({"displayName": "Ada L"})));
    assert_eq!(names(&given)[0], "Lovelace");
    assert_eq!(view(&given, BOB).2.as_deref(), Some("Lovelace"));
    let query = format!("{enterprise}:manager.displayName eq \"lovelace\"");
    let query = Filter::parse(&query).unwrap().resolve(user_type()).unwrap();
    let found = directory(&given).scan_users(&query, ScanFrom::default(), 10).found;
    assert_eq!(found.iter().map(|user| user.id).collect::<Vec<_>>(), [BOB]);
}

#[test]
fn a_name_that_was_read_already_is_read_again_after_a_change() {
    let named = |name: &str| json!({"userName": "ada", "displayName": name});
    let mut directory = directory(&[user_created(ADA, named("ada"))]);
    let name = |directory: &Directory| directory.display_names(&[Member::User(ADA)])[0].clone();
    assert_eq!(name(&directory).as_deref(), Some("ada"));
    let renamed = user_updated(ADA, named("eve"), json!({"displayName": "ada"}));
    apply(&mut directory, &[renamed]);
    assert_eq!(name(&directory).as_deref(), Some("eve"));
}
