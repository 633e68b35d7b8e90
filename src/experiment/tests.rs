//! Threads, stops and panics, with observations made by hand.

use super::*;
use crate::arrivals::Arrivals;
use crate::compile;
use crate::diagnostic::Sources;
use crate::engine::{Answer, Probe as _};
use crate::metrics::fixture::{at, end, run as flow_run, system, wiring};
use crate::scenario::{self, Changes};
use std::collections::BTreeSet;

fn cases() -> Vec<Case> {
    let case = |name: &str| Case {
        system: system(100, &[]),
        wiring: wiring(name),
    };
    vec![case("sync"), case("async")]
}

/// One answered flow run that takes longer in every replication; the fingerprint tells who it was.
fn observe(case: &Case, replication: u32) -> Observation {
    let mut meter = Meter::new(&case.system, &case.wiring);
    meter.offered(flow_run(0));
    meter.answered(
        at(i64::from(replication) + 1),
        flow_run(0),
        Answer::Ok,
        None,
    );
    let mut end = end(100_000);
    end.fingerprint = u64::from(replication) * 10 + case.wiring.name.len() as u64;
    meter.into_observation(end)
}

fn nothing() -> Observations {
    Observations::none(2, 0)
}

/// Whatever a replication saw is the same after a file: also the numbers that are none, and those that are endless.
#[test]
fn replications_come_back_from_a_file_as_they_went() {
    let stop = AtomicBool::new(false);
    let studies = [
        include_str!("../../scenarios/zone_loss.yaml"),
        include_str!("../../scenarios/price_replica.yaml"),
        include_str!("../../scenarios/order_checkout.yaml"),
    ];
    for text in studies {
        let changes = Changes {
            set: vec![
                "run.replications=3".to_owned(),
                "run.duration=16m".to_owned(),
            ],
            ..Changes::default()
        };
        let mut sources = Sources::default();
        let (reading, _) = scenario::read(&mut sources, "s.yaml", text, &changes);
        let mut cases = compile::compile_all(&reading.unwrap().views).0.unwrap();
        for case in &mut cases {
            for source in &mut case.system.sources {
                source.arrivals = Arrivals::Poisson(5.0);
            }
        }
        let all = run(&cases, 2, &stop, &|_, _| {});
        let bytes = stored::to_bytes([(7, &all)]);
        let back = stored::from_bytes(&bytes).unwrap();
        assert!(back[0].seed == 7 && back[0].observations == all && back.len() == 1);
        assert!(stored::from_bytes(&bytes[..bytes.len() / 2]).is_err());
    }
    assert!(
        stored::from_bytes(b"")
            .unwrap_err()
            .contains("not a file of replications")
    );
}

fn fingerprints(found: &Observations) -> Vec<Vec<u64>> {
    let each = |seen: &Vec<Observation>| seen.iter().map(|seen| seen.end.fingerprint).collect();
    found.cases.iter().map(each).collect()
}

#[test]
fn every_variant_has_every_replication_in_order_with_any_number_of_threads() {
    let never = AtomicBool::new(false);
    for jobs in [0, 1, 3, 8] {
        let told = AtomicUsize::new(0);
        let progress = |finished: usize, planned: usize| {
            assert!(finished <= planned && planned == 6);
            told.fetch_add(1, Ordering::Relaxed);
        };
        let found = spread(&cases(), nothing(), 3, (jobs, &never), &progress, observe);
        assert_eq!(fingerprints(&found), [[4, 14, 24], [5, 15, 25]]);
        assert_eq!(told.into_inner(), 6);
    }
}

#[test]
fn more_replications_follow_those_that_are_finished() {
    let never = AtomicBool::new(false);
    let more = |seen, until| spread(&cases(), seen, until, (3, &never), &|_, _| (), observe);
    let at_once = more(nothing(), 5);
    let in_steps = more(more(more(nothing(), 2), 2), 5);
    assert_eq!(fingerprints(&in_steps), fingerprints(&at_once));
}

#[test]
fn a_stop_keeps_only_what_every_variant_has_finished() {
    let stop = AtomicBool::new(false);
    let progress = |finished: usize, _: usize| stop.store(finished == 3, Ordering::Relaxed);
    let found = spread(&cases(), nothing(), 3, (1, &stop), &progress, observe);
    assert_eq!(fingerprints(&found), [[4], [5]]);

    let stopped = AtomicBool::new(true);
    let found = spread(&cases(), nothing(), 3, (4, &stopped), &|_, _| (), observe);
    assert_eq!(fingerprints(&found), [[], []] as [[u64; 0]; 2]);
}

#[test]
fn a_panic_names_variant_replication_seed_and_how_to_replay_it() {
    let never = AtomicBool::new(false);
    let faulty = |case: &Case, replication: u32| {
        assert!(
            replication != 1 || case.wiring.name != "async",
            "the accounts do not balance"
        );
        observe(case, replication)
    };
    let died = catch_unwind(AssertUnwindSafe(|| {
        spread(&cases(), nothing(), 3, (2, &never), &|_, _| (), faulty)
    }));
    let text = *died.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(
        text,
        "variant `async`, replication 1, seed 42: the accounts do not balance\n\
         replay: brownout run FILE --variant async --seed 42 --replications 2 --jobs 1"
    );
}

#[test]
fn nothing_to_do_is_done() {
    let never = AtomicBool::new(false);
    assert!(run(&[], 4, &never, &|_, _| ()).cases.is_empty());
}

/// A6, through the real engine: faults, retries and messages, with one thread and with eight, twice.
#[test]
fn the_number_of_threads_leaves_no_trace() {
    let text = "
brownout: 1
name: two ways
flows: { order: { from: shopper, steps: [shop, pay], answer_needs: [shop] } }
services:
  shop: { concurrency: 8, service_time: exponential 20ms }
  pay: { concurrency: 2, service_time: exponential 30ms, errors: 5% }
brokers: { post: { publish: 1ms } }
traffic: { shopper: { rate: 40/s, patience: 2s } }
variants:
  called: { wiring: sync, calls: { '*': { timeout: 500ms, retry: { attempts: 2, backoff: 50ms, jitter: full } } } }
  queued: { wiring: async, via: post, answer_after: shop }
faults: { outage: { at: 20s, for: 5s, target: pay, down: hang } }
slo: { accepted: availability >= 99% }
run: { duration: 60s, warmup: 5s, replications: 4, seed: 7 }
";
    let mut sources = Sources::default();
    let (reading, found) = scenario::read(&mut sources, "two.yaml", text, &Changes::default());
    let views = reading.unwrap_or_else(|| panic!("{found:?}")).views;
    let (cases, found) = compile::compile_all(&views);
    let cases = cases.unwrap_or_else(|| panic!("{found:?}"));
    let never = AtomicBool::new(false);
    let one = run(&cases, 1, &never, &|_, _| ());
    let distinct: BTreeSet<u64> = fingerprints(&one).into_iter().flatten().collect();
    assert_eq!(distinct.len(), 8, "every run is another one");
    for _ in 0..2 {
        assert_eq!(run(&cases, 8, &never, &|_, _| ()).cases, one.cases);
    }
}
