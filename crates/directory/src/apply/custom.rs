//! What events do to resources of a tenant's own types.

use events::{ResourceId, ResourceState};

use super::Stamp;
use crate::Directory;
use crate::store::custom::{Custom, Facts};

pub(super) fn create(directory: &mut Directory, at: Stamp, id: ResourceId, state: &ResourceState) {
    let Stamp { seq, at } = at;
    let facts = Facts::new(state);
    let custom = Custom { id, version: seq, born: seq, created: at, modified: at, facts };
    directory.customs.insert(&state.resource_type, custom);
}

pub(super) fn change(directory: &mut Directory, at: Stamp, id: ResourceId, state: &ResourceState) {
    let of = (state.resource_type.as_str(), id);
    directory.customs.replace(of, Facts::new(state), (at.seq, at.at));
}
