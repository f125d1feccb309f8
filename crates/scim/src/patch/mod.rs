//! PATCH (RFC 7644 §3.5.2).

use crate::{filter::Filter, resource::MemberRef};

/// A parsed PATCH request.
#[derive(Clone, Debug)]
pub struct Patch;

/// An operation on the members of a group.
#[derive(Clone, PartialEq, Debug)]
pub enum MemberOp {
    /// Add these.
    Add(Vec<MemberRef>),
    /// Remove these.
    Remove(Vec<MemberRef>),
    /// Remove everybody.
    RemoveAll,
    /// Remove those that match.
    RemoveWhere(Filter),
    /// These and nobody else.
    Replace(Vec<MemberRef>),
}
