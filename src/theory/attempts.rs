//! Retries against failures that are independent of one another.

use crate::kernel::math::pow;

/// Probability that one of `attempts` succeeds, each failing with `failure` (0 to 1): 1 - p^k.
#[must_use]
pub fn attempts_success(failure: f64, attempts: u32) -> f64 {
    1.0 - pow(failure, f64::from(attempts))
}

/// Mean number of attempts made, when each fails with `failure` (0 to 1) and there are at most `attempts`:
/// (1 - p^k)/(1 - p), the amplification of the load.
#[must_use]
pub fn attempts_mean(failure: f64, attempts: u32) -> f64 {
    if failure >= 1.0 {
        return f64::from(attempts);
    }
    attempts_success(failure, attempts) / (1.0 - failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_and_attempts_are_geometric() {
        for (failure, attempts, success, mean) in [
            (0.1, 3, 0.999, 1.11),
            (0.5, 6, 0.984_375, 1.968_75),
            (0.3, 5, 0.997_57, 1.425_1),
            (0.4, 4, 0.974_4, 1.624),
            (1.0, 4, 0.0, 4.0),
            (0.0, 4, 1.0, 1.0),
        ] {
            assert!((attempts_success(failure, attempts) - success).abs() < 1e-12);
            assert!((attempts_mean(failure, attempts) - mean).abs() < 1e-12);
        }
    }
}
