//! A cache: what was read, the least recently used entry goes first.

use crate::kernel::time::Time;
use std::collections::BTreeMap;

/// No slot.
const NONE: u32 = u32::MAX;

/// What a cache knows of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it was put in.
    pub put: Time,
    /// When the first update after it was committed, if there was one.
    pub stale_since: Option<Time>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    key: u32,
    entry: Entry,
    /// Neighbours in the order of use.
    newer: u32,
    older: u32,
}

/// One cache.
#[derive(Clone, Debug)]
pub struct Cache {
    capacity: u32,
    slots: Vec<Slot>,
    place: BTreeMap<u32, u32>,
    newest: u32,
    oldest: u32,
}

impl Cache {
    /// An empty cache for so many entries at most; `u32::MAX` for no bound.
    ///
    /// # Panics
    /// Without room for one.
    #[must_use]
    pub fn new(capacity: u32) -> Self {
        assert!(capacity > 0, "room for one entry at least");
        Self {
            capacity,
            slots: Vec::new(),
            place: BTreeMap::new(),
            newest: NONE,
            oldest: NONE,
        }
    }

    /// What it knows of a key, which counts as a use.
    pub fn look(&mut self, key: u32) -> Option<Entry> {
        let slot = *self.place.get(&key)?;
        self.unlink(slot);
        self.link(slot);
        Some(self.slots[slot as usize].entry)
    }

    /// Puts a key in, or anew.
    ///
    /// # Panics
    /// Never: there are fewer keys than 2^32.
    pub fn put(&mut self, key: u32, entry: Entry) {
        let slot = if let Some(&slot) = self.place.get(&key) {
            self.unlink(slot);
            slot
        } else if self.slots.len() < self.capacity as usize {
            let slot = u32::try_from(self.slots.len()).expect("no more slots than keys of 32 bits");
            self.slots.push(Slot {
                key,
                entry,
                newer: NONE,
                older: NONE,
            });
            slot
        } else {
            let slot = self.oldest;
            self.unlink(slot);
            self.place.remove(&self.slots[slot as usize].key);
            slot
        };
        let state = &mut self.slots[slot as usize];
        (state.key, state.entry) = (key, entry);
        self.place.insert(key, slot);
        self.link(slot);
    }

    /// An update of the key was committed: what the cache has of it is stale from then on.
    pub fn committed(&mut self, key: u32, at: Time) {
        if let Some(&slot) = self.place.get(&key) {
            let entry = &mut self.slots[slot as usize].entry;
            entry.stale_since = entry.stale_since.or(Some(at));
        }
    }

    /// It is empty again.
    pub fn clear(&mut self) {
        *self = Self::new(self.capacity);
    }

    fn unlink(&mut self, slot: u32) {
        let Slot { newer, older, .. } = self.slots[slot as usize];
        match newer {
            NONE => self.newest = older,
            newer => self.slots[newer as usize].older = older,
        }
        match older {
            NONE => self.oldest = newer,
            older => self.slots[older as usize].newer = newer,
        }
    }

    fn link(&mut self, slot: u32) {
        let next = std::mem::replace(&mut self.newest, slot);
        let state = &mut self.slots[slot as usize];
        (state.newer, state.older) = (NONE, next);
        match next {
            NONE => self.oldest = slot,
            next => self.slots[next as usize].newer = slot,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn entry(put: u64) -> Entry {
        Entry {
            put: Time(put),
            stale_since: None,
        }
    }

    #[test]
    fn the_first_update_after_it_makes_an_entry_stale() {
        let mut cache = Cache::new(2);
        cache.put(1, entry(5));
        cache.committed(2, Time(6));
        assert_eq!(cache.look(1), Some(entry(5)));
        cache.committed(1, Time(7));
        cache.committed(1, Time(8));
        assert_eq!(cache.look(1).unwrap().stale_since, Some(Time(7)));
        cache.put(1, entry(9));
        assert_eq!(cache.look(1), Some(entry(9)));
        cache.clear();
        assert_eq!(cache.look(1), None);
    }

    proptest! {
        /// Against a plain list, the most recently used entry last.
        #[test]
        fn the_least_recently_used_entry_goes_first(
            capacity in 1..6_u32,
            steps in prop::collection::vec((0..10_u32, any::<bool>()), 0..200),
        ) {
            let mut cache = Cache::new(capacity);
            let mut list: Vec<(u32, Entry)> = Vec::new();
            for (at, (key, puts)) in (0..).zip(steps) {
                let known = list.iter().position(|(other, _)| *other == key).map(|place| list.remove(place));
                if puts {
                    cache.put(key, entry(at));
                    if known.is_none() && list.len() == capacity as usize {
                        list.remove(0);
                    }
                    list.push((key, entry(at)));
                } else {
                    prop_assert_eq!(cache.look(key), known.map(|(_, entry)| entry));
                    list.extend(known);
                }
            }
        }
    }
}
