//! A fixture for each code: a small scenario with one mistake, and what people see.

use super::check;
use crate::scenario::{CODES, Changes};
use std::path::PathBuf;

/// A scenario without mistakes.
pub(super) const SOUND: &str = "\
flows:
  order: { steps: [shop, pay] }
services:
  shop: { service_time: 10ms }
  pay: { service_time: 20ms }
brokers:
  mail: { publish: 2ms }
traffic:
  client: { rate: 10/s }
variants:
  chain: { wiring: sync }
faults:
  outage: { at: 10s, for: 5s, target: pay, down: hang }
slo:
  fast: latency p99 < 800ms
run: { duration: 1m }
";

/// Name of the fixture, what of [`SOUND`] is replaced, by what. Each makes exactly one mistake.
const FIXTURES: &[(&str, &str, &str)] = &[
    (
        "S001_yaml",
        "shop: { service_time: 10ms }",
        "shop: { service_time: 10ms",
    ),
    ("S001_tab", "  client: {", "\tclient: {"),
    ("S001_control", "10ms", "\"10\u{0}ms\""),
    (
        "S002_duplicate_in_line",
        "shop: { service_time: 10ms }",
        "shop: { service_time: 10ms, service_time: 1s }",
    ),
    (
        "S002_duplicate_entry",
        "brokers:\n",
        "  \"shop\": { service_time: 1s }\nbrokers:\n",
    ),
    ("S003_similar", "10ms }", "10ms, replcas: 4 }"),
    ("S003_habit", "10ms }", "10ms, instances: 4 }"),
    ("S003_strange", "rate: 10/s", "rate: 10/s, colour: red"),
    ("S003_top", "slo:", "slos:"),
    (
        "S003_in_sources",
        "slo:",
        "sources: { services.shop.service_tim: guess }\nslo:",
    ),
    (
        "S003_in_a_distribution",
        "service_time: 10ms",
        "service_time: { p50: 10ms, p99: 1s, mode: 1s }",
    ),
    (
        "S003_in_a_step",
        "[shop, pay]",
        "[shop, { pay: { probabilty: 10% } }]",
    ),
    ("S004_in_an_entry", "for: 5s, ", ""),
    (
        "S004_at_the_top",
        "traffic:\n  client: { rate: 10/s }\n",
        "",
    ),
    (
        "S004_in_a_block",
        "run: { duration: 1m }",
        "run: { seed: 7 }",
    ),
    ("S004_wiring", "{ wiring: sync }", "{ title: Chain }"),
    ("S004_rate", "{ rate: 10/s }", "{ patience: 5s }"),
    (
        "S005_map_for_value",
        "wiring: sync",
        "wiring: { kind: sync }",
    ),
    (
        "S005_value_for_map",
        "shop: { service_time: 10ms }",
        "shop: 10ms",
    ),
    ("S005_value_for_list", "[shop, pay]", "shop"),
    (
        "S005_retry",
        "wiring: sync",
        "wiring: sync, calls: { pay: { retry: 3 } }",
    ),
    ("S006_value", "service_time: 10ms", "service_time:"),
    ("S006_map", "slo:", "network: {}\nslo:"),
    ("S006_list", "[shop, pay]", "[]"),
    (
        "S007_key",
        "service_time: 10ms",
        "service_time: 10ms, preset: nginx",
    ),
    (
        "S020_contention",
        "service_time: 10ms",
        "service_time: 10ms, discipline: ps, contention: 1ms",
    ),
    (
        "S020_cores",
        "service_time: 10ms",
        "service_time: 10ms, cores: 2",
    ),
    (
        "S004_scale",
        "service_time: 10ms",
        "service_time: 10ms, autoscale: { min: 1 }",
    ),
    (
        "S020_scale",
        "service_time: 10ms",
        "service_time: 10ms, autoscale: { min: 3, max: 2 }",
    ),
    (
        "S020_scale_target",
        "service_time: 10ms",
        "service_time: 10ms, autoscale: { max: 2, target_utilization: 0% }",
    ),
    (
        "S020_warm_up",
        "service_time: 10ms",
        "service_time: 10ms, warm_up: { for: 1m, slowdown: +1s }",
    ),
    ("S007_block", "slo:", "zones:\n  north: { shop: 1 }\nslo:"),
    (
        "S020_window",
        "service_time: 10ms",
        "service_time: 10ms, rate_limit: { rate: 5/s, window: 2s }",
    ),
    ("S005_arrivals", "rate: 10/s", "file: a.csv"),
    (
        "S015_arrivals",
        "rate: 10/s",
        "file: { path: no_such.csv, unit: s }",
    ),
    (
        "S015_column",
        "rate: 10/s",
        "file: { path: src/scenario/tests/samples.csv, column: when, unit: s }",
    ),
    (
        "S004_unit",
        "rate: 10/s",
        "file: { path: src/scenario/tests/samples.csv, column: at }",
    ),
    (
        "S020_file",
        "rate: 10/s",
        "rate: 10/s, file: { path: src/scenario/tests/samples.csv, column: at, unit: s }",
    ),
    (
        "S020_every",
        "rate: 10/s",
        "file: { path: src/scenario/tests/samples.csv, column: at, unit: s, every: 1s }",
    ),
    (
        "S020_users",
        "rate: 10/s",
        "rate: 10/s, users: 50, think_time: 2s",
    ),
    ("S004_think", "rate: 10/s", "users: 50"),
    ("S020_think", "rate: 10/s", "rate: 10/s, think_time: 2s"),
    (
        "S020_random",
        "for: 5s",
        "random: { mtbf: exponential 1h, mttr: 2s }",
    ),
    ("S004_at", "at: 10s, for: 5s", "for: 5s"),
    ("S020_cut", "down: hang", "cut: [a, b]"),
    ("S005_cut", "target: pay, down: hang", "cut: [a, b, c]"),
    ("S011_when", "at: 10s, for: 5s", "when: backlg(mail) > 3"),
    (
        "S010_when",
        "at: 10s, for: 5s",
        "when: utilization(pay) > 90",
    ),
    (
        "S020_when",
        "at: 10s, for: 5s",
        "when: backlog(mail) > 3, every: 5s",
    ),
    (
        "S004_kill",
        "for: 5s, target: pay, down: hang",
        "target: pay, kill: 1",
    ),
    (
        "S020_zone",
        "service_time: 10ms",
        "service_time: 10ms, zone: a, zones: [a, b]",
    ),
    (
        "S020_discovery",
        "service_time: 10ms",
        "service_time: 10ms, balance: shared, discovery: { refresh: 1s }",
    ),
    (
        "S020_health_check",
        "service_time: 10ms",
        "service_time: 10ms, discovery: { health_check: { timeout: 15s } }",
    ),
    (
        "S020_limit_law",
        "wiring: sync",
        "wiring: sync, calls: { pay: { concurrency_limit: { law: gradient, too_slow: 1s } } }",
    ),
    (
        "S020_limit_least",
        "wiring: sync",
        "wiring: sync, calls: { pay: { concurrency_limit: { initial: 5, least: 6 } } }",
    ),
    (
        "S020_limit_most",
        "wiring: sync",
        "wiring: sync, calls: { pay: { concurrency_limit: { most: 6 } } }",
    ),
    (
        "S020_fallback",
        "wiring: sync",
        "wiring: sync, calls: { pay: { fallback: { via: mail, static: true } } }",
    ),
    (
        "S020_fallback_to_nothing",
        "wiring: sync",
        "wiring: sync, calls: { pay: { fallback: { static: false } } }",
    ),
    (
        "S020_takes",
        "wiring: sync",
        "wiring: sync, calls: { pay: { retry: { budget: { share: 20%, takes: failures } } } }",
    ),
    (
        "S020_reserve_for",
        "service_time: 10ms",
        "service_time: 10ms, shed: { queue: 2, reserve_for: 2 }",
    ),
    (
        "S004_limit_rate",
        "service_time: 10ms",
        "service_time: 10ms, rate_limit: { burst: 2 }",
    ),
    (
        "S020_hedge",
        "wiring: sync",
        "wiring: sync, calls: { pay: { hedge: { after: 5ms, at: p95 } } }",
    ),
    (
        "S020_hedge_when",
        "wiring: sync",
        "wiring: sync, calls: { pay: { hedge: { most: 2 } } }",
    ),
    (
        "S011_quantile",
        "wiring: sync",
        "wiring: sync, calls: { pay: { hedge: { at: p100 } } }",
    ),
    (
        "S020_interval",
        "service_time: 10ms",
        "service_time: 10ms, shed: { queue: 5, interval: 1s }",
    ),
    (
        "S020_wait",
        "wiring: sync",
        "wiring: sync, calls: { pay: { bulkhead: { most: 5, wait: 1s } } }",
    ),
    (
        "S020_breaker",
        "wiring: sync",
        "wiring: sync, calls: { pay: { circuit_breaker: { window: 10s, window_calls: 5 } } }",
    ),
    (
        "S004_budget",
        "wiring: sync",
        "wiring: sync, calls: { pay: { retry: { budget: { refill: 10% } } } }",
    ),
    ("S004_bursts", "rate: 10/s", "rate: 10/s, arrivals: bursty"),
    (
        "S020_load",
        "target: pay, down: hang",
        "target: client, load: +5ms",
    ),
    (
        "S020_twice",
        "target: pay, down: hang",
        "target: pay, kill: 1, share: 20%",
    ),
    ("S008_service", "  shop:", "  Web-Shop:"),
    ("S008_target", "target: pay", "target: pay->"),
    ("S008_step", "[shop, pay]", "[shop, 2pay]"),
    (
        "S008_pattern",
        "wiring: sync",
        "wiring: sync, calls: { a.b: { timeout: 1s } }",
    ),
    (
        "S009_word",
        "service_time: 10ms",
        "service_time: 10ms, blocking: no",
    ),
    ("S009_sixty", "at: 10s", "at: 1:30"),
    ("S010_duration", "duration: 1m", "duration: 60"),
    ("S010_rate", "rate: 10/s", "rate: 10"),
    ("S010_share", "down: hang", "errors: 0.3"),
    (
        "S010_in_a_distribution",
        "service_time: 10ms",
        "service_time: { p50: 10ms, p99: 80 }",
    ),
    ("S010_in_a_line", "< 800ms", "< 800"),
    ("S011_unit", "duration: 1m", "duration: 2min"),
    ("S011_zero", "for: 5s", "for: 0s"),
    ("S011_rps", "10/s", "10rps"),
    ("S011_share", "down: hang", "errors: 101%"),
    (
        "S011_count",
        "service_time: 10ms",
        "service_time: 10ms, replicas: -1",
    ),
    (
        "S011_zero_count",
        "service_time: 10ms",
        "service_time: 10ms, concurrency: 0",
    ),
    ("S011_change", "down: hang", "latency: 400ms"),
    (
        "S011_backoff",
        "wiring: sync",
        "wiring: sync, calls: { pay: { retry: { backoff: 1s..10ms } } }",
    ),
    ("S012_choice", "wiring: sync", "wiring: synch"),
    ("S012_strange", "down: hang", "down: maybe"),
    (
        "S012_boolean",
        "service_time: 10ms",
        "service_time: 10ms, blocking: 1",
    ),
    (
        "S012_in_a_list",
        "wiring: sync",
        "wiring: sync, calls: { pay: { retry: { when: [timeout, refuse] } } }",
    ),
    ("S013_metric", "latency p99", "latncy p99"),
    ("S013_metric_after_flow", "latency p99", "order latncy p99"),
    ("S013_statistic", "latency p99", "latency"),
    (
        "S013_no_statistic",
        "latency p99 < 800ms",
        "availability p99 > 99%",
    ),
    ("S013_operator", "p99 < ", "p99 = "),
    ("S013_value", "< 800ms", "<"),
    ("S013_argument", "latency p99 < 800ms", "recovery < 5m"),
    ("S013_scope", "800ms", "800ms whilst outage"),
    ("S013_rest", "800ms", "800ms during outage today"),
    (
        "S014_one_quantile",
        "service_time: 10ms",
        "service_time: { p50: 10ms }",
    ),
    (
        "S014_fall",
        "service_time: 10ms",
        "service_time: { p50: 10ms, p99: 1ms }",
    ),
    (
        "S014_mean_alone",
        "service_time: 10ms",
        "service_time: { mean: 10ms }",
    ),
    (
        "S014_both",
        "service_time: 10ms",
        "service_time: { p50: 10ms, p99: 1s, mean: 20ms }",
    ),
    (
        "S014_name",
        "service_time: 10ms",
        "service_time: { dist: weibul, p50: 10ms, shape: 2 }",
    ),
    (
        "S014_shares",
        "service_time: 10ms",
        "service_time: { mix: { a: { share: 50%, value: 1ms }, b: { share: 40%, value: 2ms } } }",
    ),
    (
        "S014_word",
        "service_time: 10ms",
        "service_time: exponentiell 10ms",
    ),
    (
        "S015_file",
        "service_time: 10ms",
        "service_time: { file: no_such.hgrm }",
    ),
    (
        "S016_dangling",
        "wiring: sync }",
        "wiring: sync }\n  other: { extends: chian }",
    ),
    (
        "S017_circle",
        "chain: { wiring: sync }",
        "one: { extends: two }\n  two: { extends: one }",
    ),
    ("S020_no_effect", ", down: hang", ""),
    (
        "S020_rate_and_stages",
        "rate: 10/s",
        "rate: 10/s, stages: [{ duration: 10s, target: 20/s }]",
    ),
    (
        "S020_copy",
        "{ wiring: sync }",
        "{ wiring: sync, copies: { price: { at: shop, kind: replica, ttl: 1m } } }",
    ),
    (
        "S004_cache",
        "{ wiring: sync }",
        "{ wiring: sync, copies: { price: { at: shop, kind: cache } } }",
    ),
    (
        "S011_popularity",
        "traffic:\n",
        "data:\n  price: { owner: shop, keys: 10, popularity: zipf }\ntraffic:\n",
    ),
    (
        "S012_answer_by",
        "{ wiring: sync }",
        "{ wiring: sync, answer_by: post }",
    ),
    ("S020_too_often", "for: 5s", "for: 5s, every: 2s"),
    (
        "S020_need",
        "[shop, pay]",
        "[shop, { parallel: [pay], need: 2 }]",
    ),
    (
        "S021_aliases",
        "slo:",
        "data: [&a [x,x,x,x,x,x,x,x,x,x], &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a], &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b], &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c], &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]]\nslo:",
    ),
    ("S022_tag", "10ms", "!slow 10ms"),
    ("S022_documents", "run:", "---\nrun:"),
    (
        "S022_key",
        "shop: { service_time: 10ms }",
        "[shop]: { service_time: 10ms }",
    ),
    ("S023_version", "flows:", "brownout: 2\nflows:"),
];

/// Name, `--set`, `--variant`, `--overlay`.
const OUTSIDE: &[(&str, &str, &str, &str)] = &[
    ("S018_no_value", "services.shop.replicas", "", ""),
    ("S018_service", "services.shp.replicas=3", "", ""),
    ("S018_variant", "variants.chian.wiring=async", "", ""),
    ("S018_item", "flows.order.steps.7=pay", "", ""),
    ("S003_set", "services.shop.replcas=3", "", ""),
    ("S010_set", "variants.chain.calls.\"*\".timeout=3", "", ""),
    ("S019_variant", "", "chian", ""),
    ("S024_absent", "", "", "absent.yaml"),
];

#[test]
fn each_mistake_is_reported_once_at_its_place() {
    for (name, from, to) in FIXTURES {
        assert!(SOUND.contains(from), "{name} replaces nothing");
        let text = SOUND.replacen(from, to, 1);
        let (reading, mistakes) = check(&text, &Changes::default());
        assert!(reading.is_none(), "{name} is not refused");
        expect(name, &mistakes);
    }
    for (name, set, variant, overlay) in OUTSIDE {
        let words = |text: &&str| (!text.is_empty()).then(|| (*text).to_owned());
        let changes = Changes {
            set: words(set).into_iter().collect(),
            variants: words(variant).into_iter().collect(),
            overlays: words(overlay).into_iter().map(PathBuf::from).collect(),
        };
        let (reading, mistakes) = check(SOUND, &changes);
        assert!(reading.is_none(), "{name} is not refused");
        expect(name, &mistakes);
    }
}

fn expect(name: &str, mistakes: &str) {
    assert!(mistakes.contains("help: "), "{name}: {mistakes}");
    assert!(
        mistakes.ends_with("\n1 error in s.yaml · nothing was run\n"),
        "{name}:\n{mistakes}"
    );
    assert!(
        mistakes.contains(&format!("[{}]", &name[..4])),
        "{name}:\n{mistakes}"
    );
    insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "snapshots", omit_expression => true }, {
        insta::assert_snapshot!(name, mistakes);
    });
}

#[test]
fn every_code_has_a_fixture() {
    for code in CODES {
        let has = |name: &str| name.starts_with(code.code);
        let outside = OUTSIDE.iter().map(|(name, ..)| name);
        let mut names = FIXTURES.iter().map(|(name, ..)| name).chain(outside);
        assert!(names.any(|name| has(name)), "{} has no fixture", code.code);
    }
}

#[test]
fn the_sound_scenario_is_sound() {
    let (reading, mistakes) = check(SOUND, &Changes::default());
    assert_eq!((reading.is_some(), mistakes.as_str()), (true, ""));
}
