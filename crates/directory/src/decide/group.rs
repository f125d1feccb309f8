//! The rules of groups, membership apart.

use bytes::Bytes;
use events::{Event, GroupId, GroupState, Member};
use scim::key::folded;
use scim::resource::Stored;
use scim::{Coercion, Coercions, Draft, Error, MemberOp, Patch, ScimType};
use serde_json::{Map, Value};

use super::bind::{Arrival, bind};
use super::members::Running;
use super::resource::{Change, change, taken, text};
use super::{Made, check_version};
use crate::store::group::Group;
use crate::store::slots::Slot;
use crate::{Directory, Expected, Rejection, Rules};

/// POST.
pub(super) fn create(
    directory: &Directory,
    id: GroupId,
    mut draft: Draft,
    rules: &Rules,
) -> Result<Made, Rejection> {
    if directory.groups.by_id(id).is_some() {
        let detail = "the id of a new group is in use: send the request again";
        return Err(Error::new(409, Some(ScimType::Uniqueness), detail).into());
    }
    let (members, coercions) = (draft.members.take(), draft.coercions);
    let resource = scim::resource::create(draft, &id.to_string(), rules.types.group())?;
    let state = state(&resource, rules)?;
    check_name(directory, &state, None, rules)?;
    check_unique(directory, &state, None)?;
    let mut made = Made::new(coercions);
    let mut running = Running::of_new(directory, rules.profile);
    running.add(&members.unwrap_or_default(), &mut made.coercions)?;
    let delta = running.finish()?;
    let arrival = Arrival {
        member: Member::Group(id),
        name_key: None,
        external_id: state.external_id.as_deref(),
        members: &delta.added,
    };
    let joined = bind(directory, &arrival);
    made.events.push(Event::GroupCreated { group: id, state });
    made.events.extend(delta.into_events(id));
    made.events.extend(joined);
    Ok(made)
}

/// The group that a command is about, at the version that it expects.
pub(super) fn find<'a>(
    directory: &'a Directory,
    id: GroupId,
    expected: &Expected,
    rules: &'a Rules,
) -> Result<Found<'a>, Rejection> {
    let (slot, group) = directory.group_by_id(id).ok_or(Rejection::NoSuchGroup(id))?;
    check_version(expected, group.version)?;
    Ok(Found { directory, slot, group, rules })
}

/// A group that a command is about.
pub(super) struct Found<'a> {
    directory: &'a Directory,
    slot: Slot,
    group: &'a Group,
    rules: &'a Rules,
}

impl<'a> Found<'a> {
    /// PUT. Without the key `members` it keeps them, outside strict (`idp-traffic.md` §9.2) and where a PUT keeps all.
    pub(super) fn replace(self, mut draft: Draft) -> Result<Made, Rejection> {
        let (members, mut coercions) = (draft.members.take(), draft.coercions);
        let old = Stored::new(&self.group.facts.resource)?;
        let profile = self.rules.profile;
        let new = scim::resource::replace(
            &old,
            draft,
            self.rules.types.group(),
            profile,
            &mut coercions,
        )?;
        let mut running = self.members();
        match members {
            Some(members) => running.replace(&members, &mut coercions)?,
            None if profile.strict && !profile.put_keeps_absent => running.clear(),
            None if self.group.members.is_empty() && self.group.pending.is_empty() => {}
            None => coercions.insert(Coercion::AbsentKept),
        }
        self.settle(&old, &new, running, coercions)
    }

    /// PATCH.
    pub(super) fn patch(self, patch: &Patch) -> Result<Made, Rejection> {
        let mut coercions = *patch.coercions();
        let old = Stored::new(&self.group.facts.resource)?;
        let mut new = old.whole()?;
        patch.apply(&mut new, self.rules.types.group(), &mut coercions)?;
        scim::resource::check_required(&new, self.rules.types.group())?;
        let mut running = self.members();
        for op in patch.members() {
            match op {
                MemberOp::Add(members) => running.add(members, &mut coercions)?,
                MemberOp::Remove(members) => running.remove(members, &mut coercions)?,
                MemberOp::RemoveAll => running.clear(),
                MemberOp::RemoveWhere(filter) => running.remove_where(filter, &mut coercions)?,
                MemberOp::Replace(members) => running.replace(members, &mut coercions)?,
            }
        }
        self.settle(&old, &new, running, coercions)
    }

    /// DELETE: everyone leaves, and it leaves the groups it is in.
    pub(super) fn delete(self) -> Made {
        let previous = Bytes::copy_from_slice(&self.group.facts.resource);
        let event = Event::GroupDeleted { group: self.group.id, previous };
        Made { events: vec![event], coercions: Coercions::default() }
    }

    /// From what the request makes of the group to events: attributes, then who leaves, then who joins.
    fn settle(
        &self,
        old: &Stored<'_>,
        new: &Map<String, Value>,
        running: Running<'a>,
        coercions: Coercions,
    ) -> Result<Made, Rejection> {
        let group = self.group.id;
        let delta = running.finish()?;
        let mut made = Made::new(coercions);
        let mut joined = Vec::new();
        let state = state(new, self.rules)?;
        if let Some(Change { changed, previous }) =
            change(old, &state.resource, self.rules.types.group())?
        {
            check_name(self.directory, &state, Some(self.slot), self.rules)?;
            check_unique(self.directory, &state, Some(self.slot))?;
            let known = self.group.facts.external_id.as_deref();
            let arrival = Arrival {
                member: Member::Group(group),
                name_key: None,
                external_id: state.external_id.as_deref().filter(|id| known != Some(*id)),
                members: &delta.added,
            };
            joined = bind(self.directory, &arrival);
            made.events.push(Event::GroupUpdated { group, state, changed, previous });
        }
        made.events.extend(delta.into_events(group));
        made.events.extend(joined);
        Ok(made)
    }

    fn members(&self) -> Running<'a> {
        Running::of(self.directory, self.slot, self.group, self.rules.profile)
    }
}

/// Whether the tenant lets the group have its displayName.
fn check_name(
    directory: &Directory,
    state: &GroupState,
    but: Option<Slot>,
    rules: &Rules,
) -> Result<(), Rejection> {
    if !rules.unique_group_names {
        return Ok(());
    }
    let key = folded(&state.display_name);
    let same = directory.groups.by_name_key(&key);
    if but.is_some_and(|own| same.contains(&own)) {
        return Ok(()); // the name is as it was, whatever the rule was then
    }
    match same.first().and_then(|slot| directory.groups.slots().get(*slot)) {
        Some(group) => Err(Rejection::GroupNameTaken { by: group.id }),
        None => Ok(()),
    }
}

/// Err if another group has a value that is to be unique.
fn check_unique(
    directory: &Directory,
    state: &GroupState,
    but: Option<Slot>,
) -> Result<(), Rejection> {
    let groups = &directory.groups;
    let find = |key: &str| groups.by_unique_key(key);
    match taken(&state.unique_keys, but, groups.slots(), find) {
        Some((attribute, other)) => Err(Rejection::GroupValueTaken { attribute, by: other.id }),
        None => Ok(()),
    }
}

/// What the event says of the resource.
pub(super) fn state(resource: &Map<String, Value>, rules: &Rules) -> Result<GroupState, Error> {
    Ok(GroupState {
        resource: scim::resource::to_bytes(resource)?.into(),
        display_name: text(resource, "displayName").unwrap_or_default().to_owned(),
        external_id: text(resource, "externalId").map(str::to_owned),
        unique_keys: scim::resource::unique_keys(resource, rules.types.group()),
    })
}
