//! One comparison: the literal made ready once, then held against values.
//! Knows types and case rules; names and places are [`super::query`]'s.

use std::cmp::Ordering;

use jiff::{Timestamp, civil::DateTime, tz::Offset};
use serde_json::Value;

use super::{Literal, Op};
use crate::{
    key,
    schema::{Attribute, Kind},
};

/// Above it a search lowers the case of the whole text first, which costs an allocation but never the square.
const ASCII_SEARCH_BYTES: usize = 256;

/// What a value must be.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Check {
    /// `pr`: assigned and not empty.
    Present,
    /// `eq null`: nothing assigned.
    Absent,
    /// A comparison with a value of the attribute's type.
    Compare { op: Op, with: Wanted },
}

/// The right side of a comparison.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Wanted {
    Boolean(bool),
    Number(f64),
    Instant(Timestamp),
    Text { key: String, by: TextKey },
}

/// How two texts are compared; the query's side is a key already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TextKey {
    /// As written.
    Exact,
    /// By [`key::folded`].
    Folded,
    /// By [`key::user_name_key`].
    UserName,
}

impl Check {
    /// The comparison for values of that attribute; Err says why there is none.
    pub(super) fn new(
        attribute: &Attribute,
        op: Op,
        literal: &Literal,
        text: TextKey,
    ) -> Result<Self, &'static str> {
        let ordered = matches!(op, Op::Gt | Op::Ge | Op::Lt | Op::Le);
        let partial = matches!(op, Op::Co | Op::Sw | Op::Ew);
        let with = match (attribute.kind, literal) {
            (_, Literal::Null) => {
                return match op {
                    Op::Eq => Ok(Self::Absent),
                    Op::Ne => Ok(Self::Present),
                    Op::Co | Op::Sw | Op::Ew | Op::Gt | Op::Ge | Op::Lt | Op::Le => {
                        Err("null goes with eq and ne only")
                    }
                };
            }
            (Kind::Complex, _) => return Err("has sub-attributes; name one of them"),
            (Kind::Boolean | Kind::Binary, _) if ordered => return Err("has no order"),
            (Kind::String | Kind::Reference, _) => Wanted::text(literal, text),
            (_, _) if partial => return Err("isn't text, so co, sw and ew don't go with it"),
            (Kind::Binary, _) => Wanted::text(literal, TextKey::Exact),
            (Kind::Boolean, _) => Wanted::boolean(literal),
            (Kind::Decimal | Kind::Integer, _) => Wanted::number(literal),
            (Kind::DateTime, _) => Wanted::instant(literal),
        };
        with.map(|with| Self::Compare { op, with })
    }

    /// True if that value, assigned and not an array, is what is asked for.
    pub(super) fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Present => is_assigned(value),
            Self::Absent => !is_assigned(value),
            Self::Compare { op, with } => with.compare(*op, value),
        }
    }
}

impl Wanted {
    fn text(literal: &Literal, by: TextKey) -> Result<Self, &'static str> {
        match literal {
            Literal::Text(text) | Literal::Number(text) => Ok(Self::Text { key: by.key(text), by }),
            Literal::Boolean(_) | Literal::Null => Err("is text; put the value in quotes"),
        }
    }

    fn boolean(literal: &Literal) -> Result<Self, &'static str> {
        match literal {
            Literal::Boolean(value) => Ok(Self::Boolean(*value)),
            Literal::Text(text) if text.eq_ignore_ascii_case("true") => Ok(Self::Boolean(true)),
            Literal::Text(text) if text.eq_ignore_ascii_case("false") => Ok(Self::Boolean(false)),
            Literal::Text(_) | Literal::Number(_) | Literal::Null => Err("is true or false"),
        }
    }

    fn number(literal: &Literal) -> Result<Self, &'static str> {
        let Literal::Number(text) = literal else { return Err("is a number") };
        text.parse().map(Self::Number).map_err(|_| "is a number")
    }

    fn instant(literal: &Literal) -> Result<Self, &'static str> {
        let error = "is a date and time, such as \"2026-01-31T12:00:00Z\"";
        let Literal::Text(text) = literal else { return Err(error) };
        instant(text).map(Self::Instant).ok_or(error)
    }

    fn compare(&self, op: Op, value: &Value) -> bool {
        match (self, value) {
            (Self::Text { key, by }, Value::String(text)) => by.compare(op, text, key),
            (Self::Boolean(wanted), Value::Bool(value)) => ordered(op, value.cmp(wanted)),
            (Self::Number(wanted), Value::Number(value)) => value
                .as_f64()
                .and_then(|value| value.partial_cmp(wanted))
                .is_some_and(|ordering| ordered(op, ordering)),
            (Self::Instant(wanted), Value::String(text)) => {
                instant(text).is_some_and(|value| ordered(op, value.cmp(wanted)))
            }
            (_, _) => op == Op::Ne,
        }
    }
}

impl TextKey {
    pub(crate) fn key(self, text: &str) -> String {
        match self {
            Self::Exact => text.to_owned(),
            Self::Folded => key::folded(text),
            Self::UserName => key::user_name_key(text),
        }
    }

    fn compare(self, op: Op, text: &str, wanted: &str) -> bool {
        match self {
            Self::Exact => compare_keys(op, text, wanted),
            // The keys of ASCII text are its lower case: no need to make them.
            Self::Folded | Self::UserName if text.is_ascii() => compare_ascii(op, text, wanted),
            Self::Folded | Self::UserName => compare_keys(op, &self.key(text), wanted),
        }
    }
}

/// True if `pr` holds: not null, not empty, and for an object some sub-attribute of it.
pub(super) fn is_assigned(value: &Value) -> bool {
    let plain = |value: &Value| match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(subs) => !subs.is_empty(),
    };
    value.as_object().map_or_else(|| plain(value), |subs| subs.values().any(plain))
}

/// A date and time; without an offset it is UTC.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| {
        let local: DateTime = text.contains(['T', 't']).then(|| text.parse().ok())??;
        Offset::UTC.to_timestamp(local).ok()
    })
}

fn compare_keys(op: Op, key: &str, wanted: &str) -> bool {
    match op {
        Op::Co => key.contains(wanted),
        Op::Sw => key.starts_with(wanted),
        Op::Ew => key.ends_with(wanted),
        Op::Eq => key == wanted,
        Op::Ne => key != wanted,
        Op::Gt | Op::Ge | Op::Lt | Op::Le => ordered(op, key.cmp(wanted)),
    }
}

/// `wanted` is in lower case.
fn compare_ascii(op: Op, text: &str, wanted: &str) -> bool {
    let (bytes, length) = (text.as_bytes(), wanted.len());
    let is_wanted =
        |part: Option<&[u8]>| part.is_some_and(|part| part.eq_ignore_ascii_case(wanted.as_bytes()));
    match op {
        Op::Eq => text.eq_ignore_ascii_case(wanted),
        Op::Ne => !text.eq_ignore_ascii_case(wanted),
        Op::Sw => is_wanted(bytes.get(..length)),
        Op::Ew => is_wanted(bytes.len().checked_sub(length).and_then(|at| bytes.get(at..))),
        Op::Co if length == 0 => true,
        Op::Co if bytes.len() <= ASCII_SEARCH_BYTES => {
            bytes.windows(length).any(|part| is_wanted(Some(part)))
        }
        Op::Co => text.to_ascii_lowercase().contains(wanted),
        Op::Gt | Op::Ge | Op::Lt | Op::Le => {
            ordered(op, bytes.iter().map(u8::to_ascii_lowercase).cmp(wanted.bytes()))
        }
    }
}

const fn ordered(op: Op, ordering: Ordering) -> bool {
    match op {
        Op::Eq => ordering.is_eq(),
        Op::Ne => ordering.is_ne(),
        Op::Gt => ordering.is_gt(),
        Op::Ge => ordering.is_ge(),
        Op::Lt => ordering.is_lt(),
        Op::Le => ordering.is_le(),
        Op::Co | Op::Sw | Op::Ew => false,
    }
}
