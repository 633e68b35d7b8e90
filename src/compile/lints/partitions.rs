//! Partitions that get more than one reader can do: a log is no faster than one message of each at a time (A26).

use super::load::Load;
use super::words;
use crate::brokers::Kind;
use crate::compile::codes;
use crate::compile::mistakes::Mistakes;
use crate::compile::resolve::Resolved;
use crate::compile::wire::Wired;
use crate::kernel::ids::Id;
use crate::kernel::units::format_share;
use crate::scenario::Scenario;

/// W217, for the hottest partition of each log.
pub(crate) fn lint(
    scenario: &Scenario,
    resolved: &Resolved<'_>,
    wired: &Wired<'_>,
    load: &Load,
    mistakes: &mut Mistakes,
) {
    for channel in &wired.wiring.channels {
        let broker = &resolved.system.brokers[channel.broker];
        // The keys of data are not those of a step.
        if broker.kind != Kind::Log || channel.feed.is_some() {
            continue;
        }
        let keys = resolved.step(channel.to).keys;
        let shares = keys.shares(broker.partitions);
        let hottest = shares.into_iter().fold(0.0, f64::max);
        let rho = load.rate[channel.to] * load.held_s[channel.to] * hottest;
        if rho < 1.0 {
            continue;
        }
        let entry = &scenario.brokers[channel.broker.idx()];
        let message = format!(
            "in `{}`, the fullest of the {} partitions of `{}` gets {} of the messages for `{}`: {}× what one reader can do",
            scenario.variant.name,
            broker.partitions,
            entry.name,
            format_share(hottest),
            resolved.name(channel.to),
            words::three(rho)
        );
        mistakes
            .warn(codes::HOT_PARTITION, entry.place, message)
            .help("a partition is read one message at a time: more `partitions`, more keys, or shorter work");
    }
}
