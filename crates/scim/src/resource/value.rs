//! One attribute's value → its canonical form, by the attribute's characteristics.
//! Every tolerance about the shape of values stands here; strict takes RFC 7643's shapes alone.

use std::fmt;

use serde_json::{Map, Value};

use super::{check, elements};
use crate::{
    Coercion, Coercions, Error, Profile,
    json::quoted,
    key::folded,
    schema::{Attribute, Kind},
};

/// Err for a value that isn't among those that an attribute is closed to.
fn is_canonical(attribute: &Attribute, value: Option<&Value>, at: At<'_>) -> Result<(), Error> {
    let Some(text) = value.and_then(Value::as_str).filter(|_| attribute.is_closed) else {
        return Ok(());
    };
    let same = |known: &String| match attribute.case_exact {
        true => known == text,
        false => folded(known) == folded(text),
    };
    if attribute.canonical_values.iter().any(same) {
        return Ok(());
    }
    let known = attribute.canonical_values.join(", ");
    Err(Error::invalid_value(format!("{at}: must be one of {known}")))
}

/// Where in a body something stands; printed as `emails[1].value`. Costs nothing until printed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At<'a> {
    /// An attribute at the top.
    Top(&'a str),
    /// An attribute of an extension: its URN, its name.
    In(&'a str, &'a str),
    /// A sub-attribute.
    Sub(&'a Self, &'a str),
    /// An element, from 0.
    Element(&'a Self, usize),
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top(name) => f.write_str(name),
            Self::In(urn, name) => write!(f, "{urn}:{name}"),
            Self::Sub(parent, name) => write!(f, "{parent}.{name}"),
            Self::Element(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// Reads values by their attribute's characteristics; notes the tolerances it applies.
pub(crate) struct Reader<'a> {
    /// How tolerantly.
    pub(crate) profile: Profile,
    /// What was tolerated.
    pub(crate) coercions: &'a mut Coercions,
}

impl Reader<'_> {
    /// The canonical value of an attribute (an array if it is multi-valued). None: unassigned (`null`, `[]`, `{}`, outside
    /// strict `""`). Mutability is not checked for the attribute itself; sub-attributes that are the server's are dropped.
    pub(crate) fn attribute(
        &mut self,
        attribute: &Attribute,
        value: Value,
        at: At<'_>,
    ) -> Result<Option<Value>, Error> {
        if attribute.multi_valued {
            self.list(attribute, value, at)
        } else {
            self.single(attribute, value, at)
        }
    }

    /// The same for one element of a multi-valued attribute, or for the one value of another.
    pub(crate) fn element(
        &mut self,
        attribute: &Attribute,
        value: Value,
        at: At<'_>,
    ) -> Result<Option<Value>, Error> {
        match (attribute.kind, value) {
            (_, Value::Null) => Ok(None),
            (Kind::Complex, Value::Object(object)) => self.object(attribute, object, at),
            (Kind::Complex, value) => self.complex_from_simple(attribute, value, at),
            (Kind::String | Kind::Reference, value) => {
                let text = self.text(attribute, value, at)?;
                is_canonical(attribute, text.as_ref(), at).map(|()| text)
            }
            (Kind::Boolean, value) => self.boolean(value, at),
            (Kind::Integer, value) if value.is_i64() || value.is_u64() => Ok(Some(value)),
            (Kind::Integer, value) => Err(mismatch(at, "a whole number", &value)),
            (Kind::Decimal, value) if value.is_number() => Ok(Some(value)),
            (Kind::Decimal, value) => Err(mismatch(at, "a number", &value)),
            (Kind::DateTime, value) => self.date_time(value, at),
            (Kind::Binary, value) => self.binary(value, at),
        }
    }

    fn list(
        &mut self,
        attribute: &Attribute,
        value: Value,
        at: At<'_>,
    ) -> Result<Option<Value>, Error> {
        let mut canonical = match value {
            Value::Null => return Ok(None),
            Value::Array(given) => {
                let mut canonical = Vec::with_capacity(given.len());
                for (index, element) in given.into_iter().enumerate() {
                    canonical.extend(self.element(attribute, element, At::Element(&at, index))?);
                }
                canonical
            }
            single @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
                if self.profile.strict {
                    return Err(mismatch(at, "an array", &single));
                }
                let Some(element) = self.element(attribute, single, at)? else { return Ok(None) };
                self.coercions.insert(Coercion::ListFromSingle);
                vec![element]
            }
        };
        canonical.retain(|element| !elements::is_hollow(attribute, element));
        self.one_primary(&mut canonical, at)?;
        elements::unique(attribute, &mut canonical);
        Ok((!canonical.is_empty()).then_some(Value::Array(canonical)))
    }

    fn one_primary(&mut self, elements: &mut [Value], at: At<'_>) -> Result<(), Error> {
        let mut marked = elements.iter_mut().filter_map(elements::primary).skip(1).peekable();
        if marked.peek().is_none() {
            return Ok(());
        }
        if self.profile.strict {
            let detail = format!("{at}: more than one element has primary true; mark one at most");
            return Err(Error::invalid_value(detail));
        }
        marked.for_each(|primary| *primary = Value::Bool(false));
        self.coercions.insert(Coercion::PrimaryCleared);
        Ok(())
    }

    fn single(
        &mut self,
        attribute: &Attribute,
        value: Value,
        at: At<'_>,
    ) -> Result<Option<Value>, Error> {
        let Value::Array(mut given) = value else {
            return self.element(attribute, value, at);
        };
        match (given.pop(), given.is_empty()) {
            (None, _) => Ok(None),
            (Some(only), true) if !self.profile.strict && !only.is_array() => {
                self.coercions.insert(Coercion::SingleFromList);
                self.element(attribute, only, at)
            }
            (Some(_), _) => Err(Error::invalid_value(format!(
                "{at}: takes a single value, not an array of {}; send the value itself",
                given.len() + 1
            ))),
        }
    }

    fn text(
        &mut self,
        attribute: &Attribute,
        value: Value,
        at: At<'_>,
    ) -> Result<Option<Value>, Error> {
        match value {
            Value::String(text) if attribute.required && text.trim().is_empty() => {
                Err(Error::invalid_value(format!("{at}: is required and can't be blank")))
            }
            Value::String(text) => Ok(self.unless_empty(text)),
            Value::Number(number) if !self.profile.strict => {
                self.coercions.insert(Coercion::TextFromNumber);
                Ok(Some(Value::String(number.to_string())))
            }
            other @ (Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_)) => Err(mismatch(at, "a string", &other)),
        }
    }

    /// `""` is unassigned outside strict.
    fn unless_empty(&mut self, text: String) -> Option<Value> {
        if text.is_empty() && !self.profile.strict {
            self.coercions.insert(Coercion::EmptyTextCleared);
            return None;
        }
        Some(Value::String(text))
    }

    fn boolean(&mut self, value: Value, at: At<'_>) -> Result<Option<Value>, Error> {
        match value {
            Value::Bool(_) => Ok(Some(value)),
            Value::String(text) if !self.profile.strict => {
                let meant = match text.trim() {
                    "" => {
                        self.coercions.insert(Coercion::EmptyTextCleared);
                        return Ok(None);
                    }
                    text if text.eq_ignore_ascii_case("true") => true,
                    text if text.eq_ignore_ascii_case("false") => false,
                    _ => return Err(mismatch(at, "true or false", &Value::String(text))),
                };
                self.coercions.insert(Coercion::BooleanFromText);
                Ok(Some(Value::Bool(meant)))
            }
            other @ (Value::Null
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_)) => Err(mismatch(at, "true or false", &other)),
        }
    }

    fn date_time(&mut self, value: Value, at: At<'_>) -> Result<Option<Value>, Error> {
        let expected = "a date and time such as 2026-01-31T08:00:00Z";
        let Value::String(text) = value else { return Err(mismatch(at, expected, &value)) };
        match self.unless_empty(text) {
            Some(text) if !text.as_str().is_some_and(check::is_date_time) => {
                Err(mismatch(at, expected, &text))
            }
            read => Ok(read),
        }
    }

    fn binary(&mut self, value: Value, at: At<'_>) -> Result<Option<Value>, Error> {
        let expected = "base64 text";
        let Value::String(text) = value else { return Err(mismatch(at, expected, &value)) };
        if !check::is_base64(&text, self.profile) {
            return Err(mismatch(at, expected, &Value::String(text)));
        }
        Ok(self.unless_empty(text))
    }

    /// An attribute that no schema names: ignored or refused, as the profile says.
    pub(crate) fn unknown(&mut self, at: At<'_>) -> Result<(), Error> {
        if !self.profile.unknown_attributes_ignored {
            let name = quoted(&at.to_string());
            let detail = format!("{name}: is not an attribute of any schema here; leave it out");
            return Err(Error::invalid_syntax(detail));
        }
        self.coercions.insert(Coercion::UnknownAttributeIgnored);
        Ok(())
    }
}

pub(super) fn given_twice(at: &At<'_>) -> Error {
    Error::invalid_syntax(format!("{at}: is given twice under different names; give it once"))
}

/// Says what was expected and what kind of value was found, never the value.
pub(super) fn mismatch(at: At<'_>, expected: &str, found: &Value) -> Error {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string that isn't",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    Error::invalid_value(format!("{at}: expected {expected}, found {found}"))
}

/// The key itself if it is in the schema's case, which it mostly is.
pub(super) fn in_schema_case(key: String, attribute: &Attribute) -> String {
    if key == attribute.name { key } else { attribute.name.clone() }
}

/// The entries by rank.
pub(super) fn in_order(mut entries: Vec<(usize, String, Value)>) -> Map<String, Value> {
    entries.sort_unstable_by_key(|(rank, _, _)| *rank);
    entries.into_iter().map(|(_, name, value)| (name, value)).collect()
}
