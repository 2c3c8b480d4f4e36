//! Why a clause is not covered, clause by clause.

use mfa_reference::ErrorCode as E;
use mfa_reference::clause::{Aspect, ClauseId as C};

/// Why no fault, variant or scenario covers a clause, or what covers it instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The ledger excludes the clause: no reply of this API's operations shows it.
    Excluded(&'static str),
    /// The same rule judges this recording and another clause, which is covered.
    SameRuleAs(C),
    /// The clause is open, and these variants follow another reading than the reference.
    Readings(&'static [&'static str]),
    /// The clause only permits answers, and these variants give them.
    Permits(&'static [&'static str]),
    /// The clause is open, and no scenario tests it.
    Unasked(&'static str),
}

impl Reason {
    /// The variants that the reason rests on.
    #[must_use]
    pub const fn variants(self) -> &'static [&'static str] {
        match self {
            Self::Readings(variants) | Self::Permits(variants) => variants,
            Self::Excluded(_) | Self::SameRuleAs(_) | Self::Unasked(_) => &[],
        }
    }
}

/// The reason of a clause, if it has one.
#[must_use]
pub fn reason(clause: C) -> Option<Reason> {
    match clause.clause().excluded {
        Some(why) => Some(Reason::Excluded(why)),
        None => recorded(clause).or_else(|| open(clause)),
    }
}

/// The Recorded clauses that no variant departs from.
fn recorded(clause: C) -> Option<Reason> {
    const SHOWN: C = C::ErrorStatus(E::ValidationError);
    let same = matches!(clause, C::ErrorStatus(_)) && clause.stance() == SHOWN.stance() && clause != SHOWN;
    same.then_some(Reason::SameRuleAs(SHOWN))
}

/// The clauses that are open.
#[expect(clippy::wildcard_enum_match_arm, reason = "few clauses are open")]
fn open(clause: C) -> Option<Reason> {
    const NOT_SENT: &str = "no scenario sends a value on which the readings differ";
    Some(match clause {
        C::Parameter(_, Aspect::PatternNonAscii | Aspect::LengthUnit) => Reason::Unasked(NOT_SENT),
        C::SerialNumberOwnArnBeyond => Reason::Unasked("no scenario makes a device with such an ARN"),
        C::WireUnclaimedContent => Reason::Readings(&["with-more-attributes", "with-more-elements"]),
        C::CommonTransient => {
            Reason::Permits(&["internal-failures-with-effect", "throttles", "unavailable-now-and-then"])
        }
        C::ErrorsPrecedence => Reason::Permits(&[
            "assignment-first",
            "codes-before-assignment",
            "codes-before-user",
            "device-before-user",
            "user-last",
        ]),
        C::SerialNumberProse => Reason::Readings(&["prose-marks-refused"]),
        C::EnableLateCodes => Reason::Readings(&["fresh-pair-only", "late-enable-out-of-sync", "window-of-a-day"]),
        C::EnableEarlyCodes => Reason::Readings(&["fresh-pair-only", "window-of-ten-steps"]),
        C::EnableReplayedCodes | C::ResyncReplayedCodes => {
            Reason::Readings(&["codes-taken-once", "codes-used-up-by-refusals"])
        }
        C::EnableCode2Adjacent | C::ResyncCode2Adjacent => Reason::Readings(&["gaps-in-pairs"]),
        C::ResyncDrifted => Reason::Readings(&["window-of-ten-steps"]),
        C::DeactivateDeviceRemains => Reason::Readings(&["deactivated-devices-removed"]),
        _ => return None,
    })
}
