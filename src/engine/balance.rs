//! Balancing (A12): which instance a call goes to, of those that its caller knows.

use super::probe::Probe;
use super::record::{Attempt, Caller, Owner};
use super::slab::Ref;
use super::world::World;
use crate::model::{EdgeId, ServiceId};
use crate::policies::balance::Balance;

/// The instances among which one is chosen.
enum Among {
    /// So many: all of them.
    All(u32),
    /// These; at least one.
    Some(Vec<u32>),
}

impl Among {
    fn len(&self) -> u32 {
        match self {
            Self::All(n) => *n,
            Self::Some(list) => u32::try_from(list.len()).expect("a count of instances"),
        }
    }

    /// The k-th of them.
    fn at(&self, k: u32) -> u32 {
        match self {
            Self::All(_) => k,
            Self::Some(list) => list[k as usize],
        }
    }
}

impl<P: Probe> World<'_, P> {
    /// Which instance a call goes to (A12): the balancer sees no outage but what discovery tells.
    pub(super) fn balance(&mut self, service: ServiceId, job: Ref) -> u32 {
        let state = &self.services[service];
        let n = u32::try_from(state.instances.len()).expect("a count of instances");
        if n == 1 {
            return 0;
        }
        if self.system.services[service].balance == Balance::Hash {
            return self.by_key(service, job, n);
        }
        let is_plain = state.view.is_none() && state.scaling.is_none() && !state.is_choosy;
        let among = if is_plain {
            Among::All(n)
        } else {
            Among::Some(self.candidates(service, job, n))
        };
        let n = among.len();
        if n == 1 {
            return among.at(0);
        }
        let k = match self.system.services[service].balance {
            Balance::Shared | Balance::Hash => 0,
            Balance::RoundRobin | Balance::ZoneAware => {
                let state = &mut self.services[service];
                let turn = if state.turn < n { state.turn } else { 0 };
                state.turn = turn + 1;
                if state.turn == n {
                    state.turn = 0;
                }
                turn
            }
            Balance::Random => {
                let record = &self.jobs[job];
                let mut draw = self.draws.at(record.draws).balance.draw(record.who);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a number from 0 to n, n excluded by the min"
                )]
                let k = (draw.uniform() * f64::from(n)) as u32;
                k.min(n - 1)
            }
            Balance::PowerOfTwo => {
                let record = &self.jobs[job];
                let stream = self.draws.at(record.draws).balance;
                let mut draw = stream.draw(record.who);
                let one = draw.below(n);
                // Another one: any of the n - 1 that follow it, around the corner.
                let other = (one + 1 + draw.below(n - 1)) % n;
                let inside = |k: u32| self.services[service].instances[among.at(k) as usize].inside;
                if inside(other) < inside(one) {
                    other
                } else {
                    one
                }
            }
            Balance::LeastRequests => {
                let instances = &self.services[service].instances;
                let inside = |k: &u32| instances[among.at(*k) as usize].inside;
                (0..n).min_by_key(inside).unwrap_or(0)
            }
        };
        among.at(k)
    }

    /// The instance that a flow run's key names, of all there are or could be; if it is not on the list, the next one around the
    /// corner that is. So an instance that goes moves its own keys only.
    fn by_key(&self, service: ServiceId, job: Ref, n: u32) -> u32 {
        let record = &self.jobs[job];
        let mut shares = self.services[service].shares.iter();
        let named = shares.find(|(step, _)| *step == record.step);
        let place = named.map_or(0, |(_, shares)| self.place_of_key(record.run, shares));
        let list = self.candidates(service, job, n);
        let around = (0..n).map(|k| (place + k) % n);
        let mut known = around.filter(|instance| list.contains(instance));
        known.next().unwrap_or(place)
    }

    /// The instances that come into question: those known to be up; of them those in the caller's zone, where that counts.
    fn candidates(&self, service: ServiceId, job: Ref, n: u32) -> Vec<u32> {
        let state = &self.services[service];
        let mut list: Vec<u32> = match state.view.as_deref().and_then(|view| view.known()) {
            Some(known) => known.to_vec(),
            None => (0..n).collect(),
        };
        if let Some(scaling) = state.scaling.as_deref()
            && !keep(&mut list, |instance| scaling.open.contains(&instance))
        {
            // None of those that are there is known to be up: to all of them.
            list.clone_from(&scaling.open);
        }
        let caller = self.caller_of(job);
        let system = &self.system.services[service];
        if system.balance == Balance::ZoneAware
            && let Some(zone) = caller.and_then(|(_, caller)| self.zone_of(caller))
        {
            keep(&mut list, |instance| system.zone_of(instance) == Some(zone));
        }
        if let Some((edge, caller)) = caller
            && let watches = &self.edges[edge].watches
            && !watches.is_empty()
        {
            // Without what this caller has taken off its list.
            let (watch, now) = (
                &watches[self.caller_instance(caller) % watches.len()],
                self.now(),
            );
            keep(&mut list, |instance| watch.is_on(instance, now));
        }
        if let Some(other) = self.first_asked(job) {
            keep(&mut list, |instance| instance != other);
        }
        list
    }

    /// By which edge a job is called, and by whom: of a hedge whoever waits for the call that it is of.
    fn caller_of(&self, job: Ref) -> Option<(EdgeId, Caller)> {
        let Owner::Call(call) = self.jobs[job].owner else {
            return None;
        };
        let record = self.calls.get(call)?;
        let caller = match record.caller {
            Caller::Hedge(of) => self.calls.get(of)?.caller,
            caller => caller,
        };
        Some((record.edge, caller))
    }

    /// Of a hedge: the instance that works for the request it is of. It goes to another one.
    fn first_asked(&self, job: Ref) -> Option<u32> {
        let Owner::Call(twin) = self.jobs[job].owner else {
            return None;
        };
        let Caller::Hedge(call) = self.calls.get(twin)?.caller else {
            return None;
        };
        match self.calls.get(call)?.attempt {
            Attempt::Job(first) => Some(self.jobs.get(first)?.instance),
            _ => None,
        }
    }
}

/// Keeps those for which something holds, or all if it holds for none; tells which.
fn keep(list: &mut Vec<u32>, is_kept: impl Fn(u32) -> bool) -> bool {
    let holds = list.iter().any(|&instance| is_kept(instance));
    if holds {
        list.retain(|&instance| is_kept(instance));
    }
    holds
}
