//! Messages: buffering, confirms, full queues, redelivery, visibility, crashes of consumer and broker.

use super::build::*;
use crate::brokers::{Ack, Confirm, Durable, WhenExhausted, WhenFull, WhenRefused};
use crate::engine::{Answer, Applied, Fate, Place};
use crate::faults::{Effect, Manner};
use crate::kernel::dist::Dist;
use crate::kernel::time::Time;
use crate::model::*;
use crate::policies::Outcome;

fn constant(millis: u64) -> Dist {
    Dist::constant(ms(millis))
}

/// Intake answers at once; a worker behind the queue does the work.
fn buffered(millis: u64, per_second: f64) -> System {
    system(
        vec![
            (service(UNLIMITED), constant(0)),
            (service(1), constant(millis)),
        ],
        per_second,
    )
}

const WORKER: Target = Target::Service(ServiceId(1));
const BROKER: Target = Target::Broker(BrokerId(0));

#[test]
fn the_answer_waits_for_the_confirm_and_completion_for_the_consumer() {
    let mut system = buffered(100, 1.0);
    system.hop = constant(1);
    system.brokers[BrokerId(0)].publish = constant(5);
    let (notes, end) = observe(
        &system,
        &queued(&system, 1, call(), publish(), &channel(1, 1)),
    );
    // Hop, hop to the broker, write, confirm, hop back.
    close(
        notes.answers[0].1,
        1.0 + 0.001 + 0.001 + 0.005 + 0.001 + 0.001,
    );
    close(
        notes.completions[0].1,
        1.0 + 0.001 + 0.001 + 0.005 + 0.001 + 0.100,
    );
    close(notes.ages[0], 0.001 + 0.005 + 0.001);
    assert_eq!(
        end.channels[0].published,
        end.channels[0].acked + end.channels[0].stored
    );
    let forgets = Publish {
        confirm: Confirm::Forgets,
        ..publish()
    };
    let (notes, _) = observe(
        &system,
        &queued(&system, 1, call(), forgets, &channel(1, 1)),
    );
    close(notes.answers[0].1, 1.002);
    close(
        notes.completions[0].1,
        1.0 + 0.001 + 0.001 + 0.005 + 0.001 + 0.100,
    );
}

#[test]
fn an_outage_is_a_backlog_that_drains() {
    // λ = 10/s, μ = 20/s, down 4 s: backlog λD = 40, drained D·λ/(μ − λ) = 4 s later.
    let mut system = buffered(50, 10.0);
    fault(&mut system, WORKER, 2, 6, Effect::Down(Manner::Refuse));
    let (notes, end) = observe(
        &system,
        &queued(&system, 1, call(), publish(), &channel(1, 1)),
    );
    assert_eq!(notes.count(Answer::Ok), 99);
    assert_eq!(notes.completions.len(), 99);
    // The arrival at 2 s finds it down already; those at 2.0 to 5.9 s and no consumption.
    assert_eq!(end.channels[0].ready_max, 40);
    let late = notes.completions.iter().filter(|(ordinal, at)| {
        at - 0.1 * (1.0 + f64::from(u32::try_from(*ordinal).unwrap())) > 0.0501
    });
    // Everything that arrives in the 8 s until the queue is empty again waits, but for the last.
    let n_late = late.count();
    assert!((78..=80).contains(&n_late), "{n_late}");
}

#[test]
fn a_full_queue_does_what_the_broker_was_told() {
    let run = |when_full| {
        let mut system = buffered(1000, 10.0);
        system.brokers[BrokerId(0)].capacity = 5;
        system.brokers[BrokerId(0)].when_full = when_full;
        observe(
            &system,
            &queued(&system, 1, call(), publish(), &channel(1, 1)),
        )
    };
    let (notes, _) = run(WhenFull::Reject);
    // One at work, five ready, then one in ten gets in, as one is taken each second.
    assert_eq!(notes.count(Answer::Ok), 6 + 9);
    assert_eq!(notes.outcomes(Outcome::Overloaded), 99 - 15);
    let (notes, end) = run(WhenFull::DropOldest);
    assert_eq!(notes.count(Answer::Ok), 99);
    assert_eq!(notes.fates(Fate::Completed) + notes.fates(Fate::Lost), 99);
    assert!(end.channels[0].dropped >= notes.fates(Fate::Lost) as u64);
    assert!(notes.fates(Fate::Lost) >= 70);
    let (notes, _) = run(WhenFull::Block);
    assert_eq!(notes.count(Answer::Ok), 99);
    assert_eq!(notes.fates(Fate::Completed), 99);
    // The k-th is taken after k − 1 seconds of work; it was let in when the sixth before it was.
    close(notes.answers.last().unwrap().1, 0.1 + 93.0);
}

#[test]
fn failures_are_redelivered_and_parked_after_the_last() {
    let mut system = buffered(10, 1.0);
    system.services[ServiceId(1)].errors = 1.0;
    let like = Channel {
        redeliver: retry(3, ms(200)),
        ..channel(1, 1)
    };
    let (notes, end) = observe(&system, &queued(&system, 1, call(), publish(), &like));
    assert_eq!(notes.fates(Fate::DeadLettered), 9);
    assert_eq!(notes.ages.len(), 3 * notes.ages.len() / 3);
    close(notes.ages[2], 2.0 * 0.2 + 2.0 * 0.01);
    assert_eq!(
        end.channels[0].redelivered,
        2 * end.channels[0].dead_lettered
    );
    let like = Channel {
        when_exhausted: WhenExhausted::Drop,
        ..like
    };
    let (notes, end) = observe(&system, &queued(&system, 1, call(), publish(), &like));
    assert_eq!(notes.fates(Fate::Lost), 9);
    assert_eq!(end.channels[0].dead_lettered, 0);
}

#[test]
fn a_blocked_queue_waits_for_its_head() {
    let mut system = buffered(10, 1.0);
    fault(&mut system, WORKER, 0, 5, Effect::Errors(1.0));
    let like = Channel {
        redeliver: retry(1, ms(500)),
        when_exhausted: WhenExhausted::Block,
        ..channel(1, 1)
    };
    let (notes, _) = observe(&system, &queued(&system, 1, call(), publish(), &like));
    assert_eq!(notes.fates(Fate::Completed), 9);
    // The first is tried at 1.01 s and every 510 ms until after 5 s; the others come behind it, in order.
    let order: Vec<u64> = notes
        .completions
        .iter()
        .map(|(ordinal, _)| *ordinal)
        .collect();
    assert_eq!(order, (0..9).collect::<Vec<_>>());
    close(notes.completions[0].1, 1.01 + 8.0 * 0.51);
}

#[test]
fn a_visibility_timeout_doubles_slow_work() {
    let mut system = buffered(700, 0.3);
    system.services[ServiceId(1)].concurrency = UNLIMITED;
    let like = Channel {
        visibility: ms(500),
        ..channel(1, UNLIMITED)
    };
    let (notes, end) = observe(&system, &queued(&system, 1, call(), publish(), &like));
    // Shown again after 0.5 s, acked 0.2 s later by the first delivery: two executions each.
    assert_eq!(notes.fates(Fate::Completed), 2);
    assert!(
        notes
            .duplicates
            .iter()
            .all(|(step, applied)| (*step, *applied) == (StepId(1), Applied::Again))
    );
    assert!(notes.duplicates.len() >= 2);
    assert_eq!(end.channels[0].redelivered, notes.duplicates.len() as u64);
    assert!(end.channels[0].acked >= 2);
    // The second execution of each is for nothing.
    assert_eq!(end.wasted, notes.duplicates.len() as u128 * 700 * 1_000_000);
}

#[test]
fn a_crashed_consumer_loses_nothing_but_time() {
    let mut system = buffered(1500, 0.2);
    fault(&mut system, WORKER, 6, 8, Effect::Down(Manner::Refuse));
    let (notes, end) = observe(
        &system,
        &queued(&system, 1, call(), publish(), &channel(1, 1)),
    );
    // Published at 5 s, a second of work lost at 6 s, delivered again at 8 s.
    close(notes.completions[0].1, 9.5);
    assert_eq!(end.channels[0].redelivered, 1);
    assert_eq!(end.wasted, 1_000_000_000);
    assert!(notes.duplicates.is_empty());
}

#[test]
fn a_hanging_consumer_keeps_its_messages_until_it_connects_anew() {
    let mut system = buffered(100, 1.0);
    fault(&mut system, WORKER, 3, 6, Effect::Down(Manner::Hang));
    let (notes, end) = observe(
        &system,
        &queued(&system, 1, call(), publish(), &channel(1, 2)),
    );
    assert_eq!(notes.completions.len(), 9);
    // Two of those published at 3, 4, 5 s are swallowed; all three are worked off from 6 s on, in order.
    assert_eq!(end.channels[0].redelivered, 2);
    for (k, at) in [(2, 6.1), (3, 6.2), (4, 6.3), (5, 6.4)] {
        close(notes.completions[k].1, at);
    }
    let like = Channel {
        visibility: ms(1000),
        ..channel(1, 2)
    };
    let (notes, _) = observe(&system, &queued(&system, 1, call(), publish(), &like));
    assert_eq!(notes.fates(Fate::Completed), 9);
}

#[test]
fn acknowledging_before_the_work_loses_what_a_crash_interrupts() {
    let mut system = buffered(1500, 0.2);
    fault(&mut system, WORKER, 6, 8, Effect::Down(Manner::Refuse));
    let like = Channel {
        ack: Ack::Before,
        ..channel(1, 1)
    };
    let (notes, end) = observe(&system, &queued(&system, 1, call(), publish(), &like));
    assert_eq!(notes.fates(Fate::Lost), 1);
    assert_eq!(end.channels[0].redelivered, 0);
}

#[test]
fn a_broker_that_is_down_fails_the_sender_or_is_tried_again() {
    let mut system = buffered(10, 1.0);
    let outage = fault(&mut system, BROKER, 3, 6, Effect::Down(Manner::Refuse));
    let (notes, _) = observe(
        &system,
        &queued(&system, 1, call(), publish(), &channel(1, 1)),
    );
    assert_eq!(notes.count(Answer::Failed), 3);
    let cause = notes.causes[2].unwrap();
    assert_eq!(
        (cause.place, cause.fault),
        (Place::Broker(StepId(1)), Some(outage))
    );
    let sender = Publish {
        when_refused: WhenRefused::Retry,
        retry: retry(10, ms(500)),
        ..publish()
    };
    let (notes, _) = observe(&system, &queued(&system, 1, call(), sender, &channel(1, 1)));
    assert_eq!(notes.fates(Fate::Completed), 9);
    let sender = Publish {
        when_refused: WhenRefused::Drop,
        ..publish()
    };
    let (notes, end) = observe(&system, &queued(&system, 1, call(), sender, &channel(1, 1)));
    assert_eq!((notes.count(Answer::Ok), notes.fates(Fate::Lost)), (9, 3));
    assert_eq!(end.channels[0].dropped, 3);
    let sender = Publish {
        confirm: Confirm::Forgets,
        ..publish()
    };
    let (notes, end) = observe(&system, &queued(&system, 1, call(), sender, &channel(1, 1)));
    assert_eq!((notes.count(Answer::Ok), notes.fates(Fate::Lost)), (9, 3));
    assert_eq!(end.channels[0].lost, 3);
}

#[test]
fn a_broker_crash_doubles_what_was_unacked_and_loses_what_was_not_durable() {
    let run = |durable| {
        let mut system = buffered(1500, 1.0);
        system.brokers[BrokerId(0)].durable = durable;
        fault(&mut system, BROKER, 3, 4, Effect::Down(Manner::Refuse));
        observe(
            &system,
            &queued(&system, 1, call(), publish(), &channel(1, 1)),
        )
    };
    let (notes, end) = run(Durable::Survives);
    // At 3 s the message of 2 s is at work (2.5 to 4): its word finds no connection, so it is done twice.
    assert_eq!(notes.duplicates, [(StepId(1), Applied::Again)]);
    assert_eq!(
        (
            end.channels[0].duplicates,
            end.channels[0].duplicates_applied
        ),
        (1, 1)
    );
    assert_eq!(notes.fates(Fate::Completed), 8);
    assert_eq!(end.channels[0].lost, 0);
    let (notes, end) = run(Durable::Loses);
    assert_eq!(end.channels[0].lost, 1);
    assert_eq!(notes.fates(Fate::Completed), 8, "it was done all the same");
}

#[test]
fn a_frozen_broker_delays_everything() {
    let mut system = buffered(10, 1.0);
    fault(&mut system, BROKER, 3, 6, Effect::Pause);
    let (notes, _) = observe(
        &system,
        &queued(&system, 1, call(), publish(), &channel(1, 1)),
    );
    assert_eq!(notes.fates(Fate::Completed), 9);
    close(notes.answers[2].1, 6.0);
    close(notes.completions[5].1, 6.04);
}

#[test]
fn a_client_may_hand_over_itself() {
    let system = system(vec![(service(1), constant(300))], 1.0);
    let (notes, _) = observe(
        &system,
        &queued(&system, 0, call(), publish(), &channel(0, 1)),
    );
    close(notes.answers[0].1, 1.0);
    close(notes.completions[0].1, 1.3);
    assert_eq!(notes.backlog, 0);
    let forgets = Publish {
        confirm: Confirm::Forgets,
        ..publish()
    };
    let (notes, _) = observe(
        &system,
        &queued(&system, 0, call(), forgets, &channel(0, 1)),
    );
    assert_eq!(notes.fates(Fate::Completed), 9);
}

#[test]
fn workers_set_apart_do_not_wait_behind_calls() {
    let mut system = buffered(100, 1.0);
    system.services[ServiceId(1)].concurrency = 3;
    let like = Channel {
        workers: Some(2),
        ..channel(1, 2)
    };
    let (notes, end) = observe(&system, &queued(&system, 1, call(), publish(), &like));
    assert_eq!(notes.completions.len(), 9);
    let time: u128 = end.services[1].busy + end.services[1].idle;
    assert_eq!(time, 3 * u128::from((end.ended - Time::ZERO).0));
}

#[test]
fn poison_fails_at_every_delivery_and_is_parked_while_the_others_pass() {
    let mut system = buffered(10, 2.0);
    let spoilt = fault(&mut system, BROKER, 2, 4, Effect::Poison(1.0));
    let like = Channel {
        redeliver: retry(3, ms(700)),
        ..channel(1, 1)
    };
    let (notes, end) = observe(&system, &queued(&system, 1, call(), publish(), &like));
    // Those of 2.0, 2.5, 3.0, 3.5 s.
    assert_eq!(notes.fates(Fate::DeadLettered), 4);
    assert_eq!(end.channels[0].redelivered, 8);
    assert_eq!(notes.fates(Fate::Completed), 15);
    let parked = notes.fates.iter().zip(&notes.ends);
    for (_, cause) in parked.filter(|((_, fate), _)| *fate == Fate::DeadLettered) {
        assert_eq!(cause.unwrap().fault, Some(spoilt));
    }
    // At most once: it fails too, and nothing is left of it.
    let like = Channel {
        ack: Ack::Before,
        ..like
    };
    let (notes, _) = observe(&system, &queued(&system, 1, call(), publish(), &like));
    assert_eq!(notes.fates(Fate::Lost), 4);
    // A blocked queue never gets past it.
    let like = Channel {
        when_exhausted: WhenExhausted::Block,
        ack: Ack::After,
        ..like
    };
    let (notes, _) = observe(&system, &queued(&system, 1, call(), publish(), &like));
    assert_eq!(notes.fates(Fate::Completed), 3);
    assert_eq!(notes.fates(Fate::Incomplete), 16);
}

#[test]
fn a_share_of_the_messages_is_poison_or_doubled_the_same_in_every_run() {
    let mut system = buffered(0, 100.0);
    fault(&mut system, BROKER, 0, 600, Effect::Duplicate(0.3));
    let wiring = queued(&system, 1, call(), publish(), &channel(1, 1));
    let (notes, end) = observe(&system, &wiring);
    // 999 messages: 0.3 ± 0.0145, four standard deviations.
    let doubled = end.channels[0].duplicates;
    assert!((242..=358).contains(&doubled), "{doubled}");
    assert_eq!(notes.fates(Fate::Completed), 999);
    assert_eq!(
        end.channels[0].acked + end.channels[0].stored,
        end.channels[0].published
    );
    let mut system = buffered(0, 100.0);
    fault(&mut system, BROKER, 0, 600, Effect::Poison(0.3));
    let like = Channel {
        redeliver: retry(2, ms(10)),
        ..channel(1, 1)
    };
    let (notes, _) = observe(&system, &queued(&system, 1, call(), publish(), &like));
    let poisoned = notes.fates(Fate::DeadLettered);
    assert!((242..=358).contains(&poisoned), "{poisoned}");
    let (again, _) = observe(
        &system,
        &queued(&system, 1, call(), publish(), &channel(1, 5)),
    );
    assert_eq!(again.fates(Fate::DeadLettered), poisoned);
}
