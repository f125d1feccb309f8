//! Resources of the types that a tenant defines, with their indexes. Nothing of them is computed and nothing points to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use events::{ResourceId, ResourceState, Seq, Timestamp};

use super::Hasher;
use super::index::Index;
use super::slots::{Slot, Slots};

/// One resource.
#[derive(Clone, Debug)]
pub(crate) struct Custom {
    pub(crate) id: ResourceId,
    pub(crate) version: Seq,
    /// The event that created it: creation order.
    pub(crate) born: Seq,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) facts: Facts,
}

/// What its last event says about a resource.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) resource: Arc<[u8]>,
    pub(crate) external_id: Option<Box<str>>,
    pub(crate) unique_keys: Box<[Box<str>]>,
}

/// All such resources of a tenant, by type.
#[derive(Debug, Default)]
pub(crate) struct Customs {
    types: BTreeMap<Arc<str>, OfType>,
    bytes: usize,
}

/// Those of one type.
#[derive(Debug, Default)]
pub(crate) struct OfType {
    slots: Slots<Custom>,
    hasher: Hasher,
    ids: Index,
    external_ids: Index,
    unique_keys: Index,
}

/// What a resource takes besides its own texts.
const CUSTOM_BYTES: usize = 320;

impl Facts {
    /// Takes over what an event says.
    pub(crate) fn new(state: &ResourceState) -> Self {
        Self {
            resource: Arc::clone(&state.resource),
            external_id: state.external_id.as_deref().map(Into::into),
            unique_keys: state.unique_keys.iter().map(|key| key.as_str().into()).collect(),
        }
    }

    fn bytes(&self) -> usize {
        let keys: usize = self.unique_keys.iter().map(|key| key.len()).sum();
        CUSTOM_BYTES
            + self.resource.len()
            + self.external_id.as_ref().map_or(0, |id| id.len())
            + keys
    }
}

impl Customs {
    /// Those of a type, if there ever was one.
    pub(crate) fn of(&self, name: &str) -> Option<&OfType> {
        self.types.get(name)
    }

    /// Every type by name.
    pub(crate) fn types(&self) -> impl Iterator<Item = (&Arc<str>, &OfType)> {
        self.types.iter()
    }

    /// What all of them take in memory, about, in bytes.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds one.
    pub(crate) fn insert(&mut self, name: &str, custom: Custom) {
        self.bytes += custom.facts.bytes();
        if !self.types.contains_key(name) {
            self.types.insert(name.into(), OfType::default());
        }
        if let Some(of) = self.types.get_mut(name) {
            of.insert(custom);
        }
    }

    /// Puts what an event says in place of what the one before said.
    pub(crate) fn replace(
        &mut self,
        (name, id): (&str, ResourceId),
        facts: Facts,
        stamp: (Seq, Timestamp),
    ) {
        let Some(of) = self.types.get_mut(name) else { return };
        let Some(slot) = of.by_id(id) else { return };
        of.leave(slot);
        if let Some(custom) = of.slots.get_mut(slot) {
            self.bytes = (self.bytes + facts.bytes()).saturating_sub(custom.facts.bytes());
            (custom.facts, custom.version, custom.modified) = (facts, stamp.0, stamp.1);
        }
        of.enter(slot);
    }

    /// Takes one out.
    pub(crate) fn remove(&mut self, name: &str, id: ResourceId) {
        let Some(of) = self.types.get_mut(name) else { return };
        let Some(slot) = of.by_id(id) else { return };
        of.leave(slot);
        let slots = &of.slots;
        let has_id = |s| slots.get(s).is_some_and(|it| it.id == id);
        of.ids.remove(of.hasher.of(&id), slot, has_id);
        if let Some(custom) = of.slots.take(slot) {
            self.bytes = self.bytes.saturating_sub(custom.facts.bytes());
        }
    }
}

impl OfType {
    /// The records.
    pub(crate) const fn slots(&self) -> &Slots<Custom> {
        &self.slots
    }

    /// The one of that id.
    pub(crate) fn by_id(&self, id: ResourceId) -> Option<Slot> {
        let has_id = |s| self.slots.get(s).is_some_and(|it| it.id == id);
        self.ids.find(self.hasher.of(&id), has_id).first().copied()
    }

    /// One record.
    pub(crate) fn get(&self, id: ResourceId) -> Option<(Slot, &Custom)> {
        let slot = self.by_id(id)?;
        Some((slot, self.slots.get(slot)?))
    }

    /// Those with exactly that externalId.
    pub(crate) fn by_external_id(&self, id: &str) -> &[Slot] {
        let has_id = |s| self.has(s, |f| f.external_id.as_deref() == Some(id));
        self.external_ids.find(self.hasher.of(id), has_id)
    }

    /// The one with that unique value.
    pub(crate) fn by_unique_key(&self, key: &str) -> &[Slot] {
        let has_key = |s| self.has(s, |f| f.unique_keys.iter().any(|own| **own == *key));
        self.unique_keys.find(self.hasher.of(key), has_key)
    }

    fn has(&self, slot: Slot, test: impl FnOnce(&Facts) -> bool) -> bool {
        self.slots.get(slot).is_some_and(|custom| test(&custom.facts))
    }

    fn insert(&mut self, custom: Custom) {
        let id = custom.id;
        let slot = self.slots.push(custom);
        let slots = &self.slots;
        let has_id = |s| slots.get(s).is_some_and(|it| it.id == id);
        self.ids.insert(self.hasher.of(&id), slot, has_id);
        self.enter(slot);
    }

    fn enter(&mut self, slot: Slot) {
        self.each_key(slot, |index, hash, has_key| index.insert(hash, slot, has_key));
    }

    fn leave(&mut self, slot: Slot) {
        self.each_key(slot, |index, hash, has_key| index.remove(hash, slot, has_key));
    }

    fn each_key(
        &mut self,
        slot: Slot,
        mut visit: impl FnMut(&mut Index, u32, &dyn Fn(Slot) -> bool),
    ) {
        let (slots, hasher) = (&self.slots, &self.hasher);
        let Some(facts) = slots.get(slot).map(|custom| &custom.facts) else { return };
        let has =
            |slot, test: &dyn Fn(&Facts) -> bool| slots.get(slot).is_some_and(|it| test(&it.facts));
        if let Some(id) = &facts.external_id {
            let same = |s| has(s, &|f| f.external_id.as_ref() == Some(id));
            visit(&mut self.external_ids, hasher.of(&**id), &same);
        }
        for key in &facts.unique_keys {
            let same = |s| has(s, &|f| f.unique_keys.contains(key));
            visit(&mut self.unique_keys, hasher.of(&**key), &same);
        }
    }
}
