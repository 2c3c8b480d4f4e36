//! The names of the clauses.

use std::fmt;

use super::table::{
    deactivate_clauses, enable_clauses, reply_clauses, request_clauses, resync_clauses, state_clauses, wire_clauses,
};
use super::{Aspect, Parameter, listed};
use crate::ErrorCode;

macro_rules! clause_ids {
    (; $($variant:ident $id:literal $stance:ident $(of $operation:ident)?
        cites [$($source:expr),* $(,)?]
        requires $requires:literal
        test $test:literal
        sides [$($side:ident),*]
        $(excluded $excluded:literal)?;
    )*) => {
        /// Which clause. Prints as the id that people type.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ClauseId {
            $(#[doc = concat!("`", $id, "`")] $variant,)*
            /// `{operation}.{parameter}.{aspect}`: what a page says of one parameter.
            Parameter(Parameter, Aspect),
            /// `wire.error.status.{code}`, or `wire.error.status.common.{code}` where none of the three pages lists the
            /// code: the HTTP status that goes with it.
            ErrorStatus(ErrorCode),
            /// `wire.error.message.{code}`: that the message describes something. The ledger has it only for the codes
            /// whose description says so; of any other code it is Silent, and no text reads as its id.
            ErrorMessage(ErrorCode),
        }

        impl ClauseId {
            /// The clauses that are no product, in the order of the ledger.
            const FLAT: &'static [Self] = &[$(Self::$variant,)*];
        }

        impl fmt::Display for ClauseId {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant => f.pad($id),)*
                    Self::Parameter(parameter, aspect) => {
                        pad(f, format_args!("{}.{}.{}", parameter.operation().word(), parameter.word(), aspect.word()))
                    }
                    Self::ErrorStatus(code) if listed::is_on_a_page(*code) => {
                        pad(f, format_args!("wire.error.status.{code}"))
                    }
                    Self::ErrorStatus(code) => pad(f, format_args!("wire.error.status.common.{code}")),
                    Self::ErrorMessage(code) => pad(f, format_args!("wire.error.message.{code}")),
                }
            }
        }
    };
}

reply_clauses! {
    wire_clauses request_clauses enable_clauses resync_clauses deactivate_clauses state_clauses clause_ids;
}

/// Writes a composed id; only one that is to be aligned costs an allocation.
fn pad(f: &mut fmt::Formatter<'_>, id: fmt::Arguments<'_>) -> fmt::Result {
    if f.width().is_none() && f.precision().is_none() { f.write_fmt(id) } else { f.pad(&id.to_string()) }
}

impl ClauseId {
    /// Every clause of the ledger.
    pub fn all() -> impl Iterator<Item = Self> {
        let parameters = Parameter::ALL
            .into_iter()
            .flat_map(|parameter| Aspect::ALL.into_iter().map(move |aspect| Self::Parameter(parameter, aspect)));
        let statuses = ErrorCode::ALL.iter().copied().map(Self::ErrorStatus);
        let messages =
            ErrorCode::ALL.iter().copied().filter(|code| listed::is_described(*code)).map(Self::ErrorMessage);
        Self::FLAT.iter().copied().chain(parameters).chain(statuses).chain(messages)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::MfaOperation;
    use crate::clause::Stance;

    #[test]
    fn ids_are_unique() {
        let all: Vec<String> = ClauseId::all().map(|id| id.to_string().to_lowercase()).collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    }

    #[test]
    fn an_id_that_names_an_operation_belongs_to_it() {
        for id in ClauseId::all() {
            let text = id.to_string();
            for operation in MfaOperation::ALL {
                let named = text.split('.').any(|word| word == operation.word());
                assert!(!named || id.operation() == Some(operation), "{id}");
            }
        }
    }

    #[test]
    fn a_clause_of_a_parameter_prints_operation_parameter_and_aspect() {
        let id = ClauseId::Parameter(Parameter::EnableCode1, Aspect::PatternNonAscii);
        assert_eq!(id.to_string(), "enable.code1.pattern.non-ascii");
    }

    #[test]
    fn an_id_that_is_composed_is_padded_like_any_other() {
        let composed = ClauseId::Parameter(Parameter::EnableCode1, Aspect::Empty);
        assert_eq!(format!("{composed:<20}|"), "enable.code1.empty  |");
        assert_eq!(format!("{:<20}|", ClauseId::WireGet), "wire.get            |");
    }

    #[test]
    fn a_status_is_stated_only_where_a_page_lists_the_code() {
        let listed = ClauseId::ErrorStatus(ErrorCode::NoSuchEntity);
        let common = ClauseId::ErrorStatus(ErrorCode::Throttling);
        assert_eq!((listed.to_string().as_str(), listed.stance()), ("wire.error.status.NoSuchEntity", Stance::Stated));
        assert_eq!(
            (common.to_string().as_str(), common.stance()),
            ("wire.error.status.common.Throttling", Stance::Recorded)
        );
    }
}
