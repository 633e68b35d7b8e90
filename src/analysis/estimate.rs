//! From one number a replication to a mean with its interval (A38), and from that to a verdict (A40).

use super::{Estimate, Verdict};
use crate::kernel::math::student_t_quantile;
use crate::kernel::units::Op;

impl Estimate {
    /// The mean of one number a replication, with the half-width of its Student-t interval at `confidence` (0 to 1): t at
    /// (1 + confidence) / 2 with n − 1 degrees of freedom, times s / √n (Law, "Simulation Modeling and Analysis", on
    /// replication and deletion). `None` without a number.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "replications are few")]
    pub fn of(values: &[f64], confidence: f64) -> Option<Self> {
        let first = *values.first()?;
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let n_never = count(values.iter().filter(|value| value.is_infinite()).count());
        let n = values.len() as f64;
        // Equal numbers are their own mean, to the last bit.
        let mean = if values
            .iter()
            .all(|value| value.to_bits() == first.to_bits())
        {
            first
        } else {
            values.iter().sum::<f64>() / n
        };
        let half_width = (n_never == 0 && values.len() > 1).then(|| {
            let squares = values.iter().map(|value| (value - mean) * (value - mean));
            let sd = (squares.sum::<f64>() / (n - 1.0)).sqrt();
            student_t_quantile(f64::midpoint(1.0, confidence), n - 1.0) * sd / n.sqrt()
        });
        Some(Self {
            mean,
            half_width,
            n: count(values.len()),
            n_never,
            n_bound: 0,
        })
    }

    /// What stands where there is no replication to speak of.
    #[must_use]
    pub const fn nothing() -> Self {
        Self {
            mean: f64::NAN,
            half_width: None,
            n: 0,
            n_never: 0,
            n_bound: 0,
        }
    }

    /// The same, with so many of its observations only lower bounds.
    #[must_use]
    pub(super) fn bounding(self, n_bound: u32) -> Self {
        Self {
            n_bound: n_bound.min(self.n),
            ..self
        }
    }

    /// The interval (lower, upper); `None` where there is no half-width.
    #[must_use]
    pub fn interval(&self) -> Option<(f64, f64)> {
        self.half_width
            .map(|half| (self.mean - half, self.mean + half))
    }
}

/// Does what each replication observed meet `op target` (A40)?
///
/// - Nothing observed: undecided.
/// - `==`: exact, so it needs no interval: a pass if every replication observed the target itself, else a failure (one lost
///   order is enough to know that orders get lost).
/// - A "never" among the observations fails any other comparison: no finite target speaks for it.
/// - An observation that is only a lower bound (see [`Estimate::n_bound`]) can show that a time is too long, never that it is
///   short enough.
/// - Else the interval decides: a pass if all of it lies on the good side, a failure if none of it does, undecided if it
///   straddles the target. With one replication there is no interval: undecided.
#[must_use]
pub fn verdict(values: &[f64], n_bound: u32, op: Op, target: f64, confidence: f64) -> Verdict {
    let Some(estimate) = Estimate::of(values, confidence) else {
        return Verdict::Undecided;
    };
    if op == Op::Equal {
        let exact = |value: &f64| value.to_bits() == target.to_bits() || *value - target == 0.0;
        return if values.iter().all(exact) {
            Verdict::Pass
        } else {
            Verdict::Fail
        };
    }
    if estimate.n_never > 0 {
        return Verdict::Fail;
    }
    let Some((low, high)) = estimate.interval() else {
        return Verdict::Undecided;
    };
    let (pass, fail) = match op {
        Op::Less => (high < target, low >= target),
        Op::AtMost => (high <= target, low > target),
        Op::More => (low > target, high <= target),
        Op::AtLeast => (low >= target, high < target),
        Op::Equal => unreachable!("decided above"),
    };
    let (pass, fail) = match op {
        _ if n_bound == 0 => (pass, fail),
        Op::Less | Op::AtMost => (false, fail),
        _ => (pass, false),
    };
    match (pass, fail) {
        (true, _) => Verdict::Pass,
        (false, true) => Verdict::Fail,
        (false, false) => Verdict::Undecided,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::chance::{Purpose, Stream};
    use crate::kernel::math::normal_quantile;

    #[test]
    fn the_interval_of_a_textbook_sample() {
        // Mean 10, standard deviation √2.5, t(0.975; 4) = 2.776.
        let estimate = Estimate::of(&[8.0, 9.0, 10.0, 11.0, 12.0], 0.95).unwrap();
        assert!((estimate.mean - 10.0).abs() < 1e-12);
        let expected = 2.776 * 2.5_f64.sqrt() / 5.0_f64.sqrt();
        assert!((estimate.half_width.unwrap() - expected).abs() < 5e-4);
        assert_eq!((estimate.n, estimate.n_never), (5, 0));
    }

    #[test]
    fn no_interval_with_one_or_never() {
        assert_eq!(Estimate::of(&[], 0.95), None);
        assert_eq!(Estimate::of(&[3.0], 0.95).unwrap().half_width, None);
        let never = Estimate::of(&[3.0, f64::INFINITY], 0.95).unwrap();
        assert_eq!((never.mean, never.half_width), (f64::INFINITY, None));
        assert_eq!((never.n, never.n_never), (2, 1));
    }

    #[test]
    fn equal_numbers_have_no_width() {
        let estimate = Estimate::of(&[0.1; 7], 0.95).unwrap();
        assert_eq!((estimate.mean, estimate.half_width), (0.1, Some(0.0)));
    }

    /// Of 1 000 intervals at 95 % from 5 normal numbers each, those that cover the truth are binomial (1 000, 0.95): within
    /// 950 ± 3.891 √(1 000 · 0.95 · 0.05) with probability 99.99 %.
    #[test]
    fn intervals_cover_as_often_as_they_say() {
        let stream = Stream::new(7, 0, Purpose::Test, 1);
        let mut covering = 0;
        for trial in 0..1_000_u64 {
            let mut draw = stream.draw(trial << 8);
            let values: Vec<f64> = (0..5)
                .map(|_| 3.0 + 2.0 * normal_quantile(draw.uniform()))
                .collect();
            let (low, high) = Estimate::of(&values, 0.95).unwrap().interval().unwrap();
            covering += i32::from(low <= 3.0 && 3.0 <= high);
        }
        let spread = 3.891 * (1_000.0_f64 * 0.95 * 0.05).sqrt();
        assert!((f64::from(covering) - 950.0).abs() <= spread, "{covering}");
    }

    #[test]
    fn verdicts() {
        use Verdict::{Fail, Pass, Undecided};
        // The interval of 1 and 3 at 50 % is 2 ± t(0.75; 1) = 2 ± 1.
        let check = |values: &[f64], op: Op, target: f64, expected: Verdict| {
            let found = verdict(values, 0, op, target, 0.5);
            assert_eq!(found, expected, "{values:?} {op:?} {target}");
        };
        let around_two = &[1.0, 3.0];
        check(around_two, Op::Less, 3.5, Pass);
        check(around_two, Op::Less, 2.5, Undecided);
        check(around_two, Op::Less, 0.5, Fail);
        check(around_two, Op::AtMost, 3.5, Pass);
        check(around_two, Op::AtMost, 1.5, Undecided);
        check(around_two, Op::AtMost, 0.5, Fail);
        check(around_two, Op::More, 0.5, Pass);
        check(around_two, Op::More, 1.5, Undecided);
        check(around_two, Op::More, 3.5, Fail);
        check(around_two, Op::AtLeast, 0.5, Pass);
        check(around_two, Op::AtLeast, 2.5, Undecided);
        check(around_two, Op::AtLeast, 3.5, Fail);
        check(&[1.0, 1.0], Op::AtLeast, 1.0, Pass);
        check(&[1.0, 1.0], Op::Less, 1.0, Fail);
        check(&[0.0, 0.0, 0.0], Op::Equal, 0.0, Pass);
        check(&[0.0, 1.0, 0.0], Op::Equal, 0.0, Fail);
        check(&[0.0], Op::Equal, 0.0, Pass);
        check(&[0.0], Op::Less, 1.0, Undecided);
        check(&[], Op::Equal, 0.0, Undecided);
        check(&[1.0, f64::INFINITY], Op::Less, 300.0, Fail);
        check(&[f64::INFINITY], Op::AtMost, 300.0, Fail);
    }

    #[test]
    fn a_lower_bound_shows_only_that_a_time_is_too_long() {
        let of_bound = |op, target| verdict(&[2.0, 2.0], 1, op, target, 0.95);
        assert_eq!(of_bound(Op::Less, 3.0), Verdict::Undecided);
        assert_eq!(of_bound(Op::Less, 1.0), Verdict::Fail);
        assert_eq!(of_bound(Op::AtLeast, 1.0), Verdict::Pass);
        assert_eq!(of_bound(Op::AtLeast, 3.0), Verdict::Undecided);
    }
}
