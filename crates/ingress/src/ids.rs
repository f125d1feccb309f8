//! Mints ids (UUID version 7) for requests and resources, each greater than the one before: the time is an argument, the rest comes
//! from a count and one seed. Makes no system call and takes no lock for an id.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use events::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A source of ids. Clones share it: no two of them give the same id.
#[derive(Clone)]
pub struct Ids(Arc<Source>);

struct Source {
    seed: [u8; 32],
    /// The last id's milliseconds and, in the lowest bits, its number within them.
    last: AtomicU64,
}

/// Ids of one millisecond are numbered in the 12 bits that follow the time (RFC 9562 §6.2, method 1).
const NUMBER_BITS: u32 = 12;

impl Ids {
    /// A source that nobody can foresee.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        Ok(Self::seeded(seed))
    }

    /// A source that gives the same ids again, for tests.
    pub fn seeded(seed: [u8; 32]) -> Self {
        Self(Arc::new(Source { seed, last: AtomicU64::new(0) }))
    }

    /// The next id: 48 bits of time, 12 of a number within it, then 62 of SHA-256 over seed, time and number.
    ///
    /// What comes later is greater, also when the clock stands still, goes back, or there are more ids than numbers: then the time in the
    /// id runs ahead.
    pub fn next(&self, at: Timestamp) -> Uuid {
        let first = u64::try_from(at.0).unwrap_or(0) << NUMBER_BITS;
        let follow = |last: u64| last.saturating_add(1).max(first);
        let last = self
            .0
            .last
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(follow(last)));
        let this = follow(last.unwrap_or_else(|last| last));
        let mut hash = Sha256::new();
        hash.update(self.0.seed);
        hash.update(this.to_be_bytes());
        let hash: [u8; 32] = hash.finalize().into();
        let mut rest = [0; 10];
        rest.copy_from_slice(hash.first_chunk::<10>().unwrap_or(&[0; 10]));
        let [.., high, low] = this.to_be_bytes();
        (rest[0], rest[1]) = (high & 0x0f, low);
        uuid::Builder::from_unix_timestamp_millis(this >> NUMBER_BITS, &rest).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_carry_the_time_and_are_version_7() {
        let ids = Ids::seeded([7; 32]);
        let at = Timestamp(1_764_000_000_123);
        let (a, b) = (ids.next(at), ids.next(at));
        assert_ne!(a, b);
        assert_eq!(a.get_version_num(), 7);
        let (seconds, nanos) = a.get_timestamp().unwrap().to_unix();
        assert_eq!((seconds, nanos), (1_764_000_000, 123_000_000));
        assert_eq!(Ids::seeded([7; 32]).next(at), a, "a seed gives the same ids again");
    }

    #[test]
    fn what_comes_later_is_greater_whatever_the_clock_does() {
        let ids = Ids::seeded([7; 32]);
        let times = [5_000, 5_000, 4_000, 5_001, 0, 9_000].into_iter().cycle().take(20_000);
        let minted: Vec<Uuid> = times.map(|at| ids.next(Timestamp(at))).collect();
        assert!(minted.is_sorted_by(|a, b| a < b));
        assert!(minted.iter().all(|id| id.get_version_num() == 7));
        assert!(minted.iter().all(|id| id.get_variant() == uuid::Variant::RFC4122));
    }
}
