//! One publish for several steps: topics and logs.

use super::build::*;
use crate::brokers::{Confirm, Kind, Relay, WhenFull, WhenRefused};
use crate::engine::{Answer, Fate, RunEnd};
use crate::faults::{Effect, Manner};
use crate::kernel::dist::Dist;
use crate::model::*;
use crate::policies::Outcome;

/// Intake publishes to three steps of 10, 20 and 30 ms at once; the broker takes 5 ms for a write.
fn three(kind: Kind, per_second: f64) -> System {
    let worker = |millis| (service(UNLIMITED), Dist::constant(ms(millis)));
    let services = vec![worker(0), worker(10), worker(20), worker(30)];
    let mut system = system(services, per_second);
    system.brokers[BrokerId(0)].kind = kind;
    system.brokers[BrokerId(0)].publish = Dist::constant(ms(5));
    system.hop = Dist::constant(ms(1));
    system
}

fn fanned(system: &System, sender: Publish, like: &Channel) -> Wiring {
    let mut wiring = queued(system, 1, call(), sender, like);
    for (edge, to) in [(EdgeId(1), 1), (EdgeId(2), 2), (EdgeId(3), 3)] {
        wiring.edges[edge].from = Some(StepId(0));
        wiring.edges[edge].to = StepId(to);
        wiring.steps[StepId(to)] = Program::default();
    }
    wiring.steps[StepId(0)].rest = vec![Stage {
        edges: vec![EdgeId(1), EdgeId(2), EdgeId(3)],
        need: 3,
        join: None,
    }];
    wiring
}

fn run(system: &System, sender: Publish) -> (Notes, RunEnd) {
    observe(system, &fanned(system, sender, &channel(1, UNLIMITED)))
}

#[test]
fn a_topic_is_told_once_and_tells_everybody() {
    for kind in [Kind::Topic, Kind::Log] {
        let (notes, end) = run(&three(kind, 1.0), publish());
        close(
            notes.answers[0].1,
            1.0 + 0.001 + 0.001 + 0.005 + 0.001 + 0.001,
        );
        close(
            notes.completions[0].1,
            1.0 + 0.001 + 0.001 + 0.005 + 0.001 + 0.03,
        );
        assert_eq!(notes.fates(Fate::Completed), 9);
        // Nine hand-overs for 27 deliveries: the attempts are all on the first edge.
        let sent = notes.outcomes.iter().filter(|(edge, _)| edge.0 > 0).count();
        assert_eq!(sent, 9);
        for channel in 0..3 {
            assert!(end.channels[channel].acked >= 9);
            assert_eq!(end.channels[channel].published, end.channels[0].published);
        }
    }
    let (notes, _) = run(&three(Kind::Queue, 1.0), publish());
    let sent = notes.outcomes.iter().filter(|(edge, _)| edge.0 > 0).count();
    assert_eq!(sent, 27, "a queue is told for each step");
}

#[test]
fn what_the_broker_refuses_it_refuses_for_all_of_them() {
    let mut system = three(Kind::Topic, 1.0);
    fault(
        &mut system,
        Target::Broker(BrokerId(0)),
        2,
        5,
        Effect::Down(Manner::Refuse),
    );
    let (notes, end) = run(&system, publish());
    assert_eq!(notes.count(Answer::Failed), 3);
    assert_eq!(notes.outcomes(Outcome::Refused), 3);
    let again = Publish {
        when_refused: WhenRefused::Retry,
        retry: retry(20, ms(300)),
        ..publish()
    };
    let (notes, _) = run(&system, again);
    assert_eq!(notes.fates(Fate::Completed), 9);
    let dropping = Publish {
        when_refused: WhenRefused::Drop,
        ..publish()
    };
    let (notes, dropped) = run(&system, dropping);
    assert_eq!(notes.fates(Fate::Lost), 3);
    assert!((0..3).all(|channel| dropped.channels[channel].dropped == 3));
    assert_eq!(end.channels[1].dropped, 0);
    let stored = Publish {
        when_refused: WhenRefused::Outbox,
        relay: Relay {
            poll: ms(500),
            batch: 100,
        },
        ..publish()
    };
    let (notes, _) = run(&system, stored);
    assert_eq!(notes.fates(Fate::Completed), 9);
    // Nobody waits for a confirm: all three are lost at once.
    let careless = Publish {
        confirm: Confirm::Forgets,
        ..publish()
    };
    let (notes, _) = run(&system, careless);
    assert_eq!(notes.count(Answer::Ok), 9);
    assert_eq!(notes.fates(Fate::Lost), 3);
}

#[test]
fn a_full_subscriber_goes_without_and_the_others_do_not() {
    let mut system = three(Kind::Topic, 10.0);
    system.brokers[BrokerId(0)].capacity = 3;
    system.services[ServiceId(2)] = service(1);
    system.steps[StepId(2)].service_time = Dist::constant(ms(1000));
    let wiring = fanned(&system, publish(), &channel(1, 1));
    for (when_full, is_lossy) in [
        (WhenFull::Reject, true),
        (WhenFull::DropOldest, true),
        (WhenFull::Block, false),
    ] {
        system.brokers[BrokerId(0)].when_full = when_full;
        let (notes, end) = observe(&system, &wiring);
        // Every client is answered: the first subscriber has room, and it is the one that is asked.
        assert_eq!(notes.count(Answer::Ok), 99, "{when_full:?}");
        assert_eq!(end.channels[0].dropped + end.channels[2].dropped, 0);
        assert_eq!(end.channels[1].dropped > 80, is_lossy, "{when_full:?}");
    }
}

#[test]
fn a_step_that_is_not_needed_gets_no_copy() {
    let mut system = three(Kind::Topic, 20.0);
    system.steps[StepId(1)].probability = 0.5;
    system.steps[StepId(3)].probability = 0.0;
    let (notes, end) = run(&system, publish());
    assert_eq!(notes.fates(Fate::Completed), 199);
    assert_eq!(end.channels[2].published, 0);
    assert!((70..130).contains(&end.channels[0].published));
    assert!(end.channels[1].published >= 199);
}

#[test]
fn what_a_hand_over_carried_is_gone_with_it_though_nobody_waits_any_more() {
    // Step 1 is called, 2 and 3 share a publish whose confirm takes 100 ms, and one of the three is enough; then step 4 is
    // called for 300 ms, so the confirm comes when nobody waits for it. Then 5 is called and 6 is told, from the slot of the
    // hand-over that nobody waited for.
    let worker = |millis| (service(UNLIMITED), Dist::constant(ms(millis)));
    let services = [0, 1, 5, 5, 300, 5, 5].map(worker).to_vec();
    let mut system = system(services, 1.0);
    system.brokers[BrokerId(0)].kind = Kind::Topic;
    system.brokers[BrokerId(0)].publish = Dist::constant(ms(100));
    let mut wiring = queued(&system, 1, call(), publish(), &channel(1, UNLIMITED));
    for to in 1..7 {
        let edge = EdgeId(to);
        wiring.edges[edge].from = Some(StepId(0));
        wiring.steps[StepId(to)] = Program::default();
        if [1, 4, 5].contains(&to) {
            wiring.edges[edge].link = Link::Call(call());
        }
    }
    let stage = |edges: &[u32]| Stage {
        edges: edges.iter().copied().map(EdgeId).collect(),
        need: 1,
        join: None,
    };
    wiring.steps[StepId(0)].rest = vec![stage(&[1, 2, 3]), stage(&[4]), stage(&[5, 6])];
    let (notes, end) = observe(&system, &wiring);
    assert_eq!(notes.count(Answer::Ok), 9);
    assert!(notes.duplicates.is_empty(), "{:?}", notes.duplicates);
    assert_eq!(end.channels[2].published, end.channels[1].published);
}
