//! One change to a resource's attributes, ready to be made.

use serde_json::{Map, Value};

use super::elements::Named;
use crate::filter::Query;

/// One change, whole or not at all.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Change {
    /// The operation that it is (part of), from 0.
    pub(super) at: usize,
    pub(super) target: Target,
    pub(super) act: Act,
    /// It comes from `remove`, so it is worth a note if nothing was there.
    pub(super) removing: bool,
}

/// What is changed.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Target {
    /// Nothing: the resource's `id`, which must be that one.
    Id(String),
    /// All attributes of the extension of that URN.
    Extension(String),
    /// An attribute.
    Attribute(Slot),
    /// Elements of a multi-valued attribute.
    Elements(Slot, Selection),
}

/// Where an attribute stands, and what may not happen to it.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Slot {
    /// The extension that it belongs to.
    pub(super) urn: Option<String>,
    pub(super) name: String,
    /// A value that is set may not change any more.
    pub(super) once: bool,
    /// It can't be without a value.
    pub(super) required: bool,
}

/// Which elements are meant.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Selection {
    /// None: all.
    pub(super) filter: Option<Query>,
    /// The last element can't be removed.
    pub(super) required: bool,
    /// What an element has that is made because none is there; None: none can be made.
    pub(super) made: Option<Map<String, Value>>,
}

/// What is done to it.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Act {
    /// That value in the place of any other.
    Set(Value),
    /// No value any more.
    Clear,
    /// These elements behind those that are there.
    Append(Vec<Value>),
    /// No element any more that is one of those named.
    RemoveNamed(Named),
    /// Some sub-attributes; the others stay as they are.
    Merge(Merge),
}

/// New values of sub-attributes.
#[derive(Clone, PartialEq, Default, Debug)]
pub(super) struct Merge {
    pub(super) set: Map<String, Value>,
    pub(super) clear: Vec<String>,
    /// Those of `set` that may not change once they have a value.
    pub(super) once: Vec<String>,
}

impl Change {
    /// The key of the resource that is changed, or whose value is.
    pub(super) fn key(&self) -> Option<&str> {
        match &self.target {
            Target::Id(_) => None,
            Target::Extension(urn) => Some(urn),
            Target::Attribute(slot) | Target::Elements(slot, _) => Some(slot.key()),
        }
    }

    /// True if a canonical resource surely stays one: a value goes, or takes the place of another.
    pub(super) fn keeps_order(&self, resource: &Map<String, Value>) -> bool {
        match &self.target {
            Target::Id(_) => true,
            Target::Extension(_) | Target::Elements(_, _) => false,
            Target::Attribute(slot) => match &self.act {
                Act::Clear => slot.urn.is_none(),
                Act::Set(_) => slot.urn.is_none() && resource.contains_key(&slot.name),
                Act::Append(_) | Act::RemoveNamed(_) | Act::Merge(_) => false,
            },
        }
    }
}

impl Slot {
    fn key(&self) -> &str {
        self.urn.as_deref().unwrap_or(&self.name)
    }

    /// As clients write it.
    pub(super) fn path(&self) -> String {
        match &self.urn {
            None => self.name.clone(),
            Some(urn) => format!("{urn}:{}", self.name),
        }
    }
}
