//! The register of document defects: where the documents contradict themselves or each other.

use super::source::{deactivate, enable, guide, model, protocol, quote, resync, shape};
use super::{Aspect, ClauseId, Parameter, Source};

/// A place where two sentences of the documents disagree, so that either reading conforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Its name.
    pub id: &'static str,
    /// What is wrong, in a line.
    pub title: &'static str,
    /// The sentences that disagree.
    pub sentences: &'static [Source],
    /// How they can be read; no target fails for any of them.
    pub readings: &'static [&'static str],
    /// Which reading was seen, and how well that is known.
    pub seen: &'static str,
    /// The clauses that it leaves open, or that choose what all readings have in common.
    pub clauses: &'static [ClauseId],
}

const fn of_each_parameter(aspect: Aspect) -> [ClauseId; Parameter::ALL.len()] {
    let mut ids = [ClauseId::Parameter(Parameter::EnableUserName, aspect); Parameter::ALL.len()];
    let (mut rest, mut parameters): (&mut [ClauseId], &[Parameter]) = (&mut ids, &Parameter::ALL);
    while let ([id, others @ ..], [parameter, following @ ..]) = (rest, parameters) {
        *id = ClauseId::Parameter(*parameter, aspect);
        (rest, parameters) = (others, following);
    }
    ids
}

const UNSEEN: &str = "Nothing public records it.";

/// Every known defect of the documents.
pub const DEFECTS: &[Defect] = &[
    Defect {
        id: "sample-serial-number",
        title: "The samples' serial number is shorter than the minimum",
        sentences: &[
            enable("Examples, Sample Request", "&SerialNumber=R1234"),
            resync("Examples, Sample Request", "&SerialNumber=R1234"),
            deactivate("Examples, Sample Request", "&SerialNumber=R1234"),
            enable("Request Parameters, SerialNumber", quote::SERIAL_LENGTH),
        ],
        readings: &["R1234 is refused as too short.", "R1234 is taken for the name of a device, which may be absent."],
        seen: "Not with this value; broken constraints in general were seen refused with ValidationError \
               (snapshot).",
        clauses: &[ClauseId::SerialNumberSample],
    },
    Defect {
        id: "resync-serial-number-prose",
        title: "Resync's prose on SerialNumber leaves out the : and / that a device's ARN needs",
        sentences: &[
            resync("Request Parameters, SerialNumber", quote::NAME_PROSE),
            resync("Request Parameters, SerialNumber", quote::SERIAL_PATTERN),
        ],
        readings: &["The pattern counts: an ARN is a serial number.", "The prose counts: : and / are refused."],
        seen: "Only the pattern can be meant: without : and / no virtual device could be resynchronized.",
        clauses: &[ClauseId::SerialNumberProse, ClauseId::SerialNumberOwnArn],
    },
    Defect {
        id: "serial-number-prose",
        title: "Enable's and Deactivate's prose on SerialNumber leaves out the + and _ of the pattern",
        sentences: &[
            enable("Request Parameters, SerialNumber", quote::SERIAL_PROSE),
            enable("Request Parameters, SerialNumber", quote::SERIAL_PATTERN),
            deactivate("Request Parameters, SerialNumber", quote::SERIAL_PROSE),
            deactivate("Request Parameters, SerialNumber", quote::SERIAL_PATTERN),
        ],
        readings: &["The pattern counts: + and _ are accepted.", "The prose counts: + and _ are refused."],
        seen: UNSEEN,
        clauses: &[ClauseId::SerialNumberProse, ClauseId::SerialNumberOwnArn],
    },
    Defect {
        id: "non-ascii",
        title: "Alphanumeric characters and digits in prose, \\w and \\d in patterns",
        sentences: &[
            enable("Request Parameters, UserName", quote::ALPHANUMERIC),
            enable("Request Parameters, UserName", r"Pattern: [\w+=,.@-]+"),
            enable(
                "Request Parameters, AuthenticationCode1",
                "The format for this parameter is a string of six digits.",
            ),
            enable("Request Parameters, AuthenticationCode1", r"Pattern: [\d]+"),
        ],
        readings: &[
            "Only the letters and digits of ASCII match.",
            "Letters and digits of every script match, as in engines whose classes are Unicode's.",
        ],
        seen: "A user name with other characters was refused with a message that lists the allowed ones \
               (report); which others, nothing public records.",
        clauses: &of_each_parameter(Aspect::PatternNonAscii),
    },
    Defect {
        id: "length-unit",
        title: "Lengths have no unit",
        sentences: &[
            enable("Request Parameters, UserName", "Length Constraints: Minimum length of 1. Maximum length of 128."),
            protocol("Lengths of strings count Unicode code points"),
        ],
        readings: &["Code points.", "Bytes of UTF-8.", "UTF-16 units."],
        seen: UNSEEN,
        clauses: &of_each_parameter(Aspect::LengthUnit),
    },
    Defect {
        id: "late-codes",
        title: "Late codes are accepted by a note and rejected by an error",
        sentences: &[
            enable("Request Parameters, AuthenticationCode1", quote::LATE),
            enable("Errors, InvalidAuthenticationCode", quote::NOT_RECOGNISED),
        ],
        readings: &[
            "The device is associated, and is out of sync until a Resync.",
            "Late codes are not recognised: InvalidAuthenticationCode, and no effect.",
        ],
        seen: "Wrong codes were seen refused (report); late ones, nothing public records.",
        clauses: &[ClauseId::EnableLateCodes, ClauseId::ResyncAfterLateEnable],
    },
    Defect {
        id: "user-name-length",
        title: "A user's name has up to 128 characters here, and up to 64 where users are created",
        sentences: &[
            enable("Request Parameters, UserName", "Length Constraints: Minimum length of 1. Maximum length of 128."),
            shape("CreateUser, UserName: 1 to 64 characters"),
        ],
        readings: &[
            "A name of 65 to 128 characters is well-formed and absent.",
            "A service that creates longer names serves them here as well.",
        ],
        seen: "Broken constraints in general were seen refused with ValidationError (snapshot); a longer \
               name, nothing public records.",
        clauses: &[
            ClauseId::CreateUserLength,
            ClauseId::Parameter(Parameter::EnableUserName, Aspect::MaxLength),
            ClauseId::Parameter(Parameter::ResyncUserName, Aspect::MaxLength),
            ClauseId::Parameter(Parameter::DeactivateUserName, Aspect::MaxLength),
        ],
    },
    Defect {
        id: "own-arn-beyond",
        title: "A device's ARN can be longer, or hold other characters, than a serial number may",
        sentences: &[
            enable("Request Parameters, SerialNumber", quote::ARN),
            enable("Request Parameters, SerialNumber", quote::SERIAL_PATTERN),
            model("CreateVirtualMFADevice, Path", quote::PATH),
        ],
        readings: &["The ARN is accepted, since it is the device's serial number.", "It is refused as malformed."],
        seen: UNSEEN,
        clauses: &[ClauseId::SerialNumberOwnArnBeyond],
    },
    Defect {
        id: "device-removed",
        title: "A deactivated device is removed, and can be reactivated",
        sentences: &[
            guide("Deactivating MFA devices (console)", "The device is removed from AWS."),
            guide("Deactivating MFA devices (console)", quote::UNTIL),
        ],
        readings: &[
            "The device stays, unassigned, and can be enabled again.",
            "The device is gone from the listings, and one of its name can be created again.",
        ],
        seen: "DeleteVirtualMFADevice is a call of its own and asks for a deactivation first (report): the \
               device stays.",
        clauses: &[ClauseId::DeactivateDeviceRemains, ClauseId::DeactivateReEnable],
    },
    Defect {
        id: "optional-user-name",
        title: "Deactivate's user name is optional, and root may leave it out only in a session of a certain kind",
        sentences: &[
            deactivate("Request Parameters, UserName", quote::DEFAULT_USER),
            deactivate("Request Parameters, UserName", quote::ROOT_SESSION),
        ],
        readings: &[
            "Root has to name a user, unless it calls from an AssumeRoot session.",
            "Whoever calls may leave the name out; a caller that is no user has no device of its own to lose.",
        ],
        seen: "A role session that left it out was answered a ValidationError that asks for userName (snapshot).",
        clauses: &[
            ClauseId::DeactivateDefaultUser,
            ClauseId::DeactivateDefaultUserRoot,
            ClauseId::DeactivateDefaultUserOtherCallers,
        ],
    },
    Defect {
        id: "absent-user-of-deactivate",
        title: "Deactivate does without a user name, yet refuses the name of an absent user",
        sentences: &[
            deactivate("Request Parameters, UserName", "Required: No"),
            deactivate("Errors, NoSuchEntity", quote::ABSENT),
        ],
        readings: &[
            "A name that is left out is the caller's; one that is given has to exist.",
            "Since the serial number alone names the device, the user's name hardly matters.",
        ],
        seen: "An absent user was seen refused with NoSuchEntity (snapshot); a service that demands a name \
               breaks the page.",
        clauses: &[
            ClauseId::DeactivateUserExists,
            ClauseId::DeactivateOtherUsers,
            ClauseId::Parameter(Parameter::DeactivateUserName, Aspect::Required),
        ],
    },
    Defect {
        id: "limit-without-creation",
        title: "Resync and Deactivate list an error of creating resources, and create none",
        sentences: &[
            resync("Description", quote::SYNCHRONIZES),
            resync("Errors, LimitExceeded", quote::LIMIT),
            deactivate("Description", quote::DEACTIVATES),
            deactivate("Errors, LimitExceeded", quote::LIMIT),
        ],
        readings: &["The error is listed and never happens.", "It stands for some other limit that passes."],
        seen: UNSEEN,
        clauses: &[ClauseId::ResyncLimit, ClauseId::DeactivateLimit],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::Stance;
    use super::*;

    #[test]
    fn every_contradicted_clause_is_in_the_register() {
        let registered: BTreeSet<ClauseId> = DEFECTS.iter().flat_map(|defect| defect.clauses).copied().collect();
        for id in ClauseId::all().filter(|id| id.stance() == Stance::Contradicted) {
            assert!(registered.contains(&id), "{id}");
        }
    }

    #[test]
    fn a_defect_has_two_sentences_two_readings_and_what_was_seen() {
        for defect in DEFECTS {
            assert!(defect.sentences.len() > 1 && defect.readings.len() > 1, "{}", defect.id);
            assert!(!defect.clauses.is_empty() && defect.seen.ends_with('.'), "{}", defect.id);
        }
    }

    #[test]
    fn defects_have_names_of_their_own() {
        let names: BTreeSet<&str> = DEFECTS.iter().map(|defect| defect.id).collect();
        assert_eq!(names.len(), DEFECTS.len());
    }
}
