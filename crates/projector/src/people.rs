//! People as the product reads them: who has an account, whether it is active, and the teams it is in.

use std::collections::BTreeMap;

use events::{GroupId, UserId};

/// One person, by ids and flags.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// The user's id.
    pub id: UserId,
    /// Whether the account may be used.
    pub active: bool,
    /// The teams that the person is a direct member of, in order of id.
    pub teams: Vec<GroupId>,
}

/// All people of a tenant, in order of id: the order in which they came.
#[derive(Debug, Default)]
pub struct People(BTreeMap<UserId, Facts>);

#[derive(Debug)]
struct Facts {
    active: bool,
    teams: Vec<GroupId>,
}

impl People {
    /// One person.
    pub fn find(&self, id: UserId) -> Option<Person> {
        self.0.get(&id).map(|facts| facts.person(id))
    }

    /// Those after `after`, at most `count`; without `after` from the first on.
    pub fn page(&self, after: Option<UserId>, count: usize) -> Vec<Person> {
        crate::views::after(&self.0, after).take(count).map(|(id, it)| it.person(*id)).collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Everyone, and whether the account may be used.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (UserId, bool)> {
        self.0.iter().map(|(id, facts)| (*id, facts.active))
    }

    pub(crate) fn put(&mut self, id: UserId, active: bool) {
        self.0.entry(id).or_insert(Facts { active, teams: Vec::new() }).active = active;
    }

    /// Takes the person out; gives the teams that it was in.
    pub(crate) fn remove(&mut self, id: UserId) -> Vec<GroupId> {
        self.0.remove(&id).map(|facts| facts.teams).unwrap_or_default()
    }

    /// `false` when there is no such person.
    pub(crate) fn join(&mut self, id: UserId, team: GroupId) -> bool {
        let Some(facts) = self.0.get_mut(&id) else { return false };
        if let Err(place) = facts.teams.binary_search(&team) {
            facts.teams.insert(place, team);
        }
        true
    }

    pub(crate) fn leave(&mut self, id: UserId, team: GroupId) {
        let Some(facts) = self.0.get_mut(&id) else { return };
        if let Ok(place) = facts.teams.binary_search(&team) {
            facts.teams.remove(place);
        }
    }

    pub(crate) fn dump(&self) -> impl Iterator<Item = String> {
        self.0
            .iter()
            .map(|(id, it)| format!("person {id} active {} teams {:?}", it.active, it.teams))
    }
}

impl Facts {
    fn person(&self, id: UserId) -> Person {
        Person { id, active: self.active, teams: self.teams.clone() }
    }
}
