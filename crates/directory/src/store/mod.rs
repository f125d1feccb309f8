//! The records and what they are found by. Keeps its indexes in step with its records; knows no rules.

pub(crate) mod group;
mod index;
pub(crate) mod pending;
pub(crate) mod slots;
pub(crate) mod user;

use std::hash::{BuildHasher, Hash, RandomState};

/// Hashes with a key of its own per table set, so that nobody can choose names that collide.
#[derive(Clone, Debug, Default)]
struct Hasher(RandomState);

impl Hasher {
    fn of<K: Hash + ?Sized>(&self, key: &K) -> u32 {
        u32::try_from(self.0.hash_one(key) >> 32).unwrap_or_default()
    }
}
