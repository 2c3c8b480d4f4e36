//! A shard is one of several runs that share one run's scenarios.
//!
//! Every shard probes the target and plays the examples, since the plan follows from them. Their results count only on
//! the first shard, and only it plays the scenarios that must play alone. The shards take turns with the others.

use std::fmt;
use std::str::FromStr;

/// The index of a shard and the number of shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u64,
    of: u64,
}

/// The error for a malformed name of a shard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no shard: write K/N, as 2/4 for the second of four")]
pub struct NoShard(String);

impl Shard {
    /// The whole run.
    pub const WHOLE: Self = Self { index: 1, of: 1 };

    /// The shard of this index, from 1, of `of` shards; `None` if the index is out of range.
    #[must_use]
    pub const fn new(index: u64, of: u64) -> Option<Self> {
        if index >= 1 && index <= of { Some(Self { index, of }) } else { None }
    }

    /// Its index, from 1.
    #[must_use]
    pub const fn index(self) -> u64 {
        self.index
    }

    /// The number of shards.
    #[must_use]
    pub const fn of(self) -> u64 {
        self.of
    }

    /// Whether it is the first shard, on which the scenarios of every shard count.
    #[must_use]
    pub const fn is_first(self) -> bool {
        self.index == 1
    }

    /// Whether it plays the scenario of this index, in a phase that the shards share.
    #[must_use]
    pub const fn plays(self, index: u64) -> bool {
        index % self.of == self.index - 1
    }

    /// The index of the scenario that it plays after `number` others.
    #[must_use]
    pub const fn nth(self, number: u64) -> u64 {
        number.saturating_mul(self.of).saturating_add(self.index - 1)
    }

    /// How many of `count` scenarios it plays.
    #[must_use]
    pub const fn share(self, count: u64) -> u64 {
        (count + self.of - self.index) / self.of
    }
}

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let parts = text.split_once('/').and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
        parts.and_then(|(index, of)| Self::new(index, of)).ok_or_else(|| NoShard(text.to_owned()))
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scenario_is_played_by_one_shard() {
        for of in 1..6 {
            let shards: Vec<Shard> = (1..=of).filter_map(|index| Shard::new(index, of)).collect();
            for index in 0..40 {
                assert_eq!(shards.iter().filter(|shard| shard.plays(index)).count(), 1);
            }
            for shard in shards {
                let played: Vec<u64> = (0..40).filter(|index| shard.plays(*index)).collect();
                let counted: Vec<u64> = (0..shard.share(40)).map(|number| shard.nth(number)).collect();
                assert_eq!(played, counted, "{shard}");
            }
        }
    }

    #[test]
    fn a_shard_is_named_by_its_index_and_their_number() {
        assert_eq!("2/4".parse::<Shard>().map(|shard| shard.to_string()), Ok("2/4".to_owned()));
        for wrong in ["", "2", "0/4", "5/4", "1/0", "-1/4", "a/b", "1/4/2"] {
            assert!(wrong.parse::<Shard>().unwrap_err().to_string().contains("as 2/4"), "{wrong}");
        }
    }
}
