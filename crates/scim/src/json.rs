//! JSON bodies, read strictly and in one pass: bounded depth, no key twice, not even in another case (RFC 7643 §2.1).
//! Everything that takes a body reads it here.

use std::{collections::HashSet, fmt};

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value, de::Read};

pub use crate::limits::JSON_DEPTH_MAX;
use crate::{Error, key::folded};

/// The document in a body; a byte order mark in front is skipped.
///
/// 400 `invalidSyntax` with line and column if it isn't JSON, is deeper than [`JSON_DEPTH_MAX`], or has a key twice in one
/// object in whatever case.
pub fn parse(body: &[u8]) -> Result<Value, Error> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::invalid_syntax("the body is empty; send a JSON object"));
    }
    // Text is checked once as a whole; what isn't text is read as bytes, so that the error says where.
    let read = match std::str::from_utf8(body) {
        Ok(text) => read(serde_json::Deserializer::from_str(text)),
        Err(_) => read(serde_json::Deserializer::from_slice(body)),
    };
    read.map_err(|error| Error::invalid_syntax(format!("the body can't be read as JSON: {error}")))
}

fn read<'de, R: Read<'de>>(mut reader: serde_json::Deserializer<R>) -> serde_json::Result<Value> {
    let value = Level { left: JSON_DEPTH_MAX }.deserialize(&mut reader)?;
    reader.end().map(|()| value)
}

/// A value with that many levels left for arrays and objects.
#[derive(Clone, Copy)]
struct Level {
    left: usize,
}

impl Level {
    fn below<E: de::Error>(self) -> Result<Self, E> {
        match self.left.checked_sub(1) {
            Some(left) => Ok(Self { left }),
            None => Err(E::custom(format_args!("more than {JSON_DEPTH_MAX} levels deep"))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("number out of range"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut array = Vec::new();
        while let Some(element) = elements.next_element_seed(below)? {
            array.push(element);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut object = Map::new();
        let mut names = Names::default();
        while let Some(key) = entries.next_key::<String>()? {
            if let Some(again) = names.seen(&key, &object) {
                return Err(de::Error::custom(again));
            }
            let value = entries.next_value_seed(below)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

/// The names met in one object. Few are compared one by one, many by a set, so that no object costs more than its length.
#[derive(Default)]
struct Names {
    many: Option<HashSet<String>>,
    /// Letters beyond ASCII have cases too.
    is_any_beyond_ascii: bool,
}

/// Up to this many keys of an object are compared one by one.
const FEW_KEYS: usize = 24;

impl Names {
    /// What to say if that key was met before; `object` has those that were.
    fn seen(&mut self, key: &str, object: &Map<String, Value>) -> Option<String> {
        self.is_any_beyond_ascii |= !key.is_ascii();
        let is_seen = match &mut self.many {
            Some(names) => !names.insert(folded(key)),
            None if object.len() >= FEW_KEYS => {
                let names = self.many.insert(object.keys().map(|known| folded(known)).collect());
                !names.insert(folded(key))
            }
            None if self.is_any_beyond_ascii => {
                let key = folded(key);
                object.keys().any(|known| folded(known) == key)
            }
            None => object.keys().any(|known| known.eq_ignore_ascii_case(key)),
        };
        is_seen.then(|| {
            let case = if object.contains_key(key) { "" } else { ", in another case" };
            format!("the key {} twice in one object{case}", quoted(key))
        })
    }
}

/// A name that a client made up as it may stand in an error: short.
pub(crate) fn quoted(key: &str) -> String {
    const SHOWN_CHARS: usize = 60;
    if key.chars().count() <= SHOWN_CHARS {
        return format!("{key:?}");
    }
    let start: String = key.chars().take(SHOWN_CHARS).collect();
    format!("{start:?}…")
}

#[cfg(test)]
mod tests;
