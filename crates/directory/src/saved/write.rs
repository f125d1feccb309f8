//! Directory → records. What is written is taken out under the lock for the price of a count per chunk, and written without it.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use events::{Member, Seq, Timestamp};
use prost::Message;
use uuid::Uuid;

use super::{Kind, Place, Record, Stamps};
use crate::Directory;
use crate::store::slots::Chunk;
use crate::store::{custom, group, user};

/// A directory as it was, whatever becomes of it.
#[derive(Debug)]
pub struct Frozen {
    users: Vec<Chunk<user::User>>,
    groups: Vec<Chunk<group::Group>>,
    customs: Vec<(Arc<str>, Vec<Chunk<custom::Custom>>)>,
    seq: Seq,
    at: Timestamp,
}

impl Directory {
    /// The directory as it is now, to be written elsewhere: nothing is copied but counts.
    pub fn freeze(&self) -> Frozen {
        let (users, groups) = (self.users.slots().chunks(), self.groups.slots().chunks());
        let customs = self.customs.types();
        let customs = customs.map(|(name, of)| (Arc::clone(name), of.slots().chunks())).collect();
        Frozen { users, groups, customs, seq: self.seq, at: self.at }
    }
}

impl Frozen {
    /// The number of the last event in it.
    pub const fn seq(&self) -> Seq {
        self.seq
    }

    /// Its records, to be given to [`super::Restore::take`] in the same order.
    pub fn records(&self) -> impl Iterator<Item = Vec<u8>> {
        let place = Kind::Place(Place { seq: self.seq.0, at: self.at.0 });
        let users = live(&self.users).map(|user| Kind::User(user_record(user)));
        let groups = live(&self.groups).map(|group| Kind::Group(group_record(group)));
        let customs = self.customs.iter().flat_map(|(name, chunks)| {
            live(chunks).map(move |custom| Kind::Custom(custom_record(name, custom)))
        });
        let kinds = std::iter::once(place).chain(users).chain(groups).chain(customs);
        kinds.map(|kind| Record { kind: Some(kind) }.encode_to_vec())
    }
}

fn live<T>(chunks: &[Chunk<T>]) -> impl Iterator<Item = &T> {
    chunks.iter().flat_map(|chunk| chunk.iter().flatten().map(Arc::as_ref))
}

fn user_record(user: &user::User) -> super::User {
    // `groups` is made from the groups' members, `display` when it is asked for.
    let user::User { id, version, born, created, modified, facts, groups: _ } = user;
    let user::Facts {
        resource,
        active,
        name_key,
        external_id,
        emails,
        employee_number,
        manager,
        unique_keys,
        display: _,
    } = facts;
    super::User {
        stamps: stamps(id.uuid(), (*version, *born), (*created, *modified)),
        resource: Bytes::copy_from_slice(resource),
        active: *active,
        name_key: name_key.to_string(),
        external_id: text(external_id.as_deref()),
        emails: emails.iter().map(ToString::to_string).collect(),
        employee_number: text(employee_number.as_deref()),
        manager: text(manager.as_deref()),
        unique_keys: unique_keys.iter().map(ToString::to_string).collect(),
    }
}

fn group_record(group: &group::Group) -> super::Group {
    // `parents` are made from the other groups' members.
    let group::Group { id, version, born, created, modified, facts, members, pending, parents: _ } =
        group;
    let group::Facts { resource, display, name_key, external_id, unique_keys } = facts;
    let (mut users, mut groups) = (BytesMut::with_capacity(members.len() * 16), BytesMut::new());
    for member in members.iter() {
        match member {
            Member::User(id) => users.put_slice(id.uuid().as_bytes()),
            Member::Group(id) => groups.put_slice(id.uuid().as_bytes()),
        }
    }
    super::Group {
        stamps: stamps(id.uuid(), (*version, *born), (*created, *modified)),
        resource: Bytes::copy_from_slice(resource),
        display: display.to_string(),
        name_key: name_key.to_string(),
        external_id: text(external_id.as_deref()),
        users: users.freeze(),
        groups: groups.freeze(),
        pending: pending.iter().map(ToString::to_string).collect(),
        unique_keys: unique_keys.iter().map(ToString::to_string).collect(),
    }
}

fn custom_record(name: &str, custom: &custom::Custom) -> super::Custom {
    let custom::Custom { id, version, born, created, modified, facts } = custom;
    let custom::Facts { resource, external_id, unique_keys } = facts;
    super::Custom {
        stamps: stamps(id.uuid(), (*version, *born), (*created, *modified)),
        resource: Bytes::copy_from_slice(resource),
        resource_type: name.to_owned(),
        external_id: text(external_id.as_deref()),
        unique_keys: unique_keys.iter().map(ToString::to_string).collect(),
    }
}

fn stamps(
    id: Uuid,
    (version, born): (Seq, Seq),
    (created, modified): (Timestamp, Timestamp),
) -> Stamps {
    Stamps {
        id: Bytes::copy_from_slice(id.as_bytes()),
        version: version.0,
        created: created.0,
        modified: modified.0,
        born: born.0,
    }
}

fn text(value: Option<&str>) -> Option<String> {
    value.map(str::to_owned)
}
