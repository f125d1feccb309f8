//! A hash index from a key to the slots of the records that have it.
//! The keys stay in the records; the index holds a hash and a slot, 8 bytes an entry, and grows without
//! touching a record. Slots that share a key stand in creation order: hash order never shows.

use hashbrown::{HashTable, hash_table};

use super::slots::Slot;

/// Key → slots. Which key it is, the caller says: by its hash and by asking a record whether it has it.
#[derive(Debug, Default)]
pub(crate) struct Index {
    table: HashTable<Entry>,
    /// The slots of a key that several records have, in order.
    lists: Vec<Vec<Slot>>,
    /// Lists that are not in use.
    free: Vec<u32>,
}

/// `at` is a slot or, with [`LIST`], the number of a list.
#[derive(Debug)]
struct Entry {
    hash: u32,
    at: u32,
}

const LIST: u32 = 1 << 31;

impl Index {
    /// The slots whose records have the key, in creation order.
    pub(crate) fn find(&self, hash: u32, has_key: impl Fn(Slot) -> bool) -> &[Slot] {
        let is_key = |entry: &Entry| self.is_key(entry, hash, &has_key);
        self.table.find(spread(hash), is_key).map_or(&[], |entry| self.slots(&entry.at))
    }

    /// Adds a slot to a key; its record must have the key by now.
    pub(crate) fn insert(&mut self, hash: u32, slot: Slot, has_key: impl Fn(Slot) -> bool) {
        let lists = &mut self.lists;
        let is_key =
            |entry: &Entry| entry.hash == hash && first(lists, entry.at).is_some_and(&has_key);
        let mut found = match self.table.entry(spread(hash), is_key, |e| spread(e.hash)) {
            hash_table::Entry::Occupied(found) => found,
            hash_table::Entry::Vacant(place) => {
                place.insert(Entry { hash, at: slot });
                return;
            }
        };
        let entry = found.get_mut();
        if entry.at & LIST == 0 {
            if entry.at == slot {
                return;
            }
            let both = vec![entry.at.min(slot), entry.at.max(slot)];
            entry.at = LIST | store_list(lists, &mut self.free, both);
        } else if let Some(list) = lists.get_mut((entry.at & !LIST) as usize)
            && let Err(place) = list.binary_search(&slot)
        {
            list.insert(place, slot);
        }
    }

    /// Takes a slot from a key; the records must still have the key.
    pub(crate) fn remove(&mut self, hash: u32, slot: Slot, has_key: impl Fn(Slot) -> bool) {
        let lists = &mut self.lists;
        let is_key =
            |entry: &Entry| entry.hash == hash && first(lists, entry.at).is_some_and(&has_key);
        let Ok(mut found) = self.table.find_entry(spread(hash), is_key) else { return };
        let at = found.get().at;
        if at & LIST == 0 {
            if at == slot {
                found.remove();
            }
            return;
        }
        let Some(list) = lists.get_mut((at & !LIST) as usize) else { return };
        if let Ok(place) = list.binary_search(&slot) {
            list.remove(place);
        }
        if let [last] = list[..] {
            *list = Vec::new();
            self.free.push(at & !LIST);
            found.get_mut().at = last;
        }
    }

    /// How many keys there are.
    #[cfg(test)]
    pub(crate) fn keys(&self) -> usize {
        self.table.len()
    }

    fn is_key(&self, entry: &Entry, hash: u32, has_key: impl Fn(Slot) -> bool) -> bool {
        entry.hash == hash && first(&self.lists, entry.at).is_some_and(has_key)
    }

    fn slots<'a>(&'a self, at: &'a u32) -> &'a [Slot] {
        if at & LIST == 0 {
            std::slice::from_ref(at)
        } else {
            self.lists.get((at & !LIST) as usize).map_or(&[], Vec::as_slice)
        }
    }
}

/// All slots of an entry share the key, so the first answers for all.
fn first(lists: &[Vec<Slot>], at: u32) -> Option<Slot> {
    if at & LIST == 0 { Some(at) } else { lists.get((at & !LIST) as usize)?.first().copied() }
}

fn store_list(lists: &mut Vec<Vec<Slot>>, free: &mut Vec<u32>, list: Vec<Slot>) -> u32 {
    if let Some(number) = free.pop()
        && let Some(cell) = lists.get_mut(number as usize)
    {
        *cell = list;
        return number;
    }
    lists.push(list);
    u32::try_from(lists.len() - 1).unwrap_or(LIST - 1)
}

/// The table takes its tag from the top bits and its place from the bottom ones.
const fn spread(hash: u32) -> u64 {
    (hash as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Few hashes and few keys: collisions of both kinds happen all the time.
        #[test]
        fn agrees_with_an_ordered_map(steps in prop::collection::vec((any::<bool>(), 0_u32..12, 0_u32..5), 0..200)) {
            let mut index = Index::default();
            let mut keys: BTreeMap<Slot, u32> = BTreeMap::new();
            for (insert, slot, key) in steps {
                if insert && !keys.contains_key(&slot) {
                    keys.insert(slot, key);
                    index.insert(key % 2, slot, |s| keys.get(&s) == Some(&key));
                } else if let Some(&key) = keys.get(&slot) {
                    index.remove(key % 2, slot, |s| keys.get(&s) == Some(&key));
                    keys.remove(&slot);
                }
                for key in 0..5 {
                    let want: Vec<Slot> = keys.iter().filter(|(_, k)| **k == key).map(|(s, _)| *s).collect();
                    prop_assert_eq!(index.find(key % 2, |s| keys.get(&s) == Some(&key)), &want[..]);
                }
                prop_assert_eq!(index.keys(), keys.values().collect::<BTreeSet<_>>().len());
            }
        }
    }

    #[test]
    fn inserting_twice_is_once() {
        let mut index = Index::default();
        index.insert(7, 1, |_| true);
        index.insert(7, 1, |_| true);
        index.insert(7, 2, |_| true);
        index.insert(7, 2, |_| true);
        assert_eq!(index.find(7, |_| true), [1, 2]);
    }
}
