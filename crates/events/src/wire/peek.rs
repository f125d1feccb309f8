//! A record's number without the rest: whose it is, which one, and its place in its call.
//! Reads the first fields only and allocates nothing.

use super::DecodeError;
use super::fields::{Fields, Value};
use crate::{Seq, TenantId};

/// The first fields of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
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
    let mut peeked = Peeked::default();
    for field in Fields::of(bytes) {
        let (tag, value) = field?;
        // Writers keep the order of numbers, so behind these all that is wanted has been seen.
        if !peeked.take(tag, value)? {
            break;
        }
    }
    if !TenantId::is_stored(peeked.tenant) {
        return Err(DecodeError::Invalid("tenant"));
    }
    peeked.check_numbers()?;
    Ok(peeked)
}

impl<'a> Peeked<'a> {
    /// Takes a field over; whether it is one of these.
    pub(super) fn take(&mut self, tag: u32, value: Value<'a>) -> Result<bool, DecodeError> {
        match tag {
            1 => self.tenant = value.text("tenant")?,
            2 => self.seq = Seq(value.number("seq")?),
            3 => self.txn_index = value.number("place in its call")?,
            4 => self.txn_size = value.number("place in its call")?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    pub(super) const fn check_numbers(&self) -> Result<(), DecodeError> {
        if self.seq.0 == 0 {
            return Err(DecodeError::Missing("seq"));
        }
        if self.txn_index < self.txn_size {
            Ok(())
        } else {
            Err(DecodeError::Invalid("place in its call"))
        }
    }
}
