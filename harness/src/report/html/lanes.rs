//! Calls that overlapped: a lane for each, with a bar from its beginning to its end, and the orders that were tried.

use maud::{Markup, html};

use crate::report::finding::Overlap;

/// The width of the picture, in its own units.
const WIDTH: u64 = 1_000;

/// The lanes and the orders.
pub(super) fn lanes(overlap: &Overlap) -> Markup {
    let length = overlap.length_us();
    let place = |micros: u64| micros * WIDTH / length;
    html! {
        div.lanes {
            p { "From the release to the last reply " (overlap.duration()) "." }
            ol {
                @for call in &overlap.calls {
                    li {
                        (call.operation) " → " (call.answer)
                        div.bar {
                            svg viewBox={ "0 0 " (WIDTH) " 10" } preserveAspectRatio="none" aria-hidden="true" {
                                rect.plain x=(place(call.began_us)) y="0" height="10"
                                    width=(place(call.ended_us).saturating_sub(place(call.began_us)).max(4)) {}
                            }
                        }
                    }
                }
            }
            @if overlap.shown_by_listing { p { "The listing that followed shows the finding." } }
            @if !overlap.orders.is_empty() {
                p { "No order of these calls is permitted:" }
                ul { @for order in &overlap.orders { li { (order.sentence()) } } }
            }
        }
    }
}
