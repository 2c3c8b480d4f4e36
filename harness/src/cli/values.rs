//! The values of options, read from text.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::run::Shard;

/// Reads a shard. Without its index, it takes the index from 0 that Kubernetes gives to a pod.
pub(super) fn shard(text: &str) -> Result<Shard, String> {
    const INDEX: &str = "JOB_COMPLETION_INDEX";
    let Some(of) = text.strip_prefix('/') else {
        return text.parse().map_err(|error: crate::run::shard::NoShard| error.to_string());
    };
    let index = std::env::var(INDEX).map_err(|_| format!("{INDEX} isn't set: write K/{of}, as 1/{of}"))?;
    let shard = index.parse().ok().and_then(|index: u64| Shard::new(index.checked_add(1)?, of.parse().ok()?));
    shard.ok_or_else(|| format!("{INDEX} is {index:?}: no shard of {of:?} has that index"))
}

/// Reads how many scenarios play at once.
pub(super) fn workers(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=512) => Ok(number),
        _ => Err("write a number from 1 to 512".to_owned()),
    }
}

/// A time with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time(pub Duration);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(time) = self;
        if time.subsec_nanos() == 0 { write!(f, "{}s", time.as_secs()) } else { write!(f, "{}ms", time.as_millis()) }
    }
}

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        duration(text).map(Self)
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    /// A year. A longer time is a mistake.
    const MOST_MILLIS: u64 = 365 * 24 * 3_600_000;
    let digits = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit_millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => 0,
    };
    let millis = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit_millis));
    match millis {
        Some(millis) if unit_millis > 0 && millis <= MOST_MILLIS => Ok(Duration::from_millis(millis)),
        _ => Err(format!("{text:?} is not a time: write 500ms, 30s, 5m or 1h, a year at most")),
    }
}

/// Reads a time that is not zero.
pub(super) fn some_time(text: &str) -> Result<Time, String> {
    let time: Time = text.parse()?;
    if time.0.is_zero() { Err("nothing happens in no time: write 500ms or more".to_owned()) } else { Ok(time) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit() {
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("2m"), Ok(Duration::from_mins(2)));
        for (text, shown) in [("250ms", "250ms"), ("2m", "120s"), ("0s", "0s")] {
            assert_eq!(text.parse::<Time>().map(|time| time.to_string()), Ok(shown.to_owned()));
        }
        assert!(duration("10").unwrap_err().contains("write 500ms"));
        for wrong in ["ten s", "", "s", "1d", "-1s", "1.5s", "9999999999999999h", "99999999999999999999h", "9000h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
        assert!(some_time("0s").unwrap_err().contains("write 500ms or more"));
    }
}
