//! Filters (RFC 7644 §3.4.2.2): parsed text, and the query that it means for one resource type.

/// A parsed filter, as written.
#[derive(Clone, PartialEq, Debug)]
pub struct Filter;

/// A filter whose names are resolved against a resource type.
#[derive(Clone, Debug)]
pub struct Query;

/// A look-up by index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lookup {
    /// By id.
    Id(String),
}
