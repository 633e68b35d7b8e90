//! What those in service at an instance do to each other (A10): they share its cores evenly, or contend for something else.
//!
//! On shared cores: with n in service on c cores each goes on at the pace min(1, c/n): whenever n changes, what is left of all of them is stretched.

use super::probe::Probe;
use super::record::NO_EVENT;
use super::slab::Ref;
use super::world::World;
use crate::kernel::time::Duration;
use crate::model::Crowding;

impl<P: Probe> World<'_, P> {
    /// A job begins its own work, which would take it so long alone: how long it takes among those that are there.
    #[cold]
    pub(super) fn join(&mut self, job: Ref, station: u32, alone: Duration) -> Duration {
        let Some(crowd) = self.crowds[station as usize].as_mut() else {
            return alone;
        };
        if let Crowding::Contention(each) = crowd.law {
            let n = u64::from(self.stations[station as usize].busy) + 1;
            return alone + Duration(each.0.saturating_mul(n));
        }
        let before = crowd.slowdown();
        crowd.jobs.push(job.idx);
        let after = crowd.slowdown();
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
        let Some(crowd) = self
            .crowds
            .get_mut(station as usize)
            .and_then(Option::as_mut)
        else {
            return;
        };
        let Some(place) = crowd.jobs.iter().position(|&idx| idx == job.idx) else {
            return;
        };
        let before = crowd.slowdown();
        crowd.jobs.swap_remove(place);
        let after = crowd.slowdown();
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
        let Some(crowd) = self.crowds[station as usize].as_ref() else {
            return;
        };
        for idx in crowd.jobs.clone() {
            if idx == but.idx {
                continue;
            }
            let job = self.jobs.at(idx).expect("a job in service is alive");
            let is_stopped = self.jobs[job].event == NO_EVENT;
            self.reschedule(job, factor, is_stopped);
        }
    }
}
