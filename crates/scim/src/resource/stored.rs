//! A stored resource, split at the top: an attribute is parsed when it is asked for, and not before.
//! Most of a request leaves most of a resource alone; what has equal bytes is equal.

use std::borrow::Cow;

use memchr::memchr2;
use serde_json::{Map, Value};

use crate::Error;

/// The attributes of a resource in the bytes that [`super::to_bytes`] made, or any other JSON object in bytes.
#[derive(Clone, Debug)]
pub struct Stored<'a> {
    whole: &'a [u8],
    attributes: Vec<Entry<'a>>,
}

#[derive(Clone, Debug)]
struct Entry<'a> {
    name: Cow<'a, str>,
    value: &'a [u8],
    /// Key, colon and value.
    whole: &'a [u8],
}

impl<'a> Stored<'a> {
    /// Splits the bytes. What is stored is JSON of our own, so anything else is a fault of ours: 500.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        Self::split(bytes, &[])
    }

    /// The same for another version of this resource: what they have in common is passed over, not read.
    ///
    /// # Errors
    /// 500, as [`Stored::new`].
    pub fn beside(&self, bytes: &'a [u8]) -> Result<Self, Error> {
        Self::split(bytes, &self.attributes)
    }

    fn split(bytes: &'a [u8], known: &[Entry<'a>]) -> Result<Self, Error> {
        let attributes = Splitter { bytes, at: 0 }.object(known).ok_or_else(unreadable)?;
        Ok(Self { whole: bytes, attributes })
    }

    /// The bytes that were split.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.whole
    }

    /// The names of its attributes, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.attributes.iter().map(|entry| &*entry.name)
    }

    /// The bytes of an attribute's value.
    pub fn bytes(&self, name: &str) -> Option<&'a [u8]> {
        self.attributes.iter().find(|entry| entry.name == name).map(|entry| entry.value)
    }

    /// The value of an attribute.
    pub fn value(&self, name: &str) -> Option<Value> {
        serde_json::from_slice(self.bytes(name)?).ok()
    }

    /// All of it, parsed.
    ///
    /// # Errors
    /// 500, as [`Stored::new`].
    pub fn whole(&self) -> Result<Map<String, Value>, Error> {
        serde_json::from_slice(self.whole).map_err(|_| unreadable())
    }
}

fn unreadable() -> Error {
    Error::new(500, None, "the stored resource can't be read")
}

/// Finds where keys and values begin and end. Trusts that they are JSON; `None`: they can't be.
struct Splitter<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Splitter<'a> {
    /// `known`: what is likely to be met again, in this order.
    fn object(mut self, known: &[Entry<'a>]) -> Option<Vec<Entry<'a>>> {
        let mut entries = Vec::with_capacity(16);
        self.expect(b'{')?;
        self.skip_blanks();
        if self.peek()? == b'}' {
            return Some(entries);
        }
        let mut likely = known;
        loop {
            let entry = match likely.first().and_then(|likely| self.again(likely)) {
                Some(entry) => entry,
                None => self.entry()?,
            };
            if let Some(place) = likely.iter().position(|one| one.name == entry.name) {
                likely = likely.get(place + 1..).unwrap_or_default();
            }
            entries.push(entry);
            self.skip_blanks();
            let next = self.peek()?;
            self.at += 1;
            match next {
                b',' => {}
                b'}' => return Some(entries),
                _ => return None,
            }
        }
    }

    /// The entry that is likely to be next, if it is.
    fn again(&mut self, likely: &Entry<'a>) -> Option<Entry<'a>> {
        let rest = self.bytes.get(self.at..)?.strip_prefix(likely.whole)?;
        matches!(rest.first()?, b',' | b'}').then(|| self.at += likely.whole.len())?;
        Some(likely.clone())
    }

    fn entry(&mut self) -> Option<Entry<'a>> {
        self.skip_blanks();
        let start = self.at;
        let name = self.key()?;
        self.expect(b':')?;
        let value = self.value()?;
        Some(Entry { name, value, whole: self.bytes.get(start..self.at)? })
    }

    fn key(&mut self) -> Option<Cow<'a, str>> {
        self.skip_blanks();
        let start = self.at;
        self.skip_text()?;
        let quoted = self.bytes.get(start..self.at)?;
        let text = quoted.get(1..quoted.len().checked_sub(1)?)?;
        if text.contains(&b'\\') {
            return serde_json::from_slice(quoted).ok().map(Cow::Owned);
        }
        std::str::from_utf8(text).ok().map(Cow::Borrowed)
    }

    fn value(&mut self) -> Option<&'a [u8]> {
        self.skip_blanks();
        let start = self.at;
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.skip_text()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b',' if depth == 0 => break,
                b'}' | b']' => match depth.checked_sub(1) {
                    Some(outer) => depth = outer,
                    None => break,
                },
                _ => {}
            }
            self.at += 1;
        }
        let value = self.bytes.get(start..self.at)?.trim_ascii_end();
        (!value.is_empty()).then_some(value)
    }

    /// Over a text in quotes.
    fn skip_text(&mut self) -> Option<()> {
        self.expect(b'"')?;
        loop {
            self.at += memchr2(b'"', b'\\', self.bytes.get(self.at..)?)?;
            if self.peek()? == b'"' {
                self.at += 1;
                return Some(());
            }
            self.at += 2; // what is escaped is no end
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.skip_blanks();
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Any JSON, with texts that look like structure.
    fn values() -> impl Strategy<Value = Value> {
        let text = r#"[a-z{}\[\],:"\\ é]{0,8}"#;
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            any::<f32>().prop_map(|it| json!(it)),
            text.prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 24, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(text, inner, 0..4).prop_map(|map| json!(map)),
            ]
        })
    }

    proptest! {
        #[test]
        fn splitting_is_parsing(value in values(), spaced in any::<bool>()) {
            let text = if spaced { format!("{value:#}") } else { value.to_string() };
            let bytes = text.into_bytes();
            let stored = Stored::new(&bytes);
            let Value::Object(object) = value else {
                prop_assert!(stored.is_err());
                return Ok(());
            };
            let stored = stored.unwrap();
            prop_assert!(stored.names().eq(object.keys()));
            for (name, value) in &object {
                prop_assert_eq!(stored.value(name), Some(value.clone()));
            }
            prop_assert_eq!(stored.value("not there"), None);
            prop_assert_eq!(stored.whole().unwrap(), object);
        }

        #[test]
        fn another_version_splits_as_by_itself(one in values(), other in values(), keep in prop::collection::vec(any::<bool>(), 4)) {
            let (Value::Object(one), Value::Object(mut other)) = (one, other) else { return Ok(()) };
            other.extend(one.clone().into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(entry, _)| entry));
            let (one, other) = (Value::Object(one).to_string(), Value::Object(other).to_string());
            let one = Stored::new(one.as_bytes()).unwrap();
            let (alone, beside) = (Stored::new(other.as_bytes()).unwrap(), one.beside(other.as_bytes()).unwrap());
            let split = |it: &Stored<'_>| it.names().map(|name| (name.to_owned(), it.value(name))).collect::<Vec<_>>();
            prop_assert_eq!(split(&beside), split(&alone));
        }

        #[test]
        fn nothing_makes_it_fall(bytes in prop::collection::vec(prop::sample::select(b"{}[]:,\"\\a1 ".to_vec()), 0..40)) {
            if let Ok(stored) = Stored::new(&bytes) {
                let _read = (stored.whole(), stored.names().count());
            }
        }
    }
}
