//! Records in reused slots, named by generational references: a reference to a record that is gone finds nothing.

/// Names a record: slot and generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ref {
    /// The slot.
    pub(super) idx: u32,
    /// How many records the slot has held before.
    generation: u32,
}

#[derive(Clone, Debug)]
struct Slot<T> {
    generation: u32,
    record: Option<T>,
}

/// Records in reused slots.
#[derive(Clone, Debug)]
pub(super) struct Slab<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

impl<T> Slab<T> {
    /// An empty slab.
    pub(super) fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Stores a record.
    #[inline]
    pub(super) fn insert(&mut self, record: T) -> Ref {
        if let Some(idx) = self.free.pop() {
            let slot = &mut self.slots[idx as usize];
            slot.record = Some(record);
            Ref {
                idx,
                generation: slot.generation,
            }
        } else {
            let idx = u32::try_from(self.slots.len()).expect("fewer than 2^32 records");
            self.slots.push(Slot {
                generation: 0,
                record: Some(record),
            });
            Ref { idx, generation: 0 }
        }
    }

    /// The record, if it is still there.
    #[inline]
    pub(super) fn get(&self, at: Ref) -> Option<&T> {
        let slot = &self.slots[at.idx as usize];
        if slot.generation == at.generation {
            slot.record.as_ref()
        } else {
            None
        }
    }

    /// The record, if it is still there, to be changed.
    #[inline]
    pub(super) fn get_mut(&mut self, at: Ref) -> Option<&mut T> {
        let slot = &mut self.slots[at.idx as usize];
        if slot.generation == at.generation {
            slot.record.as_mut()
        } else {
            None
        }
    }

    /// The reference to whatever is in a slot now.
    #[inline]
    pub(super) fn at(&self, idx: u32) -> Option<Ref> {
        let slot = self.slots.get(idx as usize)?;
        slot.record.is_some().then_some(Ref {
            idx,
            generation: slot.generation,
        })
    }

    /// Takes the record out; its references find nothing from now on.
    ///
    /// # Panics
    /// If it is gone already: our bug.
    #[inline]
    pub(super) fn remove(&mut self, at: Ref) -> T {
        let slot = &mut self.slots[at.idx as usize];
        assert!(slot.generation == at.generation, "a record is removed once");
        slot.generation = slot.generation.wrapping_add(1);
        self.free.push(at.idx);
        slot.record.take().expect("a record is removed once")
    }

    /// References to all records, in slot order.
    pub(super) fn refs(&self) -> Vec<Ref> {
        (0..self.slots.len())
            .filter_map(|idx| self.at(u32::try_from(idx).expect("a slot index")))
            .collect()
    }
}

impl<T> std::ops::Index<Ref> for Slab<T> {
    type Output = T;
    #[inline]
    fn index(&self, at: Ref) -> &T {
        self.get(at).expect("the record is alive")
    }
}

impl<T> std::ops::IndexMut<Ref> for Slab<T> {
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
        assert_eq!(slab.remove(first), "first");
        let second = slab.insert("second");
        assert_eq!(first.idx, second.idx);
        assert_eq!(slab.get(first), None);
        assert_eq!(slab[second], "second");
        assert_eq!(slab.refs(), [second]);
    }
}
