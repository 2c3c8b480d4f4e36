//! Clauses on `DeactivateMFADevice`.

use super::alike::{DEACTIVATE, temporarily_unmodifiable};
use crate::MfaOperation::Deactivate;
use crate::clause::Stance::{Contradicted, Implied, Recorded, Stated};
use crate::clause::row::{ACCEPT, BOTH, NONE, REJECT, Row, Words, of};
use crate::clause::source::{boto3, deactivate, guide, quote, recorded, seen};

pub(super) const ROWS: &[Row] = &[
    of(Deactivate, "deactivate.dissociates", Stated, ACCEPT).says(Words {
        cites: &[deactivate("Description", quote::DEACTIVATES), boto3("Description", quote::DEACTIVATES)],
        requires: "After a 200 the device belongs to nobody, in every listing.",
        test: "Each accepted Deactivate, with the listings of the user and of the virtual devices.",
    }),
    of(Deactivate, "deactivate.only-that-device", Implied, ACCEPT).says(Words {
        cites: &[deactivate("Description", quote::DEACTIVATES)],
        requires: "Only the specified device is deactivated: the user's other devices stay enabled, and so do other \
                   users'.",
        test: "A user with several devices loses the first, a middle and the last one, others about.",
    }),
    of(Deactivate, "deactivate.re-enable", Implied, ACCEPT).says(Words {
        cites: &[guide("Deactivating MFA devices (console)", quote::UNTIL)],
        requires: "A deactivated device can be enabled again, by the same user or by another: the sentence says what \
                   holds until then.",
        test: "An Enable with a fresh pair after a Deactivate, by either. A service that unlists the device is judged \
               by deactivate.device-remains.",
    }),
    of(Deactivate, "deactivate.device-usable", Implied, ACCEPT).says(Words {
        cites: &[
            guide("Deactivating MFA devices (console)", quote::UNTIL),
            guide("Deactivating MFA devices (console)", "The device is removed from AWS."),
            deactivate("Description", quote::DEACTIVATES),
        ],
        requires: "A deactivated device stays and can be enabled again, or it is gone: then no listing shows it, and a \
                   device can be created under its name.",
        test: "After a Deactivate, an Enable with a fresh pair; where that is refused with NoSuchEntity, the listing \
               of virtual devices and a creation under the same name.",
    }),
    of(Deactivate, "deactivate.device-remains", Contradicted, NONE).says(Words {
        cites: &[
            guide("Deactivating MFA devices (console)", "The device is removed from AWS."),
            guide("Deactivating MFA devices (console)", quote::UNTIL),
            deactivate("Description", quote::DEACTIVATES),
        ],
        requires: "Whether a deactivated device stays is open: one sentence removes it, another enables it again. \
                   deactivate.device-usable says what holds either way.",
        test: "The listing of virtual devices after a Deactivate, then an Enable or a creation under the same name.",
    }),
    of(Deactivate, "deactivate.user-exists", Stated, REJECT).says(DEACTIVATE.user_exists),
    of(Deactivate, "deactivate.device-exists", Stated, REJECT).says(Words {
        cites: &[
            deactivate("Errors, NoSuchEntity", quote::ABSENT),
            seen("Deactivate of an absent device", &[("aws-066", &[5])]),
        ],
        requires: "A call that names an absent device is refused with NoSuchEntity.",
        test: "A serial number that was never given and that of a deleted device, with a user that exists.",
    }),
    of(Deactivate, "deactivate.unassigned", Implied, REJECT).says(Words {
        cites: &[deactivate("Description", quote::DEACTIVATES), deactivate("Errors, NoSuchEntity", quote::ABSENT)],
        requires: "A device that was never enabled is enabled for no user name, so there is no such association: \
                   NoSuchEntity.",
        test: "A device that was created and never enabled, with users who have a device and who have none.",
    }),
    of(Deactivate, "deactivate.twice", Implied, REJECT).says(Words {
        cites: &[deactivate("Description", quote::DEACTIVATES), deactivate("Errors, NoSuchEntity", quote::ABSENT)],
        requires: "A second Deactivate finds no association: NoSuchEntity, and never 200.",
        test: "The same call again, at once and after other devices were enabled.",
    }),
    of(Deactivate, "deactivate.other-users", Implied, REJECT).says(Words {
        cites: &[
            deactivate("Description", quote::DEACTIVATES),
            deactivate("Request Parameters, UserName", quote::WHOSE_TO_LOSE),
            boto3("UserName", quote::WHOSE_TO_LOSE),
            deactivate("Errors, NoSuchEntity", quote::ABSENT),
        ],
        requires: "A device that is enabled for another user is not enabled for the one named: NoSuchEntity, and \
                   nobody's association changes.",
        test: "One user's device in the name of another, who has a device and who has none.",
    }),
    of(Deactivate, "deactivate.by-administrator", Stated, ACCEPT).says(Words {
        cites: &[guide(
            "Deactivating MFA devices",
            "As an administrator, you can deactivate the device for another IAM user.",
        )],
        requires: "An administrator may deactivate another user's device.",
        test: "The run's own credentials, with another user named.",
    }),
    of(Deactivate, "deactivate.default-user", Stated, BOTH).says(Words {
        cites: &[
            deactivate("Request Parameters, UserName", quote::DEFAULT_USER),
            boto3("UserName", quote::DEFAULT_USER),
        ],
        requires: "Without a UserName it is the caller: the caller's own device goes, and another user's is refused \
                   with NoSuchEntity and stays.",
        test: "Signed with an IAM user's key (CreateAccessKey, after PutUserPolicy where that is offered): the own \
               device; and one of another user, who keeps it. AccessDenied or InvalidClientTokenId means not \
               exercised, and the report says so.",
    }),
    of(Deactivate, "deactivate.default-user.root", Stated, NONE)
        .says(Words {
            cites: &[
                deactivate("Request Parameters, UserName", quote::ROOT_SESSION),
                boto3("UserName", quote::ROOT_SESSION),
            ],
            requires: "Root user credentials may leave the user name out only in an AssumeRoot session.",
            test: "A call without a UserName, signed by a root session and by root's own key.",
        })
        .excluded("Root sessions come from STS; it is tested only where a target offers role sessions."),
    of(Deactivate, "deactivate.default-user.other-callers", Implied, REJECT).says(Words {
        cites: &[
            deactivate("Request Parameters, UserName", quote::DEFAULT_USER),
            deactivate("Description", quote::DEACTIVATES),
            recorded("snapshot: Deactivate without UserName, called with a role session, is a ValidationError"),
        ],
        requires: "Without a UserName it is the caller. A caller that is not an IAM user has no device of an IAM user, \
                   so such a call is refused, with any 4xx, and the device stays.",
        test: "A call without a UserName, signed by the run's own credentials, for a device of a user and for one of \
               nobody.",
    }),
    of(Deactivate, "deactivate.self-management", Recorded, REJECT).says(Words {
        cites: &[
            seen(
                "Deactivate of the own device and of an absent one with the user's own key",
                &[("aws-008", &[11, 12])],
            ),
            seen("the same with a session that MFA has authenticated", &[("aws-008", &[17, 18])]),
        ],
        requires: "A user who has a device and calls with its own long-term key deactivates nothing for itself: \
                   AccessDenied, before anything else is looked at.",
        test: "Deactivate for the caller itself, with a device enabled for it: the own device, another's, and an \
               absent one.",
    }),
    of(Deactivate, "deactivate.no-code-needed", Implied, ACCEPT).says(Words {
        cites: &[
            deactivate("Request Parameters, SerialNumber", "Required: Yes"),
            deactivate("Request Parameters, UserName", "Required: No"),
        ],
        requires: "The operation asks for no authentication code: its page lists two parameters, and neither is one.",
        test: "Each Deactivate with serial number and user name alone, also of a device that is out of sync.",
    }),
    of(Deactivate, "deactivate.rejected-no-effect", Implied, REJECT).says(Words {
        cites: &[deactivate("Errors, NoSuchEntity", quote::ABSENT), deactivate("Description", quote::DEACTIVATES)],
        requires: "A call that was rejected did nothing: after any 4xx every device belongs to whom it belonged, and \
                   can be deactivated by its user.",
        test: "The listings after each refused Deactivate, and a Deactivate by the device's user.",
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
        test: "Each Deactivate of an enabled device; one answered with LimitExceeded is sent again.",
    }),
    of(Deactivate, "deactivate.cannot-authenticate", Stated, NONE)
        .says(Words {
            cites: &[guide("Deactivating MFA devices (console)", quote::UNTIL)],
            requires: "A deactivated device cannot be used to sign in or to authenticate requests.",
            test: "No request of this API can decide it.",
        })
        .excluded("Authenticating with a device is STS's and the console's; no operation of this API shows it."),
    of(Deactivate, "deactivate.sign-in-without-mfa", Stated, NONE)
        .says(Words {
            cites: &[guide("Deactivating MFA devices", "This allows the user to sign in without using MFA.")],
            requires: "After a Deactivate the user signs in without MFA.",
            test: "No request of this API can decide it.",
        })
        .excluded("Signing in is the console's; no operation of this API shows it."),
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
            requires: "The console deactivates the devices of users and of root, and mails a confirmation to root's \
                       address.",
            test: "No request of this API can decide it.",
        })
        .excluded("The console is no part of the Query API, and the root user's device is out of this API's reach."),
];
