//! Which partition a message goes to: by its key (A26).

/// The keys of a step's messages: what orders them and spreads them over partitions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Keys {
    /// How many there are, equally popular but for the hot one; `u32::MAX` for so many that they spread evenly.
    pub n: u32,
    /// Share of the flow runs that carry one same key, 0 to 1.
    pub hot: f64,
}

/// Lanes are walked one by one at each delivery.
const LANES_MOST: u32 = 1_000;

impl Keys {
    /// So many keys that they spread evenly, and none of them hot.
    pub const EVEN: Self = Self {
        n: u32::MAX,
        hot: 0.0,
    };

    /// The share of the messages that go to each partition. A key goes to the partition that its hash names, the hot one to
    /// the first.
    #[must_use]
    pub fn shares(self, n_partitions: u32) -> Vec<f64> {
        let mut weights = vec![0.0; n_partitions as usize];
        if self.n == u32::MAX {
            weights.fill(1.0);
        } else {
            for key in 0..self.n {
                weights[place_of(key, n_partitions) as usize] += 1.0;
            }
        }
        let total: f64 = weights.iter().sum();
        let mut shares: Vec<f64> = weights
            .iter()
            .map(|weight| (1.0 - self.hot) * weight / total)
            .collect();
        if let Some(first) = shares.first_mut() {
            *first += self.hot;
        }
        shares
    }

    /// In how many lanes a queue must keep the messages of its keys apart, and the share of each: one for each key, but no more than
    /// 1 000; more keys share some. `None` if every message has a key of its own.
    #[must_use]
    pub fn lanes(self) -> Option<Vec<f64>> {
        if self.n == u32::MAX && self.hot <= 0.0 {
            return None;
        }
        let even = Self {
            n: u32::MAX,
            ..self
        };
        Some(even.cumulative(self.n.min(LANES_MOST)))
    }

    /// For each partition the share of the messages that go to it or to one before it; the last is 1.
    #[must_use]
    pub fn cumulative(self, n_partitions: u32) -> Vec<f64> {
        let mut sum = 0.0;
        let mut cumulative = self.shares(n_partitions);
        for share in &mut cumulative {
            sum += *share;
            *share = sum;
        }
        if let Some(last) = cumulative.last_mut() {
            *last = 1.0;
        }
        cumulative
    }
}

/// The partition of a key: the finalizer of `SplitMix64`, as a hash, modulo the number of partitions.
///
/// # Panics
/// Without partitions.
#[must_use]
pub fn place_of(key: u32, n_partitions: u32) -> u32 {
    let mut hash = u64::from(key).wrapping_add(0x9e37_79b9_7f4a_7c15);
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^= hash >> 31;
    u32::try_from(hash % u64::from(n_partitions)).expect("below a count of 32 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hot_key_weighs_on_one_partition() {
        let keys = Keys {
            hot: 0.2,
            ..Keys::EVEN
        };
        let cumulative = keys.cumulative(8);
        assert!((cumulative[0] - 0.3).abs() < 1e-12);
        assert!((cumulative[1] - 0.4).abs() < 1e-12);
        assert!((cumulative[7] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn few_keys_spread_unevenly_and_many_evenly() {
        let share = |n| {
            let shares = Keys { n, hot: 0.0 }.shares(10);
            shares.into_iter().fold(0.0, f64::max)
        };
        // 10 balls into 10 bins: the fullest holds at least two, or each has one, which this hash does not do.
        assert!(share(10) >= 0.2);
        // 100 000 keys: a bin holds 10 000 ± 95 (binomial); five of those standard deviations.
        assert!((share(100_000) - 0.1).abs() < 5.0 * 0.000_95);
    }
}
