//! What can be asked of a directory, and what comes of it.

use events::{Event, GroupId, Seq, UserId};
use scim::{Draft, Patch, Profile};

/// An intent, parsed; ids of what is created come from the caller.
#[derive(Clone, Debug)]
pub enum Command {
    /// POST to `/Users`.
    CreateUser { id: UserId, draft: Draft },
    /// PUT to a user.
    ReplaceUser { id: UserId, expected: Expected, draft: Draft },
    /// PATCH of a user.
    PatchUser { id: UserId, expected: Expected, patch: Patch },
    /// DELETE of a user.
    DeleteUser { id: UserId, expected: Expected },
    /// POST to `/Groups`.
    CreateGroup { id: GroupId, draft: Draft },
    /// PUT to a group.
    ReplaceGroup { id: GroupId, expected: Expected, draft: Draft },
    /// PATCH of a group.
    PatchGroup { id: GroupId, expected: Expected, patch: Patch },
    /// DELETE of a group.
    DeleteGroup { id: GroupId, expected: Expected },
}

/// What `If-Match` says about the resource.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expected {
    /// No `If-Match`.
    Whatever,
    /// `If-Match: *`.
    Exists,
    /// One of these versions.
    Versions(Vec<Seq>),
}

/// What the tenant has chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rules {
    /// How the connection's requests are read.
    pub profile: Profile,
    /// Two groups may not share a displayName.
    pub unique_group_names: bool,
}

/// What a command makes: one txn.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Decision {
    /// In order; none: everything is already as asked for.
    pub events: Vec<Event>,
    /// What was tolerated, without repeats, in order of number.
    pub coercions: Vec<events::Coercion>,
}

impl Default for Rules {
    fn default() -> Self {
        Self { profile: Profile::Lenient, unique_group_names: true }
    }
}
