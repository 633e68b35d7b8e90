//! What a broker has had, as long as its window reaches back: the same again is no news (A27).

use crate::kernel::time::{Duration, Time};
use std::collections::{BTreeSet, VecDeque};

/// The names of what has been had within a window; `K` names a message by what it is about.
#[derive(Clone, Debug)]
pub struct Seen<K> {
    names: BTreeSet<K>,
    oldest: VecDeque<(Time, K)>,
}

impl<K> Default for Seen<K> {
    fn default() -> Self {
        Self {
            names: BTreeSet::new(),
            oldest: VecDeque::new(),
        }
    }
}

impl<K: Ord + Copy> Seen<K> {
    /// Is this news at `now`? It is remembered for `window` from the first time on.
    pub fn is_news(&mut self, name: K, now: Time, window: Duration) -> bool {
        while let Some(&(at, old)) = self.oldest.front()
            && at + window <= now
        {
            self.oldest.pop_front();
            self.names.remove(&old);
        }
        let is_news = self.names.insert(name);
        if is_news {
            self.oldest.push_back((now, name));
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_news_once_within_the_window() {
        let mut seen = Seen::default();
        let mut is_news = |name, at| seen.is_news(name, Time(at), Duration(10));
        assert!(is_news('a', 0));
        assert!(is_news('b', 3));
        assert!(!is_news('a', 9));
        // From the first time on, not from the last.
        assert!(is_news('a', 10));
        assert!(!is_news('b', 12));
        assert!(is_news('b', 13));
    }
}
