//! Hedging (A20): the same request once more, while the first is still out; the first answer wins.
//!
//! (Dean and Barroso, "The Tail at Scale", CACM 56(2), 2013: after the 95th percentile of what is expected, for about 5 % more
//! load.)

use super::budget::Budget;
use crate::kernel::time::Duration;
use std::collections::VecDeque;

/// When a further request is sent while none has been answered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hedge {
    /// After how long, from one to the next.
    pub after: After,
    /// Requests beside the first; at least 1.
    pub most: u32,
    /// What they may draw upon.
    pub budget: Option<Budget>,
    /// Are they tied: does the first of them that an instance begins to work for withdraw the others (Dean and Barroso, as above)?
    pub is_tied: bool,
}

/// After how long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum After {
    /// A constant time.
    Delay(Duration),
    /// This quantile of what first requests have taken lately, above 0 and below 1.
    Quantile(f64),
}

/// What first requests have taken lately: the last 1 000 of them. One that was overtaken counts as long as until then: it would
/// have taken longer. As long as the estimate is right that changes nothing, for its hedge was sent after the quantile; but an
/// estimate that is too short by chance corrects itself too late, so it is a little too short in the mean (by 1.5 % for the
/// 95th percentile of exponential times, which makes 5.2 % of hedges of 5 %).
#[derive(Clone, Debug, Default)]
pub struct Recent {
    /// In order of time, and in order of size.
    by_time: VecDeque<Duration>,
    by_size: Vec<Duration>,
}

impl Recent {
    /// So many are looked back upon.
    const MOST: usize = 1_000;
    /// With fewer than these nothing is known.
    const LEAST: usize = 100;

    /// A first request has taken so long, or longer.
    pub fn took(&mut self, span: Duration) {
        if self.by_time.len() == Self::MOST
            && let Some(oldest) = self.by_time.pop_front()
        {
            let place = self.by_size.partition_point(|&other| other < oldest);
            self.by_size.remove(place);
        }
        self.by_time.push_back(span);
        let place = self.by_size.partition_point(|&other| other <= span);
        self.by_size.insert(place, span);
    }

    /// A quantile of them: the smallest that at least this share does not exceed. `None` as long as too few are known.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list of at most 1 000"
    )]
    pub fn quantile(&self, share: f64) -> Option<Duration> {
        let n = self.by_size.len();
        if n < Self::LEAST {
            return None;
        }
        let place = (share * n as f64).ceil() as usize;
        self.by_size.get(place.clamp(1, n) - 1).copied()
    }
}

impl Hedge {
    /// How long from one request to the next, going by what they have taken; `None` if nobody knows.
    #[must_use]
    pub fn delay(&self, recent: &Recent) -> Option<Duration> {
        match self.after {
            After::Delay(delay) => Some(delay),
            After::Quantile(share) => recent.quantile(share),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_of_the_last_thousand() {
        let mut recent = Recent::default();
        for k in 1..100 {
            recent.took(Duration(k));
            assert_eq!(recent.quantile(0.5), None);
        }
        recent.took(Duration(100));
        let at = [0.01, 0.5, 0.95, 0.999].map(|share| recent.quantile(share));
        assert_eq!(at, [1, 50, 95, 100].map(|k| Some(Duration(k))));
        // A thousand later ones: nothing of that is left.
        for k in 0..1_000 {
            recent.took(Duration(5_000 + 7 * k % 1_000));
        }
        assert_eq!(recent.quantile(0.001), Some(Duration(5_000)));
        assert_eq!(recent.quantile(0.5), Some(Duration(5_499)));
        assert_eq!(recent.by_time.len(), recent.by_size.len());
    }
}
