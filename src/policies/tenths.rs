//! Counts over the time just past, in tenths of it.

use crate::kernel::time::{Duration, Time};
use std::collections::VecDeque;

/// A span moves on in so many parts.
const PARTS: u64 = 10;

/// Counts of `N` kinds over a span that moves on in tenths: between nine and ten of them are looked back upon.
#[derive(Clone, Debug)]
pub(super) struct Tenths<const N: usize> {
    span: Duration,
    /// The parts with anything in them, each with its number.
    parts: VecDeque<(u64, [u32; N])>,
}

impl<const N: usize> Tenths<N> {
    /// Nothing has been counted.
    #[must_use]
    pub(super) const fn new(span: Duration) -> Self {
        Self {
            span,
            parts: VecDeque::new(),
        }
    }

    /// One more of a kind (below `N`).
    pub(super) fn count(&mut self, kind: usize, now: Time) {
        let nth = self.forget(now);
        if self.parts.back().is_none_or(|part| part.0 != nth) {
            self.parts.push_back((nth, [0; N]));
        }
        if let Some((_, counts)) = self.parts.back_mut() {
            counts[kind] += 1;
        }
    }

    /// How many of each kind there have been.
    pub(super) fn sums(&mut self, now: Time) -> [u32; N] {
        self.forget(now);
        let mut sums = [0; N];
        for (_, counts) in &self.parts {
            for (sum, count) in sums.iter_mut().zip(counts) {
                *sum += count;
            }
        }
        sums
    }

    /// Forgets what is too old; gives the number of the present part.
    fn forget(&mut self, now: Time) -> u64 {
        let nth = now.0 / (self.span.0 / PARTS).max(1);
        while self.parts.front().is_some_and(|part| part.0 + PARTS <= nth) {
            self.parts.pop_front();
        }
        nth
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_the_span_is_forgotten() {
        let mut seen: Tenths<2> = Tenths::new(Duration(100));
        for now in 0..100 {
            seen.count(usize::from(now % 4 == 0), Time(now));
        }
        assert_eq!(seen.sums(Time(99)), [75, 25]);
        // The first tenth goes as a whole.
        assert_eq!(seen.sums(Time(100)), [75 - 7, 25 - 3]);
        assert_eq!(seen.sums(Time(1_000)), [0, 0]);
    }
}
