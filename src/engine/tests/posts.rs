//! Deliveries that are calls: webhooks, services that belong to someone else, and the rate limit they have.

use super::build::*;
use crate::brokers::WhenExhausted;
use crate::engine::{Answer, Applied, Fate, RunEnd};
use crate::faults::{Effect, Manner};
use crate::kernel::dist::Dist;
use crate::kernel::time::Duration;
use crate::model::*;
use crate::policies::Outcome;
use crate::policies::rate_limit::{RateLimit, TokenBucket};

const PARTNER: Target = Target::Service(ServiceId(1));
const SENDER: Target = Target::Service(ServiceId(0));

fn constant(millis: u64) -> Dist {
    Dist::constant(ms(millis))
}

/// Billing answers at once; the partner is posted to.
fn partner(millis: u64, per_second: f64, concurrency: u32) -> System {
    system(
        vec![
            (service(UNLIMITED), constant(0)),
            (service(concurrency), constant(millis)),
        ],
        per_second,
    )
}

/// The sender keeps its messages and posts them itself, at most `n` at a time, each for at most `timeout`.
fn webhook(system: &System, n: u32, timeout: Duration, like: &Channel) -> Wiring {
    let like = Channel {
        prefetch: n,
        ..like.clone()
    };
    let sender = Publish {
        is_local: true,
        ..publish()
    };
    let mut wiring = queued(system, 1, call(), sender, &like);
    let edge = wiring.edges.push(Edge {
        from: Some(StepId(0)),
        to: StepId(1),
        copy: None,
        fallback: None,
        is_degraded: false,
        guards: Vec::new(),
        budget: None,
        hedge: None,
        ejection: None,
        has_static: false,
        link: Link::Call(Call { timeout, ..call() }),
    });
    let channel = &mut wiring.channels[ChannelId(0)];
    channel.post = Some(edge);
    channel.keeper = Some(ServiceId(0));
    wiring
}

const POST: EdgeId = EdgeId(2);

fn run(system: &System, n: u32, timeout: Duration, like: &Channel) -> (Notes, RunEnd) {
    observe(system, &webhook(system, n, timeout, like))
}

#[test]
fn keeping_costs_no_way_and_posting_costs_both() {
    let mut system = partner(100, 1.0, UNLIMITED);
    system.hop = constant(10);
    let (notes, end) = run(&system, UNLIMITED, Duration::MAX, &channel(1, 1));
    // The client's hop and its answer's; then the post's hop and the work.
    close(notes.answers[0].1, 1.0 + 0.02);
    close(notes.completions[0].1, 1.0 + 0.01 + 0.01 + 0.1);
    close(notes.ages[0], 0.0);
    assert_eq!(end.channels[0].acked, 9);
}

#[test]
fn no_more_are_under_way_than_there_are_workers() {
    // Ten a second, each a second long, two at a time: the k-th pair is done at 0.1 + … seconds.
    let system = partner(1000, 10.0, UNLIMITED);
    let (notes, _) = run(&system, 2, Duration::MAX, &channel(1, 1));
    assert_eq!(notes.count(Answer::Ok), 99);
    close(notes.completions[0].1, 1.1);
    close(notes.completions[1].1, 1.2);
    close(notes.completions[98].1, 0.1 + 50.0);
}

#[test]
fn what_a_partner_refuses_is_posted_again_by_its_schedule() {
    let mut system = partner(10, 1.0, UNLIMITED);
    fault(&mut system, PARTNER, 2, 4, Effect::Down(Manner::Refuse));
    let like = Channel {
        redeliver: retry(4, ms(700)),
        ..channel(1, 1)
    };
    let (notes, end) = run(&system, UNLIMITED, Duration::MAX, &like);
    assert_eq!(notes.fates(Fate::Completed), 9);
    // Of 2 s: at 2, 2.7, 3.4 and 4.1 s; of 3 s: at 3, 3.7 and 4.4 s. A queue would have waited for the connection.
    assert_eq!(notes.outcomes(Outcome::Refused), 3 + 2);
    assert_eq!(end.channels[0].redelivered, 5);
    let second = notes.completions.iter().find(|(nth, _)| *nth == 1);
    close(second.unwrap().1, 4.11);
    let like = Channel {
        redeliver: retry(3, ms(700)),
        ..like
    };
    let (notes, _) = run(&system, UNLIMITED, Duration::MAX, &like);
    assert_eq!(notes.fates(Fate::DeadLettered), 1);
    let like = Channel {
        when_exhausted: WhenExhausted::Drop,
        ..like
    };
    let (notes, end) = run(&system, UNLIMITED, Duration::MAX, &like);
    assert_eq!(notes.fates(Fate::Lost), 1);
    assert_eq!(end.channels[0].dropped, 1);
}

#[test]
fn a_partner_that_hangs_costs_the_timeout_and_nothing_without_one() {
    let mut system = partner(10, 1.0, UNLIMITED);
    fault(&mut system, PARTNER, 2, 4, Effect::Down(Manner::Hang));
    let like = Channel {
        redeliver: retry(9, ms(100)),
        ..channel(1, 1)
    };
    let (notes, _) = run(&system, 1, ms(500), &like);
    assert_eq!(notes.fates(Fate::Completed), 9);
    assert!(notes.outcomes(Outcome::Timeout) >= 4);
    // Without a timeout the one worker hangs for good, and everybody behind it.
    let (notes, _) = run(&system, 1, Duration::MAX, &like);
    assert_eq!(notes.fates(Fate::Completed), 1);
    assert_eq!(notes.fates(Fate::Incomplete), 8);
}

#[test]
fn a_lost_answer_is_posted_again_and_done_twice() {
    let mut system = partner(10, 1.0, UNLIMITED);
    let link = Target::Link {
        from: End::Service(ServiceId(0)),
        to: End::Service(ServiceId(1)),
    };
    fault(&mut system, link, 2, 3, Effect::DropReplies(1.0));
    let (notes, end) = run(&system, UNLIMITED, ms(500), &channel(1, 1));
    // Posted at 2 s, taken for lost at 2.5 s, posted again a second later.
    assert_eq!(notes.duplicates, [(StepId(1), Applied::Again)]);
    assert_eq!(end.channels[0].redelivered, 1);
    close(notes.completions[1].1, 2.01);
    system.services[ServiceId(1)].idempotent = Idempotent::Yes;
    let (notes, end) = run(&system, UNLIMITED, ms(500), &channel(1, 1));
    assert_eq!(notes.duplicates, [(StepId(1), Applied::Once)]);
    assert_eq!(
        (
            end.channels[0].duplicates,
            end.channels[0].duplicates_applied
        ),
        (1, 0)
    );
}

#[test]
fn a_sender_that_is_down_keeps_its_messages_and_posts_nothing() {
    let mut system = partner(300, 2.0, 1);
    fault(&mut system, SENDER, 2, 4, Effect::Down(Manner::Refuse));
    let (notes, _) = run(&system, 1, Duration::MAX, &channel(1, 1));
    // Clients are refused meanwhile; whatever was accepted before is posted when the sender is back.
    assert_eq!(notes.count(Answer::Failed), 4);
    assert_eq!(
        notes.fates(Fate::Completed),
        notes.count(Answer::Ok),
        "nothing accepted is lost"
    );
}

#[test]
fn a_rate_limit_throttles_what_comes_above_it() {
    // 20/s, of which 5/s may pass: a second's worth at once, then one in four.
    let mut system = partner(0, 20.0, UNLIMITED);
    system.services[ServiceId(1)].rate_limit = Some(RateLimit::Bucket(TokenBucket::new(5.0)));
    let wiring = chained(&system, call());
    let (notes, _) = observe(&system, &wiring);
    let answered = notes.count(Answer::Ok);
    // 199 come from 0.05 s to 9.95 s: the five of the bucket, and five a second for 9.9 s.
    assert!((53..=55).contains(&answered), "{answered}");
    assert_eq!(notes.outcomes(Outcome::Throttled), 199 - answered);
    // Posts that are throttled come again.
    let like = Channel {
        redeliver: retry(1000, ms(990)),
        ..channel(1, 1)
    };
    let (notes, end) = run(&system, UNLIMITED, Duration::MAX, &like);
    assert_eq!(notes.fates(Fate::Completed), 199);
    assert!(notes.completions.last().unwrap().1 > 35.0);
    assert!(
        notes
            .outcomes
            .iter()
            .any(|(edge, outcome)| { *edge == POST && *outcome == Outcome::Throttled })
    );
    assert!(end.channels[0].redelivered > 200);
}

#[test]
fn a_sender_that_keeps_the_pace_is_never_throttled() {
    let mut system = partner(0, 20.0, UNLIMITED);
    system.services[ServiceId(1)].rate_limit = Some(RateLimit::Bucket(TokenBucket::new(5.0)));
    let like = Channel {
        rate_limit: Some(RateLimit::Bucket(TokenBucket::new(5.0))),
        ..channel(1, 1)
    };
    let (notes, end) = run(&system, UNLIMITED, Duration::MAX, &like);
    assert_eq!(notes.outcomes(Outcome::Throttled), 0);
    assert_eq!(end.channels[0].redelivered, 0);
    // Five at once, then one each 0.2 s: the last of 199 at 0.05 + (199 − 5) / 5, give or take one gap.
    let last = notes.completions.last().unwrap().1;
    assert!((last - 38.9).abs() < 0.21, "{last}");
    // Consumers that take their messages keep it too.
    let (notes, _) = observe(&system, &queued(&system, 1, call(), publish(), &like));
    close(notes.completions.last().unwrap().1, last);
}

#[test]
fn a_broker_that_loses_its_messages_loses_those_being_posted_too() {
    let mut system = partner(1000, 1.0, UNLIMITED);
    system.brokers[BrokerId(0)].durable = crate::brokers::Durable::Loses;
    fault(
        &mut system,
        Target::Broker(BrokerId(0)),
        3,
        4,
        Effect::Down(Manner::Refuse),
    );
    let mut wiring = webhook(&system, 1, Duration::MAX, &channel(1, 1));
    wiring.channels[ChannelId(0)].keeper = None;
    let (notes, end) = observe(&system, &wiring);
    assert!(end.channels[0].lost >= 1);
    assert_eq!(
        notes.fates(Fate::Completed) + notes.fates(Fate::Lost) + notes.count(Answer::Failed),
        9
    );
    // A durable one keeps them: what was done while it was away is done again.
    system.brokers[BrokerId(0)].durable = crate::brokers::Durable::Survives;
    let (notes, _) = observe(&system, &wiring);
    assert_eq!(notes.fates(Fate::Lost), 0);
    assert_eq!(notes.duplicates.len(), 1);
}
