//! One tenant's users and groups: the rules (`decide` says which events a command makes), their effect (`apply`)
//! and the queries. Pure: no clock, no ids minted, no IO; what is logged is true, so `apply` cannot fail.
//!
//! Entry: [`decide`], [`Directory`].

mod apply;
mod command;
mod decide;
mod directory;
mod dump;
mod ids;
mod limits;
mod members;
mod query;
mod rejection;
pub mod saved;
mod store;
mod view;

pub use command::{Command, CustomChange, Decision, Expected, Rules};
pub use decide::decide;
pub use directory::Directory;
pub use limits::{
    EVENT_MEMBERS_MAX, MEMBER_BYTES_MAX, MEMBER_CHANGES_MAX, MEMBER_NAME_BYTES_MAX,
    PENDING_GROUPS_MAX, TXN_EVENTS_MAX, USER_GROUPS_MAX,
};
pub use members::Members;
pub use query::Sample;
pub use rejection::Rejection;
pub use view::{CustomView, GroupView, ManagerView, ScanFrom, Scanned, UserView};
