//! Data and copies: who reads one, how updates get there, and what is wrong with some.

use super::mistakes::check;
use super::{assert_lines, case, compiled, describe};
use crate::diagnostic::Severity;

/// `shop` reads what `owner` has and an editor writes; `data` and the variant as given.
fn file(read: &str, data: &str, brokers: &str, variant: &str) -> String {
    format!(
        "flows:
  show: {{ from: visitor, steps: [shop, owner: {{ reads: {read} }}, tax] }}
  change: {{ from: editor, steps: [desk, owner: {{ writes: price }}] }}
data: {{ {data} }}
services:
  shop: {{ replicas: 2, service_time: 1ms }}
  owner: {{ service_time: 1ms }}
  desk: {{ service_time: 1ms }}
  tax: {{ service_time: 1ms }}
brokers: {{ {brokers} }}
traffic: {{ visitor: {{ rate: 1/s }}, editor: {{ rate: 1/s }} }}
variants: {{ v: {{ {variant} }} }}
run: {{ duration: 1m }}
"
    )
}

const PRICE: &str = "price: { owner: owner, keys: 10 }";
const REPLICA: &str = "copies: { price: { at: shop, kind: replica } }";

#[test]
fn whoever_writes_publishes_to_each_instance_before_it_goes_on() {
    let case = case(&file(
        "price",
        PRICE,
        "events: { kind: topic }",
        &format!("wiring: sync, {REPLICA}"),
    ));
    assert_lines(
        &describe(&case),
        "visitor: call shop
 editor: call desk
 shop: call owner
 owner: call tax
 desk: call owner
 owner: (publish apply_owner + publish apply_owner)",
    );
    let feeds: Vec<u32> = case
        .wiring
        .channels
        .iter()
        .filter_map(|channel| Some(channel.feed?.instance))
        .collect();
    assert_eq!(feeds, [0, 1]);
    let readers = case
        .wiring
        .edges
        .iter()
        .filter(|edge| edge.copy.is_some())
        .count();
    assert_eq!(readers, 1);
}

#[test]
fn a_copy_is_read_and_the_owner_called_even_where_all_else_goes_by_messages() {
    let case = case(&file(
        "price",
        PRICE,
        "events: { kind: log, partitions: 2 }",
        &format!("wiring: async, {REPLICA}"),
    ));
    assert_lines(
        &describe(&case),
        "visitor: call shop
 editor: call desk
 shop: call owner
 owner: publish tax
 desk: publish owner
 owner: (publish apply_owner + publish apply_owner)",
    );
}

#[test]
fn a_cache_needs_no_broker() {
    let cache = "wiring: sync, copies: { price: { at: shop, kind: cache, ttl: 1m } }";
    let outcome = compiled(&file("price", PRICE, "", cache));
    let told = outcome.told(Severity::Warning);
    assert!(outcome.cases.is_some() && told.is_empty(), "{told:?}");
}

#[test]
fn mistakes_about_data_are_told() {
    let sync = format!("wiring: sync, {REPLICA}");
    check(
        &file("prise", PRICE, "events: { kind: topic }", "wiring: sync"),
        &["S102 `prise` unknown data `prise` (did you mean `price`?)"],
    );
    check(
        &file(
            "price",
            "price: { owner: shop, keys: 10 }",
            "",
            "wiring: sync",
        ),
        &[
            "S129 `price` `price` is at `shop` (read and write it in a step at `shop`)",
            "S129 `price` `price` is at `shop` (read and write it in a step at `shop`)",
        ],
    );
    check(
        &file(
            "price",
            "price: { owner: owners, keys: 10 }",
            "",
            "wiring: sync",
        ),
        &["S102 `owners` unknown service `owners` (did you mean `owner`?)"],
    );
    check(
        &file("price", PRICE, "events: {}", &sync),
        &[
            "S129 `price` each of the 2 instances of `shop` needs every update, and a queue gives each message to one of them (`brokers: { events: { kind: topic } }`, or `log`)",
        ],
    );
    check(
        &file("price", PRICE, "", &sync),
        &[
            "S113 `sync` there is no broker for the messages (declare one: `brokers: { orders: {} }`)",
        ],
    );
    check(
        &file(
            "price",
            PRICE,
            "events: { kind: topic }",
            "wiring: sync, copies: { price: { at: owner, kind: replica } }",
        ),
        &["S129 `owner` `owner` owns `price`: it needs no copy (name the service that reads it)"],
    );
    check(
        &file(
            "price",
            PRICE,
            "events: { kind: topic }",
            "wiring: sync, copies: { prise: { at: shop, kind: replica } }",
        ),
        &["S102 `prise` unknown data `prise` (did you mean `price`?)"],
    );
}

#[test]
fn a_copy_that_nobody_reads_is_told() {
    let unread = "wiring: sync, copies: { price: { at: tax, kind: replica } }";
    let outcome = compiled(&file("price", PRICE, "events: { kind: topic }", unread));
    let told = outcome.told(Severity::Warning);
    assert!(
        told.iter().any(
            |one| one.starts_with("W212 `price` no step at `tax` calls one that reads `price`")
        ),
        "{told:?}"
    );
}
