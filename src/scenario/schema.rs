//! The JSON Schema of the language (draft-07), made from the grammar: what editors complete, check and explain.

use serde_json::{Map as JsonMap, Value as Json, json};

use super::forms::{self, NAME, PATTERN, SHARE};
use super::grammar::policies::BACKOFF;
use super::grammar::top::{FILE, OVERLAYS, REPLAY, STAGE, STEP};
use super::grammar::wiring::POLL;
use super::grammar::wiring::VARIANT;
use super::grammar::{Default, Field, Keys, Kind, Record, Support, slo};
use super::suggest::one_of;
use crate::policies::retry::Waits;

/// See [`super::schema`].
pub(super) fn schema() -> String {
    let mut root = record(&FILE, Use::File);
    if let Json::Object(map) = &mut root {
        map.insert(
            "$schema".into(),
            "http://json-schema.org/draft-07/schema#".into(),
        );
        map.insert("title".into(), "brownout scenario".into());
        map.insert("definitions".into(), definitions());
    }
    let mut text = serde_json::to_string_pretty(&root).expect("a tree of maps and texts");
    text.push('\n');
    text
}

/// Where a record stands: whole in the file, or as a patch within a variant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    File,
    Patch,
}

fn definitions() -> Json {
    json!({
        "duration": forms::duration(None),
        "distribution": distribution(),
        "step": step(),
        "steps": { "type": "array", "minItems": 1, "items": { "anyOf": [
            { "$ref": "#/definitions/step" },
            { "type": "array", "minItems": 1, "items": { "$ref": "#/definitions/step" } },
            { "type": "object", "required": ["parallel"], "additionalProperties": false, "properties": {
                "parallel": { "type": "array", "minItems": 1, "items": { "$ref": "#/definitions/step" },
                    "description": "Steps that run at once." },
                "need": { "anyOf": [
                        { "enum": ["all", "any"], "enumDescriptions": ["Every one of them.", "The first that does."] },
                        { "type": "integer", "minimum": 1 },
                    ],
                    "default": "all", "description": "How many must succeed: `all`, `any` or a number. Default: `all`." },
            } },
        ] } },
        "slo_line": { "type": "string", "description": slo_doc() },
    })
}

fn slo_doc() -> String {
    let is_built = |metric: &&slo::Metric| metric.support.is_built();
    let words: Vec<&str> = slo::METRICS
        .iter()
        .filter(is_built)
        .map(|m| m.word)
        .collect();
    format!(
        "[flow] metric [statistic] op value [{} fault]; metrics: {}",
        slo::SCOPES.join("|"),
        words.join(", ")
    )
}

fn step() -> Json {
    json!({ "anyOf": [
        { "type": "string", "pattern": NAME },
        { "type": "object", "minProperties": 1, "maxProperties": 1,
          "propertyNames": { "pattern": NAME, "not": { "const": "parallel" } },
          "additionalProperties": record(&STEP, Use::File) },
    ] })
}

fn distribution() -> Json {
    let duration = |text: &str| json!({ "allOf": [{ "$ref": "#/definitions/duration" }], "description": text });
    let number =
        |text: &str| json!({ "type": "number", "exclusiveMinimum": 0, "description": text });
    let word = |text: &str| json!({ "type": "string", "description": text });
    json!({ "anyOf": [
        { "$ref": "#/definitions/duration" },
        { "type": "string", "pattern": r"^exponential +[0-9]" },
        { "type": "string", "pattern": r"^uniform +[0-9].*\.\." },
        { "type": "object", "minProperties": 1, "additionalProperties": false,
          "patternProperties": { r"^p[0-9]+(\.[0-9]+)?$":
              duration("The duration that this percentage of all stays below, e.g. `p99: 80ms`.") },
          "properties": {
            "max": duration("The longest, e.g. `2s`."),
            "min": duration("The shortest, e.g. `5ms`."),
            "mean": duration("The mean, e.g. `20ms`."),
            "cv": number("The standard deviation divided by the mean; 1 is as irregular as `exponential`."),
            "shape": number("The shape of `weibull` or `pareto`: the smaller, the heavier the tail."),
            "stages": { "type": "integer", "minimum": 1, "maximum": 1000,
                "description": "Of `erlang`: how many exponential stages; the more, the more regular." },
            "dist": { "enum": super::dist_shape::names(), "enumDescriptions": super::dist_shape::docs(),
                "description": "The law, where the other keys do not tell it." },
            "mix": { "type": "object", "minProperties": 1,
                "description": "Several distributions by name, each with its `share`; the shares add up to 100%.",
                "additionalProperties": { "type": "object", "required": ["share"], "properties": { "share": {
                    "type": "string", "pattern": SHARE, "description": "How often it is this one, e.g. `2%`." } } } },
            "file": word("An `.hgrm` or `.csv` file beside the scenario that holds what was measured."),
            "sha256": word("What the file is known by; another content is refused. Default: whatever it holds."),
            "column": word("Of a `.csv` file: the column that holds the durations. Default: the only one."),
            "unit": { "enum": ["ns", "us", "ms", "s"],
                "enumDescriptions": ["Nanoseconds.", "Microseconds.", "Milliseconds.", "Seconds."],
                "description": "In what the file's values are." },
          } },
    ] })
}

fn record(record: &'static Record, used: Use) -> Json {
    let mut properties = JsonMap::new();
    let mut required = Vec::new();
    for field in record.fields {
        if matches!(field.support, Support::Later(_)) {
            continue;
        }
        if matches!(field.default, Default::Required) && used == Use::File {
            required.push(field.key);
        }
        properties.insert(field.key.to_owned(), described(field, used));
    }
    let mut schema = json!({
        "type": "object",
        "description": record.doc,
        "additionalProperties": false,
        "properties": properties,
    });
    if let (Json::Object(map), false) = (&mut schema, required.is_empty()) {
        map.insert("required".into(), required.into());
    }
    schema
}

/// A field's kind with its text and default.
fn described(field: &'static Field, used: Use) -> Json {
    let inner = kind(&field.kind, used);
    let mut map = match inner {
        // Draft-07 ignores what stands beside a `$ref`.
        Json::Object(map) if !map.contains_key("$ref") => map,
        reference => JsonMap::from_iter([("allOf".to_owned(), json!([reference]))]),
    };
    let mut texts = vec![field.doc.to_owned()];
    texts.extend(forms::sentence(&field.kind));
    match field.default {
        Default::Static(default) => {
            map.insert("default".into(), default_of(&field.kind, default));
            texts.push(format!("Default: `{default}`."));
        }
        Default::Rule(rule) => texts.push(format!("Default: {rule}.")),
        Default::RequiredUnless(others) => {
            let others = one_of(others.iter().copied());
            texts.push(format!("Required, unless there is {others}."));
        }
        Default::Required if used == Use::File => texts.push("Required.".to_owned()),
        Default::Required | Default::Absent => {}
    }
    let mut schema = Json::Object(map);
    if used == Use::Patch {
        schema = nullable(schema, used);
    }
    if let Json::Object(map) = &mut schema {
        map.insert("description".into(), texts.join(" ").into());
    }
    schema
}

fn default_of(kind: &Kind, text: &str) -> Json {
    let is_plain = matches!(
        kind,
        Kind::Bool | Kind::Count { .. } | Kind::Seed | Kind::Version
    );
    let parsed = is_plain.then(|| serde_json::from_str(text).ok()).flatten();
    parsed.unwrap_or_else(|| text.into())
}

fn kind(kind: &'static Kind, used: Use) -> Json {
    let text = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    match kind {
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Text => json!({ "type": ["string", "number"] }),
        Kind::Name => text(NAME),
        Kind::Names => json!({ "type": "array", "minItems": 1, "items": text(NAME) }),
        Kind::AllOrNames => json!({ "anyOf": [
            { "const": "all" },
            { "type": "array", "minItems": 1, "items": text(NAME) },
        ] }),
        Kind::Target => text(PATTERN),
        Kind::Duration { never, .. } => forms::duration(*never),
        Kind::Rate => forms::rate(),
        Kind::Size => text(r"^[0-9]+(\.[0-9]+)? ?([kMGT]i?)?B$"),
        Kind::Throughput => text(r"^[0-9]+(\.[0-9]+)? ?([kMGT]i?)?B */s$"),
        Kind::Share => forms::share(),
        Kind::Quantile => text(r"^p[0-9]+(\.[0-9]+)?$"),
        Kind::Count { least, unlimited } => forms::count(*least, *unlimited),
        Kind::Seed => json!({ "type": "integer", "minimum": 0 }),
        Kind::Version => json!({ "const": 1 }),
        Kind::Factor => json!({ "type": "number", "minimum": 1 }),
        Kind::Choice(choices) => forms::words(choices),
        Kind::Choices(choices) | Kind::Order(choices) => {
            json!({ "type": "array", "minItems": 1, "items": forms::words(choices) })
        }
        Kind::Dist if used == Use::Patch => json!({ "anyOf": [
            { "$ref": "#/definitions/distribution" },
            { "type": "object", "minProperties": 1 },
        ] }),
        Kind::Dist => json!({ "$ref": "#/definitions/distribution" }),
        Kind::Change => text(r"^(\+[0-9]|x[0-9]|-[0-9])"),
        Kind::Popularity => text(r"^(uniform|zipf +[0-9]+(\.[0-9]+)?)$"),
        Kind::AnswerBy => json!({ "anyOf": [
            text(r"^(call|callback|poll +[0-9][0-9a-z.]*)$"),
            record(&POLL, Use::File),
        ] }),
        Kind::Backoff => json!({ "anyOf": [
            { "const": "none" },
            text(r"^[0-9][0-9a-z.]*$"),
            { "type": "array", "minItems": 1, "maxItems": Waits::MOST, "items": text(r"^[0-9][0-9a-z.]*$") },
            record(&BACKOFF, Use::File),
        ] }),
        _ => compound(kind, used),
    }
}

/// Kinds made of records.
fn compound(kind: &'static Kind, used: Use) -> Json {
    match kind {
        Kind::Limit(inner) => json!({ "anyOf": [
            forms::rate(),
            record(inner, used),
        ] }),
        Kind::DurationOr(inner) => json!({ "anyOf": [
            { "const": "none" },
            { "$ref": "#/definitions/duration" },
            record(inner, used),
        ] }),
        Kind::Cut => json!({ "anyOf": [
            { "type": "array", "minItems": 2, "maxItems": 2, "items": { "type": "string", "pattern": NAME } },
            { "type": "string", "pattern": PATTERN },
        ] }),
        Kind::Trigger => forms::trigger(),
        Kind::NoneOr(inner) => json!({ "anyOf": [{ "const": "none" }, record(inner, used)] }),
        Kind::Steps => json!({ "$ref": "#/definitions/steps" }),
        Kind::Stages => {
            json!({ "type": "array", "minItems": 1, "items": record(&STAGE, Use::File) })
        }
        Kind::Slo => json!({ "$ref": "#/definitions/slo_line" }),
        Kind::Record(inner) => record(inner, used),
        Kind::Replay => record(&REPLAY, used),
        Kind::Map(inner, keys) => {
            let pattern = match keys {
                Keys::Names | Keys::Steps => NAME,
                Keys::Patterns => PATTERN,
            };
            json!({
                "type": "object",
                "propertyNames": { "pattern": pattern },
                "additionalProperties": nullable(record(inner, used), used),
            })
        }
        Kind::SloMap => json!({
            "type": "object",
            "propertyNames": { "pattern": NAME },
            "additionalProperties": nullable(json!({ "anyOf": [
                { "$ref": "#/definitions/slo_line" },
                record(&slo::LINE, used),
            ] }), used),
        }),
        Kind::TextMap => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Kind::Variants => variants(),
        _ => json!({}),
    }
}

/// In a patch, null deletes.
fn nullable(schema: Json, used: Use) -> Json {
    match used {
        Use::File => schema,
        Use::Patch => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}

/// A variant: wiring keys, and patches of blocks where anything may be left out or deleted.
fn variants() -> Json {
    let mut variant = record(&VARIANT, Use::Patch);
    if let Some(properties) = variant.get_mut("properties").and_then(Json::as_object_mut) {
        for field in FILE.fields {
            let built = field.support.is_built();
            if built && OVERLAYS.contains(&field.key) {
                let patch = nullable(kind(&field.kind, Use::Patch), Use::Patch);
                let text = format!("Overlay: {}", field.doc);
                properties.insert(
                    field.key.to_owned(),
                    json!({ "description": text, "allOf": [patch] }),
                );
            }
        }
    }
    json!({
        "type": "object",
        "minProperties": 1,
        "propertyNames": { "pattern": NAME },
        "additionalProperties": variant,
    })
}
