//! Clauses on `DeactivateMFADevice`.

use super::alike::{DEACTIVATE, temporarily_unmodifiable};
use crate::MfaOperation::Deactivate;
use crate::clause::Stance::{Contradicted, Implied, Recorded, Stated};
use crate::clause::row::{ACCEPT, BOTH, NONE, REJECT, Row, Words, of};
use crate::clause::source::{boto3, deactivate, guide, quote, recorded, seen};

pub(super) const ROWS: &[Row] = &[
    of(Deactivate, "deactivate.dissociates", Stated, ACCEPT).says(Words {
        cites: &[deactivate("Description", quote::DEACTIVATES), boto3("Description", quote::DEACTIVATES)],
        requires: "After status 200, no listing shows the device as anybody's.",
        test: "Each accepted Deactivate, followed by the listings of the user and of the virtual devices.",
    }),
    of(Deactivate, "deactivate.only-that-device", Implied, ACCEPT).says(Words {
        cites: &[deactivate("Description", quote::DEACTIVATES)],
        requires: "Deactivate deactivates only the specified device. The user's other devices stay enabled, and so do \
                   the devices of other users.",
        test: "A user with several devices loses the first one, a middle one and the last one, while other users have \
               devices.",
    }),
    of(Deactivate, "deactivate.re-enable", Implied, ACCEPT).says(Words {
        cites: &[guide("Deactivating MFA devices (console)", quote::UNTIL)],
        requires: "A deactivated device can be enabled again, for the same user or for another. The quoted sentence \
                   says what is true until the device is reactivated, so it can be reactivated.",
        test: "An Enable with a fresh pair after a Deactivate, for the same user and for another. If a service no \
               longer lists the device, deactivate.device-remains applies instead.",
    }),
    of(Deactivate, "deactivate.device-usable", Implied, ACCEPT).says(Words {
        cites: &[
            guide("Deactivating MFA devices (console)", quote::UNTIL),
            guide("Deactivating MFA devices (console)", "The device is removed from AWS."),
            deactivate("Description", quote::DEACTIVATES),
        ],
        requires: "A deactivated device either remains and can be enabled again, or it is gone. If it is gone, no \
                   listing shows it, and a new device can be created with its name.",
        test: "After a Deactivate, an Enable with a fresh pair. If the service rejects it with NoSuchEntity, the \
               listing of virtual devices and the creation of a device with the same name.",
    }),
    of(Deactivate, "deactivate.device-remains", Contradicted, NONE).says(Words {
        cites: &[
            guide("Deactivating MFA devices (console)", "The device is removed from AWS."),
            guide("Deactivating MFA devices (console)", quote::UNTIL),
            deactivate("Description", quote::DEACTIVATES),
        ],
        requires: "The documents disagree on whether a deactivated device remains. One sentence says that it is \
                   removed, another that it can be reactivated. deactivate.device-usable says what is required in both \
                   cases.",
        test: "The listing of virtual devices after a Deactivate, then an Enable of the device or the creation of one \
               with the same name.",
    }),
    of(Deactivate, "deactivate.user-exists", Stated, REJECT).says(DEACTIVATE.user_exists),
    of(Deactivate, "deactivate.device-exists", Stated, REJECT).says(Words {
        cites: &[
            deactivate("Errors, NoSuchEntity", quote::ABSENT),
            seen("Deactivate of an absent device", &[("aws-066", &[5])]),
        ],
        requires: "If a call names an absent device, the service rejects it with NoSuchEntity.",
        test: "A serial number that no device ever had, and the serial number of a deleted device, with a user that \
               exists.",
    }),
    of(Deactivate, "deactivate.unassigned", Implied, REJECT).says(Words {
        cites: &[deactivate("Description", quote::DEACTIVATES), deactivate("Errors, NoSuchEntity", quote::ABSENT)],
        requires: "If the device was never enabled, the service rejects the call with NoSuchEntity. The device is \
                   enabled for no user name, so the association does not exist.",
        test: "A device that was created and never enabled, with users who have a device and users who have none.",
    }),
    of(Deactivate, "deactivate.twice", Implied, REJECT).says(Words {
        cites: &[deactivate("Description", quote::DEACTIVATES), deactivate("Errors, NoSuchEntity", quote::ABSENT)],
        requires: "The service rejects a second Deactivate with NoSuchEntity, and never answers 200. The association \
                   no longer exists.",
        test: "The same call again, at once and after other devices were enabled.",
    }),
    of(Deactivate, "deactivate.other-users", Implied, REJECT).says(Words {
        cites: &[
            deactivate("Description", quote::DEACTIVATES),
            deactivate("Request Parameters, UserName", quote::WHOSE_TO_LOSE),
            boto3("UserName", quote::WHOSE_TO_LOSE),
            deactivate("Errors, NoSuchEntity", quote::ABSENT),
        ],
        requires: "If the device is enabled for another user, the service rejects the call with NoSuchEntity. The \
                   device is not enabled for the named user, and no association changes.",
        test: "One user's device in a call that names another user. The other user has a device or has none.",
    }),
    of(Deactivate, "deactivate.by-administrator", Stated, ACCEPT).says(Words {
        cites: &[guide(
            "Deactivating MFA devices",
            "As an administrator, you can deactivate the device for another IAM user.",
        )],
        requires: "An administrator may deactivate another user's device.",
        test: "A call that is signed with the run's own credentials and names another user.",
    }),
    of(Deactivate, "deactivate.default-user", Stated, BOTH).says(Words {
        cites: &[
            deactivate("Request Parameters, UserName", quote::DEFAULT_USER),
            boto3("UserName", quote::DEFAULT_USER),
        ],
        requires: "Without a UserName, the call is for the caller. The service deactivates the caller's own device. It \
                   rejects another user's device with NoSuchEntity and leaves it enabled.",
        test: "Calls that are signed with an IAM user's key: for the user's own device, and for a device of another \
               user, who keeps it. The tool creates the key with CreateAccessKey, after PutUserPolicy if the target \
               offers it. After AccessDenied or InvalidClientTokenId the report says that the clause was not tested.",
    }),
    of(Deactivate, "deactivate.default-user.root", Stated, NONE)
        .says(Words {
            cites: &[
                deactivate("Request Parameters, UserName", quote::ROOT_SESSION),
                boto3("UserName", quote::ROOT_SESSION),
            ],
            requires: "A call with root user credentials may omit the user name only in an AssumeRoot session.",
            test: "A call without a UserName, signed in a root session and signed with root's own key.",
        })
        .excluded("Root sessions come from STS. The clause is tested only where a target offers role sessions."),
    of(Deactivate, "deactivate.default-user.other-callers", Implied, REJECT).says(Words {
        cites: &[
            deactivate("Request Parameters, UserName", quote::DEFAULT_USER),
            deactivate("Description", quote::DEACTIVATES),
            recorded("snapshot: Deactivate without UserName, called with a role session, is a ValidationError"),
        ],
        requires: "The service rejects a call without a UserName if the caller is not an IAM user. The call is for the \
                   caller, and this caller has no device of an IAM user. Any 4xx is permitted, and the device is \
                   unchanged.",
        test: "A call without a UserName, signed with the run's own credentials, for a user's device and for an \
               unassigned device.",
    }),
    of(Deactivate, "deactivate.self-management", Recorded, REJECT).says(Words {
        cites: &[
            seen(
                "Deactivate of the own device and of an absent one with the user's own key",
                &[("aws-008", &[11, 12])],
            ),
            seen("the same with a session that MFA has authenticated", &[("aws-008", &[17, 18])]),
        ],
        requires: "A user who has a device cannot use their own long-term key to deactivate anything for themselves. \
                   The service answers AccessDenied before it checks anything else.",
        test: "Deactivate for the caller itself, while a device is enabled for the caller: the caller's own device, \
               another user's device, and an absent device.",
    }),
    of(Deactivate, "deactivate.no-code-needed", Implied, ACCEPT).says(Words {
        cites: &[
            deactivate("Request Parameters, SerialNumber", "Required: Yes"),
            deactivate("Request Parameters, UserName", "Required: No"),
        ],
        requires: "Deactivate needs no authentication code. Its page lists two parameters, and neither is a code.",
        test: "Each Deactivate with only a serial number and a user name, also of a device that is out of sync.",
    }),
    of(Deactivate, "deactivate.rejected-no-effect", Implied, REJECT).says(Words {
        cites: &[deactivate("Errors, NoSuchEntity", quote::ABSENT), deactivate("Description", quote::DEACTIVATES)],
        requires: "A rejected call has no effect. After any 4xx the ownership of every device is unchanged, and each \
                   device can be deactivated for its user.",
        test: "The listings after each rejected Deactivate, and then a Deactivate for the device's user.",
    }),
    of(Deactivate, "deactivate.temporarily-unmodifiable", Implied, ACCEPT).says(temporarily_unmodifiable(&[
        deactivate("Errors, EntityTemporarilyUnmodifiable", quote::UNMODIFIABLE),
        deactivate("Errors, EntityTemporarilyUnmodifiable", quote::TRY_LATER),
    ])),
    of(Deactivate, "deactivate.concurrent-modification", Stated, ACCEPT).says(DEACTIVATE.concurrent_modification),
    of(Deactivate, "deactivate.service-failure", Stated, NONE).says(DEACTIVATE.service_failure),
    of(Deactivate, "deactivate.limit", Implied, ACCEPT).says(Words {
        cites: &[deactivate("Errors, LimitExceeded", quote::LIMIT), deactivate("Description", quote::DEACTIVATES)],
        requires: "Deactivate creates nothing, so LimitExceeded never persists.",
        test: "Each Deactivate of an enabled device. After LimitExceeded the tool sends it again.",
    }),
    of(Deactivate, "deactivate.cannot-authenticate", Stated, NONE)
        .says(Words {
            cites: &[guide("Deactivating MFA devices (console)", quote::UNTIL)],
            requires: "A deactivated device cannot be used to sign in or to authenticate requests.",
            test: "No request of this API can test it.",
        })
        .excluded("Users authenticate with a device in the console and in STS. No operation of this API shows it."),
    of(Deactivate, "deactivate.sign-in-without-mfa", Stated, NONE)
        .says(Words {
            cites: &[guide("Deactivating MFA devices", "This allows the user to sign in without using MFA.")],
            requires: "After a Deactivate the user can sign in without MFA.",
            test: "No request of this API can test it.",
        })
        .excluded("Users sign in to the console. No operation of this API shows whether they need MFA."),
    of(Deactivate, "deactivate.console", Stated, NONE)
        .says(Words {
            cites: &[
                guide("Deactivating MFA devices (console)", "The MFA device is deactivated for the AWS account."),
                guide(
                    "Deactivating MFA devices (console)",
                    "Check the email that is associated with your AWS account for a confirmation message from Amazon \
                     Web Services.",
                ),
            ],
            requires: "The console deactivates devices of users and of the root user, and sends a confirmation to the \
                       root user's email address.",
            test: "No request of this API can test it.",
        })
        .excluded("The console is not part of the Query API, and this API cannot reach the root user's device."),
];
