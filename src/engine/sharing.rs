//! Processor sharing (A10): what is in service at an instance shares its cores evenly.
//!
//! With n in service on c cores each goes on at the pace min(1, c/n): whenever n changes, what is left of all of them is stretched.

use super::probe::Probe;
use super::record::NO_EVENT;
use super::slab::Ref;
use super::world::World;
use crate::kernel::time::Duration;

impl<P: Probe> World<'_, P> {
    /// A job begins its own work, which would take it so long alone: how long it takes among those that are there.
    #[cold]
    pub(super) fn join(&mut self, job: Ref, station: u32, alone: Duration) -> Duration {
        let Some(cores) = self.cores[station as usize].as_mut() else {
            return alone;
        };
        let before = cores.slowdown();
        cores.jobs.push(job.idx);
        let after = cores.slowdown();
        self.share(job, station, after / before);
        if after > 1.0 {
            Duration::from_secs_f64(alone.as_secs_f64() * after)
        } else {
            alone
        }
    }

    /// A job's own work is over, or it is gone.
    #[cold]
    pub(super) fn part(&mut self, job: Ref) {
        let station = self.jobs[job].station;
        let Some(cores) = self
            .cores
            .get_mut(station as usize)
            .and_then(Option::as_mut)
        else {
            return;
        };
        let Some(place) = cores.jobs.iter().position(|&idx| idx == job.idx) else {
            return;
        };
        let before = cores.slowdown();
        cores.jobs.swap_remove(place);
        let after = cores.slowdown();
        self.share(job, station, after / before);
    }

    /// The others at a station go on at another pace.
    fn share(&mut self, but: Ref, station: u32, factor: f64) {
        #[expect(
            clippy::float_cmp,
            reason = "the same number of jobs gives the same number"
        )]
        if factor == 1.0 {
            return;
        }
        let Some(cores) = self.cores[station as usize].as_ref() else {
            return;
        };
        for idx in cores.jobs.clone() {
            if idx == but.idx {
                continue;
            }
            let job = self.jobs.at(idx).expect("a job in service is alive");
            let is_stopped = self.jobs[job].event == NO_EVENT;
            self.reschedule(job, factor, is_stopped);
        }
    }
}
