//! The outbox and its relay: what an outage of the broker costs, and what a lost confirm doubles.

use super::build::*;
use crate::brokers::{Relay, WhenRefused};
use crate::engine::{Answer, Applied, Fate, RunEnd};
use crate::faults::{Effect, Manner};
use crate::kernel::dist::Dist;
use crate::kernel::time::Duration;
use crate::model::*;

const BROKER: Target = Target::Broker(BrokerId(0));

fn stored(millis: u64, per_second: f64) -> System {
    system(
        vec![
            (service(UNLIMITED), Dist::constant(Duration::ZERO)),
            (service(UNLIMITED), Dist::constant(ms(millis))),
        ],
        per_second,
    )
}

fn outbox(poll: u64, batch: u32) -> Publish {
    Publish {
        when_refused: WhenRefused::Outbox,
        relay: Relay {
            poll: ms(poll),
            batch,
        },
        ..publish()
    }
}

fn run(system: &System, sender: Publish) -> (Notes, RunEnd) {
    let like = channel(1, UNLIMITED);
    observe(system, &queued(system, 1, call(), sender, &like))
}

#[test]
fn the_sender_waits_for_nobody_and_the_message_for_the_relay() {
    let mut system = stored(10, 1.0 / 0.7);
    system.hop = Dist::constant(ms(1));
    system.brokers[BrokerId(0)].publish = Dist::constant(ms(5));
    let (notes, end) = run(&system, outbox(1000, 100));
    for (ordinal, at) in &notes
        .answers
        .iter()
        .map(|(o, at, _)| (*o, *at))
        .collect::<Vec<_>>()
    {
        let came = 0.7 * (1.0 + f64::from(u32::try_from(*ordinal).unwrap()));
        close(*at, came + 0.002);
    }
    for (ordinal, at) in &notes.completions {
        let came = 0.7 * (1.0 + f64::from(u32::try_from(*ordinal).unwrap())) + 0.001;
        // The next full second, then hop, write, hop and the work.
        close(*at, (came + 1e-9).ceil() + 0.007 + 0.01);
    }
    assert_eq!(
        end.channels[0].published,
        end.channels[0].acked + end.channels[0].stored
    );
}

#[test]
fn an_outage_of_the_broker_costs_time_and_nothing_else() {
    for manner in [Manner::Refuse, Manner::Hang] {
        let mut system = stored(10, 2.0);
        fault(&mut system, BROKER, 2, 6, Effect::Down(manner));
        let (notes, end) = run(&system, outbox(500, 100));
        assert_eq!(notes.count(Answer::Ok), 19);
        assert_eq!(notes.fates(Fate::Completed), 19);
        assert_eq!(end.channels[0].lost, 0);
        assert!(notes.duplicates.is_empty());
        // Nothing arrives while it is down, and everything when it is back, in order.
        let within = |at: f64| (2.02..6.0).contains(&at);
        assert!(
            notes.completions.iter().all(|(_, at)| !within(*at)),
            "{manner:?}"
        );
        let order: Vec<u64> = notes.completions.iter().map(|(nth, _)| *nth).collect();
        assert_eq!(order, (0..19).collect::<Vec<_>>());
    }
}

#[test]
fn a_relay_publishes_a_batch_each_time_and_no_more() {
    // Ten a second, four a second can go: the k-th of 99 goes with look k/4.
    let system = stored(0, 10.0);
    let (notes, _) = run(&system, outbox(1000, 4));
    let last = notes.completions.last().unwrap();
    assert_eq!(last.0, 98);
    close(last.1, (99.0_f64 / 4.0).ceil());
}

#[test]
fn a_lost_confirm_publishes_twice() {
    let mut system = stored(10, 1.0 / 0.9);
    let link = Target::Link {
        from: End::Service(ServiceId(0)),
        to: End::Broker(BrokerId(0)),
    };
    fault(&mut system, link, 3, 5, Effect::DropReplies(1.0));
    let (notes, end) = run(&system, outbox(1000, 100));
    // What came at 2.7 s is published at 3 and 4 s, both confirms get lost, and at 5 s; that of 3.6 s at 4 and 5 s.
    assert_eq!(notes.duplicates, [(StepId(1), Applied::Again); 3]);
    assert_eq!(end.channels[0].duplicates, 3);
    assert_eq!(notes.fates(Fate::Completed), 11);
}

#[test]
fn a_relay_is_down_with_its_service() {
    let mut system = stored(10, 1.0);
    fault(
        &mut system,
        Target::Service(ServiceId(0)),
        2,
        5,
        Effect::Down(Manner::Refuse),
    );
    let (notes, _) = run(&system, outbox(700, 100));
    // The one of 1 s is published at 1.4 s; the next look with anything to publish, and anybody to, is after 5 s.
    let late: Vec<f64> = notes
        .completions
        .iter()
        .map(|(_, at)| *at)
        .filter(|at| *at > 2.0)
        .collect();
    assert!(late.iter().all(|&at| at > 5.0));
    assert_eq!(notes.fates(Fate::Completed), notes.count(Answer::Ok));
}
