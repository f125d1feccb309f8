//! Attributes by name: from paths, and from keys and list entries in all the forms that clients write.
//! Names and URNs are compared without regard to case (RFC 7643 §2.1).

use super::{Attribute, ResourceType, Schema, common};
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
    /// The URN of the core schema alone.
    Core,
    /// The URN of an extension alone.
    Extension(&'a Schema),
    /// `userName`, `name.givenName`, `urn:…:User:department`, `urn:…:User:manager.value`.
    Attribute(Found<'a>),
}

impl ResourceType {
    /// The attribute named by a path; the URN is optional for core and common attributes. A bare name that only an
    /// extension has is found there (Entra asks for `manager eq "…"`).
    pub fn find<'a>(&'a self, path: &AttributePath) -> Option<Found<'a>> {
        match &path.urn {
            None => self.find_bare(&path.name, path.sub.as_deref()),
            Some(urn) => self.find_under(self.schema_of(urn)?, &path.name, path.sub.as_deref()),
        }
    }

    /// What a key means: a name, a dotted name, a URN, or a URN followed by `:` (old clients: `.`) and a name.
    pub fn find_key<'a>(&'a self, key: &str) -> Option<Named<'a>> {
        for section in self.sections() {
            let Some(rest) = strip_prefix_in_any_case(key, &section.schema().id) else {
                continue;
            };
            if rest.is_empty() {
                return Some(section.named());
            }
            if let Some(name) = rest.strip_prefix([':', '.']) {
                let (name, sub) = split_sub(name);
                return self.find_under(section, name, sub).map(Named::Attribute);
            }
        }
        let (name, sub) = split_sub(key);
        self.find_bare(name, sub).map(Named::Attribute)
    }

    /// The extension of that URN.
    pub fn extension(&self, urn: &str) -> Option<&Schema> {
        let schemas = self.extensions.iter().map(|extension| &extension.schema);
        schemas.into_iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    fn sections(&self) -> impl Iterator<Item = Section<'_>> {
        let extensions = self.extensions.iter().map(|one| Section::Extension(&one.schema));
        std::iter::once(Section::Core(&self.schema)).chain(extensions)
    }

    fn schema_of(&self, urn: &str) -> Option<Section<'_>> {
        self.sections().find(|section| section.schema().id.eq_ignore_ascii_case(urn))
    }

    fn find_bare<'a>(&'a self, name: &str, sub: Option<&str>) -> Option<Found<'a>> {
        self.sections().find_map(|section| self.find_under(section, name, sub))
    }

    fn find_under<'a>(
        &self,
        section: Section<'a>,
        name: &str,
        sub: Option<&str>,
    ) -> Option<Found<'a>> {
        let (extension, attribute) = match section {
            Section::Core(core) => {
                (None, named(&core.attributes, name).or_else(|| named(common(), name))?)
            }
            Section::Extension(schema) => (Some(schema), named(&schema.attributes, name)?),
        };
        let sub = match sub {
            None => None,
            Some(sub) => Some(attribute.sub(sub)?),
        };
        Some(Found { extension, attribute, sub })
    }
}

impl<'a> Found<'a> {
    /// The sub-attribute if one was named, else the attribute.
    pub fn leaf(&self) -> &'a Attribute {
        self.sub.unwrap_or(self.attribute)
    }
}

impl Attribute {
    /// The sub-attribute of that name.
    pub fn sub(&self, name: &str) -> Option<&Self> {
        named(&self.sub_attributes, name)
    }
}

/// The attribute of that name.
fn named<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

/// One schema of a resource type.
#[derive(Clone, Copy)]
enum Section<'a> {
    Core(&'a Schema),
    Extension(&'a Schema),
}

impl<'a> Section<'a> {
    fn schema(self) -> &'a Schema {
        match self {
            Self::Core(schema) | Self::Extension(schema) => schema,
        }
    }

    fn named(self) -> Named<'a> {
        match self {
            Self::Core(_) => Named::Core,
            Self::Extension(schema) => Named::Extension(schema),
        }
    }
}

fn split_sub(name: &str) -> (&str, Option<&str>) {
    match name.split_once('.') {
        Some((name, sub)) => (name, Some(sub)),
        None => (name, None),
    }
}

fn strip_prefix_in_any_case<'k>(key: &'k str, prefix: &str) -> Option<&'k str> {
    let (start, rest) = key.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}
