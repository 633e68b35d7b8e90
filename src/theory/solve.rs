//! Finds where a falling function reaches a value.

/// The smallest t of 0 or more (to the last bits) with `tail(t)` at most `target`; `tail` falls to zero.
pub(super) fn where_tail_is(target: f64, tail: impl Fn(f64) -> f64) -> f64 {
    if tail(0.0) <= target {
        return 0.0;
    }
    if target <= 0.0 {
        return f64::INFINITY;
    }
    let (mut low, mut high) = (0.0, 1e-9);
    while tail(high) > target {
        if high > 1e18 {
            return f64::INFINITY;
        }
        (low, high) = (high, 2.0 * high);
    }
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if tail(middle) > target {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}
