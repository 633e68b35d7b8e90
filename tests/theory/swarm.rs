//! Random valid scenarios, some features wholly off, short runs: whatever is asked for, the accounts balance (the engine
//! asserts A32 at the end of every run) and every flow run has one fate.
//!
//! `BROWNOUT_SWARM=N` runs N scenarios (default 60), `BROWNOUT_SWARM_SEED=S` begins at seed S; a failure names its seed.

use crate::harness::cases;
use brownout::engine::{Boundary, Cause, Fate, Probe, RunFacts, WorkerTime, simulate};
use brownout::kernel::chance::{Draw, Purpose, Stream};
use brownout::kernel::time::Time;
use std::fmt::Write as _;

/// Counts what every flow run comes to.
#[derive(Default)]
struct Fates {
    offered: u64,
    closed: u64,
    edges: Vec<Boundary>,
}

impl Probe for Fates {
    fn offered(&mut self, _run: RunFacts) {
        self.offered += 1;
    }
    fn closed(&mut self, _now: Time, _run: RunFacts, _fate: Fate, _cause: Option<Cause>) {
        self.closed += 1;
    }
    fn boundary(&mut self, _now: Time, edge: Boundary, _: &[WorkerTime], _wasted: u128) {
        self.edges.push(edge);
    }
}

/// Choices of one scenario.
struct Chooser(Draw);

impl Chooser {
    fn below(&mut self, n: u32) -> u32 {
        self.0.below(n)
    }
    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(u32::try_from(of.len()).unwrap()) as usize]
    }
    fn is(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }
    fn time(&mut self) -> String {
        let ms = 1 + self.below(60);
        match self.below(7) {
            0 => format!("{ms}ms"),
            1 => "0ms".to_owned(),
            2 => format!("exponential {ms}ms"),
            3 => format!("{{ p50: {ms}ms, p99: {}ms }}", ms * 7),
            4 => format!("{{ mean: {ms}ms, cv: 1.3 }}"),
            5 => format!("uniform {ms}ms..{}ms", ms * 2),
            _ => format!(
                "{{ mix: {{ a: {{ share: 90%, p50: {ms}ms, p99: {}ms }}, b: {{ share: 10%, p50: 1s, p99: 2s }} }} }}",
                ms * 3
            ),
        }
    }
}

/// A scenario; every block draws whether it has anything special at all.
fn scenario(seed: u64) -> String {
    // Every scenario draws from its own stream; one `who` would give 256 draws only, so the stream restarts per part.
    let stream = Stream::new(seed, 0, Purpose::Test, 77);
    let mut part = 0;
    let mut chooser = || {
        part += 1;
        Chooser(stream.draw(part << 8))
    };
    let mut text = String::from("brownout: 1\n");
    let n = 2 + chooser().below(5);
    let (flow, has_plain_end) = flow(&mut chooser(), n);
    text.push_str(&flow);
    text.push_str("services:\n");
    let (mut ours, mut fixed) = (Vec::new(), Vec::new());
    for service in 0..n {
        let line = service_line(&mut chooser());
        ours.push(!line.contains("external"));
        fixed.push(!line.contains("external") && !line.contains("autoscale"));
        writeln!(text, "  s{service}: {{ {line} }}").unwrap();
    }
    let mut c = chooser();
    writeln!(text, "brokers:\n  bus: {{ {} }}", broker_line(&mut c)).unwrap();
    let news = c.one(&[
        "kind: topic",
        "kind: log, partitions: 3",
        "kind: topic, capacity: 5, ttl: 300ms",
        "kind: log, partitions: 2, durable: false, poll: 100ms",
    ]);
    writeln!(
        text,
        "  news: {{ {news}, zones: [south, north], failover: 1s }}"
    )
    .unwrap();
    if c.is(70) {
        writeln!(
            text,
            "network: {}",
            c.one(&["1ms", "{ p50: 1ms, p99: 9ms }", "exponential 2ms"])
        )
        .unwrap();
    }
    text.push_str(&traffic(&mut c));
    text.push_str(&variants(&mut chooser(), (&ours, &fixed), has_plain_end));
    text.push_str(&faults(&mut chooser(), n));
    text.push_str("slo:\n  any: availability >= 1%\n");
    writeln!(
        text,
        "run: {{ duration: 20s, warmup: 2s, drain: {}s, replications: 1, seed: {seed} }}",
        1 + c.below(90)
    )
    .unwrap();
    text
}

/// What a broker can do.
fn broker_line(c: &mut Chooser) -> String {
    let full = c.one(&["reject", "drop_oldest", "drop_new", "block"]);
    let capacity = c.one(&["unlimited", "3", "50"]);
    let flags = c.one(&[
        "",
        ", durable: false",
        ", publish: 3ms",
        ", publish: exponential 5ms",
        ", dedup: 2s",
        ", dedup: 100ms, publish: 3ms",
        ", linger: 50ms, batch: 4",
        ", throughput: 5kB/s",
    ]);
    let kind = c.one(&[
        "",
        "",
        ", ordering: total",
        ", ordering: per_key",
        ", kind: topic, ordering: per_key",
        ", kind: topic",
        ", kind: log, partitions: 1",
        ", kind: log, partitions: 7",
    ]);
    let ttl = c.one(&["", "", ", ttl: 40ms", ", ttl: 2s"]);
    let poll = c.one(&["", "", ", poll: 100ms", ", poll: 1s"]);
    format!("capacity: {capacity}, when_full: {full}{flags}{kind}{ttl}{poll}")
}

/// The flow, and whether its last step is one of the sequence (so that it may be reached by a message).
fn flow(c: &mut Chooser, n: u32) -> (String, bool) {
    let mut steps = vec!["s0".to_owned()];
    let mut next = 1;
    let mut has_plain_end = true;
    while next < n {
        let flags = c.one(&[
            "",
            "",
            "",
            "optional: true",
            "probability: 40%",
            "optional: true, probability: 60%",
            "key: { hot: 50% }",
            "key: { of: 3 }",
            "compensate: {}",
            "compensate: { service: s0, service_time: exponential 5ms }",
            "reads",
            "writes",
            "reads, writes",
        ]);
        let step = |k: u32| {
            if flags.is_empty() {
                format!("s{k}")
            } else if flags.starts_with("reads") || flags.starts_with("writes") {
                let access = flags.split(", ").map(|verb| format!("{verb}: d{k}"));
                format!(
                    "{{ s{k}: {{ {} }} }}",
                    access.collect::<Vec<_>>().join(", ")
                )
            } else {
                format!("{{ s{k}: {{ {flags} }} }}")
            }
        };
        if next + 1 < n && c.is(30) {
            let need = c.one(&["all", "any"]);
            steps.push(format!(
                "{{ parallel: [s{next}, s{}], need: {need} }}",
                next + 1
            ));
            next += 2;
        } else if next + 1 < n && c.is(15) {
            steps.push(format!("{{ s{next}: {{ then: [s{}] }} }}", next + 1));
            has_plain_end = next + 2 < n;
            next += 2;
        } else {
            steps.push(step(next));
            next += 1;
        }
    }
    let steps = steps.join(", ");
    let mut text =
        format!("flows:\n  flow: {{ from: clients, steps: [{steps}], answer_needs: [s0] }}\n");
    text.push_str(&data(c, n));
    (text, has_plain_end)
}

/// Data at every service but the first.
fn data(c: &mut Chooser, n: u32) -> String {
    let mut text = String::from("data:\n");
    for k in 1..n {
        let popularity = c.one(&["uniform", "zipf 0.8", "zipf 1.5, updated: uniform"]);
        writeln!(
            text,
            "  d{k}: {{ owner: s{k}, keys: 20, popularity: {popularity} }}"
        )
        .unwrap();
    }
    text
}

fn service_line(c: &mut Chooser) -> String {
    let mut line = format!(
        "service_time: {}, concurrency: {}",
        c.time(),
        c.one(&["1", "4", "20", "unlimited"])
    );
    if c.is(40) {
        let replicas = c.one(&["1", "2", "3"]);
        let balance = c.one(&["shared", "round_robin", "random", "least_requests", "hash"]);
        write!(line, ", replicas: {replicas}, balance: {balance}").unwrap();
    }
    if c.is(30) {
        write!(line, ", queue: {}", c.one(&["0", "2", "30"])).unwrap();
    }
    if c.is(30) {
        write!(line, ", errors: {}", c.one(&["1%", "30%", "100%"])).unwrap();
    }
    if c.is(40) {
        line.push_str(", blocking: false");
    }
    if c.is(20) {
        line.push_str(", idempotent: true");
    }
    if c.is(15) {
        line.push_str(", external: true");
    }
    if c.is(15) {
        let limit = c.one(&["0.5/s", "8/s", "100/s", "{ rate: 9/s, burst: 2 }"]);
        write!(line, ", rate_limit: {limit}").unwrap();
    }
    if c.is(40) {
        let special = c.one(&[
            ", discipline: lifo",
            ", discipline: priority",
            ", discipline: ps, cores: 2",
            ", contention: 1ms",
            ", discipline: adaptive_lifo",
            ", shed: { queue: 2 }",
            ", shed: { waited: 50ms }",
            ", shed: { reserve: 1 }",
            ", shed: { time_left: 20ms, share: 10%, by: flow_run }",
            ", discipline: lifo, shed: { codel: 5ms, interval: 40ms }",
            ", balance: power_of_two",
        ]);
        // Whatever changes among those who share cores touches all of them: without a bound on them that takes long.
        let is_endless = special.contains("ps") && line.contains("unlimited");
        let is_twice = special.contains("balance") && line.contains("balance");
        if !is_twice && !is_endless {
            line.push_str(special);
        }
    }
    line.push_str(&whereabouts(c, &line));
    line
}

/// Where a service's instances stand, how many there are, and who knows of them.
fn whereabouts(c: &mut Chooser, so_far: &str) -> String {
    let mut line = String::new();
    let has = |line: &str, word: &str| so_far.contains(word) || line.contains(word);
    if c.is(40) {
        let place = c.one(&["zones: [north, south]", "zone: north"]);
        write!(line, ", {place}").unwrap();
        if !has(&line, "balance") {
            line.push_str(", balance: zone_aware, replicas: 4");
        }
    }
    if c.is(25) && !has(&line, "shared") && !has(&line, "unlimited") {
        let scale = c.one(&["min: 1, max: 4", "min: 1, max: 6, start_up: 0s"]);
        let pace = "interval: 1s, start_up: 2s, cool_down: 3s, target_utilization: 40%";
        let pace = if scale.contains("start_up") {
            "interval: 500ms, cool_down: 0s"
        } else {
            pace
        };
        if !has(&line, "replicas") {
            write!(line, ", autoscale: {{ {scale}, {pace} }}").unwrap();
        }
    }
    if c.is(25) {
        line.push_str(", warm_up: { for: 2s, slowdown: x2.5 }");
    }
    if c.is(30) && !has(&line, "shared") {
        let check = "health_check: { interval: 700ms, timeout: 200ms, unhealthy_after: 2 }";
        let list = c.one(&["", ", refresh: 1s", ", panic_below: 60%"]);
        write!(line, ", discovery: {{ {check}{list} }}").unwrap();
    }
    line
}

/// Who comes.
fn traffic(c: &mut Chooser) -> String {
    let mut text = String::new();
    let patience = c.one(&["", ", patience: 500ms", ", patience: 3s"]);
    let arrivals = c.one(&["", ", arrivals: constant"]);
    let rate = 5 + c.below(150);
    let load = format!("rate: {rate}/s{arrivals}");
    writeln!(text, "traffic:\n  clients: {{ {load}{patience} }}").unwrap();
    if c.is(20) {
        let think = c.one(&["20ms", "exponential 1s"]);
        writeln!(
            text,
            "  users: {{ flow: flow, users: {}, think_time: {think}{patience} }}",
            1 + c.below(30)
        )
        .unwrap();
    }
    text
}

fn variants(c: &mut Chooser, (ours, fixed): (&[bool], &[bool]), has_plain_end: bool) -> String {
    let n = ours.len();
    let calls = calls(c);
    let consume = consume(c);
    let publish = publish(c);
    let cache = c.one(&[
        "kind: cache, ttl: 200ms",
        "kind: cache, ttl: 2s, entries: 3, stale_if_error: 3s",
    ]);
    let replica = c.one(&[
        "kind: replica, via: news",
        "kind: replica, via: news, apply: 2ms, bootstrap: 3s",
    ]);
    let (cached, copied) = (copies(ours, cache), copies(fixed, replica));
    let mut text = format!(
        "variants:
  chain: {{ wiring: sync, {calls} }}
  conductor: {{ wiring: sync, shape: orchestrated, {calls} }}
  events: {{ wiring: async, via: bus, {calls}, {consume}{publish} }}
  saga: {{ wiring: async, shape: orchestrated, via: bus, {calls}, {consume}{publish} }}
  thin: {{ wiring: async, carries: id, via: bus, {calls}, {consume}{publish} }}
  cached: {{ extends: chain, copies: {{ {cached} }} }}
  copied: {{ extends: events, copies: {{ {copied} }} }}
  stand_in: {{ extends: chain, calls: {{ s1: {{ fallback: {{ via: bus }} }} }}, {consume}{publish} }}
  stand_still: {{ extends: chain, calls: {{ s1: {{ fallback: {{ static: true }} }} }} }}
  stand_there: {{ extends: chain, calls: {{ \"*\": {{ fallback: {{ call: s0 }} }} }}, {consume}{publish} }}
  stand_there_too: {{ extends: conductor, calls: {{ s1: {{ timeout: 50ms, fallback: {{ call: s0 }} }}, s0: {{ retry: none }} }} }}
  stand_back: {{ extends: events, publish: {{ fallback: {{ via: call }} }} }}
  polls: {{ extends: events, answer_by: poll 300ms }}
  backs: {{ extends: events, answer_by: callback }}
  streams: {{ extends: events, via: stream }}
  posts: {{ wiring: async, via: webhook, {calls}, {consume}{publish} }}
"
    );
    if has_plain_end {
        let last = n - 1;
        let asked = format!("answer_after: s{last}, steps: {{ s1: {{ wiring: async }} }}");
        writeln!(
            text,
            "  asks: {{ wiring: async, via: bus, {asked}, {calls}, {consume}{publish} }}"
        )
        .unwrap();
        let steps = format!("steps: {{ s{last}: {{ wiring: async, via: bus }} }}");
        writeln!(
            text,
            "  mixed: {{ wiring: sync, {steps}, {calls}, {consume}{publish} }}"
        )
        .unwrap();
    }
    text
}

/// How everybody calls.
fn calls(c: &mut Chooser) -> String {
    let timeout = c.one(&["", "timeout: 100ms, ", "timeout: 1s, deadline: 2s, "]);
    let retry = c.one(&[
        "retry: none",
        "retry: { attempts: 3, backoff: none }",
        "retry: { attempts: 4, backoff: 20ms..500ms, jitter: full }",
        "retry: { attempts: 4, backoff: 5ms, budget: { tokens: 9, takes: failures } }",
    ]);
    let cancel = c.one(&[
        "",
        ", cancel: true",
        ", propagate: true",
        ", cancel: true, propagate: true",
    ]);
    let guard = guards(c);
    let hedge = hedges(c);
    format!("calls: {{ \"*\": {{ {timeout}{retry}{cancel}{guard}{hedge} }} }}")
}

/// What callers send once more.
fn hedges(c: &mut Chooser) -> String {
    c.one(&[
        "",
        "",
        ", hedge: { after: 0s }",
        ", hedge: { after: 15ms, most: 3 }",
        ", outlier_ejection: {}",
        ", outlier_ejection: { consecutive: 2, eject_for: 1s, most: 100% }, hedge: { after: 5ms }",
        ", hedge: { at: p90, budget: { share: 10%, at_least: 1/s } }",
        ", hedge: { after: 0s, tied: true }",
        ", hedge: { after: 10ms, most: 2, tied: true, budget: { failures: 30%, window: none } }",
    ])
    .to_owned()
}

/// How everybody publishes.
fn publish(c: &mut Chooser) -> String {
    c.one(&[
        "",
        ", publish: { confirm: false }",
        ", publish: { when_refused: drop }",
        ", publish: { when_refused: outbox }",
        ", publish: { when_refused: outbox, outbox: { poll: 2s, batch: 3 } }",
        ", publish: { when_refused: retry, timeout: 200ms, retry: { attempts: 4, backoff: 30ms } }",
    ])
    .to_owned()
}

/// Of each data a copy at the service before its owner, which may be the one that reads it.
fn copies(ours: &[bool], kind: &str) -> String {
    let copies = (1..ours.len())
        .filter(|&k| ours[k - 1])
        .map(|k| format!("d{k}: {{ at: s{}, {kind} }}", k - 1));
    copies.collect::<Vec<_>>().join(", ")
}

/// How everybody consumes.
/// What callers put before their attempts.
fn guards(c: &mut Chooser) -> &'static str {
    let all = [
        "",
        "",
        ", circuit_breaker: { consecutive: 3, wait_in_open_state: 500ms }",
        ", circuit_breaker: { window: 2s, minimum_calls: 5, slow_call: 30ms, wait_in_open_state: 1s, probes: 2 }",
        ", order: [circuit_breaker, retry], circuit_breaker: { window_calls: 9, minimum_calls: 4, wait_in_open_state: 1s, shared: true }",
        ", bulkhead: { most: 2 }, rate_limit: 20/s",
        ", rate_limit: { rate: 20/s, algorithm: sliding_window }",
        ", adaptive_throttle: { k: 1.2, window: 3s }",
        ", adaptive_throttle: { shared: true }, concurrency_limit: { initial: 2, most: 9, too_slow: 50ms }",
        ", order: [concurrency_limit, retry], concurrency_limit: { law: gradient, initial: 3, least: 1 }",
        ", bulkhead: { most: 1, queue: 3, wait: 200ms }",
        ", circuit_breaker: { consecutive: 3, wait_in_open_state: 500ms }, bulkhead: { most: 2, queue: unlimited, shared: true }",
        ", order: [bulkhead, rate_limit, retry, circuit_breaker], bulkhead: { most: 3, shared: true }, rate_limit: 30/s, circuit_breaker: { preset: opossum }",
    ];
    c.one(&all)
}

/// How steps behind a message consume.
fn consume(c: &mut Chooser) -> String {
    let visibility = c.one(&["", ", visibility: 300ms", ", visibility: 5s"]);
    let ack = c.one(&["", ", ack: before"]);
    let then = c.one(&["dead_letter", "drop", "block"]);
    let prefetch = c.one(&["", ", prefetch: 1", ", prefetch: 10"]);
    let post = c.one(&[
        "",
        ", timeout: 300ms",
        ", timeout: 2s, rate_limit: 20/s",
        ", rate_limit: 3/s",
        ", rate_limit: { rate: 3/s, algorithm: fixed_window, window: 2s }",
    ]);
    let group = c.one(&[
        "",
        "",
        ", session: 500ms, rebalance: 200ms",
        ", replay: 2s",
        ", replay: { at: 8s, rate: 5/s }",
        ", session: 0s, rebalance: 0s",
    ]);
    let redeliver = c.one(&[
        "{ attempts: 2, backoff: 50ms }",
        "{ attempts: 5, backoff: 10ms..1s, jitter: equal }",
        "{ preset: standard_webhooks }",
        "{ attempts: 9, backoff: [0s, 20ms, 1s] }",
    ]);
    format!(
        "consume: {{ \"*\": {{ redeliver: {redeliver}, then: {then}{visibility}{ack}{prefetch}{group}{post} }} }}"
    )
}

/// Something that the target can have.
fn effect<'a>(c: &mut Chooser, target: &str) -> &'a str {
    match target {
        "bus" | "news" => c.one(&[
            "down: refuse",
            "down: hang",
            "down: refuse, lose: unflushed",
            "down: hang, lose: unacked",
            "down: refuse, lose: all",
            "pause: true",
            "errors: 50%",
            "latency: +200ms",
            "poison: 20%",
            "throttle: 10/s",
            "duplicate: 30%",
        ]),
        "north" => c.one(&["down: refuse", "down: hang", "pause: true", "latency: x3"]),
        "discovery" => "pause: true",
        "clients" => c.one(&["load: x3", "load: x0.5", "load: -40%"]),
        "north -> south" => c.one(&["drop: 100%", "drop: 40%", "drop: 60%, ramp: 1s"]),
        _ if target.contains("->") => c.one(&[
            "down: refuse",
            "drop: 40%",
            "drop_replies: 30%",
            "latency: x10",
        ]),
        _ => c.one(&[
            "down: refuse",
            "down: hang",
            "pause: true",
            "errors: 50%",
            "latency: x10",
            "latency: +400ms, ramp: 1s",
            "capacity: 50%",
            "capacity: 0%",
            "down: hang, replicas: 1",
            "down: refuse, replicas: 1",
            "kill: 1",
            "kill: 1, rolling: true",
            "throttle: 8/s, share: 40%",
            "drop: 20%",
        ]),
    }
}

fn faults(c: &mut Chooser, n: u32) -> String {
    let mut text = String::new();
    for k in 0..c.below(5) {
        let service = format!("s{}", c.below(n));
        let target = match c.below(9) {
            8 => "north -> south".to_owned(),
            7 => "north".to_owned(),
            6 => "discovery".to_owned(),
            5 => "clients".to_owned(),
            2 => "news".to_owned(),
            0 => "bus".to_owned(),
            1 => format!("clients -> s{}", 0),
            _ => service,
        };
        let effect = effect(c, &target);
        let every = if c.is(20) { ", every: 6s" } else { "" };
        let (at, lasts) = (c.below(15), 1 + c.below(5));
        let is_free = !effect.contains("kill");
        let watched = c.one(&[
            "backlog(bus) > 5",
            "backlog(s0) >= 3",
            "utilization(s0) > 50%",
        ]);
        let when = match c.below(10) {
            0 | 1 if is_free => "random: { mtbf: exponential 5s, mttr: exponential 1s }".to_owned(),
            2 if is_free && target != "clients" => format!("when: {watched}, for: {lasts}s"),
            3 if is_free && target != "clients" && !effect.contains("ramp") => {
                format!("when: {watched}, at: {at}s")
            }
            _ => format!("at: {at}s, for: {lasts}s{every}"),
        };
        if target == "north -> south" && c.is(50) {
            let cut = c.one(&["[north, south]", "south -> north", "north -> south"]);
            writeln!(text, "  f{k}: {{ {when}, cut: {cut} }}").unwrap();
        } else {
            writeln!(text, "  f{k}: {{ {when}, target: {target}, {effect} }}").unwrap();
        }
    }
    if text.is_empty() {
        text
    } else {
        format!("faults:\n{text}")
    }
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "a failed test shows the scenario that failed it"
)]
fn accounts_balance_whatever_is_asked_for() {
    let number = |name: &str, default: u64| {
        std::env::var(name).map_or(default, |text| text.parse().unwrap())
    };
    let (first, n) = (
        number("BROWNOUT_SWARM_SEED", 1),
        number("BROWNOUT_SWARM", 60),
    );
    for seed in first..first + n {
        let text = scenario(seed);
        println!("swarm seed {seed}\n{text}");
        for case in cases(&text) {
            println!("variant {}", case.wiring.name);
            let mut probe = Fates::default();
            let system = case.system.in_replication(0);
            let end = simulate(&system, &case.wiring, 0, &mut probe);
            assert_eq!(
                probe.offered, probe.closed,
                "seed {seed}, variant {}",
                case.wiring.name
            );
            assert_eq!(probe.offered, end.flow_runs, "seed {seed}");
            let all = [Boundary::Opens, Boundary::Closes, Boundary::Ends];
            assert_eq!(probe.edges, all, "seed {seed}");
        }
    }
}
