//! Overlapping calls as lines of text: a bar for each call on one scale of time, and the orders that were tried.

use super::finding::{Overlap, OverlappingCall, TriedOrder};

/// The width of the scale, in characters.
const SCALE: usize = 36;

/// The widest answer beside a bar, in characters.
const ANSWER: usize = 32;

/// The scale and a lane for each call.
pub(super) fn lanes(overlap: &Overlap) -> Vec<String> {
    let end = end(overlap);
    let last = format!("{end} µs");
    let mut lines = vec![format!("    0{last:>width$}", width = SCALE - 1)];
    lines.extend(overlap.calls.iter().map(|call| {
        let (from, to) = (place(call.began_us, end), place(call.ended_us, end));
        // A bar has two ends.
        let (from, to) = if from == to { (from.min(SCALE - 2), from.min(SCALE - 2) + 1) } else { (from, to) };
        let bar = format!("{}├{}┤", " ".repeat(from), "─".repeat(to - from - 1));
        format!("{:<4}{bar:<SCALE$}  {}", call.number, cut(&call.answer))
    }));
    lines
}

/// What the mark means.
pub(super) const LONGEST: &str = "* No other order holds for longer.";

/// What the orders below mean, in a sentence.
pub(super) fn heading(overlap: &Overlap) -> Option<String> {
    if overlap.orders.is_empty() {
        return None;
    }
    Some(match &overlap.shown_by {
        Some(shown) => format!("A call after them showed it: {shown}. No order of the calls explains this:"),
        None => "No order of the calls explains the replies:".to_owned(),
    })
}

/// An order and where it fails.
pub(super) fn order(order: &TriedOrder, overlap: &Overlap) -> String {
    let calls = order.calls.join(", ");
    let answer = |call: &&OverlappingCall| Some(&call.number) == order.fails_at.as_ref();
    match overlap.calls.iter().find(answer) {
        Some(call) => format!("{calls}: {} was answered {}; {} conforms", call.number, call.answer, order.expected),
        None => format!("{calls}: every reply may be so; after them {} conforms", order.expected),
    }
}

/// The mark before an order.
pub(super) const fn mark(order: &TriedOrder) -> &'static str {
    if order.longest { "* " } else { "  " }
}

/// The end of the scale, in microseconds.
pub(super) fn end(overlap: &Overlap) -> u64 {
    overlap.calls.iter().map(|call| call.ended_us).max().unwrap_or_default().max(1)
}

/// The column of an instant.
fn place(at: u64, end: u64) -> usize {
    let last = SCALE as u128 - 1;
    usize::try_from(u128::from(at.min(end)) * last / u128::from(end)).unwrap_or(SCALE - 1)
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(ANSWER) {
        None => text.to_owned(),
        Some(_) => text.chars().take(ANSWER - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn a_bar_has_two_ends_on_the_scale_and_a_lane_fits_into_77_columns() {
        let mut overlap = samples::finding_of(&samples::both_enabled()).overlap.unwrap();
        overlap.calls[0].answer = "409 ".repeat(100);
        for (began_us, ended_us) in [(0, 0), (0, 1), (1_000, 1_000), (999, 1_000), (0, u64::MAX), (u64::MAX, u64::MAX)]
        {
            overlap.calls[0].began_us = began_us;
            overlap.calls[0].ended_us = ended_us;
            for lane in lanes(&overlap).iter().skip(1) {
                assert!(lane.contains('├') && lane.contains('┤') && lane.chars().count() <= 77, "{lane}");
                assert!(lane.chars().take(4 + SCALE).any(|sign| sign == '┤'), "{lane}");
            }
        }
    }
}
