//! Changes to the elements of multi-valued attributes.

use std::collections::HashSet;

use serde_json::Value;

use super::change::{Act, Merge, Selection};
use crate::{Coercion, Coercions, Error, Profile, key, schema::Attribute};

/// Elements as a `remove` names them: by value, and by type if it is given; those without a value by all they have.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Named {
    names: HashSet<String>,
    /// The values' `caseExact`.
    exact: bool,
}

impl Named {
    pub(super) fn new(attribute: &Attribute, elements: &[Value]) -> Self {
        let exact = attribute.sub("value").unwrap_or(attribute).case_exact;
        let name = |element: &Value| name(element, element.get("type"), exact);
        Self { names: elements.iter().map(name).collect(), exact }
    }

    pub(super) fn contains(&self, element: &Value) -> bool {
        self.names.contains(&name(element, None, self.exact))
            || self.names.contains(&name(element, element.get("type"), self.exact))
    }
}

fn name(element: &Value, kind: Option<&Value>, exact: bool) -> String {
    let text = |text: &str| if exact { text.to_owned() } else { key::folded(text) };
    let value = if element.is_object() { element.get("value") } else { Some(element) };
    match (value.and_then(Value::as_str), kind.and_then(Value::as_str)) {
        (Some(value), Some(kind)) => format!("{}\0{}", text(value), key::folded(kind)),
        (Some(value), None) => text(value),
        (None, _) => element.to_string(),
    }
}

impl Selection {
    /// Does that to the elements that are meant. False: there was nothing to remove.
    pub(super) fn apply(
        &self,
        act: &Act,
        list: Option<&mut Vec<Value>>,
        profile: Profile,
        coercions: &mut Coercions,
    ) -> Result<bool, Error> {
        let Some(list) = list else { return self.nothing(act, profile).map(|()| false) };
        let chosen: Vec<usize> = list
            .iter()
            .enumerate()
            .filter(|(_, element)| self.selects(element))
            .map(|(index, _)| index)
            .collect();
        let Some(first) = chosen.first().copied() else {
            self.nothing(act, profile)?;
            return Ok(match self.new_element(act)? {
                None => false,
                Some(element) => {
                    coercions.insert(Coercion::ElementMadeForFilter);
                    append(list, &[element], coercions);
                    true
                }
            });
        };
        match act {
            Act::Clear if self.required && chosen.len() == list.len() => Err(must_stay()),
            Act::Clear => {
                list.retain(|element| !self.selects(element));
                Ok(true)
            }
            Act::Set(value) => {
                let value = self.completed(value, profile);
                each(list, &chosen, |element| *element = value.clone());
                if is_primary(&value) {
                    one_primary(list, first, coercions);
                }
                Ok(true)
            }
            Act::Merge(merge) => self.merge(merge, list, &chosen, coercions),
            Act::Append(_) | Act::RemoveNamed(_) => Ok(false),
        }
    }

    fn selects(&self, element: &Value) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.matches_element(element))
    }

    /// Brackets that select nothing are refused where no element can be made for them, and always if the profile says so (RFC 7644
    /// §3.5.2).
    fn nothing(&self, act: &Act, profile: Profile) -> Result<(), Error> {
        let removes = match act {
            Act::Clear | Act::RemoveNamed(_) => true,
            Act::Merge(merge) => merge.set.is_empty(),
            Act::Set(_) | Act::Append(_) => false,
        };
        let is_refused = if profile.absent_targets_accepted {
            !removes && self.made.is_none()
        } else {
            self.filter.is_some()
        };
        if is_refused {
            return Err(Error::no_target("path: the brackets select no element"));
        }
        Ok(())
    }

    /// The element that the change makes where there is none.
    fn new_element(&self, act: &Act) -> Result<Option<Value>, Error> {
        let set = match act {
            Act::Set(Value::Object(set)) => set,
            Act::Set(value) => return Ok(Some(value.clone())),
            Act::Merge(Merge { set, .. }) if !set.is_empty() => set,
            Act::Merge(_) | Act::Clear | Act::Append(_) | Act::RemoveNamed(_) => return Ok(None),
        };
        let mut element = self.made.clone().unwrap_or_default();
        for (name, value) in set {
            // `emails[value eq "a"].value` set to "b": what should be changed isn't there.
            if element.insert(name.clone(), value.clone()).is_some_and(|asked| asked != *value) {
                return Err(Error::no_target("path: the brackets select no element"));
            }
        }
        Ok(Some(Value::Object(element)))
    }

    /// A new value in an element's place; outside strict it keeps what the brackets say of it.
    fn completed(&self, value: &Value, profile: Profile) -> Value {
        match (value, &self.made) {
            (Value::Object(object), Some(made)) if !profile.strict => {
                let mut object = object.clone();
                for (name, value) in made {
                    object.entry(name).or_insert_with(|| value.clone());
                }
                Value::Object(object)
            }
            (value, _) => value.clone(),
        }
    }

    fn merge(
        &self,
        merge: &Merge,
        list: &mut [Value],
        chosen: &[usize],
        coercions: &mut Coercions,
    ) -> Result<bool, Error> {
        for index in chosen {
            let subs = list.get(*index).and_then(Value::as_object);
            subs.map_or(Ok(()), |subs| merge.check_once(subs))?;
        }
        let mut found = false;
        each(list, chosen, |element| {
            if let Value::Object(subs) = element {
                found |= merge.apply(subs);
            }
        });
        if let (Some(Value::Bool(true)), Some(first)) = (merge.set.get("primary"), chosen.first()) {
            one_primary(list, *first, coercions);
        }
        Ok(found)
    }
}

/// Puts elements behind those that are there. Repetitions go when the resource is put in order.
pub(super) fn append(list: &mut Vec<Value>, elements: &[Value], coercions: &mut Coercions) {
    for element in elements {
        // One at most is primary, so this is no search for each.
        if is_primary(element) && list.contains(element) {
            continue;
        }
        let index = list.len();
        list.push(element.clone());
        if is_primary(element) {
            one_primary(list, index, coercions);
        }
    }
}

/// A new primary element takes the mark from the others (RFC 7644 §3.5.2).
fn one_primary(list: &mut [Value], keep: usize, coercions: &mut Coercions) {
    for (index, element) in list.iter_mut().enumerate() {
        if index != keep && is_primary(element) {
            if let Some(primary) = element.get_mut("primary") {
                *primary = Value::Bool(false);
            }
            coercions.insert(Coercion::PrimaryCleared);
        }
    }
}

pub(super) fn must_stay() -> Error {
    Error::mutability("the attribute is required, so its last element can't be removed")
}

fn is_primary(element: &Value) -> bool {
    element.get("primary") == Some(&Value::Bool(true))
}

fn each(list: &mut [Value], chosen: &[usize], mut change: impl FnMut(&mut Value)) {
    for index in chosen {
        if let Some(element) = list.get_mut(*index) {
            change(element);
        }
    }
}
