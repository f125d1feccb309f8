//! Why a command makes no events, as values; and as the SCIM error that the client is told.

use events::{GroupId, ResourceId, Seq, UserId};
use scim::{Error, ScimType};

/// The command breaks a rule; nothing has changed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Rejection {
    /// No user of the tenant has that id.
    #[error("no user {0}")]
    NoSuchUser(UserId),
    /// No group of the tenant has that id.
    #[error("no group {0}")]
    NoSuchGroup(GroupId),
    /// No resource of that type has that id, or the tenant has no such type.
    #[error("no resource {0}")]
    NoSuchResource(ResourceId),
    /// The resource isn't at any version that `If-Match` names.
    #[error("the resource is at version {current} by now: read it again")]
    StaleVersion {
        /// The version it is at.
        current: Seq,
    },
    /// Another user has that userName.
    #[error("userName is taken by user {by}")]
    UserNameTaken {
        /// Who has it.
        by: UserId,
    },
    /// Another group has that displayName, and the tenant wants them unique.
    #[error("displayName is taken by group {by}")]
    GroupNameTaken {
        /// Which has it.
        by: GroupId,
    },
    /// Another user has a value that is to be unique.
    #[error("{attribute}: the value is taken by user {by}")]
    ValueTaken {
        /// The attribute's path.
        attribute: String,
        /// Who has it.
        by: UserId,
    },
    /// Another group has a value that is to be unique.
    #[error("{attribute}: the value is taken by group {by}")]
    GroupValueTaken {
        /// The attribute's path.
        attribute: String,
        /// Which has it.
        by: GroupId,
    },
    /// Another resource of the type has a value that is to be unique.
    #[error("{attribute}: the value is taken by resource {by}")]
    ResourceValueTaken {
        /// The attribute's path.
        attribute: String,
        /// Which has it.
        by: ResourceId,
    },
    /// A member that is not known can't be taken.
    #[error("members: one value doesn't name one user or group of this tenant")]
    UnknownMember {
        /// What it was called. Personal data: not for logs.
        value: String,
    },
    /// The group would be a member of itself, directly or through others.
    #[error("members: group {group} would be a member of itself through it")]
    MemberCycle {
        /// The member that closes the circle.
        group: GroupId,
    },
    /// The request changes too much membership at once.
    #[error("members: {changes} changes in one request, at most {limit}: split the request")]
    TooManyMemberChanges {
        /// Effective changes.
        changes: usize,
        /// [`crate::MEMBER_CHANGES_MAX`].
        limit: usize,
    },
    /// The member changes take too many bytes: names of pending members are long.
    #[error("members: {bytes} bytes of changes in one request, at most {limit}: split the request")]
    MemberChangesTooLarge {
        /// What they would take in the log.
        bytes: usize,
        /// [`crate::MEMBER_BYTES_MAX`].
        limit: usize,
    },
    /// A user is in too many groups.
    #[error("members: user {user} is in {limit} groups already, which is the most there can be")]
    TooManyGroups {
        /// Who.
        user: UserId,
        /// [`crate::USER_GROUPS_MAX`].
        limit: usize,
    },
    /// One name that nobody has yet is pending in too many groups.
    #[error(
        "members: a member that isn't known yet is named by {limit} groups already: create it first"
    )]
    TooManyPending {
        /// What it is called. Personal data: not for logs.
        name: String,
        /// [`crate::PENDING_GROUPS_MAX`].
        limit: usize,
    },
    /// The request itself doesn't hold.
    #[error(transparent)]
    Refused(#[from] Error),
}

impl Rejection {
    /// The SCIM error.
    pub fn to_scim(&self) -> Error {
        let (status, scim_type) = match self {
            Self::NoSuchUser(_) | Self::NoSuchGroup(_) | Self::NoSuchResource(_) => (404, None),
            Self::StaleVersion { .. } => (412, None),
            Self::UserNameTaken { .. }
            | Self::GroupNameTaken { .. }
            | Self::ValueTaken { .. }
            | Self::GroupValueTaken { .. }
            | Self::ResourceValueTaken { .. } => (409, Some(ScimType::Uniqueness)),
            Self::UnknownMember { .. }
            | Self::MemberCycle { .. }
            | Self::TooManyGroups { .. }
            | Self::TooManyPending { .. } => (400, Some(ScimType::InvalidValue)),
            Self::TooManyMemberChanges { .. } | Self::MemberChangesTooLarge { .. } => (413, None),
            Self::Refused(error) => return error.clone(),
        };
        Error::new(status, scim_type, self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn clients_are_told_by_status_and_type() {
        let check = |rejection: Rejection, status: u16, scim_type: Option<ScimType>| {
            let error = rejection.to_scim();
            assert_eq!((error.status, error.scim_type), (status, scim_type), "{rejection:?}");
            assert!(!error.detail.is_empty() && !error.detail.contains("Lovelace"));
        };
        let user = UserId::new(Uuid::from_u128(1));
        let group = GroupId::new(Uuid::from_u128(2));
        let name = || "Lovelace".to_owned();
        check(Rejection::NoSuchUser(user), 404, None);
        check(Rejection::NoSuchGroup(group), 404, None);
        check(Rejection::StaleVersion { current: Seq(7) }, 412, None);
        check(Rejection::UserNameTaken { by: user }, 409, Some(ScimType::Uniqueness));
        check(Rejection::GroupNameTaken { by: group }, 409, Some(ScimType::Uniqueness));
        let invalid = Some(ScimType::InvalidValue);
        check(Rejection::UnknownMember { value: name() }, 400, invalid);
        check(Rejection::MemberCycle { group }, 400, invalid);
        check(Rejection::TooManyGroups { user, limit: 1 }, 400, invalid);
        check(Rejection::TooManyPending { name: name(), limit: 1 }, 400, invalid);
        check(Rejection::TooManyMemberChanges { changes: 2, limit: 1 }, 413, None);
        check(Rejection::MemberChangesTooLarge { bytes: 2, limit: 1 }, 413, None);
        check(Error::no_target("x").into(), 400, Some(ScimType::NoTarget));
    }
}
