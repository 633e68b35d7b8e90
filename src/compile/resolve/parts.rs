//! What stands alone: services, brokers, the network, the plan of the run.

use super::Index;
use crate::brokers::{Confirm, Durable, Kind, Ordering};
use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::kernel::chance::key_of;
use crate::kernel::dist::Dist;
use crate::kernel::ids::IdVec;
use crate::kernel::time::Duration;
use crate::model::{
    Blocking, Broker, BrokerId, Crowding, Idempotent, Plan, Precision, Redrive, Service, ServiceId,
    UNLIMITED, WarmUp, ZoneId,
};
use crate::policies::autoscale::Autoscale;
use crate::policies::balance::Balance;
use crate::policies::rate_limit::{RateLimit, TokenBucket};
use crate::policies::shed::Shed;
use crate::scenario::{self, Count, Entry, Scenario, Spanned, defaults};

/// A run may not be longer than this: 1 000 days.
const LONGEST: Duration = Duration::from_secs(1_000 * 86_400);

/// Partitions are walked one by one at each delivery.
const PARTITIONS_MOST: u32 = 10_000;

/// Instances and replications are walked one by one; more is a slip of the pen.
pub(crate) const MOST: u32 = 1_000_000;

/// The services, in file order.
pub(crate) fn services(
    scenario: &Scenario,
    index: &Index<'_>,
    mistakes: &mut Mistakes,
) -> IdVec<ServiceId, Service> {
    let services = scenario.services.iter().map(|entry| {
        let written = &entry.value;
        let replicas = written.replicas.as_ref();
        at_least_one(replicas, "replicas", mistakes);
        at_most(replicas, MOST, "replicas", mistakes);
        at_least_one(written.concurrency.as_ref(), "concurrency", mistakes);
        share(written.errors.as_ref(), "errors", mistakes);
        let autoscale = autoscale(entry, mistakes);
        Service {
            key: key_of(&[&entry.name]),
            zones: zones_of(&written.zones, index),
            discovery: written.discovery.as_ref().and_then(|written| written.value),
            autoscale,
            warm_up: written.warm_up.as_ref().map(|law| WarmUp {
                lasts: law.value.0,
                slowdown: law.value.1,
            }),
            replicas: autoscale.map_or(value(replicas, defaults::REPLICAS), |law| law.max),
            concurrency: value(written.concurrency.as_ref(), defaults::CONCURRENCY),
            queue: value(written.queue.as_ref(), defaults::QUEUE),
            errors: value(written.errors.as_ref(), defaults::ERRORS),
            blocking: if written.blocking.unwrap_or(defaults::BLOCKING) {
                Blocking::Holds
            } else {
                Blocking::Releases
            },
            balance: written.balance.unwrap_or(defaults::BALANCE),
            idempotent: if written.idempotent.unwrap_or(defaults::IDEMPOTENT) {
                Idempotent::Yes
            } else {
                Idempotent::No
            },
            discipline: written.discipline.unwrap_or_default(),
            shed: shed(entry, mistakes),
            crowding: crowding(written),
            external: written.external.unwrap_or(defaults::EXTERNAL),
            rate_limit: rate_limit(written.rate_limit.as_ref(), mistakes),
        }
    });
    services.collect()
}

/// What those in service do to each other: they share cores, one if nothing else is said, or contend.
fn crowding(written: &scenario::Service) -> Option<Crowding> {
    if written.is_sharing.unwrap_or(false) {
        return Some(Crowding::Cores(value(
            written.cores.as_ref(),
            defaults::CORES,
        )));
    }
    let each = written.contention.as_ref()?.value;
    (!each.is_zero()).then_some(Crowding::Contention(each))
}

/// How a service scales; reports what cannot be.
fn autoscale(entry: &Entry<scenario::Service>, mistakes: &mut Mistakes) -> Option<Autoscale> {
    let service = &entry.value;
    let written = service.autoscale.as_ref()?;
    let law = written.value?;
    let initial = service.replicas.as_ref().map_or(law.min, |n| n.value);
    if let Some(replicas) = &service.replicas
        && !(law.min..=law.max).contains(&initial)
    {
        let message = format!(
            "`{}` begins with {initial} instances, and scales from {} to {}",
            entry.name, law.min, law.max
        );
        mistakes
            .error(codes::RANGE, replicas.place, message)
            .help("`replicas` is how many there are at first: from `min` to `max`");
    }
    let workers = service.concurrency.as_ref();
    if value(workers, defaults::CONCURRENCY) == UNLIMITED {
        let message = format!(
            "`{}` has workers without end, of which none is busy",
            entry.name
        );
        mistakes
            .error(codes::RANGE, written.place, message)
            .help("what should it scale by? Give it a `concurrency`");
    }
    if service.balance == Some(Balance::Shared) {
        let message = "autoscaling behind one queue for all instances is not supported yet";
        mistakes
            .error(codes::UNSUPPORTED, written.place, message)
            .help("any other `balance` works");
    }
    at_most(
        Some(&Spanned {
            value: law.max,
            place: written.place,
        }),
        MOST,
        "max",
        mistakes,
    );
    Some(Autoscale { initial, ..law })
}

/// When a service sheds; warns of rules that say nothing.
fn shed(entry: &Entry<scenario::Service>, mistakes: &mut Mistakes) -> Option<Shed> {
    let written = entry.value.shed.as_ref()?;
    if written.value == Shed::NEVER {
        let message = format!("`shed` of `{}` turns nothing away", entry.name);
        mistakes
            .error(codes::RANGE, written.place, message)
            .help("when does it? e.g. `shed: { queue: 50 }`, `{ waited: 2s }` or `{ codel: 5ms }`");
    }
    Some(written.value)
}

/// A rate limit; refuses one that lets nothing through.
pub(crate) fn rate_limit(
    written: Option<&Spanned<scenario::RateLimit>>,
    mistakes: &mut Mistakes,
) -> Option<RateLimit> {
    let written = written?;
    if written.value.rate > 0.0 {
        return Some(limit_of(written.value));
    }
    mistakes
        .error(codes::RANGE, written.place, "`rate_limit` is 0")
        .help("leave it out for no limit");
    None
}

/// A limit of a rate above 0.
pub(crate) fn limit_of(written: scenario::RateLimit) -> RateLimit {
    let scenario::RateLimit {
        rate,
        burst,
        window,
    } = written;
    if let Some((window, span)) = window {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at least 1, and a float is kept within the whole numbers"
        )]
        let most = (rate * span.as_secs_f64() + 1e-9).floor().max(1.0) as u32;
        return match window {
            scenario::Window::Fixed => RateLimit::Fixed(most, span),
            scenario::Window::Sliding => RateLimit::Sliding(most, span),
        };
    }
    RateLimit::Bucket(match burst {
        Some(burst) => TokenBucket::with_burst(rate, burst),
        None => TokenBucket::new(rate),
    })
}

/// When dead letters are delivered anew; refuses a rate at which none would be.
pub(crate) fn redrive(
    written: &Spanned<(Duration, f64)>,
    plan: &Plan,
    mistakes: &mut Mistakes,
) -> Option<Redrive> {
    let (at, rate) = written.value;
    if rate > 0.0 {
        return Some(Redrive {
            at: plan.opens() + at,
            gap: Duration::from_secs_f64(1.0 / rate),
        });
    }
    mistakes
        .error(codes::RANGE, written.place, "`rate` of the replay is 0")
        .help("how many are delivered for each time, e.g. `rate: 50/s`");
    None
}

/// What keeps messages where no broker does: their sender, which has nothing to write to and no bound.
pub(crate) fn sender() -> Broker {
    Broker {
        kind: Kind::Queue,
        partitions: 1,
        ordering: Ordering::None,
        ttl: defaults::TTL,
        publish: Dist::constant(Duration::ZERO),
        confirm: confirm(true),
        capacity: UNLIMITED,
        when_full: defaults::WHEN_FULL,
        durable: Durable::Survives,
        flush: Duration::ZERO,
        dedup: None,
        throughput: None,
        zones: Vec::new(),
        failover: Duration::ZERO,
    }
}

/// The zones that are written.
fn zones_of(written: &[Spanned<String>], index: &Index<'_>) -> Vec<ZoneId> {
    let zones = written
        .iter()
        .filter_map(|zone| index.zones.get(zone.value.as_str()));
    zones.copied().collect()
}

/// The brokers, in file order.
pub(crate) fn brokers(
    scenario: &Scenario,
    index: &Index<'_>,
    mistakes: &mut Mistakes,
) -> IdVec<BrokerId, Broker> {
    let brokers = scenario.brokers.iter().map(|entry| {
        let written = &entry.value;
        let kind = written.kind.unwrap_or(defaults::KIND);
        let ordering = ordering(entry, kind, mistakes);
        Broker {
            kind,
            zones: zones_of(&written.zones, index),
            failover: value(written.failover.as_ref(), defaults::FAILOVER),
            partitions: partitions(entry, kind, ordering, mistakes),
            ordering,
            ttl: value(written.ttl.as_ref(), defaults::TTL),
            publish: time(written.publish.as_ref(), defaults::PUBLISH_TIME),
            confirm: confirm(written.confirm.unwrap_or(defaults::CONFIRM)),
            capacity: value(written.capacity.as_ref(), defaults::CAPACITY),
            when_full: written.when_full.unwrap_or(defaults::WHEN_FULL),
            dedup: written
                .dedup
                .as_ref()
                .map(|window| window.value)
                .filter(|&window| window != Duration::MAX),
            flush: value(written.flush.as_ref(), defaults::FLUSH),
            #[expect(clippy::cast_precision_loss, reason = "15 digits are enough")]
            throughput: written.throughput.map(|bytes| bytes as f64),
            durable: if written.durable.unwrap_or(defaults::DURABLE) {
                Durable::Survives
            } else {
                Durable::Loses
            },
        }
    });
    brokers.collect()
}

/// What a broker delivers in order; reports what its kind cannot do.
fn ordering(entry: &Entry<scenario::Broker>, kind: Kind, mistakes: &mut Mistakes) -> Ordering {
    let natural = match kind {
        Kind::Queue | Kind::Topic => Ordering::None,
        Kind::Log => Ordering::PerKey,
    };
    let Some(written) = &entry.value.ordering else {
        return natural;
    };
    if (kind, written.value) != (Kind::Log, Ordering::None) {
        return written.value;
    }
    mistakes
        .error(
            codes::ORDERING,
            written.place,
            "a log is read in order, partition by partition",
        )
        .help("leave `ordering` out, or use `kind: queue`");
    natural
}

/// How many partitions a broker has; reports a log without, and a queue with any.
fn partitions(
    entry: &Entry<scenario::Broker>,
    kind: Kind,
    ordering: Ordering,
    mistakes: &mut Mistakes,
) -> u32 {
    let written = entry.value.partitions.as_ref();
    at_most(written, PARTITIONS_MOST, "partitions", mistakes);
    match (kind, written) {
        (Kind::Log, Some(n)) if ordering == Ordering::Total && n.value > 1 => {
            mistakes
                .error(
                    codes::ORDERING,
                    n.place,
                    format!("{} partitions cannot be in one total order", n.value),
                )
                .help("`partitions: 1`, or `ordering: per_key`");
            1
        }
        (Kind::Log, Some(n)) => n.value,
        (Kind::Log, None) if ordering == Ordering::Total => 1,
        (Kind::Log, None) => {
            let message = format!("log `{}` has no `partitions`", entry.name);
            mistakes
                .error(codes::ORDERING, entry.place, message)
                .help("each is read by one consumer at a time, e.g. `partitions: 12`");
            1
        }
        (Kind::Queue | Kind::Topic, Some(n)) => {
            mistakes
                .warn(
                    codes::UNUSED_KEY,
                    n.place,
                    "`partitions` has no effect on a queue",
                )
                .help("`kind: log` has partitions");
            1
        }
        (Kind::Queue | Kind::Topic, None) => 1,
    }
}

/// The transit time of one hop.
pub(crate) fn hop(scenario: &Scenario) -> Dist {
    time(scenario.network.as_ref(), defaults::NETWORK)
}

/// Length, seed and replications.
pub(crate) fn plan(scenario: &Scenario, mistakes: &mut Mistakes) -> Plan {
    let run = &scenario.run;
    let duration = run.duration.as_ref().map_or_else(
        || {
            mistakes
                .error(codes::NO_DURATION, None, "`run.duration` is missing")
                .help("say how much is measured, e.g. `run: { duration: 20m }`");
            Duration::SECOND
        },
        |duration| duration.value,
    );
    for (name, written) in [
        ("duration", &run.duration),
        ("warmup", &run.warmup),
        ("drain", &run.drain),
    ] {
        let Some(written) = written else { continue };
        if written.value > LONGEST {
            mistakes
                .error(
                    codes::RANGE,
                    written.place,
                    format!("`{name}` is longer than 1000 days"),
                )
                .help("a run must end: give a shorter span");
        } else if written.value.is_zero() && name == "duration" {
            mistakes.error(
                codes::RANGE,
                written.place,
                "`duration` is 0: nothing is measured",
            );
        }
    }
    let (replications, precision) = replications(run, mistakes);
    if let Some(level) = &run.confidence
        && !(0.5..1.0).contains(&level.value)
    {
        mistakes
            .error(
                codes::RANGE,
                level.place,
                format!("`confidence` is {} %", level.value * 100.0),
            )
            .help("choose at least 50% and less than 100%, e.g. `95%`");
    }
    Plan {
        warmup: value(
            run.warmup.as_ref(),
            Duration::from_secs_f64(duration.as_secs_f64() * defaults::WARMUP_SHARE),
        ),
        duration,
        drain: value(run.drain.as_ref(), duration.max(defaults::DRAIN_LEAST)),
        replications,
        precision,
        seed: value(run.seed.as_ref(), defaults::SEED),
        confidence: value(run.confidence.as_ref(), defaults::CONFIDENCE),
    }
}

/// How many replications, and until when there are more of them.
fn replications(run: &scenario::Run, mistakes: &mut Mistakes) -> (u32, Option<Precision>) {
    at_least_one(run.replications.as_ref(), "replications", mistakes);
    at_most(run.replications.as_ref(), MOST, "replications", mistakes);
    at_least_one(run.max_replications.as_ref(), "max_replications", mistakes);
    at_most(
        run.max_replications.as_ref(),
        MOST,
        "max_replications",
        mistakes,
    );
    if let Some(share) = run.precision.as_ref().filter(|share| share.value <= 0.0) {
        mistakes
            .error(codes::RANGE, share.place, "`precision` is 0")
            .help("no number of replications is enough for that; e.g. `5%`");
    }
    let replications = value(run.replications.as_ref(), defaults::REPLICATIONS);
    let most = match run.precision {
        Some(_) => replications.max(defaults::MAX_REPLICATIONS),
        None => replications,
    };
    let most = value(run.max_replications.as_ref(), most);
    let precision = run.precision.as_ref().map(|share| Precision {
        share: share.value,
        most,
    });
    (replications.min(most), precision)
}

/// A written value, or the default.
pub(crate) fn value<T: Copy>(written: Option<&Spanned<T>>, default: T) -> T {
    written.map_or(default, |written| written.value)
}

/// `confirm:` as a choice.
pub(crate) fn confirm(waits: bool) -> Confirm {
    if waits {
        Confirm::Waits
    } else {
        Confirm::Forgets
    }
}

/// Refuses a count of 0.
pub(crate) fn at_least_one(written: Option<&Count>, name: &str, mistakes: &mut Mistakes) {
    if let Some(written) = written
        && written.value == 0
    {
        mistakes
            .error(codes::RANGE, written.place, format!("`{name}` is 0"))
            .help("at least 1; leave the key out for the default");
    }
}

pub(crate) fn at_most(written: Option<&Count>, most: u32, name: &str, mistakes: &mut Mistakes) {
    let Some(written) = written else { return };
    if written.value == UNLIMITED {
        mistakes.error(
            codes::RANGE,
            written.place,
            format!("`{name}` cannot be unlimited"),
        );
    } else if written.value > most {
        let message = format!("`{name}` is {}, more than {most}", written.value);
        mistakes.error(codes::RANGE, written.place, message);
    }
}

/// Refuses a share outside 0 to 1.
pub(crate) fn share(written: Option<&Spanned<f64>>, name: &str, mistakes: &mut Mistakes) {
    if let Some(written) = written
        && !(0.0..=1.0).contains(&written.value)
    {
        let message = format!("`{name}` is {} %", written.value * 100.0);
        mistakes
            .error(codes::RANGE, written.place, message)
            .help("a share lies between 0% and 100%");
    }
}

fn time(written: Option<&Spanned<Dist>>, default: Duration) -> Dist {
    written.map_or_else(|| Dist::constant(default), |written| written.value.clone())
}
