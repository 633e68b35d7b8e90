//! Which flow runs are followed: of each flow as many as are wanted, spread evenly over the window, the same in every variant.
//!
//! A flow run's key is its number in its source times the golden ratio, without what stands before the point. The keys of
//! neighbours are as far apart as can be, and those of any stretch of numbers fill the range from 0 to 1 evenly (a Kronecker
//! sequence; the three-distance theorem: Sós 1957). So the flow runs with the smallest keys lie evenly among all, without a
//! period that anything in turn (instances, batches) could share; and those with the ten smallest are among those with the
//! hundred smallest. How many come need not be known: who is followed is dropped when enough with smaller keys have come.

use crate::engine::RunFacts;
use std::collections::BinaryHeap;

/// 2^64 divided by the golden ratio.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Sets sources apart.
const APART: u64 = 0xD1B5_4A32_D192_ED03;

/// A flow run's key: a function of its identity alone (A4).
fn key(run: RunFacts) -> u64 {
    let number = run.ordinal.wrapping_add(1).wrapping_mul(GOLDEN);
    number.wrapping_add(u64::from(run.source.0).wrapping_mul(APART))
}

/// The sample of one flow: the places of those that are in it.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    most: usize,
    chosen: BinaryHeap<(u64, u32)>,
}

/// What becomes of one that has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// It is not followed.
    Passed,
    /// It is.
    Taken,
    /// It is, in the place of this one.
    Replaces(u32),
}

impl Sample {
    /// Of so many at most.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            chosen: BinaryHeap::new(),
        }
    }

    /// A flow run has come, and would have this place.
    #[inline]
    pub(super) fn choose(&mut self, run: RunFacts, place: u32) -> Choice {
        let key = key(run);
        if self.chosen.len() < self.most {
            self.chosen.push((key, place));
            return Choice::Taken;
        }
        match self.chosen.peek() {
            Some(last) if key < last.0 => {}
            _ => return Choice::Passed,
        }
        let Some(mut last) = self.chosen.peek_mut() else {
            return Choice::Passed;
        };
        let dropped = last.1;
        *last = (key, dropped);
        Choice::Replaces(dropped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Counted;
    use crate::kernel::time::Time;
    use crate::model::{FlowId, SourceId};

    fn run(source: u32, ordinal: u64) -> RunFacts {
        RunFacts {
            flow: FlowId(0),
            source: SourceId(source),
            ordinal,
            start: Time(ordinal),
            counted: Counted::Yes,
        }
    }

    /// The ordinals that a sample of `most` ends with.
    fn chosen(most: usize, ordinals: std::ops::Range<u64>) -> Vec<u64> {
        let mut sample = Sample::new(most);
        let mut places = vec![0; most];
        let mut n = 0;
        for ordinal in ordinals {
            match sample.choose(run(0, ordinal), n) {
                Choice::Passed => {}
                Choice::Taken => {
                    places[n as usize] = ordinal;
                    n += 1;
                }
                Choice::Replaces(place) => places[place as usize] = ordinal,
            }
        }
        places.truncate(n as usize);
        places.sort_unstable();
        places
    }

    #[test]
    fn the_sample_lies_evenly_and_has_no_period() {
        let ordinals = chosen(100, 5_000..15_000);
        assert_eq!(ordinals.len(), 100);
        // A tenth of the window has a tenth of the sample, give or take one.
        for tenth in 0..10 {
            let part = 5_000 + tenth * 1_000..6_000 + tenth * 1_000;
            let n = ordinals.iter().filter(|one| part.contains(*one)).count();
            assert!((9..=11).contains(&n), "{n} of {part:?}");
        }
        // So has each of four instances that take turns.
        for turn in 0..4 {
            let n = ordinals.iter().filter(|&&one| one % 4 == turn).count();
            assert!((21..=29).contains(&n), "{n} at {turn}");
        }
    }

    #[test]
    fn a_smaller_sample_is_a_part_of_a_larger_one() {
        let (few, many) = (chosen(7, 0..3_000), chosen(90, 0..3_000));
        assert!(few.iter().all(|one| many.contains(one)), "{few:?} {many:?}");
        assert_eq!(chosen(50, 10..20).len(), 10);
        assert!(chosen(0, 0..9).is_empty());
    }
}
