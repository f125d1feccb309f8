//! Which partition a tenant's records are in: our own stable hash, so that it depends on no client's partitioner.

use sha2::{Digest, Sha256};

/// The first eight bytes of the name's SHA-256, as a big-endian number, modulo the number of partitions.
///
/// The same for all of a tenant's events and states, and, by the log's id, for the record of how far the log was relayed.
#[expect(clippy::cast_possible_truncation, reason = "less than `partitions`, an i32")]
pub fn partition(name: &str, partitions: i32) -> i32 {
    let digest = Sha256::digest(name.as_bytes());
    let head = digest.first_chunk().map_or(0, |head| u64::from_be_bytes(*head));
    (head % u64::from(partitions.max(1).unsigned_abs())) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Part of the contract: never to change.
    #[test]
    fn names_stay_where_they_are() {
        let check = |name: &str, partitions: i32, expected: i32| {
            assert_eq!(partition(name, partitions), expected, "{name} of {partitions}");
        };
        check("acme", 12, 0);
        check("globex", 12, 7);
        check("~platform", 12, 4);
        check("acme", 1, 0);
        check("acme", 0, 0);
    }
}
