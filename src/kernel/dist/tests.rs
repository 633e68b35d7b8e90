use super::*;
use crate::kernel::chance::{Purpose, Stream};
use proptest::prelude::*;

const MS: f64 = 1e-3;

fn ms(value: f64) -> Duration {
    Duration::from_secs_f64(value * MS)
}

fn draws(dist: &Dist, n: u64) -> Vec<f64> {
    let stream = Stream::new(11, 3, Purpose::Test, 0);
    let draw = |who| dist.sample(&mut stream.draw(who << 8)).as_secs_f64();
    (0..n).map(draw).collect()
}

/// Draws against the formulas of the distribution itself. A correct sampler stays within 4.5 standard deviations but for
/// once in 10^5: sd/sqrt(n) for the mean; for a quantile, the number of draws at or below it is binomial.
fn check_draws(dist: &Dist) {
    let n = 100_000_u32;
    let draws = draws(dist, n.into());
    let n = f64::from(n);
    let mean = draws.iter().sum::<f64>() / n;
    // Draws are rounded to the nanosecond.
    let bound = 4.5 * dist.sd_s() / n.sqrt() + 1e-9;
    assert!(
        (mean - dist.mean_s()).abs() < bound,
        "mean {mean} of {dist:?}"
    );
    for q in [0.05, 0.5, 0.9, 0.99] {
        let value = dist.quantile_s(q);
        let n_below = draws.iter().filter(|draw| **draw < value - 0.6e-9).count();
        let n_at_most = draws.iter().filter(|draw| **draw <= value + 0.6e-9).count();
        let share = |count: usize| f64::from(u32::try_from(count).unwrap()) / n;
        let bound = 4.5 * (q * (1.0 - q) / n).sqrt();
        assert!(share(n_below) < q + bound, "{q} of {dist:?}: {value}");
        assert!(share(n_at_most) > q - bound, "{q} of {dist:?}: {value}");
    }
}

/// The formulas: mean, standard deviation and quantiles (q, value) in milliseconds, to a relative error of 10^-9.
fn check_formulas(dist: &Dist, mean: f64, sd: f64, quantiles: &[(f64, f64)]) {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs() + 1e-15;
    assert!(
        near(dist.mean_s(), mean * MS),
        "mean {} of {dist:?}",
        dist.mean_s()
    );
    assert!(near(dist.sd_s(), sd * MS), "sd {} of {dist:?}", dist.sd_s());
    for (q, value) in quantiles {
        let here = dist.quantile_s(*q);
        assert!(near(here, value * MS), "p{q} {here} of {dist:?}");
    }
}

fn check(dist: &Dist, mean: f64, sd: f64, quantiles: &[(f64, f64)]) {
    check_formulas(dist, mean, sd, quantiles);
    check_draws(dist);
}

#[test]
fn a_constant_has_one_value() {
    let dist = Dist::constant(ms(20.0));
    assert_eq!(dist.as_constant(), Some(ms(20.0)));
    check(&dist, 20.0, 0.0, &[(0.0, 20.0), (0.5, 20.0), (1.0, 20.0)]);
    assert_eq!(Dist::exponential(ms(20.0)).as_constant(), None);
    assert_eq!(Dist::exponential(ms(0.0)).as_constant(), Some(ms(0.0)));
    assert_eq!(
        Dist::uniform(ms(3.0), ms(3.0)).unwrap().as_constant(),
        Some(ms(3.0))
    );
}

#[test]
fn exponential() {
    let p99 = 20.0 * ln(100.0);
    check(
        &Dist::exponential(ms(20.0)),
        20.0,
        20.0,
        &[(0.0, 0.0), (0.5, 20.0 * ln(2.0)), (0.99, p99)],
    );
}

#[test]
fn uniform() {
    let dist = Dist::uniform(ms(10.0), ms(30.0)).unwrap();
    check(
        &dist,
        20.0,
        20.0 / 12.0_f64.sqrt(),
        &[(0.0, 10.0), (0.25, 15.0), (1.0, 30.0)],
    );
}

/// Mean and variance of the lognormal law: e^(mu + s2/2), (e^s2 - 1) e^(2 mu + s2).
#[test]
fn lognormal() {
    let dist = Dist::lognormal(ms(12.0), 0.99, ms(80.0)).unwrap();
    let sigma = ln(80.0 / 12.0) / 2.326_347_874_040_841;
    let mean = 12.0 * exp(0.5 * sigma * sigma);
    let sd = mean * (exp(sigma * sigma) - 1.0).sqrt();
    check(&dist, mean, sd, &[(0.5, 12.0), (0.99, 80.0)]);
    let dist = Dist::lognormal_mean(ms(20.0), 1.4).unwrap();
    check(&dist, 20.0, 28.0, &[]);
}

#[test]
fn gamma_and_erlang() {
    // Shape 1/2 and 4: chi-square with 1 and 8 degrees of freedom (table values 3.841459, 15.507313 at 0.95).
    let dist = Dist::gamma(ms(20.0), 2.0_f64.sqrt()).unwrap();
    check(
        &dist,
        20.0,
        20.0 * 2.0_f64.sqrt(),
        &[(0.95, 20.0 * 3.841_458_820_694_124)],
    );
    let dist = Dist::erlang(ms(8.0), 4).unwrap();
    check(&dist, 8.0, 4.0, &[(0.95, 15.507_313_055_865_454)]);
    for cv in [0.05, 0.8, 1.4, 3.0] {
        check(&Dist::gamma(ms(20.0), cv).unwrap(), 20.0, 20.0 * cv, &[]);
    }
    check(
        &Dist::erlang(ms(8.0), 1000).unwrap(),
        8.0,
        8.0 / 1000.0_f64.sqrt(),
        &[],
    );
    assert_eq!(
        Dist::erlang(ms(8.0), 1).unwrap(),
        Dist::exponential(ms(8.0))
    );
}

/// Mean scale G(1 + 1/k), variance scale^2 (G(1 + 2/k) - G(1 + 1/k)^2); for k = 2 these are sqrt(pi)/2 and 1 - pi/4.
#[test]
fn weibull() {
    let scale = 20.0 / ln(2.0).sqrt();
    let pi = std::f64::consts::PI;
    let dist = Dist::weibull(ms(20.0), 2.0).unwrap();
    let quantiles = [(0.5, 20.0), (0.99, scale * ln(100.0).sqrt())];
    check(
        &dist,
        scale * pi.sqrt() / 2.0,
        scale * (1.0 - pi / 4.0).sqrt(),
        &quantiles,
    );
    check_draws(&Dist::weibull(ms(20.0), 0.7).unwrap());
}

/// Moments of the bounded Pareto law on 1 to 100, by hand: shape 1: mean ln 100 / 0.99; shape 2: second moment.
#[test]
fn pareto() {
    let dist = Dist::pareto(ms(1.0), ms(100.0), 1.0).unwrap();
    let mean = ln(100.0) / 0.99;
    let second = 99.0 / 0.99;
    check(
        &dist,
        mean,
        (second - mean * mean).sqrt(),
        &[(0.0, 1.0), (1.0, 100.0), (0.5, 1.0 / 0.505)],
    );
    let dist = Dist::pareto(ms(1.0), ms(100.0), 2.0).unwrap();
    let norm = 2.0 / (1.0 - 1e-4);
    let (mean, second) = (norm * 0.99, norm * ln(100.0));
    check(&dist, mean, (second - mean * mean).sqrt(), &[]);
    check_draws(&Dist::pareto(ms(1.0), ms(1000.0), 1.5).unwrap());
}

/// Allen 1990: p = (1 + sqrt((c2 - 1)/(c2 + 1)))/2, means m/(2p) and m/(2(1-p)).
#[test]
fn hyperexponential() {
    let dist = Dist::hyperexponential_mean(ms(20.0), 2.0).unwrap();
    check(&dist, 20.0, 40.0, &[]);
    let dist = Dist::hyperexponential(&[(0.9, ms(10.0)), (0.1, ms(110.0))]).unwrap();
    let second: f64 = 2.0 * (0.9 * 100.0 + 0.1 * 12_100.0);
    check(&dist, 20.0, (second - 400.0).sqrt(), &[]);
    assert!(Dist::hyperexponential_mean(ms(20.0), 0.5).is_err());
    check_formulas(
        &Dist::hyperexponential_mean(ms(20.0), 1.0).unwrap(),
        20.0,
        20.0,
        &[],
    );
}

#[test]
fn a_mixture_is_the_sum_of_its_parts() {
    let fast = Dist::constant(ms(10.0));
    let slow = Dist::uniform(ms(100.0), ms(200.0)).unwrap();
    let dist = Dist::mix(vec![(0.75, fast.clone()), (0.25, slow)]).unwrap();
    let mean = 0.75 * 10.0 + 0.25 * 150.0;
    let second = 0.75 * 100.0 + 0.25 * (150.0 * 150.0 + 10_000.0 / 12.0);
    let quantiles = [
        (0.0, 10.0),
        (0.5, 10.0),
        (0.75, 10.0),
        (0.875, 150.0),
        (1.0, 200.0),
    ];
    check(&dist, mean, (second - mean * mean).sqrt(), &quantiles);
    let mistake = Dist::mix(vec![(0.5, fast.clone()), (0.4, fast.clone())]).unwrap_err();
    assert_eq!(mistake, "the shares add up to 90%");
    assert_eq!(
        Dist::mix(vec![(1.0, fast.clone()), (0.0, Dist::exponential(ms(1.0)))]),
        Ok(fast)
    );
}

#[test]
fn a_quantile_table_is_exact_at_its_points() {
    let points = [(0.5, ms(12.0)), (0.95, ms(40.0)), (0.99, ms(80.0))];
    let dist = Dist::quantiles(&points, Some(ms(2000.0))).unwrap();
    check_draws(&dist);
    for (q, value) in points.into_iter().chain([(1.0, ms(2000.0))]) {
        assert!(
            (dist.quantile_s(q) - value.as_secs_f64()).abs() < 1e-15,
            "{q}"
        );
    }
    // Half of the way in q is the geometric mean.
    assert!((dist.quantile_s(0.97) - (0.04 * 0.08_f64).sqrt()).abs() < 1e-12);
    assert!((dist.quantile_s(0.995) - (0.08 * 2.0_f64).sqrt()).abs() < 1e-12);
}

#[test]
fn beyond_its_points_a_table_is_lognormal() {
    let whole = Dist::lognormal(ms(12.0), 0.99, ms(80.0)).unwrap();
    let at = |q| (q, Duration::from_secs_f64(whole.quantile_s(q)));
    let dist = Dist::quantiles(&[at(0.5), at(0.9), at(0.99)], None).unwrap();
    check_draws(&dist);
    for q in [0.001, 0.1, 0.4, 0.995, 0.9999] {
        // Points are whole nanoseconds, 10^-7 of them here; the tail multiplies that by less than ten.
        assert!(
            (dist.quantile_s(q) / whole.quantile_s(q) - 1.0).abs() < 1e-6,
            "{q}"
        );
    }
}

#[test]
fn the_moments_of_a_table_are_its_integrals() {
    let points = [(0.2, ms(5.0)), (0.5, ms(12.0)), (0.95, ms(40.0))];
    for max in [None, Some(ms(300.0))] {
        let dist = Dist::quantiles(&points, max).unwrap();
        let n = 2_000_000_u32;
        // The middle of each of n slices; the last slice of an unbounded tail is the error that remains.
        let at = |k: u32| dist.quantile_s((f64::from(k) + 0.5) / f64::from(n));
        let mean = (0..n).map(at).sum::<f64>() / f64::from(n);
        let second = (0..n).map(|k| at(k) * at(k)).sum::<f64>() / f64::from(n);
        assert!((dist.mean_s() / mean - 1.0).abs() < 1e-5, "{max:?}");
        let sd = (second - mean * mean).sqrt();
        assert!(
            (dist.sd_s() / sd - 1.0).abs() < 1e-3,
            "{max:?}: {} {sd}",
            dist.sd_s()
        );
    }
}

#[test]
fn percentile_output_is_a_table() {
    let text = "Value Percentile TotalCount 1/(1-Percentile)\n\
                1.0 0.0 1 1.0\n4.0 0.5 50 2.0\n4.0 0.6 60 2.5\n16.0 1.0 100\n#[Mean = 5, StdDeviation = 4]\n";
    let dist = Dist::from_hgrm(text, Duration::from_millis(1)).unwrap();
    check_draws(&dist);
    for (q, value) in [
        (0.0, 1.0),
        (0.25, 2.0),
        (0.5, 4.0),
        (0.55, 4.0),
        (0.8, 8.0),
        (1.0, 16.0),
    ] {
        assert!(
            (dist.quantile_s(q) / (value * MS) - 1.0).abs() < 1e-12,
            "{q}"
        );
    }
    let single = Dist::from_hgrm("7 0.0 1 1.0\n7 1.0 1\n", Duration(1_000)).unwrap();
    assert_eq!(single.as_constant(), Some(Duration(7_000)));
    // A value of zero has no logarithm: from there the table is linear.
    let zero = Dist::from_hgrm(
        "0 0.0 1 1.0\n8 0.5 5 2\n8 1.0 10\n",
        Duration::from_millis(1),
    )
    .unwrap();
    check(
        &zero,
        6.0,
        (0.5 * 64.0 / 3.0 + 32.0 - 36.0_f64).sqrt(),
        &[(0.25, 4.0)],
    );
}

#[test]
fn samples_are_drawn_with_replacement() {
    let samples: Vec<Duration> = [5.0, 1.0, 3.0, 3.0, 8.0].map(ms).to_vec();
    let dist = Dist::from_samples(&samples).unwrap();
    let quantiles = [
        (0.0, 1.0),
        (0.1, 1.0),
        (0.3, 3.0),
        (0.6, 3.0),
        (0.7, 5.0),
        (0.99, 8.0),
        (1.0, 8.0),
    ];
    check(&dist, 4.0, 5.6_f64.sqrt(), &quantiles);
    assert!(
        draws(&dist, 1000)
            .iter()
            .all(|d| samples.contains(&Duration::from_secs_f64(*d)))
    );
    assert!(Dist::from_samples(&[]).is_err());
    assert_eq!(
        Dist::from_samples(&[ms(2.0); 3]).unwrap().as_constant(),
        Some(ms(2.0))
    );
}

#[test]
fn mistakes_name_the_value() {
    let table = [
        (
            Dist::uniform(ms(3.0), ms(2.0)),
            "the range falls: 3ms is above 2ms",
        ),
        (
            Dist::lognormal(ms(3.0), 0.999, ms(3.0)),
            "p99.9 3ms is not above p50 3ms",
        ),
        (
            Dist::lognormal(ms(0.0), 0.99, ms(3.0)),
            "p50 is zero, and a lognormal time is never zero",
        ),
        (
            Dist::lognormal(ms(1.0), 0.4, ms(3.0)),
            "p40 is not between p50 and p100",
        ),
        (Dist::lognormal_mean(ms(1.0), 0.0), "cv 0 is not above 0"),
        (Dist::gamma(ms(1.0), f64::NAN), "cv NaN is not above 0"),
        (Dist::gamma(ms(1.0), 101.0), "cv 101 is above 100"),
        (Dist::weibull(ms(1.0), -1.0), "shape -1 is not above 0"),
        (
            Dist::weibull(ms(1.0), 0.01),
            "the mean would be above 100 years",
        ),
        (
            Dist::pareto(ms(2.0), ms(1.0), 1.0),
            "max 1ms is not above min 2ms",
        ),
        (
            Dist::erlang(ms(2.0), 0),
            "0 stages are not between 1 and 1000",
        ),
        (
            Dist::quantiles(&[(0.5, ms(1.0)), (0.9, ms(2.0))], None),
            "2 points are too few: it takes 3",
        ),
        (
            Dist::quantiles(&[(0.5, ms(1.0)), (0.9, ms(3.0)), (0.99, ms(2.0))], None),
            "p99 2ms does not rise from p90 3ms",
        ),
        (
            Dist::quantiles(&[(0.5, ms(1.0)), (0.9, ms(3.0))], Some(ms(2.0))),
            "p100 2ms does not rise from p90 3ms",
        ),
    ];
    for (dist, expected) in table {
        assert_eq!(dist, Err(expected.to_owned()));
    }
}

#[test]
fn extremes_saturate_and_do_not_fail() {
    let long = Dist::exponential(Duration(u64::MAX / 7));
    assert!(
        draws(&long, 20_000)
            .iter()
            .all(|d| *d <= Duration::MAX.as_secs_f64())
    );
    assert!(draws(&long, 20_000).contains(&Duration::MAX.as_secs_f64()));
    check_draws(&Dist::exponential(Duration(3)));
    for dist in [
        Dist::gamma(ms(1.0), 1e-9).unwrap(),
        Dist::gamma(ms(1.0), 100.0).unwrap(),
        Dist::lognormal_mean(ms(1.0), 1e-6).unwrap(),
        Dist::weibull(ms(1.0), 100.0).unwrap(),
        Dist::pareto(Duration(1), Duration(u64::MAX), 0.5).unwrap_or(Dist::constant(ms(1.0))),
    ] {
        assert!(
            dist.mean_s().is_finite() && dist.sd_s().is_finite(),
            "{dist:?}"
        );
        assert!(draws(&dist, 1000).iter().all(|d| *d >= 0.0));
    }
}

/// Any distribution, with the span its draws must lie in.
fn any_dist() -> impl Strategy<Value = Dist> {
    let span = || (1_u64..10_000_000_000).prop_map(Duration);
    let leaf = prop_oneof![
        span().prop_map(Dist::constant),
        span().prop_map(Dist::exponential),
        (span(), span()).prop_map(|(a, b)| Dist::uniform(a.min(b), a.max(b)).unwrap()),
        (span(), 0.6..0.9999_f64, 1.01..50.0_f64).prop_map(|(p50, q, factor)| {
            let value = Duration::from_secs_f64(p50.as_secs_f64() * factor + 2e-9);
            Dist::lognormal(p50, q, value).unwrap_or(Dist::constant(p50))
        }),
        (span(), 0.01..20.0_f64).prop_map(|(mean, cv)| Dist::gamma(mean, cv).unwrap()),
        (span(), 0.3..9.0_f64).prop_map(|(p50, shape)| Dist::weibull(p50, shape).unwrap()),
        (span(), 1_u64..1_000_000_000_000, 0.2..5.0_f64)
            .prop_map(|(min, more, shape)| Dist::pareto(min, min + Duration(more), shape).unwrap()),
        (
            prop::collection::btree_set(1_u64..1_000_000_000, 4),
            prop::bool::ANY
        )
            .prop_map(|(values, bounded)| {
                let values: Vec<Duration> = values.into_iter().map(Duration).collect();
                let points = [(0.3, values[0]), (0.9, values[1]), (0.99, values[2])];
                Dist::quantiles(&points, bounded.then_some(values[3]))
                    .unwrap_or(Dist::constant(values[0]))
            }),
        prop::collection::vec(span(), 1..9)
            .prop_map(|samples| Dist::from_samples(&samples).unwrap()),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| {
        (inner.clone(), inner, 0.01..0.99_f64)
            .prop_map(|(a, b, share)| Dist::mix(vec![(share, a), (1.0 - share, b)]).unwrap())
    })
}

proptest! {
    #[test]
    fn quantiles_rise_and_invert_the_cdf(dist in any_dist(), p in 0.0001..0.9999_f64, more in 0.0..0.1_f64) {
        let next = (p + more).min(0.99999);
        let value = dist.quantile(p, 1.0 - p);
        prop_assert!(value <= dist.quantile(next, 1.0 - next) * (1.0 + 1e-12));
        // Parts of a nanosecond do not matter.
        prop_assume!(value > 1e-3);
        // At or just above the quantile at least p lies; just below it, at most p.
        prop_assert!(dist.cdf(value * (1.0 + 1e-9)) >= p - 1e-9, "{}", dist.cdf(value));
        prop_assert!(dist.cdf(value * (1.0 - 1e-9)) <= p + 1e-6, "{}", dist.cdf(value * (1.0 - 1e-9)));
    }

    #[test]
    fn draws_stay_within_the_support(dist in any_dist(), who: u64) {
        let draw = dist.sample(&mut Stream::new(1, 1, Purpose::Test, 1).draw(who << 8));
        let (low, high) = (whole_ns(dist.quantile(0.0, 1.0)), whole_ns(dist.quantile(1.0, 0.0)));
        prop_assert!(draw + Duration(1) >= low && draw <= high + Duration(1), "{low:?} {draw:?} {high:?}");
    }

    /// Common draws: a distribution twice as slow gives draws twice as long.
    #[test]
    fn a_scaled_distribution_scales_its_draws(mean in 1_000_u64..1_000_000_000, cv in 0.1..5.0_f64, who: u64) {
        let stream = Stream::new(1, 1, Purpose::Test, 1);
        let draw = |mean| Dist::gamma(Duration(mean), cv).unwrap().sample(&mut stream.draw(who << 8));
        let (once, twice) = (draw(mean), draw(2 * mean));
        prop_assert!(twice.0.abs_diff(2 * once.0) <= 2 + twice.0 / 1_000_000_000);
    }
}
