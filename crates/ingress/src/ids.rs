//! Mints ids (UUID version 7) for requests and resources: the time is an argument, the rest comes from one seed.
//! Makes no system call and takes no lock for an id.

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
    minted: AtomicU64,
}

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
        Self(Arc::new(Source { seed, minted: AtomicU64::new(0) }))
    }

    /// The next id: 48 bits of time, then 74 bits of SHA-256 over seed and count.
    pub fn next(&self, at: Timestamp) -> Uuid {
        let count = self.0.minted.fetch_add(1, Ordering::Relaxed);
        let mut hash = Sha256::new();
        hash.update(self.0.seed);
        hash.update(count.to_be_bytes());
        let hash: [u8; 32] = hash.finalize().into();
        let mut random = [0; 10];
        random.copy_from_slice(hash.first_chunk::<10>().unwrap_or(&[0; 10]));
        let millis = u64::try_from(at.0).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
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
}
