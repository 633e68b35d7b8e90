//! The ground floor: time, units, ids, chance, distributions, the calendar. Knows no service and no request.

pub mod calendar;
pub mod chance;
pub mod dist;
pub mod ids;
pub mod math;
pub mod time;
pub mod units;
