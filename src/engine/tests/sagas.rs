//! Sagas: commands and replies after the answer, compensation, and a conductor that goes down.

use super::build::*;
use crate::brokers::WhenExhausted;
use crate::engine::{Answer, Fate, Place, RunEnd};
use crate::faults::{Effect, Manner};
use crate::kernel::dist::Dist;
use crate::model::*;
use crate::policies::Outcome;

const ORDER: Target = Target::Service(ServiceId(0));
const PAYMENT: Target = Target::Service(ServiceId(2));

fn constant(millis: u64) -> Dist {
    Dist::constant(ms(millis))
}

/// Order, then stock and payment by command; 100 ms each. Stock is undone in 50 ms, by a step that no goal names.
fn shop(per_second: f64) -> System {
    let mut system = system(
        vec![
            (service(UNLIMITED), constant(0)),
            (service(UNLIMITED), constant(100)),
            (service(UNLIMITED), constant(100)),
            (service(UNLIMITED), constant(50)),
        ],
        per_second,
    );
    let flow = &mut system.flows[FlowId(0)];
    flow.goals.pop();
    flow.items.pop();
    system
}

/// The order step answers at once and conducts; every command is tried twice, half a second apart.
fn saga(system: &System) -> Wiring {
    let sender = Publish {
        awaits_reply: true,
        ..publish()
    };
    let like = Channel {
        redeliver: retry(2, ms(500)),
        when_exhausted: WhenExhausted::DeadLetter,
        ..channel(1, UNLIMITED)
    };
    let mut wiring = queued(system, 1, call(), sender, &like);
    for (edge, to) in [(EdgeId(1), 1), (EdgeId(2), 2), (EdgeId(3), 3)] {
        wiring.edges[edge].from = Some(StepId(0));
        wiring.edges[edge].to = StepId(to);
    }
    let stage = |edge| Stage {
        edges: vec![edge],
        need: 1,
        join: None,
    };
    for step in [1, 2, 3] {
        wiring.steps[StepId(step)] = Program::default();
    }
    wiring.steps[StepId(0)] = Program {
        then: Vec::new(),
        rest: vec![stage(EdgeId(1)), stage(EdgeId(2))],
        stands_for: None,
        saga: Some(Saga {
            answers_after: 0,
            undo: vec![(StepId(1), EdgeId(3))],
        }),
    };
    wiring
}

fn run(system: &System) -> (Notes, RunEnd) {
    observe(system, &saga(system))
}

#[test]
fn the_entry_answers_and_conducts_on() {
    let mut system = shop(1.0);
    system.hop = constant(1);
    let (notes, end) = run(&system);
    close(notes.answers[0].1, 1.002);
    // The client's hop; a command is two hops and the work, a reply two hops.
    close(notes.completions[0].1, 1.0 + 0.001 + 0.104 + 0.102);
    assert_eq!(notes.fates(Fate::Completed), 9);
    assert_eq!(end.channels[2].published, 0);
    assert_eq!(end.services[0].held, 0);
}

#[test]
fn what_was_done_is_undone_when_a_later_step_fails_for_good() {
    let mut system = shop(1.0);
    let refusals = fault(&mut system, PAYMENT, 3, 5, Effect::Errors(1.0));
    let (notes, end) = run(&system);
    // Paid at 3.2, 3.8 s; 4.2, 4.8 s: both deliveries fail. The one of 2 s is through before, the one of 5 s after.
    assert_eq!(notes.count(Answer::Ok), 9);
    assert_eq!(notes.fates(Fate::Compensated), 2);
    assert_eq!(notes.fates(Fate::Completed), 7);
    assert_eq!(end.channels[2].acked, 2);
    assert_eq!(end.channels[1].dead_lettered, 2);
    let causes = notes.fates.iter().zip(&notes.ends);
    for ((_, fate), cause) in causes.filter(|((_, fate), _)| *fate == Fate::Compensated) {
        let cause = cause.unwrap();
        assert_eq!(cause.fault, Some(refusals), "{fate:?}");
        assert_eq!(cause.outcome, Outcome::Error);
        assert_eq!(cause.place, Place::At(StepId(2)));
    }
    assert_eq!(notes.backlog, 0);
}

#[test]
fn nothing_is_undone_that_was_not_done() {
    let mut system = shop(1.0);
    fault(
        &mut system,
        Target::Service(ServiceId(1)),
        0,
        600,
        Effect::Errors(1.0),
    );
    let (notes, end) = run(&system);
    assert_eq!(notes.fates(Fate::Compensated), 9);
    assert_eq!(end.channels[2].published, 0);
    assert_eq!(end.channels[1].published, 0);
}

#[test]
fn a_compensation_that_fails_leaves_a_parked_flow_run() {
    let mut system = shop(1.0);
    fault(&mut system, PAYMENT, 0, 600, Effect::Errors(1.0));
    fault(
        &mut system,
        Target::Service(ServiceId(3)),
        0,
        600,
        Effect::Errors(1.0),
    );
    let (notes, end) = run(&system);
    assert_eq!(notes.fates(Fate::DeadLettered), 9);
    assert!(end.channels[2].dead_lettered >= 9);
}

#[test]
fn replies_wait_for_a_conductor_that_is_down() {
    let mut system = shop(1.0);
    fault(&mut system, ORDER, 2, 5, Effect::Down(Manner::Refuse));
    let mut wiring = saga(&system);
    // The command of 1.9 s… comes from a client at 2 s, who is refused; the one of 1 s is through at 1.2 s.
    system.sources[SourceId(0)].arrivals = crate::arrivals::Arrivals::Constant(1.0 / 1.95);
    wiring.name = "down".into();
    let (notes, _) = observe(&system, &wiring);
    // Accepted at 1.95 s; stock's reply of 2.05 s is read at 5 s, payment is done at 5.1 s.
    close(notes.answers[0].1, 1.95);
    close(notes.completions[0].1, 5.1);
    assert_eq!(
        notes.fates(Fate::Completed),
        notes.count(Answer::Ok),
        "nothing accepted is lost"
    );
}

#[test]
fn a_command_that_was_given_up_and_done_all_the_same_leaves_a_half_done_order() {
    // Payment is away from 3 s to 5 s, and each command is waited for a second: the message stays, and is worked off then.
    let mut system = shop(1.0);
    fault(&mut system, PAYMENT, 3, 5, Effect::Down(Manner::Refuse));
    let mut wiring = saga(&system);
    for edge in [EdgeId(1), EdgeId(2)] {
        if let Link::Publish(publish) = &mut wiring.edges[edge].link {
            publish.timeout = ms(1050);
        }
    }
    let (notes, _) = observe(&system, &wiring);
    // The order of 3 s is paid at 5.1 s although stock was given back at 4.2 s; that of 4 s is paid in time.
    assert_eq!(notes.fates(Fate::Compensated), 0);
    assert_eq!(notes.fates(Fate::DeadLettered), 1);
    assert_eq!(notes.fates(Fate::Completed), 8);
    // A command that lives no longer than it is waited for is undone cleanly.
    for edge in [EdgeId(1), EdgeId(2)] {
        if let Link::Publish(publish) = &mut wiring.edges[edge].link {
            publish.timeout = crate::kernel::time::Duration::MAX;
        }
    }
    system.brokers[BrokerId(0)].ttl = ms(1000);
    let (notes, _) = observe(&system, &wiring);
    assert_eq!(notes.fates(Fate::Compensated), 1);
    assert_eq!(notes.fates(Fate::Completed), 8);
}
