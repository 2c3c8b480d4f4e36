//! The time line of calls that overlapped, and the orders in which they may have been executed.
//!
//! Each call has a lane with a bar from its beginning to its end, as in the pictures of Porcupine.

use std::fmt::Write as _;

use super::expected_actual::in_words;
use super::finding::{Order, Overlap, OverlappingCall};
use crate::execute::{Exchange, Interval};
use crate::run::result::Case;
use crate::wire::escape_for_people;

/// How many characters the bars have in text.
const WIDTH: u64 = 32;

/// The overlapping calls of a case, and what is known of their order.
pub(super) fn overlap(case: &Case) -> Option<Overlap> {
    let shown = case.trace.get(case.exchange)?;
    let of_step = |exchange: &&Exchange| exchange.step == shown.step && exchange.overlap.is_some();
    let calls: Vec<OverlappingCall> = case.trace.iter().filter(of_step).filter_map(call).collect();
    if calls.is_empty() {
        return None;
    }
    let mut orders: Vec<Order> = case
        .orders
        .iter()
        .map(|tried| Order {
            calls: tried.calls.iter().map(|index| index + 1).collect(),
            permitted: tried.permitted,
            expected: escape_for_people(&tried.expected.to_string()).into_owned(),
        })
        .collect();
    orders.sort_by_key(|order| std::cmp::Reverse(order.permitted));
    Some(Overlap { calls, orders, shown_by_listing: shown.overlap.is_none() })
}

fn call(exchange: &Exchange) -> Option<OverlappingCall> {
    let Interval { began, ended } = exchange.overlap?;
    let micros = |duration: std::time::Duration| u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    let answer = in_words(&exchange.observed).trim_end_matches(", carried out").to_owned();
    Some(OverlappingCall {
        operation: exchange.call.operation.name().to_owned(),
        answer,
        began_us: micros(began),
        ended_us: micros(ended),
    })
}

impl Overlap {
    /// When the last call ended, in microseconds.
    pub(super) fn length_us(&self) -> u64 {
        self.calls.iter().map(|call| call.ended_us).max().unwrap_or_default().max(1)
    }

    /// How long the calls took together.
    pub(super) fn duration(&self) -> String {
        let micros = self.length_us();
        format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100)
    }

    /// The time line in text, a line for each call and each order.
    pub(super) fn lines(&self) -> Vec<String> {
        let length = self.length_us();
        let place = |micros: u64| usize::try_from(micros * WIDTH / length).unwrap_or_default();
        let width = usize::try_from(WIDTH).unwrap_or_default();
        let mut lines =
            vec![format!("the calls that overlap, {} from the release to the last reply:", self.duration())];
        for (number, call) in (1..).zip(&self.calls) {
            let from = place(call.began_us).min(width - 1);
            let bar = "=".repeat(place(call.ended_us).max(from + 1) - from);
            let bar = format!("{}{bar}", " ".repeat(from));
            lines.push(format!("  {number} |{bar:<width$}| {} → {}", call.operation, call.answer));
        }
        if self.shown_by_listing {
            lines.push("  the listing that followed shows the finding".to_owned());
        }
        lines.extend(self.orders.iter().map(|order| format!("  {}", order.sentence())));
        lines
    }
}

impl Order {
    /// The order, and why it is not permitted.
    pub(super) fn sentence(&self) -> String {
        let mut text = String::from("order ");
        for (index, number) in self.calls.iter().enumerate() {
            // Writing to a string cannot fail.
            let _infallible = write!(text, "{}{number}", if index > 0 { ", " } else { "" });
        }
        match self.calls.get(self.permitted) {
            Some(next) => text.extend([format!(": call {next} conforms only with {}", self.expected)]),
            None => text.extend([format!(": conforms only with {} afterwards", self.expected)]),
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_has_a_lane_and_each_order_its_reason() {
        let call = |began_us, ended_us| OverlappingCall {
            operation: "EnableMFADevice".to_owned(),
            answer: "200".to_owned(),
            began_us,
            ended_us,
        };
        let order = |calls: &[usize], permitted, expected: &str| Order {
            calls: calls.to_vec(),
            permitted,
            expected: expected.to_owned(),
        };
        let orders = vec![order(&[1, 2], 1, "409 EntityAlreadyExists"), order(&[2, 1], 2, "no device listed")];
        let overlap = Overlap { calls: vec![call(0, 2_000), call(1_000, 4_000)], orders, shown_by_listing: false };
        assert_eq!(
            overlap.lines(),
            [
                "the calls that overlap, 4.0 ms from the release to the last reply:",
                "  1 |================                | EnableMFADevice → 200",
                "  2 |        ========================| EnableMFADevice → 200",
                "  order 1, 2: call 2 conforms only with 409 EntityAlreadyExists",
                "  order 2, 1: conforms only with no device listed afterwards",
            ]
        );
    }
}
