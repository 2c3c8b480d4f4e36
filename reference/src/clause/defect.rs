//! The register of document defects: where the documents contradict themselves or each other.

use super::source::{deactivate, enable, guide, model, protocol, quote, resync, shape};
use super::{Aspect, ClauseId, Parameter, Source};

/// A place where two sentences of the documents disagree, so that either reading conforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Its name.
    pub id: &'static str,
    /// What is wrong, in one line.
    pub title: &'static str,
    /// The sentences that disagree.
    pub sentences: &'static [Source],
    /// How they can be read; no target fails for any of them.
    pub readings: &'static [&'static str],
    /// Which reading AWS was seen to follow, and how that is known.
    pub seen: &'static str,
    /// The clauses that it makes undocumented, or that require what all readings have in common.
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

const UNSEEN: &str = "No public recording shows it.";

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
        readings: &[
            "The service rejects R1234 as too short.",
            "The service treats R1234 as the name of a device, which may be absent.",
        ],
        seen: "Nothing for this value. AWS was seen to reject broken constraints in general with ValidationError \
               (snapshot).",
        clauses: &[ClauseId::SerialNumberSample],
    },
    Defect {
        id: "resync-serial-number-prose",
        title: "Resync's prose on SerialNumber omits the : and / that a device's ARN needs",
        sentences: &[
            resync("Request Parameters, SerialNumber", quote::NAME_PROSE),
            resync("Request Parameters, SerialNumber", quote::SERIAL_PATTERN),
        ],
        readings: &["The pattern counts. An ARN is a serial number.", "The prose counts. The service rejects : and /."],
        seen: "Only the pattern can be meant. Without : and / nobody could resynchronize a virtual device.",
        clauses: &[ClauseId::SerialNumberProse, ClauseId::SerialNumberOwnArn],
    },
    Defect {
        id: "serial-number-prose",
        title: "Enable's and Deactivate's prose on SerialNumber omits the + and _ of the pattern",
        sentences: &[
            enable("Request Parameters, SerialNumber", quote::SERIAL_PROSE),
            enable("Request Parameters, SerialNumber", quote::SERIAL_PATTERN),
            deactivate("Request Parameters, SerialNumber", quote::SERIAL_PROSE),
            deactivate("Request Parameters, SerialNumber", quote::SERIAL_PATTERN),
        ],
        readings: &[
            "The pattern counts. The service accepts + and _.",
            "The prose counts. The service rejects + and _.",
        ],
        seen: UNSEEN,
        clauses: &[ClauseId::SerialNumberProse, ClauseId::SerialNumberOwnArn],
    },
    Defect {
        id: "non-ascii",
        title: "The prose says alphanumeric characters and digits, the patterns say \\w and \\d",
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
            "Only ASCII letters and digits match.",
            "Letters and digits of every script match, as in engines with Unicode character classes.",
        ],
        seen: "AWS was seen to reject a user name with other characters, with a message that lists the allowed ones \
               (report). No public recording shows which other characters they were.",
        clauses: &of_each_parameter(Aspect::PatternNonAscii),
    },
    Defect {
        id: "length-unit",
        title: "The documents name no unit for lengths",
        sentences: &[
            enable("Request Parameters, UserName", "Length Constraints: Minimum length of 1. Maximum length of 128."),
            protocol("Lengths of strings count Unicode code points"),
        ],
        readings: &["Lengths count code points.", "Lengths count bytes of UTF-8.", "Lengths count UTF-16 code units."],
        seen: UNSEEN,
        clauses: &of_each_parameter(Aspect::LengthUnit),
    },
    Defect {
        id: "late-codes",
        title: "A note says that late codes are accepted, an error says that they are rejected",
        sentences: &[
            enable("Request Parameters, AuthenticationCode1", quote::LATE),
            enable("Errors, InvalidAuthenticationCode", quote::NOT_RECOGNISED),
        ],
        readings: &[
            "The service associates the device, which is out of sync until a Resync.",
            "The service does not recognise late codes. It answers InvalidAuthenticationCode, and the call has no \
             effect.",
        ],
        seen: "AWS was recorded to accept late codes of a new device, up to 999 time steps old (enable.codes.window).",
        clauses: &[ClauseId::EnableLateCodes, ClauseId::ResyncAfterLateEnable],
    },
    Defect {
        id: "user-name-length",
        title: "A user name may have up to 128 characters here, but only 64 when a user is created",
        sentences: &[
            enable("Request Parameters, UserName", "Length Constraints: Minimum length of 1. Maximum length of 128."),
            shape("CreateUser, UserName: 1 to 64 characters"),
        ],
        readings: &[
            "A name of 65 to 128 characters is well-formed, and no user has it.",
            "A service that creates users with longer names accepts these names here too.",
        ],
        seen: "AWS was seen to reject broken constraints in general with ValidationError (snapshot). It \
               was recorded to reject a longer name in CreateUser (create-user.length). No public recording shows \
               one in these operations.",
        clauses: &[
            ClauseId::CreateUserLength,
            ClauseId::Parameter(Parameter::EnableUserName, Aspect::MaxLength),
            ClauseId::Parameter(Parameter::ResyncUserName, Aspect::MaxLength),
            ClauseId::Parameter(Parameter::DeactivateUserName, Aspect::MaxLength),
        ],
    },
    Defect {
        id: "own-arn-beyond",
        title: "A device's ARN can be longer than a serial number may be, or contain other characters",
        sentences: &[
            enable("Request Parameters, SerialNumber", quote::ARN),
            enable("Request Parameters, SerialNumber", quote::SERIAL_PATTERN),
            model("CreateVirtualMFADevice, Path", quote::PATH),
        ],
        readings: &[
            "The service accepts the ARN, because it is the device's serial number.",
            "The service rejects the ARN as malformed.",
        ],
        seen: UNSEEN,
        clauses: &[ClauseId::SerialNumberOwnArnBeyond],
    },
    Defect {
        id: "device-removed",
        title: "A deactivated device is removed, but can be reactivated",
        sentences: &[
            guide("Deactivating MFA devices (console)", "The device is removed from AWS."),
            guide("Deactivating MFA devices (console)", quote::UNTIL),
        ],
        readings: &[
            "The device remains, unassigned, and can be enabled again.",
            "The device is gone from the listings, and a device with its name can be created again.",
        ],
        seen: "The device remains. DeleteVirtualMFADevice is a separate call and asks for a deactivation first \
               (report).",
        clauses: &[ClauseId::DeactivateDeviceRemains, ClauseId::DeactivateReEnable],
    },
    Defect {
        id: "optional-user-name",
        title: "Deactivate's user name is optional, but root may omit it only in a session of a certain kind",
        sentences: &[
            deactivate("Request Parameters, UserName", quote::DEFAULT_USER),
            deactivate("Request Parameters, UserName", quote::ROOT_SESSION),
        ],
        readings: &[
            "Root has to name a user unless it calls from an AssumeRoot session.",
            "Any caller may omit the name. A caller that is not a user has no device of its own to lose.",
        ],
        seen: "AWS answered a role session that omitted it with a ValidationError that asks for userName (snapshot).",
        clauses: &[
            ClauseId::DeactivateDefaultUser,
            ClauseId::DeactivateDefaultUserRoot,
            ClauseId::DeactivateDefaultUserOtherCallers,
        ],
    },
    Defect {
        id: "absent-user-of-deactivate",
        title: "Deactivate does not need a user name, but rejects the name of an absent user",
        sentences: &[
            deactivate("Request Parameters, UserName", "Required: No"),
            deactivate("Errors, NoSuchEntity", quote::ABSENT),
        ],
        readings: &[
            "An omitted name means the caller. A given name has to exist.",
            "The serial number alone names the device, so the user name hardly matters.",
        ],
        seen: "AWS was seen to reject an absent user with NoSuchEntity (snapshot). A service that requires a name \
               contradicts the page.",
        clauses: &[
            ClauseId::DeactivateUserExists,
            ClauseId::DeactivateOtherUsers,
            ClauseId::Parameter(Parameter::DeactivateUserName, Aspect::Required),
        ],
    },
    Defect {
        id: "limit-without-creation",
        title: "Resync and Deactivate list an error about creating resources, but create none",
        sentences: &[
            resync("Description", quote::SYNCHRONIZES),
            resync("Errors, LimitExceeded", quote::LIMIT),
            deactivate("Description", quote::DEACTIVATES),
            deactivate("Errors, LimitExceeded", quote::LIMIT),
        ],
        readings: &[
            "The error is listed and never happens.",
            "The error stands for some other limit, which does not last.",
        ],
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
