//! Reads `HdrHistogram`'s percentile output.

use crate::kernel::time::Duration;

/// The lines of a percentile output as (q, value), from q = 0 to q = 1: q rises, values do not fall.
///
/// ```text
///        Value     Percentile TotalCount 1/(1-Percentile)
///
///        1.210 0.000000000000          1           1.00
///       12.408 0.500000000000       5012           2.00
///      250.367 1.000000000000      10000
/// #[Mean    =       17.105, StdDeviation   =       22.830]
/// ```
pub(super) fn percentile_lines(text: &str, unit: Duration) -> Result<Vec<(f64, Duration)>, String> {
    let mut points: Vec<(f64, Duration)> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || line.starts_with("Value") {
            continue;
        }
        let (q, value) = percentile_line(line, unit)
            .ok_or_else(|| format!("line {number} is not a line of percentile output: `{line}`"))?;
        if let Some(&(q_before, value_before)) = points.last() {
            if q < q_before || value < value_before {
                return Err(format!(
                    "line {number} falls below the line before: `{line}`"
                ));
            }
            // Of several values for one q the last one counts: so many are at or below it.
            if q <= q_before {
                points.pop();
            }
        }
        points.push((q, value));
    }
    let (&(q_first, first), &(q_last, last)) = points
        .first()
        .zip(points.last())
        .ok_or("there is no line of percentile output")?;
    // Outputs that leave out an end have nothing beyond it.
    if q_first > 0.0 {
        points.insert(0, (0.0, first));
    }
    if q_last < 1.0 {
        points.push((1.0, last));
    }
    Ok(points)
}

fn percentile_line(line: &str, unit: Duration) -> Option<(f64, Duration)> {
    let mut fields = line.split_whitespace();
    let value: f64 = fields.next()?.parse().ok()?;
    let q: f64 = fields.next()?.parse().ok()?;
    let _total: u64 = fields.next()?.parse().ok()?;
    let is_line = value >= 0.0 && value.is_finite() && (0.0..=1.0).contains(&q);
    is_line.then(|| (q, Duration::from_secs_f64(value * unit.as_secs_f64())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\
       Value     Percentile TotalCount 1/(1-Percentile)

       1.210 0.000000000000          1           1.00
      12.408 0.500000000000       5012           2.00
      12.408 0.550000000000       5512           2.22
     250.367 1.000000000000      10000
#[Mean    =       17.105, StdDeviation   =       22.830]
#[Max     =      250.367, Total count    =        10000]
#[Buckets =           22, SubBuckets     =         2048]
";

    #[test]
    fn percentile_output_becomes_points() {
        let points = percentile_lines(OUTPUT, Duration::from_millis(1)).unwrap();
        let expected = [
            (0.0, Duration(1_210_000)),
            (0.5, Duration(12_408_000)),
            (0.55, Duration(12_408_000)),
            (1.0, Duration(250_367_000)),
        ];
        assert_eq!(points, expected);
    }

    #[test]
    fn what_is_no_percentile_output_is_refused() {
        for (text, mistake) in [
            ("", "there is no line"),
            ("hello\n", "line 1 is not"),
            ("\n12.0 0.5 7\n11.0 0.6 8\n", "line 3 falls"),
            ("12.0 1.5 7\n", "line 1 is not"),
        ] {
            let message = percentile_lines(text, Duration::from_millis(1)).unwrap_err();
            assert!(message.starts_with(mistake), "{message}");
        }
    }
}
