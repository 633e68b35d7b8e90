//! Records in reused slots, named by generational references: a reference to a record that is gone finds nothing.

use std::num::NonZeroU32;

/// Names a record: slot and generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ref {
    /// The slot.
    pub(super) idx: u32,
    generation: NonZeroU32,
}

impl Ref {
    /// A number that no other record of the same kind has in a run.
    pub(super) fn name(self) -> u64 {
        u64::from(self.generation.get()) << 32 | u64::from(self.idx)
    }
}

/// Names nothing: no record has an even generation.
impl Default for Ref {
    fn default() -> Self {
        Self {
            idx: 0,
            generation: EVEN,
        }
    }
}

const _: () = assert!(size_of::<Option<Ref>>() == 8, "a reference is a word");

/// A slot counts the records that come and go: its generation is odd while one is in it. A record that has gone is left as
/// it was until the next one overwrites it.
#[derive(Clone, Debug)]
struct Slot<T> {
    generation: NonZeroU32,
    record: T,
}

/// Records in reused slots.
#[derive(Clone, Debug)]
pub(super) struct Slab<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

impl<T: Default> Slab<T> {
    /// An empty slab.
    pub(super) fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Stores a record. It is written where it will stay: a slot is there before the record is.
    #[inline]
    pub(super) fn insert(&mut self, record: T) -> Ref {
        let idx = match self.free.pop() {
            Some(idx) => idx,
            None => self.grow(),
        };
        let slot = &mut self.slots[idx as usize];
        slot.generation = next(slot.generation);
        slot.record = record;
        Ref {
            idx,
            generation: slot.generation,
        }
    }

    /// One more slot, with nothing in it.
    #[cold]
    fn grow(&mut self) -> u32 {
        let idx = u32::try_from(self.slots.len()).expect("fewer than 2^32 records");
        self.slots.push(Slot {
            generation: EVEN,
            record: T::default(),
        });
        idx
    }

    /// The record, if it is still there.
    #[inline]
    pub(super) fn get(&self, at: Ref) -> Option<&T> {
        let slot = &self.slots[at.idx as usize];
        (slot.generation == at.generation).then_some(&slot.record)
    }

    /// The record, if it is still there, to be changed.
    #[inline]
    pub(super) fn get_mut(&mut self, at: Ref) -> Option<&mut T> {
        let slot = &mut self.slots[at.idx as usize];
        (slot.generation == at.generation).then_some(&mut slot.record)
    }

    /// The reference to whatever is in a slot now.
    #[inline]
    pub(super) fn at(&self, idx: u32) -> Option<Ref> {
        let generation = self.slots.get(idx as usize)?.generation;
        (generation.get() & 1 == 1).then_some(Ref { idx, generation })
    }

    /// Whatever is in a slot now, to be changed.
    #[inline]
    pub(super) fn at_mut(&mut self, idx: u32) -> Option<(Ref, &mut T)> {
        let slot = self.slots.get_mut(idx as usize)?;
        let generation = slot.generation;
        (generation.get() & 1 == 1).then_some((Ref { idx, generation }, &mut slot.record))
    }

    /// Lets go of the record; its references find nothing from now on.
    ///
    /// # Panics
    /// If it is gone already: our bug.
    #[inline]
    pub(super) fn remove(&mut self, at: Ref) {
        let slot = &mut self.slots[at.idx as usize];
        assert!(slot.generation == at.generation, "a record is removed once");
        slot.generation = next(slot.generation);
        self.free.push(at.idx);
    }

    /// References to all records, in slot order.
    pub(super) fn refs(&self) -> Vec<Ref> {
        (0..self.slots.len())
            .filter_map(|idx| self.at(u32::try_from(idx).expect("a slot index")))
            .collect()
    }
}

/// The generation after this one; after the last comes the first even one, as zero is none.
#[inline]
fn next(generation: NonZeroU32) -> NonZeroU32 {
    NonZeroU32::new(generation.get().wrapping_add(1)).unwrap_or(EVEN)
}

const EVEN: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);

impl<T: Default> std::ops::Index<Ref> for Slab<T> {
    type Output = T;
    #[inline]
    fn index(&self, at: Ref) -> &T {
        self.get(at).expect("the record is alive")
    }
}

impl<T: Default> std::ops::IndexMut<Ref> for Slab<T> {
    #[inline]
    fn index_mut(&mut self, at: Ref) -> &mut T {
        self.get_mut(at).expect("the record is alive")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_to_a_record_that_is_gone_finds_nothing() {
        let mut slab = Slab::new();
        let first = slab.insert("first");
        slab.remove(first);
        assert_eq!(slab.at(first.idx), None);
        let second = slab.insert("second");
        assert_eq!(first.idx, second.idx);
        assert_eq!(slab.get(first), None);
        assert_eq!(slab[second], "second");
        assert_eq!(slab.refs(), [second]);
    }
}
