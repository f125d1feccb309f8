//! The users of a directory with their indexes.

use std::sync::{Arc, OnceLock};

use events::{Seq, Timestamp, UserId, UserState};
use scim::key::{folded, user_name_key};

use super::Hasher;
use super::index::Index;
use super::slots::{Slot, Slots};

/// A user, as slim as can be: keys are kept because the indexes ask for them.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: UserId,
    pub(crate) version: Seq,
    /// The event that created it: creation order.
    pub(crate) born: Seq,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) facts: Facts,
    /// Slots of the groups it is a direct member of, in order.
    pub(crate) groups: Vec<Slot>,
}

/// What its last event says about a user.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) resource: Arc<[u8]>,
    pub(crate) active: bool,
    /// Key of the userName.
    pub(crate) name_key: Box<str>,
    pub(crate) external_id: Option<Box<str>>,
    /// The addresses, folded.
    pub(crate) emails: Box<[Box<str>]>,
    /// Folded.
    pub(crate) employee_number: Option<Box<str>>,
    pub(crate) manager: Option<Box<str>>,
    /// Values that no other user has, with their attributes' paths.
    pub(crate) unique_keys: Box<[Box<str>]>,
    /// What others call it; read from the resource when it is first asked for.
    pub(crate) display: OnceLock<Option<Arc<str>>>,
}

/// All users of a tenant.
#[derive(Debug, Default)]
pub(crate) struct Users {
    slots: Slots<User>,
    hasher: Hasher,
    ids: Index,
    names: Index,
    external_ids: Index,
    emails: Index,
    employee_numbers: Index,
    unique_keys: Index,
    bytes: usize,
}

/// What a user takes besides its own texts: its record, its place, its entries in the indexes, and what the allocator rounds up.
pub(crate) const USER_BYTES: usize = 480;

impl Facts {
    /// Takes over what an event says.
    pub(crate) fn new(state: &UserState) -> Self {
        Self {
            resource: Arc::clone(&state.resource),
            active: state.active,
            name_key: user_name_key(&state.user_name).into(),
            external_id: state.external_id.as_deref().map(Into::into),
            emails: state.emails.iter().map(|email| folded(&email.value).into()).collect(),
            employee_number: state.employee_number.as_deref().map(|n| folded(n).into()),
            manager: state.manager.as_deref().map(Into::into),
            unique_keys: state.unique_keys.iter().map(|key| key.as_str().into()).collect(),
            display: OnceLock::new(),
        }
    }
}

impl Users {
    /// The records.
    pub(crate) const fn slots(&self) -> &Slots<User> {
        &self.slots
    }

    /// One record, to change what is not indexed.
    pub(crate) fn get_mut(&mut self, slot: Slot) -> Option<&mut User> {
        self.slots.get_mut(slot)
    }

    /// What all of them take in memory, about, in bytes.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a user.
    pub(crate) fn insert(&mut self, user: User) -> Slot {
        self.bytes += USER_BYTES + user.facts.bytes();
        let hash = self.hasher.of(&user.id);
        let id = user.id;
        let slot = self.slots.push(user);
        let slots = &self.slots;
        self.ids.insert(hash, slot, |s| slots.get(s).is_some_and(|u| u.id == id));
        self.enter(slot);
        slot
    }

    /// Puts what an event says in place of what the one before said.
    pub(crate) fn replace(&mut self, slot: Slot, facts: Facts) {
        let Some(user) = self.slots.get(slot) else { return };
        self.bytes = (self.bytes + facts.bytes()).saturating_sub(user.facts.bytes());
        if user.facts.same_keys(&facts) {
            if let Some(user) = self.slots.get_mut(slot) {
                user.facts = facts;
            }
            return;
        }
        self.leave(slot);
        if let Some(user) = self.slots.get_mut(slot) {
            user.facts = facts;
        }
        self.enter(slot);
    }

    /// Takes a user out.
    pub(crate) fn remove(&mut self, slot: Slot) -> Option<Arc<User>> {
        self.leave(slot);
        let slots = &self.slots;
        let User { id, facts, .. } = slots.get(slot)?;
        let (id, bytes) = (*id, USER_BYTES + facts.bytes());
        self.bytes = self.bytes.saturating_sub(bytes);
        let has_id = |s| slots.get(s).is_some_and(|u| u.id == id);
        self.ids.remove(self.hasher.of(&id), slot, has_id);
        self.slots.take(slot)
    }

    /// The user of that id.
    pub(crate) fn by_id(&self, id: UserId) -> Option<Slot> {
        let has_id = |s| self.slots.get(s).is_some_and(|u| u.id == id);
        self.ids.find(self.hasher.of(&id), has_id).first().copied()
    }

    /// The users whose userName has that key: one at most, by the rules.
    pub(crate) fn by_name_key(&self, key: &str) -> &[Slot] {
        self.names.find(self.hasher.of(key), |s| self.has(s, |f| *f.name_key == *key))
    }

    /// The users with exactly that externalId.
    pub(crate) fn by_external_id(&self, id: &str) -> &[Slot] {
        let has_id = |s| self.has(s, |f| f.external_id.as_deref() == Some(id));
        self.external_ids.find(self.hasher.of(id), has_id)
    }

    /// The users with that address, folded, of any type.
    pub(crate) fn by_email(&self, folded: &str) -> &[Slot] {
        self.emails.find(self.hasher.of(folded), |s| self.has(s, |f| f.has_email(folded)))
    }

    /// The users with that employee number, folded.
    pub(crate) fn by_employee_number(&self, folded: &str) -> &[Slot] {
        let has_number = |s| self.has(s, |f| f.employee_number.as_deref() == Some(folded));
        self.employee_numbers.find(self.hasher.of(folded), has_number)
    }

    /// The user with that unique value: one at most, by the rules.
    pub(crate) fn by_unique_key(&self, key: &str) -> &[Slot] {
        self.unique_keys.find(self.hasher.of(key), |s| self.has(s, |f| f.has_unique_key(key)))
    }

    /// How many keys each index has: names, externalIds, addresses, employee numbers, unique values, ids.
    #[cfg(test)]
    pub(crate) fn key_counts(&self) -> [usize; 6] {
        let Self { names, external_ids, emails, employee_numbers, unique_keys, ids, .. } = self;
        [names, external_ids, emails, employee_numbers, unique_keys, ids].map(Index::keys)
    }

    fn has(&self, slot: Slot, test: impl FnOnce(&Facts) -> bool) -> bool {
        self.slots.get(slot).is_some_and(|user| test(&user.facts))
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
        let Some(Facts { name_key, external_id, emails, employee_number, unique_keys, .. }) =
            slots.get(slot).map(|user| &user.facts)
        else {
            return;
        };
        let has =
            |slot, test: &dyn Fn(&Facts) -> bool| slots.get(slot).is_some_and(|u| test(&u.facts));
        visit(&mut self.names, hasher.of(&**name_key), &|s| has(s, &|f| f.name_key == *name_key));
        if let Some(id) = external_id {
            let same = |s| has(s, &|f| f.external_id.as_ref() == Some(id));
            visit(&mut self.external_ids, hasher.of(&**id), &same);
        }
        for email in emails {
            visit(&mut self.emails, hasher.of(&**email), &|s| has(s, &|f| f.has_email(email)));
        }
        if let Some(number) = employee_number {
            let same = |s| has(s, &|f| f.employee_number.as_ref() == Some(number));
            visit(&mut self.employee_numbers, hasher.of(&**number), &same);
        }
        for key in unique_keys {
            let same = |s| has(s, &|f| f.has_unique_key(key));
            visit(&mut self.unique_keys, hasher.of(&**key), &same);
        }
    }
}

impl Facts {
    /// Whether it has that address, folded.
    pub(crate) fn has_email(&self, folded: &str) -> bool {
        self.emails.iter().any(|email| **email == *folded)
    }

    fn has_unique_key(&self, key: &str) -> bool {
        self.unique_keys.iter().any(|own| **own == *key)
    }

    /// What its texts take, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let length = |text: &Option<Box<str>>| text.as_ref().map_or(0, |text| text.len());
        let each = |text: &str| text.len() + size_of::<Box<str>>();
        let several = self.emails.iter().chain(&self.unique_keys);
        let emails: usize = several.map(|text| each(text)).sum();
        let keys = [&self.external_id, &self.employee_number, &self.manager].map(length);
        self.resource.len() + self.name_key.len() + emails + keys.iter().sum::<usize>()
    }

    fn same_keys(&self, other: &Self) -> bool {
        self.name_key == other.name_key
            && self.external_id == other.external_id
            && self.emails == other.emails
            && self.employee_number == other.employee_number
            && self.unique_keys == other.unique_keys
    }
}
