//! Queues, logs and their consumers: expiry, polling, partitions, redelivery, visibility.

use crate::harness::{figure, holds, study, variant};
use brownout::analysis::Findings;
use brownout::kernel::math::exp;
use brownout::theory::{MmC, attempts_success};

/// Intake takes no time; `desk` does exponential work of 100 ms behind the broker.
fn behind(broker: &str, desk: &str, step: &str, consume: &str, rate: f64, hours: u32) -> Findings {
    study(&format!(
        "brownout: 1
flows: {{ item: {{ from: customer, steps: [intake, desk: {{ service_time: exponential 100ms{step} }}], answer_needs: [intake] }} }}
services:
  intake: {{ concurrency: unlimited, service_time: 0ms }}
  desk: {{ {desk} }}
brokers: {{ line: {{ {broker} }} }}
traffic: {{ customer: {{ rate: {rate}/s }} }}
variants: {{ queued: {{ wiring: async, via: line, consume: {{ desk: {{ {consume} }} }} }} }}
slo: {{ kept: unfinished == 0 }}
run: {{ duration: {hours}h, warmup: 5m, replications: 20, seed: 2026, confidence: 99.9% }}
"
    ))
}

fn m_m_1_sojourn_s(arrivals_per_s: f64) -> f64 {
    let station = MmC {
        arrivals_per_s,
        service_s: 0.1,
        n_workers: 1,
    };
    station.sojourn_mean_s()
}

/// M/M/1 whose customers leave when they have waited τ (Barrer, Operations Research 5, 1957). Level crossings of the work
/// V that a newcomer finds: its density is λ p₀ e^(−(μ−λ)v) below τ and falls like e^(−μv) above, so
/// `1/p₀ = 1 + λ (1 − e^(−(μ−λ)τ))/(μ−λ) + (λ/μ) e^(−(μ−λ)τ)` and the last term times p₀ is the share that leaves.
#[test]
fn a_ttl_is_impatience() {
    let (lambda, mu, ttl) = (8.0, 10.0, 0.5);
    let findings = behind("ttl: 500ms", "concurrency: 1", "", "prefetch: 1", lambda, 3);
    let gap = mu - lambda;
    let end = exp(-gap * ttl);
    let nobody = 1.0 / (1.0 + lambda * (1.0 - end) / gap + lambda / mu * end);
    let leaves = nobody * lambda / mu * end;
    holds(
        "done a second",
        lambda * (1.0 - leaves),
        figure(&findings, "queued", "throughput"),
    );
    // ∫₀^τ v λ p₀ e^(−(μ−λ)v) dv, of those who stay.
    let waited = lambda * nobody * (1.0 - end * (1.0 + gap * ttl)) / (gap * gap);
    holds(
        "wait of those who stay",
        waited / (1.0 - leaves) + 1.0 / mu,
        figure(&findings, "queued", "completion_mean"),
    );
}

/// A consumer that sleeps V when it finds nothing: the M/G/1 wait and E[V²]/(2 E[V]) (Fuhrmann and Cooper, Operations
/// Research 33, 1985).
#[test]
fn polling_is_a_server_on_vacation() {
    let (lambda, nap) = (6.0, 1.0);
    let findings = behind("poll: 1s", "concurrency: 1", "", "", lambda, 2);
    holds(
        "sojourn",
        m_m_1_sojourn_s(lambda) + nap / 2.0,
        figure(&findings, "queued", "completion_mean"),
    );
}

/// Each partition is an M/M/1 queue of its own share (thinning); the hot one is nearly full, alone.
#[test]
fn a_hot_partition_is_a_queue_of_its_own() {
    let findings = behind(
        "kind: log, partitions: 8",
        "concurrency: unlimited",
        ", key: { hot: 20% }",
        "",
        30.0,
        6,
    );
    let hot = 0.2 + 0.8 / 8.0;
    let cold = 0.8 / 8.0;
    holds(
        "sojourn",
        hot * m_m_1_sojourn_s(30.0 * hot) + 7.0 * cold * m_m_1_sojourn_s(30.0 * cold),
        figure(&findings, "queued", "completion_mean"),
    );
}

/// Ten partitions over four consumers with one worker each: three, three, two, two. A consumer is an M/M/1 queue of its
/// partitions' messages, in whatever order, as the order does not look at the work.
#[test]
fn consumers_share_partitions_as_evenly_as_they_can() {
    let findings = behind("kind: log, partitions: 10", "replicas: 4", "", "", 30.0, 4);
    let (three, two) = (m_m_1_sojourn_s(9.0), m_m_1_sojourn_s(6.0));
    holds(
        "sojourn",
        0.6 * three + 0.4 * two,
        figure(&findings, "queued", "completion_mean"),
    );
}

/// A relay that looks every V finds a message V/2 old on average, whenever it came, and none older than V.
#[test]
fn an_outbox_delays_by_half_its_period() {
    let findings = study(
        "brownout: 1
flows: { item: { from: customer, steps: [intake, desk], answer_needs: [intake] } }
services:
  intake: { concurrency: unlimited, service_time: 0ms }
  desk: { concurrency: unlimited, service_time: 100ms }
brokers: { line: {} }
traffic: { customer: { rate: 20/s } }
variants:
  stored: { wiring: async, via: line, publish: { when_refused: outbox, outbox: { poll: 2s, batch: unlimited } } }
slo: { kept: lost == 0 }
run: { duration: 20m, warmup: 1m, replications: 20, seed: 2026, confidence: 99.9% }
",
    );
    holds(
        "lag and work",
        2.0 / 2.0 + 0.1,
        figure(&findings, "stored", "completion_mean"),
    );
    let longest = figure(&findings, "stored", "completion_max").mean;
    assert!(longest <= 2.0 + 0.1 + 1e-9 && longest > 2.0, "{longest}");
}

/// Each delivery fails with p: p^k of the messages are parked after k deliveries.
#[test]
fn deliveries_fail_like_attempts() {
    let (p, k) = (0.4, 3);
    let findings = behind(
        "",
        "concurrency: unlimited, errors: 40%",
        "",
        "redeliver: { attempts: 3, backoff: 1s }",
        20.0,
        1,
    );
    holds(
        "done a second",
        20.0 * attempts_success(p, k),
        figure(&findings, "queued", "throughput"),
    );
    let per_run = 20.0 * 3600.0;
    holds(
        "parked",
        per_run * (1.0 - attempts_success(p, k)),
        figure(&findings, "queued", "dead_lettered"),
    );
}

/// A new delivery every V as long as none is acknowledged, each worked off to its end: the n-th is followed by another if
/// all n before it are still at work, so `E[deliveries] = Σₙ Πⱼ₌₁ⁿ P(S > jV)`, and all but one are duplicates.
#[test]
fn slow_work_under_a_visibility_timeout_is_done_again() {
    let (mean, visibility): (f64, f64) = (0.1, 0.1);
    let findings = behind(
        "",
        "concurrency: unlimited",
        "",
        "visibility: 100ms, prefetch: unlimited, redeliver: { attempts: unlimited, backoff: 1s }",
        20.0,
        1,
    );
    let mut deliveries = 1.0;
    let mut all_at_work = 1.0;
    for j in 1..30 {
        all_at_work *= exp(-f64::from(j) * visibility / mean);
        deliveries += all_at_work;
    }
    holds(
        "duplicates",
        20.0 * 3600.0 * (deliveries - 1.0),
        figure(&findings, "queued", "duplicates_applied"),
    );
}

/// Each command fails with p at each of k deliveries: p^k of the sagas fail for good at the first step, where there is
/// nothing to undo, and p^k of the others at the second, where the first is undone. No flow run is lost, and none half done.
#[test]
fn sagas_that_fail_for_good_are_undone() {
    let (p, k, rate) = (0.4, 3, 20.0);
    let findings = study(
        "brownout: 1
flows: { order: { from: shopper, steps: [checkout, stock: { compensate: {} }, payment], answer_needs: [checkout] } }
services:
  checkout: { concurrency: unlimited, service_time: 0ms }
  stock: { concurrency: unlimited, service_time: exponential 20ms, errors: 40% }
  payment: { concurrency: unlimited, service_time: exponential 20ms, errors: 40% }
brokers: { line: {} }
traffic: { shopper: { rate: 20/s } }
variants:
  saga: { wiring: async, shape: orchestrated, via: line, consume: { '*': { redeliver: { attempts: 3, backoff: 1s } } } }
slo: { undone: compensated < 50k }
run: { duration: 2h, warmup: 5m, replications: 20, seed: 2026, confidence: 99.9% }
",
    );
    let fails = 1.0 - attempts_success(p, k);
    let per_run = rate * 7200.0;
    // The compensation is given up as often as any command, and then somebody must look: parked.
    let undone = fails + (1.0 - fails) * fails * (1.0 - fails);
    holds(
        "undone",
        per_run * undone,
        figure(&findings, "saga", "compensated"),
    );
    holds(
        "parked",
        per_run * (1.0 - fails) * fails * fails,
        figure(&findings, "saga", "dead_lettered"),
    );
    holds(
        "done a second",
        rate * (1.0 - fails) * (1.0 - fails),
        figure(&findings, "saga", "throughput"),
    );
}

/// The entry fails with what the answer needs, at p of its attempts, and is tried k times: 1 − p^k of the flow runs are accepted,
/// whichever attempt it was, and a saga does the rest of each: none is lost.
#[test]
fn an_entry_that_is_tried_again_has_its_saga() {
    let (p, k) = (0.4, 3);
    let findings = study(
        "brownout: 1
flows: { order: { from: shopper, steps: [shop, payment, mail], answer_needs: [payment], done_when: all } }
services:
  shop: { concurrency: unlimited, service_time: 1ms }
  payment: { concurrency: unlimited, service_time: exponential 20ms, errors: 40% }
  mail: { concurrency: unlimited, service_time: exponential 50ms }
brokers: { line: {} }
traffic: { shopper: { rate: 20/s } }
variants:
  saga:
    wiring: async
    shape: orchestrated
    via: line
    answer_after: payment
    calls: { shop: { retry: { attempts: 3, backoff: 10ms } } }
slo: { none: lost == 0 }
run: { duration: 1h, warmup: 1m, replications: 20, seed: 2026, confidence: 99.9% }
",
    );
    let accepted = attempts_success(p, k);
    holds(
        "accepted",
        accepted,
        figure(&findings, "saga", "availability"),
    );
    holds(
        "done a second",
        20.0 * accepted,
        figure(&findings, "saga", "throughput"),
    );
    for name in ["lost", "dead_lettered", "unfinished"] {
        assert!(figure(&findings, "saga", name).mean < 1e-12, "{name}");
    }
}

/// Shop is down for 60 of 600 s, after whatever it had sent was delivered; its messages wait for a slow worker meanwhile. With
/// all they need in them they are worked off all the same; with an id only each delivery fails until the shop is back.
#[test]
fn who_must_ask_back_fails_with_the_sender() {
    let findings = study(
        "brownout: 1
flows: { order: { from: shopper, steps: [shop, pack], answer_needs: [shop] } }
services:
  shop: { concurrency: unlimited, service_time: 1ms }
  pack: { concurrency: 1, service_time: 200ms }
brokers: { line: {} }
traffic: { shopper: { rate: 4/s, arrivals: constant } }
variants:
  state: { wiring: async, via: line }
  id: { wiring: async, via: line, carries: id, consume: { pack: { redeliver: { attempts: 100, backoff: 1s } } } }
faults:
  slow: { at: 2m, for: 1m, target: pack, pause: true }
  away: { at: 3m, for: 1m, target: shop, down: refuse }
slo: { kept: lost == 0 }
run: { duration: 10m, warmup: 1m, replications: 3, seed: 2026, confidence: 99.9% }
",
    );
    // 240 orders wait when packing goes on at 3 min, and nothing comes for a minute: 5/s are packed, so 48 s later all are.
    let longest = figure(&findings, "state", "completion_max").mean;
    assert!((60.0..60.5).contains(&longest), "{longest}");
    // With an id not one is, until the shop is back at 4 min: the oldest has waited for two.
    let longest = figure(&findings, "id", "completion_max").mean;
    assert!((120.0..190.0).contains(&longest), "{longest}");
    let served = |name: &str| figure(&findings, name, "dead_lettered").mean;
    assert!(served("state") < 1e-9 && served("id") < 1e-9);
    // A step is done only with what it needs: its work is made again, and is no duplicate.
    let again = variant(&findings, "id").channels[0].messages.redelivered;
    assert!(again > 3 * 100, "{again}");
    assert!(figure(&findings, "id", "duplicates_applied").mean < 1e-9);
}
