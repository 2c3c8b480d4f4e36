//! A finding in a short sentence.

use mfa_reference::clause::{Aspect, ClauseId, Parameter};
use mfa_reference::{MfaOperation, Operation};

use crate::oracle::{Divergence, Expected, ObservedClass};

/// The sentence that names a divergence.
pub(crate) fn title(divergence: &Divergence) -> String {
    let Divergence { clause, operation, class, expected, .. } = divergence;
    let title = match class {
        ObservedClass::Success if *clause == ClauseId::StateAtomic => {
            Some(format!("{operation} succeeds beside a call that rules it out"))
        }
        ObservedClass::Error(code) if *clause == ClauseId::StateAtomic => {
            Some(format!("{operation} answers {code} beside a call that does not explain it"))
        }
        ObservedClass::Listing(what) if *clause == ClauseId::StateAtomic => {
            Some(format!("{operation}: after overlapping calls, {what}"))
        }
        ObservedClass::Success => succeeded(*clause, *operation),
        ObservedClass::Error(code) => refused(*clause, *operation, code.as_str(), expected),
        ObservedClass::UnknownError(code) => {
            Some(format!("{operation} answers the code {code:?}, which no document lists"))
        }
        ObservedClass::Status(status, Some(code)) => {
            Some(format!("{operation} answers {code} with the status {status}, not {}", code.status()))
        }
        ObservedClass::Status(status, None) => Some(match exists(*clause) {
            Some(missing) => format!("The service has no {missing}: it answers the status {status}"),
            None => format!("{operation} answers a success with the status {status}"),
        }),
        ObservedClass::Envelope(what) => Some(format!("{operation} answers {what}")),
        ObservedClass::Body(what) => Some(format!("{operation} gives {what}")),
        ObservedClass::Listing(what) => listed(*clause, what),
        ObservedClass::Unreadable(status) => Some(match exists(*clause) {
            Some(missing) => format!("The service has no {missing}: it answers {status} without an IAM reply"),
            None => format!("{operation} answers {status} without an IAM reply"),
        }),
        ObservedClass::Broken => Some(format!("{operation} breaks the connection instead of answering")),
        ObservedClass::Timeout => Some(format!("{operation} doesn't answer in time")),
    };
    if clause.stance().is_open() {
        return format!("{operation}: {class}, which no reading of {clause} allows");
    }
    title.unwrap_or_else(|| {
        let requires = clause.clause().requires;
        let first = requires.split(". ").next().unwrap_or_default();
        format!("{operation}: {class}, where {}", lower_first(first.trim_end_matches('.')))
    })
}

/// The subject of a request, in a title's words.
enum Subject {
    /// An entity that the request names: "a device that does not exist".
    Entity(String),
    /// A value in the request: "an empty `UserName`".
    Value(String),
}

fn succeeded(clause: ClauseId, operation: Operation) -> Option<String> {
    Some(match subject(clause, false)? {
        Subject::Entity(entity) => format!("{operation} succeeds for {entity}"),
        Subject::Value(value) => format!("{operation} accepts {value}"),
    })
}

fn refused(clause: ClauseId, operation: Operation, code: &str, expected: &Expected) -> Option<String> {
    if let Some(missing) = exists(clause) {
        return Some(format!("The service has no {missing}: it answers {code}"));
    }
    if is_list_of_errors(clause) {
        return Some(format!("{operation} answers {code}, which its page doesn't list"));
    }
    if clause == ClauseId::RobustnessPersistentFailure {
        return Some(format!("{operation} answers the same request with {code} each time"));
    }
    let should_succeed = matches!(expected, Expected::Success | Expected::Listing { .. });
    let instead = match expected {
        Expected::Error(codes) if (1..=2).contains(&codes.iter().count()) => format!(", not {codes}"),
        Expected::Error(_) | Expected::Success | Expected::Listing { .. } | Expected::Words(_) => String::new(),
    };
    Some(match subject(clause, should_succeed)? {
        Subject::Entity(entity) if should_succeed || instead.is_empty() => {
            format!("{operation} answers {code} for {entity}")
        }
        Subject::Entity(entity) => format!("{operation} answers {code}{instead}, for {entity}"),
        Subject::Value(value) if instead.is_empty() => format!("{operation} refuses {value} with {code}"),
        Subject::Value(value) => format!("{operation} refuses {value} with {code}{instead}"),
    })
}

/// The operation that is missing, if the clause is that it exists.
fn exists(clause: ClauseId) -> Option<MfaOperation> {
    matches!(
        clause,
        ClauseId::OperationEnableExists | ClauseId::OperationResyncExists | ClauseId::OperationDeactivateExists
    )
    .then(|| clause.operation())
    .flatten()
}

const fn is_list_of_errors(clause: ClauseId) -> bool {
    matches!(
        clause,
        ClauseId::WireEnableListedErrors
            | ClauseId::WireResyncListedErrors
            | ClauseId::WireDeactivateListedErrors
            | ClauseId::ResyncUnlistedErrors
    )
}

fn subject(clause: ClauseId, should_succeed: bool) -> Option<Subject> {
    if let ClauseId::Parameter(parameter, aspect) = clause {
        return Some(Subject::Value(parameter_value(parameter, aspect, should_succeed)));
    }
    entity(clause, should_succeed)
        .map(|text| Subject::Entity(text.to_owned()))
        .or_else(|| value(clause, should_succeed).map(|text| Subject::Value(text.to_owned())))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the others have a sentence of another kind")]
const fn entity(clause: ClauseId, should_succeed: bool) -> Option<&'static str> {
    Some(match clause {
        ClauseId::EnableDeviceExists | ClauseId::ResyncDeviceExists | ClauseId::DeactivateDeviceExists => {
            "a device that does not exist"
        }
        ClauseId::EnableUserExists | ClauseId::ResyncUserExists | ClauseId::DeactivateUserExists => {
            "a user that does not exist"
        }
        ClauseId::EnableAlreadyEnabled => "a device that is already enabled",
        ClauseId::ResyncUnassigned | ClauseId::DeactivateUnassigned => "a device that no user has",
        ClauseId::ResyncOtherUsers | ClauseId::DeactivateOtherUsers => "another user's device",
        ClauseId::DeactivateTwice => "a device that is already deactivated",
        ClauseId::DeactivateDissociates => "the user's own device",
        ClauseId::DeactivateReEnable => "a deactivated device",
        ClauseId::DeactivateDefaultUser => "a call without UserName, signed by an IAM user",
        ClauseId::DeactivateByAdministrator => "an administrator who names another user",
        ClauseId::DeleteUserRequiresDeactivation if should_succeed => "a user whose devices are deactivated",
        ClauseId::DeleteUserRequiresDeactivation => "a user who still has an enabled device",
        ClauseId::DeleteVirtualDeviceFreesUser => "a user whose device was deleted",
        ClauseId::DeleteVirtualDeviceAttached => "a device that is enabled for a user",
        ClauseId::SerialNumberUnique => "only a part of a device's serial number, or more than it",
        ClauseId::EnableLimitQuota => "the ninth device of a user",
        _ => return None,
    })
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the others have a sentence of another kind")]
const fn value(clause: ClauseId, should_succeed: bool) -> Option<&'static str> {
    Some(match clause {
        ClauseId::EnableCodesRecognised | ClauseId::ResyncCodesRecognised => "wrong codes",
        ClauseId::EnableCode2Subsequent | ClauseId::ResyncCode2Subsequent => {
            "a second code that doesn't follow the first"
        }
        ClauseId::EnableFreshPair => "a fresh pair of codes",
        ClauseId::EnableCodesByDevice | ClauseId::ResyncCodesByDevice => {
            "a fresh pair of codes from time steps that another device used"
        }
        ClauseId::ResyncSynchronizes => "a fresh pair of codes of the user's own device",
        ClauseId::ResyncAfterLateEnable => "a fresh pair of codes of a device that is out of sync",
        ClauseId::DeactivateNoCodeNeeded => "a call without authentication codes",
        ClauseId::CodesLeadingZeros if should_succeed => "a code that begins with a zero",
        ClauseId::CodesLeadingZeros => "a code without its leading zeros",
        ClauseId::SerialNumberOwnArn => "a device's own ARN",
        ClauseId::CreatePath => "a path without its slashes",
        ClauseId::WireGet => "a GET request",
        ClauseId::WireParameterOrder => "parameters in another order",
        ClauseId::WireFormEncoding => "a percent-encoded value",
        ClauseId::WireRequestBoundary => "a call without a parameter that the previous call had",
        _ => return None,
    })
}

fn parameter_value(parameter: Parameter, aspect: Aspect, should_succeed: bool) -> String {
    let (name, constraint) = (parameter.wire_name(), parameter.constraint());
    let article = if name.starts_with('A') { "an" } else { "a" };
    match aspect {
        Aspect::Required if should_succeed && constraint.required => "a complete call".to_owned(),
        Aspect::Required => format!("a call without {name}"),
        Aspect::Empty => format!("an empty {name}"),
        Aspect::MinLength if should_succeed => format!("{article} {name} of {} characters", constraint.min),
        Aspect::MinLength => format!("{article} {name} of fewer than {} characters", constraint.min),
        Aspect::MaxLength if should_succeed => format!("{article} {name} of {} characters", constraint.max),
        Aspect::MaxLength => format!("{article} {name} of more than {} characters", constraint.max),
        Aspect::Pattern if should_succeed => format!("{article} {name} that matches {}", constraint.class.pattern()),
        Aspect::Pattern => format!("{article} {name} with characters outside {}", constraint.class.pattern()),
        Aspect::PatternNonAscii => format!("{article} {name} with characters outside ASCII"),
        Aspect::LengthUnit => format!("{article} {name} whose length depends on how it is counted"),
        Aspect::Rejected => format!("{article} {name} that breaks its constraint"),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "few clauses are about listings")]
fn listed(clause: ClauseId, what: &str) -> Option<String> {
    let own = clause.operation().map_or("The call", |operation| operation.operation().name());
    Some(match clause {
        ClauseId::EnableAssociates | ClauseId::DeactivateDissociates => format!("After a successful {own}, {what}"),
        ClauseId::EnableRejectedNoEffect | ClauseId::ResyncRejectedNoEffect | ClauseId::DeactivateRejectedNoEffect => {
            format!("{own} is refused but has an effect: {what}")
        }
        ClauseId::EnableDeviceExists | ClauseId::ResyncDeviceExists => format!("{own} invents a device: {what}"),
        ClauseId::ResyncKeepsAssociation => format!("{own} changes an association: {what}"),
        ClauseId::DeactivateOnlyThatDevice => format!("{own} changes another device: {what}"),
        ClauseId::DeleteUserRequiresDeactivation => {
            format!("DeleteUser is refused but has an effect: {what}")
        }
        ClauseId::DeleteUserLeavesOthers => format!("DeleteUser changes another user's device: {what}"),
        ClauseId::DeleteVirtualDeviceFreesUser => format!("After a successful DeleteVirtualMFADevice, {what}"),
        ClauseId::RenameKeepsDevice => format!("After UpdateUser renamed a user, {what}"),
        ClauseId::RecreatedUserHasNoDevice => format!("After a user was created again, {what}"),
        ClauseId::StateIsolation => format!("A listing shows a change that no call made: {what}"),
        ClauseId::ListAssignmentStatus => format!("ListVirtualMFADevices with an AssignmentStatus: {what}"),
        ClauseId::StateSettles | ClauseId::StateDurable => {
            format!("A listing doesn't match the calls before it: {what}")
        }
        _ => return None,
    })
}

/// The sentence with a small first letter, unless its first word is a name.
fn lower_first(sentence: &str) -> String {
    let first_word = sentence.split([' ', ',', '.']).next().unwrap_or_default();
    if first_word.chars().skip(1).any(char::is_uppercase) {
        return sentence.to_owned();
    }
    let mut characters = sentence.chars();
    characters.next().into_iter().flat_map(char::to_lowercase).chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use mfa_reference::{ErrorCode, ErrorCodes};

    use super::*;

    fn of(clause: ClauseId, operation: Operation, class: ObservedClass, expected: Expected) -> String {
        title(&Divergence { clause, also: Vec::new(), operation, class, expected, permitted: None })
    }

    fn refusal(codes: &[ErrorCode]) -> Expected {
        Expected::Error(ErrorCodes::of(codes))
    }

    #[test]
    fn what_emulators_break_most_has_a_sentence_of_its_own() {
        use ErrorCode::{EntityAlreadyExists, InvalidAuthenticationCode, NoSuchEntity, ValidationError};
        use ObservedClass::{Body, Envelope, Error, Listing, Status, Success, Unreadable};
        use Operation::{
            CreateVirtualMfaDevice, DeactivateMfaDevice, DeleteUser, EnableMfaDevice, ListMfaDevices, ResyncMfaDevice,
        };
        let code1 = |aspect| ClauseId::Parameter(Parameter::EnableCode1, aspect);
        let name = |aspect| ClauseId::Parameter(Parameter::DeactivateUserName, aspect);
        let no_such = || refusal(&[NoSuchEntity]);
        let words = || Expected::Words("other".to_owned());
        let titles = [
            of(ClauseId::EnableCodesRecognised, EnableMfaDevice, Success, refusal(&[InvalidAuthenticationCode])),
            of(ClauseId::EnableCode2Subsequent, EnableMfaDevice, Success, refusal(&[InvalidAuthenticationCode])),
            of(ClauseId::EnableDeviceExists, EnableMfaDevice, Success, no_such()),
            of(ClauseId::ResyncUserExists, ResyncMfaDevice, Error(ValidationError), no_such()),
            of(ClauseId::EnableAlreadyEnabled, EnableMfaDevice, Error(NoSuchEntity), refusal(&[EntityAlreadyExists])),
            of(ClauseId::EnableFreshPair, EnableMfaDevice, Error(InvalidAuthenticationCode), Expected::Success),
            of(ClauseId::EnableAssociates, ListMfaDevices, Listing("a device isn't listed"), words()),
            of(ClauseId::EnableRejectedNoEffect, ListMfaDevices, Listing("a device is listed twice"), words()),
            of(ClauseId::OperationResyncExists, ResyncMfaDevice, Unreadable(500), words()),
            of(ClauseId::OperationResyncExists, ResyncMfaDevice, Error(ErrorCode::InvalidAction), words()),
            of(ClauseId::OperationEnableExists, EnableMfaDevice, Status(501, None), words()),
            of(ClauseId::DeactivateTwice, DeactivateMfaDevice, Success, no_such()),
            of(ClauseId::DeactivateOtherUsers, DeactivateMfaDevice, Success, no_such()),
            of(ClauseId::DeleteUserRequiresDeactivation, DeleteUser, Success, refusal(&[ErrorCode::DeleteConflict])),
            of(code1(Aspect::MinLength), EnableMfaDevice, Success, refusal(&[ValidationError])),
            of(code1(Aspect::Pattern), EnableMfaDevice, Error(ValidationError), Expected::Success),
            of(name(Aspect::Required), DeactivateMfaDevice, Error(ValidationError), Expected::Success),
            of(
                name(Aspect::Empty),
                DeactivateMfaDevice,
                Success,
                refusal(&[ValidationError, NoSuchEntity, InvalidAuthenticationCode]),
            ),
            of(ClauseId::ErrorStatus(NoSuchEntity), EnableMfaDevice, Status(400, Some(NoSuchEntity)), no_such()),
            of(ClauseId::WireErrorEnvelope, EnableMfaDevice, Envelope("an error without RequestId"), words()),
            of(ClauseId::SupportSeedUsable, CreateVirtualMfaDevice, Body("a seed that can't be used"), words()),
        ];
        insta::assert_snapshot!(titles.join("\n"));
    }

    #[test]
    fn any_other_clause_is_named_by_what_it_requires() {
        let title = of(
            ClauseId::EnableLimit,
            Operation::EnableMfaDevice,
            ObservedClass::Error(ErrorCode::LimitExceeded),
            Expected::Success,
        );
        assert_eq!(
            title,
            "EnableMFADevice: LimitExceeded, where LimitExceeded is an answer only at a limit of the account"
        );
        let title = of(ClauseId::StateIsolation, Operation::DeleteUser, ObservedClass::Success, Expected::Success);
        assert!(title.starts_with("DeleteUser: success, where the operations act on"), "{title}");
    }

    #[test]
    fn no_two_clauses_have_the_same_sentence_for_an_accepted_call() {
        let mut known: BTreeMap<String, ClauseId> = BTreeMap::new();
        for clause in ClauseId::all().filter(|clause| subject(*clause, false).is_some()) {
            let operation = clause.operation().map_or(Operation::DeleteUser, MfaOperation::operation);
            let text = of(clause, operation, ObservedClass::Success, refusal(&[ErrorCode::NoSuchEntity]));
            let earlier = known.insert(text.clone(), clause);
            assert_eq!(earlier, None, "{clause}: {text}");
        }
    }
}
