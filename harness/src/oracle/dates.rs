//! The `EnableDate` of each device. A refused call doesn't change it (`enable.rejected-no-effect` and similar clauses),
//! nor does a Resync (`resync.keeps-association`).
//!
//! A date counts only if it didn't change while no call was made: a target may list the current time, or show an effect
//! late.

use std::collections::BTreeMap;

use mfa_reference::clause::ClauseId;
use mfa_reference::{MfaOperation, Millis, SuccessBody};

use super::observation::Observation;
use super::verdict::{Divergence, Expected, ObservedClass};
use crate::wire::{Answer, Observed};

/// How long a date must be unchanged to count, in milliseconds: longer than any settling time, and than a second.
pub const STILL_MS: i64 = 10_000;

/// The dates that were listed since the last change.
#[derive(Clone, Debug, Default)]
pub(super) struct Dates {
    /// By serial number.
    listed: BTreeMap<String, Listed>,
    /// The last call since the last listing, if no call since then changes dates.
    last: Option<Harmless>,
}

/// A call that changes no date.
#[derive(Clone, Copy, Debug)]
enum Harmless {
    Refused(MfaOperation),
    Resynchronized,
}

#[derive(Clone, Debug)]
struct Listed {
    date: String,
    since: Millis,
    still: bool,
}

impl Dates {
    /// Forgets all dates: calls that overlapped may have changed them.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Learns from a call. Returns a divergence if it lists a changed date after calls that don't change dates.
    pub(super) fn judge(&mut self, observation: &Observation<'_>) -> Option<Divergence> {
        let Observed::Reply(reply) = observation.observed else {
            self.listed.clear();
            return None;
        };
        match (&reply.answer, observation.operation.under_test()) {
            (Answer::Success(SuccessBody::MfaDevices(page)), _) => {
                let last = self.last.take();
                let mut changed = false;
                for item in &page.items {
                    changed |= self.list(&item.serial_number, &item.enable_date, observation.window.from);
                }
                last.filter(|_| changed).map(|last| divergence(observation, last))
            }
            (Answer::Error { .. }, Some(operation)) if reply.status < 500 => {
                self.last = Some(Harmless::Refused(operation));
                None
            }
            (Answer::Success(_), Some(MfaOperation::Resync)) => {
                self.last = Some(Harmless::Resynchronized);
                None
            }
            (Answer::Success(_) | Answer::Error { .. }, _) => {
                if !observation.operation.is_read() {
                    self.listed.clear();
                }
                None
            }
        }
    }

    /// Whether a date has changed that was unchanged for long enough to count.
    fn list(&mut self, serial: &str, date: &str, now: Millis) -> bool {
        let new = || Listed { date: date.to_owned(), since: now, still: false };
        match self.listed.get_mut(serial) {
            None => {
                self.listed.insert(serial.to_owned(), new());
                false
            }
            Some(known) if known.date == date => {
                known.still |= now.0 - known.since.0 >= STILL_MS;
                false
            }
            Some(known) => std::mem::replace(known, new()).still,
        }
    }
}

fn divergence(observation: &Observation<'_>, last: Harmless) -> Divergence {
    Divergence {
        clause: match last {
            Harmless::Refused(MfaOperation::Enable) => ClauseId::EnableRejectedNoEffect,
            Harmless::Refused(MfaOperation::Resync) => ClauseId::ResyncRejectedNoEffect,
            Harmless::Refused(MfaOperation::Deactivate) => ClauseId::DeactivateRejectedNoEffect,
            Harmless::Resynchronized => ClauseId::ResyncKeepsAssociation,
        },
        also: Vec::new(),
        operation: observation.operation,
        class: ObservedClass::Listing("a device is listed with another EnableDate"),
        expected: Expected::Words("the EnableDate that was listed before".to_owned()),
        permitted: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_counts_only_if_it_stood_still_for_ten_seconds() {
        let lists = |all: &[(&str, i64)]| {
            let mut dates = Dates::default();
            all.iter().map(|(date, at)| dates.list("s", date, Millis(*at))).collect::<Vec<_>>()
        };
        assert_eq!(lists(&[("a", 0), ("a", 10_000), ("b", 11_000)]), [false, false, true]);
        assert_eq!(lists(&[("a", 0), ("a", 9_999), ("b", 11_000)]), [false, false, false]);
        // The current time.
        assert_eq!(lists(&[("a", 0), ("b", 20_000), ("c", 40_000)]), [false, false, false]);
    }
}
