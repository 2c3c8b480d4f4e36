//! When each call of a history was sent and answered. Only the distances matter: codes are counted from the step in
//! which the call was sent, and the recording tells that step.

use std::collections::BTreeMap;

use mfa_reference::{Millis, TimeStep, Window};

use super::form::{CodesForm, HistoryForm, StepForm};

/// When a call was sent and answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant {
    /// When it was sent.
    pub sent: Millis,
    /// When its answer came.
    pub answered: Millis,
}

impl Instant {
    /// When the service may have looked at its clock.
    #[must_use]
    pub const fn window(self) -> Window {
        Window { from: self.sent, to: self.answered }
    }
}

/// How long a request took, in milliseconds.
const TOOK: i64 = 700;
/// Between calls whose times were not recorded, in milliseconds.
const PAUSE: i64 = 1_000;
/// Where a history begins whose time was not recorded.
const BEGINNING: Millis = Millis(1_771_320_000_000);

/// The instants of a history's calls.
pub(super) fn timeline(form: &HistoryForm) -> Result<Vec<Instant>, String> {
    let begins = beginning(form)?;
    let of_answers = form.time.as_deref().is_some_and(|time| time.contains("answer"));
    let mut before = begins;
    let mut instants: Vec<Instant> = Vec::with_capacity(form.steps.len());
    for step in &form.steps {
        let sent = match step.at {
            Some(at) => {
                let at = milliseconds(at).ok_or_else(|| format!("{at} is not a time in seconds"))?;
                begins.plus(at - if of_answers { TOOK } else { 0 })
            }
            None => before.plus(PAUSE),
        };
        instants.push(Instant { sent, answered: sent.plus(TOOK) });
        before = sent.plus(TOOK);
    }
    let first = first_step(form, &instants);
    for (step, instant) in form.steps.iter().zip(&mut instants) {
        if let (Some(first), Some((offset, from_first))) = (first, counted(step)) {
            *instant = moved_into(*instant, first.plus(from_first - offset));
        }
    }
    Ok(instants)
}

fn beginning(form: &HistoryForm) -> Result<Millis, String> {
    let Some(begins) = &form.begins else { return Ok(BEGINNING) };
    // The step counts; of the time, where in the step it lies.
    let seconds = begins.utc.trim_end_matches('Z').rsplit(':').next().and_then(|seconds| seconds.parse::<f64>().ok());
    let millis = seconds
        .and_then(milliseconds)
        .ok_or_else(|| format!("it begins at {:?}: write a time as 2026-09-11T19:58:24.00Z", begins.utc))?;
    Ok(TimeStep(begins.totp_step).start().plus(millis.rem_euclid(TimeStep::MILLIS)))
}

/// A time in whole milliseconds, if it is one that a history can have.
fn milliseconds(seconds: f64) -> Option<i64> {
    let whole = (seconds * 1_000.0).round();
    // Ten digits of milliseconds are a quarter of a year.
    (0.0..1e10).contains(&whole).then(|| format!("{whole:.0}").parse().ok()).flatten()
}

/// The step of a call's first code, counted from the time of sending and from the history's first step.
fn counted(step: &StepForm) -> Option<(i64, i64)> {
    let offset = match (&step.codes, &step.codes_detail) {
        (_, Some(steps)) | (Some(CodesForm::Offsets(steps)), None) => steps.first()?,
        (Some(CodesForm::Words(_)) | None, None) => return None,
    };
    Some((*offset, *step.steps_from_first.as_ref()?.first()?))
}

/// The history's first step, as most of its calls have it: times are recorded to a second or so.
fn first_step(form: &HistoryForm, instants: &[Instant]) -> Option<TimeStep> {
    let mut votes: BTreeMap<TimeStep, usize> = BTreeMap::new();
    for (step, instant) in form.steps.iter().zip(instants) {
        if let Some((offset, from_first)) = counted(step) {
            *votes.entry(instant.sent.step().plus(offset - from_first)).or_default() += 1;
        }
    }
    votes.into_iter().max_by_key(|(step, count)| (*count, std::cmp::Reverse(*step))).map(|(step, _)| step)
}

/// The nearest instant at which a call is sent in a step.
fn moved_into(instant: Instant, step: TimeStep) -> Instant {
    let sent = instant.sent.0.clamp(step.start().0, step.plus(1).start().0 - 1);
    let sent = Millis(sent);
    Instant { sent, answered: sent.plus(instant.answered.0 - instant.sent.0) }
}
