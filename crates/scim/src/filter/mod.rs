//! Filters (RFC 7644 §3.4.2.2): parsed text, and the query that it means for one resource type.

use std::fmt;

use serde_json::{Map, Value};

use crate::{
    Error,
    schema::{Attribute, ResourceType},
};

/// A parsed filter, as written.
#[derive(Clone, PartialEq, Debug)]
pub struct Filter {}

/// A filter whose names are resolved against a resource type.
#[derive(Clone, Debug)]
pub struct Query {}

/// What an index can be asked. The values are index keys already: `UserName` by [`crate::key::user_name_key`],
/// `Email`, `EmployeeNumber` and `DisplayName` by [`crate::key::folded`], the others as written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lookup {
    /// The resource of that id.
    Id(String),
    /// The user of that userName.
    UserName(String),
    /// Resources that the client knows by that name.
    ExternalId(String),
    /// Users with that e-mail address.
    Email {
        /// The address.
        value: String,
        /// The `type` of the address, if one was asked for.
        kind: Option<String>,
    },
    /// Users with that employee number of the Enterprise extension.
    EmployeeNumber(String),
    /// Groups of that name.
    DisplayName(String),
    /// Groups with that member.
    Member(String),
}

impl Filter {
    /// Reads a filter.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let _ = text;
        todo!()
    }

    /// Resolves the names against a resource type.
    pub fn resolve(&self, of: &ResourceType) -> Result<Query, Error> {
        let _ = of;
        todo!()
    }

    /// Resolves the names against the sub-attributes of one attribute: the query is about one element.
    pub fn resolve_within(&self, attribute: &Attribute) -> Result<Query, Error> {
        let _ = attribute;
        todo!()
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

impl Query {
    /// True if the resource (or the element) is one of those asked for.
    pub fn matches(&self, resource: &Map<String, Value>) -> bool {
        let _ = resource;
        todo!()
    }

    /// True if the answer depends on that attribute.
    pub fn needs(&self, attribute: &str) -> bool {
        let _ = attribute;
        todo!()
    }

    /// Look-ups whose union holds every match. None: no index serves it.
    pub fn lookup(&self) -> Option<Vec<Lookup>> {
        todo!()
    }
}
