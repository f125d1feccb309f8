//! The log's identity file: who it is and how often it was opened. Written whole or not at all.
//!
//! ```text
//! [8]  magic 89 'r' 'c' 'l' 'o' 'g' 'i' 'd'
//! [1]  format = 1
//! [4]  crc32c of all but this field
//! [16] log id
//! [4]  incarnation, from 1; changes on restore from a backup
//! [4]  open epoch, from 1; changes with every start
//! ```

use events::LogId;
use uuid::Uuid;

const MAGIC: [u8; 8] = *b"\x89rclogid";
const FORMAT: u8 = 1;
const BYTES: usize = 8 + 1 + 4 + 16 + 4 + 4;

const _: () = assert!(BYTES == 37, "on disk: a change needs a new format");

/// Who the log is. Its numbers are big-endian on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) log: LogId,
    pub(super) incarnation: u32,
    pub(super) epoch: u32,
}

impl Identity {
    /// A log that no start has written to yet.
    pub(super) const fn new(log: LogId) -> Self {
        Self { log, incarnation: 1, epoch: 0 }
    }

    /// The same log, opened once more.
    pub(super) const fn reopened(self) -> Self {
        Self { epoch: self.epoch + 1, ..self }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let head = [&MAGIC[..], &[FORMAT]].concat();
        let body = [
            &self.log.uuid().as_bytes()[..],
            &self.incarnation.to_be_bytes(),
            &self.epoch.to_be_bytes(),
        ]
        .concat();
        [&head[..], &checksum(&head, &body).to_be_bytes(), &body].concat()
    }

    /// What the file says; `None` when it isn't such a file, or is damaged.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<9>()?;
        let (crc, body) = rest.split_first_chunk()?;
        if *head != [&MAGIC[..], &[FORMAT]].concat()[..]
            || checksum(head, body) != u32::from_be_bytes(*crc)
        {
            return None;
        }
        let (log, rest) = body.split_first_chunk()?;
        let (incarnation, rest) = rest.split_first_chunk()?;
        let epoch: [u8; 4] = rest.try_into().ok()?;
        Some(Self {
            log: LogId::new(Uuid::from_bytes(*log)),
            incarnation: u32::from_be_bytes(*incarnation),
            epoch: u32::from_be_bytes(epoch),
        })
    }
}

fn checksum(head: &[u8], body: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(head), body)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As release 0.1 wrote it. It must decode for ever.
    const GOLDEN: &[u8] = include_bytes!("../../golden/log-id-1.bin");

    const WRITTEN: Identity = Identity {
        log: LogId::new(Uuid::from_u128(0x0192_8c5a_7b3e_7d44_9f10_a1b2_c3d4_e5f6)),
        incarnation: 2,
        epoch: 9,
    };

    #[test]
    fn golden_bytes_decode_and_are_still_written() {
        assert_eq!(Identity::decode(GOLDEN), Some(WRITTEN));
        assert_eq!(WRITTEN.encode(), GOLDEN);
    }

    #[test]
    fn every_wrong_bit_and_length_is_found() {
        for bit in 0..GOLDEN.len() * 8 {
            let mut flipped = GOLDEN.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Identity::decode(&flipped), None, "bit {bit}");
        }
        for length in 0..GOLDEN.len() {
            assert_eq!(Identity::decode(&GOLDEN[..length]), None, "{length} bytes");
        }
        assert_eq!(Identity::decode(&[GOLDEN, &[0]].concat()), None);
    }
}
