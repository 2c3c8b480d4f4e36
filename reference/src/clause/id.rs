//! The names of the clauses.

use std::fmt;

use super::row::Row;
use super::{Aspect, Parameter, listed, table};
use crate::ErrorCode;

macro_rules! clause_ids {
    ($($variant:ident)*) => {
        /// Which clause. Prints as the id that people type: `EnableCode2Subsequent` is `enable.code2.subsequent`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the row of the table says what the clause demands")]
        pub enum ClauseId {
            $($variant,)*
            /// `{operation}.{parameter}.{aspect}`: what a page says about one parameter.
            Parameter(Parameter, Aspect),
            /// `wire.error.status.{code}`, or `wire.error.status.common.{code}` where none of the three pages lists the
            /// code: the HTTP status that goes with it.
            ErrorStatus(ErrorCode),
            /// `wire.error.message.{code}`: that the message describes something. The ledger has it only for codes
            /// whose description says so. For any other code it is Silent, and no text parses as its id.
            ErrorMessage(ErrorCode),
        }

        impl ClauseId {
            /// The clauses that are not products, in the order of the ledger.
            const FLAT: &'static [Self] = &[$(Self::$variant,)*];

            /// Where the ledger has the clause. An id whose row is missing does not compile.
            pub(super) const fn entry(self) -> Entry {
                match self {
                    $(Self::$variant => Entry::Row(const {
                        match table::find(stringify!($variant)) {
                            Some(row) => row,
                            None => panic!(concat!("the table has no row for ", stringify!($variant))),
                        }
                    }),)*
                    Self::Parameter(parameter, aspect) => Entry::Parameter(parameter, aspect),
                    Self::ErrorStatus(code) => Entry::ErrorStatus(code),
                    Self::ErrorMessage(code) => Entry::ErrorMessage(code),
                }
            }
        }
    };
}

clause_ids! {
    OperationEnableExists OperationResyncExists OperationDeactivateExists WireEnableSuccessStatus
    WireResyncSuccessStatus WireDeactivateSuccessStatus WireEnableSuccessRoot WireResyncSuccessRoot
    WireDeactivateSuccessRoot WireEnableSuccessRequestId WireResyncSuccessRequestId WireDeactivateSuccessRequestId
    WireEnableNoResult WireResyncNoResult WireDeactivateNoResult WireEnableListedErrors WireResyncListedErrors
    WireDeactivateListedErrors

    WireErrorEnvelope WireErrorNamespace WireErrorType MessageWords WireUnclaimedContent WireWellFormed
    WireNoPrefixes WireResultFirst WireNoCdata WireUtf8 WireContentType WireRequestIdUnique WireGet
    WireParameterOrder WireFormEncoding WireRequestBoundary WireUnknownParameter WireDuplicateParameter
    WireUnknownAction WireUnknownVersion WireMissingAction CommonTransient SdkBoto3Exceptions SdkBoto3Returns

    ErrorsPrecedence ErrorsOrder ValidationCode ValidationBeforeExistence ValidationAllAtOnce CodesLeadingZeros
    SerialNumberIsArn SerialNumberUnique SerialNumberOwnArn SerialNumberOwnArnBeyond SerialNumberProse
    SerialNumberSample CreateUserLength

    EnableAssociates EnableUserExists EnableDeviceExists EnableDeviceExistsCode EnableCodesRecognised
    EnableFreshPair EnableCode2Subsequent EnableCode2Adjacent EnableLateCodes EnableEarlyCodes EnableReplayedCodes
    EnableCodesWindow EnableCodesOrder EnableSelfManagement EnableCodesByDevice EnableAlreadyEnabled
    EnableRejectedNoEffect EnableLimit EnableLimitQuota EnableTemporarilyUnmodifiable EnableConcurrentModification
    EnableServiceFailure EnableLoginRequired

    ResyncSynchronizes ResyncKeepsAssociation ResyncUserExists ResyncDeviceExists ResyncCodesRecognised
    ResyncCode2Subsequent ResyncCode2Adjacent ResyncReplayedCodes ResyncCodesWindow ResyncCodesOrder
    ResyncCodesByDevice ResyncAfterLateEnable ResyncUnassigned ResyncOtherUsers ResyncDrifted ResyncUnlistedErrors
    ResyncRejectedNoEffect ResyncConcurrentModification ResyncServiceFailure ResyncLimit

    DeactivateDissociates DeactivateOnlyThatDevice DeactivateReEnable DeactivateDeviceUsable DeactivateDeviceRemains
    DeactivateUserExists DeactivateDeviceExists DeactivateUnassigned DeactivateTwice DeactivateOtherUsers
    DeactivateByAdministrator DeactivateDefaultUser DeactivateDefaultUserRoot DeactivateDefaultUserOtherCallers
    DeactivateSelfManagement DeactivateNoCodeNeeded DeactivateRejectedNoEffect DeactivateTemporarilyUnmodifiable
    DeactivateConcurrentModification DeactivateServiceFailure DeactivateLimit DeactivateCannotAuthenticate
    DeactivateSignInWithoutMfa DeactivateConsole

    SupportSeedUsable SupportQrCode SupportListedMembers SerialNumberPath ListWithoutSeeds CreatePath
    DeleteUserRequiresDeactivation DeleteUserCode DeleteUserLeavesOthers DeleteVirtualDeviceAttached
    DeleteVirtualDeviceFreesUser ListAssignmentStatus RenameKeepsDevice RecreatedUserHasNoDevice StateSettles
    StateIsolation StateDurable StateAtomic CallerCase RobustnessNoCrash RobustnessAnswers
    RobustnessPersistentFailure
}

/// A row of the table, or what a clause is the product of.
pub(super) enum Entry {
    Row(&'static Row),
    Parameter(Parameter, Aspect),
    ErrorStatus(ErrorCode),
    ErrorMessage(ErrorCode),
}

impl fmt::Display for ClauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.entry() {
            Entry::Row(row) => f.pad(row.head.id),
            Entry::Parameter(parameter, aspect) => {
                pad(f, format_args!("{}.{}.{}", parameter.operation().word(), parameter.word(), aspect.word()))
            }
            Entry::ErrorStatus(code) if listed::is_on_a_page(code) => pad(f, format_args!("wire.error.status.{code}")),
            Entry::ErrorStatus(code) => pad(f, format_args!("wire.error.status.common.{code}")),
            Entry::ErrorMessage(code) => pad(f, format_args!("wire.error.message.{code}")),
        }
    }
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
        let described = ErrorCode::ALL.iter().copied().filter(|code| listed::described(*code).is_some());
        let messages = described.map(Self::ErrorMessage);
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
    fn the_table_has_each_id_once_and_in_the_order_of_the_ids() {
        let rows: Vec<&str> = table::TABLE.iter().flat_map(|group| group.iter()).map(|row| row.head.id).collect();
        let ids: Vec<String> = ClauseId::FLAT.iter().map(ToString::to_string).collect();
        assert_eq!(rows, ids);
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
