//! From a checked tree to the typed [`Scenario`]. Nothing can be wrong here any more.

use super::value::{Data, Item, Value};
use super::{
    Broker, CallPolicies, Consume, DoneWhen, Entry, Fault, Flow, Map, Publish, Run, Scenario,
    Service, Shape, Slo, Source, Spanned, Step, StepWiring, Transport, Variant,
};
use crate::arrivals::Spacing;
use crate::brokers::{Ack, WhenExhausted, WhenFull, WhenRefused};
use crate::diagnostic::Place;
use crate::faults::{Effect, Manner};
use crate::kernel::dist::Dist;
use crate::kernel::time::Duration;
use crate::kernel::units::Change;
use crate::policies::balance::Balance;
use crate::policies::retry::{Backoff, Jitter, Retry};
use crate::policies::{Outcome, OutcomeSet};

/// A variant's view, typed.
pub(super) fn scenario(
    name: &str,
    variant: &str,
    variant_place: Place,
    blocks: &Value,
    wiring: &Value,
) -> Option<Scenario> {
    Some(Scenario {
        name: text(blocks.written("name")).unwrap_or_else(|| name.to_owned()),
        question: text(blocks.written("question")),
        flows: entries(blocks.get("flows"), flow),
        services: entries(blocks.get("services"), service),
        brokers: entries(blocks.get("brokers"), broker),
        network: blocks.written("network").and_then(dist),
        traffic: entries(blocks.get("traffic"), source),
        variant: Entry {
            name: variant.to_owned(),
            place: variant_place,
            value: wiring_of(wiring),
        },
        faults: entries(blocks.get("faults"), fault),
        slo: entries(blocks.get("slo"), slo),
        run: run(blocks.get("run")?),
        sources: entries(blocks.get("sources"), |value| text(Some(value))),
    })
}

fn entries<T>(map: Option<&Value>, read: impl Fn(&Value) -> Option<T>) -> Map<T> {
    let items = map.map_or(&[][..], Value::items);
    let entries = items.iter().filter_map(
        |Item {
             key,
             key_place,
             value,
         }| {
            Some(Entry {
                name: key.clone(),
                place: *key_place,
                value: read(value)?,
            })
        },
    );
    entries.collect()
}

fn spanned<T>(value: &Value, inner: Option<T>) -> Option<Spanned<T>> {
    inner.map(|inner| Spanned {
        value: inner,
        place: value.place,
    })
}

fn text(value: Option<&Value>) -> Option<String> {
    match &value?.data {
        Data::Text(text) => Some(text.clone()),
        Data::Word(word) => Some((*word).to_owned()),
        _ => None,
    }
}

fn name(value: Option<&Value>) -> Option<Spanned<String>> {
    spanned(value?, text(value))
}

fn names(value: &Value) -> Vec<Spanned<String>> {
    let names = value.list().iter().filter_map(|value| name(Some(value)));
    names.collect()
}

fn word(value: Option<&Value>) -> Option<&'static str> {
    match value?.data {
        Data::Word(word) => Some(word),
        _ => None,
    }
}

fn boolean(value: Option<&Value>) -> Option<bool> {
    match value?.data {
        Data::Bool(value) => Some(value),
        _ => None,
    }
}

fn count(value: Option<&Value>) -> Option<Spanned<u32>> {
    match value?.data {
        Data::Count(count) => spanned(value?, Some(count)),
        _ => None,
    }
}

fn span(value: Option<&Value>) -> Option<Spanned<Duration>> {
    match value?.data {
        Data::Duration(span) => spanned(value?, Some(span)),
        _ => None,
    }
}

fn share(value: Option<&Value>) -> Option<Spanned<f64>> {
    match value?.data {
        Data::Share(share) => spanned(value?, Some(share)),
        _ => None,
    }
}

fn rate(value: Option<&Value>) -> Option<Spanned<f64>> {
    match value?.data {
        Data::Rate(rate) => spanned(value?, Some(rate)),
        _ => None,
    }
}

fn dist(value: &Value) -> Option<Spanned<Dist>> {
    match &value.data {
        Data::Dist(fitted) => spanned(value, Some(fitted.dist.clone())),
        _ => None,
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
        return step(value).map(super::Item::Step);
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
        then: value.written("then").map(items).unwrap_or_default(),
    })
}

fn service(value: &Value) -> Option<Service> {
    Some(Service {
        replicas: count(value.written("replicas")),
        concurrency: count(value.written("concurrency")),
        queue: count(value.written("queue")),
        service_time: value.written("service_time").and_then(dist),
        errors: share(value.written("errors")),
        blocking: boolean(value.written("blocking")),
        balance: word(value.written("balance")).map(|word| match word {
            "random" => Balance::Random,
            "least_requests" => Balance::LeastRequests,
            "shared" => Balance::Shared,
            _ => Balance::RoundRobin,
        }),
        idempotent: boolean(value.written("idempotent")),
    })
}

fn broker(value: &Value) -> Option<Broker> {
    Some(Broker {
        publish: value.written("publish").and_then(dist),
        confirm: boolean(value.written("confirm")),
        capacity: count(value.written("capacity")),
        when_full: word(value.written("when_full")).map(|word| match word {
            "drop_oldest" => WhenFull::DropOldest,
            "block" => WhenFull::Block,
            _ => WhenFull::Reject,
        }),
        durable: boolean(value.written("durable")),
    })
}

fn source(value: &Value) -> Option<Source> {
    let stages = value.written("stages").and_then(|stages| {
        let read = |stage: &Value| {
            let duration = span(stage.get("duration"))?;
            Some((duration.value, rate(stage.get("target"))?.value))
        };
        spanned(stages, stages.list().iter().map(read).collect())
    });
    Some(Source {
        flow: name(value.written("flow")),
        rate: rate(value.written("rate")),
        arrivals: word(value.written("arrivals")).map(|word| match word {
            "constant" => Spacing::Constant,
            _ => Spacing::Poisson,
        }),
        start: rate(value.written("start")),
        stages,
        patience: span(value.written("patience")),
    })
}

fn transport(value: Option<&Value>) -> Option<Spanned<Transport>> {
    let transport = match word(value)? {
        "async" => Transport::Message,
        _ => Transport::Call,
    };
    spanned(value?, Some(transport))
}

fn shape(value: Option<&Value>) -> Option<Spanned<Shape>> {
    let shape = match word(value)? {
        "orchestrated" => Shape::Orchestrated,
        "choreographed" => Shape::Choreographed,
        _ => Shape::Chain,
    };
    spanned(value?, Some(shape))
}

fn wiring_of(value: &Value) -> Variant {
    Variant {
        title: text(value.written("title")),
        wiring: transport(value.written("wiring")),
        shape: shape(value.written("shape")),
        via: name(value.written("via")),
        answer_after: name(value.written("answer_after")),
        steps: entries(value.get("steps"), |value| {
            Some(StepWiring {
                wiring: transport(value.written("wiring")),
                via: name(value.written("via")),
            })
        }),
        calls: entries(value.get("calls"), |value| {
            Some(CallPolicies {
                timeout: span(value.written("timeout")),
                deadline: span(value.written("deadline")),
                retry: retry(value.written("retry")),
                cancel: boolean(value.written("cancel")),
            })
        }),
        consume: entries(value.get("consume"), |value| Some(consume(value))),
        publish: value.get("publish").map(publish).unwrap_or_default(),
    }
}

fn consume(value: &Value) -> Consume {
    Consume {
        workers: count(value.written("workers")),
        prefetch: count(value.written("prefetch")),
        ack: word(value.written("ack")).map(|word| match word {
            "before" => Ack::Before,
            _ => Ack::After,
        }),
        visibility: span(value.written("visibility")),
        redeliver: retry(value.written("redeliver")),
        then: word(value.written("then")).map(|word| match word {
            "drop" => WhenExhausted::Drop,
            "block" => WhenExhausted::Block,
            _ => WhenExhausted::DeadLetter,
        }),
    }
}

fn publish(value: &Value) -> Publish {
    let refused = word(value.written("when_refused")).map(|word| match word {
        "retry" => WhenRefused::Retry,
        "drop" => WhenRefused::Drop,
        _ => WhenRefused::Fail,
    });
    let place = value.written("when_refused").map(|value| value.place);
    Publish {
        confirm: boolean(value.written("confirm")),
        when_refused: refused
            .zip(place)
            .map(|(value, place)| Spanned { value, place }),
        timeout: span(value.written("timeout")),
        retry: retry(value.written("retry")),
    }
}

/// A retry or a redelivery; its own defaults are part of it.
fn retry(value: Option<&Value>) -> Option<Spanned<Retry>> {
    let value = value?;
    let backoff = match value.get("backoff").map(|value| &value.data) {
        Some(Data::Backoff(backoff)) => *backoff,
        _ => Backoff::None,
    };
    let when = value.get("when").map(|value| {
        let words = value.list().iter().filter_map(|value| word(Some(value)));
        let outcomes = words.filter_map(|word| Outcome::ALL.into_iter().find(|o| o.word() == word));
        outcomes.fold(OutcomeSet(0), OutcomeSet::with)
    });
    let retry = match value.data {
        Data::Word(_) => Retry::NEVER,
        _ => Retry {
            attempts: count(value.get("attempts"))?.value,
            backoff,
            jitter: match word(value.get("jitter")) {
                Some("full") => Jitter::Full,
                Some("equal") => Jitter::Equal,
                _ => Jitter::None,
            },
            when: when.unwrap_or(OutcomeSet::FAILURES),
        },
    };
    spanned(value, Some(retry))
}

fn fault(value: &Value) -> Option<Fault> {
    let effects = value.items().iter().filter_map(|item| {
        let value = &item.value;
        let effect = match (item.key.as_str(), &value.data) {
            ("down", Data::Word("hang")) => Effect::Down(Manner::Hang),
            ("down", Data::Word(_)) => Effect::Down(Manner::Refuse),
            ("pause", Data::Bool(true)) => Effect::Pause,
            ("errors", Data::Share(share)) => Effect::Errors(*share),
            ("latency", Data::Change(Change::Plus(span))) => Effect::LatencyPlus(*span),
            ("latency", Data::Change(Change::Times(factor))) => Effect::LatencyTimes(*factor),
            ("capacity", Data::Share(share)) => Effect::Capacity(*share),
            ("drop", Data::Share(share)) => Effect::Drop(*share),
            ("drop_replies", Data::Share(share)) => Effect::DropReplies(*share),
            _ => return None,
        };
        spanned(value, Some(effect))
    });
    Some(Fault {
        at: span(value.get("at"))?,
        lasts: span(value.get("for"))?,
        every: span(value.written("every")),
        target: name(value.get("target"))?,
        replicas: count(value.written("replicas")),
        effects: effects.collect(),
    })
}

fn slo(value: &Value) -> Option<Slo> {
    let line_value = value.get("expect").unwrap_or(value);
    let Data::Slo(line) = &line_value.data else {
        return None;
    };
    let word = |word: &super::slo::Word| Spanned {
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
        seed: value.written("seed").and_then(|value| match value.data {
            Data::Whole(seed) => spanned(value, Some(seed)),
            _ => None,
        }),
        confidence: share(value.written("confidence")),
    }
}
