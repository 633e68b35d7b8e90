//! What a broker drops or loses, and the order of keys in a queue.

use super::build::*;
use crate::brokers::partition::Keys;
use crate::brokers::{Kind, Ordering, WhenFull};
use crate::engine::{Answer, Fate, RunEnd};
use crate::faults::{Effect, Lose, Manner};
use crate::kernel::dist::Dist;
use crate::kernel::time::Time;
use crate::model::*;

/// Intake answers at once; a worker behind the queue does the work.
fn buffered(millis: u64, per_second: f64, workers: u32) -> System {
    let worker = |workers, millis| (service(workers), Dist::constant(ms(millis)));
    system(
        vec![worker(UNLIMITED, 0), worker(workers, millis)],
        per_second,
    )
}

fn run(system: &System, like: &Channel) -> (Notes, RunEnd) {
    observe(system, &queued(system, 1, call(), publish(), like))
}

#[test]
fn a_full_queue_may_drop_what_comes_and_say_that_all_is_well() {
    let mut system = buffered(1000, 10.0, 1);
    system.brokers[BrokerId(0)].capacity = 5;
    system.brokers[BrokerId(0)].when_full = WhenFull::DropNew;
    let (notes, end) = run(&system, &channel(1, 1));
    assert_eq!(notes.count(Answer::Ok), 99);
    // As many get in as are refused otherwise: one at work, five ready, then one in ten.
    assert_eq!(notes.fates(Fate::Completed), 6 + 9);
    assert_eq!(notes.fates(Fate::Lost), 99 - 15);
    assert!(end.channels[0].dropped >= 99 - 15);
    // Without a confirm the same; of a topic the other subscribers have it all.
    system.brokers[BrokerId(0)].kind = Kind::Topic;
    let (notes, _) = run(&system, &channel(1, 1));
    assert_eq!(notes.fates(Fate::Completed), 6 + 9);
}

/// A message each second, 3 s of work each: at 7.5 s those of 1 s and 2 s are done or at work, 3 s to 6 s wait, and that of 7 s was
/// written half a second before.
fn crashed(lose: Option<Lose>) -> (Notes, RunEnd) {
    let mut system = buffered(3_000, 1.0, 1);
    let down = fault(
        &mut system,
        Target::Broker(BrokerId(0)),
        7,
        8,
        Effect::Down(Manner::Refuse),
    );
    system.faults[down].windows[0].start += ms(500);
    system.faults[down].effects.extend(lose.map(Effect::Lose));
    run(&system, &channel(1, 1))
}

#[test]
fn a_crash_loses_what_the_fault_says() {
    let lost = |lose| {
        let (notes, end) = crashed(lose);
        assert_eq!(
            notes.fates(Fate::Lost) as u64 + notes.fates(Fate::Completed) as u64,
            8 + 1
        );
        end.channels[0].lost
    };
    // That of 8 s is refused; nothing else is lost by a durable broker.
    assert_eq!(lost(None), 0);
    // That of 7 s, and no other: flushed after a second.
    assert_eq!(lost(Some(Lose::Unflushed)), 1);
    // And that at work since 7 s, of 3 s.
    assert_eq!(lost(Some(Lose::Unacked)), 2);
    // 3 s to 7 s.
    assert_eq!(lost(Some(Lose::All)), 5);
}

/// Ten messages a second of 200 ms of work, and workers without end. In the order of one key they are done one after another; of
/// many keys those of different keys at once.
#[test]
fn messages_of_a_key_are_out_one_at_a_time() {
    let last = |ordering, keys| {
        let mut system = buffered(200, 10.0, UNLIMITED);
        system.brokers[BrokerId(0)].ordering = ordering;
        system.steps[StepId(1)].keys = keys;
        let (notes, end) = run(&system, &channel(1, UNLIMITED));
        assert_eq!(notes.fates(Fate::Completed), 99);
        let last = notes
            .completions
            .iter()
            .map(|(_, at)| *at)
            .fold(0.0, f64::max);
        (last, end.channels[0].ready_max)
    };
    let of = |n| Keys { n, hot: 0.0 };
    // 99 of them, the first at 0.1 s.
    let (done, _) = last(Ordering::PerKey, of(1));
    close(done, 0.1 + 99.0 * 0.2);
    let (free, _) = last(Ordering::None, of(1));
    close(free, 9.9 + 0.2);
    // Each key's share is a twentieth of twice what one at a time can do: nobody waits long.
    let (spread, waiting) = last(Ordering::PerKey, of(20));
    assert!(spread < 9.9 + 2.0 && waiting > 0, "{spread}, {waiting}");
    let (own, _) = last(Ordering::PerKey, Keys::EVEN);
    close(own, 9.9 + 0.2);
    // Half of them on one key: 49.5 ± 5 of them, four standard deviations 20.
    let (hot, _) = last(Ordering::PerKey, Keys { n: 1_000, hot: 0.5 });
    assert!((9.9..=0.1 + 70.0 * 0.2).contains(&hot), "{hot}");
}

/// Work fails from 0 s to 5 s, twice each, 100 ms apart: those of 1 s to 4 s are parked. Then they are delivered anew, two a
/// second.
fn redriven(from_ms: u64) -> (Notes, RunEnd) {
    let mut system = buffered(10, 1.0, 1);
    let worker = Target::Service(ServiceId(1));
    fault(&mut system, worker, 0, 5, Effect::Errors(1.0));
    let like = Channel {
        redeliver: retry(2, ms(100)),
        redrive: Some(Redrive {
            at: Time::ZERO + ms(from_ms),
            gap: ms(500),
        }),
        ..channel(1, 1)
    };
    run(&system, &like)
}

#[test]
fn dead_letters_are_delivered_anew() {
    let (notes, end) = redriven(6_200);
    assert_eq!(notes.fates(Fate::Completed), 9);
    let account = &end.channels[0];
    assert_eq!(
        (account.dead_lettered, account.acked),
        (0, account.published)
    );
    for (ordinal, k) in (0..4).zip([0.0, 1.0, 2.0, 3.0]) {
        let done = notes.completions.iter().find(|(who, _)| *who == ordinal);
        close(done.unwrap().1, 6.2 + 0.5 * k + 0.01);
    }
    // Too early: parked again, and for good.
    let (notes, end) = redriven(3_500);
    assert_eq!(notes.fates(Fate::DeadLettered), 4);
    assert_eq!(end.channels[0].dead_lettered, 4);
    // Never, as the run ends before: they are dead letters all the same.
    let (notes, end) = redriven(10_000_000);
    assert_eq!(notes.fates(Fate::DeadLettered), 4);
    assert_eq!(end.channels[0].dead_lettered, 4);
}

/// Every message comes twice at the broker, 999 of them; whoever knows for a second what it has had passes each on once.
#[test]
fn what_a_broker_has_had_goes_nowhere() {
    let doubled = |dedup| {
        let mut system = buffered(0, 100.0, 1);
        system.brokers[BrokerId(0)].dedup = dedup;
        let all = Effect::Duplicate(1.0);
        fault(&mut system, Target::Broker(BrokerId(0)), 0, 600, all);
        let (notes, end) = run(&system, &channel(1, 1));
        assert_eq!(notes.fates(Fate::Completed), 999);
        assert_eq!(
            end.channels[0].acked + end.channels[0].stored,
            end.channels[0].published
        );
        (end.channels[0].published, end.channels[0].duplicates)
    };
    let (published, duplicates) = doubled(None);
    assert!(published >= 2 * 999 && duplicates >= 999);
    let (published, duplicates) = doubled(Some(ms(1_000)));
    assert!(published >= 2 * 999, "{published}");
    assert_eq!(duplicates, 0);
}
