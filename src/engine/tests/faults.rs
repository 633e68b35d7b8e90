//! Faults: each effect means its own thing (A30), and nothing is lost from the accounts.

use super::build::*;
use crate::engine::{Answer, Fate, Place};
use crate::faults::{Effect, Manner};
use crate::kernel::dist::Dist;
use crate::model::*;
use crate::policies::Outcome;

fn constant(millis: u64) -> Dist {
    Dist::constant(ms(millis))
}

fn one(millis: u64, concurrency: u32) -> System {
    let mut system = system(vec![(service(concurrency), constant(millis))], 1.0);
    system.hop = constant(1);
    system
}

const SERVICE: Target = Target::Service(ServiceId(0));

#[test]
fn a_service_that_is_down_refuses_after_a_hop_there_and_back() {
    let mut system = one(100, 1);
    let outage = fault(&mut system, SERVICE, 3, 6, Effect::Down(Manner::Refuse));
    let (notes, end) = observe(&system, &chained(&system, call()));
    // At 3 s the switch comes before the client of that instant; at 6 s it is over before.
    let failed: Vec<u64> = (0..)
        .zip(&notes.answers)
        .filter(|(_, a)| a.2 == Answer::Failed)
        .map(|(k, _)| k)
        .collect();
    assert_eq!(failed, [2, 3, 4]);
    close(notes.answers[2].1, 3.002);
    assert_eq!(notes.outcomes(Outcome::Refused), 3);
    let cause = notes.causes[2].unwrap();
    assert_eq!(
        (cause.place, cause.fault),
        (Place::At(StepId(0)), Some(outage))
    );
    assert_eq!(end.services[0].down, 3_000_000_000);
}

#[test]
fn a_crash_loses_what_is_inside_and_callers_hear_a_reset() {
    let mut system = one(1500, 1);
    fault(&mut system, SERVICE, 3, 4, Effect::Down(Manner::Refuse));
    let (notes, _) = observe(&system, &chained(&system, call()));
    // From 1 s served until 2.501 s; from 2 s until 4.001 s: lost at 3 s. The one from 3 s is refused.
    assert_eq!(notes.answers[1], (1, 3.001, Answer::Failed));
    assert_eq!(notes.outcomes(Outcome::Reset), 1);
    assert_eq!(notes.outcomes(Outcome::Refused), 1);
}

#[test]
fn a_hanging_service_tells_nobody() {
    let mut system = one(100, 1);
    let outage = fault(&mut system, SERVICE, 3, 6, Effect::Down(Manner::Hang));
    system.sources[SourceId(0)].patience = ms(2000);
    let (notes, _) = observe(&system, &chained(&system, call()));
    assert_eq!(notes.count(Answer::GaveUp), 3);
    let cause = notes.causes.iter().flatten().next().unwrap();
    assert_eq!(
        (cause.place, cause.fault),
        (Place::Hanging(StepId(0)), Some(outage))
    );
}

#[test]
fn a_pause_delays_and_loses_nothing() {
    let mut system = one(500, UNLIMITED);
    fault(&mut system, SERVICE, 3, 6, Effect::Pause);
    let (notes, _) = observe(&system, &chained(&system, call()));
    assert_eq!(notes.count(Answer::Ok), 9);
    let at: Vec<f64> = notes.answers.iter().map(|a| a.1).collect();
    // The one from 2 s is done at 2.501 s; those from 3, 4, 5 s start at 6 s.
    close(at[1], 2.502);
    close(at[2], 6.501);
    close(at[4], 6.501);
    close(at[5], 6.502);
}

#[test]
fn work_in_service_stands_still_during_a_pause() {
    let mut system = one(1500, UNLIMITED);
    fault(&mut system, SERVICE, 3, 6, Effect::Pause);
    let (notes, end) = observe(&system, &chained(&system, call()));
    // From 2 s: began at 2.001 s, 0.999 s done at 3 s, the rest from 6 s.
    let second = notes.answers.iter().find(|a| a.0 == 1).unwrap();
    close(second.1, 6.0 + (1.5 - 0.999) + 0.001);
    assert_eq!(end.wasted, 0);
}

#[test]
fn slow_stretches_what_remains() {
    let mut system = one(1500, UNLIMITED);
    fault(&mut system, SERVICE, 3, 6, Effect::LatencyTimes(2.0));
    let (notes, _) = observe(&system, &chained(&system, call()));
    let second = notes.answers.iter().find(|a| a.0 == 1).unwrap();
    close(second.1, 3.0 + 2.0 * (1.5 - 0.999) + 0.001);
    // From 5 s: began at 5.001 s, at 6 s half of 0.999 s is done.
    let fifth = notes.answers.iter().find(|a| a.0 == 4).unwrap();
    close(fifth.1, 6.0 + (1.5 - 0.999 / 2.0) + 0.001);
}

#[test]
fn fewer_workers_finish_what_they_have() {
    let mut system = one(1500, 2);
    fault(&mut system, SERVICE, 3, 8, Effect::Capacity(0.5));
    let (notes, _) = observe(&system, &chained(&system, call()));
    assert_eq!(notes.count(Answer::Ok), 9);
    let at = |ordinal: u64| notes.answers.iter().find(|a| a.0 == ordinal).unwrap().1;
    // From 2 s: in service at 3 s, goes on. From 3 s: the free worker is gone until the other ends at 3.501 s.
    close(at(1), 3.502);
    close(at(2), 3.501 + 1.501);
    close(at(3), 3.501 + 3.0 + 0.001);
}

#[test]
fn injected_errors_and_losses_follow_their_shares() {
    let mut system = one(1, UNLIMITED);
    fault(&mut system, SERVICE, 0, 10, Effect::Errors(1.0));
    let (notes, _) = observe(&system, &chained(&system, call()));
    assert_eq!(notes.outcomes(Outcome::Error), 9);
    let mut system = one(1, UNLIMITED);
    let link = Target::Link {
        from: End::Source(SourceId(0)),
        to: End::Service(ServiceId(0)),
    };
    fault(&mut system, link, 0, 5, Effect::Drop(1.0));
    fault(&mut system, link, 5, 8, Effect::DropReplies(1.0));
    let policies = Call {
        timeout: ms(50),
        ..call()
    };
    let (notes, end) = observe(&system, &chained(&system, policies));
    // 1 to 4 s lost on the way in, 5 to 7 s on the way back.
    assert_eq!(notes.outcomes(Outcome::Timeout), 7);
    assert_eq!(end.services[0].busy / 1_000_000, 3 + 2);
    assert_eq!(notes.fates(Fate::Refused), 7);
}

#[test]
fn a_link_that_is_down_is_unreachable_and_one_that_is_slow_is_slow() {
    let mut system = one(1, UNLIMITED);
    let link = Target::Link {
        from: End::Source(SourceId(0)),
        to: End::Service(ServiceId(0)),
    };
    fault(&mut system, link, 2, 4, Effect::Down(Manner::Refuse));
    fault(&mut system, link, 5, 6, Effect::LatencyPlus(ms(40)));
    let (notes, _) = observe(&system, &chained(&system, call()));
    assert_eq!(notes.outcomes(Outcome::Unreachable), 2);
    close(
        notes.answers.iter().find(|a| a.0 == 4).unwrap().1,
        5.0 + 0.041 + 0.001 + 0.001,
    );
}

#[test]
fn one_instance_of_several_takes_its_share_of_calls_down_with_it() {
    let mut four = service(1);
    four.replicas = 4;
    let mut system = system(vec![(four, constant(1))], 40.0);
    let id = fault(&mut system, SERVICE, 0, 10, Effect::Down(Manner::Refuse));
    system.faults[id].replicas = 1;
    let (notes, _) = observe(&system, &chained(&system, call()));
    // Round robin over four: every fourth call, the first one included.
    assert_eq!(notes.outcomes(Outcome::Refused), 100);
    assert_eq!(notes.count(Answer::Ok), 299);
}

#[test]
fn everything_down_leaves_balanced_accounts() {
    for manner in [Manner::Refuse, Manner::Hang] {
        let mut system = system(
            vec![
                (service(2), constant(300)),
                (service(1), constant(300)),
                (service(1), constant(300)),
            ],
            5.0,
        );
        system.hop = constant(1);
        system.plan.drain = crate::kernel::time::Duration::from_secs(5);
        for service in 0..3 {
            fault(
                &mut system,
                Target::Service(ServiceId(service)),
                2,
                9,
                Effect::Down(manner),
            );
        }
        fault(
            &mut system,
            Target::Broker(BrokerId(0)),
            3,
            8,
            Effect::Down(manner),
        );
        let (notes, _) = observe(
            &system,
            &chained(
                &system,
                Call {
                    retry: retry(3, ms(100)),
                    ..call()
                },
            ),
        );
        assert_eq!(notes.fates.len() as u64, notes.offered);
        let wiring = queued(&system, 1, call(), publish(), &channel(2, 2));
        let (notes, _) = observe(&system, &wiring);
        assert_eq!(notes.fates.len() as u64, notes.offered);
    }
}
