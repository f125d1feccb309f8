//! Every limit that this crate enforces, its unit last in its name.

/// Members and pending names that one request adds and removes, after what cancels out.
pub const MEMBER_CHANGES_MAX: usize = scim::limits::MEMBER_CHANGES_MAX;
/// Members and pending names in one event.
pub const EVENT_MEMBERS_MAX: usize = 10_000;
/// Their JSON in one event, in bytes: an event is at most 768 KiB in its largest form.
pub(crate) const EVENT_MEMBER_BYTES_MAX: usize = 704 * 1024;
/// What the member changes of one request take in the log, in bytes: a txn is at most 4 MiB.
pub const MEMBER_BYTES_MAX: usize = 3 * 1024 * 1024 + 512 * 1024;
/// Length of the name of a pending member, in bytes.
pub const MEMBER_NAME_BYTES_MAX: usize = 512;
/// Events of one request.
pub const TXN_EVENTS_MAX: usize = 2_000;
/// Groups that a user joins: `user.deleted` names them all, and an event is at most 768 KiB in its largest form.
pub const USER_GROUPS_MAX: usize = 10_000;
/// Groups in which one name is pending.
///
/// Someone who arrives has two names, so that the groups joined make one txn with the arrival itself.
pub const PENDING_GROUPS_MAX: usize = 999;

const _: () = assert!(2 * PENDING_GROUPS_MAX < TXN_EVENTS_MAX);
