//! A wiring: what each step does about the next ones, and over which link.

use super::{
    BrokerId, ChannelId, CopyId, DataId, EdgeId, FlowId, ServiceId, SourceId, StepId, System,
};
use crate::brokers::{Ack, Confirm, Relay, WhenExhausted, WhenRefused};
use crate::copies;
use crate::kernel::ids::IdVec;
use crate::kernel::time::{Duration, Time};
use crate::policies::budget::Budget;
use crate::policies::guard::Guard;
use crate::policies::hedge::Hedge;
use crate::policies::outlier::OutlierEjection;
use crate::policies::rate_limit::RateLimit;
use crate::policies::retry::Retry;

/// One way to connect the steps of a system.
#[derive(Clone, Debug, PartialEq)]
pub struct Wiring {
    /// The variant's name.
    pub name: String,
    /// Its title for people; the name if none is given.
    pub title: String,
    /// Every way from a caller or sender to a step.
    pub edges: IdVec<EdgeId, Edge>,
    /// What each step does after its own work.
    pub steps: IdVec<StepId, Program>,
    /// The edge by which each source's clients reach their flow.
    pub entries: IdVec<SourceId, EdgeId>,
    /// One queue for each step reached by messages.
    pub channels: IdVec<ChannelId, Channel>,
    /// Local copies of data.
    pub copies: IdVec<CopyId, Copy>,
    /// How clients learn the result.
    pub answer_by: AnswerBy,
}

impl Wiring {
    /// The edges by which clients reach a flow, one for each of its sources.
    pub fn entries_of<'a>(
        &'a self,
        system: &'a System,
        flow: FlowId,
    ) -> impl Iterator<Item = EdgeId> + 'a {
        let entries = self.entries.enumerate();
        let own = entries.filter(move |(source, _)| system.sources[*source].flow == flow);
        own.map(|(_, &edge)| edge)
    }

    /// The source whose clients take an edge, if it is one of clients.
    #[must_use]
    pub fn source_of(&self, edge: EdgeId) -> Option<SourceId> {
        let polls = match &self.answer_by {
            AnswerBy::Poll { edges, .. } => Some(edges),
            AnswerBy::Call | AnswerBy::Callback => None,
        };
        let edges = std::iter::once(&self.entries).chain(polls);
        let mut edges = edges.flat_map(IdVec::enumerate);
        let is_it = |of: EdgeId| {
            let ways = std::iter::successors(Some(of), |&way| self.edges[way].fallback);
            ways.into_iter().any(|way| way == edge)
        };
        edges.find(|(_, of)| is_it(**of)).map(|(source, _)| source)
    }

    /// Does a step tell clients what became of their flow runs: with a promise, or when they ask?
    #[must_use]
    pub fn is_status(&self, step: StepId) -> bool {
        let leads_there =
            |edges: &IdVec<SourceId, EdgeId>| edges.iter().any(|&edge| self.edges[edge].to == step);
        match &self.answer_by {
            AnswerBy::Call => false,
            AnswerBy::Callback => leads_there(&self.entries),
            AnswerBy::Poll { edges, .. } => leads_there(&self.entries) || leads_there(edges),
        }
    }
}

/// Dead letters are delivered anew, one after another (A27).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redrive {
    /// When the first one is, on the run's clock.
    pub at: Time,
    /// From one to the next.
    pub gap: Duration,
}

/// How a client learns the result of what it asked for (A29).
#[derive(Clone, Debug, PartialEq)]
pub enum AnswerBy {
    /// By the answer to its call.
    Call,
    /// That answer is a promise; the client asks from time to time.
    Poll {
        /// From what it last heard to the next question.
        every: Duration,
        /// The edge by which the clients of each source ask.
        edges: IdVec<SourceId, EdgeId>,
    },
    /// That answer is a promise; the client is told, one hop after the last goal is reached.
    Callback,
}

/// A local copy of data, in every instance of a service; one for all of them where they share one line (A29b).
#[derive(Clone, Debug, PartialEq)]
pub struct Copy {
    /// Of what.
    pub data: DataId,
    /// The service that keeps it.
    pub at: ServiceId,
    /// How it learns what it has.
    pub kind: copies::Kind,
}

/// Which copy a channel keeps up to date, in which instance of its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feed {
    /// The copy.
    pub copy: CopyId,
    /// The instance: it alone consumes.
    pub instance: u32,
}

/// What a step does after its own work, stage by stage; it settles after the last.
///
/// A flow run that does not need the step (its `probability`) runs only `rest`, at no cost and at no station.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// What the step itself needs.
    pub then: Vec<Stage>,
    /// What the shape of the wiring hangs below it: the remainder of the flow in a chain or a choreography, nothing or
    /// (for the entry) every later step when orchestrated.
    pub rest: Vec<Stage>,
    /// A saga that the step conducts (for an entry).
    pub saga: Option<Saga>,
    /// The step that is done with this one, at another service (A20).
    pub stands_for: Option<StepId>,
}

impl Program {
    /// The stages of `rest` that the step's own answer waits for: not those that a saga conducts after it.
    #[must_use]
    pub fn answered(&self) -> &[Stage] {
        let n = self.saga.as_ref().map(|saga| saga.answers_after as usize);
        &self.rest[..n.unwrap_or(self.rest.len())]
    }
}

/// What the conductor of a saga does after it has answered, and after a step has failed for good (A29).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Saga {
    /// After so many stages of its `rest` the step answers; the stages from there on it conducts for nobody who waits.
    pub answers_after: u32,
    /// Which edge undoes which step, in the order of the flow.
    pub undo: Vec<(StepId, EdgeId)>,
}

/// Edges taken at once. An edge always leads to a step with a higher id than its sender's.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// The edges.
    pub edges: Vec<EdgeId>,
    /// How many must succeed; at least 1. An edge to an optional step counts as soon as it has settled, however it did.
    /// A publish has succeeded when the sender goes on (A23).
    pub need: u32,
    /// A join of branches that end in different places: the stage is taken only by the branch that finds it complete (the
    /// first one that does); the others settle here, without it and without the stages after it. `None` without a join.
    pub join: Option<Join>,
}

/// When parallel branches meet again.
#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    /// The branches, two or more, none of them optional. Each has this join first in its `rest`; it is done when it gets there.
    pub steps: Vec<StepId>,
    /// How many of them must be done (skipped ones count as done); at least 1.
    pub need: u32,
}

/// A way from a caller or sender to a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// The calling or sending step; `None` for a client.
    pub from: Option<StepId>,
    /// The step reached.
    pub to: StepId,
    /// By what.
    pub link: Link,
    /// The copy that the caller reads before it calls.
    pub copy: Option<CopyId>,
    /// The other way to the step, taken when this one has failed for good (A20).
    pub fallback: Option<EdgeId>,
    /// Does a value at hand stand for the result when it has failed for good (A20)?
    pub has_static: bool,
    /// Is it such another way, and only a promise of what was asked for?
    pub is_degraded: bool,
    /// What attempts must pass, the outermost first (A16).
    pub guards: Vec<Guarded>,
    /// What retries may draw upon, in each instance of the caller (A18).
    pub budget: Option<Budget>,
    /// When each instance of the caller takes one of the callee's off its list (A19).
    pub ejection: Option<OutlierEjection>,
    /// Further requests beside one that is out (A20).
    pub hedge: Option<Hedge>,
}

impl Edge {
    /// An edge with nothing but its link.
    #[must_use]
    pub const fn plain(from: Option<StepId>, to: StepId, link: Link) -> Self {
        Self {
            from,
            to,
            link,
            copy: None,
            fallback: None,
            has_static: false,
            is_degraded: false,
            guards: Vec::new(),
            budget: None,
            hedge: None,
            ejection: None,
        }
    }
}

/// A policy that turns attempts away, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guarded {
    /// The policy.
    pub guard: Guard,
    /// Whose it is.
    pub whose: Whose,
    /// Around what.
    pub around: Around,
}

/// Who shares the state of a policy (A19). The clients of a source always share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Each instance of the caller has its own, as libraries do.
    Instance,
    /// All instances of the caller share one.
    Shared,
}

/// What a policy stands around (A16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    /// The whole call: it is asked once, and told how the last attempt ended; a refusal is not retried.
    Call,
    /// Each attempt: retry is around it.
    Attempt,
}

/// What an edge is made of. Only the engine's `send` and `settle` look at it.
#[derive(Clone, Debug, PartialEq)]
pub enum Link {
    /// The caller waits for the answer.
    Call(Call),
    /// The sender hands over to a broker.
    Publish(Publish),
}

/// The caller's policies on an edge (A16).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Call {
    /// Limit for each attempt; [`Duration::MAX`] for none.
    pub timeout: Duration,
    /// Limit for the whole call, retries included; [`Duration::MAX`] for none.
    pub deadline: Duration,
    /// Further attempts.
    pub retry: Retry,
    /// Does giving up stop the callee (A17)?
    pub cancel: Cancel,
    /// Must it be over when its caller's own caller gives up (A17)?
    pub deadline_of: DeadlineOf,
}

impl Call {
    /// How long it can take in all, with every attempt and every wait, seconds; infinite without a limit.
    #[must_use]
    pub fn longest_s(&self) -> f64 {
        let limit = |span: Duration| {
            if span == Duration::MAX {
                f64::INFINITY
            } else {
                span.as_secs_f64()
            }
        };
        let tries = if self.retry.attempts == u32::MAX {
            f64::INFINITY
        } else {
            f64::from(self.retry.attempts)
        };
        let attempts = tries * limit(self.timeout) + self.retry.waits_longest_s();
        attempts.min(limit(self.deadline))
    }
}

/// Whose time limits a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeadlineOf {
    /// Its own only.
    Own,
    /// What is left to its caller too: deadline propagation.
    Caller,
}

/// Does giving up stop the callee (A17)?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancel {
    /// Queued work is dropped when reached and the rest is abandoned.
    Stops,
    /// The callee works on for nobody.
    RunsOn,
}

/// The sender's side of a hand-over (A23, A24).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Publish {
    /// Where to.
    pub channel: ChannelId,
    /// Does the sender go on only with the consumer's reply (request-reply, A29)? Its `timeout` and `retry` are then those of a
    /// call.
    pub awaits_reply: bool,
    /// Limit for the whole hand-over, retries included; [`Duration::MAX`] for none.
    pub deadline: Duration,
    /// Is there no way to the broker, because the sender itself keeps the message (a webhook, a stream)?
    pub is_local: bool,
    /// Does the sender wait for the broker's word?
    pub confirm: Confirm,
    /// What it does when the broker refuses, is full, or does not answer.
    pub when_refused: WhenRefused,
    /// How its outbox is emptied, under [`WhenRefused::Outbox`].
    pub relay: Relay,
    /// How long it waits for a confirm before it takes the attempt for refused; [`Duration::MAX`] for ever.
    pub timeout: Duration,
    /// Further attempts under [`WhenRefused::Retry`]; fails for good after the last.
    pub retry: Retry,
}

/// One consuming step's queue on a broker (A26, A27).
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// The broker.
    pub broker: BrokerId,
    /// The step that consumes.
    pub to: StepId,
    /// Workers of each instance set apart for this channel; `None`: it shares the service's workers with its calls.
    pub workers: Option<u32>,
    /// Unacked messages each instance holds at most; [`super::UNLIMITED`] for no bound.
    pub prefetch: u32,
    /// When the consumer acknowledges.
    pub ack: Ack,
    /// Until an unacked message shows again; [`Duration::MAX`] for never.
    pub visibility: Duration,
    /// Deliveries, and the wait before each further one after a failure.
    pub redeliver: Retry,
    /// What happens to a message out of deliveries.
    pub when_exhausted: WhenExhausted,
    /// Deliveries are calls over this edge (A29): the consumer takes nothing itself. `prefetch` then bounds those under way.
    pub post: Option<EdgeId>,
    /// The service that keeps the messages, where no broker does (a webhook, a stream): as long as it is down, nothing is delivered.
    pub keeper: Option<ServiceId>,
    /// No more deliveries begin than this allows.
    pub rate_limit: Option<RateLimit>,
    /// How long it sleeps when it has asked and found too little; [`Duration::ZERO`]: messages are pushed.
    pub poll: Duration,
    /// The most it takes at one asking; less than that sends it to sleep. At least 1.
    pub batch: u32,
    /// How long its consumers wait for a batch to fill, from the first message on.
    pub linger: Duration,
    /// On a log: until the group notices that a member is gone.
    pub session: Duration,
    /// On a log: how long nobody reads when members join or leave.
    pub rebalance: Duration,
    /// There is no broker but an open connection from `keeper` to each consumer; what one misses is lost, or sent again if it is
    /// not older than this.
    pub stream: Option<Duration>,
    /// What is parked until then is delivered anew.
    pub redrive: Option<Redrive>,
    /// The copy that its messages are updates of.
    pub feed: Option<Feed>,
}
