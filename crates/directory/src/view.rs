//! What readers get: cheap copies that hold no lock.

use std::sync::Arc;

use events::{GroupId, ResourceId, Seq, Timestamp, UserId};

use crate::Members;

/// A user as it is read.
#[derive(Clone, Debug)]
pub struct UserView {
    /// `id`.
    pub id: UserId,
    /// `meta.version`: the event that last changed the user or its groups.
    pub version: Seq,
    /// The event that created it: creation order.
    pub born: Seq,
    /// `meta.created`.
    pub created: Timestamp,
    /// `meta.lastModified`.
    pub modified: Timestamp,
    /// `active`.
    pub active: bool,
    /// Canonical JSON without `meta`, `groups` and display names of others.
    pub resource: Arc<[u8]>,
    /// The groups it is a direct member of, in creation order, with their displayName.
    pub groups: Vec<(GroupId, Arc<str>)>,
    /// The Enterprise extension's `manager`.
    pub manager: Option<ManagerView>,
    /// The newest event that an answer showing all this rests on: the user's own, or that of a group or the manager shown.
    pub rests_on: Seq,
}

/// A user's manager as it is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ManagerView {
    /// `manager.value`, as given.
    pub value: String,
    /// The user of that id, if there is one.
    pub user: Option<UserId>,
    /// That user's displayName.
    pub display: Option<Arc<str>>,
}

/// A group as it is read.
#[derive(Clone, Debug)]
pub struct GroupView {
    /// `id`.
    pub id: GroupId,
    /// `meta.version`: the event that last changed the group or its members.
    pub version: Seq,
    /// The event that created it: creation order.
    pub born: Seq,
    /// `meta.created`.
    pub created: Timestamp,
    /// `meta.lastModified`.
    pub modified: Timestamp,
    /// Canonical JSON without `meta` and `members`.
    pub resource: Arc<[u8]>,
    /// A snapshot.
    pub members: Members,
    /// Names of members that are not known yet.
    pub pending: usize,
}

/// A resource of a tenant's own type as it is read.
#[derive(Clone, Debug)]
pub struct CustomView {
    /// `id`.
    pub id: ResourceId,
    /// `meta.version`: the event that last changed it.
    pub version: Seq,
    /// The event that created it: creation order.
    pub born: Seq,
    /// `meta.created`.
    pub created: Timestamp,
    /// `meta.lastModified`.
    pub modified: Timestamp,
    /// Canonical JSON without `meta`.
    pub resource: Arc<[u8]>,
}

/// Where a scan goes on: behind what that event created. It means the same in every life of the directory.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ScanFrom(pub Seq);

/// One slice of a scan.
#[derive(Clone, Debug)]
pub struct Scanned<T> {
    /// Those that match, in creation order.
    pub found: Vec<T>,
    /// How many were looked at.
    pub scanned: usize,
    /// Where to go on; `None`: that was all.
    pub next: Option<ScanFrom>,
}
