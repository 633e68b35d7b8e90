//! M/M/1 stations one after the other.

use super::solve::where_tail_is;
use crate::kernel::math::{exp, ln, ln_gamma};

/// One stream through M/M/1 stations in a row: their sojourns are independent and exponential (Burke 1956; Reich 1957;
/// Gross 4.1).
#[derive(Clone, Debug, PartialEq)]
pub struct Tandem {
    /// Arrivals per second.
    pub arrivals_per_s: f64,
    /// Mean service time of each station, seconds.
    pub services_s: Vec<f64>,
}

impl Tandem {
    /// Mean time from the first arrival to the last departure, seconds.
    #[must_use]
    pub fn sojourn_mean_s(&self) -> f64 {
        self.rates_per_s().iter().map(|rate| 1.0 / rate).sum()
    }

    /// Its variance, seconds squared.
    #[must_use]
    pub fn sojourn_variance_s2(&self) -> f64 {
        self.rates_per_s()
            .iter()
            .map(|rate| 1.0 / (rate * rate))
            .sum()
    }

    /// Its quantile at `q`, seconds; infinite if a station is overloaded.
    #[must_use]
    pub fn sojourn_quantile_s(&self, q: f64) -> f64 {
        let rates = self.rates_per_s();
        if rates.iter().any(|rate| *rate <= 0.0) {
            return f64::INFINITY;
        }
        where_tail_is(1.0 - q, |t| tail(&rates, t))
    }

    /// Of each station's exponential sojourn; zero under overload.
    fn rates_per_s(&self) -> Vec<f64> {
        let rate = |service: &f64| (1.0 / service - self.arrivals_per_s).max(0.0);
        self.services_s.iter().map(rate).collect()
    }
}

/// Probability that a sum of exponential times with these rates is longer than `t`, by uniformisation (Jensen 1953; Gross
/// 2.10): steps at the largest rate, each of which ends the current time with its share of that rate. Unlike the closed
/// form it holds for equal rates too.
fn tail(rates: &[f64], t: f64) -> f64 {
    let fastest = rates.iter().copied().fold(0.0, f64::max);
    let n_mean = fastest * t;
    if n_mean <= 0.0 {
        return 1.0;
    }
    // The number of steps is Poisson; by logarithms, for e^-n_mean alone would vanish.
    let weight = |n: f64| exp(n * ln(n_mean) - n_mean - ln_gamma(n + 1.0));
    let n_most = n_mean + 40.0 * (n_mean + 10.0).sqrt();
    let mut now = vec![0.0; rates.len()];
    if let Some(first) = now.first_mut() {
        *first = 1.0;
    }
    let mut sum = weight(0.0);
    let mut n_steps = 0.0;
    while n_steps < n_most {
        let mut moved = 0.0;
        for (share, rate) in now.iter_mut().zip(rates) {
            let leaving = *share * rate / fastest;
            *share += moved - leaving;
            moved = leaving;
        }
        n_steps += 1.0;
        sum += weight(n_steps) * now.iter().sum::<f64>();
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::math::gamma_quantile;

    fn near(a: f64, b: f64) {
        assert!((a / b - 1.0).abs() < 1e-7, "{a} is not {b}");
    }

    /// Gross 4.1, quantiles of the hypoexponential law: 4/s through 0.1 s, 1/6 s and 0.125 s.
    #[test]
    fn three_stations_in_a_row() {
        let tandem = Tandem {
            arrivals_per_s: 4.0,
            services_s: vec![0.1, 1.0 / 6.0, 0.125],
        };
        near(tandem.sojourn_mean_s(), 0.916_666_67);
        near(tandem.sojourn_variance_s2(), 0.340_277_78);
        near(tandem.sojourn_quantile_s(0.99), 2.850_218_1);
        near(tandem.sojourn_quantile_s(0.5), 0.789_213_2);
    }

    #[test]
    fn equal_stations_are_erlang() {
        let tandem = Tandem {
            arrivals_per_s: 5.0,
            services_s: vec![0.1; 4],
        };
        for q in [0.01, 0.5, 0.999] {
            near(tandem.sojourn_quantile_s(q), gamma_quantile(4.0, q) / 5.0);
        }
    }

    #[test]
    fn a_station_much_faster_than_another_hardly_counts() {
        let tandem = Tandem {
            arrivals_per_s: 1.0,
            services_s: vec![1e-3, 0.9],
        };
        // An exponential of rate 1/9 and one of rate 999: the tail is r2/(r2 - r1) e^(-r1 t), the other term has vanished.
        let (slow, fast) = (1.0 / 0.9 - 1.0, 999.0);
        let expected = ln(fast / (fast - slow) / 1e-3) / slow;
        near(tandem.sojourn_quantile_s(0.999), expected);
    }

    #[test]
    fn an_overloaded_station_has_no_end() {
        let tandem = Tandem {
            arrivals_per_s: 10.0,
            services_s: vec![0.05, 0.2],
        };
        assert!(tandem.sojourn_mean_s().is_infinite());
        assert!(tandem.sojourn_quantile_s(0.1).is_infinite());
    }
}
