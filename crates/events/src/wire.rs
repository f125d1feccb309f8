//! Envelopes to bytes and back, in the form of `proto/rollcall/events/v1`.
//!
//! Entry: [`encode`], [`decode`] and [`decode_of`], [`peek`] for those who only need a record's number, [`check_size`]
//! for those who are about to write one.

mod decode;
mod encode;
mod fields;
mod parts;
mod peek;
mod record;
mod size;
#[cfg(test)]
mod tests;
mod user;

pub use decode::{decode, decode_of};
pub use encode::{encode, payload, publish};
pub(crate) use encode::{group, member, resource, user, uuid};
pub(crate) use fields::Fields;
pub use peek::{Peeked, peek};
pub(crate) use record::Record;
pub use size::{EVENT_BYTES_MAX, TooLarge, check_size};

/// Bytes that are no record of an event, or one that this version can't read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The bytes aren't the protobuf message they should be.
    #[error("not a protobuf record: {0}")]
    Protobuf(#[from] prost::DecodeError),
    /// The record is of a format that this version doesn't know.
    #[error("a record of format {format}: this version reads up to format 1")]
    UnknownFormat {
        /// The record's format number.
        format: u32,
    },
    /// The event's type is not known to this version.
    #[error("event type {number} is not known to this version")]
    UnknownType {
        /// The type's protobuf number.
        number: i32,
    },
    /// The blob is compressed in a way that this version doesn't know.
    #[error("codec {number} is not known to this version")]
    UnknownCodec {
        /// The codec's protobuf number.
        number: i32,
    },
    /// The blob is encrypted in a way that this version doesn't know.
    #[error("seal {number} is not known to this version")]
    UnknownSeal {
        /// The seal's protobuf number.
        number: i32,
    },
    /// The blob claims to hold more than any event may.
    #[error("the payload has {bytes} bytes, more than any event may have")]
    TooLarge {
        /// The claimed length.
        bytes: usize,
    },
    /// The blob can't be decompressed.
    #[error("the payload can't be decompressed: {0}")]
    Decompress(std::io::Error),
    /// The record is of another tenant than it was looked for.
    #[error("the record is of another tenant")]
    OtherTenant,
    /// A field that every record of this type has is absent.
    #[error("the record has no {0}")]
    Missing(&'static str),
    /// A field holds what it can't hold.
    #[error("the record's {0} is not valid")]
    Invalid(&'static str),
}
