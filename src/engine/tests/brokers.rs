//! What brokers do with what they hold: expiry, polling, the partitions of a log and the group that reads them.

use super::build::*;
use crate::brokers::partition::Keys;
use crate::brokers::{Ack, Kind, Ordering, WhenExhausted};
use crate::engine::{Applied, Fate, Place};
use crate::faults::{Effect, Manner};
use crate::kernel::dist::Dist;
use crate::kernel::time::Duration;
use crate::model::*;
use crate::policies::Outcome;

const WORKER: Target = Target::Service(ServiceId(1));

fn constant(millis: u64) -> Dist {
    Dist::constant(ms(millis))
}

/// Intake answers at once; `replicas` instances with `concurrency` workers behind the broker do the work.
fn buffered(millis: u64, per_second: f64, replicas: u32, concurrency: u32) -> System {
    let worker = Service {
        replicas,
        ..service(concurrency)
    };
    system(
        vec![
            (service(UNLIMITED), constant(0)),
            (worker, constant(millis)),
        ],
        per_second,
    )
}

fn log(mut system: System, partitions: u32) -> System {
    let broker = &mut system.brokers[BrokerId(0)];
    (broker.kind, broker.partitions) = (Kind::Log, partitions);
    broker.ordering = Ordering::PerKey;
    system
}

fn reader() -> Channel {
    channel(1, UNLIMITED)
}

#[test]
fn what_waits_longer_than_its_ttl_expires() {
    // Ten a second for one worker of 1 s: one is taken each second, the others are too old after half a second.
    let mut system = buffered(1000, 10.0, 1, 1);
    system.brokers[BrokerId(0)].ttl = ms(500);
    let (notes, end) = observe(
        &system,
        &queued(&system, 1, call(), publish(), &channel(1, 1)),
    );
    let account = end.channels[0];
    assert!(notes.ages.iter().all(|&age| age <= 0.5 + 1e-9));
    assert_eq!(
        account.published,
        account.acked + account.expired + account.stored
    );
    assert_eq!(notes.fates(Fate::Lost) + notes.fates(Fate::Completed), 99);
    assert!((9..=11).contains(&notes.fates(Fate::Completed)));
    let expired = notes.ends.iter().flatten();
    assert!(expired.clone().count() >= 88);
    assert!(expired.clone().all(|cause| {
        cause.outcome == Outcome::Expired && cause.place == Place::Broker(StepId(1))
    }));
}

#[test]
fn a_broker_that_is_down_finds_what_is_too_old_when_it_is_back() {
    let mut system = buffered(10, 1.0, 1, 1);
    system.brokers[BrokerId(0)].ttl = ms(500);
    // The consumer is away from 0 s, the broker from 2 s to 4 s: the message of 1 s expires at 1.5 s, that of 2 s is refused,
    // and nothing expires before 4 s.
    fault(&mut system, WORKER, 0, 600, Effect::Down(Manner::Refuse));
    fault(
        &mut system,
        Target::Broker(BrokerId(0)),
        2,
        4,
        Effect::Pause,
    );
    let asks = Publish {
        awaits_reply: true,
        ..publish()
    };
    let (notes, end) = observe(&system, &queued(&system, 1, call(), asks, &channel(1, 1)));
    assert_eq!(
        notes.outcomes(Outcome::Error),
        18,
        "each told, and its client too"
    );
    close(notes.answers[0].1, 1.5);
    assert!(notes.answers[1].1 > 4.0);
    assert_eq!(end.channels[0].expired, 9);
}

#[test]
fn a_message_that_comes_back_lives_no_longer_for_it() {
    // It fails at 1.01 s, is put off to 2.01 s, and would live until 1.5 s.
    let mut system = buffered(10, 1.0, 1, 1);
    system.brokers[BrokerId(0)].ttl = ms(500);
    system.services[ServiceId(1)].errors = 1.0;
    let (notes, end) = observe(
        &system,
        &queued(&system, 1, call(), publish(), &channel(1, 1)),
    );
    assert_eq!(end.channels[0].redelivered, 0);
    assert_eq!(notes.fates(Fate::Lost), 9);
}

#[test]
fn a_consumer_that_polls_finds_what_has_come_since() {
    // One message each 0.7 s, asked for every second: at 1 s, then, as work takes no time and nothing is left, at 2 s, …
    let system = buffered(0, 1.0 / 0.7, 1, 1);
    let like = Channel {
        poll: ms(1000),
        ..channel(1, 1)
    };
    let (notes, _) = observe(&system, &queued(&system, 1, call(), publish(), &like));
    for (ordinal, at) in &notes.completions {
        let came = 0.7 * (1.0 + f64::from(u32::try_from(*ordinal).unwrap()));
        // Whoever comes at the very instant of an asking comes too late for it.
        close(*at, (came + 1e-9).ceil());
    }
    assert_eq!(notes.completions.len(), 14);
}

#[test]
fn a_full_batch_asks_again_at_once() {
    // Five are there after the first second. Two of them are a full batch, four are, and one is not.
    let system = buffered(0, 5.0, 1, UNLIMITED);
    let like = Channel {
        poll: ms(1000),
        batch: 2,
        ..channel(1, UNLIMITED)
    };
    let (notes, _) = observe(&system, &queued(&system, 1, call(), publish(), &like));
    for (ordinal, at) in &notes.completions {
        let came = 0.2 * (1.0 + f64::from(u32::try_from(*ordinal).unwrap()));
        close(*at, (came + 1e-9).ceil());
    }
}

#[test]
fn a_partition_is_worked_off_one_message_at_a_time() {
    // One partition: a single worker is busy, however many there are. Ten a second for 1 s of work.
    let system = log(buffered(1000, 10.0, 1, UNLIMITED), 1);
    let (notes, _) = observe(&system, &queued(&system, 1, call(), publish(), &reader()));
    for (k, (ordinal, at)) in notes.completions.iter().enumerate() {
        assert_eq!(*ordinal, k as u64);
        close(*at, 0.1 + 1.0 + f64::from(u32::try_from(k).unwrap()));
    }
    // Twenty partitions: at most as many at work as there are partitions, and each in order.
    let system = log(buffered(1000, 10.0, 1, UNLIMITED), 20);
    let (notes, end) = observe(&system, &queued(&system, 1, call(), publish(), &reader()));
    let last = notes.completions.last().unwrap().1;
    assert!((10.0..60.0).contains(&last), "{last}");
    assert!(end.channels[0].ready_max < 90);
}

#[test]
fn a_reader_fetches_ahead_so_the_way_is_paid_once() {
    let mut system = log(buffered(100, 10.0, 1, UNLIMITED), 1);
    system.hop = constant(30);
    let (notes, _) = observe(&system, &queued(&system, 1, call(), publish(), &reader()));
    // The first: hop of the client, hop to the broker, hop to the reader. Each 0.1 s, work takes 0.1 s: no gap between.
    for (ordinal, at) in &notes.completions {
        let came = 0.1 * (1.0 + f64::from(u32::try_from(*ordinal).unwrap()));
        close(*at, came + 0.09 + 0.1);
    }
}

#[test]
fn a_failure_holds_up_its_partition_and_no_other() {
    let mut system = log(buffered(10, 20.0, 1, UNLIMITED), 2);
    system.steps[StepId(1)].keys = Keys {
        hot: 0.5,
        ..Keys::EVEN
    };
    fault(&mut system, WORKER, 0, 1, Effect::Errors(1.0));
    let like = Channel {
        redeliver: retry(3, ms(2000)),
        ..reader()
    };
    let (notes, end) = observe(&system, &queued(&system, 1, call(), publish(), &like));
    assert_eq!(end.channels[0].dead_lettered, 0);
    // The head of each partition is tried again 2 s after it failed, and what came behind it waits that long.
    assert_eq!(end.channels[0].redelivered, 2);
    let early = notes.completions.iter().filter(|(_, at)| *at < 2.0).count();
    assert_eq!(early, 0);
    assert_eq!(notes.fates(Fate::Completed), 199);
    // Without a second chance it is parked, and the next one goes on at once.
    let like = Channel {
        redeliver: retry(1, ms(2000)),
        when_exhausted: WhenExhausted::DeadLetter,
        ..reader()
    };
    let (notes, end) = observe(&system, &queued(&system, 1, call(), publish(), &like));
    assert_eq!(end.channels[0].dead_lettered, 19);
    assert_eq!(notes.fates(Fate::Completed), 180);
}

#[test]
fn a_hot_key_saturates_its_partition_alone() {
    // Half of 30/s carry one key: its partition gets 16.5/s, more than the 10/s that one reader can do; the others 1.5/s.
    let mut system = log(buffered(100, 30.0, 2, UNLIMITED), 10);
    system.steps[StepId(1)].keys = Keys {
        hot: 0.5,
        ..Keys::EVEN
    };
    let (notes, _) = observe(&system, &queued(&system, 1, call(), publish(), &reader()));
    let slow = notes.ages.iter().filter(|&&age| age > 2.0).count();
    let fast = notes.ages.iter().filter(|&&age| age < 1.0).count();
    // 165 on the hot one, of which the k-th waits k (1/10 − 1/16.5) s: more than 2 s from the 51st on.
    assert!((85..=145).contains(&slow), "{slow}");
    assert!(fast >= 130, "{fast}");
}

#[test]
fn a_reader_that_is_gone_is_missed_after_its_session_and_the_group_finds_new_readers() {
    // Two instances, a partition each. One goes down at 2 s for good: missed at 5 s, and nobody reads until 6 s.
    let mut system = log(buffered(10, 20.0, 2, UNLIMITED), 2);
    let gone = fault(&mut system, WORKER, 2, 600, Effect::Down(Manner::Refuse));
    system.faults[gone].replicas = 1;
    let like = Channel {
        session: ms(3000),
        rebalance: ms(1000),
        ..reader()
    };
    let (notes, end) = observe(&system, &queued(&system, 1, call(), publish(), &like));
    assert_eq!(notes.fates(Fate::Completed), 199);
    let done = |from: f64, to: f64| {
        let within = |at: f64| from <= at && at < to;
        notes
            .completions
            .iter()
            .filter(|(_, at)| within(*at))
            .count()
    };
    // One partition stands still for 4 s, the other for the last of them.
    let of_one = done(2.1, 4.9);
    assert!((15..=41).contains(&of_one), "{of_one}");
    assert_eq!(done(5.02, 6.0), 0);
    assert!(notes.ages.iter().copied().fold(0.0, f64::max) > 3.8);
    assert!(notes.ages.iter().copied().fold(0.0, f64::max) < 4.5);
    assert_eq!(end.channels[0].lost, 0);
}

#[test]
fn a_reader_that_is_back_in_time_keeps_what_it_has_not_committed() {
    // It goes down at 2 s with a message at work, and joins again at 3 s: nobody reads until 4 s, then it is read again.
    let mut system = log(buffered(500, 1.9, 1, 1), 1);
    fault(&mut system, WORKER, 2, 3, Effect::Down(Manner::Refuse));
    let like = Channel {
        session: ms(10_000),
        rebalance: ms(1000),
        ..reader()
    };
    let (notes, end) = observe(&system, &queued(&system, 1, call(), publish(), &like));
    assert_eq!(end.channels[0].redelivered, 1);
    assert_eq!(notes.fates(Fate::Completed), 18);
    // Nothing is read while it is away: no gap but this one.
    let resumed = notes.completions.iter().find(|(_, at)| *at > 2.0).unwrap();
    // It never left the group, so it reads again at once when it is up.
    close(resumed.1, 3.5);
    assert!(notes.duplicates.is_empty());
}

#[test]
fn what_was_not_committed_is_done_twice() {
    // The broker is away from 1.9 s to 2.5 s: what is finished then cannot be committed, and is read again.
    let mut system = log(buffered(300, 1.0, 1, 1), 1);
    fault(
        &mut system,
        Target::Broker(BrokerId(0)),
        2,
        3,
        Effect::Down(Manner::Hang),
    );
    system.plan.duration = Duration::from_secs(10);
    let (notes, end) = observe(&system, &queued(&system, 1, call(), publish(), &reader()));
    // The second arrives at 2 s, at the very instant of the outage: its publish hangs. None was at work.
    assert!(notes.duplicates.is_empty());
    let mut system = log(buffered(300, 1.25, 1, 1), 1);
    fault(
        &mut system,
        Target::Broker(BrokerId(0)),
        1,
        2,
        Effect::Down(Manner::Refuse),
    );
    let (notes, end2) = observe(&system, &queued(&system, 1, call(), publish(), &reader()));
    // Published at 0.8 s, done at 1.1 s while the broker is down, read and done again from 2 s on.
    assert_eq!(notes.duplicates, [(StepId(1), Applied::Again)]);
    assert_eq!(end2.channels[0].redelivered, 1);
    assert_eq!(end.channels[0].redelivered, 0);
}

#[test]
fn committing_first_loses_what_was_at_work_and_keeps_the_order() {
    let mut system = log(buffered(500, 1.9, 1, UNLIMITED), 1);
    fault(&mut system, WORKER, 2, 3, Effect::Down(Manner::Refuse));
    let like = Channel {
        ack: Ack::Before,
        ..reader()
    };
    let (notes, end) = observe(&system, &queued(&system, 1, call(), publish(), &like));
    assert_eq!(notes.fates(Fate::Lost), 1);
    assert_eq!(notes.fates(Fate::Completed), 17);
    assert_eq!(
        end.channels[0].acked,
        end.channels[0].published - end.channels[0].stored
    );
    // One at a time all the same: no two completions are closer than the work.
    for pair in notes.completions.windows(2) {
        assert!(pair[1].1 - pair[0].1 > 0.499);
    }
}

#[test]
fn a_totally_ordered_queue_lets_one_message_out() {
    let mut system = buffered(200, 10.0, 2, UNLIMITED);
    system.brokers[BrokerId(0)].ordering = Ordering::Total;
    let (notes, _) = observe(
        &system,
        &queued(&system, 1, call(), publish(), &channel(1, UNLIMITED)),
    );
    for (k, (ordinal, at)) in notes.completions.iter().enumerate() {
        assert_eq!(*ordinal, k as u64);
        close(*at, 0.1 + 0.2 * f64::from(u32::try_from(k + 1).unwrap()));
    }
}
