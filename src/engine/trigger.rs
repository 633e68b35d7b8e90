//! Faults that come when there is too much of something (A30): somebody looks from time to time, and the fault begins.

use super::event::Event;
use super::probe::Probe;
use super::record::Chore;
use super::station::Station;
use super::timetable::{self, Switch};
use super::world::World;
use crate::faults::Gauge;
use crate::kernel::time::Time;
use crate::model::{FaultId, Trigger, UNLIMITED, Watched, Window};

impl<P: Probe> World<'_, P> {
    /// The first look for every fault that waits for something.
    pub(super) fn await_triggers(&mut self) {
        for (fault, record) in self.system.faults.enumerate() {
            if let Some(trigger) = record.when {
                self.at(trigger.from, Chore::Watch(fault, true));
            }
        }
    }

    /// Somebody looks. `is_armed`: has it not been so since the fault last began, so that it may begin again?
    pub(super) fn look_for(&mut self, fault: FaultId, is_armed: bool) {
        let Some(trigger) = self.system.faults[fault].when else {
            return;
        };
        let is_so = trigger.op.holds(self.read_gauge(&trigger), trigger.level);
        let acts = self.faults.acting[fault].is_some();
        match trigger.lasts {
            _ if is_so && is_armed && !acts => self.begin_window(fault, &trigger),
            None if !is_so && acts => self.end_window(fault),
            _ => {}
        }
        let next = self.now() + Trigger::LOOKS_EVERY;
        self.at(next, Chore::Watch(fault, !is_so));
    }

    /// What a gauge shows now.
    fn read_gauge(&self, trigger: &Trigger) -> f64 {
        let share = |part: u64, whole: u64| {
            #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
            let (part, whole) = (part as f64, whole as f64);
            if whole > 0.0 { part / whole } else { 0.0 }
        };
        match (trigger.gauge, trigger.of) {
            (_, Watched::Broker(broker)) => {
                let channels = self.brokers[broker].channels.iter();
                let ready = channels.map(|&channel| self.channels[channel].queue.n_ready());
                ready.map(f64::from).sum()
            }
            (Gauge::Backlog, Watched::Service(service)) => {
                let lines = &self.lines[self.services[service].stations()];
                let waiting: u64 = lines.iter().map(|line| line.waiting.len() as u64).sum();
                share(waiting, 1)
            }
            (Gauge::Utilization, Watched::Service(service)) => {
                let stations = &self.stations[self.services[service].stations()];
                let there = || stations.iter().filter(|station| !station.is_off);
                let total = |of: fn(&Station) -> u32| there().map(|s| u64::from(of(s))).sum();
                let taken: u64 = total(|station| station.busy + station.held);
                if there().any(|station| station.workers == UNLIMITED) {
                    return 0.0;
                }
                share(taken, total(|station| station.workers))
            }
        }
    }

    /// The fault begins, and is to end if it is known when.
    fn begin_window(&mut self, fault: FaultId, trigger: &Trigger) {
        let start = self.now();
        let end = trigger.lasts.map_or(Time::NEVER, |lasts| start + lasts);
        let windows = &mut self.faults.windows[fault];
        let nth = u32::try_from(windows.len()).expect("a count of windows");
        let window = Window { start, end };
        windows.push(window);
        let ramp = self.system.faults[fault].ramp;
        for switch in timetable::switches_of(fault, &window, nth, ramp) {
            if switch.at < Time::NEVER {
                self.switch_at(switch);
            }
        }
    }

    /// What the fault waited for is no longer so.
    fn end_window(&mut self, fault: FaultId) {
        let now = self.now();
        let windows = &mut self.faults.windows[fault];
        let nth = u32::try_from(windows.len()).expect("a count of windows") - 1;
        if let Some(window) = windows.last_mut() {
            window.end = now;
        }
        self.switch_at(Switch::end(now, fault, nth));
    }

    /// One more switch, now or later.
    fn switch_at(&mut self, switch: Switch) {
        let idx = self.faults.switches.len();
        self.faults.switches.push(switch);
        let event = Event::Fault(u32::try_from(idx).expect("a switch number"));
        self.after(switch.at - self.now(), event);
    }
}
