//! Records in creation order: an append-only list of slots with a Fenwick tree of the live ones.
//! A deleted record leaves its slot empty for good, so slots order records by creation.

/// A record's place; greater means created later.
pub(crate) type Slot = u32;

/// Append-only slots; rank and select in O(log n).
#[derive(Debug)]
pub(crate) struct Slots<T> {
    cells: Vec<Option<Box<T>>>,
    /// Fenwick tree: `tree[i - 1]` counts the live slots of `(i - lowest bit of i, i]`, counted from 1.
    tree: Vec<u32>,
    live: usize,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self { cells: Vec::new(), tree: Vec::new(), live: 0 }
    }
}

impl<T> Slots<T> {
    /// Appends a record.
    pub(crate) fn push(&mut self, record: T) -> Slot {
        let slot = self.cells.len();
        self.cells.push(Some(Box::new(record)));
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
    pub(crate) fn take(&mut self, slot: Slot) -> Option<Box<T>> {
        let record = self.cells.get_mut(slot as usize)?.take()?;
        let mut node = slot as usize + 1;
        while let Some(count) = self.tree.get_mut(node - 1) {
            *count -= 1;
            node += lowest_bit(node);
        }
        self.live -= 1;
        Some(record)
    }

    /// The record in a slot.
    pub(crate) fn get(&self, slot: Slot) -> Option<&T> {
        self.cells.get(slot as usize)?.as_deref()
    }

    /// The record in a slot, to change it.
    pub(crate) fn get_mut(&mut self, slot: Slot) -> Option<&mut T> {
        self.cells.get_mut(slot as usize)?.as_deref_mut()
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
        fn rank_select_and_pages_agree_with_a_plain_list(steps in prop::collection::vec(any::<(bool, u8)>(), 0..300)) {
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
    fn an_empty_list_has_no_pages() {
        let slots = Slots::<u8>::default();
        assert_eq!((slots.len(), slots.select(0), slots.page(0).count()), (0, None, 0));
    }
}
