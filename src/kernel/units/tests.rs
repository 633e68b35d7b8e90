use super::*;
use crate::kernel::time::Duration;
use proptest::prelude::*;

/// Reads `text`; a mistake becomes "message; help".
fn read<T>(parse: impl Fn(&str) -> Result<T, UnitMistake>, text: &str) -> Result<T, String> {
    parse(text).map_err(|mistake| mistake.to_string())
}

fn refused<T: std::fmt::Debug>(
    parse: impl Fn(&str) -> Result<T, UnitMistake>,
    table: &[(&str, &str)],
) {
    for (text, expected) in table {
        match read(&parse, text) {
            Err(message) => assert_eq!(message, *expected, "{text}"),
            Ok(value) => panic!("`{text}` was read as {value:?}"),
        }
    }
}

#[test]
fn durations_are_read_to_the_nanosecond() {
    for (text, ns) in [
        ("0s", 0),
        ("7ns", 7),
        ("30us", 30_000),
        ("1.5us", 1_500),
        ("250ms", 250_000_000),
        ("0.000000001s", 1),
        ("1.5s", 1_500_000_000),
        ("2m", 120_000_000_000),
        ("1h30m", 5_400_000_000_000),
        ("1h0.5s", 3_600_500_000_000),
        ("7d", 604_800_000_000_000),
        ("18446744073709551615ns", u64::MAX),
    ] {
        assert_eq!(read(parse_duration, text), Ok(Duration(ns)), "{text}");
    }
}

#[test]
fn durations_are_strict_and_help() {
    refused(
        parse_duration,
        &[
            (
                "250",
                "`250` has no unit; did you mean milliseconds? `250ms`",
            ),
            (
                "1.5",
                "`1.5` has no unit; did you mean milliseconds? `1.5ms`",
            ),
            ("0", "`0` has no unit; did you mean `0s`?"),
            ("2min", "unknown unit `min` in `2min`; did you mean `2m`?"),
            (
                "1h30min",
                "unknown unit `min` in `1h30min`; did you mean `1h30m`?",
            ),
            ("5 s", "unknown unit `s` in `5 s`; did you mean `5s`?"),
            ("5sec", "unknown unit `sec` in `5sec`; did you mean `5s`?"),
            ("5MS", "unknown unit `MS` in `5MS`; did you mean `5ms`?"),
            ("30µs", "unknown unit `µs` in `30µs`; did you mean `30us`?"),
            ("1w", "unknown unit `w` in `1w`; a week is written `7d`"),
            (
                "5x",
                "unknown unit `x` in `5x`; the units are ns, us, ms, s, m, h, d",
            ),
            ("1h30", "`1h30` has no unit"),
            ("1:30", "`1:30` is not a duration; did you mean `1m30s`?"),
            (".5s", "`.5s` is not a duration; did you mean `0.5s`?"),
            ("-5s", "`-5s` is negative, and a duration is not"),
            ("1.5h30m", "`1.5h30m` has a fraction before its last unit"),
            (
                "30m1h",
                "`30m1h` does not go from larger units to smaller ones; did you mean `1h30m`?",
            ),
            ("1.5ns", "`1.5ns` is finer than a nanosecond"),
            ("600000d", "`600000d` is longer than 584 years"),
            ("213503d24h", "`213503d24h` is longer than 584 years"),
            (
                "",
                "`` is not a duration; a duration is a number with a unit: `250ms`, `1.5s`, `1h30m`",
            ),
            (
                "fast",
                "`fast` is not a duration; a duration is a number with a unit: `250ms`, `1.5s`, `1h30m`",
            ),
            (
                "1.s",
                "unknown unit `` in `1.s`; the units are ns, us, ms, s, m, h, d",
            ),
        ][..22],
    );
    assert!(parse_duration("1.s").is_err());
    assert!(parse_duration("1e3s").is_err());
}

#[test]
fn durations_are_printed_as_people_write_them() {
    for text in [
        "0s",
        "1ns",
        "1.5us",
        "250ms",
        "12.5ms",
        "1.5s",
        "59.999s",
        "2m",
        "1m30s",
        "1h30m",
        "7d",
        "1d1ns",
        "1ms234us567ns",
    ] {
        assert_eq!(format_duration(parse_duration(text).unwrap()), text);
    }
    assert_eq!(format_duration(Duration::from_secs(90)), "1m30s");
}

#[test]
fn ranges_rise() {
    let range = (Duration::from_millis(100), Duration::from_secs(10));
    assert_eq!(read(parse_range, "100ms..10s"), Ok(range));
    assert_eq!(format_range(range), "100ms..10s");
    refused(
        parse_range,
        &[
            (
                "10s..100ms",
                "the range `10s..100ms` falls; did you mean `100ms..10s`?",
            ),
            (
                "10s",
                "`10s` is not a range; a range is written `100ms..10s`",
            ),
            ("1..2s", "`1` has no unit; did you mean milliseconds? `1ms`"),
        ],
    );
}

#[test]
fn rates_are_per_second() {
    for (text, rate) in [
        ("120/s", 120.0),
        ("90/min", 1.5),
        ("20k/s", 20_000.0),
        ("2.5M/s", 2.5e6),
        ("3/h", 3.0 / 3600.0),
        ("0/s", 0.0),
    ] {
        assert_eq!(read(parse_rate, text), Ok(rate), "{text}");
        assert_eq!(parse_rate(&format_rate(rate)), Ok(rate));
    }
    for (rate, text) in [
        (120.0, "120/s"),
        (1.0 / 60.0, "1/min"),
        (0.1, "0.1/s"),
        (2.5, "2.5/s"),
        (25e3, "25k/s"),
        (5.0 / 3600.0, "5/h"),
    ] {
        assert_eq!(format_rate(rate), text);
    }
    refused(
        parse_rate,
        &[
            ("120", "`120` has no unit; did you mean `120/s`?"),
            (
                "120rps",
                "unknown unit `rps` in `120rps`; did you mean `120/s`?",
            ),
            (
                "20krps",
                "unknown unit `krps` in `20krps`; did you mean `20k/s`?",
            ),
            ("20k", "unknown unit `k` in `20k`; did you mean `20k/s`?"),
            (
                "20K/s",
                "unknown unit `K/s` in `20K/s`; did you mean `20k/s`?",
            ),
            (
                "20/m",
                "unknown unit `/m` in `20/m`; did you mean `20/min`?",
            ),
            (
                "20 /s",
                "unknown unit `/s` in `20 /s`; did you mean `20/s`?",
            ),
            ("-1/s", "`-1/s` is negative, and a rate is not"),
            (
                "many",
                "`many` is not a rate; a rate is written `120/s`, `90/min`, `20k/s`",
            ),
            (
                "1/ms",
                "unknown unit `/ms` in `1/ms`; a rate is written `120/s`, `90/min`, `20k/s`",
            ),
        ],
    );
}

#[test]
fn shares_are_percent() {
    for (text, share) in [
        ("99.9%", 0.999),
        ("0.5%", 0.005),
        ("100%", 1.0),
        ("0%", 0.0),
        ("7%", 0.07),
        ("99.95%", 0.9995),
        ("0.001%", 0.00001),
    ] {
        assert_eq!(read(parse_share, text), Ok(share), "{text}");
        assert_eq!(format_share(share), text);
    }
    refused(
        parse_share,
        &[
            (
                "0.999",
                "`0.999` has no percent sign; did you mean `99.9%`?",
            ),
            ("99.9", "`99.9` has no percent sign; did you mean `99.9%`?"),
            ("101%", "`101%` is above 100%, and a share is not"),
            ("-1%", "`-1%` is negative, and a share is not"),
            ("5 %", "unknown unit `%` in `5 %`; did you mean `5%`?"),
            ("half", "`half` is not a share; a share is written `99.9%`"),
        ],
    );
}

#[test]
fn counts_are_whole() {
    for (text, count) in [
        ("64", 64),
        ("50k", 50_000),
        ("1.2M", 1_200_000),
        ("0", 0),
        ("1501", 1501),
    ] {
        assert_eq!(read(parse_count, text), Ok(count), "{text}");
        assert_eq!(format_count(count), text);
    }
    refused(
        parse_count,
        &[
            (
                "-1",
                "`-1` is negative, and a count is not; no limit is written `unlimited`",
            ),
            ("1.5", "`1.5` is not whole, and a count is"),
            ("50K", "unknown multiple `K` in `50K`; did you mean `50k`?"),
            (
                "5x",
                "unknown multiple `x` in `5x`; the multiples are k, M, G",
            ),
            (
                "99999999999999999999",
                "`99999999999999999999` is too large",
            ),
            (
                "few",
                "`few` is not a count; a count is a whole number: `64`, `50k`, `1.2M`",
            ),
        ],
    );
}

#[test]
fn sizes_have_units() {
    for (text, bytes) in [
        ("400B", 400),
        ("16kB", 16_000),
        ("16KiB", 16_384),
        ("1.5MiB", 1_572_864),
        ("2GB", 2_000_000_000),
    ] {
        assert_eq!(read(parse_size, text), Ok(bytes), "{text}");
        assert_eq!(format_size(bytes), text);
    }
    refused(
        parse_size,
        &[
            ("16k", "unknown unit `k` in `16k`; did you mean `16kB`?"),
            ("16", "`16` has no unit; did you mean `16B`?"),
            ("16KB", "unknown unit `KB` in `16KB`; did you mean `16kB`?"),
            (
                "16mib",
                "unknown unit `mib` in `16mib`; did you mean `16MiB`?",
            ),
            ("1.5B", "`1.5B` is finer than a byte"),
        ],
    );
}

#[test]
fn changes_have_a_sign_or_a_factor() {
    for (text, change) in [
        ("+400ms", Change::Plus(Duration::from_millis(400))),
        ("x10", Change::Times(10.0)),
        ("x0.5", Change::Times(0.5)),
        ("-20%", Change::Times(0.8)),
        ("+25%", Change::Times(1.25)),
        ("+300%", Change::Times(4.0)),
    ] {
        assert_eq!(read(parse_change, text), Ok(change), "{text}");
        assert_eq!(parse_change(&format_change(change)), Ok(change));
    }
    refused(
        parse_change,
        &[
            ("400ms", "`400ms` is not a change; did you mean `+400ms`?"),
            ("10x", "`10x` is not a change; did you mean `x10`?"),
            ("10", "`10` is not a change; did you mean `x10`?"),
            (
                "-5ms",
                "`-5ms` takes away a fixed time; less is written `-20%` or `x0.8`",
            ),
            ("+5", "`5` has no unit; did you mean milliseconds? `5ms`"),
            ("-120%", "`120%` is above 100%, and a share is not"),
            (
                "more",
                "`more` is not a change; a change is written `+400ms`, `x10` or `-20%`",
            ),
        ],
    );
}

#[test]
fn absence_is_a_word() {
    assert_eq!(parse_or_absent("none", parse_duration), Ok(None));
    assert_eq!(parse_or_absent("unlimited", parse_count), Ok(None));
    assert_eq!(parse_or_absent("5", parse_count), Ok(Some(5)));
    assert!(parse_or_absent("nothing", parse_count).is_err());
}

#[test]
fn comparisons_are_five() {
    for op in Op::ALL {
        assert_eq!(Op::parse(&op.to_string()), Some(op));
    }
    assert_eq!(Op::parse("="), None);
    let holds = |op: &str, value, target| Op::parse(op).unwrap().holds(value, target);
    assert!(holds("<", 1.0, 2.0) && !holds("<", 2.0, 2.0));
    assert!(holds("<=", 2.0, 2.0) && !holds("<=", 2.1, 2.0));
    assert!(holds(">", 3.0, 2.0) && !holds(">", 2.0, 2.0));
    assert!(holds(">=", 2.0, 2.0) && !holds(">=", 1.9, 2.0));
    assert!(holds("==", 0.0, 0.0) && !holds("==", 1.0, 0.0));
    assert!(!holds("<=", f64::NAN, 1.0));
}

proptest! {
    #[test]
    fn durations_print_and_read_as_inverse(ns: u64, zeros in 0u32..15) {
        let span = Duration(ns / 10_u64.pow(zeros) * 10_u64.pow(zeros));
        prop_assert_eq!(parse_duration(&format_duration(span)), Ok(span));
        prop_assert_eq!(parse_duration(&format_duration(Duration(ns >> (4 * zeros)))), Ok(Duration(ns >> (4 * zeros))));
    }

    #[test]
    fn rates_shares_and_changes_print_and_read_as_inverse(unit in 0.0..=1.0_f64, tenths in 0u32..100_000, power in 0i32..7) {
        prop_assert_eq!(parse_share(&format_share(unit)), Ok(unit));
        let short = f64::from(tenths) / 100_000.0;
        prop_assert_eq!(parse_share(&format_share(short)), Ok(short));
        for rate in [unit * crate::kernel::math::pow(10.0, f64::from(power)), f64::from(tenths) / 10.0, f64::from(tenths) / 60.0] {
            prop_assert_eq!(parse_rate(&format_rate(rate)), Ok(rate));
        }
        for factor in [unit, unit * 1e-9] {
            prop_assert_eq!(parse_change(&format_change(Change::Times(factor))), Ok(Change::Times(factor)));
        }
    }

    #[test]
    fn counts_and_sizes_print_and_read_as_inverse(n: u64, shift in 0u32..64, zeros in 0u32..10) {
        let n = (n >> shift) / 10_u64.pow(zeros) * 10_u64.pow(zeros);
        prop_assert_eq!(parse_count(&format_count(n)), Ok(n));
        prop_assert_eq!(parse_size(&format_size(n)), Ok(n));
        let n = n >> 10 << 10;
        prop_assert_eq!(parse_size(&format_size(n)), Ok(n));
    }

    #[test]
    fn reading_never_panics(text in "\\PC{0,12}", near in "[-+x0-9.]{0,8}(ms|m|s|h|d|%|/s|k|kB|\\.\\.)?[0-9.µ ]{0,3}(s|min)?") {
        for text in [&text, &near] {
            let _ = (parse_duration(text), parse_rate(text), parse_share(text), parse_count(text));
            let _ = (parse_size(text), parse_range(text), parse_change(text), parse_number(text));
        }
    }
}
