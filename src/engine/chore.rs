//! What is rare and due at an instant: looks at instances, brokers that move, instances that come and go, hedges, users who have thought
//! enough, faults that wait for something.

use super::event::Event;
use super::probe::Probe;
use super::record::Chore;
use super::world::World;
use crate::kernel::time::Time;

impl<P: Probe> World<'_, P> {
    /// Has something done at an instant, now or later.
    pub(super) fn at(&mut self, time: Time, chore: Chore) {
        let chore = self.chores.insert(chore);
        self.after(time - self.now(), Event::Chore(chore.idx));
    }

    /// Does what is due.
    #[cold]
    pub(super) fn do_chore(&mut self, idx: u32) {
        let Some(at) = self.chores.at(idx) else {
            return;
        };
        let chore = self.chores[at];
        self.chores.remove(at);
        match chore {
            Chore::Nothing => {}
            Chore::Look(service, instance) => self.look_at(service, instance),
            Chore::Found {
                service,
                instance,
                is_up,
            } => self.found(service, instance, is_up),
            Chore::Refresh(service) => self.refresh(service),
            Chore::Moved(broker) => self.change_broker(broker),
            Chore::Scale(service) => self.scale(service),
            Chore::Started(service, instance) => self.started(service, instance),
            Chore::Warm(service) => self.note_soundness(service),
            Chore::Ask(source) => self.ask(source),
            Chore::Watch(fault, is_armed) => self.look_for(fault, is_armed),
            Chore::Hedge(call, attempts) => self.hedge(call, attempts),
        }
    }
}
