//! A filter made ready for one resource type: steps that a loop walks over each resource.
//! Decides nothing about names or types: that was done when it was made.

use serde_json::{Map, Value};

use super::{
    Lookup, Op,
    check::{Check, is_assigned},
};

/// A filter whose names are resolved against a resource type, or against one attribute's elements.
#[derive(Clone, PartialEq, Debug)]
pub struct Query {
    pub(super) steps: Vec<Step>,
    pub(super) lookups: Option<Vec<Lookup>>,
}

/// One step. A truth value is carried from step to step; what can't change it any more is skipped.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Step {
    /// Sets it.
    Test(Test),
    /// Turns it round.
    Not,
    /// Leaves out that many steps if it is `when`.
    Skip { when: bool, steps: usize },
    /// Sets it by the next steps, taken over each element in turn until one is found.
    Within { place: Place, steps: usize },
}

/// A comparison at a place.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Test {
    pub(super) place: Place,
    pub(super) check: Check,
}

/// Where values stand in a resource, or in an element.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Place {
    pub(crate) extension: Option<String>,
    pub(crate) attribute: String,
    pub(crate) sub: Option<String>,
}

impl Query {
    /// The query whether anything is assigned there.
    pub(crate) fn presence(place: Place) -> Self {
        Self { steps: vec![Step::Test(Test { place, check: Check::Present })], lookups: None }
    }

    /// True if the resource is one of those asked for. It must hold what [`Query::needs`] names beyond what is stored.
    pub fn matches(&self, resource: &Map<String, Value>) -> bool {
        walk(&self.steps, resource)
    }

    /// True if the answer depends on that attribute (`meta`, `groups`, `members`, `manager`) or sub-attribute
    /// (`members.display`), so that it must be put into the resource first.
    pub fn needs(&self, attribute: &str) -> bool {
        let (name, sub) = match attribute.split_once('.') {
            None => (attribute, None),
            Some((name, sub)) => (name, Some(sub)),
        };
        self.steps.iter().enumerate().any(|(at, step)| match step {
            Step::Test(Test { place, .. }) => {
                place.is_of(name) && (place.sub.is_none() || place.is_sub(sub))
            }
            Step::Within { place, steps } => {
                let inner = self.steps.get(at + 1..at + 1 + steps).unwrap_or_default();
                let looks_at = |sub: &str| {
                    inner
                        .iter()
                        .any(|step| matches!(step, Step::Test(test) if test.place.is_of(sub)))
                };
                place.is_of(name) && sub.is_none_or(looks_at)
            }
            Step::Not | Step::Skip { .. } => false,
        })
    }

    /// The keys at the top of a resource that the answer depends on, each once: attributes, and URNs of extensions.
    pub fn roots(&self) -> Vec<&str> {
        let mut roots = Vec::new();
        let mut at = 0;
        while let Some(step) = self.steps.get(at) {
            at += 1;
            let place = match step {
                Step::Test(Test { place, .. }) => place,
                Step::Within { place, steps } => {
                    at += steps;
                    place
                }
                Step::Not | Step::Skip { .. } => continue,
            };
            let root = place.extension.as_deref().unwrap_or(&place.attribute);
            if !roots.contains(&root) {
                roots.push(root);
            }
        }
        roots
    }

    /// Look-ups whose results together hold every match (and possibly more). None: no index serves this filter.
    pub fn lookup(&self) -> Option<Vec<Lookup>> {
        self.lookups.clone()
    }

    /// [`Query::matches`] for one element of the attribute that the query was made for.
    pub(crate) fn matches_element(&self, element: &Value) -> bool {
        match element {
            Value::Object(subs) => walk(&self.steps, subs),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => {
                let value = (super::resolve::VALUE.to_owned(), element.clone());
                walk(&self.steps, &Map::from_iter([value]))
            }
        }
    }
}

/// Calls itself for the elements of a value path only; value paths don't nest.
fn walk(steps: &[Step], object: &Map<String, Value>) -> bool {
    let mut holds = true;
    let mut at = 0;
    while let Some(step) = steps.get(at) {
        at += 1;
        match step {
            Step::Test(test) => holds = test.holds(object),
            Step::Not => holds = !holds,
            Step::Skip { when, steps } => at += if holds == *when { *steps } else { 0 },
            Step::Within { place, steps: count } => {
                let inner = steps.get(at..at + count).unwrap_or_default();
                holds = place.any(object, |element| {
                    element.as_object().is_some_and(|element| walk(inner, element))
                });
                at += count;
            }
        }
    }
    holds
}

impl Test {
    fn holds(&self, object: &Map<String, Value>) -> bool {
        match &self.check {
            Check::Present => self.place.any(object, is_assigned),
            Check::Absent => !self.place.any(object, is_assigned),
            // What isn't there differs from everything.
            Check::Compare { op: Op::Ne, .. } => {
                let mut there = false;
                let differs = self.place.any(object, |value| {
                    there = true;
                    self.check.holds(value)
                });
                differs || !there
            }
            Check::Compare { .. } => self.place.any(object, |value| self.check.holds(value)),
        }
    }
}

impl Place {
    pub(super) fn is_of(&self, attribute: &str) -> bool {
        self.attribute.eq_ignore_ascii_case(attribute)
    }

    /// True if that sub-attribute stands here; none stands for any.
    fn is_sub(&self, asked: Option<&str>) -> bool {
        let here = self.sub.as_deref();
        asked.is_none_or(|asked| here.is_some_and(|here| here.eq_ignore_ascii_case(asked)))
    }

    /// The attribute's value.
    pub(crate) fn find<'v>(&self, object: &'v Map<String, Value>) -> Option<&'v Value> {
        let object = match &self.extension {
            None => Some(object),
            Some(urn) => object.get(urn).and_then(Value::as_object),
        };
        object?.get(&self.attribute)
    }

    /// True if it holds for one of the values there; elements of arrays are values each.
    fn any(&self, object: &Map<String, Value>, mut holds: impl FnMut(&Value) -> bool) -> bool {
        let Some(value) = self.find(object) else { return false };
        elements(value).iter().any(|element| match &self.sub {
            None => holds(element),
            Some(sub) => {
                element.get(sub).is_some_and(|value| elements(value).iter().any(&mut holds))
            }
        })
    }
}

/// An array's elements; any other value is one.
fn elements(value: &Value) -> &[Value] {
    let Value::Array(elements) = value else { return std::slice::from_ref(value) };
    elements
}
