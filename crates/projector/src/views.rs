//! Both views of a tenant in one fold, so that they stand at one number.

use std::collections::BTreeMap;
use std::ops::Bound;

use bytes::Bytes;
use events::{Envelope, Event, Member, Seq};
use tenancy::Fold;

use crate::{People, Teams, saved};

/// People and teams of one tenant at one number.
#[derive(Debug, Default)]
pub struct Views {
    people: People,
    teams: Teams,
    seq: Seq,
}

/// Makes the empty views of a tenant: what `tenancy` is opened with.
pub fn fold() -> Box<dyn Fold> {
    Box::<Views>::default()
}

impl Views {
    pub(crate) const fn new(people: People, teams: Teams, seq: Seq) -> Self {
        Self { people, teams, seq }
    }

    /// The people.
    pub const fn people(&self) -> &People {
        &self.people
    }

    /// The teams.
    pub const fn teams(&self) -> &Teams {
        &self.teams
    }

    /// The number that both stand at.
    pub const fn stands_at(&self) -> Seq {
        self.seq
    }
}

impl Fold for Views {
    fn apply(&mut self, envelope: &Envelope) {
        self.seq = envelope.seq;
        let Self { people, teams, seq: _ } = self;
        match &envelope.event {
            Event::UserCreated { user, state }
            | Event::UserUpdated { user, state, .. }
            | Event::UserDeactivated { user, state, .. }
            | Event::UserReactivated { user, state, .. } => people.put(*user, state.active),
            Event::UserDeleted { user, .. } => {
                for team in people.remove(*user) {
                    teams.leave(team, Member::User(*user));
                }
            }
            Event::GroupCreated { group, .. } => teams.put(*group),
            Event::GroupDeleted { group, .. } => {
                for person in teams.remove(*group) {
                    people.leave(person, *group);
                }
            }
            Event::GroupMembersAdded { group, members, .. } => {
                for member in members {
                    let there = match member {
                        Member::User(user) => people.join(*user, *group),
                        Member::Group(_) => true,
                    };
                    if there {
                        teams.join(*group, *member);
                    }
                }
            }
            Event::GroupMembersRemoved { group, members, .. } => {
                for member in members {
                    if let Member::User(user) = member {
                        people.leave(*user, *group);
                    }
                    teams.leave(*group, *member);
                }
            }
            // Names and attributes are read from the directory.
            Event::GroupUpdated { .. } => {}
            // Of the platform's own stream: they say nothing about people and teams.
            Event::TenantCreated { .. }
            | Event::TenantUpdated { .. }
            | Event::TenantSuspended { .. }
            | Event::TenantResumed { .. }
            | Event::TenantDeleted { .. }
            | Event::TokenIssued { .. }
            | Event::TokenRevoked { .. }
            | Event::KeyIssued { .. }
            | Event::KeyRevoked { .. }
            | Event::SchemaPut { .. }
            | Event::SchemaDeleted { .. }
            | Event::ResourceCreated { .. }
            | Event::ResourceUpdated { .. }
            | Event::ResourceDeleted { .. }
            | Event::LogRestored { .. } => {}
        }
    }

    fn seq(&self) -> Seq {
        self.seq
    }

    fn dump(&self) -> Vec<String> {
        let place = format!("views at seq {}", self.seq);
        std::iter::once(place).chain(self.people.dump()).chain(self.teams.dump()).collect()
    }

    fn save(&self) -> Vec<u8> {
        saved::save(self)
    }

    fn restore(&mut self, saved: &Bytes) -> bool {
        let restored = saved::restore(saved);
        let is_ours = restored.is_some();
        *self = restored.unwrap_or_default();
        is_ours
    }
}

/// What comes after a key; without one, everything.
pub(crate) fn after<K: Ord + Copy, V>(
    map: &BTreeMap<K, V>,
    key: Option<K>,
) -> impl Iterator<Item = (&K, &V)> {
    map.range((key.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded))
}
