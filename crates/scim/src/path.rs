//! Attribute paths (RFC 7644 §3.5.2).

use crate::filter::Filter;

/// The name of an attribute, possibly URN-qualified and with a sub-attribute.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AttributePath {
    /// The schema URN in front, as written.
    pub urn: Option<String>,
    /// The attribute.
    pub name: String,
    /// The sub-attribute.
    pub sub: Option<String>,
}

/// A PATCH path.
#[derive(Clone, PartialEq, Debug)]
pub struct Path {
    /// The attribute.
    pub attribute: AttributePath,
    /// The filter in brackets.
    pub filter: Option<Filter>,
    /// The sub-attribute behind the brackets.
    pub sub: Option<String>,
}
