//! Windowed availability (A33): of the 10 s windows in which somebody came, the share that met a target. A window is judged
//! and forgotten once everybody who came in it has been told, so what is kept is bounded by what is under way.

use super::bins::Bins;
use crate::kernel::time::{Duration, Time};
use std::collections::VecDeque;

/// The length of a window (A33).
pub(super) const WINDOW: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, Default)]
struct Window {
    offered: u64,
    good: u64,
    told: u64,
}

/// The windows of one flow, for some targets.
#[derive(Debug)]
pub(super) struct Windows {
    bins: Bins,
    /// Windows not judged yet; the first one's number is `first`.
    open: VecDeque<Window>,
    first: usize,
    /// Windows judged.
    n: u64,
    /// Per target: its share, and the windows that met it.
    met: Vec<(f64, u64)>,
}

impl Windows {
    /// Windows from the opening of the measured window on, judged by each target (0 to 1).
    pub(super) fn new(opens: Time, targets: impl Iterator<Item = f64>) -> Self {
        Self {
            bins: Bins::new(opens, WINDOW),
            open: VecDeque::new(),
            first: 0,
            n: 0,
            met: targets.map(|target| (target, 0)).collect(),
        }
    }

    /// A counted client arrived; clients come in order.
    #[inline]
    pub(super) fn offered(&mut self, start: Time) {
        if self.met.is_empty() {
            return;
        }
        let idx = self.bins.advance(start);
        if idx >= self.first + self.open.len() {
            self.turn(idx);
        }
        self.open[idx - self.first].offered += 1;
    }

    /// A counted client that arrived at `start` was told something, left, or waited until the end.
    #[inline]
    pub(super) fn told(&mut self, start: Time, good: bool) {
        if self.met.is_empty() {
            return;
        }
        let window = &mut self.open[self.bins.find(start) - self.first];
        window.told += 1;
        window.good += u64::from(good);
    }

    /// A new window begins: those before it in which everybody has been told are judged, oldest first.
    #[cold]
    fn turn(&mut self, idx: usize) {
        while self
            .open
            .front()
            .is_some_and(|window| window.told == window.offered)
        {
            let window = self.open.pop_front();
            self.first += 1;
            self.judge(window.expect("just seen"));
        }
        if self.open.is_empty() {
            self.first = idx;
        }
        self.open.resize(idx - self.first + 1, Window::default());
    }

    #[expect(clippy::cast_precision_loss, reason = "a count of clients of 10 s")]
    fn judge(&mut self, window: Window) {
        if window.offered == 0 {
            return;
        }
        let share = window.good as f64 / window.offered as f64;
        self.n += 1;
        for (target, met) in &mut self.met {
            *met += u64::from(share >= *target);
        }
    }

    /// Per target: the share of windows that met it; `None` if nobody came.
    #[expect(clippy::cast_precision_loss, reason = "reports need 15 digits at most")]
    pub(super) fn seen(mut self) -> Vec<(f64, Option<f64>)> {
        for window in std::mem::take(&mut self.open) {
            self.judge(window);
        }
        let n = self.n;
        let share = |met: u64| (n > 0).then(|| met as f64 / n as f64);
        self.met
            .iter()
            .map(|&(target, met)| (target, share(met)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: u64) -> Time {
        Time::ZERO + Duration::from_secs(s)
    }

    #[test]
    fn windows_are_judged_by_each_target() {
        let mut windows = Windows::new(Time::ZERO, [0.5, 1.0].into_iter());
        // 0 to 10 s: one of two; 10 to 20 s: nobody; 20 to 30 s: both.
        for (start, good) in [(1, true), (2, false), (21, true), (29, true)] {
            windows.offered(at(start));
            windows.told(at(start), good);
        }
        assert_eq!(windows.seen(), [(0.5, Some(1.0)), (1.0, Some(0.5))]);
    }

    #[test]
    fn a_window_waits_for_those_who_have_not_been_told() {
        let mut windows = Windows::new(Time::ZERO, [1.0].into_iter());
        windows.offered(at(1));
        for start in 10..1000 {
            windows.offered(at(start));
            windows.told(at(start), true);
        }
        assert_eq!(
            windows.open.len(),
            100,
            "nothing is judged before the first"
        );
        windows.told(at(1), false);
        windows.offered(at(1000));
        assert_eq!(windows.open.len(), 1);
        windows.told(at(1000), true);
        assert_eq!(windows.seen(), [(1.0, Some(100.0 / 101.0))]);
    }

    #[test]
    fn without_a_target_nothing_is_kept() {
        let mut windows = Windows::new(Time::ZERO, std::iter::empty());
        windows.offered(at(1));
        windows.told(at(1), true);
        assert!(windows.open.is_empty() && windows.seen().is_empty());
    }
}
