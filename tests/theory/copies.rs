//! Replicas and caches: how often they spare the owner, and how old what they say is.

use crate::harness::{holds, study, variant};
use brownout::analysis::{Estimate, Findings};
use brownout::kernel::math::{exp, pow};

/// Visitors read at `shop`, which would ask `owner`; an editor writes. Nothing takes time but what `copy` and `broker` say.
fn shop(
    visits: &str,
    edits: &str,
    data: &str,
    copy: &str,
    broker: &str,
    faults: &str,
    run: &str,
) -> Findings {
    study(&format!(
        "brownout: 1
flows:
  show: {{ from: visitor, steps: [shop, owner: {{ reads: price }}] }}
  change: {{ from: editor, steps: [owner: {{ writes: price }}] }}
data: {{ price: {{ owner: owner, {data} }} }}
services:
  shop: {{ concurrency: unlimited, service_time: 0ms }}
  owner: {{ concurrency: unlimited, service_time: 0ms }}
brokers: {{ events: {{ kind: topic, {broker} }} }}
traffic: {{ visitor: {{ {visits} }}, editor: {{ {edits} }} }}
variants: {{ copied: {{ wiring: sync, copies: {{ price: {{ at: shop, {copy} }} }} }} }}
faults: {{ {faults} }}
slo: {{ shown: show availability >= 0% }}
run: {{ {run} }}
"
    ))
}

const LONG: &str = "duration: 3h, warmup: 5m, replications: 20, seed: 2026, confidence: 99.9%";
const SHORT: &str = "duration: 100s, warmup: 0s, replications: 1";

fn price(findings: &Findings, name: &str) -> Estimate {
    let figures = &variant(findings, "copied").data[0].figures;
    let figure = figures.iter().find(|(figure, _)| *figure == name);
    figure.unwrap_or_else(|| panic!("no figure {name}")).1
}

fn share_of(findings: &Findings, figure: &str) -> f64 {
    price(findings, figure).mean * price(findings, "reads").mean
}

fn exactly(what: &str, value: f64, expected: f64) {
    assert!(
        (value - expected).abs() < 1e-6,
        "{what}: {value}, not {expected}"
    );
}

/// A reader (PASTA) finds the copy stale if an update was committed within the journey d before: 1 − e^(−μd). The oldest
/// of them is d old less an exponential time that began d before and was cut at its end: mean d − (1 − e^(−μd))/μ.
#[test]
fn a_replica_is_behind_by_the_journey_of_its_updates() {
    let (mu, journey) = (0.2, 2.0);
    let findings = shop(
        "rate: 5/s",
        "rate: 0.2/s",
        "keys: 1",
        "kind: replica",
        "publish: 2s",
        "",
        LONG,
    );
    let stale = 1.0 - exp(-mu * journey);
    holds("stale", stale, price(&findings, "read_stale"));
    holds(
        "staleness",
        journey - stale / mu,
        price(&findings, "staleness_mean"),
    );
    // Of 54 000 readers somebody comes a hundredth of a second before an update is known.
    let max = price(&findings, "staleness_max").mean;
    assert!((journey - 0.01..=journey).contains(&max), "{max}");
    exactly("from copy", price(&findings, "read_from_copy").mean, 1.0);
}

/// A miss every T and a gap to the next reader: hits λT in a cycle of T + 1/λ. A hit's age is uniform in T; it is stale if an
/// update came within it: 1 − (1 − e^(−μT))/(μT); for so long on average T/2 − 1/μ + (1 − e^(−μT))/(μ²T).
#[test]
fn a_cache_is_as_old_as_its_ttl_lets_it() {
    let (lambda, mu, ttl) = (2.0, 0.1, 3.0);
    let findings = shop(
        "rate: 2/s",
        "rate: 0.1/s",
        "keys: 1",
        "kind: cache, ttl: 3s",
        "",
        "",
        LONG,
    );
    let hits = lambda * ttl / (1.0 + lambda * ttl);
    holds("hits", hits, price(&findings, "read_from_copy"));
    let fresh = (1.0 - exp(-mu * ttl)) / (mu * ttl);
    holds(
        "stale",
        hits * (1.0 - fresh),
        price(&findings, "read_stale"),
    );
    let old = ttl / 2.0 - 1.0 / mu + fresh / mu;
    holds("staleness", hits * old, price(&findings, "staleness_mean"));
}

/// The same key by key: the k-th of n is asked for in proportion to 1/k.
#[test]
fn popular_keys_are_found_in_a_cache_more_often() {
    let (lambda, n, ttl) = (20.0, 500, 10.0);
    let findings = shop(
        "rate: 20/s",
        "rate: 0.1/s",
        "keys: 500, popularity: zipf 1",
        "kind: cache, ttl: 10s",
        "",
        "",
        "duration: 1h, warmup: 5m, replications: 20, seed: 2026, confidence: 99.9%",
    );
    let weights: Vec<f64> = (1..=n).map(|k| pow(f64::from(k), -1.0)).collect();
    let total: f64 = weights.iter().sum();
    let hits = weights.iter().map(|weight| {
        let seen = lambda * weight / total * ttl;
        weight / total * seen / (1.0 + seen)
    });
    holds("hits", hits.sum(), price(&findings, "read_from_copy"));
}

/// Readers at 1 s, 2 s, …; the owner is away from 20.5 s to 80.5 s. The entry of 1 s is too old at 12 s; the one put in then serves
/// as it is for 10.5 s, and instead of an error for 30 s more.
#[test]
fn a_cache_may_answer_for_an_owner_that_fails_if_it_is_not_too_old() {
    let findings = shop(
        "rate: 1/s, arrivals: constant",
        "rate: 0.001/s, arrivals: constant",
        "keys: 1",
        "kind: cache, ttl: 10.5s, stale_if_error: 30s",
        "",
        "away: { at: 20.5s, for: 60s, target: owner, down: refuse }",
        SHORT,
    );
    let shown = variant(&findings, "copied").flows[0].outcomes;
    // Asked at 1 s and 12 s; of 23 s to 52 s on the old entry, from 53 s to 80 s failed, asked again at 81 s and 92 s.
    let (first, last) = (12.0 + 10.5, 12.0 + 10.5 + 30.0);
    let between = |from: f64, to: f64| {
        (1..=99)
            .filter(|&k| f64::from(k) > from && f64::from(k) <= to)
            .count() as u64
    };
    assert_eq!(shown.degraded, between(first, last));
    assert_eq!(shown.failed, between(last, 80.5));
    assert_eq!(
        shown.answered_ok,
        shown.offered - shown.degraded - shown.failed
    );
    assert_eq!(shown.completed, shown.offered - shown.failed);
    exactly(
        "on the old entry",
        share_of(&findings, "read_from_old_copy"),
        f64::from(u32::try_from(between(first, last)).unwrap()),
    );
    exactly(
        "asked",
        price(&findings, "reads").mean
            - share_of(&findings, "read_from_copy")
            - share_of(&findings, "read_from_old_copy"),
        4.0,
    );
}

/// Readers at 1 s, 2 s, …; the instance is down from 20.5 s to 25.5 s and loads until 45.5 s: it asks from 26 s to 45 s.
#[test]
fn a_replica_asks_the_owner_until_it_is_loaded() {
    let findings = shop(
        "rate: 1/s, arrivals: constant",
        "rate: 0.2/s, arrivals: constant",
        "keys: 1",
        "kind: replica, bootstrap: 20s",
        "publish: 4.5s",
        "restart: { at: 20.5s, for: 5s, target: shop, down: refuse }",
        SHORT,
    );
    let reads = price(&findings, "reads").mean;
    exactly("reads", reads, 99.0 - 5.0);
    exactly("asked", reads - share_of(&findings, "read_from_copy"), 20.0);
    // Written at 5 s, 10 s, … and known 4.5 s later: four readers of five find it stale. Those who ask do not; the first one who
    // does not ask any more, at 46 s, misses what was committed at 45 s.
    let mine = |k: u32| !(21..=45).contains(&k) && k >= 5 && !k.is_multiple_of(5);
    let stale = (1..=99).filter(|&k| mine(k)).count();
    // At 5 s, 10 s, … reader and writer come at once, the visitor first.
    exactly(
        "stale",
        share_of(&findings, "read_stale"),
        f64::from(u32::try_from(stale).unwrap()),
    );
}

/// Nobody learns of a lost update: the copy is wrong until the next one comes through.
#[test]
fn a_lost_update_leaves_the_copy_wrong_until_the_next() {
    let findings = shop(
        "rate: 1/s, arrivals: constant",
        "rate: 0.1/s, arrivals: constant",
        "keys: 1",
        "kind: replica",
        "publish: 100ms, confirm: false",
        "deaf: { at: 45s, for: 10s, target: owner -> events, drop: 100% }",
        SHORT,
    );
    // That of 50 s is lost; that of 60 s comes 100 ms later: readers from 51 s to 60 s are wrong.
    exactly("stale", share_of(&findings, "read_stale"), 10.0);
    exactly("max", price(&findings, "staleness_max").mean, 10.0);
    let account = variant(&findings, "copied").channels[0].messages;
    assert_eq!((account.published, account.lost), (account.acked + 1, 1));
}

/// A replica at each of eight instances: one publish, eight deliveries, all of the same age.
#[test]
fn every_instance_is_told() {
    let findings = study(
        "brownout: 1
flows:
  show: { from: visitor, steps: [shop, owner: { reads: price }] }
  change: { from: editor, steps: [owner: { writes: price }] }
data: { price: { owner: owner, keys: 1000 } }
services:
  shop: { replicas: 8, concurrency: 4, service_time: 1ms }
  owner: { concurrency: 4, service_time: 1ms }
brokers: { events: { kind: log, partitions: 4, publish: 10ms } }
network: 1ms
traffic: { visitor: { rate: 50/s }, editor: { rate: 10/s } }
variants:
  copied: { wiring: async, copies: { price: { at: shop, kind: replica, apply: 2ms } } }
slo: { fresh: price staleness p99 < 1s }
run: { duration: 5m, warmup: 10s, replications: 2 }
",
    );
    let copied = variant(&findings, "copied");
    let messages = copied.channels[0].messages;
    assert_eq!(copied.channels.len(), 1);
    assert_eq!(messages.published, messages.acked);
    assert_eq!(messages.published % 8, 0);
    let sent = copied.edges.iter().find(|edge| edge.by == "message");
    // The first one that is needed carries the others.
    let offered = copied.flows[1].outcomes.offered;
    assert_eq!(sent.map(|edge| edge.outcomes[0]), Some(offered));
    // From the commit: a hop, a write, a hop, and 2 ms of a worker that is free.
    let way = 0.001 + 0.010 + 0.001 + 0.002;
    let max = price(&findings, "staleness_max").mean;
    assert!((0.5 * way..=way + 0.01).contains(&max), "{max}");
}
