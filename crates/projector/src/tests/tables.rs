//! What each event does to people and teams.

use events::{Event, Member, UserId};
use tenancy::Fold;

use super::history::{
    created, deactivated, deleted, dissolved, founded, group, history, joined, left, reactivated,
    user,
};
use crate::{Team, Views};

/// Each person by number, flag and teams; each team by number, people and teams.
fn check(events: Vec<Event>, people: &[(u128, bool, &[u128])], teams: &[(u128, usize, &[u128])]) {
    let views = views(events);
    let seen: Vec<_> = views.people().page(None, 100);
    let expected = people.iter().map(|(n, active, teams)| crate::Person {
        id: user(*n),
        active: *active,
        teams: teams.iter().map(|n| group(*n)).collect(),
    });
    assert_eq!(seen, expected.collect::<Vec<_>>());
    let expected = teams.iter().map(|(n, people_count, teams)| Team {
        id: group(*n),
        people_count: *people_count,
        teams: teams.iter().map(|n| group(*n)).collect(),
    });
    assert_eq!(views.teams().page(None, 100), expected.collect::<Vec<_>>());
}

fn views(events: Vec<Event>) -> Views {
    let mut views = Views::default();
    history(1, events).iter().for_each(|envelope| views.apply(envelope));
    views
}

fn users(numbers: impl IntoIterator<Item = u128>) -> Vec<Member> {
    numbers.into_iter().map(|n| Member::User(user(n))).collect()
}

fn nested(n: u128) -> Vec<Member> {
    vec![Member::Group(group(n))]
}

#[test]
fn people_come_change_and_go() {
    check(vec![created(1, true)], &[(1, true, &[])], &[]);
    check(vec![created(1, false)], &[(1, false, &[])], &[]);
    check(vec![created(1, true), deactivated(1)], &[(1, false, &[])], &[]);
    check(vec![created(1, true), deactivated(1), reactivated(1)], &[(1, true, &[])], &[]);
    check(vec![created(1, true), deleted(1, vec![])], &[], &[]);
}

#[test]
fn teams_have_direct_members() {
    let base = || vec![created(1, true), created(2, true), founded(1), founded(2)];
    let with = |more: Vec<Event>| base().into_iter().chain(more).collect::<Vec<_>>();
    check(
        with(vec![joined(1, users([1, 2])), joined(2, users([2]))]),
        &[(1, true, &[1]), (2, true, &[1, 2])],
        &[(1, 2, &[]), (2, 1, &[])],
    );
    check(
        with(vec![joined(1, users([1, 2])), left(1, users([1]))]),
        &[(1, true, &[]), (2, true, &[1])],
        &[(1, 1, &[]), (2, 0, &[])],
    );
    check(
        with(vec![joined(1, users([1])), deactivated(1)]),
        &[(1, false, &[1]), (2, true, &[])],
        &[(1, 1, &[]), (2, 0, &[])],
    );
    check(
        with(vec![joined(1, users([1])), joined(1, nested(2)), joined(2, users([2]))]),
        &[(1, true, &[1]), (2, true, &[2])],
        &[(1, 1, &[2]), (2, 1, &[])],
    );
    check(
        with(vec![joined(1, nested(2)), left(1, nested(2))]),
        &[(1, true, &[]), (2, true, &[])],
        &[(1, 0, &[]), (2, 0, &[])],
    );
}

#[test]
fn whoever_goes_leaves_everywhere() {
    let base = || {
        let joined = [joined(1, users([1, 2])), joined(2, users([1])), joined(1, nested(2))];
        let there = vec![created(1, true), created(2, true), founded(1), founded(2)];
        there.into_iter().chain(joined).collect::<Vec<_>>()
    };
    let with = |more: Event| base().into_iter().chain([more]).collect::<Vec<_>>();
    check(
        with(deleted(1, vec![group(1), group(2)])),
        &[(2, true, &[1])],
        &[(1, 1, &[2]), (2, 0, &[])],
    );
    check(with(dissolved(2)), &[(1, true, &[1]), (2, true, &[1])], &[(1, 2, &[])]);
    check(with(dissolved(1)), &[(1, true, &[2]), (2, true, &[])], &[(2, 1, &[])]);
}

#[test]
fn views_are_read_in_pages() {
    let count = 25;
    let people = (0..count).map(|n| created(n, true));
    let teams = (0..count).map(founded);
    let views = views(people.chain(teams).chain([joined(3, users(0..count))]).collect());
    assert_eq!((views.people().len(), views.teams().len()), (25, 25));
    assert_eq!(views.stands_at().0, 51);
    let ids = |people: Vec<crate::Person>| people.iter().map(|it| it.id).collect::<Vec<UserId>>();
    assert_eq!(ids(views.people().page(None, 2)), [user(0), user(1)]);
    assert_eq!(ids(views.people().page(Some(user(1)), 2)), [user(2), user(3)]);
    assert_eq!(ids(views.people().page(Some(user(23)), 9)), [user(24)]);
    assert_eq!(ids(views.people().page(Some(user(24)), 9)), []);
    assert_eq!(views.teams().people(group(3), None, 2), [user(0), user(1)]);
    assert_eq!(views.teams().people(group(3), Some(user(23)), 9), [user(24)]);
    assert_eq!(views.teams().people(group(99), None, 9), []);
    assert_eq!(views.teams().page(Some(group(23)), 9).len(), 1);
    assert_eq!(views.people().find(user(99)), None);
    assert_eq!(views.people().find(user(7)).unwrap().teams, [group(3)]);
    assert_eq!(views.teams().find(group(3)).unwrap().people_count, 25);
    assert_eq!(views.teams().find(group(99)), None);
}
