//! Poisson arrivals, any service, one worker: M/G/1, M/D/1.

use super::markov::MmC;
use super::solve::where_tail_is;
use crate::kernel::math::{exp, ln, ln_gamma};

/// M/G/1: Poisson arrivals, one worker, first come first served, unlimited room.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mg1 {
    /// Arrivals per second.
    pub arrivals_per_s: f64,
    /// Mean service time, seconds.
    pub service_s: f64,
    /// Squared coefficient of variation of the service time: 0 for a constant (M/D/1), 1 for an exponential.
    pub cv2: f64,
}

impl Mg1 {
    /// Busy share of the worker, which is also the probability that an arrival waits; 1 or more is overload.
    #[must_use]
    pub fn utilisation(&self) -> f64 {
        self.arrivals_per_s * self.service_s
    }

    /// Mean wait, seconds (Pollaczek 1930, Khinchine 1932; Gross 5.1).
    #[must_use]
    pub fn wait_mean_s(&self) -> f64 {
        let idle = 1.0 - self.utilisation();
        if idle <= 0.0 {
            return f64::INFINITY;
        }
        let square = self.service_s * self.service_s * (1.0 + self.cv2);
        self.arrivals_per_s * square / (2.0 * idle)
    }

    /// Mean sojourn, seconds.
    #[must_use]
    pub fn sojourn_mean_s(&self) -> f64 {
        self.wait_mean_s() + self.service_s
    }
}

/// Mean wait of M/G/c, seconds: that of M/M/c times (1 + `cv2`)/2 (Allen, "Probability, Statistics, and Queueing Theory", 2nd ed.
/// 1990, 5.3.5: Allen and Cunneen, here with Poisson arrivals). Exact with exponential times (`cv2` 1), and with one worker (Pollaczek,
/// Khinchine).
#[must_use]
pub fn wait_mean_about_s(station: MmC, cv2: f64) -> f64 {
    station.wait_mean_s() * f64::midpoint(1.0, cv2)
}

/// Probability that the wait of M/D/1 is at most `services` service times, at a `utilisation` below 1 (Erlang 1909;
/// Crommelin 1932; Tijms, "A First Course in Stochastic Models", 2003, 9.6). Terms of the sum cancel: to 10^-6 up to 20
/// service times.
#[must_use]
pub fn md1_wait_cdf(utilisation: f64, services: f64) -> f64 {
    if services < 0.0 {
        return 0.0;
    }
    let mut sum = 0.0;
    let mut sign = 1.0;
    let mut j = 0.0;
    while j <= services {
        let off = utilisation * (services - j);
        // ((-off)^j / j!) e^off, by logarithms; 0^0 is 1.
        let size = if j < 0.5 {
            exp(off)
        } else if off > 0.0 {
            exp(j * ln(off) + off - ln_gamma(j + 1.0))
        } else {
            0.0
        };
        sum += sign * size;
        sign = -sign;
        j += 1.0;
    }
    (1.0 - utilisation) * sum
}

/// Quantile at `q` of the wait of M/D/1, seconds, within what [`md1_wait_cdf`] can tell.
#[must_use]
pub fn md1_wait_quantile_s(station: Mg1, q: f64) -> f64 {
    let tail = |services: f64| 1.0 - md1_wait_cdf(station.utilisation(), services);
    station.service_s * where_tail_is(1.0 - q, tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a / b - 1.0).abs() < 1e-7, "{a} is not {b}");
    }

    /// Gross 5.1; Kleinrock 1975, 5.6. (arrivals at mean service 0.1, squared coefficient of variation, mean wait): constant,
    /// lognormal, Pareto (shape 4.5 and 3.5: 1/(a (a - 2))), Erlang-4.
    #[test]
    fn the_mean_wait_is_pollaczek_and_khinchines() {
        for (arrivals_per_s, cv2, wait) in [
            (8.0, 0.0, 0.2),
            (7.0, 4.0, 0.583_333_33),
            (8.0, 1.0 / (4.5 * 2.5), 0.217_777_78),
            (7.0, 1.0 / (3.5 * 1.5), 0.138_888_89),
            (8.5, 0.25, 0.354_166_67),
        ] {
            let station = Mg1 {
                arrivals_per_s,
                service_s: 0.1,
                cv2,
            };
            near(station.wait_mean_s(), wait);
            near(station.sojourn_mean_s(), wait + 0.1);
        }
        let over = Mg1 {
            arrivals_per_s: 10.0,
            service_s: 0.1,
            cv2: 1.0,
        };
        assert!(over.wait_mean_s().is_infinite());
    }

    #[test]
    fn with_one_worker_or_exponential_times_the_approximation_is_exact() {
        for cv2 in [0.0, 0.25, 1.0, 4.0] {
            let (arrivals_per_s, service_s) = (7.0, 0.1);
            let station = |n_workers| MmC {
                arrivals_per_s,
                service_s,
                n_workers,
            };
            let single = Mg1 {
                arrivals_per_s,
                service_s,
                cv2,
            };
            near(wait_mean_about_s(station(1), cv2), single.wait_mean_s());
            near(wait_mean_about_s(station(3), 1.0), station(3).wait_mean_s());
        }
    }

    /// The series evaluated with 200 digits, for utilisation 0.8 and service time 0.1.
    #[test]
    fn the_wait_of_md1_has_the_known_quantiles() {
        let station = Mg1 {
            arrivals_per_s: 8.0,
            service_s: 0.1,
            cv2: 0.0,
        };
        near(md1_wait_quantile_s(station, 0.5), 0.127_593_99);
        near(md1_wait_quantile_s(station, 0.99), 1.035_588_7);
        assert!(md1_wait_quantile_s(station, 0.19) <= 0.0);
        near(md1_wait_cdf(0.8, 0.0), 0.2);
    }
}
