//! The groups of a directory with their indexes.

use std::collections::BTreeSet;
use std::sync::Arc;

use events::{GroupId, GroupState, Seq, Timestamp};
use scim::key::folded;

use super::Hasher;
use super::index::Index;
use super::slots::{Slot, Slots};
use crate::Members;

/// A group.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) id: GroupId,
    pub(crate) version: Seq,
    /// The event that created it: creation order.
    pub(crate) born: Seq,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) facts: Facts,
    pub(crate) members: Members,
    /// Names of members that are not known yet.
    pub(crate) pending: BTreeSet<Arc<str>>,
    /// Slots of the groups it is a direct member of, in order.
    pub(crate) parents: Vec<Slot>,
}

/// What its last event says about a group's attributes.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) resource: Arc<[u8]>,
    pub(crate) display: Arc<str>,
    /// displayName, folded.
    pub(crate) name_key: Box<str>,
    pub(crate) external_id: Option<Box<str>>,
    /// Values that no other group has, with their attributes' paths.
    pub(crate) unique_keys: Box<[Box<str>]>,
}

/// All groups of a tenant.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    slots: Slots<Group>,
    hasher: Hasher,
    ids: Index,
    names: Index,
    external_ids: Index,
    unique_keys: Index,
    bytes: usize,
}

/// What a group takes besides its own texts and its members.
pub(crate) const GROUP_BYTES: usize = 480;

impl Facts {
    /// Takes over what an event says.
    pub(crate) fn new(state: &GroupState) -> Self {
        Self {
            resource: Arc::clone(&state.resource),
            display: state.display_name.as_str().into(),
            name_key: folded(&state.display_name).into(),
            external_id: state.external_id.as_deref().map(Into::into),
            unique_keys: state.unique_keys.iter().map(|key| key.as_str().into()).collect(),
        }
    }

    fn has_unique_key(&self, key: &str) -> bool {
        self.unique_keys.iter().any(|own| **own == *key)
    }

    /// What its texts take, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let external_id = self.external_id.as_ref().map_or(0, |id| id.len());
        let each = |key: &str| key.len() + size_of::<Box<str>>();
        let unique_keys: usize = self.unique_keys.iter().map(|key| each(key)).sum();
        self.resource.len() + self.display.len() + self.name_key.len() + external_id + unique_keys
    }
}

impl Groups {
    /// The records.
    pub(crate) const fn slots(&self) -> &Slots<Group> {
        &self.slots
    }

    /// One record, to change what is not indexed.
    pub(crate) fn get_mut(&mut self, slot: Slot) -> Option<&mut Group> {
        self.slots.get_mut(slot)
    }

    /// What all of them take in memory without their members, about, in bytes.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a group.
    pub(crate) fn insert(&mut self, group: Group) -> Slot {
        self.bytes += GROUP_BYTES + group.facts.bytes();
        let id = group.id;
        let slot = self.slots.push(group);
        let slots = &self.slots;
        let has_id = |s| slots.get(s).is_some_and(|g| g.id == id);
        self.ids.insert(self.hasher.of(&id), slot, has_id);
        self.enter(slot);
        slot
    }

    /// Puts what an event says in place of what the one before said.
    pub(crate) fn replace(&mut self, slot: Slot, facts: Facts) {
        self.leave(slot);
        if let Some(group) = self.slots.get_mut(slot) {
            self.bytes = (self.bytes + facts.bytes()).saturating_sub(group.facts.bytes());
            group.facts = facts;
        }
        self.enter(slot);
    }

    /// Takes a group out.
    pub(crate) fn remove(&mut self, slot: Slot) -> Option<Arc<Group>> {
        self.leave(slot);
        let slots = &self.slots;
        let Group { id, facts, .. } = slots.get(slot)?;
        let (id, bytes) = (*id, GROUP_BYTES + facts.bytes());
        self.bytes = self.bytes.saturating_sub(bytes);
        let has_id = |s| slots.get(s).is_some_and(|g| g.id == id);
        self.ids.remove(self.hasher.of(&id), slot, has_id);
        self.slots.take(slot)
    }

    /// The group of that id.
    pub(crate) fn by_id(&self, id: GroupId) -> Option<Slot> {
        let has_id = |s| self.slots.get(s).is_some_and(|g| g.id == id);
        self.ids.find(self.hasher.of(&id), has_id).first().copied()
    }

    /// The groups with that displayName, folded.
    pub(crate) fn by_name_key(&self, folded: &str) -> &[Slot] {
        let has_name = |s| self.slots.get(s).is_some_and(|g| *g.facts.name_key == *folded);
        self.names.find(self.hasher.of(folded), has_name)
    }

    /// The groups with exactly that externalId.
    pub(crate) fn by_external_id(&self, id: &str) -> &[Slot] {
        let has_id =
            |s| self.slots.get(s).is_some_and(|g| g.facts.external_id.as_deref() == Some(id));
        self.external_ids.find(self.hasher.of(id), has_id)
    }

    /// The group with that unique value: one at most, by the rules.
    pub(crate) fn by_unique_key(&self, key: &str) -> &[Slot] {
        let has_key = |s| self.slots.get(s).is_some_and(|g| g.facts.has_unique_key(key));
        self.unique_keys.find(self.hasher.of(key), has_key)
    }

    /// How many keys each index has: names, externalIds, unique values, ids.
    #[cfg(test)]
    pub(crate) fn key_counts(&self) -> [usize; 4] {
        [&self.names, &self.external_ids, &self.unique_keys, &self.ids].map(Index::keys)
    }

    /// Enters a record's keys into the indexes.
    fn enter(&mut self, slot: Slot) {
        self.each_key(slot, |index, hash, has_key| index.insert(hash, slot, has_key));
    }

    /// Takes a record's keys out of the indexes.
    fn leave(&mut self, slot: Slot) {
        self.each_key(slot, |index, hash, has_key| index.remove(hash, slot, has_key));
    }

    fn each_key(
        &mut self,
        slot: Slot,
        mut visit: impl FnMut(&mut Index, u32, &dyn Fn(Slot) -> bool),
    ) {
        let (slots, hasher) = (&self.slots, &self.hasher);
        let Some(facts) = slots.get(slot).map(|group| &group.facts) else { return };
        let has =
            |slot, test: &dyn Fn(&Facts) -> bool| slots.get(slot).is_some_and(|g| test(&g.facts));
        let same_name = |s| has(s, &|f| f.name_key == facts.name_key);
        visit(&mut self.names, hasher.of(&*facts.name_key), &same_name);
        if let Some(id) = &facts.external_id {
            let same = |s| has(s, &|f| f.external_id.as_ref() == Some(id));
            visit(&mut self.external_ids, hasher.of(&**id), &same);
        }
        for key in &facts.unique_keys {
            let same = |s| has(s, &|f| f.has_unique_key(key));
            visit(&mut self.unique_keys, hasher.of(&**key), &same);
        }
    }
}
