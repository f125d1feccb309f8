//! Reading a few attributes of a stored resource: what isn't asked for is skipped, not built, and reading stops at the
//! last one asked for.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

/// Puts the attributes of those names, as far as the resource has them, into a map.
pub(super) fn select(resource: &[u8], names: &[&str], into: &mut Map<String, Value>) {
    if names.is_empty() {
        return;
    }
    let mut json = serde_json::Deserializer::from_slice(resource);
    // An error means that reading stopped early: what is stored is canonical JSON.
    json.deserialize_map(Attributes { names, into }).ok();
}

struct Attributes<'a> {
    names: &'a [&'a str],
    into: &'a mut Map<String, Value>,
}

impl<'de> Visitor<'de> for Attributes<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a resource")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut left = self.names.len();
        while left > 0 {
            match map.next_key_seed(Name(self.names))? {
                None => break,
                Some(None) => {
                    map.next_value::<IgnoredAny>()?;
                }
                Some(Some(name)) => {
                    self.into.insert(name.to_owned(), map.next_value()?);
                    left -= 1;
                }
            }
        }
        Ok(())
    }
}

/// Reads a key: one of the names, or none of them.
struct Name<'a>(&'a [&'a str]);

impl<'de, 'a> DeserializeSeed<'de> for Name<'a> {
    type Value = Option<&'a str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<'a> Visitor<'_> for Name<'a> {
    type Value = Option<&'a str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an attribute name")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().copied().find(|name| *name == key))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value};

    use super::select;

    #[test]
    fn only_what_is_asked_for_is_read() {
        let resource = r#"{"a":[1,{"b":2}],"b":"x\n","urn:x":{"b":true},"c":null}"#;
        let check = |names: &[&str], expected: &str| {
            let mut into = Map::new();
            select(resource.as_bytes(), names, &mut into);
            assert_eq!(Value::Object(into).to_string(), expected);
        };
        check(&[], "{}");
        check(&["b"], r#"{"b":"x\n"}"#);
        check(&["urn:x", "a"], r#"{"a":[1,{"b":2}],"urn:x":{"b":true}}"#);
        check(&["c", "missing"], r#"{"c":null}"#);
    }
}
