//! Attributes by name.

use super::{Attribute, ResourceType, Schema};
use crate::path::AttributePath;

/// What a path names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found<'a> {
    /// The extension that the attribute belongs to; none for core and common attributes.
    pub extension: Option<&'a Schema>,
    /// The attribute.
    pub attribute: &'a Attribute,
    /// The sub-attribute, if one was named.
    pub sub: Option<&'a Attribute>,
}

/// What a key of an attribute object or an entry of an attribute list names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Named<'a> {
    /// `urn:…:User` of the core schema alone.
    Core,
    /// The URN of an extension alone.
    Extension(&'a Schema),
    /// `userName`, `name.givenName`, `urn:…:User:department`, `urn:…:User:manager.value`.
    Attribute(Found<'a>),
}

impl ResourceType {
    /// The attribute named by a path. Names and URNs in any case; the URN is optional for core and common attributes.
    /// A bare name that only an extension has is found there (Entra asks for `manager eq "…"`).
    pub fn find<'a>(&'a self, path: &AttributePath) -> Option<Found<'a>> {
        let _ = path;
        todo!()
    }

    /// What that key means, URN-qualified and dotted forms included.
    pub fn find_key<'a>(&'a self, key: &str) -> Option<Named<'a>> {
        let _ = key;
        todo!()
    }
}

impl Found<'_> {
    /// The sub-attribute if one was named, else the attribute.
    pub fn leaf(&self) -> &Attribute {
        self.sub.unwrap_or(self.attribute)
    }
}

impl Attribute {
    /// The sub-attribute of that name, in any case.
    pub fn sub(&self, name: &str) -> Option<&Self> {
        self.sub_attributes.iter().find(|sub| sub.name.eq_ignore_ascii_case(name))
    }
}
