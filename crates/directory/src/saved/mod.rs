//! A directory as records, to be kept beside the log: loading it anew needs then only the events since. A cache; the log stays the truth.
//!
//! A user or a group is one protobuf message. They come in creation order, users first, resources of the tenant's
//! own types last; a group carries its members, so that the other
//! direction is made again on reading. Keys of indexes are kept as they were computed: [`FORMAT`] changes when they would come out
//! otherwise, and what was written before is not read any more.

mod read;
#[cfg(test)]
mod tests;
mod write;

use bytes::Bytes;

pub use read::Restore;
pub use write::Frozen;

/// The version of all that is written here, and of the functions that make the keys in it.
pub const FORMAT: u32 = 3;

/// A record is none that this release wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a record of a saved directory can't be read")]
pub struct Unreadable;

/// One record.
#[derive(Clone, PartialEq, prost::Message)]
struct Record {
    #[prost(oneof = "Kind", tags = "1, 2, 3, 4")]
    kind: Option<Kind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Kind {
    #[prost(message, tag = "1")]
    Place(Place),
    #[prost(message, tag = "2")]
    User(User),
    #[prost(message, tag = "3")]
    Group(Group),
    #[prost(message, tag = "4")]
    Custom(Custom),
}

/// Up to where the events are in it: the first record.
#[derive(Clone, Copy, PartialEq, prost::Message)]
struct Place {
    #[prost(uint64, tag = "1")]
    seq: u64,
    #[prost(int64, tag = "2")]
    at: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct User {
    #[prost(message, required, tag = "1")]
    stamps: Stamps,
    #[prost(bytes = "bytes", tag = "2")]
    resource: Bytes,
    #[prost(bool, tag = "3")]
    active: bool,
    #[prost(string, tag = "4")]
    name_key: String,
    #[prost(string, optional, tag = "5")]
    external_id: Option<String>,
    #[prost(string, repeated, tag = "6")]
    emails: Vec<String>,
    #[prost(string, optional, tag = "7")]
    employee_number: Option<String>,
    #[prost(string, optional, tag = "8")]
    manager: Option<String>,
    #[prost(string, repeated, tag = "9")]
    unique_keys: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Group {
    #[prost(message, required, tag = "1")]
    stamps: Stamps,
    #[prost(bytes = "bytes", tag = "2")]
    resource: Bytes,
    #[prost(string, tag = "3")]
    display: String,
    #[prost(string, tag = "4")]
    name_key: String,
    #[prost(string, optional, tag = "5")]
    external_id: Option<String>,
    /// Ids of 16 bytes side by side.
    #[prost(bytes = "bytes", tag = "6")]
    users: Bytes,
    /// Ids of 16 bytes side by side.
    #[prost(bytes = "bytes", tag = "7")]
    groups: Bytes,
    #[prost(string, repeated, tag = "8")]
    pending: Vec<String>,
    #[prost(string, repeated, tag = "9")]
    unique_keys: Vec<String>,
}

/// A resource of a tenant's own type.
#[derive(Clone, PartialEq, prost::Message)]
struct Custom {
    #[prost(message, required, tag = "1")]
    stamps: Stamps,
    #[prost(bytes = "bytes", tag = "2")]
    resource: Bytes,
    #[prost(string, tag = "3")]
    resource_type: String,
    #[prost(string, optional, tag = "4")]
    external_id: Option<String>,
    #[prost(string, repeated, tag = "5")]
    unique_keys: Vec<String>,
}

/// What every resource has.
#[derive(Clone, PartialEq, prost::Message)]
struct Stamps {
    /// 16 bytes.
    #[prost(bytes = "bytes", tag = "1")]
    id: Bytes,
    #[prost(uint64, tag = "2")]
    version: u64,
    #[prost(int64, tag = "3")]
    created: i64,
    #[prost(int64, tag = "4")]
    modified: i64,
    /// The event that created it.
    #[prost(uint64, tag = "5")]
    born: u64,
}
