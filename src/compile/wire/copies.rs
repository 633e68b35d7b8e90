//! Copies of data: who reads one before it calls, and how updates get there (A29b).
//!
//! ```text
//!   a step that writes ─► one publish ─► a channel for each instance that keeps a replica ─► `apply_<step>` there
//! ```

use super::weave::Loom;
use crate::brokers::{Ack, Kind};
use crate::compile::codes;
use crate::compile::resolve::{Copied, Role};
use crate::compile::wire::CallNote;
use crate::copies;
use crate::kernel::ids::{Id, IdVec};
use crate::model::{Copy, CopyId, Edge, EdgeId, Feed, FlowId, Link, Stage, StepId};
use crate::policies::balance::Balance;

impl Loom<'_, '_> {
    /// The copies, in file order.
    pub(super) fn copies(&self) -> IdVec<CopyId, Copy> {
        let copy = |copied: &Copied<'_>| Copy {
            data: copied.data,
            at: copied.at,
            kind: copied.written.value.kind,
        };
        self.resolved.copies.iter().map(copy).collect()
    }

    /// The copy that a caller reads before it calls a step.
    pub(super) fn copy_for(&self, from: Option<StepId>, to: StepId) -> Option<CopyId> {
        let at = self.resolved.step(from?).service;
        let data = self.resolved.step(to).reads?;
        let copies = &self.resolved.copies;
        let place = copies
            .iter()
            .position(|copy| (copy.data, copy.at) == (data, at));
        place.map(CopyId::from_idx)
    }

    /// Every step that writes publishes the update, when it is committed, to all who keep a replica.
    pub(super) fn feed(&mut self, flow: FlowId) {
        for step in self.resolved.steps_of(flow) {
            let Role::Applies(writer, copy) = self.resolved.steps[step].role else {
                continue;
            };
            let edges = self.feed_of(writer, step, copy);
            if edges.is_empty() {
                continue;
            }
            // A hand-over that fails leaves the copy stale, and nobody fails of it.
            let need = u32::try_from(edges.len()).expect("a count of instances");
            self.programs[writer].then.push(Stage {
                edges,
                need,
                join: None,
            });
        }
    }

    fn feed_of(&mut self, writer: StepId, step: StepId, copy: CopyId) -> Vec<EdgeId> {
        let Some(broker) = self.reach.broker_of(step) else {
            return Vec::new();
        };
        let copied = self.resolved.copies[copy.idx()];
        let services = &self.resolved.system.services;
        let (Some(service), Some(own)) = (
            services.get(copied.at),
            self.resolved.system.brokers.get(broker),
        ) else {
            return Vec::new();
        };
        let n = match service.balance {
            Balance::Shared => 1,
            _ => service.replicas,
        };
        if self.resolved.is_sender(broker) {
            let message = format!("the updates of `{}` need a broker", copied.written.name);
            let place = copied.written.place;
            self.mistakes
                .error(codes::COPY, place, message)
                .help("`via:` a topic or a log");
            return Vec::new();
        }
        if own.kind == Kind::Queue && n > 1 {
            let name = &self.resolved.system.names.brokers[broker];
            let message = format!(
                "each of the {n} instances of `{}` needs every update, and a queue gives each message to one of them",
                copied.written.value.at.value
            );
            let place = copied.written.place;
            self.mistakes
                .error(codes::COPY, place, message)
                .help(format!(
                    "`brokers: {{ {name}: {{ kind: topic }} }}`, or `log`"
                ));
            return Vec::new();
        }
        let confirm = Some(own.confirm);
        let mut edges = Vec::new();
        for instance in 0..n {
            // Whatever holds for every consumer holds for these; their workers are the service's own.
            let note = self.book.consume("*");
            note.refuse_of_calls(&copied.written.name, self.mistakes);
            let written = self.scenario.brokers.get(broker.idx());
            let written = written.map(|entry| &entry.value);
            let mut channel = note.channel(broker, step, self.resolved, written, self.mistakes);
            channel.workers = None;
            channel.ack = Ack::After;
            channel.feed = Some(Feed { copy, instance });
            self.consumes.push(note);
            let channel = self.channels.push(channel);
            self.calls.push(CallNote::default());
            let link = Link::Publish(self.book.publish(channel, confirm));
            edges.push(self.edges.push(Edge::plain(Some(writer), step, link)));
        }
        edges
    }

    /// Warns about copies that nobody reads.
    pub(super) fn warn_unread(&mut self) {
        let is_read = |copy: CopyId| self.edges.iter().any(|edge| edge.copy == Some(copy));
        let unread: Vec<Copied<'_>> = self
            .resolved
            .copies
            .iter()
            .enumerate()
            .filter(|(idx, _)| !is_read(CopyId::from_idx(*idx)))
            .map(|(_, copied)| *copied)
            .collect();
        for copied in unread {
            let message = format!(
                "no step at `{}` calls one that reads `{}`",
                copied.written.value.at.value, copied.written.name
            );
            self.mistakes
                .warn(codes::UNUSED_KEY, copied.written.place, message)
                .help("a copy is read by the step that would call the owner: `{ owner: { reads: … } }` comes right after it");
        }
        let unwritten = self.resolved.copies.iter().filter(|copied| {
            matches!(copied.written.value.kind, copies::Kind::Replica { .. })
                && !self
                    .resolved
                    .system
                    .steps
                    .iter()
                    .any(|step| step.writes == Some(copied.data))
        });
        for copied in unwritten.copied().collect::<Vec<_>>() {
            let message = format!(
                "no step writes `{}`: its replica never changes",
                copied.written.name
            );
            self.mistakes
                .warn(codes::UNUSED_KEY, copied.written.place, message);
        }
    }
}
