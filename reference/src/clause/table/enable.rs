//! Clauses on `EnableMFADevice`.

use super::alike::{ENABLE, ENABLE_CODES, temporarily_unmodifiable};
use crate::MfaOperation::Enable;
use crate::clause::Stance::{Contradicted, Implied, Recorded, Silent, Stated};
use crate::clause::row::{ACCEPT, BOTH, NONE, REJECT, Row, Words, of};
use crate::clause::source::{enable, quote, recorded, seen};

pub(super) const ROWS: &[Row] = &[
    of(Enable, "enable.associates", Stated, ACCEPT).says(Words {
        cites: &[enable("Description", quote::ENABLES), enable("Request Parameters, UserName", quote::FOR_WHOM)],
        requires: "After status 200, the listings show the device as the named user's and as nobody else's.",
        test: "Each accepted Enable, followed by the listings of that user, of the other users and of the virtual \
               devices.",
    }),
    of(Enable, "enable.user-exists", Stated, REJECT).says(ENABLE.user_exists),
    of(Enable, "enable.device-exists", Stated, REJECT).says(ENABLE_CODES.device_exists),
    of(Enable, "enable.device-exists.code", Recorded, REJECT).says(Words {
        cites: &[
            enable("Errors, NoSuchEntity", quote::ABSENT),
            recorded("snapshot: Deactivate and DeleteVirtualMFADevice of an absent device"),
        ],
        requires: "A rejection because of an absent device has the code NoSuchEntity. Its message names the serial \
                   number.",
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
        requires: "The service accepts a fresh pair that is sent at once, for any existing unassigned device and any \
                   existing user. The page says what the codes are and advises to send them at once. That such codes \
                   work follows from the purpose of the operation.",
        test: "Enable with a fresh pair. This includes a pair that is sent as a time step ends, the fifth Enable in a \
               row (enable, deactivate, enable), a user's eighth device, and a name of 64 characters.",
    }),
    of(Enable, "enable.code2.subsequent", Implied, REJECT).says(ENABLE_CODES.code2_subsequent),
    of(Enable, "enable.code2.adjacent", Silent, NONE).says(ENABLE_CODES.code2_adjacent),
    of(Enable, "enable.late-codes", Contradicted, NONE).says(Words {
        cites: &[
            enable("Request Parameters, AuthenticationCode1", quote::LATE),
            enable("Request Parameters, AuthenticationCode1", quote::EXPIRE),
            enable("Errors, InvalidAuthenticationCode", quote::NOT_RECOGNISED),
        ],
        requires: "The service rejects a past pair with InvalidAuthenticationCode, or it associates the device, which \
                   is then out of sync. The fresh pair does not count as a past pair.",
        test: "Pairs that are one time step to one day old, of devices that no request has used since.",
    }),
    of(Enable, "enable.early-codes", Silent, NONE).says(Words {
        cites: &[],
        requires: "It is undocumented whether the service accepts a pair from the future.",
        test: "Pairs whose second time step has not begun, and pairs of which neither step has.",
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
        requires: "AWS accepts the codes of two adjacent time steps if the first is at most 999 steps from now. It \
                   rejects pairs that are farther away. After AWS has accepted a pair, the drift of that pair moves \
                   the middle of the window to the device's own clock. A Deactivate does not change this.",
        test: "Pairs that are some time steps to some days from now, on new devices and after accepted pairs. The tool \
               demands nothing where AWS was not recorded.",
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
        requires: "AWS rejects a pair unless its first time step is newer than the second step of the last accepted \
                   pair. The last accepted pair is the pair of the device's last accepted Enable or Resync, for any \
                   user. Rejected requests use up nothing.",
        test: "The pair of the last accepted request, a pair that overlaps it, and an older pair.",
    }),
    of(Enable, "enable.self-management", Recorded, REJECT).says(Words {
        cites: &[
            seen("Enable of a second and of the same device with the user's own key", &[("aws-008", &[9, 10])]),
            seen("Enable of a first device, and of another user's", &[("aws-008", &[8, 14, 19])]),
        ],
        requires: "A user who has a device cannot use their own long-term key to enable a further device for \
                   themselves. The service answers AccessDenied before it checks anything else, and uses up nothing.",
        test: "Enable for the caller itself, while a device is enabled for the caller.",
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
        requires: "The service rejects an assigned device with EntityAlreadyExists, for its own user and for another. \
                   The association is unchanged. Enable creates only an association, so the association is the \
                   resource that already exists.",
        test: "A second Enable with a fresh pair, for the same user and for another.",
    }),
    of(Enable, "enable.rejected-no-effect", Implied, REJECT).says(Words {
        cites: &[enable("Errors, NoSuchEntity", quote::ABSENT), enable("Description", quote::ENABLES)],
        requires: "A rejected call has no effect. After any 4xx the device is unchanged and can be enabled with a \
                   fresh pair.",
        test: "The listings after each rejected Enable, and then an Enable with a fresh pair.",
    }),
    of(Enable, "enable.limit", Implied, ACCEPT).says(Words {
        cites: &[enable("Errors, LimitExceeded", quote::LIMIT), enable("Description", quote::ENABLES)],
        requires: "LimitExceeded is an answer only at a limit of the account. An account without assigned devices is \
                   not at a limit, and neither is an account that was seen to have more devices at once than it has \
                   now. The page gives no number.",
        test: "Each Enable with a fresh pair that brings the account to no more devices than it had at once before.",
    }),
    of(Enable, "enable.limit.quota", Recorded, BOTH).says(Words {
        cites: &[recorded("published quota: 8 MFA devices for a user"), enable("Errors, LimitExceeded", quote::LIMIT)],
        requires: "A user has at most 8 MFA devices. The service accepts the eighth and rejects the ninth with \
                   LimitExceeded.",
        test: "Nine devices that are enabled for one user, each with a fresh pair.",
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
            requires: "Every later login of the user requires the device.",
            test: "No request of this API can test it.",
        })
        .excluded(
            "Signing in happens in the console and in STS. No operation of this API shows whether it requires \
                   the device.",
        ),
];
