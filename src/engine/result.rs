//! A client that was promised a result learns it in another way than by the answer to its call (A29): it asks from time to time,
//! or it is called back.
//!
//! ```text
//!   call ─► "accepted" ─► Promised ─┬─(every `poll`)─► asks the entry's service ─► done? ─ yes ─► answered
//!                                   │                                               └ no ─► asks again
//!                                   └─(the last goal reached)─► one hop ─► answered
//! ```

use super::draws::{happens, losses};
use super::event::Event;
use super::probe::Probe;
use super::record::{Caller, Client, NO_EVENT, News, Undo};
use super::slab::Ref;
use super::world::World;
use crate::model::AnswerBy;
use crate::policies::Outcome;

/// The lineage of what is called back.
const BACK: u16 = 1;

impl<P: Probe> World<'_, P> {
    /// The client's call is over, and there is more to come: it waits for the result.
    pub(super) fn promise(&mut self, run: Ref) {
        self.runs[run].client = Client::Promised;
        // As long as it waits the run is not closed, whatever is left of it.
        self.hold(run);
        if self.runs[run].goals_left == 0 {
            // Done while the promise was on its way.
            self.call_back(run);
        }
        self.ask_later(run);
    }

    /// The next question, if the client is one that asks.
    fn ask_later(&mut self, run: Ref) {
        if let AnswerBy::Poll { every, .. } = self.wiring.answer_by {
            self.runs[run].poll = self.after(every, Event::Result(run.idx));
        }
    }

    /// It is time to ask, or the client is called back.
    pub(super) fn result_due(&mut self, run: Ref) {
        let wiring = self.wiring;
        self.runs[run].poll = NO_EVENT;
        match &wiring.answer_by {
            AnswerBy::Poll { edges, .. } => {
                let record = &mut self.runs[run];
                record.polls = record.polls.wrapping_add(1);
                let (edge, lineage) = (edges[record.source], record.polls);
                let call = self.start_call(run, edge, Caller::Client, lineage);
                let is_open = self.calls.get(call).is_some();
                if let Some(record) = self.runs.get_mut(run).filter(|_| is_open) {
                    record.call = Some(call);
                }
            }
            AnswerBy::Callback => {
                self.accept(run, Outcome::Ok);
                self.release(run);
            }
            AnswerBy::Call => unreachable!("nobody was promised anything"),
        }
    }

    /// The service looks what became of the run, and says so in its answer.
    pub(super) fn look_up(&mut self, run: Ref) {
        let record = &mut self.runs[run];
        record.news = if record.goals_left == 0 {
            News::Done
        } else if record.parked || matches!(record.undo, Undo::Done | Undo::Late) {
            News::Failed
        } else {
            News::Open
        };
    }

    /// A question of a client is answered, or has failed: then it asks again.
    pub(super) fn asked(&mut self, run: Ref, outcome: Outcome) {
        match self.runs[run].news {
            News::Done if outcome.is_ok() => self.accept(run, outcome),
            News::Failed if outcome.is_ok() => self.tell_failure(run),
            _ => return self.ask_later(run),
        }
        self.release(run);
    }

    /// The last goal is reached: a client that is called back hears of it after a hop, if nothing is in the way.
    pub(super) fn call_back(&mut self, run: Ref) {
        if !matches!(self.wiring.answer_by, AnswerBy::Callback) {
            return;
        }
        let source = self.runs[run].source;
        let edge = self.wiring.entries[source];
        let entry = self.wiring.edges[edge].to;
        let who = self.who(run, BACK);
        let traveller = self.traveller(run, entry, who);
        let way = &self.edges[edge].back;
        let condition = &way.condition;
        let is_lost = condition.down.is_some()
            || happens(condition.drop, || {
                self.draws_of(run, entry).drop.draw(who + losses::REPLY)
            });
        if !is_lost {
            let hop = self.hop(way, traveller, |draws| draws.hop_back);
            self.runs[run].poll = self.after(hop, Event::Result(run.idx));
        }
    }
}
