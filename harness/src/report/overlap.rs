//! The calls of a finding that overlapped, and the orders in which they may have been executed.

use std::time::Duration;

use super::expected_actual::expected_in_words;
use super::finding::{Overlap, OverlappingCall, TriedOrder};
use super::steps::{answer_of, in_short, is_action, number, observation, overlapping};
use crate::oracle;
use crate::run::result::Case;
use crate::scenario::ScenarioStep;
use crate::wire::escape_for_people;

/// The overlapping calls up to the one that shows the divergence; of several such steps, the last. `None` if no orders
/// were tried and the divergence is not that of an overlapping call.
pub(super) fn overlap(case: &Case) -> Option<Overlap> {
    let shown = case.trace.get(case.exchange)?;
    if case.orders.is_empty() && shown.overlap.is_none() {
        return None;
    }
    let steps = case.scenario.steps.iter().enumerate().take(shown.step.map_or(usize::MAX, |step| step + 1));
    let (step, actions) = steps.rev().find_map(|(index, step)| match step {
        ScenarioStep::Together { together } => Some((index, together)),
        ScenarioStep::One(_) => None,
    })?;
    let call = |(position, action)| {
        let exchange = overlapping(case, step, position)?;
        let interval = exchange.overlap?;
        Some(OverlappingCall {
            number: number(step, position),
            step: escape_for_people(&in_short(action)).into_owned(),
            answer: answer_of(exchange),
            began_us: micros(interval.began),
            ended_us: micros(interval.ended),
        })
    };
    let calls = actions.iter().enumerate().map(call).collect::<Option<Vec<_>>>()?;
    let longest = case.orders.iter().map(|order| order.permitted).max().unwrap_or_default();
    let mut orders: Vec<TriedOrder> = case.orders.iter().map(|order| tried(order, step, longest)).collect();
    orders.sort_by_key(|order| std::cmp::Reverse(order.permitted));
    let shown_by = (!is_action(case, shown)).then(|| observation(shown));
    Some(Overlap { calls, orders, shown_by })
}

fn tried(order: &oracle::TriedOrder, step: usize, longest: usize) -> TriedOrder {
    let calls: Vec<String> = order.calls.iter().map(|position| number(step, *position)).collect();
    TriedOrder {
        fails_at: calls.get(order.permitted).cloned(),
        calls,
        permitted: order.permitted as u64,
        expected: escape_for_people(&expected_in_words(&order.expected)).into_owned(),
        longest: order.permitted == longest,
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use crate::report::samples;

    #[test]
    fn calls_and_orders_are_numbered_as_the_steps() {
        let finding = samples::finding_of(&samples::both_enabled());
        let overlap = finding.overlap.unwrap();
        let numbers: Vec<&str> = overlap.calls.iter().map(|call| call.number.as_str()).collect();
        assert_eq!(numbers, ["4a", "4b"]);
        for call in &overlap.calls {
            let line = format!("{}. {} → {}", call.number, call.step, call.answer);
            assert!(finding.steps.contains(&line), "{line}");
        }
        let first = overlap.orders.first().unwrap();
        assert_eq!((first.fails_at.as_deref(), first.longest), (Some("4b"), true));
        assert_eq!(overlap.shown_by, None);
    }

    #[test]
    fn a_listing_after_the_calls_is_named_and_fails_every_order() {
        let overlap = samples::finding_of(&samples::lost_association()).overlap.unwrap();
        assert!(overlap.shown_by.unwrap().starts_with("ListMFADevices about "));
        let fails: Vec<Option<&str>> = overlap.orders.iter().map(|order| order.fails_at.as_deref()).collect();
        assert_eq!(fails, [None, Some("3b")]);
        assert!(overlap.orders[0].longest && overlap.orders[0].expected.starts_with("listed for "));
    }
}
