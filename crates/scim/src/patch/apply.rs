//! Changes made to a resource. Each checks all that it may not do before it does anything.

use serde_json::{Map, Value, map::Entry};

use super::{
    change::{Act, Change, Merge, Slot, Target},
    elements,
};
use crate::{Coercion, Coercions, Error, Profile};

impl Change {
    /// Makes the change. Unless it keeps the order, keys may end up out of it and emptied objects may stay, also when it is
    /// refused: the whole is put in order afterwards.
    pub(super) fn apply(
        &self,
        resource: &mut Map<String, Value>,
        profile: Profile,
        coercions: &mut Coercions,
    ) -> Result<(), Error> {
        let found = match &self.target {
            Target::Id(id) => {
                let known = resource.get("id").and_then(Value::as_str);
                if known.is_some_and(|known| known != id) {
                    return Err(Error::mutability(
                        "id: is readOnly, and not the one that was sent",
                    ));
                }
                true
            }
            Target::Extension(urn) => resource.shift_remove(urn).is_some(),
            Target::Attribute(slot) => self.attribute(slot, resource, coercions)?,
            Target::Elements(slot, selection) => {
                let make = self.adds() && selection.made.is_some();
                let list = match slot.container(resource, make) {
                    None => None,
                    Some(object) => {
                        slot.check_once(object, |_| false)?;
                        slot.list(object, make)
                    }
                };
                selection.apply(&self.act, list, profile, coercions)?
            }
        };
        if self.removing && !found {
            coercions.insert(Coercion::RemovedNothing);
        }
        Ok(())
    }

    /// False: there was nothing to remove.
    fn attribute(
        &self,
        slot: &Slot,
        resource: &mut Map<String, Value>,
        coercions: &mut Coercions,
    ) -> Result<bool, Error> {
        let Some(object) = slot.container(resource, self.adds()) else { return Ok(false) };
        match &self.act {
            Act::Set(value) => {
                slot.check_once(object, |known| known == value)?;
                object.insert(slot.name.clone(), value.clone());
                Ok(true)
            }
            Act::Clear => Ok(object.shift_remove(&slot.name).is_some()),
            Act::Append(values) => {
                slot.check_once(object, |_| values.is_empty())?;
                if let Some(list) = slot.list(object, true) {
                    elements::append(list, values, coercions);
                }
                Ok(true)
            }
            Act::RemoveNamed(named) => {
                let Some(list) = slot.list(object, false) else { return Ok(false) };
                let before = list.len();
                if slot.required && list.iter().all(|element| named.contains(element)) {
                    return Err(elements::must_stay());
                }
                list.retain(|element| !named.contains(element));
                Ok(list.len() < before)
            }
            Act::Merge(merge) => slot.merge(merge, object),
        }
    }

    /// True if there may be more afterwards than there was.
    fn adds(&self) -> bool {
        match &self.act {
            Act::Set(_) | Act::Append(_) => true,
            Act::Merge(merge) => !merge.set.is_empty(),
            Act::Clear | Act::RemoveNamed(_) => false,
        }
    }
}

impl Slot {
    /// The object that holds the attribute: the resource, or an extension's part of it.
    fn container<'r>(
        &self,
        resource: &'r mut Map<String, Value>,
        make: bool,
    ) -> Option<&'r mut Map<String, Value>> {
        match &self.urn {
            None => Some(resource),
            Some(urn) => {
                at_key(resource, urn, make.then(|| Value::Object(Map::new())))?.as_object_mut()
            }
        }
    }

    fn list<'r>(
        &self,
        object: &'r mut Map<String, Value>,
        make: bool,
    ) -> Option<&'r mut Vec<Value>> {
        at_key(object, &self.name, make.then(|| Value::Array(Vec::new())))?.as_array_mut()
    }

    /// False: none of what should be cleared was there.
    fn merge(&self, merge: &Merge, object: &mut Map<String, Value>) -> Result<bool, Error> {
        let make = (!merge.set.is_empty()).then(|| Value::Object(Map::new()));
        self.check_once(object, |known| merge.changes_nothing(known))?;
        let Some(Value::Object(subs)) = at_key(object, &self.name, make) else { return Ok(false) };
        merge.check_once(subs)?;
        let is_emptied = merge.set.is_empty() && subs.keys().all(|key| merge.clear.contains(key));
        if self.required && is_emptied {
            return Err(Error::mutability(format!("{}: can't be unassigned", self.path())));
        }
        Ok(merge.apply(subs))
    }

    fn check_once(
        &self,
        object: &Map<String, Value>,
        is_kept: impl FnOnce(&Value) -> bool,
    ) -> Result<(), Error> {
        if self.once && object.get(&self.name).is_some_and(|known| !is_kept(known)) {
            return Err(Error::mutability(format!("{}: is immutable, and set", self.path())));
        }
        Ok(())
    }
}

impl Merge {
    /// Err if a sub-attribute would change that may not.
    pub(super) fn check_once(&self, subs: &Map<String, Value>) -> Result<(), Error> {
        let changes = |name: &&String| {
            subs.get(*name).is_some_and(|known| self.set.get(*name) != Some(known))
        };
        match self.once.iter().find(changes) {
            None => Ok(()),
            Some(name) => Err(Error::mutability(format!("{name}: is immutable, and set"))),
        }
    }

    /// False: none of what should be cleared was there, and nothing was set.
    pub(super) fn apply(&self, subs: &mut Map<String, Value>) -> bool {
        let mut found = !self.set.is_empty();
        for name in &self.clear {
            found |= subs.remove(name).is_some();
        }
        for (name, value) in &self.set {
            subs.insert(name.clone(), value.clone());
        }
        found
    }

    fn changes_nothing(&self, known: &Value) -> bool {
        self.set.iter().all(|(name, value)| known.get(name) == Some(value))
            && self.clear.iter().all(|name| known.get(name).is_none())
    }
}

fn at_key<'r>(
    object: &'r mut Map<String, Value>,
    key: &str,
    make: Option<Value>,
) -> Option<&'r mut Value> {
    match make {
        None => object.get_mut(key),
        Some(empty) => Some(match object.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(vacant) => vacant.insert(empty),
        }),
    }
}
