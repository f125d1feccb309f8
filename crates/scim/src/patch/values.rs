//! The value of an operation → what is done to the attribute, by the table of RFC 7644 §3.5.2.
//! Values become canonical by the same reader that reads POST and PUT bodies.

use serde_json::{Map, Value};

use super::{
    change::{Act, Merge, Selection, Slot, Target},
    elements::Named,
    plan::Plan,
    request::Verb,
};
use crate::{
    Coercion, Error,
    filter::Filter,
    resource::{At, Reader, is_active},
    schema::{Attribute, Kind, Mutability},
};

/// What an operation is about.
pub(super) struct Subject<'a> {
    pub(super) attribute: &'a Attribute,
    pub(super) sub: Option<&'a Attribute>,
    pub(super) filter: Option<&'a Filter>,
    pub(super) slot: Slot,
}

impl Plan<'_> {
    /// Plans what `verb` does to an attribute that clients may change.
    pub(super) fn change(
        &mut self,
        verb: Verb,
        subject: Subject<'_>,
        value: Option<Value>,
    ) -> Result<(), Error> {
        let value = match verb {
            Verb::Remove => value.filter(|value| !value.is_null()),
            Verb::Add | Verb::Replace => Some(value.ok_or_else(|| {
                Error::invalid_value("value: is missing; send null to unassign the attribute")
            })?),
        };
        if subject.attribute.multi_valued {
            if subject.filter.is_none() && subject.sub.is_none() {
                return self.list(verb, subject, value);
            }
            return self.elements(verb, subject, value);
        }
        if subject.filter.is_some() {
            let detail = "path: the attribute has one value, so brackets don't go with it";
            return Err(Error::invalid_path(detail));
        }
        match (subject.sub, value) {
            (Some(sub), value) => {
                let value = value.filter(|_| verb != Verb::Remove);
                let merge = self.merge_of_one(&subject, sub, value)?;
                self.push(verb, Target::Attribute(subject.slot), Act::Merge(merge));
                Ok(())
            }
            (None, Some(value)) if verb != Verb::Remove => self.single(verb, subject, value),
            (None, _) => self.clear(verb, subject),
        }
    }

    /// A single value: replaced; a complex one takes what it is given and keeps the rest.
    fn single(&mut self, verb: Verb, subject: Subject<'_>, value: Value) -> Result<(), Error> {
        let act = match (subject.attribute.kind, self.out_of_list(value)) {
            (Kind::Complex, Value::Object(object)) => Act::Merge(self.merge(&subject, object)?),
            (_, value) => match self.read(&subject, subject.attribute, value)? {
                None => return self.clear(verb, subject),
                Some(Value::Object(set)) => Act::Merge(Merge { set, ..Merge::default() }),
                Some(value) => Act::Set(value),
            },
        };
        if let (true, Act::Set(value)) = (self.is_switch(&subject), &act) {
            self.deactivates = *value == Value::Bool(false);
        }
        self.push(verb, Target::Attribute(subject.slot), act);
        Ok(())
    }

    fn clear(&mut self, verb: Verb, subject: Subject<'_>) -> Result<(), Error> {
        if self.is_switch(&subject) {
            let detail = "active: can't be unassigned; send true or false";
            return Err(Error::invalid_value(detail));
        }
        if subject.slot.required || subject.slot.once {
            let detail = format!("{}: can't be unassigned", subject.slot.path());
            return Err(Error::mutability(detail));
        }
        self.push(verb, Target::Attribute(subject.slot), Act::Clear);
        Ok(())
    }

    fn is_switch(&self, subject: &Subject<'_>) -> bool {
        subject.slot.urn.is_none() && is_active(subject.attribute)
    }

    /// All values of a multi-valued attribute.
    fn list(
        &mut self,
        verb: Verb,
        subject: Subject<'_>,
        value: Option<Value>,
    ) -> Result<(), Error> {
        let Some(value) = value else { return self.clear(verb, subject) };
        if verb == Verb::Remove && self.profile.strict {
            let detail = "value: remove takes none; select elements in the path's brackets";
            return Err(Error::invalid_value(detail));
        }
        let values = match self.read(&subject, subject.attribute, value)? {
            Some(Value::Array(values)) => values,
            Some(_) | None if verb == Verb::Replace => return self.clear(verb, subject),
            Some(_) | None => Vec::new(),
        };
        let act = match verb {
            Verb::Add => Act::Append(values),
            Verb::Replace => Act::Set(Value::Array(values)),
            Verb::Remove => {
                self.coercions.insert(Coercion::RemoveByValue);
                Act::RemoveNamed(Named::new(subject.attribute, &values))
            }
        };
        self.push(verb, Target::Attribute(subject.slot), act);
        Ok(())
    }

    /// Elements of a multi-valued attribute, or one sub-attribute of them.
    fn elements(
        &mut self,
        verb: Verb,
        subject: Subject<'_>,
        value: Option<Value>,
    ) -> Result<(), Error> {
        let value = value.filter(|_| verb != Verb::Remove);
        let act = match (subject.sub, value) {
            (Some(sub), value) => Act::Merge(self.merge_of_one(&subject, sub, value)?),
            (None, None) => Act::Clear,
            (None, Some(value)) => {
                let value = self.out_of_list(value);
                let at = self.at(&subject);
                let mut reader = Reader { profile: self.profile, coercions: &mut self.coercions };
                match (reader.element(subject.attribute, value, at)?, verb) {
                    (Some(Value::Object(set)), Verb::Add) => {
                        Act::Merge(Merge { set, ..Merge::default() })
                    }
                    (Some(value), _) => Act::Set(value),
                    (None, Verb::Add) => return Ok(()),
                    (None, _) => Act::Clear,
                }
            }
        };
        let filter = match subject.filter {
            None => None,
            Some(filter) => Some(filter.resolve_within(subject.attribute)?),
        };
        let made = self.made(&subject)?;
        let selection = Selection { filter, required: subject.slot.required, made };
        self.push(verb, Target::Elements(subject.slot, selection), act);
        Ok(())
    }

    /// What an element must have so that the brackets select it.
    fn made(&mut self, subject: &Subject<'_>) -> Result<Option<Map<String, Value>>, Error> {
        let equalities = match subject.filter {
            None => Some(Vec::new()),
            Some(filter) => filter.equalities(),
        };
        let mut made = Map::new();
        for (path, value) in equalities.unwrap_or_default() {
            let Some(sub) = subject.attribute.sub(&path.name) else { return Ok(None) };
            let Some(value) = self.read(subject, sub, value)? else { continue };
            if made.get(&sub.name).is_some_and(|other| *other != value) {
                return Ok(None);
            }
            made.insert(sub.name.clone(), value);
        }
        let is_selected = subject.filter.is_none_or(|filter| filter.equalities().is_some());
        Ok(is_selected.then_some(made))
    }

    /// One sub-attribute; None and unassigned values clear it.
    fn merge_of_one(
        &mut self,
        subject: &Subject<'_>,
        sub: &Attribute,
        value: Option<Value>,
    ) -> Result<Merge, Error> {
        let object = Map::from_iter([(sub.name.clone(), value.unwrap_or(Value::Null))]);
        self.merge(subject, object)
    }

    /// The sub-attributes that an object names; unassigned ones are cleared.
    fn merge(&mut self, subject: &Subject<'_>, object: Map<String, Value>) -> Result<Merge, Error> {
        let mut merge = Merge::default();
        let mut reference = None;
        for (key, value) in object {
            let Some(sub) = subject.attribute.sub(&key) else {
                let at = self.at(subject);
                let mut reader = Reader { profile: self.profile, coercions: &mut self.coercions };
                reader.unknown(At::Sub(&at, &key))?;
                continue;
            };
            if sub.is_computed() {
                reference = Some(value);
            } else if !sub.is_ignored() {
                self.merge_sub(subject, sub, value, &mut merge)?;
            }
        }
        // A reference that is computed on reading says its value when nothing else does.
        if let Some(reference) = reference.filter(|_| !merge.set.contains_key("value")) {
            let object = Value::Object(Map::from_iter([("$ref".to_owned(), reference)]));
            let at = self.at(subject);
            let mut reader = Reader { profile: self.profile, coercions: &mut self.coercions };
            if let Some(Value::Object(set)) = reader.element(subject.attribute, object, at)? {
                merge.set.extend(set);
            }
        }
        Ok(merge)
    }

    fn merge_sub(
        &mut self,
        subject: &Subject<'_>,
        sub: &Attribute,
        value: Value,
        merge: &mut Merge,
    ) -> Result<(), Error> {
        let once = sub.mutability == Mutability::Immutable;
        match self.read(subject, sub, value)? {
            Some(value) => {
                merge.once.extend(once.then(|| sub.name.clone()));
                merge.set.insert(sub.name.clone(), value);
            }
            None if once || sub.required => {
                let path = subject.slot.path();
                let detail = format!("{path}.{}: can't be unassigned", sub.name);
                return Err(Error::mutability(detail));
            }
            None => merge.clear.push(sub.name.clone()),
        }
        Ok(())
    }

    /// The canonical value of the subject's attribute, or of a sub-attribute of it.
    fn read(
        &mut self,
        subject: &Subject<'_>,
        leaf: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, Error> {
        let whole = self.at(subject);
        let is_sub = !std::ptr::eq(leaf, subject.attribute);
        let at = if is_sub { At::Sub(&whole, &leaf.name) } else { whole };
        Reader { profile: self.profile, coercions: &mut self.coercions }.attribute(leaf, value, at)
    }

    fn at<'s>(&self, subject: &'s Subject<'_>) -> At<'s> {
        match &subject.slot.urn {
            None => At::Top(&subject.slot.name),
            Some(urn) => At::In(urn, &subject.slot.name),
        }
    }

    /// An array of one is that one.
    pub(super) fn out_of_list(&mut self, mut value: Value) -> Value {
        if let Value::Array(list) = &mut value
            && list.len() == 1
            && !self.profile.strict
        {
            self.coercions.insert(Coercion::SingleFromList);
            return list.pop().unwrap_or(Value::Null);
        }
        value
    }
}
