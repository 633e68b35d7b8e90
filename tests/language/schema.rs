//! The schema by which editors know the language: it says something of every key, takes every sound scenario as it is written, and
//! does not take broken ones. What an editor makes of it is shown by `.ci/editor`.

use super::yaml;
use brownout::scenario;
use jsonschema::Validator;
use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Value as Json, json};
use std::fs;
use std::path::{Path, PathBuf};

fn schema() -> Json {
    serde_json::from_str(&scenario::schema()).unwrap()
}

fn validator() -> Validator {
    let schema = schema();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    assert!(jsonschema::draft7::meta::is_valid(&schema));
    jsonschema::draft7::new(&schema).unwrap()
}

/// A file as an editor reads it.
fn json_of(text: &str) -> Json {
    let documents = Yaml::load_from_str(text).unwrap();
    assert_eq!(documents.len(), 1);
    converted(&documents[0])
}

fn converted(yaml: &Yaml<'_>) -> Json {
    match yaml {
        Yaml::Value(Scalar::Null) => Json::Null,
        Yaml::Value(Scalar::Boolean(is_so)) => json!(is_so),
        Yaml::Value(Scalar::Integer(number)) => json!(number),
        Yaml::Value(Scalar::FloatingPoint(number)) => json!(number.into_inner()),
        Yaml::Value(Scalar::String(text)) => json!(text),
        Yaml::Sequence(items) => items.iter().map(converted).collect(),
        Yaml::Mapping(entries) => {
            let entries = entries.iter().map(|(key, value)| {
                let Json::String(key) = converted(key) else {
                    panic!("{key:?} is no name");
                };
                (key, converted(value))
            });
            Json::Object(entries.collect::<Map<_, _>>())
        }
        other => panic!("{other:?} is not used in scenarios"),
    }
}

/// Does something with every schema within a schema, by its path.
fn walk(schema: &Json, path: &str, visit: &mut impl FnMut(&str, &Json)) {
    visit(path, schema);
    match schema {
        Json::Object(map) => {
            for (key, value) in map {
                walk(value, &format!("{path}/{key}"), visit);
            }
        }
        Json::Array(items) => {
            for (nth, item) in items.iter().enumerate() {
                walk(item, &format!("{path}/{nth}"), visit);
            }
        }
        _ => {}
    }
}

/// Every key with its schema, by its path.
fn properties(schema: &Json) -> Vec<(String, Json)> {
    let mut found = Vec::new();
    walk(schema, "", &mut |path, at| {
        // A key of a scenario may itself be called so, and is then no map of schemas.
        let Some(properties) = at.get("properties").and_then(Json::as_object) else {
            return;
        };
        for (key, value) in properties {
            found.push((format!("{path}/{key}"), value.clone()));
        }
    });
    found
}

#[test]
fn every_key_says_what_it_is() {
    let schema = schema();
    let all = properties(&schema);
    assert!(all.len() > 400, "{}", all.len());
    for (path, property) in &all {
        let text = property["description"].as_str().unwrap_or_default();
        assert!(text.len() > 5, "{path} says nothing");
        let ends = text.ends_with(['.', '?', ';']) || path.contains("slo");
        assert!(ends, "{path} ends in the middle of a sentence: {text}");
    }
}

/// What is a quantity says in what it is written, and that is of the form that is asked for.
#[test]
fn every_quantity_shows_how_it_is_written() {
    let mut n = 0;
    for (path, property) in properties(&schema()) {
        let mut patterns = Vec::new();
        for at in [&property, &property["anyOf"][0]] {
            patterns.extend(at["pattern"].as_str());
        }
        let is_quantity = patterns.iter().any(|pattern| pattern.contains("[0-9]+("));
        if is_quantity {
            let text = property["description"].as_str().unwrap();
            assert!(text.contains("e.g. `"), "{path}: {text}");
            n += 1;
        }
    }
    assert!(n > 100, "{n} quantities");
}

#[test]
fn every_word_of_a_choice_says_what_it_means() {
    let mut n = 0;
    walk(&schema(), "", &mut |path, at| {
        if let Some(words) = at.get("enum").and_then(Json::as_array) {
            let docs = at["enumDescriptions"]
                .as_array()
                .unwrap_or_else(|| panic!("{path}"));
            assert_eq!(docs.len(), words.len(), "{path}");
            assert!(
                docs.iter()
                    .all(|doc| doc.as_str().is_some_and(|doc| doc.len() > 5)),
                "{path}"
            );
            n += 1;
        }
    });
    assert!(n > 20, "{n} choices");
}

/// A default that an editor shows, or writes, is itself a value of its key.
#[test]
fn every_default_is_a_value_of_its_key() {
    let schema = schema();
    let mut n = 0;
    for (path, mut property) in properties(&schema) {
        let Some(default) = property.get("default").cloned() else {
            continue;
        };
        let text = property["description"].as_str().unwrap();
        assert!(text.contains("Default: "), "{path}: {text}");
        property["definitions"] = schema["definitions"].clone();
        let own = jsonschema::draft7::new(&property).unwrap();
        let mistakes = own.iter_errors(&default).map(|error| error.to_string());
        assert_eq!(
            mistakes.collect::<Vec<_>>(),
            Vec::<String>::new(),
            "{path}: {default}"
        );
        n += 1;
    }
    assert!(n > 30, "{n} defaults");
}

#[test]
fn every_scenario_that_comes_with_the_program_is_taken_as_it_is_written() {
    let validator = validator();
    let folders = ["scenarios", "tests/cases", "tests/lints", "src/cli"];
    let all: Vec<PathBuf> = folders.into_iter().flat_map(yaml).collect();
    assert!(all.len() > 100, "{}", all.len());
    for path in all {
        let document = json_of(&fs::read_to_string(&path).unwrap());
        let mistakes: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(mistakes.is_empty(), "{}: {mistakes:#?}", path.display());
    }
}

/// The starter with one piece of it replaced.
#[test]
fn a_broken_scenario_is_not_taken() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/starter.yaml"))
            .unwrap();
    let validator = validator();
    assert!(validator.is_valid(&json_of(&text)));
    for (from, to) in [
        ("brownout: 1 ", "brownout: 2 "),
        ("replicas: 2 ", "replcas: 2 "),
        ("replicas: 2 ", "replicas: 0 "),
        ("replicas: 2 ", "replicas: two "),
        ("concurrency: 16 ", "concurrency: none "),
        ("p99: 40ms }", "p99: 40 }"),
        ("p99: 40ms }", "p99: 40ms, p100x: 1s }"),
        ("blocking: true ", "blocking: perhaps "),
        ("kind: queue ", "kind: queues "),
        ("rate: 30/s ", "rate: 30 "),
        ("arrivals: poisson ", "arrivals: normal "),
        ("patience: 5s ", "patience: 5 "),
        ("patience: 5s ", "patience: 5sec "),
        ("wiring: sync ", "wiring: synch "),
        ("timeout: 1s,", "timeout: soon,"),
        ("attempts: 2,", "attempts: 0,"),
        ("down: refuse ", "down: true "),
        ("at: 3m ", "at: 3 "),
        ("errors: 0.1% }", "errors: 0.001 }"),
        ("steps: [order, payment, receipt] ", "steps: order "),
        ("answer_needs: [order] ", "answer_needs: order "),
        ("duration: 10m ", "length: 10m "),
        ("seed: 1 ", "seed: -1 "),
        ("from: customer ", "from: [customer] "),
        ("  none_lost: lost == 0 ", "  None Lost: lost == 0 "),
        ("network: {", "netwrk: {"),
    ] {
        assert_eq!(text.matches(from).count().min(1), 1, "no {from:?}");
        let broken = text.replacen(from, to, 1);
        assert!(
            !validator.is_valid(&json_of(&broken)),
            "{from:?} → {to:?} is taken"
        );
    }
}
