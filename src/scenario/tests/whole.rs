//! Whole scenarios: what is read, how variants and changes from outside combine, what `show` prints.

use serde_json::json;

use super::{EVERYTHING, ORDER_CHECKOUT, check, sound};
use crate::kernel::time::Duration;
use crate::scenario::{Changes, Item, Scenario, Transport};

fn changes(set: &[&str], variants: &[&str]) -> Changes {
    let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    Changes {
        set: owned(set),
        variants: owned(variants),
        overlays: Vec::new(),
    }
}

fn names(views: &[Scenario]) -> Vec<&str> {
    views
        .iter()
        .map(|view| view.variant.name.as_str())
        .collect()
}

#[test]
fn the_documented_example_reads_without_diagnostics() {
    let reading = sound(ORDER_CHECKOUT);
    assert_eq!(names(&reading.views), ["sync", "async", "hybrid"]);
    let hybrid = &reading.views[2].variant.value;
    assert_eq!(hybrid.title.as_deref(), Some("Charge now, ship later"));
    assert_eq!(
        hybrid.wiring.as_ref().map(|w| w.value),
        Some(Transport::Call)
    );
    assert_eq!(hybrid.calls.len(), 1);
    assert_eq!(hybrid.steps[0].name, "shipping");
}

#[test]
fn what_show_prints_is_the_same_scenario() {
    for text in [ORDER_CHECKOUT, EVERYTHING] {
        let first = sound(text);
        let second = sound(&first.shown);
        assert_eq!(first.resolved, second.resolved, "{}", first.shown);
        assert_eq!(first.views.len(), second.views.len());
    }
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("everything_shown", sound(EVERYTHING).shown);
    });
}

#[test]
fn writing_it_otherwise_changes_nothing() {
    let written = sound(ORDER_CHECKOUT).resolved;
    for (from, to) in [
        ("timeout: 2s", "timeout: 2000ms"),
        ("for: 90s", "for: 1m30s"),
        ("rate: 120/s", "rate: 7200/min"),
        ("at: 5m,  for: 2m", "for: 2m, at: 300s"),
        (
            "name: Order checkout",
            "name: \"Order checkout\"   # the name",
        ),
        ("latency p99 < 800ms", "latency   p99<0.8s"),
        (
            "availability >= 99.9%",
            "{ expect: availability >= 99.90% }",
        ),
        ("brownout: 1\n", ""),
    ] {
        let text = ORDER_CHECKOUT.replacen(from, to, 1);
        assert_ne!(text, ORDER_CHECKOUT);
        assert_eq!(sound(&text).resolved, written, "{to}");
    }
}

/// Two variants, one upon the other, with a fault of its own.
const TWO: &str = "\
flows: { order: { steps: [shop, pay] } }
services: { shop: { service_time: 10ms }, pay: { service_time: 20ms } }
traffic: { client: { rate: 10/s } }
variants:
  chain: { wiring: sync, calls: { \"*\": { timeout: 2s } } }
  other: { extends: chain, faults: { slow: { at: 2s, for: 1s, target: pay, errors: 10% } } }
faults: { outage: { at: 10s, for: 5s, target: pay, down: hang } }
run: { duration: 1m }
";

/// What an overlay takes away from a variant is gone for that variant, although the variant itself did not write it.
#[test]
fn an_overlay_reaches_into_a_variant() {
    let folder = std::env::temp_dir().join(format!("brownout-overlay-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("o.yaml");
    let check = |overlay: &str, faults: [&[&str]; 2], timeout: Option<u64>| {
        std::fs::write(&path, overlay).unwrap();
        let changes = Changes {
            overlays: vec![path.clone()],
            ..Changes::default()
        };
        let (reading, mistakes) = super::check(TWO, &changes);
        assert_eq!(mistakes, "", "{overlay}");
        let views = reading.unwrap().views;
        for (view, expected) in views.iter().zip(faults) {
            let names = view.faults.iter().map(|fault| fault.name.as_str());
            let is_so = names.eq(expected.iter().copied());
            assert!(is_so, "{overlay} in {}", view.variant.name);
        }
        let call = views[1].variant.value.calls.first();
        let written = call.and_then(|call| call.value.timeout.as_ref());
        let seconds = timeout.map(Duration::from_secs);
        assert_eq!(written.map(|one| one.value), seconds, "{overlay}");
    };
    let both: &[&str] = &["outage", "slow"];
    check("name: X", [&["outage"], both], Some(2));
    check("faults: { outage: null }", [&[], &["slow"]], Some(2));
    check(
        "variants: { other: { faults: { outage: null } } }",
        [&["outage"], &["slow"]],
        Some(2),
    );
    check(
        "variants: { other: { faults: { slow: null } } }",
        [&["outage"], &["outage"]],
        Some(2),
    );
    check(
        "variants: { other: { faults: null } }",
        [&["outage"], &[]],
        Some(2),
    );
    check(
        "variants: { other: { calls: { \"*\": { timeout: 3s } } } }",
        [&["outage"], both],
        Some(3),
    );
    check(
        "variants: { other: { calls: null } }",
        [&["outage"], both],
        None,
    );
    check(
        "variants: { chain: { calls: { \"*\": { timeout: 4s } } } }",
        [&["outage"], both],
        Some(4),
    );
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_variant_overlays_blocks_and_null_deletes() {
    let reading = sound(EVERYTHING);
    let (letters, bigger) = (&reading.views[1], &reading.views[2]);
    assert_eq!(letters.faults.len(), 16);
    let faults: Vec<&str> = bigger
        .faults
        .iter()
        .map(|fault| fault.name.as_str())
        .collect();
    assert_eq!(
        faults,
        [
            "chance", "frozen", "slow", "faster", "failover", "spoilt", "pause", "surge", "killed",
            "parted", "deaf", "alarm", "tired", "choked", "lost", "flood"
        ]
    );
    assert_eq!(bigger.flows[0].value.steps.len(), 2);
    assert_eq!(bigger.flows[0].value.answer_needs, None);
    assert_eq!(bigger.run.seed.as_ref().map(|seed| seed.value), Some(9));
    assert_eq!(
        bigger.run.duration.as_ref().map(|span| span.value),
        Some(Duration::from_secs(5400))
    );
    // What it inherits stays, but for what it deletes; the title is its own.
    let consume = &bigger.variant.value.consume;
    assert_eq!(consume.len(), 1);
    assert_eq!(
        (
            consume[0].value.workers.clone(),
            consume[0].value.prefetch.is_some()
        ),
        (None, true)
    );
    assert_eq!(letters.variant.value.consume.len(), 2);
    assert_eq!(bigger.variant.value.title, None);
    assert_eq!(
        reading.resolved["variants"]["bigger"]["faults"],
        json!({ "crash": null, "flood": { "at": "1s", "for": "1s", "target": "web -> shop", "drop": "100%" } })
    );
}

#[test]
fn what_a_parent_deletes_a_child_may_define_anew() {
    let text = super::fixtures::SOUND.replace(
        "chain: { wiring: sync }",
        "chain: { wiring: sync, faults: { outage: null } }\n  other: { extends: chain, faults: { outage: { at: 1s, for: 1s, target: pay, pause: true } } }",
    );
    let reading = sound(&text);
    assert_eq!(reading.views[0].faults.len(), 0);
    assert_eq!(reading.views[1].faults[0].value.effects.len(), 1);
    let again = sound(&reading.shown);
    assert_eq!(again.resolved, reading.resolved);
    assert_eq!(again.views[1].faults[0].value.effects.len(), 1);
}

#[test]
fn steps_keep_their_order_and_their_groups() {
    let reading = sound(EVERYTHING);
    let steps = &reading.views[0].flows[0].value.steps;
    let Item::Parallel { branches, need, .. } = &steps[2] else {
        panic!("a group, not {:?}", steps[2]);
    };
    assert_eq!(
        (branches.len(), need.as_ref().map(|need| need.value)),
        (2, Some(1))
    );
    let Item::Step(parcel) = &steps[3] else {
        panic!("a step, not {:?}", steps[3]);
    };
    assert_eq!(parcel.then.len(), 2);
    assert_eq!(
        parcel.service.as_ref().map(|name| name.value.as_str()),
        Some("depot")
    );
}

#[test]
fn variants_can_be_chosen() {
    let (reading, mistakes) = check(ORDER_CHECKOUT, &changes(&[], &["hybrid", "sync"]));
    assert_eq!(mistakes, "");
    let reading = reading.expect("sound");
    assert_eq!(names(&reading.views), ["sync", "hybrid"]);
    let kept = reading.resolved["variants"].as_object().expect("a map");
    assert_eq!(kept.keys().collect::<Vec<_>>(), ["sync", "hybrid"]);
}

#[test]
fn a_set_reaches_children_and_says_so() {
    let set = [
        "variants.sync.calls.\"*\".timeout=7s",
        "services.payment.service_time={ p50: 1ms, p99: 2ms }",
        "slo.no_loss=null",
    ];
    let (reading, mistakes) = check(ORDER_CHECKOUT, &changes(&set, &[]));
    assert_eq!(mistakes, "");
    let reading = reading.expect("sound");
    for nth in [0, 2] {
        let timeout = &reading.views[nth].variant.value.calls[0].value.timeout;
        assert_eq!(
            timeout.as_ref().map(|t| t.value),
            Some(Duration::from_secs(7))
        );
        assert_eq!(reading.views[nth].slo.len(), 4);
    }
    assert!(
        reading.shown.contains("timeout: 7s # --set\n"),
        "{}",
        reading.shown
    );
    let resolved = reading.resolved;
    assert_eq!(
        resolved["services"]["payment"]["service_time"],
        json!({ "p50": "1ms", "p99": "2ms" })
    );
}

#[test]
fn a_set_may_define_whole_entries_and_items_of_lists() {
    let set = [
        "faults.flood={ at: 1m, for: 1m, target: shipping, errors: 50% }",
        "variants.late={ extends: async, answer_after: checkout }",
        "variants.async.services.payment.concurrency=9",
        "flows.place_order.steps.3={ shipping: { optional: true } }",
        "variants.sync.calls.\"checkout -> payment\".timeout=1s",
    ];
    let (reading, mistakes) = check(ORDER_CHECKOUT, &changes(&set, &[]));
    assert_eq!(mistakes, "");
    let reading = reading.expect("sound");
    assert_eq!(names(&reading.views), ["sync", "async", "hybrid", "late"]);
    let late = &reading.views[3];
    assert_eq!(
        late.services[2].value.concurrency.as_ref().map(|c| c.value),
        Some(9)
    );
    assert_eq!(late.faults.len(), 4);
}

#[test]
fn a_mistake_seen_through_several_variants_is_one_mistake() {
    let text = ORDER_CHECKOUT
        .replace("timeout: 2s", "timeout: 2")
        .replace("for: 2m, ", "for: 2min, ")
        .replace(
            "extends: sync",
            "extends: sync\n    services: { payment: { replcas: 3 } }",
        );
    let (_, mistakes) = check(&text, &Changes::default());
    assert!(
        mistakes.ends_with("3 errors in s.yaml · nothing was run\n"),
        "{mistakes}"
    );
}

#[test]
fn ten_mistakes_in_one_file_come_out_in_one_pass() {
    let text = "\
name: Ten mistakes
flows:
  order: { steps: [shop, pay], answer_needs: shop }
services:
  shop: { replcas: 4, service_time: { p50: 8ms, p99: 40ms } }
  pay: { service_time: 20, service_time: 30ms, autoscale: { min: 1 } }
  Depot: { service_time: 1ms }
traffic:
  client: { rate: 120rps, patience: 2min }
variants:
  calls: { wiring: synch }
  late: { extends: cals }
faults:
  outage: { at: 5m, for: 2m, target: pay }
slo:
  up: availabilty >= 99.9%
run: { warmup: 2m }
";
    let (reading, mistakes) = check(text, &Changes::default());
    assert!(reading.is_none());
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("ten_mistakes", mistakes);
    });
}

#[test]
fn hostile_texts_get_an_answer() {
    let deep = |open: &str, n: usize| format!("flows: {}", open.repeat(n));
    let long = format!("name: {}", "x".repeat(5 << 20));
    let wide = format!("flows: [{}]", "a,".repeat(300_000));
    let texts = [
        deep("[", 100_000),
        deep("[", 200),
        deep("{a: ", 60),
        deep("\n- ", 10),
        format!("flows:\n  {}x", "- ".repeat(100_000)),
        format!("flows:\n  {}x", "- ".repeat(100)),
        (0..300).fold(String::new(), |text, n| text + &" ".repeat(n) + "a:\n"),
        long,
        wide,
        "*nothing".to_owned(),
        "a: &a [*a]".to_owned(),
        "&a [&b [*a, *b]]".to_owned(),
        String::new(),
        "# only a comment".to_owned(),
        "\u{feff}".to_owned(),
        "just text".to_owned(),
        "- a\n- list".to_owned(),
        "<<: 3".to_owned(),
        "a: |\n  block".to_owned(),
    ];
    for text in texts {
        let (reading, mistakes) = check(&text, &Changes::default());
        let start: String = text.chars().take(40).collect();
        assert!(
            reading.is_none() && mistakes.starts_with("error["),
            "{start}: {mistakes}"
        );
        assert!(mistakes.len() < 20_000, "{start}: {} bytes", mistakes.len());
    }
}

#[test]
fn anchors_and_merge_keys_work_within_limits() {
    let text = super::fixtures::SOUND
        .replace(
            "  shop: { service_time: 10ms }",
            "  shop: &small { service_time: 10ms, replicas: 2 }",
        )
        .replace(
            "  pay: { service_time: 20ms }",
            "  pay: { <<: *small, service_time: 20ms }",
        );
    let reading = sound(&text);
    let pay = &reading.views[0].services[1].value;
    assert_eq!(pay.replicas.as_ref().map(|count| count.value), Some(2));
    assert_eq!(reading.resolved["services"]["pay"]["service_time"], "20ms");
}

#[test]
fn a_thousand_services_are_read_in_a_blink() {
    use std::fmt::Write as _;
    let mut text = String::from("flows:\n  f: { steps: [s0] }\nservices:\n");
    for nth in 0..1000 {
        writeln!(
            text,
            "  s{nth}: {{ replicas: 3, service_time: {{ p50: 8ms, p99: 40ms }} }}"
        )
        .expect("a string");
    }
    text.push_str("traffic: { t: { rate: 1/s } }\nvariants: { a: { wiring: sync }, b: { extends: a }, c: { extends: b } }\nrun: { duration: 1m }\n");
    assert_eq!(sound(&text).views[2].services.len(), 1000);
}

#[test]
fn the_schema_accepts_what_is_sound_and_knows_the_words() {
    let schema: serde_json::Value = serde_json::from_str(&crate::scenario::schema()).expect("JSON");
    let validator = jsonschema::draft7::new(&schema).expect("a schema of draft 7");
    assert!(jsonschema::draft7::meta::is_valid(&schema));
    for text in [ORDER_CHECKOUT, EVERYTHING] {
        let resolved = sound(text).resolved;
        let mistakes: Vec<String> = validator
            .iter_errors(&resolved)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(mistakes, Vec::<String>::new());
        for (pointer, wrong) in [
            ("/run/duration", json!(20)),
            ("/services", json!({ "shop": { "replcas": 4 } })),
            ("/variants", json!({ "a": { "wiring": "synch" } })),
            ("/flows", json!({ "f": {} })),
        ] {
            let mut broken = resolved.clone();
            *broken.pointer_mut(pointer).expect("it is there") = wrong;
            assert!(!validator.is_valid(&broken), "{pointer}");
        }
    }
}

#[test]
fn a_distribution_comes_from_a_file_beside_the_scenario() {
    let at = |file: &str| {
        let dist = format!("service_time: {{ file: {file}, column: latency_ms, unit: ms }}");
        super::fixtures::SOUND.replace("service_time: 10ms", &dist)
    };
    // The tests read under the name `s.yaml`, so beside it is the package's folder.
    let reading = sound(&at("src/scenario/tests/samples.csv"));
    let dist = reading.views[0].services[0].value.service_time.as_ref();
    let mean = dist
        .map(|dist| dist.value.mean_s())
        .expect("a distribution");
    assert!((mean - 0.060_5 / 3.0).abs() < 1e-9, "{mean}");
    // The content is part of what is simulated: `show` pins it, and another content is refused.
    let again = sound(&reading.shown);
    assert_eq!(again.resolved, reading.resolved);
    let pinned = reading.shown.replace("sha256: ", "sha256: 0");
    assert_ne!(pinned, reading.shown);
    let (_, mistakes) = check(&pinned, &Changes::default());
    assert!(
        mistakes.contains("`src/scenario/tests/samples.csv` has changed"),
        "{mistakes}"
    );
    let wrong = at("src/scenario/tests/samples.csv").replace("latency_ms", "latency");
    let (_, mistakes) = check(&wrong, &Changes::default());
    assert!(
        mistakes.contains("it has no column `latency`; its columns are `at` and `latency_ms`"),
        "{mistakes}"
    );
}
