//! Whatever happens, the views say of people and teams what the directory says of users and groups.

use std::collections::{BTreeMap, BTreeSet};

use directory::Directory;
use events::{Event, Member};
use proptest::prelude::*;
use tenancy::Fold;

use super::history::{
    created, deactivated, deleted, dissolved, founded, group, history, joined, left, reactivated,
    user,
};
use crate::Views;

/// What is there, so that only what is true is logged.
#[derive(Default)]
struct There {
    users: BTreeMap<u128, bool>,
    groups: BTreeMap<u128, BTreeSet<Member>>,
}

impl There {
    /// The event that one wish makes, if it can.
    fn next(&mut self, (kind, n, m): (u8, u128, u128)) -> Option<Event> {
        match kind {
            0 => self.users.insert(n, m == 0).is_none().then(|| created(n, m == 0)),
            1 => {
                let active = self.users.get_mut(&n)?;
                *active = !*active;
                Some(if *active { reactivated(n) } else { deactivated(n) })
            }
            2 => {
                self.users.remove(&n)?;
                let gone = Member::User(user(n));
                let groups = self.groups.iter_mut();
                let left = groups.filter_map(|(id, it)| it.remove(&gone).then(|| group(*id)));
                Some(deleted(n, left.collect()))
            }
            3 => (!self.groups.contains_key(&n)).then(|| {
                self.groups.insert(n, BTreeSet::new());
                founded(n)
            }),
            4 => {
                self.groups.remove(&n)?;
                let gone = Member::Group(group(n));
                self.groups.values_mut().for_each(|it| it.retain(|member| *member != gone));
                Some(dissolved(n))
            }
            5 => {
                // Only into later groups, so that there is no circle.
                let inner = n < m && self.groups.contains_key(&m);
                let members = self.groups.get_mut(&n)?;
                let user = self.users.contains_key(&m).then(|| Member::User(user(m)));
                let group = inner.then(|| Member::Group(group(m)));
                let new = user.into_iter().chain(group).filter(|it| members.insert(*it)).collect();
                Some(joined(n, new))
            }
            _ => {
                let members = self.groups.get_mut(&n)?;
                let gone = [Member::User(user(m)), Member::Group(group(m))];
                let gone = gone.into_iter().filter(|it| members.remove(it)).collect();
                Some(left(n, gone))
            }
        }
    }
}

proptest! {
    #[test]
    fn people_and_teams_are_those_of_the_directory(
        wishes in prop::collection::vec((0..7_u8, 0..6_u128, 0..6_u128), 0..150),
    ) {
        let (mut there, mut directory, mut views) =
            (There::default(), Directory::default(), Views::default());
        let events = wishes.into_iter().filter_map(|wish| there.next(wish)).collect();
        for envelope in history(1, events) {
            directory.apply(&envelope);
            views.apply(&envelope);
            if envelope.seq.0.is_multiple_of(16) {
                // What was saved and read back goes on as if nothing had been.
                let (saved, before) = (views.save(), views.dump());
                views = Views::default();
                prop_assert!(views.restore(&saved.into()));
                prop_assert_eq!(views.dump(), before);
            }
        }
        prop_assert_eq!(views.people().len(), directory.user_count());
        for person in views.people().page(None, usize::MAX) {
            let user = directory.user(person.id).unwrap();
            let mut groups: Vec<_> = user.groups.into_iter().map(|(id, _)| id).collect();
            groups.sort_unstable();
            prop_assert_eq!((person.active, person.teams), (user.active, groups));
        }
        prop_assert_eq!(views.teams().len(), directory.group_count());
        for team in views.teams().page(None, usize::MAX) {
            let group = directory.group(team.id).unwrap();
            let people = views.teams().people(team.id, None, usize::MAX);
            prop_assert_eq!(people.len(), team.people_count);
            let people = people.into_iter().map(Member::User);
            let members = people.chain(team.teams.into_iter().map(Member::Group));
            prop_assert!(members.eq(group.members.iter()));
        }
        prop_assert_eq!(views.stands_at(), directory.seq());
    }
}
