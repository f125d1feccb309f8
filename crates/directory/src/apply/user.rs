//! What user events do.

use events::{Member, UserId, UserState};

use super::Stamp;
use super::members::forget;
use crate::Directory;
use crate::store::user::{Facts, User};

pub(super) fn create(directory: &mut Directory, stamp: Stamp, id: UserId, state: &UserState) {
    directory.users.insert(User {
        id,
        version: stamp.seq,
        born: stamp.seq,
        created: stamp.at,
        modified: stamp.at,
        facts: Facts::new(state),
        groups: Vec::new(),
    });
}

pub(super) fn change(directory: &mut Directory, stamp: Stamp, id: UserId, state: &UserState) {
    let Some(slot) = directory.users.by_id(id) else { return };
    directory.users.replace(slot, Facts::new(state));
    if let Some(user) = directory.users.get_mut(slot) {
        user.version = stamp.seq;
        user.modified = stamp.at;
    }
}

/// The user leaves its groups: their versions move.
pub(super) fn delete(directory: &mut Directory, stamp: Stamp, id: UserId) {
    let Some(slot) = directory.users.by_id(id) else { return };
    let Some(user) = directory.users.remove(slot) else { return };
    for group in user.groups.iter().copied() {
        forget(directory, stamp, group, &Member::User(id));
    }
}
