//! The memory that resident tenants may take: over it, those that were used longest ago are let go. Only what is durable is let go, and
//! it is loaded again on its next use, so nobody notices but by the time.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use directory::Directory;

use crate::Tenancy;
use crate::stream::Stream;

/// What resident tenants take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Residents {
    /// How many there are.
    pub tenants: usize,
    /// What they take in memory, about, in bytes.
    pub bytes: usize,
    /// How many were let go by now, since the start.
    pub evicted: u64,
}

impl Tenancy {
    /// What resident tenants take now.
    pub fn residents(&self) -> Residents {
        let streams = self.streams().into_iter();
        let each = streams.filter_map(|stream| Some(stream.loaded()?.live.read().bytes()));
        let evicted = self.0.evicted.load(Ordering::Relaxed);
        each.fold(Residents { evicted, ..Residents::default() }, |sum, bytes| Residents {
            tenants: sum.tenants + 1,
            bytes: sum.bytes + bytes,
            ..sum
        })
    }

    /// Lets tenants go until the others take `bytes_max` at most, those that were used longest ago first.
    ///
    /// The one used last stays, however large it is. To be called every now and then: time passes by calls.
    pub fn keep_within(&self, bytes_max: usize) -> Residents {
        let now = self.0.looks.fetch_add(1, Ordering::Relaxed) + 1;
        let mut residents: Vec<(u64, usize, Arc<Stream<Directory>>)> = Vec::new();
        for stream in self.streams() {
            if let Some(resident) = stream.loaded() {
                let bytes = resident.live.read().bytes();
                residents.push((stream.last_used(now), bytes, stream));
            }
        }
        residents.sort_by_key(|(used_at, ..)| *used_at);
        let mut bytes: usize = residents.iter().map(|(_, bytes, _)| bytes).sum();
        let mut tenants = residents.len();
        let last = tenants.saturating_sub(1);
        for (_, its_bytes, stream) in residents.iter().take(last) {
            if bytes <= bytes_max {
                break;
            }
            if stream.evict() {
                bytes -= its_bytes;
                tenants -= 1;
                self.0.evicted.fetch_add(1, Ordering::Relaxed);
            }
        }
        Residents { tenants, bytes, evicted: self.0.evicted.load(Ordering::Relaxed) }
    }
}
