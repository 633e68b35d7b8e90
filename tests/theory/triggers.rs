//! Faults that come when there is too much of something, against arithmetic: when the level is reached, and for how long it is so.

use crate::harness::{figure, holds, study};

/// Ten orders a second pile up in front of a consumer that is frozen for the first minute. The front refuses as long as more than a
/// hundred wait: from 10.1 s on, looked at every 100 ms, until the consumer is back at 60 s and takes what is there at once. With
/// `for: 20s` it refuses for 20 s only, since it is not asked again before there have been fewer.
#[test]
fn a_fault_begins_when_the_backlog_is_too_long() {
    for (lasts, refused_s) in [("", 60.0 - 10.1), (", for: 20s", 20.0)] {
        let findings = study(&format!(
            "brownout: 1
flows: {{ buy: {{ from: shopper, steps: [front, ship], answer_needs: [front] }} }}
services:
  front: {{ concurrency: unlimited, service_time: 0ms }}
  ship: {{ concurrency: 1000, service_time: 1ms }}
brokers: {{ orders: {{ kind: queue }} }}
traffic: {{ shopper: {{ rate: 10/s, arrivals: constant }} }}
variants: {{ queued: {{ wiring: async, via: orders, answer_after: front, consume: {{ ship: {{ prefetch: 1 }} }} }} }}
faults:
  frozen: {{ at: 0s, for: 60s, target: ship, capacity: 0% }}
  alarm: {{ when: backlog(orders) > 100, target: front, down: refuse{lasts} }}
slo: {{ answered: availability >= 0% }}
run: {{ duration: 100s, warmup: 0s, replications: 1 }}
"
        ));
        // Of 1 000 shoppers; two looks, and a message or two at the consumer.
        let refused_s_got = 100.0 * (1.0 - figure(&findings, "queued", "availability").mean);
        assert!(
            (refused_s_got - refused_s).abs() <= 0.4,
            "{lasts}: {refused_s_got}"
        );
        assert_eq!(
            findings.faults[1].when.as_deref(),
            Some("backlog(orders) > 100")
        );
        assert!(findings.faults[1].windows.is_empty());
    }
}

/// Ten workers, all of them busy from the rush at 20 s to its end at 50 s: the lamp is out, once for 5 s; and again in the second rush,
/// since not all of them were busy between the two.
#[test]
fn a_fault_comes_again_when_it_has_not_been_so_meanwhile() {
    let findings = study(
        "brownout: 1
flows: { ask: { from: clerk, steps: [door, [{ desk: { optional: true } }, lamp]] } }
services:
  door: { concurrency: unlimited, service_time: 0ms }
  lamp: { concurrency: unlimited, service_time: 0ms }
  desk: { concurrency: 10, queue: 1, service_time: 1s }
traffic:
  clerk:
    arrivals: constant
    start: 1/s
    stages:
      - { duration: 20s, target: 1/s }
      - { duration: 0s, target: 20/s }
      - { duration: 30s, target: 20/s }
      - { duration: 0s, target: 1/s }
      - { duration: 20s, target: 1/s }
      - { duration: 0s, target: 20/s }
      - { duration: 30s, target: 20/s }
variants: { called: { wiring: sync } }
faults: { dark: { when: utilization(desk) >= 100%, at: 1s, for: 5s, target: lamp, errors: 100% } }
slo: { answered: availability >= 0% }
run: { duration: 100s, warmup: 0s, drain: 0s, replications: 1 }
",
    );
    // Of 20 + 600 + 20 + 600 clerks those of twice 5 s, at 20/s; a clerk or two at each edge, and those cut off at the end.
    let flow = &findings.variants[0].flows[0].outcomes;
    let refused = flow.failed;
    assert!(refused.abs_diff(200) <= 6, "{flow:?}");
}

/// Surges by chance: three times as many for 20 s in 100 s in the mean, so 1.4 times as many over all; the same for each variant.
#[test]
fn surges_by_chance_add_their_share() {
    let findings = study(
        "brownout: 1
flows: { ask: { from: clerk, steps: [desk] } }
services: { desk: { concurrency: unlimited, service_time: 0ms } }
traffic: { clerk: { rate: 5/s } }
variants: { one: { wiring: sync }, two: { wiring: sync } }
faults: { rush: { random: { mtbf: exponential 80s, mttr: exponential 20s }, target: clerk, load: x3 } }
slo: { answered: availability >= 0% }
run: { duration: 3h, warmup: 20m, replications: 30, seed: 9, confidence: 99.9% }
",
    );
    holds("load", 5.0 * 1.4, figure(&findings, "one", "throughput"));
    let n = |k: usize| findings.variants[k].flows[0].outcomes.offered;
    assert_eq!(n(0), n(1));
}
