//! Misread requests.

use crate::altered::{Altered, documented};
use crate::line::{Incoming, misread, parameter};

/// Whether parameters ask for an operation under test.
pub(crate) fn is_under_test(parameters: &str) -> bool {
    let action = parameter(parameters, "Action").unwrap_or_default();
    matches!(action, "EnableMFADevice" | "ResyncMFADevice" | "DeactivateMFADevice")
}

/// Misreads the parameters.
pub(crate) fn misreads(read: fn(&Incoming<'_>, &str) -> String) -> Altered {
    documented().behind(misread(read))
}
