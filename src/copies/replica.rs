//! A replica: everything but the updates that are still on their way.

use crate::kernel::time::Time;
use std::collections::{BTreeMap, VecDeque};

/// One replica, by what it does not know yet.
#[derive(Clone, Debug, Default)]
pub struct Replica {
    /// When the updates of a key were committed that are not applied, oldest first.
    missing: BTreeMap<u32, VecDeque<Time>>,
}

impl Replica {
    /// An update of the key was committed.
    pub fn committed(&mut self, key: u32, at: Time) {
        self.missing.entry(key).or_default().push_back(at);
    }

    /// The state of the key as of an instant is applied: updates up to then are known. An older state than the one it has
    /// changes nothing.
    pub fn apply(&mut self, key: u32, as_of: Time) {
        let Some(missing) = self.missing.get_mut(&key) else {
            return;
        };
        while missing.front().is_some_and(|&at| at <= as_of) {
            missing.pop_front();
        }
        if missing.is_empty() {
            self.missing.remove(&key);
        }
    }

    /// The oldest update of the key that it does not know.
    #[must_use]
    pub fn oldest_missing(&self, key: u32) -> Option<Time> {
        self.missing.get(&key)?.front().copied()
    }

    /// It is loaded anew from a state that has everything up to now.
    pub fn reload(&mut self) {
        self.missing.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_stale_from_its_oldest_missing_update_on() {
        let mut replica = Replica::default();
        replica.committed(3, Time(10));
        replica.committed(3, Time(20));
        replica.committed(4, Time(15));
        assert_eq!(replica.oldest_missing(3), Some(Time(10)));
        replica.apply(3, Time(10));
        assert_eq!(replica.oldest_missing(3), Some(Time(20)));
        assert_eq!(replica.oldest_missing(5), None);
        // The newer state makes the older one good; the older one that comes late changes nothing.
        replica.committed(3, Time(30));
        replica.apply(3, Time(30));
        replica.apply(3, Time(20));
        assert_eq!(replica.oldest_missing(3), None);
        assert_eq!(replica.oldest_missing(4), Some(Time(15)));
        replica.reload();
        assert_eq!(replica.oldest_missing(4), None);
    }
}
