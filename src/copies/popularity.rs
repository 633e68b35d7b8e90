//! Which of many keys is asked for.

use crate::kernel::chance::Draw;
use crate::kernel::math::{exp, exp_m1, ln, ln_1p};

/// How often each key is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Popularity {
    /// All as often.
    Uniform,
    /// The k-th most popular one in proportion to k^−s; s above 0, at most 10.
    Zipf(f64),
}

/// Draws keys of a popularity.
#[derive(Clone, Copy, Debug)]
pub struct Popular {
    n: u32,
    law: Law,
}

#[derive(Clone, Copy, Debug)]
enum Law {
    Uniform,
    /// Rejection-inversion: Hörmann and Derflinger, "Rejection-inversion to generate variates from monotone discrete
    /// distributions", ACM Transactions on Modeling and Computer Simulation 6 (1996).
    Zipf {
        s: f64,
        first: f64,
        last: f64,
        /// Closer to its number than this, a point is accepted without a look.
        near: f64,
    },
}

impl Popular {
    /// Keys 0 (the most popular) to `n` − 1.
    ///
    /// # Panics
    /// Without keys.
    #[must_use]
    pub fn new(popularity: Popularity, n: u32) -> Self {
        assert!(n > 0, "one key at least");
        let law = match popularity {
            Popularity::Uniform => Law::Uniform,
            Popularity::Zipf(s) => Law::Zipf {
                s,
                first: area(s, 1.5) - 1.0,
                last: area(s, f64::from(n) + 0.5),
                near: 2.0 - point(s, area(s, 2.5) - height(s, 2.0)),
            },
        };
        Self { n, law }
    }

    /// A key.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank from 1 to a count of 32 bits"
    )]
    pub fn sample(&self, draw: &mut Draw) -> u32 {
        match self.law {
            Law::Uniform => draw.below(self.n),
            Law::Zipf {
                s,
                first,
                last,
                near,
            } => loop {
                let at = last + draw.uniform() * (first - last);
                let x = point(s, at);
                let rank = (x + 0.5).floor().clamp(1.0, f64::from(self.n));
                if rank - x <= near || at >= area(s, rank + 0.5) - height(s, rank) {
                    return rank as u32 - 1;
                }
            },
        }
    }
}

/// The hat of the distribution at a point: x^−s.
fn height(s: f64, x: f64) -> f64 {
    exp(-s * ln(x))
}

/// The area below it from 1 on: (x^(1−s) − 1) ÷ (1 − s), or ln x for s = 1, without loss near that.
fn area(s: f64, x: f64) -> f64 {
    let log = ln(x);
    let small = (1.0 - s) * log;
    if small.abs() > 1e-8 {
        exp_m1(small) / small * log
    } else {
        (1.0 + small / 2.0) * log
    }
}

/// The point up to which the area is so much.
fn point(s: f64, area: f64) -> f64 {
    let small = (area * (1.0 - s)).max(-1.0);
    let log = if small.abs() > 1e-8 {
        ln_1p(small) / small * area
    } else {
        (1.0 - small / 2.0) * area
    };
    exp(log)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::chance::{Purpose, Stream};
    use crate::kernel::math::{chi_square_quantile, pow};

    /// χ² of draws against k^−s over its sum: below the quantile that chance passes once in a million.
    #[test]
    fn ranks_come_as_often_as_their_law_says() {
        for (s, n) in [(0.6, 50), (1.0, 40), (1.1, 60), (2.5, 12)] {
            let popular = Popular::new(Popularity::Zipf(s), n);
            let stream = Stream::new(7, 0, Purpose::Key, n.into());
            let draws = 200_000_u32;
            let mut counts = vec![0_u32; n as usize];
            for who in 0..draws {
                counts[popular.sample(&mut stream.draw(u64::from(who) << 8)) as usize] += 1;
            }
            let weights = (1..=n).map(|k| pow(k.into(), -s));
            let total: f64 = weights.clone().sum();
            let squares = counts.iter().zip(weights).map(|(&count, weight)| {
                let expected = f64::from(draws) * weight / total;
                let off = f64::from(count) - expected;
                off * off / expected
            });
            let chi_square: f64 = squares.sum();
            let limit = chi_square_quantile(1.0 - 1e-6, f64::from(n - 1));
            assert!(chi_square < limit, "s = {s}: {chi_square} ≥ {limit}");
        }
    }

    #[test]
    fn one_key_is_always_the_same() {
        let stream = Stream::new(7, 0, Purpose::Key, 1);
        for popularity in [Popularity::Uniform, Popularity::Zipf(1.0)] {
            let popular = Popular::new(popularity, 1);
            assert!((0..100).all(|who| popular.sample(&mut stream.draw(who << 8)) == 0));
        }
    }
}
