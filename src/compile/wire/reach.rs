//! How each step is reached: by a call, or by a message over which broker.

use std::collections::BTreeMap;

use crate::compile::codes;
use crate::compile::mistakes::{Mistakes, listed};
use crate::compile::resolve::{Resolved, Role, STREAM, WEBHOOK};
use crate::kernel::ids::{Id, IdVec};
use crate::model::{BrokerId, FlowId, StepId};
use crate::scenario::{Entry, Scenario, Shape, Spanned, StepWiring, Transport};

/// Stands for a broker that does not exist; an error has been reported, so it never leaves `compile`.
const NOWHERE: BrokerId = BrokerId(u32::MAX);

/// The bones of a wiring.
pub(crate) struct Reach<'a> {
    /// How each step is reached.
    pub(crate) steps: IdVec<StepId, Way>,
    /// Who calls the later steps.
    pub(crate) shape: Shape,
    /// What was written for single steps.
    pub(crate) overrides: BTreeMap<&'a str, &'a Entry<StepWiring>>,
    /// For each flow the last place of its list that the answer waits for; `None` for all of them.
    pub(crate) answered_at: IdVec<FlowId, Option<usize>>,
    /// `answer_after` as far as it applies to each flow: the last place of its list that is reached by calls.
    pub(crate) answer_after: IdVec<FlowId, Option<&'a Spanned<String>>>,
}

impl Reach<'_> {
    /// The broker over which a step gets its messages.
    pub(crate) fn broker_of(&self, step: StepId) -> Option<BrokerId> {
        match self.steps[step] {
            Way::Call => None,
            Way::Message(broker) | Way::Request(broker) => Some(broker),
        }
    }
}

/// How a step is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By a call.
    Call,
    /// By a message over this broker.
    Message(BrokerId),
    /// By a message over this broker, whose sender waits for the reply.
    Request(BrokerId),
}

/// Decides how each step is reached.
pub(crate) fn reach<'a>(
    scenario: &'a Scenario,
    resolved: &Resolved<'a>,
    mistakes: &mut Mistakes,
) -> Reach<'a> {
    let variant = &scenario.variant.value;
    let transport = variant.wiring.as_ref().map_or_else(
        || {
            let message = format!("variant `{}` has no wiring", scenario.variant.name);
            mistakes
                .error(codes::NO_WIRING, scenario.variant.place, message)
                .help("`wiring: sync` (calls) or `wiring: async` (messages)");
            Transport::Call
        },
        |wiring| wiring.value,
    );
    let mut decide = Decide {
        scenario,
        resolved,
        transport,
        overrides: overrides(scenario, resolved, mistakes),
        default_broker: None,
        is_saga: false,
        mistakes,
    };
    let shape = decide.shape();
    let answer_after = decide.answer_after();
    let mut steps = IdVec::new();
    let mut answered_at = IdVec::new();
    for flow in resolved.system.flows.ids() {
        let last = decide.last_called(flow, answer_after[flow]);
        answered_at.push(match last {
            Called::All => None,
            Called::UpTo(idx) => Some(idx),
            Called::Nothing => Some(0),
        });
        decide.is_saga = transport == Transport::Message && shape == Shape::Orchestrated;
        for step in resolved.steps_of(flow) {
            steps.push(decide.way(step, last));
        }
    }
    if let (None, Some(via)) = (decide.default_broker, &variant.via) {
        // No message goes over it; the name must be one all the same.
        decide.named_broker(via);
    }
    let overrides = decide.overrides;
    warn_without_message(scenario, transport, &steps, mistakes);
    Reach {
        steps,
        shape,
        overrides,
        answered_at,
        answer_after,
    }
}

fn overrides<'a>(
    scenario: &'a Scenario,
    resolved: &Resolved<'a>,
    mistakes: &mut Mistakes,
) -> BTreeMap<&'a str, &'a Entry<StepWiring>> {
    let known = &resolved.index.all_steps;
    let mut overrides = BTreeMap::new();
    for entry in &scenario.variant.value.steps {
        if !known.contains_key(entry.name.as_str()) {
            mistakes.unknown(
                codes::UNKNOWN,
                entry.place,
                "step",
                &entry.name,
                known.keys().copied(),
            );
        }
        overrides.insert(entry.name.as_str(), entry);
    }
    overrides
}

fn warn_without_message(
    scenario: &Scenario,
    transport: Transport,
    steps: &IdVec<StepId, Way>,
    mistakes: &mut Mistakes,
) {
    let all_called = steps.iter().all(|way| *way == Way::Call);
    if transport == Transport::Message && all_called && !mistakes.has_error() {
        let variant = &scenario.variant;
        let place = variant.value.wiring.as_ref().map(|wiring| wiring.place);
        let message = format!(
            "variant `{}` is async, but every step is reached by a call",
            variant.name
        );
        mistakes
            .warn(codes::NO_MESSAGE, place, message)
            .help("everything up to `answer_after` is called: name an earlier step, or need less for the answer");
    }
}

/// How far the calls of a flow reach.
#[derive(Clone, Copy, PartialEq)]
enum Called {
    /// Everywhere.
    All,
    /// Up to this place of its list.
    UpTo(usize),
    /// Nowhere: the client itself sends a message.
    Nothing,
}

struct Decide<'d, 'a> {
    scenario: &'a Scenario,
    resolved: &'d Resolved<'a>,
    transport: Transport,
    overrides: BTreeMap<&'a str, &'a Entry<StepWiring>>,
    /// The broker of steps that name none, once asked for.
    default_broker: Option<BrokerId>,
    /// Does the entry send commands, and wait for the reply to each?
    is_saga: bool,
    mistakes: &'d mut Mistakes,
}

impl<'a> Decide<'_, 'a> {
    fn shape(&mut self) -> Shape {
        let natural = match self.transport {
            Transport::Call => Shape::Chain,
            Transport::Message => Shape::Choreographed,
        };
        let Some(written) = &self.scenario.variant.value.shape else {
            return natural;
        };
        let (code, message, help) = match (self.transport, written.value) {
            (Transport::Call, Shape::Chain | Shape::Orchestrated)
            | (Transport::Message, Shape::Choreographed | Shape::Orchestrated) => {
                return written.value;
            }
            (Transport::Call, Shape::Choreographed) => (
                codes::SHAPE,
                "`shape: choreographed` needs messages, but the wiring is `sync`",
                "`wiring: async`, or `shape: chain` or `orchestrated`",
            ),
            (Transport::Message, Shape::Chain) => (
                codes::SHAPE,
                "`shape: chain` is made of calls, but the wiring is `async`",
                "leave `shape` out: what is reached by calls is a chain anyway",
            ),
        };
        self.mistakes.error(code, written.place, message).help(help);
        natural
    }

    /// `answer_after` for each flow that has its step.
    fn answer_after(&mut self) -> IdVec<FlowId, Option<&'a Spanned<String>>> {
        let resolved = self.resolved;
        let written = self.scenario.variant.value.answer_after.as_ref();
        let applies = |flow: FlowId| {
            written.filter(|after| resolved.index.steps[flow].contains_key(after.value.as_str()))
        };
        let Some(after) = written else {
            return resolved.system.flows.iter().map(|_| None).collect();
        };
        if self.transport == Transport::Call {
            self.mistakes
                .error(codes::ANSWER_AFTER, after.place, "`answer_after` has no meaning in a sync wiring")
                .help("a chain of calls answers when all of it is done: use `wiring: async`, or leave it out");
        } else if !resolved.index.all_steps.contains_key(after.value.as_str()) {
            let known = resolved.index.all_steps.keys().copied();
            self.mistakes
                .unknown(codes::UNKNOWN, after.place, "step", &after.value, known);
        }
        for step in resolved
            .index
            .all_steps
            .get(after.value.as_str())
            .into_iter()
            .flatten()
        {
            if let Some(mut parent) = resolved.steps[*step].parent {
                while let Some(above) = resolved.steps[parent].parent {
                    parent = above;
                }
                let parent = resolved.name(parent);
                let message = format!("`{}` is part of `{parent}`", after.value);
                self.mistakes
                    .error(codes::ANSWER_AFTER, after.place, message)
                    .help(format!(
                        "name the step of the flow's own list: `answer_after: {parent}`"
                    ));
            }
        }
        resolved.system.flows.ids().map(applies).collect()
    }

    /// How far the calls reach: to `answer_after`, else to the last step that the answer needs.
    fn last_called(&self, flow: FlowId, after: Option<&Spanned<String>>) -> Called {
        if self.transport == Transport::Call {
            return Called::All;
        }
        let item_of = |name: &Spanned<String>| {
            let step = self.resolved.index.steps[flow].get(name.value.as_str())?;
            Some(self.resolved.steps[*step].item_idx)
        };
        if let Some(idx) = after.and_then(item_of) {
            return Called::UpTo(idx);
        }
        match &self.scenario.flows[flow.idx()].value.answer_needs {
            None => Called::UpTo(0),
            Some(needs) if needs.is_empty() => Called::Nothing,
            // Unknown names are reported where the answer is checked.
            Some(needs) => Called::UpTo(needs.iter().filter_map(item_of).max().unwrap_or(0)),
        }
    }

    fn way(&mut self, step: StepId, called: Called) -> Way {
        let note = &self.resolved.steps[step];
        match note.role {
            Role::Listed => {}
            Role::Undoes(_) if self.is_saga => {
                let broker = self.broker(None);
                return self.request(step, broker);
            }
            Role::Undoes(_) | Role::Asks(_) | Role::Tells(_) | Role::StandsIn(_) => {
                return Way::Call;
            }
            Role::Applies(_, copy) => {
                let via = self.resolved.copies[copy.idx()].written.value.via.as_ref();
                return Way::Message(match via {
                    Some(via) => self.named_broker(via),
                    None => self.broker(None),
                });
            }
        }
        let natural = match called {
            Called::All => Transport::Call,
            Called::UpTo(last) if note.item_idx <= last => Transport::Call,
            _ if note.parent.is_some() || self.is_copied(step) => Transport::Call,
            Called::UpTo(_) | Called::Nothing => Transport::Message,
        };
        let entry = self.overrides.get(self.resolved.name(step)).copied();
        let written = entry.and_then(|entry| entry.value.wiring.as_ref());
        match written.map_or(natural, |forced| forced.value) {
            Transport::Message if natural == Transport::Call => {
                let broker = self.broker(entry);
                self.forced_message(step, called, broker)
            }
            Transport::Message if self.is_saga && self.resolved.is_required(step) => {
                let broker = self.broker(entry);
                self.request(step, broker)
            }
            Transport::Message => Way::Message(self.broker(entry)),
            Transport::Call => {
                if let Some(via) = entry.and_then(|entry| entry.value.via.as_ref()) {
                    self.named_broker(via);
                    let message = format!(
                        "`{}` is reached by a call: `via` has no effect",
                        self.resolved.name(step)
                    );
                    self.mistakes
                        .warn(codes::UNUSED_KEY, via.place, message)
                        .help("add `wiring: async`");
                }
                Way::Call
            }
        }
    }

    /// Does the step read what somebody has a copy of? Then nobody sends a message for it.
    fn is_copied(&self, step: StepId) -> bool {
        let reads = self.resolved.step(step).reads;
        reads.is_some_and(|data| self.resolved.copies.iter().any(|copy| copy.data == data))
    }

    /// A step that would be called is reached by a message all the same: then its sender waits for the reply, unless the
    /// client itself sends, or nobody needs the step.
    fn forced_message(&mut self, step: StepId, called: Called, broker: BrokerId) -> Way {
        let is_part = self.resolved.steps[step].parent.is_some();
        let is_waited_for = is_part || matches!(called, Called::UpTo(_));
        if is_waited_for && self.resolved.is_required(step) {
            self.request(step, broker)
        } else {
            Way::Message(broker)
        }
    }

    /// A message whose sender waits for the reply: over a broker, or a webhook, whose answer is that.
    fn request(&mut self, step: StepId, broker: BrokerId) -> Way {
        if self.resolved.stream == Some(broker) {
            let message = format!(
                "`{}` is waited for, and a stream brings nothing back",
                self.resolved.name(step)
            );
            let place = self.scenario.variant.place;
            self.mistakes
                .error(codes::SHAPE, place, message)
                .help("reach it by a call or over a broker, or let nobody wait for it");
        }
        Way::Request(broker)
    }

    /// The broker for a step: its own `via`, the variant's, or the only one.
    fn broker(&mut self, entry: Option<&Entry<StepWiring>>) -> BrokerId {
        if let Some(via) = entry.and_then(|entry| entry.value.via.as_ref()) {
            return self.named_broker(via);
        }
        if let Some(broker) = self.default_broker {
            return broker;
        }
        let variant = &self.scenario.variant;
        let broker = match (&variant.value.via, self.scenario.brokers.as_slice()) {
            (Some(via), _) => self.named_broker(via),
            (None, [_]) => BrokerId::from_idx(0),
            (None, brokers) => {
                let place = entry
                    .map(|entry| entry.place)
                    .or(variant.value.wiring.as_ref().map(|wiring| wiring.place))
                    .unwrap_or(variant.place);
                let names: Vec<&str> = brokers.iter().map(|entry| entry.name.as_str()).collect();
                let (message, help) = if names.is_empty() {
                    (
                        "there is no broker for the messages",
                        "declare one: `brokers: { orders: {} }`".to_owned(),
                    )
                } else {
                    ("which broker?", format!("`via:` one of {}", listed(&names)))
                };
                self.mistakes
                    .error(codes::NO_BROKER, place, message)
                    .help(help);
                NOWHERE
            }
        };
        self.default_broker = Some(broker);
        broker
    }

    fn named_broker(&mut self, via: &Spanned<String>) -> BrokerId {
        let brokers = &self.resolved.index.brokers;
        if let Some(&broker) = brokers.get(via.value.as_str()) {
            return broker;
        }
        let sender = match via.value.as_str() {
            WEBHOOK => self.resolved.webhook,
            STREAM => self.resolved.stream,
            _ => None,
        };
        sender.unwrap_or_else(|| {
            let known = brokers.keys().copied().chain([WEBHOOK, STREAM]);
            self.mistakes
                .unknown(codes::UNKNOWN, via.place, "broker", &via.value, known);
            NOWHERE
        })
    }
}
