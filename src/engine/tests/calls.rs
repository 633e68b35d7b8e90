//! Calls: instants of a chain, holding and releasing workers, timeouts, retries, deadlines, withdrawal, refusals.

use super::build::*;
use crate::engine::{Answer, Fate, Place};
use crate::kernel::dist::Dist;
use crate::kernel::time::Duration;
use crate::model::*;
use crate::policies::Outcome;
use crate::policies::balance::Balance;

fn constant(millis: u64) -> Dist {
    Dist::constant(ms(millis))
}

#[test]
fn a_chain_takes_its_work_and_two_hops_a_call() {
    let mut system = system(
        vec![(service(1), constant(10)), (service(1), constant(20))],
        1.0,
    );
    system.hop = constant(1);
    let (notes, end) = observe(&system, &chained(&system, call()));
    // Arrivals at 1 s, 2 s, … 9 s lie in the window of 10 s.
    assert_eq!(notes.offered, 9);
    for (ordinal, at, answer) in &notes.answers {
        assert_eq!(*answer, Answer::Ok);
        close(
            *at,
            1.0 + 1.0 * f64::from(u32::try_from(*ordinal).unwrap()) + 0.034,
        );
    }
    // The last step is done before the answer is back: hop, 10 ms, hop, 20 ms.
    close(notes.completions[0].1, 1.032);
    // The first worker works 10 ms and is held for 22 ms.
    let times = &end.services[0];
    assert_eq!((times.busy / 1_000_000, times.held / 1_000_000), (90, 198));
    assert_eq!(end.wasted, 0);
}

#[test]
fn a_held_worker_starves_those_behind_it_and_a_released_one_does_not() {
    let mut held = system(
        vec![
            (service(1), constant(0)),
            (service(UNLIMITED), constant(3000)),
        ],
        1.0,
    );
    let (notes, _) = observe(&held, &chained(&held, call()));
    // Nine clients, one at a time, 3 s each.
    close(notes.answers.last().unwrap().1, 1.0 + 9.0 * 3.0);
    held.services[ServiceId(0)].blocking = Blocking::Releases;
    let (notes, end) = observe(&held, &chained(&held, call()));
    close(notes.answers.last().unwrap().1, 12.0);
    assert_eq!(end.services[0].held, 0);
}

#[test]
fn a_timeout_tells_the_caller_and_leaves_the_callee_at_work() {
    let system = system(vec![(service(UNLIMITED), constant(500))], 1.0);
    let policies = Call {
        timeout: ms(200),
        retry: retry(3, ms(50)),
        ..call()
    };
    let (notes, end) = observe(&system, &chained(&system, policies));
    assert_eq!(notes.count(Answer::Failed), 9);
    close(notes.answers[0].1, 1.0 + 0.2 + 0.05 + 0.2 + 0.05 + 0.2);
    assert_eq!(notes.outcomes(Outcome::Timeout), 27);
    let cause = notes.causes[0].unwrap();
    assert_eq!(
        (cause.outcome, cause.place),
        (Outcome::Timeout, Place::Serving(StepId(0)))
    );
    // All that was worked is worked for nobody; clients of the drain come too, and the last may still be at work.
    assert!(end.wasted >= 27 * 500_000_000 - 3 * 500_000_000);
}

#[test]
fn cancelling_stops_the_callee() {
    let system = system(vec![(service(1), constant(500))], 1.0);
    let policies = Call {
        timeout: ms(200),
        cancel: Cancel::Stops,
        ..call()
    };
    let (notes, end) = observe(&system, &chained(&system, policies));
    assert_eq!(notes.count(Answer::Failed), 9);
    assert_eq!(end.services[0].busy / 1_000_000, 9 * 200);
}

#[test]
fn a_deadline_ends_the_retries() {
    let system = system(vec![(service(UNLIMITED), constant(500))], 1.0);
    let policies = Call {
        timeout: ms(200),
        deadline: ms(300),
        retry: retry(9, ms(0)),
        ..call()
    };
    let (notes, _) = observe(&system, &chained(&system, policies));
    close(notes.answers[0].1, 1.3);
    assert_eq!(notes.outcomes(Outcome::Timeout), 18);
}

#[test]
fn a_client_that_leaves_is_counted_and_its_work_goes_on() {
    let mut system = system(vec![(service(1), constant(400))], 1.0);
    system.sources[SourceId(0)].patience = ms(100);
    let (notes, end) = observe(&system, &chained(&system, call()));
    assert_eq!(notes.count(Answer::GaveUp), 9);
    close(notes.answers[0].1, 1.1);
    assert_eq!(notes.fates(Fate::Refused), 9);
    assert_eq!(notes.outcomes(Outcome::GaveUp), 9);
    assert!(notes.completions.is_empty());
    assert!(end.wasted >= 8 * 400_000_000);
}

#[test]
fn a_full_queue_refuses() {
    let mut one = service(1);
    one.queue = 1;
    let system = system(vec![(one, constant(2500))], 1.0);
    let (notes, _) = observe(&system, &chained(&system, call()));
    // From 1 s served until 3.5 s; 2 s waits, 3 s refused; from 3.5 s the one of 2 s; 4 s waits, 5 s refused; at 6 s the
    // worker comes free before the client of that instant, who waits; 7 s and 8 s refused; at 8.5 s room for 9 s.
    let refused: Vec<u64> = notes
        .answers
        .iter()
        .filter(|(_, _, answer)| *answer == Answer::Failed)
        .map(|(ordinal, ..)| *ordinal)
        .collect();
    assert_eq!(refused, [2, 4, 6, 7]);
    assert_eq!(notes.outcomes(Outcome::Overloaded), 4);
}

#[test]
fn without_waiting_places_clients_of_one_instant_share_the_workers() {
    let mut two = service(2);
    two.queue = 0;
    let mut system = system(vec![(two, constant(100))], 1.0);
    for k in 0..4 {
        let source = Source {
            key: k,
            ..system.sources[SourceId(0)].clone()
        };
        system.sources.push(source);
    }
    let mut wiring = chained(&system, call());
    for _ in 0..4 {
        wiring.entries.push(EdgeId(0));
    }
    let (notes, _) = observe(&system, &wiring);
    assert_eq!(notes.count(Answer::Ok), 2 * 9);
    assert_eq!(notes.count(Answer::Failed), 3 * 9);
}

#[test]
fn balancing_spreads_as_it_says() {
    for (balance, expected) in [
        (Balance::RoundRobin, 1.5),
        (Balance::LeastRequests, 1.5),
        (Balance::Shared, 1.5),
    ] {
        let mut three = service(1);
        three.replicas = 3;
        three.balance = balance;
        let system = system(vec![(three, constant(1500))], 2.0);
        let (notes, _) = observe(&system, &chained(&system, call()));
        for (ordinal, at, _) in notes.answers {
            close(
                at,
                0.5 * (1.0 + f64::from(u32::try_from(ordinal).unwrap())) + expected,
            );
        }
    }
}

#[test]
fn an_overload_reports_every_request() {
    // M/D/1 at ten times its capacity: 100 s of drain serve what 110 s can serve, the rest is there.
    let mut system = system(vec![(service(1), constant(100))], 100.0);
    system.plan.drain = Duration::from_secs(40);
    let (notes, _) = observe(&system, &chained(&system, call()));
    assert_eq!(notes.offered, 999);
    assert_eq!(notes.fates.len(), 999);
    assert_eq!(
        notes.fates(Fate::Completed) + notes.fates(Fate::Unanswered),
        999
    );
    // First client at 10 ms, one done every 100 ms until 50 s.
    assert_eq!(notes.fates(Fate::Completed), 499);
}

#[test]
fn a_step_that_is_not_needed_costs_nothing_and_what_follows_happens() {
    let mut system = system(
        vec![
            (service(1), constant(10)),
            (service(1), constant(20)),
            (service(1), constant(30)),
        ],
        1.0,
    );
    system.hop = constant(1);
    system.steps[StepId(1)].probability = 0.0;
    let (notes, end) = observe(&system, &chained(&system, call()));
    close(
        notes.answers[0].1,
        1.0 + 0.001 + 0.010 + 0.001 + 0.030 + 0.002,
    );
    assert_eq!(end.services[1].busy, 0);
    assert_eq!(notes.completions.len(), 9);
}

#[test]
fn an_error_fails_the_caller_unless_the_step_is_optional() {
    let mut system = system(
        vec![(service(1), constant(10)), (service(1), constant(20))],
        1.0,
    );
    system.services[ServiceId(1)].errors = 1.0;
    let (notes, _) = observe(&system, &chained(&system, call()));
    assert_eq!(notes.count(Answer::Failed), 9);
    assert_eq!(notes.causes[0].unwrap().place, Place::At(StepId(1)));
    system.steps[StepId(1)].required = Required::Optional;
    system.flows[FlowId(0)].goals.pop();
    let (notes, _) = observe(&system, &chained(&system, call()));
    assert_eq!((notes.count(Answer::Ok), notes.completions.len()), (9, 9));
}

#[test]
fn retries_follow_the_closed_forms() {
    // Success 1 − p^k, attempts (1 − p^k)/(1 − p); binomial standard deviations over n flow runs, 4.5 of them.
    let mut system = system(vec![(service(UNLIMITED), constant(1))], 2000.0);
    system.services[ServiceId(0)].errors = 0.3;
    let policies = Call {
        retry: retry(3, ms(0)),
        ..call()
    };
    let (notes, end) = observe(&system, &chained(&system, policies));
    let n = f64::from(u32::try_from(notes.offered).unwrap());
    let (p, k) = (0.3_f64, 3);
    let success = 1.0 - p * p * p;
    let got = f64::from(u32::try_from(notes.count(Answer::Ok)).unwrap()) / n;
    assert!(
        (got - success).abs() < 4.5 * (success * (1.0 - success) / n).sqrt(),
        "{got} is not {success}"
    );
    let attempts = (1.0 - p * p * p) / (1.0 - p);
    let second = (1.0 - p) + 4.0 * p * (1.0 - p) + 9.0 * p * p;
    let sd = ((second - attempts * attempts) / n).sqrt();
    let got = f64::from(u32::try_from(notes.outcomes.len()).unwrap()) / n;
    assert!(
        (got - attempts).abs() < 4.5 * sd,
        "{got} is not {attempts} ({k} attempts)"
    );
    assert!(end.attempts[0] >= notes.outcomes.len() as u64);
}
