//! Teams as the product reads them: each group is one, with its direct members. Nested groups are named, not
//! expanded.

use std::collections::{BTreeMap, BTreeSet};

use events::{GroupId, Member, UserId};

/// One team, by ids.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Team {
    /// The group's id.
    pub id: GroupId,
    /// How many people are direct members.
    pub people_count: usize,
    /// The teams that are direct members, in order of id.
    pub teams: Vec<GroupId>,
}

/// All teams of a tenant, in order of id: the order in which they came.
#[derive(Debug, Default)]
pub struct Teams(BTreeMap<GroupId, Facts>);

#[derive(Debug, Default)]
struct Facts {
    people: BTreeSet<UserId>,
    teams: BTreeSet<GroupId>,
    /// The teams that this one is a direct member of.
    within: BTreeSet<GroupId>,
}

impl Teams {
    /// One team.
    pub fn find(&self, id: GroupId) -> Option<Team> {
        self.0.get(&id).map(|facts| facts.team(id))
    }

    /// Those after `after`, at most `count`; without `after` from the first on.
    pub fn page(&self, after: Option<GroupId>, count: usize) -> Vec<Team> {
        crate::views::after(&self.0, after).take(count).map(|(id, it)| it.team(*id)).collect()
    }

    /// The people who are direct members of a team and come after `after`, at most `count`, in order of id.
    pub fn people(&self, id: GroupId, after: Option<UserId>, count: usize) -> Vec<UserId> {
        let Some(facts) = self.0.get(&id) else { return Vec::new() };
        let after = |user: &&UserId| after.is_none_or(|it| **user > it);
        facts.people.iter().filter(after).take(count).copied().collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All, each with the people and the teams that are direct members.
    pub(crate) fn iter(
        &self,
    ) -> impl Iterator<Item = (GroupId, &BTreeSet<UserId>, &BTreeSet<GroupId>)> {
        self.0.iter().map(|(id, facts)| (*id, &facts.people, &facts.teams))
    }

    pub(crate) fn put(&mut self, id: GroupId) {
        self.0.entry(id).or_default();
    }

    /// Takes the team out; gives the people who were in it.
    pub(crate) fn remove(&mut self, id: GroupId) -> BTreeSet<UserId> {
        let Some(facts) = self.0.remove(&id) else { return BTreeSet::new() };
        for outer in &facts.within {
            if let Some(outer) = self.0.get_mut(outer) {
                outer.teams.remove(&id);
            }
        }
        for inner in &facts.teams {
            if let Some(inner) = self.0.get_mut(inner) {
                inner.within.remove(&id);
            }
        }
        facts.people
    }

    /// Members that are not there are passed over.
    pub(crate) fn join(&mut self, id: GroupId, member: Member) {
        match member {
            Member::User(user) => {
                if let Some(facts) = self.0.get_mut(&id) {
                    facts.people.insert(user);
                }
            }
            Member::Group(inner) => {
                let (true, Some(facts)) = (self.0.contains_key(&id), self.0.get_mut(&inner)) else {
                    return;
                };
                facts.within.insert(id);
                self.put(id);
                if let Some(facts) = self.0.get_mut(&id) {
                    facts.teams.insert(inner);
                }
            }
        }
    }

    pub(crate) fn leave(&mut self, id: GroupId, member: Member) {
        match member {
            Member::User(user) => {
                if let Some(facts) = self.0.get_mut(&id) {
                    facts.people.remove(&user);
                }
            }
            Member::Group(inner) => {
                if let Some(facts) = self.0.get_mut(&inner) {
                    facts.within.remove(&id);
                }
                if let Some(facts) = self.0.get_mut(&id) {
                    facts.teams.remove(&inner);
                }
            }
        }
    }

    pub(crate) fn dump(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(id, it)| {
            let Facts { people, teams, within } = it;
            format!("team {id} people {people:?} teams {teams:?} within {within:?}")
        })
    }
}

impl Facts {
    fn team(&self, id: GroupId) -> Team {
        let teams = self.teams.iter().copied().collect();
        Team { id, people_count: self.people.len(), teams }
    }
}
