//! Nodes → steps: names looked up in the schemas, literals made ready, jumps laid so that no operand is checked in vain.
//! An explicit stack, as everywhere here.

use super::{
    Filter, Node, Query,
    check::{Check, TextKey},
    lookup::Known,
    query::{Place, Step, Test},
};
use crate::{
    Error,
    path::{AttributePath, locate},
    schema::{Attribute, Kind, Mutability, ResourceType, Returned, USER_URN},
};

/// The sub-attribute that a complex attribute stands for, and the name of an element that has no sub-attributes.
pub(super) const VALUE: &str = "value";

impl Filter {
    /// The query that this filter means for resources of that type; 400 `invalidFilter` for unknown and never returned
    /// attributes, and for comparisons that the attribute's type doesn't have.
    pub fn resolve(&self, of: &ResourceType) -> Result<Query, Error> {
        Resolver::new(self, Some(of), None).run()
    }

    /// The same for a query across resource types (RFC 7644 §3.4.2.1): an attribute that this type doesn't have has no value.
    pub fn resolve_loosely(&self, of: &ResourceType) -> Result<Query, Error> {
        let mut resolver = Resolver::new(self, Some(of), None);
        resolver.loosely = true;
        resolver.run()
    }

    /// The query that this filter means for one element of that attribute, as in brackets.
    pub fn resolve_within(&self, attribute: &Attribute) -> Result<Query, Error> {
        Resolver::new(self, None, Some(attribute)).run()
    }
}

struct Resolver<'a> {
    filter: &'a Filter,
    starts: Vec<usize>,
    of: Option<&'a ResourceType>,
    /// In brackets: the attribute before them.
    element: Option<&'a Attribute>,
    todo: Vec<Todo>,
    steps: Vec<Step>,
    /// Skips whose target isn't known yet.
    skips: Vec<usize>,
    /// What is known of each operand that waits for its operator.
    known: Vec<Known>,
    /// Whether an unknown attribute is one without a value.
    loosely: bool,
    /// In brackets behind such an attribute.
    nowhere: bool,
}

/// What is still to be done, last first.
enum Todo {
    Node(usize),
    Skip {
        when: bool,
    },
    And,
    Or,
    Not,
    /// The brackets end whose step is that one.
    Leave(usize),
}

impl<'a> Resolver<'a> {
    fn new(
        filter: &'a Filter,
        of: Option<&'a ResourceType>,
        element: Option<&'a Attribute>,
    ) -> Self {
        Self {
            filter,
            starts: filter.starts(),
            of,
            element,
            todo: filter.nodes.len().checked_sub(1).map(Todo::Node).into_iter().collect(),
            steps: Vec::with_capacity(filter.nodes.len()),
            skips: Vec::new(),
            known: Vec::with_capacity(1),
            loosely: false,
            nowhere: false,
        }
    }

    fn run(mut self) -> Result<Query, Error> {
        while let Some(next) = self.todo.pop() {
            match next {
                Todo::Node(at) => self.node(at)?,
                Todo::Skip { when } => {
                    self.skips.push(self.steps.len());
                    self.steps.push(Step::Skip { when, steps: 0 });
                }
                Todo::And => self.join(Known::and),
                Todo::Or => self.join(Known::or),
                Todo::Not => {
                    self.steps.push(Step::Not);
                    self.known.pop();
                    self.known.push(Known::Nothing);
                }
                Todo::Leave(step) => self.leave(step),
            }
        }
        let lookups = match self.known.pop() {
            Some(Known::Lookups(lookups)) => Some(lookups),
            Some(Known::Nothing | Known::Element { .. }) | None => None,
        };
        Ok(Query { steps: self.steps, lookups })
    }

    fn node(&mut self, at: usize) -> Result<(), Error> {
        let Some(node) = self.filter.nodes.get(at) else { return Ok(()) };
        let last = at.checked_sub(1);
        let first = last.and_then(|at| self.starts.get(at)).and_then(|start| start.checked_sub(1));
        match node {
            Node::Compare { path, .. } | Node::Present(path) => {
                let (test, known) = match self.is_unknown(path) {
                    true => (absent(node, path), Known::Nothing),
                    false => self.test(node, path)?,
                };
                self.steps.push(Step::Test(test));
                self.known.push(known);
            }
            Node::Not => {
                self.todo.push(Todo::Not);
                self.todo.extend(last.map(Todo::Node));
            }
            Node::And | Node::Or => {
                let or = matches!(node, Node::Or);
                self.todo.push(if or { Todo::Or } else { Todo::And });
                self.todo.extend(last.map(Todo::Node));
                self.todo.push(Todo::Skip { when: or });
                self.todo.extend(first.map(Todo::Node));
            }
            Node::Within(path) => {
                self.nowhere = self.is_unknown(path);
                let (place, attribute) = match self.nowhere {
                    true => (unknown_place(path), None),
                    false => self.enter(path).map(|(place, it)| (place, Some(it)))?,
                };
                self.element = attribute;
                self.todo.push(Todo::Leave(self.steps.len()));
                self.todo.extend(last.map(Todo::Node));
                self.steps.push(Step::Within { place, steps: 0 });
            }
        }
        Ok(())
    }

    /// Behind the second operand: the skip before it leads here.
    fn join(&mut self, join: fn(Known, Known) -> Known) {
        let end = self.steps.len();
        if let Some(skip) = self.skips.pop()
            && let Some(Step::Skip { steps, .. }) = self.steps.get_mut(skip)
        {
            *steps = end - skip - 1;
        }
        if let (Some(right), Some(left)) = (self.known.pop(), self.known.pop()) {
            self.known.push(join(left, right));
        }
    }

    fn leave(&mut self, step: usize) {
        let end = self.steps.len();
        if let (Some(Step::Within { place, steps }), Some(known), Some(of)) =
            (self.steps.get_mut(step), self.known.pop(), self.of)
        {
            *steps = end - step - 1;
            let known = if place.extension.is_none() {
                known.within(&place.attribute, of)
            } else {
                Known::Nothing
            };
            self.known.push(known);
        }
        self.element = None;
        self.nowhere = false;
    }

    /// Whether a path names nothing that this type has, and that is no error.
    fn is_unknown(&self, path: &AttributePath) -> bool {
        let known = || self.of.is_some_and(|of| locate(of, path).is_some());
        self.loosely && (self.nowhere || (self.element.is_none() && !known()))
    }

    fn enter(&self, path: &AttributePath) -> Result<(Place, &'a Attribute), Error> {
        let (None, Some(of)) = (self.element, self.of) else {
            return Err(refuse(path, "can't have brackets within brackets"));
        };
        let found = locate(of, path).map(|(found, _)| found).filter(|found| found.sub.is_none());
        let found = found.ok_or_else(|| refuse(path, "is no attribute of this resource type"))?;
        visible(path, found.attribute)?;
        if found.attribute.kind != Kind::Complex {
            return Err(refuse(path, "has no sub-attributes, so it takes no brackets"));
        }
        let place = Place {
            extension: found.extension.map(|schema| schema.id.clone()),
            attribute: found.attribute.name.clone(),
            sub: None,
        };
        Ok((place, found.attribute))
    }

    fn test(&self, node: &Node, path: &AttributePath) -> Result<(Test, Known), Error> {
        if let Some(element) = self.element {
            let test = element_test(node, path, element)?;
            let known = Known::of_sub_test(&test);
            return Ok((test, known));
        }
        let of = self.of.ok_or_else(|| refuse(path, "stands nowhere"))?;
        let (found, _) = locate(of, path)
            .ok_or_else(|| refuse(path, "is no attribute of this resource type"))?;
        visible(path, found.attribute)?;
        let mut sub = found.sub;
        // A complex attribute compared with a value stands for its `value` (RFC 7644 §3.4.2.2's own examples).
        if sub.is_none() && is_comparison(node) && found.attribute.kind == Kind::Complex {
            sub = found.attribute.sub(VALUE);
        }
        let leaf = sub.unwrap_or(found.attribute);
        visible(path, leaf)?;
        let is_user_name = leaf.name == "userName" && of.schema.id == USER_URN;
        let by = if is_user_name { TextKey::UserName } else { text_key(leaf) };
        let place = Place {
            extension: found.extension.map(|schema| schema.id.clone()),
            attribute: found.attribute.name.clone(),
            sub: sub.map(|sub| sub.name.clone()),
        };
        let test = Test { place, check: check(node, path, leaf, by)? };
        let known = Known::of_test(&test, of);
        Ok((test, known))
    }
}

/// What a comparison with an attribute that isn't there gives: only `eq null` holds.
fn absent(node: &Node, path: &AttributePath) -> Test {
    let is_null =
        matches!(node, Node::Compare { op: super::Op::Eq, value: super::Literal::Null, .. });
    let check = if is_null { Check::Absent } else { Check::Present };
    Test { place: unknown_place(path), check }
}

fn unknown_place(path: &AttributePath) -> Place {
    // No attribute's name has a blank.
    Place { extension: None, attribute: format!("no {}", path.name), sub: None }
}

fn element_test(node: &Node, path: &AttributePath, element: &Attribute) -> Result<Test, Error> {
    let plain = element.kind != Kind::Complex && path.name.eq_ignore_ascii_case(VALUE);
    let leaf = if plain { Some(element) } else { element.sub(&path.name) };
    let leaf = leaf
        .filter(|_| path.urn.is_none() && path.sub.is_none())
        .ok_or_else(|| refuse(path, "is no sub-attribute here"))?;
    visible(path, leaf)?;
    let attribute = if plain { VALUE.to_owned() } else { leaf.name.clone() };
    let place = Place { extension: None, attribute, sub: None };
    Ok(Test { place, check: check(node, path, leaf, text_key(leaf))? })
}

fn check(node: &Node, path: &AttributePath, leaf: &Attribute, by: TextKey) -> Result<Check, Error> {
    match node {
        Node::Compare { op, value, .. } => {
            Check::new(leaf, *op, value, by).map_err(|why| refuse(path, why))
        }
        Node::Present(_) | Node::Not | Node::And | Node::Or | Node::Within(_) => Ok(Check::Present),
    }
}

/// `eq null` and `ne null` are about the attribute as a whole, as `pr` is.
const fn is_comparison(node: &Node) -> bool {
    matches!(node, Node::Compare { value, .. } if !matches!(value, super::Literal::Null))
}

const fn text_key(leaf: &Attribute) -> TextKey {
    if leaf.case_exact { TextKey::Exact } else { TextKey::Folded }
}

/// Filtering by what is never shown would disclose it.
fn visible(path: &AttributePath, attribute: &Attribute) -> Result<(), Error> {
    if attribute.returned == Returned::Never || attribute.mutability == Mutability::WriteOnly {
        return Err(refuse(path, "can't be filtered by"));
    }
    Ok(())
}

fn refuse(path: &AttributePath, why: &str) -> Error {
    let name: String = path.to_string().chars().take(100).collect();
    Error::invalid_filter(format!("filter: {name} {why}"))
}
