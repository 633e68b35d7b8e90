//! Poisson arrivals, exponential service: M/M/c, with and without room to wait.

use super::solve::where_tail_is;
use crate::kernel::math::{exp, exp_m1, ln};

/// Share of arrivals that find all of `n_workers` busy and are turned away, at `offered` load (arrival rate times mean
/// service time); the same for every law of service (Erlang 1917; Gross 3.5, by the recurrence).
#[must_use]
pub fn erlang_b(offered: f64, n_workers: u32) -> f64 {
    (1..=n_workers).fold(1.0, |blocked, n| {
        let carried = offered * blocked;
        carried / (f64::from(n) + carried)
    })
}

/// Share of arrivals that find all of `n_workers` busy and wait, at `offered` load; 1 if that is not below the number of
/// workers (Erlang 1917; Gross 3.3).
#[must_use]
pub fn erlang_c(offered: f64, n_workers: u32) -> f64 {
    let n = f64::from(n_workers);
    if offered >= n {
        return 1.0;
    }
    let blocked = erlang_b(offered, n_workers);
    n * blocked / (n - offered * (1.0 - blocked))
}

/// M/M/c: Poisson arrivals, exponential service, `n_workers`, first come first served, unlimited room. With one worker it
/// is M/M/1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MmC {
    /// Arrivals per second.
    pub arrivals_per_s: f64,
    /// Mean service time, seconds.
    pub service_s: f64,
    /// Workers, at least 1.
    pub n_workers: u32,
}

impl MmC {
    /// Load offered, in workers.
    #[must_use]
    pub fn offered(&self) -> f64 {
        self.arrivals_per_s * self.service_s
    }

    /// Busy share of the workers; 1 or more is overload.
    #[must_use]
    pub fn utilisation(&self) -> f64 {
        self.offered() / f64::from(self.n_workers)
    }

    /// Probability that an arrival waits.
    #[must_use]
    pub fn wait_probability(&self) -> f64 {
        erlang_c(self.offered(), self.n_workers)
    }

    /// Mean wait, seconds (Gross 3.3).
    #[must_use]
    pub fn wait_mean_s(&self) -> f64 {
        self.wait_probability() / self.spare_per_s()
    }

    /// Mean sojourn, seconds.
    #[must_use]
    pub fn sojourn_mean_s(&self) -> f64 {
        self.wait_mean_s() + self.service_s
    }

    /// Mean number present, by Little's law.
    #[must_use]
    pub fn number_mean(&self) -> f64 {
        self.arrivals_per_s * self.sojourn_mean_s()
    }

    /// Quantile of the wait at `q`, seconds: those who wait do so for an exponential time.
    #[must_use]
    pub fn wait_quantile_s(&self, q: f64) -> f64 {
        let waits = self.wait_probability();
        if waits <= 1.0 - q {
            return 0.0;
        }
        ln(waits / (1.0 - q)) / self.spare_per_s()
    }

    /// Probability that the sojourn is longer than `t` seconds: the sum of the wait and an independent service time.
    #[must_use]
    pub fn sojourn_tail(&self, t: f64) -> f64 {
        let (rate, spare) = (1.0 / self.service_s, self.spare_per_s());
        let off = (rate - spare) * t;
        let growth = if off.abs() < 1e-12 {
            1.0
        } else {
            exp_m1(off) / off
        };
        // e^(off - rate t) is e^(-spare t): for long times the product is formed before it overflows.
        let both = if off > 500.0 {
            exp(off - rate * t) * rate * t / off
        } else {
            exp(-rate * t) * rate * t * growth
        };
        exp(-rate * t) + self.wait_probability() * both
    }

    /// Quantile of the sojourn at `q`, seconds.
    #[must_use]
    pub fn sojourn_quantile_s(&self, q: f64) -> f64 {
        if self.utilisation() >= 1.0 {
            return f64::INFINITY;
        }
        where_tail_is(1.0 - q, |t| self.sojourn_tail(t))
    }

    /// What the workers could do beyond what arrives, per second; zero under overload.
    fn spare_per_s(&self) -> f64 {
        (f64::from(self.n_workers) / self.service_s - self.arrivals_per_s).max(0.0)
    }
}

/// M/M/c/K: room for `capacity` in all, in service included; an arrival that finds it full is turned away (Gross 3.5).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MmCK {
    /// Without the limit.
    pub station: MmC,
    /// Most present, at least the number of workers.
    pub capacity: u32,
}

impl MmCK {
    /// Share of arrivals turned away.
    #[must_use]
    pub fn blocked(&self) -> f64 {
        self.numbers().last().copied().unwrap_or(1.0)
    }

    /// Mean number present.
    #[must_use]
    pub fn number_mean(&self) -> f64 {
        let present = self.numbers().into_iter().zip(0..);
        present.map(|(share, n)| share * f64::from(n)).sum()
    }

    /// Mean sojourn of those let in, seconds, by Little's law.
    #[must_use]
    pub fn sojourn_mean_s(&self) -> f64 {
        self.number_mean() / (self.station.arrivals_per_s * (1.0 - self.blocked()))
    }

    /// Mean wait of those let in, seconds.
    #[must_use]
    pub fn wait_mean_s(&self) -> f64 {
        self.sojourn_mean_s() - self.station.service_s
    }

    /// Probability that one who is let in waits.
    #[must_use]
    pub fn wait_probability(&self) -> f64 {
        let numbers = self.numbers();
        let n_workers = self.station.n_workers as usize;
        let (let_in, _) = numbers.split_at(self.capacity as usize);
        let waiting: f64 = let_in.iter().skip(n_workers).sum();
        waiting / let_in.iter().sum::<f64>()
    }

    /// Share of time with 0, 1, … `capacity` present.
    fn numbers(&self) -> Vec<f64> {
        let mut shares = vec![1.0];
        for n in 1..=self.capacity {
            let busy = f64::from(n.min(self.station.n_workers));
            let last = shares[shares.len() - 1] * self.station.offered() / busy;
            shares.push(last);
            if last > 1e200 {
                for share in &mut shares {
                    *share /= last;
                }
            }
        }
        let total: f64 = shares.iter().sum();
        shares.iter().map(|share| share / total).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative, eight digits as published.
    fn near(a: f64, b: f64) {
        assert!((a / b - 1.0).abs() < 1e-7, "{a} is not {b}");
    }

    fn station(arrivals_per_s: f64, service_s: f64, n_workers: u32) -> MmC {
        MmC {
            arrivals_per_s,
            service_s,
            n_workers,
        }
    }

    /// Kleinrock, "Queueing Systems", vol. 1, 1975, chapter 3: sojourns are exponential with rate mu - lambda.
    #[test]
    fn one_worker_is_mm1() {
        let busy = station(8.0, 0.1, 1);
        near(busy.utilisation(), 0.8);
        near(busy.sojourn_mean_s(), 0.5);
        near(busy.wait_mean_s(), 0.4);
        near(busy.wait_probability(), 0.8);
        near(busy.sojourn_quantile_s(0.5), 0.5 * std::f64::consts::LN_2);
        near(busy.sojourn_quantile_s(0.99), std::f64::consts::LN_10);
        near(busy.wait_quantile_s(0.99), 2.191_013_3);
        near(busy.number_mean(), 4.0);
        assert!(busy.wait_quantile_s(0.2) <= 0.0);
        let half = station(5.0, 0.1, 1);
        near(half.sojourn_quantile_s(0.99), 0.921_034_04);
        near(half.wait_quantile_s(0.99), 0.782_404_6);
    }

    /// Gross chapter 3. (workers, arrivals at mean service 1, P(wait), mean wait, sojourn p99, wait p99)
    #[test]
    fn several_workers_are_erlang_c() {
        for (n, rate, waits, wait, sojourn_p99, wait_p99) in [
            (
                10,
                8.0,
                0.409_180_15,
                0.204_590_08,
                4.946_111_3,
                1.855_785_2,
            ),
            (4, 3.6, 0.787_753_26, 1.969_383_2, 12.193_167, 10.916_5),
            (3, 2.1, 0.492_344_5, 0.547_049_44, 6.271_923_5, 4.329_548_4),
        ] {
            let station = station(rate, 1.0, n);
            near(station.wait_probability(), waits);
            near(station.wait_mean_s(), wait);
            near(station.sojourn_mean_s(), wait + 1.0);
            near(station.sojourn_quantile_s(0.99), sojourn_p99);
            near(station.wait_quantile_s(0.99), wait_p99);
        }
    }

    /// Brooker, "Surprising Economics of Load-Balanced Systems", 2020: at half load 13 % wait with 5 workers, 3.6 % with
    /// 10.
    #[test]
    fn at_half_load_more_workers_make_fewer_wait() {
        assert!((erlang_c(2.5, 5) - 0.13).abs() < 0.005);
        assert!((erlang_c(5.0, 10) - 0.036).abs() < 0.000_5);
    }

    #[test]
    fn no_room_to_wait_is_erlang_b() {
        near(erlang_b(8.0, 10), 0.121_661_06);
        let station = station(16.0, 0.5, 10);
        let full = MmCK {
            station,
            capacity: 10,
        };
        near(full.blocked(), 0.121_661_06);
        near(full.number_mean(), 7.026_711_5);
        assert!((erlang_b(0.0, 3), erlang_c(3.0, 3)) == (0.0, 1.0));
    }

    /// Gross 3.5. (arrivals, service, workers, capacity; blocked, sojourn, P(wait), number)
    #[test]
    fn limited_room_turns_away() {
        for (rate, service, n, capacity, blocked, sojourn, waits, number) in [
            (
                12.0,
                0.1,
                1,
                10,
                0.192_586_5,
                0.692_613_78,
                0.961_477_24,
                6.710_708_7,
            ),
            (
                19.0,
                0.05,
                1,
                20,
                0.027_181_154,
                0.441_187_75,
                0.922_059_39,
                8.154_719_5,
            ),
            (
                7.2,
                1.0,
                8,
                16,
                0.041_469_662,
                1.282_868_1,
                0.572_404_83,
                8.853_609_3,
            ),
        ] {
            let station = station(rate, service, n);
            let limited = MmCK { station, capacity };
            near(limited.blocked(), blocked);
            near(limited.sojourn_mean_s(), sojourn);
            assert!((limited.wait_mean_s() - (sojourn - service)).abs() < 1e-7);
            near(limited.wait_probability(), waits);
            near(limited.number_mean(), number);
        }
    }

    #[test]
    fn overload_has_no_end_and_large_stations_no_overflow() {
        let over = station(11.0, 0.1, 1);
        assert!(over.wait_mean_s().is_infinite() && over.sojourn_quantile_s(0.5).is_infinite());
        let large = MmCK {
            station: station(5_000.0, 1.0, 4_000),
            capacity: 8_000,
        };
        // Far into overload the workers are busy all the time: 4000 of 5000 are served.
        near(large.blocked(), 0.2);
        assert!(station(1.0, 1.0, 1_000).sojourn_tail(2_000.0) >= 0.0);
    }
}
