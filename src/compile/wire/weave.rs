//! Who does what next: the programs of the steps, and the edges and channels they use.
//!
//! One rule makes every shape. The places of a flow's list are walked in order, with the *carriers*: the steps that take
//! the flow to the next place. Each carrier gets a stage with an edge to every branch of that place. Then
//!
//! - a step reached by a message carries on: its sender is not waiting for it;
//! - a step called in a chain carries on; when orchestrated, whoever called it does;
//! - of a parallel group that is wholly called, whoever called it carries on, after the join;
//! - of any other group, every branch carries on, with a join: the one that finds the group complete goes on;
//! - an optional step never carries on: its failure must change nothing.

use std::collections::BTreeMap;

use super::Wired;
use super::consume::ConsumeNote;
use super::guards;
use super::policies::{Book, CallNote};
use super::reach::{Reach, Way};
use crate::brokers::{Ack, Confirm, WhenRefused};
use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::compile::resolve::{Resolved, Role, parts};
use crate::kernel::ids::{Id, IdVec};
use crate::kernel::time::Duration;
use crate::model::{
    AnswerBy, BrokerId, Call, Cancel, Channel, ChannelId, Copy, CopyId, DeadlineOf, Edge, EdgeId,
    FlowId, Item, Join, Link, Program, Saga, SourceId, Stage, StepId, UNLIMITED, Wiring,
};
use crate::policies::retry::Retry;
use crate::scenario::{self, Carries, Fallback, Scenario, Shape, Spanned};

/// Weaves the flows.
pub(crate) fn weave<'a>(
    scenario: &'a Scenario,
    resolved: &Resolved<'a>,
    reach: &Reach<'_>,
    book: &mut Book<'a>,
    mistakes: &mut Mistakes,
) -> Wired<'a> {
    let variant = &scenario.variant;
    let mut loom = Loom {
        scenario,
        resolved,
        reach,
        book,
        mistakes,
        edges: IdVec::new(),
        calls: IdVec::new(),
        by_ends: BTreeMap::new(),
        programs: IdVec::from_fn(resolved.system.steps.len(), |_: StepId| Program::default()),
        channels: IdVec::new(),
        consumes: IdVec::new(),
        channel_of: BTreeMap::new(),
        copies: IdVec::new(),
        asks: BTreeMap::new(),
    };
    loom.copies = loom.copies();
    let entries = loom.entries();
    loom.plans(&entries);
    for flow in resolved.system.flows.ids() {
        loom.flow(flow);
        loom.feed(flow);
    }
    loom.warn_unread();
    let answer_by = loom.answer_by();
    Wired {
        wiring: Wiring {
            name: variant.name.clone(),
            title: variant
                .value
                .title
                .clone()
                .unwrap_or_else(|| variant.name.clone()),
            edges: loom.edges,
            steps: loom.programs,
            entries,
            channels: loom.channels,
            copies: loom.copies,
            answer_by,
        },
        calls: loom.calls,
        consumes: loom.consumes,
    }
}

pub(super) struct Loom<'l, 'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) resolved: &'l Resolved<'a>,
    pub(super) reach: &'l Reach<'l>,
    pub(super) book: &'l mut Book<'a>,
    pub(super) mistakes: &'l mut Mistakes,
    pub(super) edges: IdVec<EdgeId, Edge>,
    pub(super) calls: IdVec<EdgeId, CallNote<'a>>,
    by_ends: BTreeMap<(StepId, StepId), EdgeId>,
    pub(super) programs: IdVec<StepId, Program>,
    pub(super) channels: IdVec<ChannelId, crate::model::Channel>,
    copies: IdVec<CopyId, Copy>,
    pub(super) consumes: IdVec<ChannelId, ConsumeNote<'a>>,
    channel_of: BTreeMap<StepId, ChannelId>,
    /// Of whom those ask who got a message that carries an id only.
    asks: BTreeMap<StepId, StepId>,
}

impl<'a> Loom<'_, 'a> {
    /// One edge from each source to the entry of its flow.
    fn entries(&mut self) -> IdVec<SourceId, EdgeId> {
        let mut entries = IdVec::new();
        for (source, written) in self.resolved.system.sources.enumerate() {
            let entry = self
                .resolved
                .system
                .flows
                .get(written.flow)
                .map(|flow| flow.entry);
            let entry = entry.filter(|&step| self.resolved.system.steps.get(step).is_some());
            entries.push(match entry {
                Some(entry) => {
                    let name = &self.scenario.traffic[source.idx()].name;
                    self.new_edge(None, name, entry)
                }
                None => EdgeId(u32::MAX),
            });
        }
        entries
    }

    /// What the gateway lets the clients of each source ask for.
    fn plans(&mut self, edges: &IdVec<SourceId, EdgeId>) {
        for (source, &edge) in edges.enumerate() {
            let plan = self.scenario.traffic[source.idx()].value.plan.as_ref();
            let plan = plan.map(|plan| Spanned {
                value: scenario::RateLimit {
                    rate: plan.value,
                    burst: None,
                    window: None,
                },
                place: plan.place,
            });
            let limit = parts::rate_limit(plan.as_ref(), self.mistakes);
            if let Some(limit) = limit.filter(|_| self.edges.get(edge).is_some()) {
                self.edges[edge].guards.insert(0, guards::plan(limit));
            }
        }
    }

    /// How clients learn the result; one edge from each source to the step that tells it.
    fn answer_by(&mut self) -> AnswerBy {
        let written = self.scenario.variant.value.answer_by.as_ref();
        let every = match written.map(|by| &by.value) {
            None | Some(scenario::AnswerBy::Call) => return AnswerBy::Call,
            Some(scenario::AnswerBy::Callback) => return AnswerBy::Callback,
            Some(scenario::AnswerBy::Poll { every, .. }) => *every,
        };
        let mut edges = IdVec::new();
        for (source, written) in self.resolved.system.sources.enumerate() {
            let flow = self.resolved.system.flows.get(written.flow);
            let tells = |step: &StepId| matches!(self.resolved.steps[*step].role, Role::Tells(_));
            let step = flow.and_then(|_| self.resolved.steps_of(written.flow).find(tells));
            let name = &self.scenario.traffic[source.idx()].name;
            edges.push(match step {
                Some(step) => self.new_edge(None, name, step),
                None => EdgeId(u32::MAX),
            });
        }
        self.plans(&edges);
        AnswerBy::Poll { every, edges }
    }

    fn flow(&mut self, flow: FlowId) {
        for step in self.resolved.steps_of(flow) {
            for item in &self.resolved.step(step).then {
                for who in self.who_does(step) {
                    let stage = self.stage(who, item, None);
                    self.programs[who].then.push(stage);
                }
            }
        }
        for step in self.resolved.steps_of(flow) {
            if let Role::StandsIn(of) = self.resolved.steps[step].role {
                self.programs[step].stands_for = Some(of);
            }
        }
        let written = &self.resolved.system.flows[flow];
        if written.steps.is_empty() {
            return;
        }
        let answered_at = self.reach.answered_at[flow];
        let is_saga = self.reach.shape == Shape::Orchestrated && answered_at.is_some();
        if is_saga {
            let undo = self.undo(flow, written.entry);
            self.programs[written.entry].saga = Some(Saga {
                answers_after: 0,
                undo,
            });
        }
        let mut carriers = vec![written.entry];
        let mut join: Option<Join> = None;
        for item in &written.items {
            for carrier in carriers
                .iter()
                .flat_map(|&step| self.who_does(step))
                .collect::<Vec<_>>()
            {
                let stage = self.stage(carrier, item, join.clone());
                self.programs[carrier].rest.push(stage);
            }
            let place = item
                .branches
                .first()
                .map(|&step| self.resolved.steps[step].item_idx);
            if let Some(saga) = &mut self.programs[written.entry].saga
                && place <= answered_at
            {
                saga.answers_after += 1;
            }
            // The stages after a join belong to the branch that took it: the others have settled.
            join = None;
            if let Some((next, joined)) = self.next_carriers(item) {
                carriers = next;
                join = joined;
            }
        }
        self.ask_back(flow);
    }

    /// A step, and those that stand in for it.
    fn who_does(&self, step: StepId) -> Vec<StepId> {
        let is_it =
            |of: &StepId| *of == step || self.resolved.steps[*of].role == Role::StandsIn(step);
        let flow = self.resolved.step(step).flow;
        self.resolved.steps_of(flow).filter(is_it).collect()
    }

    /// Whoever got an id calls the service of its sender for the rest, before anything else that it needs.
    fn ask_back(&mut self, flow: FlowId) {
        for (consumer, sender) in std::mem::take(&mut self.asks) {
            let asks = |step: &StepId| self.resolved.steps[*step].role == Role::Asks(sender);
            let Some(question) = self.resolved.steps_of(flow).find(asks) else {
                continue;
            };
            let edge = self.edge(consumer, question);
            let stage = Stage {
                edges: vec![edge],
                need: 1,
                join: None,
            };
            self.programs[consumer].then.insert(0, stage);
        }
    }

    /// Does a message to a step carry an id only?
    fn carries_id(&self, to: StepId) -> bool {
        let own = self.reach.overrides.get(self.resolved.name(to));
        let own = own.and_then(|entry| entry.value.carries);
        let carries = own.or(self.scenario.variant.value.carries);
        carries == Some(Carries::Id)
    }

    /// The edges by which the conductor of a saga has steps undone.
    fn undo(&mut self, flow: FlowId, entry: StepId) -> Vec<(StepId, EdgeId)> {
        let undoing =
            self.resolved
                .steps_of(flow)
                .filter_map(|step| match self.resolved.steps[step].role {
                    Role::Undoes(undone) => Some((undone, step)),
                    _ => None,
                });
        let undoing: Vec<(StepId, StepId)> = undoing.collect();
        undoing
            .into_iter()
            .map(|(undone, step)| (undone, self.edge(entry, step)))
            .collect()
    }

    /// Who carries on after `item`, and with which join; `None` if those do who brought the flow there.
    fn next_carriers(&self, item: &Item) -> Option<(Vec<StepId>, Option<Join>)> {
        let (required, need) = self.resolved.required_of(item);
        let by_message = required
            .iter()
            .any(|&step| matches!(self.reach.steps[step], Way::Message(_)));
        let is_chained = item.branches.len() == 1 && self.reach.shape != Shape::Orchestrated;
        if required.is_empty() || !(by_message || is_chained) {
            return None;
        }
        let join = (required.len() > 1).then(|| Join {
            steps: required.clone(),
            need,
        });
        Some((required, join))
    }

    fn stage(&mut self, from: StepId, item: &Item, join: Option<Join>) -> Stage {
        let edges = item
            .branches
            .iter()
            .map(|&to| self.edge(from, to))
            .collect();
        Stage {
            edges,
            need: item.need,
            join,
        }
    }

    fn edge(&mut self, from: StepId, to: StepId) -> EdgeId {
        if let Some(&edge) = self.by_ends.get(&(from, to)) {
            return edge;
        }
        let edge = self.new_edge(Some(from), self.resolved.name(from), to);
        self.by_ends.insert((from, to), edge);
        edge
    }

    /// Where the consumer takes no messages itself, somebody calls it for each: the sender of a webhook, and a worker beside
    /// the sender for a service that belongs to someone else.
    fn deliver_by_calls(
        &mut self,
        from: Option<StepId>,
        note: &ConsumeNote<'_>,
        channel: &mut Channel,
    ) {
        let to = channel.to;
        let services = &self.resolved.system.services;
        let is_webhook = self.resolved.webhook == Some(channel.broker);
        let is_stream = self.resolved.stream == Some(channel.broker);
        let consumer = services.get(self.resolved.step(to).service);
        let is_external = consumer.is_some_and(|service| service.external);
        if !is_stream {
            note.warn_of_replay(self.resolved.name(to), self.mistakes);
        }
        if !is_webhook && !is_external && !is_stream {
            if let Some(timeout) = note.timeout {
                let message = format!(
                    "`{}` takes its messages itself: `timeout` has no effect",
                    self.resolved.name(to)
                );
                self.mistakes
                    .warn(codes::UNUSED_KEY, timeout.place, message)
                    .help("`visibility` delivers again what takes too long");
            }
            note.refuse_of_calls(self.resolved.name(to), self.mistakes);
            return;
        }
        let Some(from) = from else {
            let place = self.scenario.variant.place;
            let message = format!(
                "a client cannot keep messages for `{}`",
                self.resolved.name(to)
            );
            self.mistakes
                .error(codes::NO_BROKER, place, message)
                .help("let a step of yours come first: it sends them");
            return;
        };
        if is_stream {
            note.refuse_of_calls(self.resolved.name(to), self.mistakes);
            let keeper = self.resolved.step(from).service;
            note.stream(keeper, self.resolved.name(to), channel, self.mistakes);
            return;
        }
        channel.post = Some(self.post_edge(from, to, note));
        channel.keeper = is_webhook.then(|| self.resolved.step(from).service);
        channel.prefetch = channel.workers.take().unwrap_or(UNLIMITED);
        channel.visibility = Duration::MAX;
        channel.ack = Ack::After;
    }

    /// The edge by which somebody calls the consumer for each message.
    fn post_edge(&mut self, from: StepId, to: StepId, note: &ConsumeNote<'_>) -> EdgeId {
        note.warn_of_posts(self.resolved.name(to), self.mistakes);
        let call = Call {
            timeout: note.timeout.map_or(Duration::MAX, |timeout| timeout.value),
            deadline: Duration::MAX,
            retry: Retry::NEVER,
            cancel: Cancel::RunsOn,
            deadline_of: DeadlineOf::Own,
        };
        self.calls.push(CallNote::default());
        self.edges.push(Edge {
            guards: note.guards(),
            ..Edge::plain(Some(from), to, Link::Call(call))
        })
    }

    fn new_edge(&mut self, from: Option<StepId>, from_name: &'a str, to: StepId) -> EdgeId {
        let to_name = self.resolved.name(to);
        if let (Some(from), true) = (
            from,
            self.reach.steps[to] != Way::Call && self.carries_id(to),
        ) {
            self.asks.entry(to).or_insert(from);
        }
        let (link, note) = match self.reach.steps[to] {
            Way::Call => {
                let note = self.book.call(from_name, to_name);
                (Link::Call(note.policies()), note)
            }
            Way::Request(broker) => {
                let channel = self.channel(from, to, broker);
                let note = self.book.call(from_name, to_name);
                note.warn_of_requests(to_name, self.mistakes);
                let mut publish = note.request(channel);
                publish.is_local = self.resolved.is_sender(broker);
                (Link::Publish(publish), note)
            }
            Way::Message(broker) => {
                let channel = self.channel(from, to, broker);
                let confirm = self
                    .resolved
                    .system
                    .brokers
                    .get(broker)
                    .map(|broker| broker.confirm);
                let mut publish = self.book.publish(channel, confirm);
                if self.resolved.is_sender(broker) {
                    // Kept with the sender's own work: there is no way to go, and nobody to refuse it.
                    publish.is_local = true;
                    publish.confirm = Confirm::Waits;
                    publish.when_refused = WhenRefused::Fail;
                    publish.timeout = Duration::MAX;
                }
                (Link::Publish(publish), CallNote::default())
            }
        };
        let fallback = self.fallback((from, from_name), to, &link, &note, &mut Vec::new());
        let (guards, budget) = (note.guards(self.mistakes), note.budget());
        let (hedge, has_static) = (note.hedge_over(&link), note.has_static(&link));
        let ejection = note.ejection_over(&link);
        self.calls.push(note);
        let copy = match &link {
            Link::Call(_) => self.copy_for(from, to),
            Link::Publish(_) => None,
        };
        self.edges.push(Edge {
            from,
            to,
            link,
            copy,
            fallback,
            is_degraded: false,
            guards,
            budget,
            hedge,
            has_static,
            ejection,
        })
    }

    /// The step that another service does instead of one, if that is written.
    fn stand_in(&self, step: StepId, written: &Spanned<Fallback>) -> Option<StepId> {
        let Fallback::Service(service) = &written.value else {
            return None;
        };
        let service = *self.resolved.index.services.get(service.as_str())?;
        let is_it = |of: &StepId| self.resolved.step(*of).service == service;
        let mut all = self.who_does(step).into_iter().filter(|&of| of != step);
        all.find(is_it)
    }

    /// The other way to a step, when that of `link` has failed for good: a broker or another service after a call, a call after a
    /// broker.
    /// Who has been `tried` in its place is not asked again.
    fn fallback(
        &mut self,
        (from, from_name): (Option<StepId>, &'a str),
        step: StepId,
        link: &Link,
        note: &CallNote<'a>,
        tried: &mut Vec<StepId>,
    ) -> Option<EdgeId> {
        let (mut to, mut further) = (step, None);
        let (link, note, is_degraded) = match link {
            Link::Call(_) if matches!(note.fallback?.value, Fallback::Service(_)) => {
                to = self.stand_in(step, note.fallback?)?;
                if tried.contains(&to) {
                    return None;
                }
                tried.push(to);
                let service = self.resolved.step(to).service;
                let name = &self.scenario.services[service.idx()].name;
                let note = self.book.call(from_name, name);
                let link = Link::Call(note.policies());
                further = self.fallback((from, from_name), step, &link, &note, tried);
                (link, note, true)
            }
            Link::Call(_) => {
                let broker = self.real_broker(note.fallback?)?;
                let channel = self.channel(from, to, broker);
                let confirm = self.resolved.system.brokers.get(broker);
                let publish = self
                    .book
                    .publish(channel, confirm.map(|broker| broker.confirm));
                (Link::Publish(publish), CallNote::default(), true)
            }
            Link::Publish(publish) => {
                let via = self.book.publish_fallback()?;
                if via.value != "call" {
                    let message = format!("`{}` is no other way than a broker", via.value);
                    self.mistakes
                        .error(codes::UNKNOWN, via.place, message)
                        .help("a sender falls back to a call: `fallback: { via: call }`");
                    return None;
                }
                if publish.awaits_reply || publish.is_local {
                    return None;
                }
                let note = self.book.call(from_name, self.resolved.name(to));
                (Link::Call(note.policies()), note, false)
            }
        };
        let (guards, budget) = (note.guards(self.mistakes), note.budget());
        let (hedge, has_static) = (note.hedge_over(&link), note.has_static(&link));
        let ejection = note.ejection_over(&link);
        self.calls.push(note);
        Some(self.edges.push(Edge {
            from,
            to,
            link,
            copy: None,
            fallback: further,
            is_degraded,
            guards,
            budget,
            hedge,
            has_static,
            ejection,
        }))
    }

    /// The broker that a fallback names; a sender that keeps its messages itself is none.
    fn real_broker(&mut self, written: &Spanned<Fallback>) -> Option<BrokerId> {
        let Fallback::Broker(via) = &written.value else {
            return None;
        };
        let brokers = &self.resolved.index.brokers;
        let found = brokers.get(via.as_str()).copied();
        if found.is_none() {
            let known = brokers.keys().copied();
            self.mistakes
                .unknown(codes::UNKNOWN, written.place, "broker", via, known);
        }
        found
    }

    fn channel(&mut self, from: Option<StepId>, to: StepId, broker: BrokerId) -> ChannelId {
        if let Some(&channel) = self.channel_of.get(&to) {
            return channel;
        }
        let note = self.book.consume(self.resolved.name(to));
        let own = self.scenario.brokers.get(broker.idx());
        let own = own.map(|entry| &entry.value);
        let mut channel = note.channel(broker, to, self.resolved, own, self.mistakes);
        self.deliver_by_calls(from, &note, &mut channel);
        self.consumes.push(note);
        let id = self.channels.push(channel);
        self.channel_of.insert(to, id);
        id
    }
}
