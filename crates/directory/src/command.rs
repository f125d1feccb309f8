//! What can be asked of a directory, and what comes of it.

use std::sync::Arc;

use events::{Event, GroupId, ResourceId, Seq, UserId};
use scim::schema::Types;
use scim::{Draft, Patch, Profile};

/// An intent, parsed; ids of what is created come from the caller.
#[derive(Clone, Debug)]
pub enum Command {
    /// POST to `/Users`.
    CreateUser {
        /// The user's id.
        id: UserId,
        /// The body.
        draft: Draft,
    },
    /// PUT to a user.
    ReplaceUser {
        /// The user's id.
        id: UserId,
        /// `If-Match`.
        expected: Expected,
        /// The body.
        draft: Draft,
    },
    /// PATCH of a user.
    PatchUser {
        /// The user's id.
        id: UserId,
        /// `If-Match`.
        expected: Expected,
        /// The body.
        patch: Patch,
    },
    /// DELETE of a user.
    DeleteUser {
        /// The user's id.
        id: UserId,
        /// `If-Match`.
        expected: Expected,
    },
    /// POST to `/Groups`.
    CreateGroup {
        /// The group's id.
        id: GroupId,
        /// The body.
        draft: Draft,
    },
    /// PUT to a group.
    ReplaceGroup {
        /// The group's id.
        id: GroupId,
        /// `If-Match`.
        expected: Expected,
        /// The body.
        draft: Draft,
    },
    /// PATCH of a group.
    PatchGroup {
        /// The group's id.
        id: GroupId,
        /// `If-Match`.
        expected: Expected,
        /// The body.
        patch: Patch,
    },
    /// DELETE of a group.
    DeleteGroup {
        /// The group's id.
        id: GroupId,
        /// `If-Match`.
        expected: Expected,
    },
    /// POST, PUT, PATCH or DELETE of a resource of a tenant's own type.
    Custom {
        /// The resource type's name.
        of: String,
        /// The resource's id.
        id: ResourceId,
        /// What is to become of it.
        change: CustomChange,
    },
}

/// What is to become of a resource of a tenant's own type.
#[derive(Clone, Debug)]
pub enum CustomChange {
    /// POST, with the body.
    Create(Draft),
    /// PUT, with `If-Match` and the body.
    Replace(Expected, Draft),
    /// PATCH, with `If-Match` and the body.
    Patch(Expected, Patch),
    /// DELETE, with `If-Match`.
    Delete(Expected),
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
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rules {
    /// How the connection's requests are read.
    pub profile: Profile,
    /// Two groups may not share a displayName.
    pub unique_group_names: bool,
    /// What users and groups are.
    pub types: Arc<Types>,
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
        let (profile, types) = (Profile::LENIENT, Types::built_in());
        Self { profile, unique_group_names: true, types }
    }
}
