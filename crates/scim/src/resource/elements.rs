//! The elements of multi-valued attributes among each other (RFC 7643 §2.4): which say nothing, which say the same,
//! which one is primary.

use std::collections::{HashMap, hash_map::Entry};

use serde_json::{Map, Value};

use crate::{key::folded, schema::Attribute};

/// True for an element that labels nothing: it has `type` or `primary` alone, while its attribute has more to say.
pub(super) fn is_hollow(attribute: &Attribute, element: &Value) -> bool {
    let label = |name: &str| name == "type" || name == "primary";
    let Value::Object(element) = element else { return false };
    element.keys().all(|name| label(name))
        && attribute.sub_attributes.iter().any(|sub| !label(&sub.name))
}

/// The mark of a primary element.
pub(super) fn primary(element: &mut Value) -> Option<&mut Value> {
    element.get_mut("primary").filter(|primary| **primary == Value::Bool(true))
}

/// Drops elements that repeat the type and value of an earlier one, or all of an earlier one if they have no value.
/// If one of a pair is primary, the one that stays is.
pub(super) fn unique(attribute: &Attribute, elements: &mut Vec<Value>) {
    if elements.len() <= FEW_ELEMENTS && !repeats(attribute, elements) {
        return;
    }
    let mut first: HashMap<String, usize> = HashMap::with_capacity(elements.len());
    let mut promoted = Vec::new();
    let mut kept = 0;
    elements.retain_mut(|element| match first.entry(fingerprint(attribute, element)) {
        Entry::Vacant(entry) => {
            entry.insert(kept);
            kept += 1;
            true
        }
        Entry::Occupied(entry) => {
            promoted.extend(primary(element).map(|_| *entry.get()));
            false
        }
    });
    for index in promoted {
        if let Some(Value::Object(element)) = elements.get_mut(index) {
            mark_primary(attribute, element);
        }
    }
}

/// Up to this many elements are compared with each other before anything is allocated.
const FEW_ELEMENTS: usize = 8;

/// True if an element may say the same as an earlier one: their values are equal, or one has none.
fn repeats(attribute: &Attribute, elements: &[Value]) -> bool {
    let exact = is_exact(attribute);
    let may_be_same = |one: &str, other: &str| {
        if exact {
            one == other
        } else {
            one.eq_ignore_ascii_case(other) || !one.is_ascii() || !other.is_ascii()
        }
    };
    elements.iter().enumerate().any(|(index, later)| {
        elements.iter().take(index).any(|earlier| match (text_of(earlier), text_of(later)) {
            (Some(one), Some(other)) => may_be_same(one, other),
            (Some(_), None) | (None, Some(_)) => false,
            (None, None) => earlier == later,
        })
    })
}

/// The text that an element is about.
fn text_of(element: &Value) -> Option<&str> {
    match element {
        Value::String(text) => Some(text),
        Value::Object(object) => {
            // Elements are small and `value` stands in front: quicker than by its hash.
            let value = object.iter().find(|(name, _)| *name == "value");
            value.and_then(|(_, value)| value.as_str())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

fn is_exact(attribute: &Attribute) -> bool {
    attribute.sub("value").unwrap_or(attribute).case_exact
}

fn mark_primary(attribute: &Attribute, element: &mut Map<String, Value>) {
    let rank_of = |name: &str| attribute.sub_attributes.iter().position(|sub| sub.name == name);
    let rank = rank_of("primary");
    let place = element.keys().take_while(|name| rank_of(name) < rank).count();
    if let Some(primary) = element.get_mut("primary") {
        *primary = Value::Bool(true);
    } else {
        element.shift_insert(place, "primary".to_owned(), Value::Bool(true));
    }
}

/// Equal exactly for elements of which one is enough.
fn fingerprint(attribute: &Attribute, element: &Value) -> String {
    let Some(text) = text_of(element) else { return element.to_string() };
    let text = if is_exact(attribute) { text.to_owned() } else { folded(text) };
    let kind = element.get("type").and_then(Value::as_str).unwrap_or_default();
    format!("{}\0{text}", folded(kind))
}
