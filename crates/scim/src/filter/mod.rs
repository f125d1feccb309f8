//! Filters (RFC 7644 §3.4.2.2): parsed text, and the query that it means for one resource type.
//! Nothing here recurses, however deep the input: a filter is its nodes in postfix order.
//!
//! Entry: [`Filter::parse`], [`Filter::resolve`], [`Query::matches`].

mod asked;
mod check;
mod cursor;
mod lookup;
mod parse;
mod print;
mod query;
mod resolve;

#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::path::AttributePath;
use crate::{Error, ScimType};
pub(crate) use check::{TextKey, instant};
pub(crate) use cursor::Cursor;
pub use lookup::Lookup;
pub(crate) use query::Place;
pub use query::Query;

/// A parsed filter, as written. Names are not checked yet; printing it gives canonical text.
#[derive(Clone, PartialEq, Debug)]
pub struct Filter {
    /// Operands before their operator, so that a node's last operand ends right before it.
    nodes: Vec<Node>,
}

/// One step of a filter in postfix order.
#[derive(Clone, PartialEq, Debug)]
enum Node {
    /// `path op value`.
    Compare { path: AttributePath, op: Op, value: Literal },
    /// `path pr`.
    Present(AttributePath),
    /// `not (…)` of the operand before.
    Not,
    /// Both of the two operands before.
    And,
    /// One of the two operands before.
    Or,
    /// `path[…]`: one element of the attribute meets the operand before.
    Within(AttributePath),
}

/// A comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Op {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Ge,
    Lt,
    Le,
}

/// What an attribute is compared with.
#[derive(Clone, PartialEq, Debug)]
enum Literal {
    Null,
    Boolean(bool),
    /// A JSON number, as written: so `0.10` stays `0.10` where the attribute turns out to hold text.
    Number(String),
    Text(String),
}

impl Filter {
    /// What an element must hold to match, if the filter says so entirely by `eq` joined with `and`.
    pub(crate) fn equalities(&self) -> Option<Vec<(&AttributePath, Value)>> {
        let mut equalities = Vec::new();
        for node in &self.nodes {
            match node {
                Node::Compare { path, op: Op::Eq, value } => {
                    equalities.push((path, value.to_json()));
                }
                Node::And => (),
                Node::Compare { .. } | Node::Present(_) | Node::Not | Node::Or => return None,
                Node::Within(_) => return None,
            }
        }
        Some(equalities)
    }

    /// What the text of a filter over [`group_member`](crate::schema::group_member) selects: `group eq "…"`, with or without
    /// `and member eq "…"`, each by itself or by its `value`.
    ///
    /// # Errors
    /// 400 `invalidFilter` for any other.
    pub fn membership(text: &str) -> Result<(String, Option<String>), Error> {
        if text.trim().is_empty() {
            return Err(no_membership());
        }
        let filter = Self::parse(text)?;
        filter.resolve(crate::schema::group_member())?;
        let mut named = (None, None);
        for (path, value) in filter.equalities().unwrap_or_default() {
            let slot = if path.name.eq_ignore_ascii_case("group") {
                &mut named.0
            } else if path.name.eq_ignore_ascii_case("member") {
                &mut named.1
            } else {
                return Err(no_membership());
            };
            let of_value = path.sub.as_deref().is_none_or(|sub| sub.eq_ignore_ascii_case("value"));
            let Value::String(text) = value else { return Err(no_membership()) };
            if !of_value || slot.replace(text).is_some() {
                return Err(no_membership());
            }
        }
        let group = named.0.ok_or_else(no_membership)?;
        Ok((group, named.1))
    }

    /// The values of a filter that is `name eq "…"`, or several of them joined with `or`.
    pub(crate) fn alternatives(&self, name: &str) -> Option<Vec<&str>> {
        let mut values = Vec::new();
        for node in &self.nodes {
            match node {
                Node::Compare { path, op: Op::Eq, value: Literal::Text(text) }
                    if path.is_plainly(name) =>
                {
                    values.push(text.as_str());
                }
                Node::Or => (),
                Node::Compare { .. } | Node::Present(_) | Node::Not | Node::And => return None,
                Node::Within(_) => return None,
            }
        }
        Some(values)
    }

    /// Where each node's operands begin. The last operand of node `i` ends at `i - 1`, the one before that ends
    /// right before the last one begins.
    fn starts(&self) -> Vec<usize> {
        let mut starts: Vec<usize> = Vec::with_capacity(self.nodes.len());
        for (at, node) in self.nodes.iter().enumerate() {
            let begin = |end: Option<usize>| end.and_then(|end| starts.get(end)).copied();
            let start = match node {
                Node::Compare { .. } | Node::Present(_) => Some(at),
                Node::Not | Node::Within(_) => begin(at.checked_sub(1)),
                Node::And | Node::Or => {
                    begin(begin(at.checked_sub(1)).and_then(|begin| begin.checked_sub(1)))
                }
            };
            starts.push(start.unwrap_or(at));
        }
        starts
    }
}

fn no_membership() -> Error {
    let detail = "filter: must be group eq \"id\", or that and member eq \"id\"";
    Error::new(400, Some(ScimType::InvalidFilter), detail)
}

impl Op {
    const ALL: [Self; 9] =
        [Self::Eq, Self::Ne, Self::Co, Self::Sw, Self::Ew, Self::Gt, Self::Ge, Self::Lt, Self::Le];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }
}

impl Literal {
    fn to_json(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(value) => Value::Bool(*value),
            Self::Number(text) => serde_json::from_str(text).unwrap_or(Value::Null),
            Self::Text(text) => Value::String(text.clone()),
        }
    }
}
