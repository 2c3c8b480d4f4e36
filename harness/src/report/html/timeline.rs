//! A finding's steps on a time line: one row for each call, a lane for each device with its owners, and a column for each
//! time step.

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::report::finding::{DeviceState, Finding, Moment};
use crate::report::steps::numbers;
use crate::scenario::DeviceRef;

/// The most time steps to show in columns. Those of a longer wait are left out.
const MOST_COLUMNS: usize = 8;

/// What the columns are.
struct Columns {
    /// The devices; `None` for all that the scenario did not create.
    devices: Vec<Option<DeviceRef>>,
    /// The time steps in which something was called or to which a code belongs.
    time_steps: Vec<i64>,
}

impl Columns {
    fn of(moments: &[Moment]) -> Self {
        let lanes = moments.iter().flat_map(|moment| moment.devices.iter().map(|state| state.device));
        let mut devices: Vec<_> = lanes.collect::<BTreeSet<_>>().into_iter().collect();
        // What the scenario did not create comes last.
        devices.sort_by_key(Option::is_none);
        // Without a code it doesn't matter when a call was made.
        let has_codes = moments.iter().flat_map(|moment| &moment.codes).any(|code| code.time_step.is_some());
        let codes = moments.iter().flat_map(|moment| moment.codes.iter().filter_map(|code| code.time_step));
        let calls = moments.iter().filter_map(|moment| moment.time_step);
        let time_steps: BTreeSet<i64> = codes.chain(calls).filter(|_| has_codes).collect();
        Self { devices, time_steps: time_steps.into_iter().take(MOST_COLUMNS).collect() }
    }
}

/// The steps. The last one shows the finding. A report of an earlier version has no lanes.
pub(super) fn timeline(finding: &Finding) -> Markup {
    let columns = Columns::of(&finding.timeline);
    let nothing = Moment::default();
    html! {
        @let coded = !columns.time_steps.is_empty();
        table.timeline {
            caption {
                "The calls in order, and after each of them who has which device."
                @if coded {
                    " A step is 30 seconds long, and the first call is in step 0. " span.now { "Here" }
                    " the call was made. " span.chip { "1" } " and " span.chip { "2" } " stand in the steps to which its codes belong."
                    @if finding.timeline.iter().flat_map(|moment| &moment.codes).any(|code| code.changed && code.time_step.is_some()) {
                        " A code with a frame, " span.chip.changed { "1" } ", was changed."
                    }
                }
            }
            thead {
                tr {
                    th scope="col" { "call" }
                    @for device in &columns.devices { th scope="col" { (lane(*device)) } }
                    @for at in &columns.time_steps { th.step scope="col" { "step " (signed(*at)) } }
                }
            }
            tbody {
                @for (index, (step, number)) in finding.steps.iter().zip(numbers(finding)).enumerate() {
                    (row(number, step, finding.timeline.get(index).unwrap_or(&nothing), &columns))
                }
            }
        }
    }
}

fn row(number: Option<usize>, step: &str, moment: &Moment, columns: &Columns) -> Markup {
    html! {
        tr {
            th scope="row" {
                @if let Some(number) = number { span.at { (number) } }
                @match step.split_once(" → ") {
                    Some((done, answer)) => { span.done { (done) } " " span.answer { (answer) } },
                    None => span.done { (step) },
                }
                @if let Some(words) = guessed(moment) { " " span.guess { (words) } }
            }
            @for device in &columns.devices {
                (owners(*device, moment.devices.iter().find(|state| state.device == *device)))
            }
            @for at in &columns.time_steps { (time_step(*at, moment)) }
        }
    }
}

/// Words on codes that belong to no time step.
fn guessed(moment: &Moment) -> Option<&'static str> {
    let guessed = moment.codes.iter().filter(|code| code.time_step.is_none()).count();
    match (guessed, moment.codes.len()) {
        (0, _) => None,
        (1, 1) => Some("The code belongs to no time step."),
        (1, _) => Some("One code belongs to no time step."),
        _ => Some("The codes belong to no time step."),
    }
}

/// Who has a device.
fn owners(device: Option<DeviceRef>, state: Option<&DeviceState>) -> Markup {
    let name = lane(device);
    let Some(state) = state else {
        return html! { td.lane.absent data-lane=(name) { "–" span.unseen { " not there" } } };
    };
    let owners: Vec<String> = state.owners.iter().map(ToString::to_string).collect();
    html! {
        @match (owners.as_slice(), state.exists) {
            ([], false) => td.lane.absent data-lane=(name) { "–" span.unseen { " not there" } },
            ([], true) => td.lane.free data-lane=(name) { "nobody" },
            (owners, _) => td.lane.owned data-lane=(name) { (owners.join(", ")) },
        }
    }
}

fn time_step(at: i64, moment: &Moment) -> Markup {
    let now = moment.time_step == Some(at);
    let codes = moment.codes.iter().filter(|code| code.time_step == Some(at));
    html! {
        td class={ "step" (if now { " now" } else { "" }) } data-lane={ "step " (signed(at)) } {
            @if now { span.unseen { "the call was made here" } }
            @for code in codes {
                span class={ "chip" (if code.changed { " changed" } else { "" }) } {
                    span.unseen { " code " } (code.number) @if code.changed { span.unseen { ", changed" } }
                }
            }
        }
    }
}

fn lane(device: Option<DeviceRef>) -> String {
    device.map_or_else(|| "other device".to_owned(), |device| device.to_string())
}

/// A number with its sign; 0 has none.
fn signed(number: i64) -> String {
    match number {
        0 => "0".to_owned(),
        1.. => format!("+{number}"),
        _ => format!("−{}", number.unsigned_abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    fn shown(finding: &Finding) -> String {
        timeline(finding).into_string()
    }

    #[test]
    fn a_row_shows_who_has_a_device_and_where_the_codes_belong() {
        let page = shown(&samples::finding_of(&samples::wrong_listing()));
        for cell in [
            "<td class=\"lane free\" data-lane=\"device 1\">nobody</td>",
            "<td class=\"lane owned\" data-lane=\"device 1\">user 1</td>",
            "<td class=\"step\" data-lane=\"step −1\"><span class=\"chip\"><span class=\"unseen\"> code </span>1</span></td>",
            "<td class=\"step now\" data-lane=\"step 0\">",
        ] {
            assert!(page.contains(cell), "{cell}\n{page}");
        }
        assert_eq!(page.matches("<tr>").count(), 1 + 4);
    }

    #[test]
    fn codes_of_no_time_step_are_named_and_need_no_columns() {
        let page = shown(&samples::finding_of(&samples::garbage_accepted()));
        assert!(page.contains("The codes belong to no time step.") && !page.contains("class=\"step"), "{page}");
    }

    #[test]
    fn a_report_without_moments_shows_its_steps() {
        let mut finding = samples::finding_of(&samples::wrong_listing());
        finding.timeline.clear();
        let page = shown(&finding);
        assert!(!page.contains("class=\"lane") && page.matches("<tr>").count() == 1 + finding.steps.len(), "{page}");
    }

    #[test]
    fn a_long_wait_adds_no_end_of_columns() {
        let mut finding = samples::finding_of(&samples::wrong_listing());
        for at in 0..100 {
            finding.timeline.push(Moment { time_step: Some(at), ..Moment::default() });
        }
        assert_eq!(shown(&finding).matches("class=\"step\" scope").count(), MOST_COLUMNS);
    }
}
