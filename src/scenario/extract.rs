//! From a checked tree to the typed [`Scenario`]. What is wrong has been told, and is left out here: of a sound tree nothing is.

use super::extract_policies::{autoscale, discovery, shed};
use super::extract_wiring::wiring_of;
use super::typed::{
    boolean, bytes, count, dist, entries, flag, limit, name, names, or_none, rate, share, span,
    spanned, text, word,
};
use super::value::{Data, Item, Value};
use super::{
    Aim, Broker, Compensate, DoneWhen, Entry, Fault, Flow, Run, Scenario, Service, Slo, Source,
    Spanned, Step,
};
use crate::arrivals::Spacing;
use crate::brokers::partition::Keys;
use crate::brokers::{Kind, Ordering, WhenFull};
use crate::copies::Popularity;
use crate::diagnostic::Place;
use crate::faults::{Effect, Lose, Manner};
use crate::kernel::time::Duration;
use crate::kernel::units::Change;
use crate::policies::balance::Balance;
use crate::policies::discipline::Discipline;

/// A variant's view, typed.
pub(super) fn scenario(
    name: &str,
    variant: &str,
    variant_place: Place,
    blocks: &Value,
    wiring: &Value,
) -> Scenario {
    Scenario {
        name: text(blocks.written("name")).unwrap_or_else(|| name.to_owned()),
        question: text(blocks.written("question")),
        flows: entries(blocks.get("flows"), flow),
        services: entries(blocks.get("services"), |value| Some(service(value))),
        brokers: entries(blocks.get("brokers"), |value| Some(broker(value))),
        network: blocks.written("network").and_then(dist),
        data: entries(blocks.get("data"), data),
        traffic: entries(blocks.get("traffic"), |value| Some(source(value))),
        variant: Entry {
            name: variant.to_owned(),
            place: variant_place,
            value: wiring_of(wiring),
        },
        faults: entries(blocks.get("faults"), fault),
        slo: entries(blocks.get("slo"), slo),
        run: blocks.get("run").map(run).unwrap_or_default(),
        sources: entries(blocks.get("sources"), |value| text(Some(value))),
    }
}

fn flow(value: &Value) -> Option<Flow> {
    Some(Flow {
        from: name(value.written("from")),
        steps: items(value.get("steps")?),
        answer_needs: value.written("answer_needs").map(names),
        done_when: value.written("done_when").map(|value| match value.data {
            Data::Word(_) => DoneWhen::All,
            _ => DoneWhen::Steps(names(value)),
        }),
    })
}

fn items(value: &Value) -> Vec<super::Item> {
    value.list().iter().filter_map(item).collect()
}

fn item(value: &Value) -> Option<super::Item> {
    let Some(branches) = value.get("parallel") else {
        return step(value).map(|step| super::Item::Step(Box::new(step)));
    };
    Some(super::Item::Parallel {
        branches: branches.list().iter().filter_map(step).collect(),
        need: count(value.written("need")),
        place: value.place,
    })
}

fn step(value: &Value) -> Option<Step> {
    let [
        Item {
            key,
            key_place,
            value,
        },
    ] = value.items()
    else {
        return None;
    };
    Some(Step {
        name: Spanned {
            value: key.clone(),
            place: *key_place,
        },
        service: name(value.written("service")),
        action: text(value.written("action")),
        service_time: value.written("service_time").and_then(dist),
        optional: boolean(value.written("optional")),
        probability: share(value.written("probability")),
        key: value.written("key").and_then(keys),
        reads: name(value.written("reads")),
        writes: name(value.written("writes")),
        size: bytes(value.written("size")),
        priority: count(value.written("priority")),
        then: value.written("then").map(items).unwrap_or_default(),
        compensate: value.written("compensate").map(|value| {
            Box::new(Compensate {
                service: name(value.written("service")),
                service_time: value.written("service_time").and_then(dist),
            })
        }),
    })
}

fn keys(value: &Value) -> Option<Spanned<Keys>> {
    let keys = Keys {
        n: count(value.get("of")).map_or(Keys::EVEN.n, |n| n.value),
        hot: share(value.get("hot")).map_or(Keys::EVEN.hot, |hot| hot.value),
    };
    spanned(value, Some(keys))
}

fn service(value: &Value) -> Service {
    Service {
        replicas: count(value.written("replicas")),
        concurrency: count(value.written("concurrency")),
        queue: count(value.written("queue")),
        service_time: value.written("service_time").and_then(dist),
        errors: share(value.written("errors")),
        blocking: boolean(value.written("blocking")),
        balance: word(value.written("balance")).map(|word| match word {
            "random" => Balance::Random,
            "least_requests" => Balance::LeastRequests,
            "power_of_two" => Balance::PowerOfTwo,
            "shared" => Balance::Shared,
            "zone_aware" => Balance::ZoneAware,
            "hash" => Balance::Hash,
            _ => Balance::RoundRobin,
        }),
        idempotent: boolean(value.written("idempotent")),
        external: boolean(value.written("external")),
        discipline: word(value.written("discipline")).map(|word| match word {
            "lifo" => Discipline::Lifo,
            "priority" => Discipline::Priority,
            "adaptive_lifo" => Discipline::AdaptiveLifo,
            _ => Discipline::Fifo,
        }),
        is_sharing: word(value.written("discipline")).map(|word| word == "ps"),
        cores: count(value.written("cores")),
        contention: span(value.written("contention")),
        shed: value.written("shed").and_then(shed),
        rate_limit: limit(value.written("rate_limit")),
        zones: zones(value),
        autoscale: or_none(value.written("autoscale"), autoscale),
        warm_up: value.written("warm_up").and_then(|value| {
            let Data::Change(Change::Times(slowdown)) = value.get("slowdown")?.data else {
                return None;
            };
            spanned(value, Some((span(value.get("for"))?.value, slowdown)))
        }),
        discovery: or_none(value.written("discovery"), |law| Some(discovery(law))),
    }
}

/// The zones of a service or broker: several, or the one.
fn zones(value: &Value) -> Vec<Spanned<String>> {
    let several = value.written("zones").map(names).unwrap_or_default();
    several
        .into_iter()
        .chain(name(value.written("zone")))
        .collect()
}

fn broker(value: &Value) -> Broker {
    let ordering = word(value.written("ordering")).map(|word| match word {
        "per_key" => Ordering::PerKey,
        "total" => Ordering::Total,
        _ => Ordering::None,
    });
    Broker {
        kind: word(value.written("kind")).map(|word| match word {
            "topic" => Kind::Topic,
            "log" => Kind::Log,
            _ => Kind::Queue,
        }),
        partitions: count(value.written("partitions")),
        ordering: value
            .written("ordering")
            .and_then(|value| spanned(value, ordering)),
        ttl: span(value.written("ttl")),
        poll: span(value.written("poll")),
        batch: count(value.written("batch")),
        publish: value.written("publish").and_then(dist),
        confirm: boolean(value.written("confirm")),
        capacity: count(value.written("capacity")),
        when_full: word(value.written("when_full")).map(|word| match word {
            "drop_oldest" => WhenFull::DropOldest,
            "drop_new" => WhenFull::DropNew,
            "block" => WhenFull::Block,
            _ => WhenFull::Reject,
        }),
        durable: boolean(value.written("durable")),
        dedup: span(value.written("dedup")),
        flush: span(value.written("flush")),
        linger: span(value.written("linger")),
        throughput: bytes(value.written("throughput")),
        zones: zones(value),
        failover: span(value.written("failover")),
    }
}

fn data(value: &Value) -> Option<super::Data> {
    Some(super::Data {
        owner: name(value.get("owner"))?,
        keys: count(value.get("keys"))?,
        popularity: popularity(value.get("popularity")),
        updated: popularity(value.get("updated")),
        size: bytes(value.written("size")),
    })
}

fn popularity(value: Option<&Value>) -> Option<Popularity> {
    match value?.data {
        Data::Popularity(popularity) => Some(popularity),
        _ => None,
    }
}

fn source(value: &Value) -> Source {
    let stages = value.written("stages").and_then(|stages| {
        let read = |stage: &Value| {
            let duration = span(stage.get("duration"))?;
            Some((duration.value, rate(stage.get("target"))?.value))
        };
        spanned(stages, stages.list().iter().map(read).collect())
    });
    Source {
        flow: name(value.written("flow")),
        rate: rate(value.written("rate")),
        arrivals: word(value.written("arrivals")).map(|word| match word {
            "constant" => Spacing::Constant,
            _ => Spacing::Poisson,
        }),
        start: rate(value.written("start")),
        stages,
        patience: span(value.written("patience")),
        bursts: value.written("bursts").and_then(|value| {
            let time = |key| span(value.get(key)).map(|span| span.value);
            let law = (
                rate(value.get("peak"))?.value,
                time("lasts")?,
                time("every")?,
            );
            spanned(value, Some(law))
        }),
        burst: value.written("burst").and_then(|value| {
            let time = |key| span(value.get(key)).map(|span| span.value);
            let law = (time("at")?, count(value.get("count"))?.value, time("over")?);
            spanned(value, Some(law))
        }),
        users: count(value.written("users")),
        think_time: value.written("think_time").and_then(dist),
        file: value.written("file").and_then(|value| match &value.data {
            Data::Replay(replayed) => spanned(value, Some(replayed.read.clone())),
            _ => None,
        }),
        plan: rate(value.written("plan")),
    }
}

fn fault(value: &Value) -> Option<Fault> {
    let effects = value.items().iter().filter_map(|item| {
        let value = &item.value;
        let effect = match (item.key.as_str(), &value.data) {
            ("down", Data::Word("hang")) => Effect::Down(Manner::Hang),
            ("down", Data::Word(_)) | ("kill", _) => Effect::Down(Manner::Refuse),
            ("lose", Data::Word("unflushed")) => Effect::Lose(Lose::Unflushed),
            ("lose", Data::Word("unacked")) => Effect::Lose(Lose::Unacked),
            ("lose", Data::Word(_)) => Effect::Lose(Lose::All),
            ("pause", Data::Bool(true)) => Effect::Pause,
            ("errors", Data::Share(share)) => Effect::Errors(*share),
            ("latency", Data::Change(Change::Plus(span))) => Effect::LatencyPlus(*span),
            ("latency", Data::Change(Change::Times(factor))) => Effect::LatencyTimes(*factor),
            ("load", Data::Change(Change::Times(factor))) => Effect::Load(*factor),
            ("capacity", Data::Share(share)) => Effect::Capacity(*share),
            ("drop", Data::Share(share)) => Effect::Drop(*share),
            ("drop_replies", Data::Share(share)) => Effect::DropReplies(*share),
            ("throttle", Data::Rate(rate)) if *rate > 0.0 => Effect::Throttle(*rate),
            ("poison", Data::Share(share)) => Effect::Poison(*share),
            ("duplicate", Data::Share(share)) => Effect::Duplicate(*share),
            ("cut", _) => Effect::Drop(1.0),
            _ => return None,
        };
        spanned(value, Some(effect))
    });
    // A time that could not be read is no reason not to know the fault.
    let unread = |seconds| Spanned {
        value: Duration::from_secs(seconds),
        place: value.place,
    };
    Some(Fault {
        at: span(value.get("at")).unwrap_or(unread(0)),
        lasts: span(value.get("for").or(value.get("restart_after"))),
        when: value.written("when").and_then(|value| match &value.data {
            Data::Trigger(trigger) => spanned(value, Some((**trigger).clone())),
            _ => None,
        }),
        random: value.written("random").and_then(|random| {
            let time = |key| random.get(key).and_then(dist).map(|dist| dist.value);
            spanned(random, Some((time("mtbf")?, time("mttr")?)))
        }),
        every: span(value.written("every")),
        ramp: span(value.written("ramp")),
        rolling: flag(value.written("rolling")),
        target: aim(value)?,
        replicas: count(value.written("replicas")),
        kill: count(value.written("kill")),
        share: share(value.written("share")),
        effects: effects.collect(),
    })
}

/// What a fault hits: its `target`, or the zones that it cuts apart.
fn aim(value: &Value) -> Option<Spanned<Aim>> {
    let Some(cut) = value.written("cut") else {
        let Spanned { value, place } = name(value.get("target"))?;
        return Some(Spanned {
            value: Aim::Named(value),
            place,
        });
    };
    let (from, to, is_both) = match &cut.data {
        Data::Text(link) => {
            let (from, to) = link.split_once(" -> ")?;
            (from.to_owned(), to.to_owned(), false)
        }
        _ => {
            let mut zones = names(cut).into_iter().map(|zone| zone.value);
            (zones.next()?, zones.next()?, true)
        }
    };
    spanned(cut, Some(Aim::Cut { from, to, is_both }))
}

fn slo(value: &Value) -> Option<Slo> {
    let line_value = value.get("expect").unwrap_or(value);
    let Data::Slo(line) = &line_value.data else {
        return None;
    };
    let word = |word: &super::line::Word| Spanned {
        value: word.text.clone(),
        place: word.place,
    };
    Some(Slo {
        text: Spanned {
            value: line.text(),
            place: line_value.place,
        },
        flow: line.flow.as_ref().map(word),
        metric: word(&line.metric),
        argument: line.argument.as_ref().map(word),
        stat: line.stat.as_ref().map(word),
        op: line.op,
        target: word(&line.target),
        scope: line
            .scope
            .as_ref()
            .map(|(scope, fault)| (word(scope), word(fault))),
        title: text(value.written("title")),
        variants: value.written("variants").map(names).unwrap_or_default(),
    })
}

fn run(value: &Value) -> Run {
    Run {
        duration: span(value.written("duration")),
        warmup: span(value.written("warmup")),
        drain: span(value.written("drain")),
        replications: count(value.written("replications")),
        precision: share(value.written("precision")),
        max_replications: count(value.written("max_replications")),
        seed: value.written("seed").and_then(|value| match value.data {
            Data::Whole(seed) => spanned(value, Some(seed)),
            _ => None,
        }),
        confidence: share(value.written("confidence")),
    }
}
