//! Round positions for axes: time, linear, logarithmic, nines.

use super::format;

/// Round instants from 0 to `span` seconds, about `n` of them.
pub(super) fn time_ticks(span: f64, n: usize) -> Vec<f64> {
    if !(span.is_finite() && span > 0.0) {
        return vec![0.0];
    }
    let step = time_step(span / n.max(1) as f64);
    multiples(0.0, span, step)
}

/// The least round step that is not less than `wanted` seconds.
fn time_step(wanted: f64) -> f64 {
    const STEPS: [f64; 20] = [
        1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0,
        7_200.0, 10_800.0, 21_600.0, 43_200.0, 86_400.0, 172_800.0, 604_800.0,
    ];
    if wanted > 604_800.0 {
        return round_step(wanted / 86_400.0) * 86_400.0;
    }
    if wanted < 1.0 {
        return round_step(wanted);
    }
    STEPS
        .into_iter()
        .find(|s| *s >= wanted)
        .unwrap_or(604_800.0)
}

/// The same with their words; zero has the unit of what follows it: `0s` before `30s`, `0h` before `1h`.
pub(super) fn time_marks(span: f64, n: usize) -> Vec<(f64, String)> {
    let ticks = time_ticks(span, n);
    let next = ticks.get(1).copied().unwrap_or(span);
    let zero = match format::literal(next).chars().last() {
        Some(unit @ ('m' | 'h' | 'd')) => format!("0{unit}"),
        _ => "0s".to_owned(),
    };
    let marks = ticks.into_iter().map(|at| {
        let text = if at == 0.0 {
            zero.clone()
        } else {
            format::literal(at)
        };
        (at, text)
    });
    marks.collect()
}

/// The least of 1, 2 or 5 times a power of ten that is not less than `wanted`.
pub(super) fn round_step(wanted: f64) -> f64 {
    if !(wanted.is_finite() && wanted > 0.0) {
        return 1.0;
    }
    let text = format!("{wanted:e}");
    let exponent: i32 = text
        .split_once('e')
        .and_then(|(_, e)| e.parse().ok())
        .unwrap_or(0);
    for (digit, shift) in [("1", 0), ("2", 0), ("5", 0), ("1", 1)] {
        let step: f64 = format!("{digit}e{}", exponent + shift)
            .parse()
            .unwrap_or(wanted);
        if step >= wanted * (1.0 - 1e-12) {
            return step;
        }
    }
    wanted
}

/// Round values that cover `from` to `to`, about `n` of them.
pub(super) fn linear_ticks(from: f64, to: f64, n: usize) -> Vec<f64> {
    if !(from.is_finite() && to.is_finite() && to > from) {
        return vec![0.0];
    }
    multiples(from, to, round_step((to - from) / n.max(1) as f64))
}

fn multiples(from: f64, to: f64, step: f64) -> Vec<f64> {
    let first = (from / step).ceil();
    let mut ticks = Vec::new();
    for idx in 0..200 {
        let at = (first + f64::from(idx)) * step;
        if at > to * (1.0 + 1e-9) {
            break;
        }
        ticks.push(at);
    }
    ticks
}

/// Round times in `from..=to` seconds for a logarithmic axis: powers of ten below a second, then what clocks count in (10 s,
/// 1 min, 10 min, 1 h, …); over few decades more of them.
pub(super) fn log_ticks(from: f64, to: f64) -> Vec<f64> {
    /// From a second on, each with how many decades an axis may span at most to show it.
    const CLOCK: [(f64, f64); 25] = [
        (1.0, 99.0),
        (2.0, 2.0),
        (3.0, 3.5),
        (5.0, 2.0),
        (10.0, 99.0),
        (20.0, 2.0),
        (30.0, 3.5),
        (60.0, 99.0),
        (120.0, 2.0),
        (180.0, 3.5),
        (300.0, 2.0),
        (600.0, 99.0),
        (1_200.0, 2.0),
        (1_800.0, 3.5),
        (3_600.0, 99.0),
        (7_200.0, 2.0),
        (10_800.0, 3.5),
        (21_600.0, 3.5),
        (43_200.0, 2.0),
        (86_400.0, 99.0),
        (172_800.0, 2.0),
        (345_600.0, 3.5),
        (864_000.0, 99.0),
        (2_592_000.0, 3.5),
        (8_640_000.0, 99.0),
    ];
    if !(from > 0.0 && to > from && to.is_finite()) {
        return vec![1.0];
    }
    let decades = crate::kernel::math::ln(to / from) / crate::kernel::math::ln(10.0);
    let digits: &[&str] = if decades <= 2.0 {
        &["1", "2", "5"]
    } else if decades <= 3.5 {
        &["1", "3"]
    } else {
        &["1"]
    };
    let every = if decades > 9.0 { 3 } else { 1 };
    let fractions = (-12..0)
        .filter(|exponent| exponent % every == 0)
        .flat_map(|exponent| {
            digits
                .iter()
                .map(move |digit| format!("{digit}e{exponent}"))
        });
    let fractions = fractions.filter_map(|text| text.parse().ok());
    let has_room = |most: f64| match digits.len() {
        3 => most <= 2.0 || most > 90.0,
        2 => most > 2.0,
        _ => most > 90.0,
    };
    let clock = CLOCK.iter().filter(|(_, most)| has_room(*most));
    fractions
        .chain(clock.map(|(at, _)| *at))
        .filter(|at| *at >= from * (1.0 - 1e-9) && *at <= to * (1.0 + 1e-9))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(time_ticks(1200.0, 5), [0.0, 300.0, 600.0, 900.0, 1200.0]);
        assert_eq!(linear_ticks(0.0, 100.0, 4), [0.0, 50.0, 100.0]);
        assert_eq!(log_ticks(0.01, 1.0), [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]);
        assert_eq!(log_ticks(5.0, 400.0), [5.0, 10.0, 20.0, 60.0, 120.0, 300.0]);
        assert_eq!(log_ticks(0.008, 480.0), [0.01, 0.1, 1.0, 10.0, 60.0]);
        assert!((round_step(0.03) - 0.05).abs() < 1e-15);
    }

    #[test]
    fn instants_are_round_for_a_clock_and_begin_in_the_unit_of_the_next() {
        let words = |span: f64, n: usize| {
            let marks = time_marks(span, n).into_iter();
            marks.map(|mark| mark.1).collect::<Vec<String>>().join(" ")
        };
        assert_eq!(words(0.5, 5), "0s 100ms 200ms 300ms 400ms 500ms");
        assert_eq!(words(80.0, 6), "0s 15s 30s 45s 1m 1m15s");
        assert_eq!(words(500.0, 5), "0m 2m 4m 6m 8m");
        assert_eq!(words(9_000.0, 5), "0m 30m 1h 1h30m 2h 2h30m");
        assert_eq!(words(280_000.0, 5), "0d 1d 2d 3d");
        assert_eq!(words(9e6, 5), "0d 50d 100d");
    }
}
