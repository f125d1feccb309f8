//! Attribute projection (RFC 7644 §3.9).

use serde_json::{Map, Value};

use crate::{Error, ResourceType};

/// Which attributes an answer shows.
#[derive(Clone, Debug)]
pub struct Projection;

impl Projection {
    /// From `attributes` and `excludedAttributes`.
    pub fn parse(
        attributes: Option<&str>,
        excluded: Option<&str>,
        of: &ResourceType,
    ) -> Result<Self, Error> {
        let _ = (attributes, excluded, of);
        todo!()
    }

    /// Nothing to do.
    pub fn is_default(&self) -> bool {
        todo!()
    }

    /// True if that top-level attribute is shown.
    pub fn wants(&self, attribute: &str) -> bool {
        let _ = attribute;
        todo!()
    }

    /// Takes away what isn't shown.
    pub fn apply(&self, resource: &mut Map<String, Value>) {
        let _ = resource;
        todo!()
    }
}
