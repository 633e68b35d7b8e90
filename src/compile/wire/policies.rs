//! What was written for each edge and channel: `a -> b` over `b` over `*`, field by field.

use std::collections::BTreeMap;

use super::checks;
use super::consume::ConsumeNote;
use super::guards::GuardNote;
use crate::brokers::{Confirm, WhenRefused};
use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::compile::resolve::{Resolved, Role};
use crate::kernel::time::Duration;
use crate::model::{Call, Cancel, ChannelId, DeadlineOf, Guarded, Link, Publish};
use crate::policies::budget::Budget;
use crate::policies::hedge::Hedge;
use crate::policies::outlier::OutlierEjection;
use crate::policies::retry::Retry;
use crate::scenario::{self, CallPolicies, Consume, Entry, Fallback, Spanned, Variant, defaults};

/// What was written for a call, merged.
#[derive(Clone, Default)]
pub(crate) struct CallNote<'a> {
    /// Limit for each attempt.
    pub(crate) timeout: Option<&'a Spanned<Duration>>,
    /// Limit for the whole call.
    pub(crate) deadline: Option<&'a Spanned<Duration>>,
    /// Further attempts.
    pub(crate) retry: Option<&'a Spanned<Retry>>,
    /// What stands in when the call has failed for good.
    pub(crate) fallback: Option<&'a Spanned<Fallback>>,
    cancel: Option<&'a Spanned<bool>>,
    budget: Option<&'a Spanned<Budget>>,
    hedge: Option<&'a Spanned<Option<Hedge>>>,
    ejection: Option<&'a Spanned<Option<OutlierEjection>>>,
    propagate: Option<&'a Spanned<bool>>,
    /// What is written for this call by its name, not for all.
    named: Vec<&'a CallPolicies>,
    guards: GuardNote<'a>,
}

/// The variant's policies by whom they speak of; remembers which were asked for.
pub(crate) struct Book<'a> {
    calls: BTreeMap<&'a str, (&'a Entry<CallPolicies>, Asked)>,
    arrows: BTreeMap<(&'a str, &'a str), (&'a Entry<CallPolicies>, Asked)>,
    consume: BTreeMap<&'a str, (&'a Entry<Consume>, Asked)>,
    publish: &'a scenario::Publish,
}

#[derive(Clone, Copy, PartialEq)]
enum Asked {
    No,
    Yes,
}

impl<'a> Book<'a> {
    /// The book of a variant; reports keys that name nothing, and values that mean nothing.
    pub(crate) fn new(
        variant: &'a Variant,
        resolved: &Resolved<'_>,
        mistakes: &mut Mistakes,
    ) -> Self {
        let mut book = Self {
            calls: BTreeMap::new(),
            arrows: BTreeMap::new(),
            consume: BTreeMap::new(),
            publish: &variant.publish,
        };
        let index = &resolved.index;
        for entry in &variant.calls {
            checks::call(&entry.value, mistakes);
            if let Some((from, to)) = entry.name.split_once("->") {
                let (from, to) = (from.trim(), to.trim());
                if !index.sources.contains_key(from) {
                    known_step(from, entry, resolved, mistakes);
                }
                known_step(to, entry, resolved, mistakes);
                book.arrows.insert((from, to), (entry, Asked::No));
            } else {
                known_step(&entry.name, entry, resolved, mistakes);
                book.calls.insert(&entry.name, (entry, Asked::No));
            }
        }
        for entry in &variant.consume {
            checks::consume(&entry.value, mistakes);
            known_step(&entry.name, entry, resolved, mistakes);
            book.consume.insert(&entry.name, (entry, Asked::No));
        }
        checks::publish(&variant.publish, mistakes);
        book
    }

    /// The policies of a call from a step or source to a step.
    pub(crate) fn call(&mut self, from: &'a str, to: &'a str) -> CallNote<'a> {
        let mut note = CallNote::default();
        let arrow = ask(self.arrows.get_mut(&(from, to)));
        for entry in [
            arrow,
            ask(self.calls.get_mut(to)),
            ask(self.calls.get_mut("*")),
        ] {
            let Some(entry) = entry else { continue };
            let written = &entry.value;
            if entry.name != "*" {
                note.named.push(written);
            }
            note.timeout = note.timeout.or(written.timeout.as_ref());
            note.deadline = note.deadline.or(written.deadline.as_ref());
            if note.retry.is_none() {
                note.budget = written.budget.as_ref();
            }
            note.retry = note.retry.or(written.retry.as_ref());
            note.guards.merge(written);
            note.hedge = note.hedge.or(written.hedge.as_ref());
            note.ejection = note.ejection.or(written.outlier_ejection.as_ref());
            note.cancel = note.cancel.or(written.cancel.as_ref());
            note.propagate = note.propagate.or(written.propagate.as_ref());
            note.fallback = note.fallback.or(written.fallback.as_ref());
        }
        note
    }

    /// The policies of a step that consumes.
    pub(crate) fn consume(&mut self, step: &str) -> ConsumeNote<'a> {
        let mut note = ConsumeNote::default();
        for entry in [
            ask(self.consume.get_mut(step)),
            ask(self.consume.get_mut("*")),
        ] {
            let Some(entry) = entry else { continue };
            note.merge(&entry.value);
        }
        note
    }

    /// What senders do when the broker has refused for good.
    pub(crate) fn publish_fallback(&self) -> Option<&'a Spanned<String>> {
        self.publish.fallback.as_ref()
    }

    /// The sender's side of a hand-over; `confirm` is the broker's own word on it.
    pub(crate) fn publish(&self, channel: ChannelId, confirm: Option<Confirm>) -> Publish {
        let written = self.publish;
        let own = written.confirm.map(|waits| {
            if waits {
                Confirm::Waits
            } else {
                Confirm::Forgets
            }
        });
        Publish {
            channel,
            is_local: false,
            awaits_reply: false,
            relay: written
                .outbox
                .as_ref()
                .map_or(defaults::RELAY, |relay| relay.value),
            deadline: Duration::MAX,
            confirm: own.or(confirm).unwrap_or(Confirm::Waits),
            when_refused: written
                .when_refused
                .as_ref()
                .map_or(defaults::WHEN_REFUSED, |when| when.value),
            timeout: written
                .timeout
                .as_ref()
                .map_or(Duration::MAX, |timeout| timeout.value),
            retry: written
                .retry
                .as_ref()
                .map_or(defaults::PUBLISH_RETRY, |retry| retry.value),
        }
    }

    /// Warns about keys that nothing asked for. `*` may stand for nothing.
    pub(crate) fn warn_unused(&self, resolved: &Resolved<'_>, mistakes: &mut Mistakes) {
        let calls = self
            .calls
            .iter()
            .map(|(&name, &(entry, asked))| (name, entry.place, asked));
        for (name, place, asked) in calls {
            if asked == Asked::No && resolved.index.all_steps.contains_key(name) {
                let message = format!("nothing calls `{name}` in this variant");
                mistakes
                    .warn(codes::UNUSED_KEY, place, message)
                    .help("what reaches it by a message is written under `consume`");
            }
        }
        for (&(from, to), &(entry, asked)) in &self.arrows {
            let steps = &resolved.index.all_steps;
            let is_known = steps.contains_key(to)
                && (steps.contains_key(from) || resolved.index.sources.contains_key(from));
            if asked == Asked::No && is_known {
                let message = format!("`{from}` does not call `{to}` in this variant");
                mistakes.warn(codes::UNUSED_KEY, entry.place, message);
            }
        }
        for (&name, &(entry, asked)) in &self.consume {
            if asked == Asked::No && resolved.index.all_steps.contains_key(name) {
                let message = format!("`{name}` consumes nothing in this variant");
                mistakes
                    .warn(codes::UNUSED_KEY, entry.place, message)
                    .help("what calls it is written under `calls`");
            }
        }
    }
}

fn ask<'a, T>(entry: Option<&mut (&'a Entry<T>, Asked)>) -> Option<&'a Entry<T>> {
    entry.map(|(entry, asked)| {
        *asked = Asked::Yes;
        *entry
    })
}

fn known_step<T>(name: &str, entry: &Entry<T>, resolved: &Resolved<'_>, mistakes: &mut Mistakes) {
    let steps = &resolved.index.all_steps;
    let mut noted = resolved.steps.enumerate();
    let stands_in = noted.any(|(id, note)| {
        let service = resolved.step(id).service;
        let names = &resolved.system.names.services;
        matches!(note.role, Role::StandsIn(_)) && names.get(service).is_some_and(|of| of == name)
    });
    if name != "*" && !stands_in && !steps.contains_key(name) {
        mistakes.unknown(
            codes::UNKNOWN,
            entry.place,
            "step",
            name,
            steps.keys().copied(),
        );
    }
}

impl CallNote<'_> {
    /// What retries may draw upon.
    pub(crate) fn budget(&self) -> Option<Budget> {
        self.budget.map(|budget| budget.value)
    }

    /// Further requests beside one that is out, where a step is called.
    pub(crate) fn hedge_over(&self, link: &Link) -> Option<Hedge> {
        match link {
            Link::Call(_) => self.hedge?.value,
            Link::Publish(_) => None,
        }
    }

    /// Which instances of the callee are taken off the list, where a step is called.
    pub(crate) fn ejection_over(&self, link: &Link) -> Option<OutlierEjection> {
        match link {
            Link::Call(_) => self.ejection?.value,
            Link::Publish(_) => None,
        }
    }

    /// What attempts must pass.
    pub(crate) fn guards(&self, mistakes: &mut Mistakes) -> Vec<Guarded> {
        self.guards.guards(mistakes)
    }

    /// The same for a call that travels as a message, and its answer as another: request-reply over a broker.
    pub(crate) fn request(&self, channel: ChannelId) -> Publish {
        let Call {
            timeout,
            deadline,
            retry,
            ..
        } = self.policies();
        Publish {
            channel,
            awaits_reply: true,
            relay: defaults::RELAY,
            deadline,
            is_local: false,
            confirm: Confirm::Waits,
            when_refused: if retry.attempts > 1 {
                WhenRefused::Retry
            } else {
                WhenRefused::Fail
            },
            timeout,
            retry,
        }
    }

    /// Warns about keys that mean nothing where the request travels as a message.
    pub(crate) fn warn_of_requests(&self, callee: &str, mistakes: &mut Mistakes) {
        let place = |on: &Option<Spanned<bool>>| on.as_ref().map(|on| on.place);
        let unused = self.named.iter().flat_map(|written| {
            [
                ("cancel", place(&written.cancel)),
                ("propagate", place(&written.propagate)),
                ("fallback", written.fallback.as_ref().map(|it| it.place)),
                ("hedge", written.hedge.as_ref().map(|hedge| hedge.place)),
                (
                    "outlier_ejection",
                    written.outlier_ejection.as_ref().map(|law| law.place),
                ),
            ]
        });
        for (key, place) in unused {
            if let Some(place) = place {
                let message = format!("`{callee}` is asked by a message: `{key}` has no effect");
                mistakes.warn(codes::UNUSED_KEY, place, message).help(
                    "`timeout`, `deadline`, `retry` and the policies of `order` hold for requests by message too",
                );
            }
        }
    }

    /// With every default filled.
    pub(crate) fn policies(&self) -> Call {
        Call {
            timeout: self.timeout.map_or(Duration::MAX, |timeout| timeout.value),
            deadline: self
                .deadline
                .map_or(Duration::MAX, |deadline| deadline.value),
            retry: self.retry.map_or(defaults::RETRY, |retry| retry.value),
            cancel: if self.cancel.map_or(defaults::CANCEL, |on| on.value) {
                Cancel::Stops
            } else {
                Cancel::RunsOn
            },
            deadline_of: if self.propagate.map_or(defaults::PROPAGATE, |on| on.value) {
                DeadlineOf::Caller
            } else {
                DeadlineOf::Own
            },
        }
    }

    /// Does a value at hand stand for what could not be called?
    pub(crate) fn has_static(&self, link: &Link) -> bool {
        let is_static = |it: &Spanned<Fallback>| it.value == Fallback::Static;
        matches!(link, Link::Call(_)) && self.fallback.is_some_and(is_static)
    }
}
