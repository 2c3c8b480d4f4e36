//! The reasons for which an altered reply may be no divergence, and which fault may have which.

/// Why an altered reply may be no divergence. Of several that apply, the first is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AllowedDifference {
    /// It says the same in other words, or in an error's other dress that only recordings speak of (`message.words`,
    /// `wire.error.namespace`, `wire.error.type`, `wire.content-type`, `wire.request-id.unique`).
    Words,
    /// How a request of this form is read is nowhere written: a parameter that comes twice, no known action or version,
    /// or a Deactivate for which nobody named the user (`wire.duplicate-parameter`, `wire.missing-action`,
    /// `deactivate.default-user.other-callers`).
    Form,
    /// It is refused for another reason, which holds as well (`errors.precedence`) or is left open
    /// (`enable.replayed-codes`, `serial-number.prose`, `wire.unknown-parameter`).
    Reason,
    /// The call only sets up, and no clause speaks of its answer.
    SetUp,
    /// It has the same code with another status, which no page prints for that code (`wire.error.status.common.*`).
    Status,
    /// A listing has another date than the documented one's. No page says what the date is; only what has stood still
    /// for ten seconds has to (`enable.rejected-no-effect`).
    Dates,
    /// A user had another name: whether it keeps its devices, only recordings say (`rename.keeps-device`).
    Renamed,
    /// Among all devices those that were deactivated aren't listed any more (`deactivate.device-remains`).
    Gone,
    /// Two codes of the device, the second later than the first, are accepted at another time than theirs
    /// (`enable.late-codes`, `enable.early-codes`, `resync.drifted`).
    Codes,
}

impl AllowedDifference {
    /// All of them, in the order in which they are tried.
    pub(crate) const ALL: [Self; 9] = [
        Self::Words,
        Self::Form,
        Self::Reason,
        Self::SetUp,
        Self::Status,
        Self::Dates,
        Self::Renamed,
        Self::Gone,
        Self::Codes,
    ];

    /// What any fault may come to by chance, whatever it does otherwise.
    const OF_ANY: [Self; 4] = [Self::Words, Self::Form, Self::Reason, Self::SetUp];

    /// What is listed, by fault.
    #[cfg(test)]
    pub(crate) fn listed() -> impl Iterator<Item = (Self, &'static str)> {
        LISTED.iter().flat_map(|(allowed_difference, faults)| faults.iter().map(|fault| (*allowed_difference, *fault)))
    }

    /// Whether the documents let a fault do this.
    pub(crate) fn is_listed_for(self, fault: &str) -> bool {
        Self::OF_ANY.contains(&self)
            || LISTED.iter().any(|(allowed_difference, faults)| *allowed_difference == self && faults.contains(&fault))
    }
}

/// Which fault may do what beyond what any may.
const LISTED: &[(AllowedDifference, &[&str])] = &[
    (
        AllowedDifference::Renamed,
        &["access-key-ends-associations", "create-user-takes-a-device", "listings-ten-seconds-old"],
    ),
    (
        AllowedDifference::Dates,
        &[
            "everybodys-devices-listed",
            "namesakes-devices-listed",
            "refused-enable-renews-the-enable-date",
            "refused-resync-renews-the-enable-date",
        ],
    ),
    (AllowedDifference::Gone, &["listings-ten-seconds-old"]),
    (
        AllowedDifference::Codes,
        &[
            "differences-of-digits-cancel-out",
            "drift-shared-by-all-devices",
            "enable-codes-unchecked",
            "enable-first-code-unchecked",
            "late-enable-never-in-sync-again",
            "resync-codes-swapped",
            "resync-codes-unchecked",
            "resync-first-code-unchecked",
            "verified-user-believed-for-a-minute",
        ],
    ),
];
