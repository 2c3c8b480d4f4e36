//! Clauses on `EnableMFADevice`.

use super::alike::{ENABLE, ENABLE_CODES, temporarily_unmodifiable};
use crate::MfaOperation::Enable;
use crate::clause::Stance::{Contradicted, Implied, Recorded, Silent, Stated};
use crate::clause::row::{ACCEPT, BOTH, NONE, REJECT, Row, Words, of};
use crate::clause::source::{enable, quote, recorded, seen};

pub(super) const ROWS: &[Row] = &[
    of(Enable, "enable.associates", Stated, ACCEPT).says(Words {
        cites: &[enable("Description", quote::ENABLES), enable("Request Parameters, UserName", quote::FOR_WHOM)],
        requires: "After a 200 the device is the named user's, and only that user's, in every listing.",
        test: "Each accepted Enable, with the listings of that user, of the others and of the virtual devices.",
    }),
    of(Enable, "enable.user-exists", Stated, REJECT).says(ENABLE.user_exists),
    of(Enable, "enable.device-exists", Stated, REJECT).says(ENABLE_CODES.device_exists),
    of(Enable, "enable.device-exists.code", Recorded, REJECT).says(Words {
        cites: &[
            enable("Errors, NoSuchEntity", quote::ABSENT),
            recorded("snapshot: Deactivate and DeleteVirtualMFADevice of an absent device"),
        ],
        requires: "The refusal of an absent device has the code NoSuchEntity, and its message names the serial number.",
        test: "The same calls as for enable.device-exists.",
    }),
    of(Enable, "enable.codes-recognised", Stated, REJECT).says(ENABLE_CODES.codes_recognised),
    of(Enable, "enable.fresh-pair", Implied, ACCEPT).says(Words {
        cites: &[
            enable("Description", quote::ENABLES),
            enable("Request Parameters, AuthenticationCode1", quote::CODE),
            enable("Request Parameters, AuthenticationCode2", quote::SUBSEQUENT),
            enable("Request Parameters, AuthenticationCode1", quote::AT_ONCE),
        ],
        requires: "A fresh pair, sent at once, is accepted for any unassigned device and any user that exist. The page \
                   says what the codes are and advises to send them at once. That such codes work follows from what \
                   the operation is for.",
        test: "Also across a step's edge, for the fifth time in a row (enable, deactivate, enable), for a user's \
               eighth device, and for a name of 64 characters.",
    }),
    of(Enable, "enable.code2.subsequent", Implied, REJECT).says(ENABLE_CODES.code2_subsequent),
    of(Enable, "enable.code2.adjacent", Silent, NONE).says(ENABLE_CODES.code2_adjacent),
    of(Enable, "enable.late-codes", Contradicted, NONE).says(Words {
        cites: &[
            enable("Request Parameters, AuthenticationCode1", quote::LATE),
            enable("Request Parameters, AuthenticationCode1", quote::EXPIRE),
            enable("Errors, InvalidAuthenticationCode", quote::NOT_RECOGNISED),
        ],
        requires: "A past pair other than the fresh one is refused with InvalidAuthenticationCode, or associates the \
                   device, which is then out of sync.",
        test: "Pairs that lie one step to a day back, of devices that no request has used since.",
    }),
    of(Enable, "enable.early-codes", Silent, NONE).says(Words {
        cites: &[],
        requires: "Whether a pair that lies in the future is accepted is open.",
        test: "Pairs of which the second step, or both, haven't begun.",
    }),
    of(Enable, "enable.replayed-codes", Silent, NONE).says(ENABLE_CODES.replayed_codes),
    of(Enable, "enable.codes.window", Recorded, BOTH).says(Words {
        cites: &[
            seen(
                "the edges of the window, each pair on a new device",
                &[("aws-039", &[3, 7, 10, 34, 38, 42, 46, 50, 54, 31, 88, 92, 96, 99, 103, 82, 85])],
            ),
            seen("a pair ahead of the device's own clock, after Deactivate", &[("aws-038", &[79]), ("aws-023", &[9])]),
        ],
        requires: "AWS accepts two codes of neighbouring steps whose first step is at most 999 steps from now, and \
                   refuses those farther off. Once a pair was accepted, its drift moves the middle of the window to \
                   the device's own clock, and a Deactivate leaves that as it is.",
        test: "Pairs some steps to some days from now, on new devices and after accepted pairs. Nothing is demanded \
               where AWS was not recorded.",
    }),
    of(Enable, "enable.codes.order", Recorded, REJECT).says(Words {
        cites: &[
            seen(
                "pairs that are not newer than the last accepted one, after Deactivate",
                &[("aws-038", &[77, 78]), ("aws-000", &[48])],
            ),
            seen("the pair after the last accepted one", &[("aws-038", &[79])]),
            seen("the same steps with another seed", &[("aws-011", &[9]), ("aws-014", &[18])]),
        ],
        requires: "AWS refuses a pair unless its first step is newer than the second step of the pair that the \
                   device's last accepted Enable or Resync carried, whoever the user was. Refused requests use nothing \
                   up.",
        test: "The pair of the last accepted request, one that overlaps it, and an older one.",
    }),
    of(Enable, "enable.self-management", Recorded, REJECT).says(Words {
        cites: &[
            seen("Enable of a second and of the same device with the user's own key", &[("aws-008", &[9, 10])]),
            seen("Enable of a first device, and of another user's", &[("aws-008", &[8, 14, 19])]),
        ],
        requires: "A user who has a device and calls with its own long-term key enables no further device for itself: \
                   AccessDenied, before anything else is looked at, and nothing is used up.",
        test: "Enable for the caller itself, with a device enabled for it.",
    }),
    of(Enable, "enable.codes-by-device", Implied, ACCEPT).says(ENABLE_CODES.codes_by_device),
    of(Enable, "enable.already-enabled", Implied, REJECT).says(Words {
        cites: &[
            enable("Errors, EntityAlreadyExists", quote::ALREADY),
            enable("Description", quote::ENABLES),
            seen(
                "Enable of an assigned device, for its own user and for another",
                &[("aws-000", &[12, 13]), ("aws-067", &[1])],
            ),
        ],
        requires: "A device that is assigned is refused with EntityAlreadyExists, for its own user and for another, \
                   and the association stays as it was. All that Enable creates is an association, so that is the \
                   resource that already exists.",
        test: "A second Enable with a fresh pair, by the same user and by another.",
    }),
    of(Enable, "enable.rejected-no-effect", Implied, REJECT).says(Words {
        cites: &[enable("Errors, NoSuchEntity", quote::ABSENT), enable("Description", quote::ENABLES)],
        requires: "A call that was rejected did nothing: after any 4xx the device is as it was, and can be enabled \
                   with a fresh pair.",
        test: "The listings after each refused Enable, and an Enable with a fresh pair.",
    }),
    of(Enable, "enable.limit", Implied, ACCEPT).says(Words {
        cites: &[enable("Errors, LimitExceeded", quote::LIMIT), enable("Description", quote::ENABLES)],
        requires: "LimitExceeded is an answer only at a limit of the account. One without assigned devices is at none, \
                   and neither is one that was seen to hold more devices at once than it does now. The page names no \
                   number.",
        test: "Each Enable with a fresh pair that adds to no more devices than were held before.",
    }),
    of(Enable, "enable.limit.quota", Recorded, BOTH).says(Words {
        cites: &[recorded("published quota: 8 MFA devices for a user"), enable("Errors, LimitExceeded", quote::LIMIT)],
        requires: "A user has at most 8 MFA devices: the eighth is accepted, and the ninth is refused with \
                   LimitExceeded.",
        test: "Nine devices enabled for one user, each with a fresh pair.",
    }),
    of(Enable, "enable.temporarily-unmodifiable", Implied, ACCEPT).says(temporarily_unmodifiable(&[
        enable("Errors, EntityTemporarilyUnmodifiable", quote::UNMODIFIABLE),
        enable("Errors, EntityTemporarilyUnmodifiable", quote::TRY_LATER),
    ])),
    of(Enable, "enable.concurrent-modification", Stated, ACCEPT).says(ENABLE.concurrent_modification),
    of(Enable, "enable.service-failure", Stated, NONE).says(ENABLE.service_failure),
    of(Enable, "enable.login-required", Stated, NONE)
        .says(Words {
            cites: &[enable(
                "Description",
                "When enabled, the MFA device is required for every subsequent login by the IAM user associated \
                 with the device.",
            )],
            requires: "The user's every later login requires the device.",
            test: "No request of this API can decide it.",
        })
        .excluded("Signing in happens in the console and in STS; no operation of this API shows it."),
];
