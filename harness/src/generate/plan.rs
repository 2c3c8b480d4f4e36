//! A plan is what the probe and the examples have shown about a target. Sequences avoid known bugs by it, so that one
//! bug doesn't hide the next. No later result changes it.

use std::collections::BTreeSet;

use mfa_reference::MfaOperation;
use mfa_reference::clause::ClauseId;

/// What is known about a target before sequences are generated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The operations under test that the target has.
    pub present: BTreeSet<MfaOperation>,
    /// The clauses that the target is known to break.
    pub broken: BTreeSet<ClauseId>,
}

impl Plan {
    /// Whether the target is known to break one of these clauses.
    #[must_use]
    pub fn breaks(&self, clauses: &[ClauseId]) -> bool {
        clauses.iter().any(|clause| self.broken.contains(clause))
    }

    /// The plan as lines of text, for the scenario digest.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for operation in &self.present {
            text.push_str(operation.word());
            text.push('\n');
        }
        for clause in &self.broken {
            text.push_str(&clause.to_string());
            text.push('\n');
        }
        text
    }
}
