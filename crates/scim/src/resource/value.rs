//! One attribute's value in canonical form.

use std::fmt;

use serde_json::Value;

use crate::{Coercions, Error, Profile, schema::Attribute};

/// Where in a body something stands; printed as `emails[1].value`. Costs nothing until printed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At<'a> {
    /// An attribute at the top.
    Top(&'a str),
    /// An attribute of an extension.
    In(&'a str, &'a str),
    /// A sub-attribute.
    Sub(&'a Self, &'a str),
    /// An element, from 0.
    Element(&'a Self, usize),
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top(name) => f.write_str(name),
            Self::In(urn, name) => write!(f, "{urn}:{name}"),
            Self::Sub(parent, name) => write!(f, "{parent}.{name}"),
            Self::Element(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// Reads values by their attribute's characteristics; notes the tolerances it applies.
pub(crate) struct Reader<'a> {
    pub(crate) profile: Profile,
    pub(crate) coercions: &'a mut Coercions,
}

impl Reader<'_> {
    /// The canonical value of an attribute (an array if it is multi-valued). None: unassigned (`null`, `[]`, `{}`, `""`).
    /// Mutability is not checked for the attribute itself; its readOnly and never-returned sub-attributes are dropped.
    pub(crate) fn attribute(
        &mut self,
        attribute: &Attribute,
        value: Value,
        at: At<'_>,
    ) -> Result<Option<Value>, Error> {
        let _ = (attribute, value, at);
        todo!()
    }

    /// The same for one element of a multi-valued attribute.
    pub(crate) fn element(
        &mut self,
        attribute: &Attribute,
        value: Value,
        at: At<'_>,
    ) -> Result<Option<Value>, Error> {
        let _ = (attribute, value, at);
        todo!()
    }
}
