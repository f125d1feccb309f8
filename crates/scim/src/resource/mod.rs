//! Resources in canonical form: what POST and PUT bodies become, and what two versions differ in.

mod value;

use serde_json::{Map, Value};

use crate::{Coercions, Error, Profile, schema::ResourceType};
pub(crate) use value::{At, Reader};

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
    /// None: the key was absent.
    pub members: Option<Vec<MemberRef>>,
    /// The body names `externalId` as unassigned (`null`, `[]`, `""`), which isn't the same as leaving it out of a PUT.
    pub clears_external_id: bool,
    /// The tolerances that were applied.
    pub coercions: Coercions,
}

/// What two versions of a resource differ in.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Diff {
    /// Schema paths, in schema order.
    pub changed: Vec<String>,
    /// The old values by path; null where there was none.
    pub previous: Map<String, Value>,
}

impl Diff {
    /// True if nothing changed.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty()
    }
}

/// Reads the body of a POST or PUT.
pub fn read(body: Value, of: &ResourceType, profile: Profile) -> Result<Draft, Error> {
    let _ = (body, of, profile);
    todo!()
}

/// A new resource.
pub fn create(draft: &Draft, id: &str, of: &ResourceType) -> Result<Map<String, Value>, Error> {
    let _ = (draft, id, of);
    todo!()
}

/// PUT over an old one.
pub fn replace(
    old: &Map<String, Value>,
    draft: &Draft,
    of: &ResourceType,
    profile: Profile,
    coercions: &mut Coercions,
) -> Result<Map<String, Value>, Error> {
    let _ = (old, draft, of, profile, coercions);
    todo!()
}

/// Canonical bytes.
pub fn to_bytes(resource: &Map<String, Value>) -> Result<Vec<u8>, Error> {
    let _ = resource;
    todo!()
}

/// What changed.
pub fn diff(old: &Map<String, Value>, new: &Map<String, Value>, of: &ResourceType) -> Diff {
    let _ = (old, new, of);
    todo!()
}

/// Reads a `members` value of a group. None: the value names no list, so membership stays as it is.
pub fn read_members(
    value: Value,
    profile: Profile,
    coercions: &mut Coercions,
) -> Result<Option<Vec<MemberRef>>, Error> {
    let _ = (value, profile, coercions);
    todo!()
}

/// Puts a resource that was changed in place (PATCH) back into canonical form: schema order of keys, emptied
/// complex values and hollow elements gone, duplicates gone, `schemas` as the extensions with data say.
pub fn arrange(resource: &mut Map<String, Value>, of: &ResourceType) {
    let _ = (resource, of);
    todo!()
}

/// Err if an attribute is missing that a resource can't be without (400 `invalidValue`).
pub fn check_required(resource: &Map<String, Value>, of: &ResourceType) -> Result<(), Error> {
    let _ = (resource, of);
    todo!()
}
