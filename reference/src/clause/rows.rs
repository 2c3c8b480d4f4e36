//! What the flat table holds of each clause.

use std::borrow::Cow;

use super::entry::{Clause, Side};
use super::source::{boto3, deactivate, enable, guide, model, protocol, quote, recorded, resync, seen, shape};
use super::table::{
    deactivate_clauses, enable_clauses, reply_clauses, request_clauses, resync_clauses, state_clauses, wire_clauses,
};
use super::{ClauseId, Stance, constraint, error, listed};
use crate::MfaOperation;

macro_rules! clause_rows {
    (; $($variant:ident $id:literal $stance:ident $(of $operation:ident)?
        cites [$($source:expr),* $(,)?]
        requires $requires:literal
        test $test:literal
        sides [$($side:ident),*]
        $(excluded $excluded:literal)?;
    )*) => {
        impl ClauseId {
            /// How strongly the clause binds.
            #[must_use]
            pub const fn stance(self) -> Stance {
                match self {
                    $(Self::$variant => Stance::$stance,)*
                    Self::Parameter(_, aspect) => aspect.stance(),
                    Self::ErrorStatus(code) => listed::status_stance(code),
                    Self::ErrorMessage(code) => listed::message_stance(code),
                }
            }

            /// The operation that the clause speaks of, if it is one alone.
            #[must_use]
            pub const fn operation(self) -> Option<MfaOperation> {
                match self {
                    $(Self::$variant => clause_rows!(@operation $($operation)?),)*
                    Self::Parameter(parameter, _) => Some(parameter.operation()),
                    Self::ErrorStatus(_) | Self::ErrorMessage(_) => None,
                }
            }

            /// The clause in full, for a person to read.
            #[must_use]
            pub fn clause(self) -> Clause {
                match self {
                    $(Self::$variant => Clause {
                        id: self,
                        stance: Stance::$stance,
                        sources: Cow::Borrowed(const { &[$($source),*] }),
                        requires: Cow::Borrowed($requires),
                        test: Cow::Borrowed($test),
                        sides: &[$(Side::$side),*],
                        excluded: clause_rows!(@excluded $($excluded)?),
                    },)*
                    Self::Parameter(parameter, aspect) => constraint::clause(parameter, aspect),
                    Self::ErrorStatus(code) => error::status_clause(code),
                    Self::ErrorMessage(code) => error::message_clause(code),
                }
            }
        }
    };
    (@operation) => { None };
    (@operation $operation:ident) => { Some(MfaOperation::$operation) };
    (@excluded) => { None };
    (@excluded $excluded:literal) => { Some($excluded) };
}

reply_clauses! {
    wire_clauses request_clauses enable_clauses resync_clauses deactivate_clauses state_clauses clause_rows;
}
