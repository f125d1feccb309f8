//! An envelope's record as it lies in its bytes.

use super::fields::Fields;
use super::{DecodeError, Peeked};
use crate::codec::Blob;
use crate::{Coercion, Flags};

/// `rollcall.events.v1.Envelope`; what is of variable length is borrowed, and neither unpacked nor checked yet.
#[derive(Default)]
pub(crate) struct Record<'a> {
    pub(super) number: Peeked<'a>,
    pub(crate) format: u32,
    pub(super) kind: i32,
    pub(super) at_ms: i64,
    pub(super) txn: &'a [u8],
    pub(super) subject_kind: i32,
    pub(super) subject: &'a [u8],
    pub(super) actor: Option<Fields<'a>>,
    pub(super) connection: Option<&'a str>,
    pub(super) changed: Vec<String>,
    pub(super) coercions: Vec<Coercion>,
    pub(super) blob: Option<Blob<'a>>,
    pub(super) flags: Flags,
}

impl<'a> Record<'a> {
    /// Reads the fields of a record of any format; those that this version doesn't know are left out.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut record = Self::default();
        for field in Fields::of(bytes) {
            let (tag, value) = field?;
            match tag {
                5 => record.format = value.number("format")?,
                6 => record.kind = value.code("type")?,
                7 => record.at_ms = value.signed("time")?,
                8 => record.txn = value.bytes("txn")?,
                9 => record.subject_kind = value.code("kind of subject")?,
                10 => record.subject = value.bytes("subject")?,
                11 => record.actor = Some(Fields::of(value.bytes("actor")?)),
                12 => record.connection = Some(value.text("connection")?),
                13 => record.changed.push(value.text("changed path")?.to_owned()),
                14 => record.coercions.extend(known(&value.codes("coercions")?)),
                15 => record.blob = Some(Blob::read(value.bytes("blob")?)?),
                16 => record.flags = Flags(value.number("flags")?),
                _ => {
                    record.number.take(tag, value)?;
                }
            }
        }
        Ok(record)
    }
}

fn known(codes: &[i32]) -> impl Iterator<Item = Coercion> {
    codes.iter().filter_map(|code| Coercion::from_code(u32::try_from(*code).ok()?))
}
