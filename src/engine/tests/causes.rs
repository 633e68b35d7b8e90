//! Causes (A31): a failure is laid at the door of the fault that made it, also after the fault's end.

use super::build::*;
use crate::brokers::{Ack, WhenFull};
use crate::engine::{Answer, Cause, Fate, Place};
use crate::faults::{Effect, Manner};
use crate::kernel::dist::Dist;
use crate::model::*;
use crate::policies::Outcome;

fn constant(millis: u64) -> Dist {
    Dist::constant(ms(millis))
}

/// The causes of all flow runs with this fate.
fn of_fate(notes: &Notes, fate: Fate) -> Vec<Cause> {
    let ends = notes.fates.iter().zip(&notes.ends);
    let ends = ends.filter(|((_, what), _)| *what == fate);
    ends.map(|(_, cause)| cause.expect("a cause")).collect()
}

#[test]
fn a_backlog_belongs_to_the_fault_that_left_it() {
    // One worker, 90 ms each, 10/s. Paused from 2 s to 4 s, it is 20 behind at 4 s and works 1 in 10 of it off: whoever
    // comes after 4 s and leaves, leaves because of the pause.
    let mut system = system(vec![(service(1), constant(90))], 10.0);
    system.sources[SourceId(0)].patience = ms(1000);
    let pause = fault(
        &mut system,
        Target::Service(ServiceId(0)),
        2,
        4,
        Effect::Pause,
    );
    let (notes, _) = observe(&system, &chained(&system, call()));
    let left_late = notes.answers.iter().zip(&notes.causes);
    let left_late: Vec<Cause> = left_late
        .filter(|((_, at, what), _)| *at > 5.1 && *what == Answer::GaveUp)
        .map(|(_, cause)| cause.unwrap())
        .collect();
    assert!(left_late.len() > 20, "{}", left_late.len());
    for cause in left_late {
        assert_eq!(
            (cause.place, cause.fault),
            (Place::Queued(StepId(0)), Some(pause))
        );
    }
}

#[test]
fn a_queue_that_was_empty_since_belongs_to_no_fault() {
    // What a pause from 2 s to 3 s left is worked off before 5 s, when the service becomes slow.
    let mut system = system(vec![(service(1), constant(10))], 10.0);
    system.sources[SourceId(0)].patience = ms(95);
    fault(
        &mut system,
        Target::Service(ServiceId(0)),
        2,
        3,
        Effect::Pause,
    );
    let slow = fault(
        &mut system,
        Target::Service(ServiceId(0)),
        5,
        6,
        Effect::LatencyTimes(100.0),
    );
    let (notes, _) = observe(&system, &chained(&system, call()));
    let late = notes.answers.iter().zip(&notes.causes);
    let late: Vec<Cause> = late
        .filter(|((_, at, what), _)| *at > 5.0 && *what == Answer::GaveUp)
        .map(|(_, cause)| cause.unwrap())
        .collect();
    assert!(!late.is_empty());
    assert!(
        late.iter().all(|cause| cause.fault == Some(slow)),
        "{late:?}"
    );
}

#[test]
fn the_scarce_pool_is_the_last_one_that_is_full() {
    // 100 workers call 2 workers that call 100 workers, who take 1 s: the two in the middle are short.
    let mut system = system(
        vec![
            (service(10), constant(1)),
            (service(2), constant(1)),
            (service(100), constant(1000)),
        ],
        50.0,
    );
    system.sources[SourceId(0)].patience = ms(500);
    let (notes, _) = observe(&system, &chained(&system, call()));
    let last = notes.causes.iter().flatten().next_back().unwrap();
    assert_eq!(last.place, Place::Queued(StepId(0)));
    assert_eq!((last.starved_by, last.fault), (Some(ServiceId(1)), None));
}

/// Intake answers at once; a worker behind the queue, down from 2 s to 6 s, does the work.
fn behind_a_queue(capacity: u32, when_full: WhenFull) -> (System, FaultId) {
    let mut system = system(
        vec![
            (service(UNLIMITED), constant(0)),
            (service(1), constant(50)),
        ],
        10.0,
    );
    let broker = &mut system.brokers[BrokerId(0)];
    (broker.capacity, broker.when_full) = (capacity, when_full);
    let down = Effect::Down(Manner::Refuse);
    let outage = fault(&mut system, Target::Service(ServiceId(1)), 2, 6, down);
    (system, outage)
}

#[test]
fn a_full_queue_belongs_to_the_fault_of_its_consumer() {
    for (when_full, outcome) in [
        (WhenFull::Reject, Outcome::Overloaded),
        (WhenFull::DropOldest, Outcome::Overloaded),
        (WhenFull::Block, Outcome::GaveUp),
    ] {
        let (mut system, outage) = behind_a_queue(10, when_full);
        system.sources[SourceId(0)].patience = ms(700);
        let wiring = queued(&system, 1, call(), publish(), &channel(1, 1));
        let (notes, _) = observe(&system, &wiring);
        let causes = match when_full {
            WhenFull::DropOldest => of_fate(&notes, Fate::Lost),
            _ => notes.causes.iter().flatten().copied().collect(),
        };
        assert!(causes.len() > 10, "{when_full:?}: {}", causes.len());
        for cause in causes {
            assert_eq!(
                (cause.outcome, cause.place, cause.fault),
                (outcome, Place::Broker(StepId(1)), Some(outage)),
                "{when_full:?}"
            );
        }
    }
}

#[test]
fn work_lost_in_a_crash_belongs_to_the_crash() {
    let (mut system, outage) = behind_a_queue(UNLIMITED, WhenFull::Reject);
    system.services[ServiceId(1)].concurrency = 3;
    system.steps[StepId(1)].service_time = constant(250);
    let at_most_once = Channel {
        ack: Ack::Before,
        ..channel(1, 3)
    };
    let (notes, _) = observe(
        &system,
        &queued(&system, 1, call(), publish(), &at_most_once),
    );
    let causes = of_fate(&notes, Fate::Lost);
    assert_eq!(causes.len(), 2, "the two being worked on");
    for cause in causes {
        assert_eq!(
            (cause.outcome, cause.place, cause.fault),
            (Outcome::Reset, Place::Hanging(StepId(1)), Some(outage))
        );
    }
}

#[test]
fn what_a_crash_delayed_and_a_further_delivery_made_good_has_no_cause() {
    let (system, _) = behind_a_queue(UNLIMITED, WhenFull::Reject);
    let wiring = queued(&system, 1, call(), publish(), &channel(1, 1));
    let (notes, _) = observe(&system, &wiring);
    assert_eq!(notes.fates(Fate::Completed), 99);
    assert!(notes.ends.iter().all(Option::is_none));
}
