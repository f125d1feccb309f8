//! Resources in canonical form: what the bodies of POST and PUT become, and what two versions differ in.
//!
//! Canonical: names in the schema's case and order, unassigned values absent, nothing readOnly, nothing computed.

mod arrange;
mod check;
mod complex;
mod diff;
mod elements;
mod members;
mod read;
mod stored;
mod unique;
mod value;
mod write;

use serde_json::{Map, Value};

pub(crate) use self::value::{At, Reader};
pub use self::{
    arrange::arrange,
    diff::{Diff, diff},
    members::read_members,
    read::read,
    stored::Stored,
    unique::unique_keys,
    write::{check_required, create, replace, to_bytes},
};
use crate::{
    Coercions,
    schema::{Attribute, GROUP_URN, Kind, ResourceType},
};

/// A member of a group, as a client names it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MemberRef {
    /// What the client calls it: its id, or an externalId or userName.
    pub value: String,
    /// What it is, if the client says so.
    pub kind: Option<MemberType>,
}

/// What a member is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MemberType {
    /// A person.
    User,
    /// A nested group.
    Group,
}

/// The body of a POST or PUT, read.
#[derive(Clone, PartialEq, Debug)]
pub struct Draft {
    /// Canonical, in schema order; `schemas` first; without `id`, `meta`, `groups`, `members`.
    pub attributes: Map<String, Value>,
    /// None: the key was absent, or named no list (outside strict).
    pub members: Option<Vec<MemberRef>>,
    /// What the body names as unassigned (`null`, `[]`, `""`), by its path: not the same as leaving it out of a PUT.
    pub cleared: Vec<String>,
    /// The tolerances that were applied.
    pub coercions: Coercions,
}

/// The key of the URNs of a resource.
const SCHEMAS: &str = "schemas";
/// The key of a resource's identifier.
const ID: &str = "id";
/// The key of the client's identifier of a resource.
const EXTERNAL_ID: &str = "externalId";

/// True for the attribute that is kept as a set of members, apart from the resource.
pub(crate) fn is_membership(of: &ResourceType, attribute: &Attribute) -> bool {
    of.schema.id == GROUP_URN && attribute.name == "members"
}

/// True for the account switch, which is never unassigned.
pub(crate) fn is_active(attribute: &Attribute) -> bool {
    attribute.name == "active" && attribute.kind == Kind::Boolean
}

/// The place of an attribute in its schema.
fn rank(attributes: &[Attribute], name: &str) -> Option<usize> {
    attributes.iter().position(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests;
