//! Durations in reports: rounded, three significant digits.

/// A duration in seconds for a report.
///
/// Below a minute: three significant digits in ns, us, ms or s, zeros kept (`497ms`, `5.00s`, `12.0us`). From a minute
/// on: the two largest units of d, h, m, s, the second one rounded and left out when zero (`2m48s`, `1h5m`, `3d`).
/// Zero is `0s`; no number is `n/a`; without end is `∞`; a negative one has a minus sign.
#[must_use]
pub fn show_seconds(seconds: f64) -> String {
    if seconds.is_nan() {
        return "n/a".into();
    }
    let sign = if seconds < 0.0 { "-" } else { "" };
    let size = seconds.abs();
    if size.is_infinite() {
        return format!("{sign}∞");
    }
    if size < 0.5e-9 {
        return "0s".into();
    }
    format!(
        "{sign}{}",
        below_a_minute(size).unwrap_or_else(|| from_a_minute(size))
    )
}

/// `None` if it rounds to a minute or more.
fn below_a_minute(seconds: f64) -> Option<String> {
    for (name, per_s, end) in [
        ("ns", 1e9, 1e3),
        ("us", 1e6, 1e3),
        ("ms", 1e3, 1e3),
        ("s", 1.0, 60.0),
    ] {
        let value = seconds * per_s;
        // Rounding may carry into one more digit, or into the next unit.
        for (decimals, decade) in [(2, 10.0), (1, 100.0), (0, 1e3)] {
            let unit = [1.0, 10.0, 100.0][decimals];
            let rounded = (value * unit).round() / unit;
            if rounded < decade && rounded < end {
                return Some(format!("{rounded:.decimals$}{name}"));
            }
        }
    }
    None
}

fn from_a_minute(seconds: f64) -> String {
    for (names, large, small) in [
        (("m", "s"), 60.0, 1.0),
        (("h", "m"), 3_600.0, 60.0),
        (("d", "h"), 86_400.0, 3_600.0),
    ] {
        let n_small = (seconds / small).round();
        let per_large: f64 = large / small;
        let (whole, rest) = ((n_small / per_large).floor(), n_small % per_large);
        let is_last = names.0 == "d";
        if is_last || n_small * small < if names.0 == "m" { 3_600.0 } else { 86_400.0 } {
            return if rest > 0.0 {
                format!("{whole}{}{rest}{}", names.0, names.1)
            } else {
                format!("{whole}{}", names.0)
            };
        }
    }
    unreachable!("days are the last unit")
}
