//! Outages: what piles up behind one, and what is available through many.

/// A consumer that stops for a time behind a queue that keeps everything: the fluid limit (Newell, "Applications of
/// Queueing Theory", 2nd ed. 1982, chapter 2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outage {
    /// Messages per second.
    pub arrivals_per_s: f64,
    /// What the consumer can do when it runs, messages per second.
    pub capacity_per_s: f64,
    /// How long it stops, seconds.
    pub lasts_s: f64,
}

impl Outage {
    /// Messages waiting when it ends, the most there are.
    #[must_use]
    pub fn backlog(&self) -> f64 {
        self.arrivals_per_s * self.lasts_s
    }

    /// Seconds from its end until nothing waits; infinite if there is no spare capacity.
    #[must_use]
    pub fn drain_s(&self) -> f64 {
        let spare = self.capacity_per_s - self.arrivals_per_s;
        if spare > 0.0 {
            self.backlog() / spare
        } else {
            f64::INFINITY
        }
    }

    /// Messages that wait because of it.
    #[must_use]
    pub fn affected(&self) -> f64 {
        self.arrivals_per_s * (self.lasts_s + self.drain_s())
    }

    /// The quantile at `q` of how long these wait, seconds: uniform up to the length of the outage.
    #[must_use]
    pub fn wait_quantile_s(&self, q: f64) -> f64 {
        q * self.lasts_s
    }
}

/// Share of time that a thing is up (Trivedi, "Probability and Statistics with Reliability, Queuing, and Computer Science
/// Applications", 2nd ed. 2002, 6.7): `up_s` and `down_s` are mean times to fail and to repair.
#[must_use]
pub fn availability(up_s: f64, down_s: f64) -> f64 {
    up_s / (up_s + down_s)
}

/// Availability through all of several independent things: the product (Treynor, Dahlin, Rau, Beyer, "The Calculus of
/// Service Availability", ACM Queue 15(2), 2017).
#[must_use]
pub fn availability_of_chain(each: &[f64]) -> f64 {
    each.iter().product()
}

/// Availability where any one of several independent things suffices.
#[must_use]
pub fn availability_of_any(each: &[f64]) -> f64 {
    1.0 - each.iter().map(|up| 1.0 - up).product::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a / b - 1.0).abs() < 1e-7, "{a} is not {b}");
    }

    #[test]
    fn a_backlog_grows_and_drains() {
        for (arrivals_per_s, capacity_per_s, lasts_s, backlog, drain, affected) in [
            (100.0, 150.0, 60.0, 6_000.0, 120.0, 18_000.0),
            (400.0, 600.0, 30.0, 12_000.0, 60.0, 36_000.0),
            (50.0, 80.0, 90.0, 4_500.0, 150.0, 12_000.0),
        ] {
            let outage = Outage {
                arrivals_per_s,
                capacity_per_s,
                lasts_s,
            };
            near(outage.backlog(), backlog);
            near(outage.drain_s(), drain);
            near(outage.affected(), affected);
            near(outage.wait_quantile_s(0.9), 0.9 * lasts_s);
        }
        let full = Outage {
            arrivals_per_s: 9.0,
            capacity_per_s: 9.0,
            lasts_s: 1.0,
        };
        assert!(full.drain_s().is_infinite());
    }

    /// Treynor et al. 2017: five dependencies of 99.99 % leave 99.95 %.
    #[test]
    fn chains_multiply_and_spares_help() {
        assert!((availability_of_chain(&[0.9999; 5]) - 0.9995).abs() < 1e-7);
        near(availability(300.0, 15.0), 0.952_380_95);
        near(availability_of_any(&[0.8; 3]), 0.992);
        near(availability_of_any(&[1.0 / 1.05; 2]), 0.997_732_43);
    }
}
