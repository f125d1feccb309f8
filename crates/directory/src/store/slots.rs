//! Records in creation order: an append-only list of slots with a Fenwick tree of the live ones.
//! A deleted record leaves its slot empty for good, so slots order records by creation. Slots lie in chunks that are shared until
//! they change: who takes a chunk out has it as it was, for the price of a count.

use std::sync::Arc;

/// A record's place; greater means created later.
pub(crate) type Slot = u32;

/// Slots in one chunk: a power of two, so that a slot's place is found by shifting.
pub(crate) const CHUNK_SLOTS: Slot = 256;

/// Some neighbouring slots.
pub(crate) type Chunk<T> = Arc<Vec<Option<Arc<T>>>>;

/// Append-only slots; rank and select in O(log n).
#[derive(Debug)]
pub(crate) struct Slots<T> {
    /// All but the last are full.
    chunks: Vec<Chunk<T>>,
    /// Fenwick tree: `tree[i - 1]` counts the live slots of `(i - lowest bit of i, i]`, counted from 1.
    tree: Vec<u32>,
    live: usize,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), tree: Vec::new(), live: 0 }
    }
}

impl<T: Clone> Slots<T> {
    /// Appends a record.
    pub(crate) fn push(&mut self, record: T) -> Slot {
        let slot = self.tree.len();
        if slot.is_multiple_of(CHUNK_SLOTS as usize) {
            self.chunks.push(Arc::new(Vec::with_capacity(FIRST_SLOTS)));
        }
        if let Some(chunk) = self.chunks.last_mut() {
            Arc::make_mut(chunk).push(Some(Arc::new(record)));
        }
        let node = slot + 1;
        let mut sum = 1;
        let mut below = 1;
        while below < lowest_bit(node) {
            sum += self.tree.get(node - below - 1).copied().unwrap_or(0);
            below <<= 1;
        }
        self.tree.push(sum);
        self.live += 1;
        narrow(slot)
    }

    /// Empties a slot and gives back what it held.
    pub(crate) fn take(&mut self, slot: Slot) -> Option<Arc<T>> {
        self.get(slot)?;
        let record = self.cell_mut(slot)?.take()?;
        let mut node = slot as usize + 1;
        while let Some(count) = self.tree.get_mut(node - 1) {
            *count -= 1;
            node += lowest_bit(node);
        }
        self.live -= 1;
        Some(record)
    }

    /// The record in a slot, to change it. Whoever has taken its chunk out keeps the record that was there.
    pub(crate) fn get_mut(&mut self, slot: Slot) -> Option<&mut T> {
        self.cell_mut(slot)?.as_mut().map(Arc::make_mut)
    }

    fn cell_mut(&mut self, slot: Slot) -> Option<&mut Option<Arc<T>>> {
        let (chunk, place) = place(slot);
        Arc::make_mut(self.chunks.get_mut(chunk)?).get_mut(place)
    }
}

impl<T> Slots<T> {
    /// The record in a slot.
    pub(crate) fn get(&self, slot: Slot) -> Option<&T> {
        let (chunk, place) = place(slot);
        self.chunks.get(chunk)?.get(place)?.as_deref()
    }

    /// The chunk that a slot lies in, and the slot of its first record.
    pub(crate) fn chunk(&self, slot: Slot) -> Option<(Slot, Chunk<T>)> {
        let (chunk, place) = place(slot);
        Some((slot - narrow(place), Arc::clone(self.chunks.get(chunk)?)))
    }

    /// All chunks as they are now.
    pub(crate) fn chunks(&self) -> Vec<Chunk<T>> {
        self.chunks.clone()
    }

    /// How many records live.
    pub(crate) const fn len(&self) -> usize {
        self.live
    }

    /// How many live records were created before this slot.
    pub(crate) fn rank(&self, slot: Slot) -> usize {
        let mut node = (slot as usize).min(self.tree.len());
        let mut sum = 0;
        while node > 0 {
            sum += self.tree.get(node - 1).copied().unwrap_or(0) as usize;
            node -= lowest_bit(node);
        }
        sum
    }

    /// The slot of the live record with that many live ones before it.
    pub(crate) fn select(&self, rank: usize) -> Option<Slot> {
        if rank >= self.live {
            return None;
        }
        let mut step = self.tree.len().checked_ilog2().map_or(0, |bits| 1_usize << bits);
        let mut node = 0;
        let mut left = rank;
        while step > 0 {
            if let Some(&count) = self.tree.get(node + step - 1)
                && count as usize <= left
            {
                node += step;
                left -= count as usize;
            }
            step >>= 1;
        }
        Some(narrow(node))
    }

    /// The first live record that isn't `before`, and those behind it: `before` must hold for some of the first and for none behind them.
    pub(crate) fn beyond(&self, before: impl Fn(&T) -> bool) -> Slot {
        let (mut low, mut high) = (0, self.live);
        while low < high {
            let middle = low + (high - low) / 2;
            let record = self.select(middle).and_then(|slot| self.get(slot));
            if record.is_some_and(&before) { low = middle + 1 } else { high = middle }
        }
        self.select(low).unwrap_or(Slot::MAX)
    }

    /// Live records from a slot on, in creation order; a run of empty slots costs one look-up.
    pub(crate) fn from(&self, slot: Slot) -> impl Iterator<Item = (Slot, &T)> {
        let mut at = slot;
        std::iter::from_fn(move || {
            let (found, record) = match self.get(at) {
                Some(record) => (at, record),
                None => {
                    let next = self.select(self.rank(at))?;
                    (next, self.get(next)?)
                }
            };
            at = found.saturating_add(1);
            Some((found, record))
        })
    }

    /// Live records from a rank on, in creation order.
    pub(crate) fn page(&self, rank: usize) -> impl Iterator<Item = (Slot, &T)> {
        self.from(self.select(rank).unwrap_or(Slot::MAX))
    }
}

/// Room in a chunk at first: small tenants stay small.
const FIRST_SLOTS: usize = 4;

/// Which chunk a slot lies in, and where.
const fn place(slot: Slot) -> (usize, usize) {
    ((slot / CHUNK_SLOTS) as usize, (slot % CHUNK_SLOTS) as usize)
}

const fn lowest_bit(node: usize) -> usize {
    node & node.wrapping_neg()
}

/// Four billion records don't fit in memory.
fn narrow(slot: usize) -> Slot {
    Slot::try_from(slot).unwrap_or(Slot::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rank_select_and_pages_agree_with_a_plain_list(steps in prop::collection::vec(any::<(bool, u16)>(), 0..700)) {
            let mut slots = Slots::default();
            let mut plain: Vec<Option<u32>> = Vec::new();
            for (push, which) in steps {
                if push || plain.is_empty() {
                    let slot = slots.push(narrow(plain.len()));
                    plain.push(Some(slot));
                } else {
                    let slot = which as usize % plain.len();
                    prop_assert_eq!(slots.take(narrow(slot)).map(|r| *r), plain[slot].take());
                }
            }
            let live: Vec<u32> = plain.iter().filter_map(|cell| *cell).collect();
            prop_assert_eq!(slots.len(), live.len());
            for rank in 0..=live.len() {
                prop_assert_eq!(slots.select(rank), live.get(rank).copied());
                let page: Vec<u32> = slots.page(rank).map(|(slot, _)| slot).collect();
                prop_assert_eq!(&page[..], &live[rank..]);
            }
            for slot in 0..=plain.len() {
                let before = live.iter().filter(|l| (**l as usize) < slot).count();
                prop_assert_eq!(slots.rank(narrow(slot)), before);
                let after: Vec<u32> = slots.from(narrow(slot)).map(|(_, r)| *r).collect();
                prop_assert_eq!(&after[..], &live[before..]);
            }
        }
    }

    #[test]
    fn a_chunk_that_was_taken_out_stays_as_it_was() {
        let mut slots = Slots::default();
        (0..300_u32).for_each(|n| assert_eq!(slots.push(n), n));
        let (first, chunk) = slots.chunk(200).unwrap();
        let before: Vec<_> = chunk.iter().map(|cell| cell.as_deref().copied()).collect();
        *slots.get_mut(7).unwrap() = 700;
        assert_eq!(slots.take(8).as_deref(), Some(&8));
        assert_eq!((slots.get(7), slots.get(8), first), (Some(&700), None, 0));
        assert!(before.iter().copied().eq((0..256).map(Some)));
        assert!(chunk.iter().map(|cell| cell.as_deref().copied()).eq(before));
        assert_eq!(slots.chunk(256).map(|(first, chunk)| (first, chunk.len())), Some((256, 44)));
        assert!(slots.chunk(512).is_none());
    }

    #[test]
    fn an_empty_list_has_no_pages() {
        let slots = Slots::<u8>::default();
        assert_eq!((slots.len(), slots.select(0), slots.page(0).count()), (0, None, 0));
    }
}
