//! Tells a probe that follows single flow runs what becomes of them. Without such a probe nothing of this is compiled in.

use super::probe::{Doing, Happening, Origin, Probe, Thing, WorksFor};
use super::record::{Caller, Owner};
use super::slab::Ref;
use super::world::World;
use crate::kernel::time::{Duration, Time};
use crate::policies::Outcome;

fn call(call: Ref) -> Thing {
    Thing::Call(call.name())
}

fn job(job: Ref) -> Thing {
    Thing::Job(job.name())
}

fn message(message: Ref) -> Thing {
    Thing::Message(message.name())
}

impl<P: Probe> World<'_, P> {
    /// Tells of a flow run, if it is followed.
    #[inline]
    pub(super) fn trace_run(&mut self, run: Ref, what: Happening) {
        if P::FOLLOWS && self.runs[run].is_followed {
            self.trace(|_| run, |_| what);
        }
    }

    /// Tells of the flow run of something, if it is followed. Apart from the code that runs all the time.
    #[cold]
    #[inline(never)]
    fn trace(&mut self, run: impl FnOnce(&Self) -> Ref, what: impl FnOnce(&Self) -> Happening) {
        let run = run(self);
        if self.probe.follows(run.idx) {
            let (now, what) = (self.now(), what(self));
            self.probe.happens(now, run.idx, what);
        }
    }

    /// A job does this now.
    #[inline]
    pub(super) fn job_does(&mut self, of: Ref, doing: Doing) {
        if P::FOLLOWS && self.jobs[of].is_followed {
            self.trace(
                |world| world.jobs[of].run,
                |_| Happening::Does(job(of), doing),
            );
        }
    }

    /// A call does this now.
    #[inline]
    pub(super) fn call_does(&mut self, of: Ref, doing: Doing) {
        if P::FOLLOWS && self.calls[of].is_followed {
            self.trace(
                |world| world.calls[of].run,
                |_| Happening::Does(call(of), doing),
            );
        }
    }

    /// A message does this now.
    #[inline]
    pub(super) fn message_does(&mut self, of: Ref, doing: Doing) {
        if P::FOLLOWS && self.messages[of].is_followed {
            self.trace(
                |world| world.messages[of].run,
                |_| Happening::Does(message(of), doing),
            );
        }
    }

    /// A call spends the time until it hears its word: one after another, from now on.
    #[inline]
    pub(super) fn call_spends(
        &mut self,
        of: Ref,
        spans: impl IntoIterator<Item = (Doing, Duration)>,
    ) {
        if P::FOLLOWS && self.calls[of].is_followed {
            let run = self.calls[of].run;
            let mut from: Time = self.now();
            for (doing, span) in spans {
                let to = from + span;
                self.trace(|_| run, |_| Happening::Spends(call(of), doing, from, to));
                from = to;
            }
        }
    }

    /// An attempt of a call begins.
    #[inline]
    pub(super) fn trace_attempt(&mut self, of: Ref) {
        if P::FOLLOWS && self.calls[of].is_followed {
            self.trace(
                |world| world.calls[of].run,
                |world| {
                    let record = &world.calls[of];
                    let (origin, number) = match record.caller {
                        Caller::Client => (Origin::Client, record.attempts),
                        Caller::Job(by, _) => (Origin::Of(job(by)), record.attempts),
                        Caller::Message(by, _) => (Origin::Of(message(by)), record.attempts),
                        Caller::Hedge(by) => {
                            let number = world.calls.get(by).map_or(1, |first| first.attempts);
                            (Origin::Beside(call(by)), number)
                        }
                    };
                    Happening::Attempt {
                        call: call(of),
                        origin,
                        edge: record.edge,
                        number,
                    }
                },
            );
        }
    }

    /// The present attempt of a call has ended.
    #[inline]
    pub(super) fn trace_settled(&mut self, of: Ref, outcome: Outcome) {
        if P::FOLLOWS && self.calls[of].is_followed {
            self.trace(
                |world| world.calls[of].run,
                |_| Happening::Settled {
                    call: call(of),
                    outcome,
                },
            );
        }
    }

    /// A job begins.
    #[inline]
    pub(super) fn trace_job(&mut self, of: Ref) {
        if P::FOLLOWS && self.jobs[of].is_followed {
            self.trace(
                |world| world.jobs[of].run,
                |world| {
                    let record = &world.jobs[of];
                    Happening::Job {
                        job: job(of),
                        works_for: match record.owner {
                            Owner::Call(by) => WorksFor::Attempt(call(by)),
                            Owner::Message(by, _) => WorksFor::Delivery(message(by)),
                            Owner::Rest(by, _) => WorksFor::Rest(job(by)),
                            Owner::Saga => WorksFor::Saga,
                        },
                        step: record.step,
                    }
                },
            );
        }
    }

    /// A job has come to an end.
    #[inline]
    pub(super) fn trace_finished(&mut self, of: Ref, outcome: Outcome) {
        if P::FOLLOWS && self.jobs[of].is_followed {
            self.trace(
                |world| world.jobs[of].run,
                |_| Happening::Finished {
                    job: job(of),
                    outcome,
                },
            );
        }
    }

    /// A message begins, because of a call.
    #[inline]
    pub(super) fn trace_message(&mut self, of: Ref, by: Ref) {
        if P::FOLLOWS && self.messages[of].is_followed {
            self.trace_sent(of, Origin::Of(call(by)));
        }
    }

    /// A message is another one once more.
    #[inline]
    pub(super) fn trace_copy(&mut self, of: Ref, like: Ref) {
        if P::FOLLOWS && self.messages[of].is_followed {
            self.trace_sent(of, Origin::Beside(message(like)));
        }
    }

    fn trace_sent(&mut self, of: Ref, origin: Origin) {
        self.trace(
            |world| world.messages[of].run,
            |world| Happening::Message {
                message: message(of),
                origin,
                channel: world.messages[of].channel,
            },
        );
    }

    /// A job is about to be no more.
    #[inline]
    pub(super) fn trace_job_gone(&mut self, of: Ref) {
        if P::FOLLOWS && self.jobs[of].is_followed {
            self.trace(|world| world.jobs[of].run, |_| Happening::Gone(job(of)));
        }
    }

    /// A call is about to be no more.
    #[inline]
    pub(super) fn trace_call_gone(&mut self, of: Ref) {
        if P::FOLLOWS && self.calls[of].is_followed {
            self.trace(|world| world.calls[of].run, |_| Happening::Gone(call(of)));
        }
    }

    /// A message is about to be no more.
    #[inline]
    pub(super) fn trace_message_gone(&mut self, of: Ref) {
        if P::FOLLOWS && self.messages[of].is_followed {
            self.trace(
                |world| world.messages[of].run,
                |_| Happening::Gone(message(of)),
            );
        }
    }
}
