//! PATCH (RFC 7644 §3.5.2).

use serde_json::{Map, Value};

use crate::{Coercions, Error, Profile, filter::Filter, resource::MemberRef, schema::ResourceType};

/// A parsed PATCH request.
#[derive(Clone, Debug)]
pub struct Patch {}

/// An operation on the members of a group.
#[derive(Clone, PartialEq, Debug)]
pub enum MemberOp {
    /// Add these.
    Add(Vec<MemberRef>),
    /// Remove these.
    Remove(Vec<MemberRef>),
    /// Remove everybody.
    RemoveAll,
    /// Remove those that match: over the sub-attributes of one element of `members`.
    RemoveWhere(Filter),
    /// These and nobody else.
    Replace(Vec<MemberRef>),
}

impl Patch {
    /// Reads a request.
    pub fn parse(body: Value, of: &ResourceType, profile: Profile) -> Result<Self, Error> {
        let _ = (body, of, profile);
        todo!()
    }

    /// Changes the resource, wholly or not at all.
    pub fn apply(
        &self,
        resource: &mut Map<String, Value>,
        of: &ResourceType,
        coercions: &mut Coercions,
    ) -> Result<(), Error> {
        let _ = (resource, of, coercions);
        todo!()
    }

    /// Operations on `members`, in order; none for users.
    pub fn members(&self) -> &[MemberOp] {
        todo!()
    }

    /// True if the request sets `active` to false.
    pub fn deactivates(&self) -> bool {
        todo!()
    }

    /// The tolerances applied while reading.
    pub fn coercions(&self) -> &Coercions {
        todo!()
    }
}
