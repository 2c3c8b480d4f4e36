//! When each call of a history was sent and answered. Only the distances matter: codes are counted from the time step
//! in which the call was sent, and the recording has that time step.

use std::collections::BTreeMap;

use mfa_reference::{Millis, TimeStep, Window};

use super::form::{CodesForm, HistoryForm, StepForm};

/// When a call was sent and answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant {
    /// When it was sent.
    pub sent: Millis,
    /// When it was answered.
    pub answered: Millis,
}

impl Instant {
    /// When the service may have read its clock.
    #[must_use]
    pub const fn window(self) -> Window {
        Window { from: self.sent, to: self.answered }
    }
}

/// The assumed duration of a request, in milliseconds.
const TOOK: i64 = 700;
/// The assumed time between calls without recorded times, in milliseconds.
const PAUSE: i64 = 1_000;
/// The assumed beginning of a history without a recorded time.
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
    // The recorded time step counts. The recorded time only gives the place within it.
    let seconds = begins.utc.trim_end_matches('Z').rsplit(':').next().and_then(|seconds| seconds.parse::<f64>().ok());
    let millis = seconds
        .and_then(milliseconds)
        .ok_or_else(|| format!("it begins at {:?}: write a time as 2026-09-11T19:58:24.00Z", begins.utc))?;
    Ok(TimeStep(begins.totp_step).start().plus(millis.rem_euclid(TimeStep::MILLIS)))
}

/// A time in whole milliseconds, if it is one that a history can have.
fn milliseconds(seconds: f64) -> Option<i64> {
    let whole = (seconds * 1_000.0).round();
    // Ten digits of milliseconds are almost four months.
    (0.0..1e10).contains(&whole).then(|| format!("{whole:.0}").parse().ok()).flatten()
}

/// The time step of a call's first code, relative to the time of sending and to the history's first time step.
fn counted(step: &StepForm) -> Option<(i64, i64)> {
    let offset = match (&step.codes, &step.codes_detail) {
        (_, Some(steps)) | (Some(CodesForm::Offsets(steps)), None) => steps.first()?,
        (Some(CodesForm::Words(_)) | None, None) => return None,
    };
    Some((*offset, *step.steps_from_first.as_ref()?.first()?))
}

/// The history's first time step, by a majority of its calls: recorded times are exact only to about a second.
fn first_step(form: &HistoryForm, instants: &[Instant]) -> Option<TimeStep> {
    let mut votes: BTreeMap<TimeStep, usize> = BTreeMap::new();
    for (step, instant) in form.steps.iter().zip(instants) {
        if let Some((offset, from_first)) = counted(step) {
            *votes.entry(instant.sent.step().plus(offset - from_first)).or_default() += 1;
        }
    }
    votes.into_iter().max_by_key(|(step, count)| (*count, std::cmp::Reverse(*step))).map(|(step, _)| step)
}

/// The instant of a call, moved by the least amount so that it is sent in a time step.
fn moved_into(instant: Instant, step: TimeStep) -> Instant {
    let sent = instant.sent.0.clamp(step.start().0, step.plus(1).start().0 - 1);
    let sent = Millis(sent);
    Instant { sent, answered: sent.plus(instant.answered.0 - instant.sent.0) }
}
