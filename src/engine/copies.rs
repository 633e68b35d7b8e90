//! Copies of data (A29b): reads that need no call, updates as they are committed and applied, what was read and how old it was.
//!
//! ```text
//!   a caller ─► its copy knows the key? ─ yes ─► goes on
//!                     └ no ─► calls the owner ─► (cache: keeps what it got; owner fails: uses what it has, if not too old)
//!   the owner commits ─► every copy misses it ─► (replica: message ─► applied)
//! ```

use super::draws::who;
use super::known::{Asked, Known};
use super::probe::{Probe, ReadFrom};
use super::record::{Attempt, Caller, Owner};
use super::slab::Ref;
use super::world::World;
use crate::copies::{Entry, Kind};
use crate::kernel::ids::Id as _;
use crate::kernel::time::{Duration, Time};
use crate::model::{CopyId, DataId, EdgeId, Feed, ServiceId, StepId};
use crate::policies::Outcome;

impl<P: Probe> World<'_, P> {
    /// The key of some data that a flow run means: the same wherever it reads or writes it (A4).
    pub(super) fn key_of(&self, run: Ref, data: DataId) -> u32 {
        let record = &self.runs[run];
        let n = self.system.data.len();
        let (popular, stream) = self.copies.keys[record.source.idx() * n + data.idx()];
        popular.sample(&mut stream.draw(who(record.ordinal, 0)))
    }

    /// A caller that keeps a copy reads there what it would ask for, or calls.
    pub(super) fn read_or_call(
        &mut self,
        copy: CopyId,
        job: Ref,
        edge: EdgeId,
        (stage, lineage): (u32, u16),
    ) {
        let run = self.jobs[job].run;
        let data = self.copies.states[copy].data;
        let key = self.key_of(run, data);
        let instance = self.instance_of(job, copy);
        if let Some(missing) = self.looked_up(copy, instance, key) {
            self.has_read(run, data, ReadFrom::Copy, missing);
            self.pass_over(job, run, edge, stage, lineage);
            return;
        }
        let call = self.start_call(run, edge, Caller::Job(job, stage), lineage);
        if self.calls.get(call).is_some() {
            let asked = Asked {
                copy,
                instance,
                key,
                is_read: false,
                stale_since: None,
            };
            self.copies.asked.insert(call.idx, asked);
        }
    }

    /// The instance in which a job reads a copy.
    fn instance_of(&self, job: Ref, copy: CopyId) -> u32 {
        let state = &self.copies.states[copy];
        let record = &self.jobs[job];
        let is_there = self.steps[record.step].service == state.at && state.instances.len() > 1;
        // Who does the rest of a step that is not needed is at no station: any instance will do.
        if is_there { record.instance } else { 0 }
    }

    /// What a copy knows of a key: since when it misses an update, if it does; nothing at all if the owner must be asked.
    #[expect(
        clippy::option_option,
        reason = "outside: is it known; inside: is it stale"
    )]
    fn looked_up(&mut self, copy: CopyId, instance: u32, key: u32) -> Option<Option<Time>> {
        let now = self.now();
        let state = &mut self.copies.states[copy];
        let kind = state.kind;
        match &mut state.instances[instance as usize] {
            Known::Replica {
                replica, loaded, ..
            } => (*loaded <= now).then(|| replica.oldest_missing(key)),
            Known::Cache(cache) => {
                let entry = cache.look(key)?;
                is_fresh(entry, kind, now).then_some(entry.stale_since)
            }
        }
    }

    /// Something was read for a flow run that missed an update since `missing`, or none.
    fn has_read(&mut self, run: Ref, data: DataId, from: ReadFrom, missing: Option<Time>) {
        let now = self.now();
        let staleness = missing.map_or(Duration::ZERO, |since| now - since);
        let counted = self.runs[run].counted;
        self.probe.read(now, data, counted, from, staleness);
    }

    /// A step's own work is done at the owner: what it writes is committed, what it reads is as it is now.
    pub(super) fn touch_data(&mut self, job: Ref) {
        let record = &self.jobs[job];
        let (run, owner) = (record.run, record.owner);
        let step = &self.system.steps[record.step];
        if let Some(data) = step.writes {
            self.commit(run, data);
        }
        let Some(data) = step.reads else {
            return;
        };
        match owner {
            Owner::Call(call) => {
                let is_awaited = self
                    .calls
                    .get(call)
                    .is_some_and(|call| call.attempt == Attempt::Job(job));
                if let Some(asked) = self.copies.asked.get_mut(&call.idx)
                    && is_awaited
                {
                    (asked.is_read, asked.stale_since) = (true, None);
                }
            }
            _ => self.has_read(run, data, ReadFrom::Owner, None),
        }
    }

    fn commit(&mut self, run: Ref, data: DataId) {
        let key = self.key_of(run, data);
        let now = self.now();
        for state in self
            .copies
            .states
            .iter_mut()
            .filter(|copy| copy.data == data)
        {
            state
                .instances
                .iter_mut()
                .for_each(|known| known.committed(key, now));
        }
        let copies = &self.copies.states;
        let asked = self.copies.asked.values_mut();
        for asked in asked
            .filter(|asked| asked.is_read && asked.key == key && copies[asked.copy].data == data)
        {
            asked.stale_since = asked.stale_since.or(Some(now));
        }
    }

    /// A call to a step that reads has succeeded: a cache keeps what it got.
    pub(super) fn got_data(&mut self, call: Ref, run: Ref, step: StepId) {
        let now = self.now();
        if let Some(data) = self.system.steps[step].reads {
            self.has_read(run, data, ReadFrom::Owner, None);
        }
        let Some(asked) = self.copies.asked.remove(&call.idx) else {
            return;
        };
        let known = &mut self.copies.states[asked.copy].instances[asked.instance as usize];
        if let Known::Cache(cache) = known {
            let entry = Entry {
                put: now,
                stale_since: asked.stale_since,
            };
            cache.put(asked.key, entry);
        }
    }

    /// A call to a step that reads has failed for good: what a cache has may do instead, as a degraded answer.
    pub(super) fn or_stale(
        &mut self,
        call: Ref,
        run: Ref,
        step: StepId,
        outcome: Outcome,
    ) -> Outcome {
        let Some(asked) = self.copies.asked.remove(&call.idx) else {
            return outcome;
        };
        let now = self.now();
        let state = &mut self.copies.states[asked.copy];
        let (
            Known::Cache(cache),
            Kind::Cache {
                ttl,
                stale_if_error,
                ..
            },
        ) = (&mut state.instances[asked.instance as usize], state.kind)
        else {
            return outcome;
        };
        let entry = cache.look(asked.key);
        let usable = entry
            .filter(|entry| now <= entry.put + ttl + stale_if_error && !stale_if_error.is_zero());
        let Some(entry) = usable else {
            return outcome;
        };
        let data = state.data;
        self.has_read(run, data, ReadFrom::OldCopy, entry.stale_since);
        self.mark_skipped(run, step);
        Outcome::Degraded
    }

    /// Nobody waits for the call any more.
    pub(super) fn forget_asked(&mut self, call: Ref) {
        if !self.copies.asked.is_empty() {
            self.copies.asked.remove(&call.idx);
        }
    }

    /// A consumer has done its work on an update: its instance knows the state that the message carried.
    pub(super) fn applied(&mut self, message: Ref, feed: Feed) {
        let Some(record) = self.messages.get(message) else {
            return;
        };
        let (run, as_of) = (record.run, record.committed);
        let data = self.copies.states[feed.copy].data;
        let key = self.key_of(run, data);
        let known = &mut self.copies.states[feed.copy].instances[feed.instance as usize];
        if let Known::Replica { replica, .. } = known {
            replica.apply(key, as_of);
        }
    }

    /// An instance has gone down, or is up again: what it knew is gone, and replicas are loaded anew, with everything that was
    /// committed when that begins.
    pub(super) fn copies_change(&mut self, service: ServiceId, instance: u32, is_down: bool) {
        let now = self.now();
        let all_down = self.services[service]
            .instances
            .iter()
            .all(|instance| instance.condition.down.is_some());
        for state in self
            .copies
            .states
            .iter_mut()
            .filter(|copy| copy.at == service)
        {
            let is_one = state.instances.len() == 1;
            if is_one && self.services[service].instances.len() > 1 && is_down && !all_down {
                // One copy for all of them: the others still have it.
                continue;
            }
            let known = &mut state.instances[if is_one { 0 } else { instance as usize }];
            match (known, state.kind) {
                (Known::Cache(cache), _) => cache.clear(),
                (
                    Known::Replica {
                        replica,
                        is_down: was_down,
                        loaded,
                    },
                    Kind::Replica { bootstrap },
                ) if *was_down != is_down => {
                    replica.reload();
                    *was_down = is_down;
                    *loaded = now + bootstrap;
                }
                _ => {}
            }
        }
    }
}

/// May an entry be used without asking?
fn is_fresh(entry: Entry, kind: Kind, now: Time) -> bool {
    match kind {
        Kind::Cache { ttl, .. } => now < entry.put + ttl,
        Kind::Replica { .. } => true,
    }
}
