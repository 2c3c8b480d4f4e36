//! The names of the clauses.

use std::fmt;

use super::{Aspect, Parameter, Stance};
use crate::{ErrorCode, MfaOperation};

macro_rules! clause_ids {
    ($($variant:ident $id:literal $stance:ident $($operation:ident)?;)*) => {
        /// Which clause. Prints as the id that people type.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ClauseId {
            $(#[doc = concat!("`", $id, "`")] $variant,)*
            /// `{operation}.{parameter}.{aspect}`: what a page says of one parameter.
            Parameter(Parameter, Aspect),
            /// `wire.error.status.{code}`, or `wire.error.status.common.{code}` where none of the three pages lists the
            /// code: the HTTP status that goes with it.
            ErrorStatus(ErrorCode),
            /// `wire.error.message.{code}`: that the message describes something. In the ledger only for the codes
            /// whose description says so.
            ErrorMessage(ErrorCode),
        }

        impl ClauseId {
            /// The clauses that are no product, in the order of the ledger.
            const FLAT: &'static [Self] = &[$(Self::$variant,)*];

            /// How strongly the clause binds.
            #[must_use]
            pub const fn stance(self) -> Stance {
                match self {
                    $(Self::$variant => Stance::$stance,)*
                    Self::Parameter(_, aspect) => aspect.stance(),
                    Self::ErrorStatus(code) if is_on_a_page(code) => Stance::Stated,
                    Self::ErrorStatus(_) => Stance::Recorded,
                    Self::ErrorMessage(code) if is_described(code) => Stance::Stated,
                    Self::ErrorMessage(_) => Stance::Silent,
                }
            }

            /// The operation that the clause speaks of, if it is one alone.
            #[must_use]
            pub const fn operation(self) -> Option<MfaOperation> {
                match self {
                    $(Self::$variant => clause_ids!(@operation $($operation)?),)*
                    Self::Parameter(parameter, _) => Some(parameter.operation()),
                    Self::ErrorStatus(_) | Self::ErrorMessage(_) => None,
                }
            }
        }

        impl fmt::Display for ClauseId {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant => f.pad($id),)*
                    Self::Parameter(parameter, aspect) => {
                        write!(f, "{}.{}.{}", parameter.operation().word(), parameter.word(), aspect.word())
                    }
                    Self::ErrorStatus(code) if is_on_a_page(*code) => write!(f, "wire.error.status.{code}"),
                    Self::ErrorStatus(code) => write!(f, "wire.error.status.common.{code}"),
                    Self::ErrorMessage(code) => write!(f, "wire.error.message.{code}"),
                }
            }
        }
    };
    (@operation) => { None };
    (@operation $operation:ident) => { Some(MfaOperation::$operation) };
}

clause_ids! {
    OperationEnableExists "operation.enable.exists" Stated Enable;
    OperationResyncExists "operation.resync.exists" Stated Resync;
    OperationDeactivateExists "operation.deactivate.exists" Stated Deactivate;
    WireEnableSuccessStatus "wire.enable.success-status" Protocol Enable;
    WireResyncSuccessStatus "wire.resync.success-status" Protocol Resync;
    WireDeactivateSuccessStatus "wire.deactivate.success-status" Protocol Deactivate;
    WireEnableSuccessRoot "wire.enable.success-root" Stated Enable;
    WireResyncSuccessRoot "wire.resync.success-root" Stated Resync;
    WireDeactivateSuccessRoot "wire.deactivate.success-root" Stated Deactivate;
    WireEnableSuccessRequestId "wire.enable.success-request-id" Stated Enable;
    WireResyncSuccessRequestId "wire.resync.success-request-id" Stated Resync;
    WireDeactivateSuccessRequestId "wire.deactivate.success-request-id" Stated Deactivate;
    WireEnableNoResult "wire.enable.no-result" Implied Enable;
    WireResyncNoResult "wire.resync.no-result" Implied Resync;
    WireDeactivateNoResult "wire.deactivate.no-result" Implied Deactivate;
    WireEnableListedErrors "wire.enable.listed-errors" Implied Enable;
    WireResyncListedErrors "wire.resync.listed-errors" Implied Resync;
    WireDeactivateListedErrors "wire.deactivate.listed-errors" Implied Deactivate;
    WireErrorEnvelope "wire.error.envelope" Protocol;
    WireErrorNamespace "wire.error.namespace" Recorded;
    WireErrorType "wire.error.type" Recorded;
    MessageWords "message.words" Recorded;
    WireUnclaimedContent "wire.unclaimed-content" Silent;
    WireWellFormed "wire.well-formed" Protocol;
    WireContentType "wire.content-type" Recorded;
    WireRequestIdUnique "wire.request-id.unique" Recorded;
    WireGet "wire.get" Stated;
    WireParameterOrder "wire.parameter-order" Protocol;
    WireFormEncoding "wire.form-encoding" Protocol;
    WireRequestBoundary "wire.request-boundary" Protocol;
    WireUnknownParameter "wire.unknown-parameter" Recorded;
    WireDuplicateParameter "wire.duplicate-parameter" Recorded;
    WireUnknownAction "wire.unknown-action" Recorded;
    WireUnknownVersion "wire.unknown-version" Recorded;
    WireMissingAction "wire.missing-action" Silent;
    CommonTransient "common.transient" Silent;
    SdkBoto3Exceptions "sdk.boto3.exceptions" Stated Deactivate;
    SdkBoto3Returns "sdk.boto3.returns" Stated Deactivate;
    ErrorsPrecedence "errors.precedence" Silent;
    ValidationCode "validation.code" Recorded;
    ValidationBeforeExistence "validation.before-existence" Recorded;
    ValidationAllAtOnce "validation.all-at-once" Recorded;
    CodesLeadingZeros "codes.leading-zeros" Stated;
    SerialNumberIsArn "serial-number.is-arn" Stated;
    SerialNumberUnique "serial-number.unique" Stated;
    SerialNumberOwnArn "serial-number.own-arn" Implied;
    SerialNumberOwnArnBeyond "serial-number.own-arn-beyond" Contradicted;
    SerialNumberProse "serial-number.prose" Contradicted;
    SerialNumberSample "serial-number.sample" Contradicted;
    CreateUserLength "create-user.length" Recorded;
    EnableAssociates "enable.associates" Stated Enable;
    EnableUserExists "enable.user-exists" Stated Enable;
    EnableDeviceExists "enable.device-exists" Stated Enable;
    EnableDeviceExistsCode "enable.device-exists.code" Recorded Enable;
    EnableCodesRecognised "enable.codes-recognised" Stated Enable;
    EnableFreshPair "enable.fresh-pair" Stated Enable;
    EnableCode2Subsequent "enable.code2.subsequent" Implied Enable;
    EnableCode2Adjacent "enable.code2.adjacent" Silent Enable;
    EnableLateCodes "enable.late-codes" Contradicted Enable;
    EnableEarlyCodes "enable.early-codes" Silent Enable;
    EnableReplayedCodes "enable.replayed-codes" Silent Enable;
    EnableCodesByDevice "enable.codes-by-device" Implied Enable;
    EnableAlreadyEnabled "enable.already-enabled" Stated Enable;
    EnableRejectedNoEffect "enable.rejected-no-effect" Implied Enable;
    EnableLimit "enable.limit" Stated Enable;
    EnableLimitQuota "enable.limit.quota" Recorded Enable;
    EnableTemporarilyUnmodifiable "enable.temporarily-unmodifiable" Stated Enable;
    EnableConcurrentModification "enable.concurrent-modification" Stated Enable;
    EnableServiceFailure "enable.service-failure" Stated Enable;
    EnableLoginRequired "enable.login-required" Stated Enable;
    ResyncSynchronizes "resync.synchronizes" Stated Resync;
    ResyncKeepsAssociation "resync.keeps-association" Implied Resync;
    ResyncUserExists "resync.user-exists" Stated Resync;
    ResyncDeviceExists "resync.device-exists" Stated Resync;
    ResyncDeviceExistsCode "resync.device-exists.code" Recorded Resync;
    ResyncCodesRecognised "resync.codes-recognised" Stated Resync;
    ResyncCode2Subsequent "resync.code2.subsequent" Implied Resync;
    ResyncCode2Adjacent "resync.code2.adjacent" Silent Resync;
    ResyncReplayedCodes "resync.replayed-codes" Silent Resync;
    ResyncCodesByDevice "resync.codes-by-device" Implied Resync;
    ResyncAfterLateEnable "resync.after-late-enable" Implied Resync;
    ResyncUnassigned "resync.unassigned" Implied Resync;
    ResyncOtherUsers "resync.other-users" Implied Resync;
    ResyncDrifted "resync.drifted" Silent Resync;
    ResyncUnlistedErrors "resync.unlisted-errors" Implied Resync;
    ResyncRejectedNoEffect "resync.rejected-no-effect" Implied Resync;
    ResyncConcurrentModification "resync.concurrent-modification" Stated Resync;
    ResyncServiceFailure "resync.service-failure" Stated Resync;
    ResyncLimit "resync.limit" Implied Resync;
    DeactivateDissociates "deactivate.dissociates" Stated Deactivate;
    DeactivateOnlyThatDevice "deactivate.only-that-device" Implied Deactivate;
    DeactivateReEnable "deactivate.re-enable" Stated Deactivate;
    DeactivateDeviceRemains "deactivate.device-remains" Contradicted Deactivate;
    DeactivateUserExists "deactivate.user-exists" Stated Deactivate;
    DeactivateDeviceExists "deactivate.device-exists" Stated Deactivate;
    DeactivateUnassigned "deactivate.unassigned" Implied Deactivate;
    DeactivateTwice "deactivate.twice" Implied Deactivate;
    DeactivateOtherUsers "deactivate.other-users" Implied Deactivate;
    DeactivateByAdministrator "deactivate.by-administrator" Stated Deactivate;
    DeactivateDefaultUser "deactivate.default-user" Stated Deactivate;
    DeactivateDefaultUserRoot "deactivate.default-user.root" Stated Deactivate;
    DeactivateDefaultUserOtherCallers "deactivate.default-user.other-callers" Silent Deactivate;
    DeactivateNoCodeNeeded "deactivate.no-code-needed" Stated Deactivate;
    DeactivateRejectedNoEffect "deactivate.rejected-no-effect" Implied Deactivate;
    DeactivateTemporarilyUnmodifiable "deactivate.temporarily-unmodifiable" Stated Deactivate;
    DeactivateConcurrentModification "deactivate.concurrent-modification" Stated Deactivate;
    DeactivateServiceFailure "deactivate.service-failure" Stated Deactivate;
    DeactivateLimit "deactivate.limit" Implied Deactivate;
    DeactivateCannotAuthenticate "deactivate.cannot-authenticate" Stated Deactivate;
    DeactivateSignInWithoutMfa "deactivate.sign-in-without-mfa" Stated Deactivate;
    DeactivateConsole "deactivate.console" Stated Deactivate;
    SupportSeedUsable "support.seed-usable" Protocol;
    DeleteUserRequiresDeactivation "delete-user.requires-deactivation" Stated;
    DeleteUserCode "delete-user.code" Recorded;
    DeleteUserLeavesOthers "delete-user.leaves-others" Implied;
    DeleteVirtualDeviceAttached "delete-virtual-device.attached" Recorded;
    DeleteVirtualDeviceFreesUser "delete-virtual-device.frees-user" Implied;
    ListAssignmentStatus "list.assignment-status" Recorded;
    RenameKeepsDevice "rename.keeps-device" Recorded;
    RecreatedUserHasNoDevice "recreated-user.has-no-device" Recorded;
    StateSettles "state.settles" Implied;
    StateIsolation "state.isolation" Implied;
    StateDurable "state.durable" Implied;
    StateAtomic "state.atomic" Implied;
    CallerCase "caller.case" Recorded;
    RobustnessNoCrash "robustness.no-crash" Implied;
    RobustnessAnswers "robustness.answers" Implied;
    RobustnessPersistentFailure "robustness.persistent-failure" Implied;
}

impl ClauseId {
    /// Every clause of the ledger.
    pub fn all() -> impl Iterator<Item = Self> {
        let parameters = Parameter::ALL
            .into_iter()
            .flat_map(|parameter| Aspect::ALL.into_iter().map(move |aspect| Self::Parameter(parameter, aspect)));
        let statuses = ErrorCode::ALL.iter().copied().map(Self::ErrorStatus);
        let messages = ErrorCode::ALL.iter().copied().filter(|code| is_described(*code)).map(Self::ErrorMessage);
        Self::FLAT.iter().copied().chain(parameters).chain(statuses).chain(messages)
    }
}

/// Whether one of the three operations' pages lists the code.
const fn is_on_a_page(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::ConcurrentModification
            | ErrorCode::EntityAlreadyExists
            | ErrorCode::EntityTemporarilyUnmodifiable
            | ErrorCode::InvalidAuthenticationCode
            | ErrorCode::LimitExceeded
            | ErrorCode::NoSuchEntity
            | ErrorCode::ServiceFailure
    )
}

/// Whether a page says what the code's message describes.
const fn is_described(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::EntityTemporarilyUnmodifiable
            | ErrorCode::InvalidAuthenticationCode
            | ErrorCode::LimitExceeded
            | ErrorCode::NoSuchEntity
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

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
