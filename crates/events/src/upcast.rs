//! Old records in today's form: `decode` brings every record here first.
//!
//! A new format gets one pure step from the one before it and a golden file of the old bytes; steps
//! are never changed or removed, because old bytes decode for ever.

use crate::wire::{DecodeError, Record};

/// The form in which records are written today.
pub(crate) const FORMAT: u32 = 1;

/// Brings a record of any known format into today's.
pub(crate) fn upcast(record: Record<'_>) -> Result<Record<'_>, DecodeError> {
    match record.format {
        // A step from 1 to 2 goes here: `1 => upcast(from_1(record))`.
        FORMAT => Ok(record),
        format => Err(DecodeError::UnknownFormat { format }),
    }
}
