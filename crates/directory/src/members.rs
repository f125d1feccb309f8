//! Sets of members in chunks that are shared until they change: a snapshot is one count, and a change
//! copies one chunk and at most the list of chunks, however many members there are.

use std::sync::Arc;

use events::Member;

/// A set of members, ordered by kind (users first) and id. Cloning is cheap and gives a snapshot.
#[derive(Clone, Debug, Default)]
pub struct Members {
    chunks: Arc<Vec<Chunk>>,
    len: usize,
}

/// Sorted, never empty.
type Chunk = Arc<Vec<Member>>;

/// A fuller chunk is split in two.
const CHUNK_MEMBERS_MAX: usize = 512;
/// Neighbours that hold no more than this together become one.
const CHUNK_MEMBERS_MIN: usize = 128;

impl Members {
    /// How many there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether that member is among them.
    pub fn contains(&self, member: &Member) -> bool {
        let (_, chunk) = self.chunk_of(member);
        chunk.is_some_and(|chunk| chunk.binary_search(member).is_ok())
    }

    /// All of them, in a stable order: users before groups, each by id.
    pub fn iter(&self) -> impl Iterator<Item = Member> {
        self.chunks.iter().flat_map(|chunk| chunk.iter().copied())
    }

    /// Those behind that one, in the same order: where a reader of slices goes on.
    pub fn iter_after(&self, after: Option<&Member>) -> impl Iterator<Item = Member> {
        let at = after.map_or(0, |after| self.chunk_of(after).0);
        let after = after.copied();
        let chunks = self.chunks.iter().skip(at);
        chunks.flat_map(|chunk| chunk.iter().copied()).skip_while(move |it| Some(*it) <= after)
    }

    /// The nested groups: they stand at the end.
    pub(crate) fn groups(&self) -> impl Iterator<Item = events::GroupId> {
        self.chunks.iter().rev().flat_map(|chunk| chunk.iter().rev()).map_while(|member| {
            match member {
                Member::Group(group) => Some(*group),
                Member::User(_) => None,
            }
        })
    }

    /// Adds one; `false` when it was there.
    pub(crate) fn insert(&mut self, member: Member) -> bool {
        let (at, chunk) = self.chunk_of(&member);
        let place = match chunk.map(|chunk| chunk.binary_search(&member)) {
            Some(Ok(_)) => return false,
            Some(Err(place)) => place,
            None => 0,
        };
        let chunks = Arc::make_mut(&mut self.chunks);
        match chunks.get_mut(at) {
            Some(chunk) => {
                let chunk = Arc::make_mut(chunk);
                chunk.insert(place, member);
                if chunk.len() > CHUNK_MEMBERS_MAX {
                    let upper = chunk.split_off(split_at(chunk.len(), place));
                    chunks.insert(at + 1, Arc::new(upper));
                }
            }
            None => chunks.push(Arc::new(vec![member])),
        }
        self.len += 1;
        true
    }

    /// Takes one out; `false` when it wasn't there.
    pub(crate) fn remove(&mut self, member: &Member) -> bool {
        let (at, chunk) = self.chunk_of(member);
        let Some(Ok(place)) = chunk.map(|chunk| chunk.binary_search(member)) else { return false };
        let chunks = Arc::make_mut(&mut self.chunks);
        if let Some(chunk) = chunks.get_mut(at) {
            Arc::make_mut(chunk).remove(place);
        }
        merge(chunks, at);
        self.len -= 1;
        true
    }

    /// The chunk that holds the member or would take it, and its place.
    fn chunk_of(&self, member: &Member) -> (usize, Option<&Chunk>) {
        let after = self.chunks.partition_point(|c| c.first().is_some_and(|first| first <= member));
        let at = after.saturating_sub(1);
        (at, self.chunks.get(at))
    }
}

impl FromIterator<Member> for Members {
    fn from_iter<T: IntoIterator<Item = Member>>(members: T) -> Self {
        let mut all = Self::default();
        for member in members {
            all.insert(member);
        }
        all
    }
}

/// Members that come in order fill chunks: when the new one is the last, nearly all stay in the lower chunk.
const fn split_at(len: usize, place: usize) -> usize {
    if place + 1 == len { len - CHUNK_MEMBERS_MIN / 2 } else { len / 2 }
}

/// Drops an empty chunk, and joins small neighbours so that few members don't lie in many chunks.
fn merge(chunks: &mut Vec<Chunk>, at: usize) {
    if chunks.get(at).is_some_and(|chunk| chunk.is_empty()) {
        chunks.remove(at);
        return;
    }
    for left in [at, at.saturating_sub(1)] {
        let (Some(lower), Some(upper)) = (chunks.get(left), chunks.get(left + 1)) else { continue };
        if lower.len() + upper.len() <= CHUNK_MEMBERS_MIN {
            let upper = chunks.remove(left + 1);
            if let Some(lower) = chunks.get_mut(left) {
                Arc::make_mut(lower).extend_from_slice(&upper);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use events::{GroupId, UserId};
    use proptest::prelude::*;
    use uuid::Uuid;

    fn member(number: u32) -> Member {
        let id = Uuid::from_u128(u128::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        if number.is_multiple_of(4) {
            Member::Group(GroupId::new(id))
        } else {
            Member::User(UserId::new(id))
        }
    }

    fn check_shape(members: &Members) {
        assert!(members.chunks.iter().all(|c| !c.is_empty() && c.len() <= CHUNK_MEMBERS_MAX));
        assert!(members.iter().is_sorted());
        assert_eq!(members.iter().count(), members.len());
    }

    proptest! {
        #[test]
        fn agrees_with_an_ordered_set(steps in prop::collection::vec((any::<bool>(), 0_u32..3_000), 0..3_000)) {
            let mut members = Members::default();
            let mut plain = BTreeSet::new();
            for (insert, number) in steps {
                let member = member(number);
                if insert {
                    prop_assert_eq!(members.insert(member), plain.insert(member));
                } else {
                    prop_assert_eq!(members.remove(&member), plain.remove(&member));
                }
            }
            check_shape(&members);
            prop_assert!(members.iter().eq(plain.iter().copied()));
            prop_assert!((0..3_000).all(|n| members.contains(&member(n)) == plain.contains(&member(n))));
            let groups: BTreeSet<Member> = members.groups().map(Member::Group).collect();
            prop_assert!(groups.iter().eq(plain.iter().filter(|m| matches!(m, Member::Group(_)))));
        }
    }

    #[test]
    fn slices_follow_each_other_without_a_gap() {
        let mut members = Members::default();
        (0..2_000).map(member).for_each(|m| _ = members.insert(m));
        let (mut seen, mut last) = (Vec::new(), None);
        loop {
            let slice: Vec<Member> = members.iter_after(last.as_ref()).take(97).collect();
            let Some(end) = slice.last() else { break };
            last = Some(*end);
            seen.extend(slice);
        }
        assert!(members.iter().eq(seen));
        assert_eq!(Members::default().iter_after(Some(&member(1))).count(), 0);
    }

    #[test]
    fn a_snapshot_stays_as_it_was() {
        let mut members = Members::default();
        assert!((0..2_000).map(member).filter(|m| members.insert(*m)).count() > 1_000);
        let snapshot = members.clone();
        let before: Vec<Member> = snapshot.iter().collect();
        before.iter().for_each(|m| assert!(members.remove(m)));
        assert!(members.is_empty() && members.chunks.is_empty());
        assert!(snapshot.iter().eq(before));
    }

    #[test]
    fn a_hundred_thousand_in_order_fill_their_chunks_and_leave_none_behind() {
        let user = |n: u128| Member::User(UserId::new(Uuid::from_u128(n)));
        let mut members = Members::default();
        (0..100_000).for_each(|n| assert!(members.insert(user(n))));
        check_shape(&members);
        assert!(members.chunks.len() < 100_000 / 400);
        (0..100_000).filter(|n| n % 1_000 != 0).for_each(|n| assert!(members.remove(&user(n))));
        check_shape(&members);
        assert!(members.chunks.len() <= 3, "{} chunks for {}", members.chunks.len(), members.len());
    }
}
