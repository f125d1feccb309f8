//! A record's number without the rest: whose it is, which one, and its place in its call.
//! Reads the first fields only and allocates nothing.

use prost::encoding::{WireType, decode_key, decode_varint};

use super::DecodeError;
use crate::{Seq, TenantId};

/// The first fields of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Peeked<'a> {
    /// Whose history; a valid tenant id or `~platform`.
    pub tenant: &'a str,
    /// The event's number in it.
    pub seq: Seq,
    /// Which of its call's events it is, from 0.
    pub txn_index: u32,
    /// How many events the call made.
    pub txn_size: u32,
}

impl Peeked<'_> {
    /// The tenant as an id.
    ///
    /// # Errors
    /// Never for what [`peek`] returned.
    pub fn tenant_id(&self) -> Result<TenantId, DecodeError> {
        TenantId::from_stored(self.tenant).map_err(|_| DecodeError::Invalid("tenant"))
    }
}

/// Reads the first fields of an encoded envelope.
///
/// # Errors
/// [`DecodeError`] when the bytes don't begin as a record does.
pub fn peek(bytes: &[u8]) -> Result<Peeked<'_>, DecodeError> {
    let mut rest = bytes;
    let mut peeked = Peeked { tenant: "", seq: Seq(0), txn_index: 0, txn_size: 0 };
    while !rest.is_empty() {
        let (tag, wire_type) = decode_key(&mut rest)?;
        match (tag, wire_type) {
            (1, WireType::LengthDelimited) => peeked.tenant = text(&mut rest)?,
            (2, WireType::Varint) => peeked.seq = Seq(decode_varint(&mut rest)?),
            (3, WireType::Varint) => peeked.txn_index = number(&mut rest)?,
            (4, WireType::Varint) => peeked.txn_size = number(&mut rest)?,
            (1..=4, _) => return Err(DecodeError::Invalid("wire type")),
            // Writers keep the order of numbers, so all that is wanted has been seen.
            _ => break,
        }
    }
    peeked.check()?;
    Ok(peeked)
}

impl Peeked<'_> {
    pub(super) fn check(&self) -> Result<(), DecodeError> {
        if !TenantId::is_stored(self.tenant) {
            return Err(DecodeError::Invalid("tenant"));
        }
        if self.seq == Seq(0) {
            return Err(DecodeError::Missing("seq"));
        }
        if self.txn_index < self.txn_size {
            Ok(())
        } else {
            Err(DecodeError::Invalid("place in its call"))
        }
    }
}

fn text<'a>(rest: &mut &'a [u8]) -> Result<&'a str, DecodeError> {
    let length = usize::try_from(decode_varint(rest)?).unwrap_or(usize::MAX);
    let (head, tail) = rest.split_at_checked(length).ok_or(DecodeError::Invalid("tenant"))?;
    *rest = tail;
    std::str::from_utf8(head).map_err(|_| DecodeError::Invalid("tenant"))
}

fn number(rest: &mut &[u8]) -> Result<u32, DecodeError> {
    u32::try_from(decode_varint(rest)?).map_err(|_| DecodeError::Invalid("place in its call"))
}
