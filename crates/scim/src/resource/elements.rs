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
    if elements.len() < 2 {
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
    let text = |exact: bool, text: &str| if exact { text.to_owned() } else { folded(text) };
    match element {
        Value::String(value) => text(attribute.case_exact, value),
        Value::Object(object) => match object.get("value").and_then(Value::as_str) {
            None => element.to_string(),
            Some(value) => {
                let exact = attribute.sub("value").is_some_and(|sub| sub.case_exact);
                let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
                format!("{}\0{}", folded(kind), text(exact, value))
            }
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => element.to_string(),
    }
}
