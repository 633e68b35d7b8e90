//! Large scenarios compile, deep ones too, and no scenario makes `compile` panic.

use std::fmt::Write;

use proptest::prelude::*;

use super::{case, compiled, describe};
use crate::diagnostic::Sources;
use crate::scenario::{self, Changes};

/// 30 flows of 100 steps over 1 000 services: 3 000 edges, half of them messages.
#[test]
fn a_thousand_services_and_three_thousand_edges_compile() {
    let mut text = String::from("brownout: 1\nflows:\n");
    for flow in 0..30 {
        let steps: Vec<String> = (0..100)
            .map(|step| format!("s{}", (flow * 37 + step * 10) % 1000))
            .collect();
        let _ = writeln!(
            text,
            "  f{flow}: {{ from: t{flow}, steps: [{}], answer_needs: [{}] }}",
            steps.join(", "),
            steps[49]
        );
    }
    text.push_str("services:\n");
    for service in 0..1000 {
        let _ = writeln!(
            text,
            "  s{service}: {{ concurrency: 8, service_time: 1ms }}"
        );
    }
    text.push_str("brokers: { q: {} }\ntraffic:\n");
    for flow in 0..30 {
        let _ = writeln!(text, "  t{flow}: {{ rate: 1/s }}");
    }
    text.push_str("variants: { v: { wiring: async } }\nrun: { duration: 1m }\n");
    let case = case(&text);
    assert_eq!(case.system.services.len(), 1000);
    assert_eq!(case.wiring.edges.len(), 3000);
    assert_eq!(case.wiring.channels.len(), 30 * 50);
}

#[test]
fn a_chain_of_a_thousand_steps_compiles() {
    let steps: Vec<String> = (0..1000)
        .map(|step| format!("{{ s{step}: {{ service: a }} }}"))
        .collect();
    let text = format!(
        "brownout: 1\nflows: {{ f: {{ steps: [{}] }} }}\nservices: {{ a: {{ concurrency: 9, service_time: 1ms }} }}\n\
         traffic: {{ t: {{ rate: 0.1/s }} }}\nvariants: {{ v: {{ wiring: sync }} }}\nrun: {{ duration: 1m }}\n",
        steps.join(", ")
    );
    let told = describe(&case(&text));
    assert_eq!(
        told.lines().count(),
        1000,
        "the client and all but the last step call one"
    );
    assert!(told.ends_with("s998: call s999"));
}

/// A step of the flow's list: plain, optional, by chance, with a `then`, or a group.
fn item(n: usize) -> impl Strategy<Value = String> {
    let name = format!("s{n}");
    prop_oneof![
        4 => Just(format!("{{ {name}: {{ service: a }} }}")),
        1 => Just(format!("{{ {name}: {{ service: b, optional: true }} }}")),
        1 => Just(format!("{{ {name}: {{ service: b, probability: 30% }} }}")),
        1 => Just(format!("{{ {name}: {{ service: a, then: [{{ {name}t: {{ service: b }} }}] }} }}")),
        1 => Just("ghost".to_owned()),
        2 => Just(format!("[{{ {name}x: {{ service: a }} }}, {{ {name}y: {{ service: b, optional: true }} }}]")),
        2 => (1u32..4).prop_map(move |need| {
            format!("{{ parallel: [{{ {name}x: {{ service: a }} }}, {{ {name}y: {{ service: b }} }}, {{ {name}z: {{ service: b }} }}], need: {need} }}")
        }),
    ]
}

fn items() -> impl Strategy<Value = String> {
    (0usize..7)
        .prop_flat_map(|n| (0..n).map(|idx| item(idx).boxed()).collect::<Vec<_>>())
        .prop_map(|items| format!("[{}]", items.join(", ")))
}

/// A step name that may or may not exist.
fn name() -> impl Strategy<Value = String> {
    (0usize..7, prop::sample::select(vec!["", "t", "x", "y"]))
        .prop_map(|(n, tail)| format!("s{n}{tail}"))
}

fn variant() -> impl Strategy<Value = String> {
    let wiring = prop::sample::select(vec!["sync", "async"]);
    let shape = prop::sample::select(vec![
        "",
        ", shape: chain",
        ", shape: orchestrated",
        ", shape: choreographed",
    ]);
    let after = prop_oneof![2 => Just(String::new()), 1 => name().prop_map(|name| format!(", answer_after: {name}"))];
    let steps =
        prop::collection::btree_map(name(), prop::sample::select(vec!["sync", "async"]), 0..4);
    let workers = prop_oneof![1 => Just(String::new()), 1 => (0u32..12).prop_map(|n| format!(", consume: {{ '*': {{ workers: {n} }} }}"))];
    (wiring, shape, after, steps, workers).prop_map(|(wiring, shape, after, steps, workers)| {
        let steps: Vec<String> = steps
            .iter()
            .map(|(step, wiring)| format!("{step}: {{ wiring: {wiring} }}"))
            .collect();
        format!(
            "wiring: {wiring}{shape}{after}{workers}, steps: {{ {} }}",
            steps.join(", ")
        )
    })
}

proptest! {
    /// Whatever is written, `compile` comes back, and with a case exactly if it reports no error. A case keeps the promises
    /// of the model: edges lead on, needs can be met, ids lead somewhere.
    #[test]
    fn compile_never_panics(
        items in items(),
        needs in prop::option::of(prop::collection::vec(name(), 0..3)),
        variant in variant(),
    ) {
        let needs = needs.map_or_else(String::new, |needs| format!(", answer_needs: [{}]", needs.join(", ")));
        let text = format!(
            "brownout: 1\nflows: {{ f: {{ steps: {items}{needs} }} }}\n\
             services: {{ a: {{ concurrency: 10, service_time: 1ms }}, b: {{ service_time: 1ms }} }}\n\
             brokers: {{ q: {{}} }}\ntraffic: {{ t: {{ rate: 1/s }} }}\nvariants: {{ v: {{ {variant} }} }}\nrun: {{ duration: 1m }}\n"
        );
        let (reading, _) = scenario::read(&mut Sources::default(), "p.yaml", &text, &Changes::default());
        if reading.is_none() {
            return Ok(());
        }
        let Some(cases) = compiled(&text).cases else { return Ok(()) };
        for case in cases {
            for edge in &case.wiring.edges {
                prop_assert!(edge.from.is_none_or(|from| from < edge.to));
                prop_assert!(case.system.services.get(case.system.steps[edge.to].service).is_some());
            }
            for program in &case.wiring.steps {
                for stage in program.then.iter().chain(&program.rest) {
                    prop_assert!(stage.need >= 1 && stage.need as usize <= stage.edges.len());
                    let join = stage.join.as_ref();
                    prop_assert!(join.is_none_or(|join| join.steps.len() > 1 && join.need >= 1 && join.need as usize <= join.steps.len()));
                }
            }
            let reached: std::collections::BTreeSet<_> = case.wiring.edges.iter().map(|edge| edge.to).collect();
            prop_assert_eq!(reached.len(), case.system.steps.len(), "every step is reached");
            for channel in &case.wiring.channels {
                prop_assert!(case.system.brokers.get(channel.broker).is_some() && channel.prefetch >= 1);
            }
        }
    }
}
