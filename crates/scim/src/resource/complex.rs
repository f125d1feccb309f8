//! One complex value → its canonical form: sub-attributes by name, aliases, and the simple texts that stand for objects.

use serde_json::{Map, Value};

use super::{
    rank,
    value::{At, Reader, given_twice, in_order, in_schema_case, mismatch},
};
use crate::{Coercion, Error, json, schema::Attribute};

/// Attributes whose `value` some clients fill with the JSON text of the whole element (Entra).
const JSON_TEXT_ATTRIBUTES: [&str; 1] = ["roles"];

impl Reader<'_> {
    /// `null`, `{}` and an object of nothing but unassigned values are unassigned.
    pub(super) fn object(
        &mut self,
        attribute: &Attribute,
        mut object: Map<String, Value>,
        at: At<'_>,
    ) -> Result<Option<Value>, Error> {
        self.unpack_json_text(attribute, &mut object);
        if self.is_canonical(attribute, &mut object, at)? {
            check_subs(attribute, &object, at)?;
            return Ok((!object.is_empty()).then_some(Value::Object(object)));
        }
        let mut entries = Vec::with_capacity(object.len());
        let mut display_name = None;
        let mut reference = None;
        let mut names_value = false;
        for (key, value) in object {
            let Some((rank, sub)) = sub_attribute(attribute, &key) else {
                if !self.profile.strict && is_alias_of_display(attribute, &key) {
                    display_name = Some(value);
                } else {
                    self.unknown(At::Sub(&at, &key))?;
                }
                continue;
            };
            names_value |= sub.name == "value";
            if sub.is_computed() {
                reference = Some(value);
            } else if !sub.is_ignored() {
                let name = in_schema_case(key, sub);
                self.sub_value(&mut entries, Slot { rank, name, sub }, value, at)?;
            }
        }
        if let (Some(name), Some(display)) = (display_name, sub_attribute(attribute, "display")) {
            if is_taken(&entries, display.0) {
                self.coercions.insert(Coercion::UnknownAttributeIgnored);
            } else {
                self.fill(&mut entries, display, name, at)?;
            }
        }
        let id = reference
            .as_ref()
            .filter(|_| !names_value)
            .and_then(Value::as_str)
            .and_then(last_segment);
        if let (Some(id), Some(value)) = (id, sub_attribute(attribute, "value")) {
            self.fill(&mut entries, value, id.into(), at)?;
        }
        let canonical = in_order(entries);
        check_subs(attribute, &canonical, at)?;
        Ok((!canonical.is_empty()).then_some(Value::Object(canonical)))
    }

    /// Reads the values of an object in place, up to a name that isn't as and where the canonical form has it. True if there
    /// is none. What was read in place reads the same again.
    fn is_canonical(
        &mut self,
        attribute: &Attribute,
        object: &mut Map<String, Value>,
        at: At<'_>,
    ) -> Result<bool, Error> {
        let mut next = 0;
        for (key, value) in object.iter_mut() {
            let rest = attribute.sub_attributes.get(next..).unwrap_or_default();
            let Some(steps) = rest.iter().position(|sub| sub.name == *key) else {
                return Ok(false);
            };
            let Some(sub) = rest.get(steps) else { return Ok(false) };
            if sub.is_computed() || sub.is_ignored() {
                return Ok(false);
            }
            match self.attribute(sub, std::mem::take(value), At::Sub(&at, &sub.name))? {
                Some(read) => *value = read,
                None => return Ok(false),
            }
            next += steps + 1;
        }
        Ok(true)
    }

    fn sub_value(
        &mut self,
        entries: &mut Vec<(usize, String, Value)>,
        Slot { rank, name, sub }: Slot<'_>,
        value: Value,
        at: At<'_>,
    ) -> Result<(), Error> {
        let at = At::Sub(&at, &sub.name);
        if is_taken(entries, rank) {
            return Err(given_twice(&at));
        }
        entries.extend(self.attribute(sub, value, at)?.map(|value| (rank, name, value)));
        Ok(())
    }

    /// Sets a sub-attribute from another name of it.
    fn fill(
        &mut self,
        entries: &mut Vec<(usize, String, Value)>,
        (rank, sub): (usize, &Attribute),
        value: Value,
        at: At<'_>,
    ) -> Result<(), Error> {
        if !self.profile.strict {
            self.coercions.insert(Coercion::AliasUnderstood);
        }
        self.sub_value(entries, Slot { rank, name: sub.name.clone(), sub }, value, at)
    }

    /// A plain string (or number) for a complex attribute is its `value`; text that is a JSON object is that object.
    pub(super) fn complex_from_simple(
        &mut self,
        attribute: &Attribute,
        value: Value,
        at: At<'_>,
    ) -> Result<Option<Value>, Error> {
        let takes_value = attribute.sub("value").is_some() && !self.profile.strict;
        match value {
            Value::String(text) if !self.profile.strict && text.trim().is_empty() => {
                self.coercions.insert(Coercion::EmptyTextCleared);
                Ok(None)
            }
            Value::String(text) if takes_value => match json_object(&text) {
                Some(object) => {
                    self.coercions.insert(Coercion::ComplexFromJsonText);
                    self.object(attribute, object, at)
                }
                None => self.complex_from_value(attribute, Value::String(text), at),
            },
            Value::Number(number) if takes_value => {
                self.complex_from_value(attribute, Value::Number(number), at)
            }
            other @ (Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_)) => Err(mismatch(at, "an object", &other)),
        }
    }

    fn complex_from_value(
        &mut self,
        attribute: &Attribute,
        value: Value,
        at: At<'_>,
    ) -> Result<Option<Value>, Error> {
        self.coercions.insert(Coercion::ComplexFromText);
        self.object(attribute, Map::from_iter([("value".to_owned(), value)]), at)
    }

    /// `{"value": "{\"id\":…,\"value\":\"Admin\",\"displayName\":\"Admin\"}"}` → the object in the text. Text in text ends, as
    /// each is shorter than the one around it.
    fn unpack_json_text(&mut self, attribute: &Attribute, object: &mut Map<String, Value>) {
        if self.profile.strict || !JSON_TEXT_ATTRIBUTES.contains(&attribute.name.as_str()) {
            return;
        }
        while let Some((key, packed)) = object.iter().find_map(|(key, value)| {
            let is_value = key.eq_ignore_ascii_case("value");
            is_value
                .then(|| json_object(value.as_str()?))
                .flatten()
                .map(|inner| (key.clone(), inner))
        }) {
            object.shift_remove(&key);
            for (key, value) in packed {
                if !object.keys().any(|known| known.eq_ignore_ascii_case(&key)) {
                    object.insert(key, value);
                }
            }
            self.coercions.insert(Coercion::ComplexFromJsonText);
        }
    }
}

fn sub_attribute<'s>(attribute: &'s Attribute, name: &str) -> Option<(usize, &'s Attribute)> {
    let rank = rank(&attribute.sub_attributes, name)?;
    attribute.sub_attributes.get(rank).map(|sub| (rank, sub))
}

/// `displayName` is an alias of `display` in elements (Entra's roles).
fn is_alias_of_display(attribute: &Attribute, key: &str) -> bool {
    attribute.multi_valued
        && key.eq_ignore_ascii_case("displayName")
        && attribute.sub("display").is_some()
}

fn check_subs(attribute: &Attribute, object: &Map<String, Value>, at: At<'_>) -> Result<(), Error> {
    let is_missing =
        |sub: &&Attribute| sub.required && !sub.is_ignored() && !object.contains_key(&sub.name);
    match attribute.sub_attributes.iter().find(is_missing) {
        Some(sub) if !object.is_empty() => {
            let detail = format!("{}: is required and missing", At::Sub(&at, &sub.name));
            Err(Error::invalid_value(detail))
        }
        Some(_) | None => Ok(()),
    }
}

/// The place and name that a sub-attribute's value gets.
struct Slot<'a> {
    rank: usize,
    name: String,
    sub: &'a Attribute,
}

fn is_taken(entries: &[(usize, String, Value)], rank: usize) -> bool {
    entries.iter().any(|(known, _, _)| *known == rank)
}

/// The object that a text is the JSON of.
fn json_object(text: &str) -> Option<Map<String, Value>> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    match json::parse(text.as_bytes()) {
        Ok(Value::Object(object)) => Some(object),
        Ok(_) | Err(_) => None,
    }
}

/// The id at the end of a `$ref`.
fn last_segment(reference: &str) -> Option<&str> {
    reference.trim_end_matches('/').rsplit('/').next().filter(|id| !id.is_empty())
}
