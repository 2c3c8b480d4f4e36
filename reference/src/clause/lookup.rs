//! What the ledger says about a clause: a row of the table, or a product.

use std::borrow::Cow;

use super::entry::Clause;
use super::id::Entry;
use super::{ClauseId, Stance, constraint, error, listed};
use crate::MfaOperation;

impl ClauseId {
    /// How strongly the clause binds.
    #[must_use]
    pub const fn stance(self) -> Stance {
        match self.entry() {
            Entry::Row(row) => row.head.stance,
            Entry::Parameter(_, aspect) => aspect.stance(),
            Entry::ErrorStatus(code) => listed::status_stance(code),
            Entry::ErrorMessage(code) => listed::message_stance(code),
        }
    }

    /// The operation that the clause is about, if it is a single one.
    #[must_use]
    pub const fn operation(self) -> Option<MfaOperation> {
        match self.entry() {
            Entry::Row(row) => row.head.operation,
            Entry::Parameter(parameter, _) => Some(parameter.operation()),
            Entry::ErrorStatus(_) | Entry::ErrorMessage(_) => None,
        }
    }

    /// The clause in full, for a person to read.
    #[must_use]
    pub fn clause(self) -> Clause {
        match self.entry() {
            Entry::Row(row) => Clause {
                id: self,
                stance: row.head.stance,
                sources: Cow::Borrowed(row.words.cites),
                requires: Cow::Borrowed(row.words.requires),
                test: Cow::Borrowed(row.words.test),
                sides: row.head.sides,
                excluded: row.excluded,
            },
            Entry::Parameter(parameter, aspect) => constraint::clause(parameter, aspect),
            Entry::ErrorStatus(code) => error::status_clause(code),
            Entry::ErrorMessage(code) => error::message_clause(code),
        }
    }
}
