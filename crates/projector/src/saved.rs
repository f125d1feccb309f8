//! The views as bytes, so that a tenant is loaded without its whole history. A cache; the log stays the truth.
//!
//! `[1] format = 1`, then one protobuf message. Who is in which team is written once, from the team's side.

use std::collections::BTreeSet;

use bytes::Bytes;
use events::{GroupId, Member, Seq, UserId};
use prost::Message;
use uuid::Uuid;

use crate::{People, Teams, Views};

const FORMAT: u8 = 1;

#[derive(Clone, PartialEq, Message)]
struct Saved {
    #[prost(uint64, tag = "1")]
    seq: u64,
    #[prost(message, repeated, tag = "2")]
    people: Vec<Person>,
    #[prost(message, repeated, tag = "3")]
    teams: Vec<Team>,
}

#[derive(Clone, PartialEq, Message)]
struct Person {
    /// 16 bytes.
    #[prost(bytes = "bytes", tag = "1")]
    id: Bytes,
    #[prost(bool, tag = "2")]
    active: bool,
}

#[derive(Clone, PartialEq, Message)]
struct Team {
    /// 16 bytes.
    #[prost(bytes = "bytes", tag = "1")]
    id: Bytes,
    /// Ids of 16 bytes side by side.
    #[prost(bytes = "vec", tag = "2")]
    people: Vec<u8>,
    /// Ids of 16 bytes side by side.
    #[prost(bytes = "vec", tag = "3")]
    teams: Vec<u8>,
}

/// All of the views.
pub(crate) fn save(views: &Views) -> Vec<u8> {
    let people = views.people().iter();
    let people = people.map(|(id, active)| Person { id: bytes(id.uuid()), active });
    let teams = views.teams().iter().map(|(id, people, teams)| Team {
        id: bytes(id.uuid()),
        people: people.iter().flat_map(|id| id.uuid().into_bytes()).collect(),
        teams: teams.iter().flat_map(|id| id.uuid().into_bytes()).collect(),
    });
    let (people, teams) = (people.collect(), teams.collect());
    let saved = Saved { seq: views.stands_at().0, people, teams };
    let mut out = vec![FORMAT];
    out.append(&mut saved.encode_to_vec());
    out
}

/// What [`save`] gave; `None` when these bytes are none that this release reads.
pub(crate) fn restore(saved: &Bytes) -> Option<Views> {
    if saved.first() != Some(&FORMAT) {
        return None;
    }
    let saved = Saved::decode(saved.slice(1..)).ok()?;
    let (mut people, mut teams) = (People::default(), Teams::default());
    for person in saved.people {
        people.put(UserId::new(Uuid::from_slice(&person.id).ok()?), person.active);
    }
    let mut members: Vec<(GroupId, BTreeSet<Member>)> = Vec::new();
    for team in saved.teams {
        let id = GroupId::new(Uuid::from_slice(&team.id).ok()?);
        let users = ids(&team.people)?.map(|id| Member::User(UserId::new(id)));
        let groups = ids(&team.teams)?.map(|id| Member::Group(GroupId::new(id)));
        teams.put(id);
        members.push((id, users.chain(groups).collect()));
    }
    for (team, member) in members.iter().flat_map(|(id, all)| all.iter().map(|it| (*id, *it))) {
        if let Member::User(user) = member
            && !people.join(user, team)
        {
            return None;
        }
        teams.join(team, member);
    }
    Some(Views::new(people, teams, Seq(saved.seq)))
}

fn bytes(id: Uuid) -> Bytes {
    Bytes::copy_from_slice(id.as_bytes())
}

fn ids(bytes: &[u8]) -> Option<impl Iterator<Item = Uuid>> {
    let (ids, rest) = bytes.as_chunks::<16>();
    rest.is_empty().then(|| ids.iter().map(|id| Uuid::from_bytes(*id)))
}
