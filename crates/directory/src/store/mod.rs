//! The records and what they are found by. Keeps its indexes in step with its records; knows no rules.

pub(crate) mod custom;
pub(crate) mod group;
mod index;
pub(crate) mod pending;
pub(crate) mod slots;
pub(crate) mod user;

use std::hash::{BuildHasher, Hash};

use hashbrown::DefaultHashBuilder;

/// Hashes with a seed of its own per table set, so that nobody can choose names that collide.
///
/// It is `hashbrown`'s own, `foldhash`: a tenth of `SipHash`'s price, and this is done for every key of every event that is replayed. Hashes are shown
/// to nobody, and whoever slows a table down slows its own tenant.
#[derive(Clone, Debug, Default)]
struct Hasher(DefaultHashBuilder);

impl Hasher {
    fn of<K: Hash + ?Sized>(&self, key: &K) -> u32 {
        u32::try_from(self.0.hash_one(key) >> 32).unwrap_or_default()
    }
}
