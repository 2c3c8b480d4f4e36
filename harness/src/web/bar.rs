//! A bar of several parts, with its figures in words.

use maud::{Markup, html};

/// The length of a bar, in its own units.
const LENGTH: u64 = 1_000;

/// The least length of a part that is there, so that one of a thousand is still seen.
const LEAST: u64 = 6;

/// What a part says, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// As documented.
    Good,
    /// Not as documented.
    Bad,
    /// Undocumented.
    Open,
    /// Not tested.
    Missing,
    /// Neither good nor bad.
    Plain,
    /// Neither good nor bad, beside [`Kind::Plain`].
    Other,
}

impl Kind {
    const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Open => "open",
            Self::Missing => "missing",
            Self::Plain => "plain",
            Self::Other => "other",
        }
    }
}

/// A part of a bar.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// What it says.
    pub kind: Kind,
    /// How long it is.
    pub count: u64,
    /// What is counted: "accepted".
    pub word: &'static str,
}

/// A stacked bar. The figures below it say the same to people who don't see it.
pub(crate) fn bar(parts: &[Part]) -> Markup {
    let shown: Vec<&Part> = parts.iter().filter(|part| part.count > 0).collect();
    html! {
        div.bar {
            svg viewBox={ "0 0 " (LENGTH) " 10" } preserveAspectRatio="none" aria-hidden="true" {
                @for (part, (from, length)) in shown.iter().zip(lengths(&shown)) {
                    rect class=(part.kind.class()) x=(from) width=(length) height="10" {}
                }
            }
            ul.key {
                @for part in shown { li class=(part.kind.class()) { b { (part.count) } " " (part.word) } }
            }
        }
    }
}

/// Where each part begins, and how long it is without the gap behind it.
fn lengths(parts: &[&Part]) -> Vec<(u64, u64)> {
    const GAP: u64 = 3;
    let total: u64 = parts.iter().map(|part| part.count).sum::<u64>().max(1);
    let least = LEAST * parts.len() as u64;
    let share = |count: u64| LEAST + (count.saturating_mul(LENGTH.saturating_sub(least))) / total;
    let mut from = 0;
    parts
        .iter()
        .map(|part| {
            let length = share(part.count);
            let begin = from;
            from += length;
            (begin, length - GAP)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_seen_and_all_fit_into_the_bar() {
        let part = |count| Part { kind: Kind::Good, count, word: "accepted" };
        for counts in [[1, 100_000, 3], [5, 5, 5], [u64::from(u32::MAX), 1, 1]] {
            let parts = counts.map(part);
            let lengths = lengths(&parts.iter().collect::<Vec<_>>());
            assert!(lengths.iter().all(|(_, length)| *length > 2), "{lengths:?}");
            assert!(lengths.windows(2).all(|pair| pair[0].0 + pair[0].1 < pair[1].0), "{lengths:?}");
            let (from, length) = lengths[2];
            assert!((900..=LENGTH).contains(&(from + length)), "{lengths:?}");
        }
    }

    #[test]
    fn the_figures_are_text_and_nothing_is_said_of_what_is_not_there() {
        let parts = [(Kind::Plain, 3, "accepted"), (Kind::Bad, 0, "failed")];
        let bar = bar(&parts.map(|(kind, count, word)| Part { kind, count, word })).into_string();
        assert!(bar.contains("<b>3</b> accepted") && !bar.contains("failed"), "{bar}");
        assert!(bar.contains("aria-hidden"));
    }
}
