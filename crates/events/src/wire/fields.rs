//! The fields of a protobuf message as they lie in its bytes: nothing is copied. A replay reads millions of records, and making a message
//! of owned parts out of each took a tenth of its instructions (docs/adr/0014).

use prost::encoding::decode_varint;

use super::DecodeError;
use super::DecodeError::Invalid;

/// What is left of a message. The first thing that is no field ends it.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(&'a [u8]);

/// What a field holds.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    /// A number, an enum or a bool.
    Number(u64),
    /// Bytes, text, a message, or numbers one behind the other.
    Bytes(&'a [u8]),
    /// Four or eight bytes: no field of the contract has such.
    Fixed,
}

impl<'a> Fields<'a> {
    /// The fields of a message.
    pub(crate) const fn of(message: &'a [u8]) -> Self {
        Self(message)
    }

    #[inline]
    fn field(&mut self) -> Result<(u32, Value<'a>), DecodeError> {
        let key = u32::try_from(self.varint()?).map_err(|_| Invalid("number of a field"))?;
        let tag = key >> 3;
        if tag == 0 {
            return Err(Invalid("number of a field"));
        }
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            // Groups, which the contract has none of, and what was never defined.
            _ => return Err(Invalid("wire type")),
        };
        Ok((tag, value))
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, DecodeError> {
        match self.0.split_first() {
            Some((&byte, rest)) if byte < 0x80 => {
                self.0 = rest;
                Ok(byte.into())
            }
            Some(_) | None => Ok(decode_varint(&mut self.0)?),
        }
    }

    #[inline]
    fn take(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (head, rest) = self.0.split_at_checked(length).ok_or(Invalid("length of a field"))?;
        self.0 = rest;
        Ok(head)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, Value<'a>), DecodeError>;

    /// The next field's number with what it holds.
    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

impl<'a> Value<'a> {
    /// As a number, if it is one that fits.
    pub(crate) fn number<N: TryFrom<u64>>(self, what: &'static str) -> Result<N, DecodeError> {
        match self {
            Self::Number(number) => N::try_from(number).map_err(|_| Invalid(what)),
            Self::Bytes(_) | Self::Fixed => Err(Invalid(what)),
        }
    }

    /// As a number that may be below zero.
    pub(crate) fn signed(self, what: &'static str) -> Result<i64, DecodeError> {
        self.number(what).map(u64::cast_signed)
    }

    /// As the number of an enum's value.
    pub(crate) fn code(self, what: &'static str) -> Result<i32, DecodeError> {
        i32::try_from(self.signed(what)?).map_err(|_| Invalid(what))
    }

    /// As a bool.
    pub(crate) fn flag(self, what: &'static str) -> Result<bool, DecodeError> {
        self.number::<u64>(what).map(|number| number != 0)
    }

    /// As bytes.
    pub(crate) const fn bytes(self, what: &'static str) -> Result<&'a [u8], DecodeError> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::Number(_) | Self::Fixed => Err(Invalid(what)),
        }
    }

    /// As text.
    pub(crate) fn text(self, what: &'static str) -> Result<&'a str, DecodeError> {
        std::str::from_utf8(self.bytes(what)?).map_err(|_| Invalid(what))
    }

    /// As the numbers of an enum's values: one, or several packed one behind the other.
    pub(crate) fn codes(self, what: &'static str) -> Result<Vec<i32>, DecodeError> {
        let Self::Bytes(packed) = self else { return Ok(vec![self.code(what)?]) };
        let (mut rest, mut codes) = (Fields(packed), Vec::new());
        while !rest.0.is_empty() {
            codes.push(Self::Number(rest.varint()?).code(what)?);
        }
        Ok(codes)
    }
}
