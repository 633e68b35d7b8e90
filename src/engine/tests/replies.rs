//! Request-reply over a broker: the answer waits for the consumer's reply, which travels as a message.

use super::build::*;
use crate::brokers::{Ack, WhenExhausted, WhenRefused};
use crate::engine::{Answer, Fate, Place, RunEnd};
use crate::faults::{Effect, Manner};
use crate::kernel::dist::Dist;
use crate::kernel::time::Duration;
use crate::model::*;
use crate::policies::Outcome;

const WORKER: Target = Target::Service(ServiceId(1));
const BROKER: Target = Target::Broker(BrokerId(0));

fn constant(millis: u64) -> Dist {
    Dist::constant(ms(millis))
}

fn request() -> Publish {
    Publish {
        awaits_reply: true,
        ..publish()
    }
}

fn asked(millis: u64, per_second: f64, front: u32) -> System {
    system(
        vec![
            (service(front), constant(0)),
            (service(UNLIMITED), constant(millis)),
        ],
        per_second,
    )
}

fn run(system: &System, sender: Publish, like: &Channel) -> (Notes, RunEnd) {
    observe(system, &queued(system, 1, call(), sender, like))
}

#[test]
fn the_answer_takes_both_ways_over_the_broker() {
    let mut system = asked(100, 1.0, UNLIMITED);
    system.hop = constant(1);
    system.brokers[BrokerId(0)].publish = constant(5);
    let (notes, end) = run(&system, request(), &channel(1, UNLIMITED));
    // Client's hop; hop, write, hop; work; hop, write, hop; client's hop.
    close(
        notes.answers[0].1,
        1.0 + 0.001 + 0.007 + 0.1 + 0.007 + 0.001,
    );
    close(notes.completions[0].1, 1.0 + 0.001 + 0.007 + 0.1);
    assert_eq!(notes.count(Answer::Ok), 9);
    assert_eq!(end.channels[0].published, end.channels[0].acked);
}

#[test]
fn a_caller_holds_its_worker_for_the_reply() {
    // One worker in front, held for 300 ms: three and a third a second.
    let system = asked(300, 10.0, 1);
    let (notes, end) = run(&system, request(), &channel(1, UNLIMITED));
    close(notes.answers.last().unwrap().1, 0.1 + 99.0 * 0.3);
    assert!(end.services[0].held > 29_000_000_000);
    // A sender that only publishes is not held at all.
    let (notes, end) = run(&system, publish(), &channel(1, UNLIMITED));
    close(notes.answers.last().unwrap().1, 9.9);
    assert_eq!(end.services[0].held, 0);
}

#[test]
fn an_absent_consumer_is_waited_for_as_long_as_the_caller_likes() {
    let mut system = asked(10, 1.0, UNLIMITED);
    fault(&mut system, WORKER, 2, 5, Effect::Down(Manner::Refuse));
    let (notes, _) = run(&system, request(), &channel(1, UNLIMITED));
    // A call would have been refused; here the first waits from 2 s to 5.01 s.
    assert_eq!(notes.count(Answer::Ok), 9);
    close(notes.answers[1].1, 5.01);
    let impatient = Publish {
        timeout: ms(700),
        ..request()
    };
    let (notes, end) = run(&system, impatient, &channel(1, UNLIMITED));
    assert_eq!(notes.count(Answer::Failed), 3);
    assert!(notes.outcomes(Outcome::Timeout) == 3);
    let cause = notes.causes[1].unwrap();
    assert_eq!(cause.place, Place::Broker(StepId(1)));
    // The messages stay: the work is done for nobody, later.
    assert_eq!(end.channels[0].acked, 9);
}

#[test]
fn asking_again_does_the_work_twice() {
    let system = asked(500, 1.0, UNLIMITED);
    let again = Publish {
        timeout: ms(300),
        when_refused: WhenRefused::Retry,
        retry: retry(3, ms(100)),
        ..request()
    };
    let (notes, end) = run(&system, again, &channel(1, UNLIMITED));
    // Three requests each, and never an answer in time.
    assert_eq!(notes.count(Answer::Failed), 9);
    // With those of the client that comes when the window closes; and the last ones are not waited for.
    assert!((27..=30).contains(&end.channels[0].published));
    assert!((16..=20).contains(&notes.duplicates.len()));
}

#[test]
fn who_waits_hears_when_a_message_is_given_up() {
    let mut system = asked(10, 1.0, UNLIMITED);
    system.services[ServiceId(1)].errors = 1.0;
    for (when_exhausted, parked) in [(WhenExhausted::DeadLetter, 9), (WhenExhausted::Drop, 0)] {
        let like = Channel {
            redeliver: retry(3, ms(200)),
            when_exhausted,
            ..channel(1, UNLIMITED)
        };
        let (notes, end) = run(&system, request(), &like);
        assert_eq!(notes.count(Answer::Failed), 9);
        close(notes.answers[0].1, 1.0 + 3.0 * 0.01 + 2.0 * 0.2);
        assert_eq!(end.channels[0].dead_lettered, parked);
    }
    // At most once: its failure is its reply.
    let like = Channel {
        ack: Ack::Before,
        ..channel(1, UNLIMITED)
    };
    let (notes, _) = run(&system, request(), &like);
    assert_eq!(notes.count(Answer::Failed), 9);
    close(notes.answers[0].1, 1.01);
}

#[test]
fn a_reply_is_lost_with_its_broker_and_waits_for_one_that_is_frozen() {
    let mut system = asked(300, 1.25, UNLIMITED);
    // Published at 0.8 s, done at 1.1 s.
    let outage = fault(&mut system, BROKER, 1, 2, Effect::Down(Manner::Refuse));
    let limited = Publish {
        timeout: Duration::from_secs(5),
        ..request()
    };
    let (notes, _) = run(&system, limited, &channel(1, UNLIMITED));
    // The work is done again when the broker is back, and its reply arrives.
    close(
        notes.answers.iter().find(|(nth, ..)| *nth == 0).unwrap().1,
        2.3,
    );
    assert_eq!(notes.duplicates.len(), 1);
    assert!(
        notes
            .causes
            .iter()
            .flatten()
            .all(|cause| cause.fault == Some(outage))
    );
    let mut system = asked(300, 1.25, UNLIMITED);
    fault(&mut system, BROKER, 1, 2, Effect::Pause);
    let (notes, _) = run(&system, limited, &channel(1, UNLIMITED));
    close(notes.answers[0].1, 2.0);
    assert!(notes.duplicates.is_empty());
    assert_eq!(notes.fates(Fate::Completed), notes.count(Answer::Ok));
}
