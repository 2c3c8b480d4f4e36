//! Calls that overlapped: a lane with a bar for each on one scale of time, and the orders that were tried.

use maud::{Markup, html};

use crate::report::drawing::{end, heading, order};
use crate::report::finding::{Overlap, OverlappingCall};

/// The width of the scale in the units of the drawing.
const SCALE: u64 = 1_000;

/// The least width of a bar.
const LEAST: u64 = 8;

pub(super) fn lanes(overlap: &Overlap) -> Markup {
    let end = end(overlap);
    html! {
        p.faint { "Each bar begins when the call was sent and ends when its reply had been read. The scale ends at " (end) " µs." }
        div.lanes {
            @for call in &overlap.calls {
                div.call {
                    p { b { (call.number) } " " (call.step) }
                    (bar(call, end))
                    p.answer { (call.answer) span.span { " " (call.began_us) "–" (call.ended_us) " µs" } }
                }
            }
        }
        @if let Some(heading) = heading(overlap) {
            p { (heading) }
            ol.orders {
                @for one in &overlap.orders {
                    li class=[one.longest.then_some("longest")] {
                        (order(one, overlap))
                        @if one.longest { " " span.faint { "(no other order holds for longer)" } }
                    }
                }
            }
        }
    }
}

fn bar(call: &OverlappingCall, end: u64) -> Markup {
    let place = |at: u64| u64::try_from(u128::from(at.min(end)) * u128::from(SCALE) / u128::from(end)).unwrap_or(SCALE);
    let from = place(call.began_us).min(SCALE - LEAST);
    let width = place(call.ended_us).saturating_sub(from).max(LEAST);
    html! {
        svg viewBox={ "0 0 " (SCALE) " 10" } preserveAspectRatio="none" aria-hidden="true" {
            rect.lane width=(SCALE) height="10" {}
            rect.bar x=(from) width=(width) height="10" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn every_bar_is_on_the_scale_and_can_be_seen() {
        let overlap = samples::finding_of(&samples::both_enabled()).overlap.unwrap();
        let mut call = overlap.calls[0].clone();
        for (began_us, ended_us, drawn) in [
            (0, 2_000, "x=\"0\" width=\"1000\""),
            (500, 1_000, "x=\"250\" width=\"250\""),
            (2_000, 2_000, "x=\"992\" width=\"8\""),
        ] {
            (call.began_us, call.ended_us) = (began_us, ended_us);
            let bar = bar(&call, 2_000).into_string();
            assert!(bar.contains(drawn), "{bar}");
        }
    }

    #[test]
    fn the_orders_begin_with_the_longest_and_say_what_showed_it() {
        let overlap = samples::finding_of(&samples::lost_association()).overlap.unwrap();
        let page = lanes(&overlap).into_string();
        assert!(page.contains("A call after them showed it: ListMFADevices about "), "{page}");
        assert!(page.contains("<li class=\"longest\">3b, 3a: every reply may be so;"), "{page}");
        assert_eq!(page.matches("<li").count(), 2);
    }
}
