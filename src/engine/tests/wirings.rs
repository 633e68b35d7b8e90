//! The same system under different wirings: the null experiment (A43), parallel branches, joins, determinism.

use super::build::*;
use crate::arrivals::Arrivals;
use crate::engine::{Answer, Fate};
use crate::faults::{Effect, Manner};
use crate::kernel::dist::Dist;
use crate::kernel::time::Duration;
use crate::model::*;
use crate::policies::balance::Balance;

fn exponential(millis: u64) -> Dist {
    Dist::exponential(ms(millis))
}

/// Three services of several workers, calls that hold nothing, random work, no hops: a free broker must change nothing.
fn null_system(replicas: u32, service_time: &[Dist; 3]) -> System {
    let mut part = service(2);
    part.blocking = Blocking::Releases;
    part.balance = Balance::Shared;
    part.replicas = replicas;
    let parts = service_time
        .iter()
        .map(|dist| (part.clone(), dist.clone()))
        .collect();
    let mut system = system(parts, 0.0);
    system.sources[SourceId(0)].arrivals = Arrivals::Poisson(30.0);
    system.plan.duration = Duration::from_secs(60);
    system
}

#[test]
fn the_null_experiment_holds_run_by_run() {
    let random = [exponential(50), exponential(40), exponential(55)];
    let constant = [
        Dist::constant(ms(50)),
        Dist::constant(ms(50)),
        Dist::constant(ms(60)),
    ];
    for (replicas, dists) in [(1, &random), (2, &random), (1, &constant), (2, &constant)] {
        let system = null_system(replicas, dists);
        let (calls, _) = observe(&system, &chained(&system, call()));
        let mut by_call = calls.completions;
        by_call.sort_by_key(|(ordinal, _)| *ordinal);
        for n_called in 0..3 {
            let like = channel(1, 2);
            let (messages, _) = observe(
                &system,
                &queued(&system, n_called, call(), publish(), &like),
            );
            let mut by_message = messages.completions;
            by_message.sort_by_key(|(ordinal, _)| *ordinal);
            assert!(by_call.len() > 1500);
            assert_eq!(
                by_call, by_message,
                "{replicas} replicas, {n_called} called"
            );
        }
    }
}

#[test]
fn the_same_run_twice_is_the_same_run() {
    let system = null_system(2, &[exponential(50), exponential(40), exponential(55)]);
    let wiring = queued(&system, 1, call(), publish(), &channel(1, 2));
    let ends: Vec<u64> = (0..2)
        .map(|_| observe(&system, &wiring).1.fingerprint)
        .collect();
    assert_eq!(ends[0], ends[1]);
    let mut other = system.clone();
    other.plan.seed += 1;
    assert_ne!(observe(&other, &wiring).1.fingerprint, ends[0]);
}

/// a calls b and c at once, then d.
fn forked(need: u32) -> (System, Wiring) {
    let parts = [10, 100, 200, 1].map(|millis| (service(UNLIMITED), Dist::constant(ms(millis))));
    let mut system = system(parts.to_vec(), 1.0);
    if need == 1 {
        let goals = &mut system.flows[FlowId(0)].goals;
        *goals = vec![
            Goal {
                steps: vec![StepId(0)],
                need: 1,
            },
            Goal {
                steps: vec![StepId(1), StepId(2)],
                need: 1,
            },
            Goal {
                steps: vec![StepId(3)],
                need: 1,
            },
        ];
    }
    let mut wiring = chained(&system, call());
    wiring.edges[EdgeId(2)].from = Some(StepId(0));
    wiring.edges[EdgeId(3)].from = Some(StepId(0));
    wiring.steps[StepId(0)].rest = vec![
        Stage {
            edges: vec![EdgeId(1), EdgeId(2)],
            need,
            join: None,
        },
        Stage {
            edges: vec![EdgeId(3)],
            need: 1,
            join: None,
        },
    ];
    wiring.steps[StepId(1)].rest.clear();
    wiring.steps[StepId(2)].rest.clear();
    (system, wiring)
}

#[test]
fn parallel_branches_are_joined_by_all_or_by_the_first() {
    let (system, wiring) = forked(2);
    let (notes, _) = observe(&system, &wiring);
    close(notes.answers[0].1, 1.0 + 0.010 + 0.200 + 0.001);
    let (system, wiring) = forked(1);
    let (notes, end) = observe(&system, &wiring);
    close(notes.answers[0].1, 1.0 + 0.010 + 0.100 + 0.001);
    assert_eq!(notes.fates(Fate::Completed), 9);
    // The slower branch worked for nobody, all of its 200 ms or what there was when its caller was done.
    assert!(end.wasted >= 8 * 200_000_000, "{}", end.wasted);
}

#[test]
fn a_branch_too_few_fails_the_caller_at_once() {
    let (mut system, wiring) = forked(2);
    fault(
        &mut system,
        Target::Service(ServiceId(1)),
        0,
        10,
        Effect::Down(Manner::Refuse),
    );
    let (notes, _) = observe(&system, &wiring);
    assert_eq!(notes.count(Answer::Failed), 9);
    close(notes.answers[0].1, 1.010);
}

/// a publishes to b and c; whichever is done last publishes d.
fn joined(need: u32) -> (System, Wiring) {
    let (mut system, _) = forked(need);
    system.steps[StepId(2)].service_time = Dist::constant(ms(300));
    let mut wiring = queued(&system, 1, call(), publish(), &channel(1, UNLIMITED));
    let edge = |from: u32, to: u32| Edge {
        from: Some(StepId(from)),
        to: StepId(to),
        copy: None,
        fallback: None,
        is_degraded: false,
        guards: Vec::new(),
        budget: None,
        hedge: None,
        ejection: None,
        has_static: false,
        link: Link::Publish(Publish {
            channel: ChannelId(to - 1),
            ..publish()
        }),
    };
    wiring.edges = [
        wiring.edges[EdgeId(0)].clone(),
        edge(0, 1),
        edge(0, 2),
        edge(1, 3),
        edge(2, 3),
    ]
    .into_iter()
    .collect();
    let join = |edge: u32| Stage {
        edges: vec![EdgeId(edge)],
        need: 1,
        join: Some(Join {
            steps: vec![StepId(1), StepId(2)],
            need,
        }),
    };
    wiring.steps[StepId(0)].rest = vec![Stage {
        edges: vec![EdgeId(1), EdgeId(2)],
        need: 2,
        join: None,
    }];
    wiring.steps[StepId(1)].rest = vec![join(3)];
    wiring.steps[StepId(2)].rest = vec![join(4)];
    (system, wiring)
}

#[test]
fn branches_behind_messages_meet_at_the_last_or_at_the_first() {
    let (system, wiring) = joined(2);
    let (notes, end) = observe(&system, &wiring);
    close(notes.completions[0].1, 1.0 + 0.010 + 0.300 + 0.001);
    assert_eq!(
        end.channels[2].published,
        end.channels[2].acked + end.channels[2].stored
    );
    let (system, wiring) = joined(1);
    let (notes, end) = observe(&system, &wiring);
    close(notes.completions[0].1, 1.0 + 0.010 + 0.100 + 0.001);
    assert_eq!(end.channels[2].published, end.attempts[3] + end.attempts[4]);
    assert_eq!(end.attempts[4], 0, "the second branch does not go on again");
}

#[test]
fn a_step_not_needed_still_completes_a_join() {
    let (mut system, wiring) = joined(2);
    system.steps[StepId(2)].probability = 0.0;
    let (notes, _) = observe(&system, &wiring);
    assert_eq!(notes.fates(Fate::Completed), 9);
    close(notes.completions[0].1, 1.0 + 0.010 + 0.100 + 0.001);
}

#[test]
fn memory_is_bounded_by_what_is_in_flight() {
    let system = null_system(1, &[exponential(50), exponential(40), exponential(55)]);
    let (notes, end) = observe(
        &system,
        &queued(&system, 1, call(), publish(), &channel(1, 2)),
    );
    assert!(end.events > 10_000);
    assert_eq!(notes.fates.len() as u64, notes.offered);
}
