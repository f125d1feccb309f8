//! Records → directory: the same as the one that was written, but for slots that were empty.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use events::{GroupId, Member, ResourceId, Seq, Timestamp, UserId};
use prost::Message;
use uuid::Uuid;

use super::{Kind, Record, Stamps, Unreadable};
use crate::store::slots::Slot;
use crate::store::{custom, group, user};
use crate::{Directory, Members};

/// A directory that is being read back.
#[derive(Debug, Default)]
pub struct Restore {
    directory: Directory,
    /// Members of groups that may not have been read yet.
    nested: Vec<(Slot, GroupId)>,
}

impl Restore {
    /// Takes the next record.
    ///
    /// # Errors
    /// [`Unreadable`]: nothing of it is to be used then.
    pub fn take(&mut self, record: Bytes) -> Result<(), Unreadable> {
        let record = Record::decode(record).map_err(|_| Unreadable)?;
        match record.kind.ok_or(Unreadable)? {
            Kind::Place(place) => {
                self.directory.seq = Seq(place.seq);
                self.directory.at = Timestamp(place.at);
            }
            Kind::User(user) => {
                self.directory.users.insert(read_user(user)?);
            }
            Kind::Group(group) => self.take_group(group)?,
            Kind::Custom(custom) => {
                let name = custom.resource_type.clone();
                self.directory.customs.insert(&name, read_custom(custom)?);
            }
        }
        Ok(())
    }

    /// The directory, after the last record.
    ///
    /// # Errors
    /// [`Unreadable`] when a group is missing that is another one's member.
    pub fn finish(mut self) -> Result<Directory, Unreadable> {
        // In order of the outer groups' slots, so that each list of parents is in order.
        for (outer, inner) in self.nested {
            let inner = self.directory.groups.by_id(inner).ok_or(Unreadable)?;
            let inner = self.directory.groups.get_mut(inner).ok_or(Unreadable)?;
            inner.parents.push(outer);
        }
        Ok(self.directory)
    }

    fn take_group(&mut self, record: super::Group) -> Result<(), Unreadable> {
        let super::Group { users, groups, pending, .. } = &record;
        let users = ids(users)?.map(UserId::new);
        let groups = ids(groups)?.map(GroupId::new);
        let (user_ids, group_ids): (Vec<UserId>, Vec<GroupId>) =
            (users.collect(), groups.collect());
        let mut members = Members::default();
        let all = user_ids.iter().map(|id| Member::User(*id));
        for member in all.chain(group_ids.iter().map(|id| Member::Group(*id))) {
            members.insert(member);
        }
        let pending: BTreeSet<Arc<str>> = pending.iter().map(|name| name.as_str().into()).collect();
        let directory = &mut self.directory;
        directory.memberships += members.len();
        let slot = directory.groups.insert(read_group(record, members, pending.clone())?);
        pending.iter().for_each(|name| directory.pending.insert(name, slot));
        for id in user_ids {
            let user = directory.users.by_id(id).ok_or(Unreadable)?;
            directory.users.get_mut(user).ok_or(Unreadable)?.groups.push(slot);
        }
        self.nested.extend(group_ids.into_iter().map(|id| (slot, id)));
        Ok(())
    }
}

fn read_user(record: super::User) -> Result<user::User, Unreadable> {
    let facts = user::Facts {
        resource: Arc::from(&record.resource[..]),
        active: record.active,
        name_key: record.name_key.into(),
        external_id: record.external_id.map(Into::into),
        emails: record.emails.into_iter().map(Into::into).collect(),
        employee_number: record.employee_number.map(Into::into),
        manager: record.manager.map(Into::into),
        unique_keys: record.unique_keys.into_iter().map(Into::into).collect(),
        display: OnceLock::new(),
    };
    let Stamps { id, version, created, modified, born } = record.stamps;
    Ok(user::User {
        id: UserId::new(one_id(&id)?),
        version: Seq(version),
        born: Seq(born),
        created: Timestamp(created),
        modified: Timestamp(modified),
        facts,
        groups: Vec::new(),
    })
}

fn read_group(
    record: super::Group,
    members: Members,
    pending: BTreeSet<Arc<str>>,
) -> Result<group::Group, Unreadable> {
    let facts = group::Facts {
        resource: Arc::from(&record.resource[..]),
        display: record.display.into(),
        name_key: record.name_key.into(),
        external_id: record.external_id.map(Into::into),
        unique_keys: record.unique_keys.into_iter().map(Into::into).collect(),
    };
    let Stamps { id, version, created, modified, born } = record.stamps;
    Ok(group::Group {
        id: GroupId::new(one_id(&id)?),
        version: Seq(version),
        born: Seq(born),
        created: Timestamp(created),
        modified: Timestamp(modified),
        facts,
        members,
        pending,
        parents: Vec::new(),
    })
}

fn read_custom(record: super::Custom) -> Result<custom::Custom, Unreadable> {
    let facts = custom::Facts {
        resource: Arc::from(&record.resource[..]),
        external_id: record.external_id.map(Into::into),
        unique_keys: record.unique_keys.into_iter().map(Into::into).collect(),
    };
    let Stamps { id, version, created, modified, born } = record.stamps;
    Ok(custom::Custom {
        id: ResourceId::new(one_id(&id)?),
        version: Seq(version),
        born: Seq(born),
        created: Timestamp(created),
        modified: Timestamp(modified),
        facts,
    })
}

fn one_id(bytes: &[u8]) -> Result<Uuid, Unreadable> {
    Uuid::from_slice(bytes).map_err(|_| Unreadable)
}

fn ids(bytes: &[u8]) -> Result<impl Iterator<Item = Uuid>, Unreadable> {
    let (ids, rest) = bytes.as_chunks::<16>();
    if rest.is_empty() { Ok(ids.iter().map(|id| Uuid::from_bytes(*id))) } else { Err(Unreadable) }
}
