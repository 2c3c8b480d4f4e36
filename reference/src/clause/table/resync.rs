//! Clauses on `ResyncMFADevice`.

use super::alike::{RESYNC, RESYNC_CODES};
use crate::MfaOperation::Resync;
use crate::clause::Stance::{Implied, Recorded, Silent, Stated};
use crate::clause::row::{ACCEPT, BOTH, NONE, REJECT, Row, Words, of};
use crate::clause::source::{enable, model, quote, resync, seen};

pub(super) const ROWS: &[Row] = &[
    of(Resync, "resync.synchronizes", Implied, ACCEPT).says(Words {
        cites: &[
            resync("Description", quote::SYNCHRONIZES),
            resync("Request Parameters, AuthenticationCode1", quote::CODE),
            resync("Request Parameters, AuthenticationCode2", quote::SUBSEQUENT),
        ],
        requires: "Resync of the user's own enabled device with a fresh pair succeeds: that is what the operation is \
                   for.",
        test: "A device enabled by a pair at least two steps back, and one that was resynchronized before.",
    }),
    of(Resync, "resync.keeps-association", Implied, BOTH).says(Words {
        cites: &[
            resync("Description", quote::SYNCHRONIZES),
            model("MFADevice, EnableDate", "The date when the MFA device was enabled for the user."),
            seen("Resync leaves EnableDate as it is", &[("aws-020", &[6]), ("aws-021", &[6])]),
        ],
        requires: "Resync synchronizes and does nothing else: no association and no EnableDate changes, by success or \
                   by error.",
        test: "The listings after each Resync, accepted or refused; an EnableDate counts that stood still for ten \
               seconds before.",
    }),
    of(Resync, "resync.user-exists", Stated, REJECT).says(RESYNC.user_exists),
    of(Resync, "resync.device-exists", Stated, REJECT).says(RESYNC_CODES.device_exists),
    of(Resync, "resync.codes-recognised", Stated, REJECT).says(RESYNC_CODES.codes_recognised),
    of(Resync, "resync.code2.subsequent", Implied, REJECT).says(RESYNC_CODES.code2_subsequent),
    of(Resync, "resync.code2.adjacent", Silent, NONE).says(RESYNC_CODES.code2_adjacent),
    of(Resync, "resync.replayed-codes", Silent, NONE).says(RESYNC_CODES.replayed_codes),
    of(Resync, "resync.codes.window", Recorded, ACCEPT).says(Words {
        cites: &[seen(
            "pairs ahead of the device's own clock",
            &[("aws-000", &[29, 35]), ("aws-038", &[27, 62]), ("aws-008", &[13])],
        )],
        requires: "AWS accepts two codes of neighbouring steps up to 600 steps ahead of the device's own clock: the \
                   time, moved by the drift of the last accepted pair.",
        test: "Pairs some steps ahead, after accepted pairs. Nothing is demanded where AWS was not recorded.",
    }),
    of(Resync, "resync.codes.order", Recorded, REJECT).says(Words {
        cites: &[
            seen(
                "pairs that are not newer than the last accepted one",
                &[("aws-000", &[32, 38, 41]), ("aws-038", &[26, 60, 61, 63])],
            ),
            seen("the pair after the last accepted one", &[("aws-038", &[62])]),
        ],
        requires: "AWS refuses a pair unless its first step is newer than the second step of the pair that the \
                   device's last accepted Enable or Resync carried. Refused requests use nothing up.",
        test: "The pair of the last accepted request, one that overlaps it, and an older one.",
    }),
    of(Resync, "resync.codes-by-device", Implied, ACCEPT).says(RESYNC_CODES.codes_by_device),
    of(Resync, "resync.after-late-enable", Stated, ACCEPT).says(Words {
        cites: &[
            enable("Request Parameters, AuthenticationCode1", quote::CAN_RESYNC),
            enable("Request Parameters, AuthenticationCode1", quote::LATE),
            resync("Description", quote::SYNCHRONIZES),
        ],
        requires: "A device that is out of sync, because it was enabled with late codes, accepts a Resync with a fresh \
                   pair. After an early pair that is open: AWS was recorded refusing the pairs before it.",
        test: "A Resync with a fresh pair after each accepted Enable whose pair was not fresh. Until then the device's \
               answers to codes are open.",
    }),
    of(Resync, "resync.unassigned", Implied, REJECT).says(Words {
        cites: &[resync("Request Parameters, UserName", quote::WHOSE), resync("Errors, NoSuchEntity", quote::ABSENT)],
        requires: "A device that is enabled for nobody is not the user's MFA device: NoSuchEntity.",
        test: "A device that was never enabled and one that was deactivated, with a fresh pair and a user that exists.",
    }),
    of(Resync, "resync.other-users", Implied, REJECT).says(Words {
        cites: &[resync("Request Parameters, UserName", quote::WHOSE), resync("Errors, NoSuchEntity", quote::ABSENT)],
        requires: "A device that is enabled for another user is not this user's: NoSuchEntity, and both associations \
                   stand.",
        test: "One user's device with a fresh pair in the name of another, who has a device and who has none.",
    }),
    of(Resync, "resync.drifted", Silent, NONE).says(Words {
        cites: &[resync("Description", quote::SYNCHRONIZES)],
        requires: "How far a device's clock may be off for a Resync to succeed is unpublished. After an accepted \
                   drifted pair, the device's answers to codes are open until a Resync with a fresh pair has \
                   succeeded.",
        test: "Pairs of adjacent steps that lie some steps to some days from now.",
    }),
    of(Resync, "resync.unlisted-errors", Implied, BOTH).says(Words {
        cites: &[
            resync("Errors", quote::COMMON),
            enable("Errors, EntityTemporarilyUnmodifiable", quote::UNMODIFIABLE),
            enable("Errors, EntityAlreadyExists", quote::ALREADY),
        ],
        requires: "Resync never answers EntityTemporarilyUnmodifiable or EntityAlreadyExists, which Enable's page \
                   lists and its own leaves out.",
        test: "Resyncs that a service with one set of errors for both would answer so: of an enabled device, and for a \
               user who was created, renamed or recreated a moment ago.",
    }),
    of(Resync, "resync.rejected-no-effect", Implied, REJECT).says(Words {
        cites: &[resync("Errors, NoSuchEntity", quote::ABSENT), resync("Description", quote::SYNCHRONIZES)],
        requires: "A call that was rejected did nothing: after any 4xx the association and its EnableDate are as they \
                   were.",
        test: "The listings after each refused Resync.",
    }),
    of(Resync, "resync.concurrent-modification", Stated, ACCEPT).says(RESYNC.concurrent_modification),
    of(Resync, "resync.service-failure", Stated, NONE).says(RESYNC.service_failure),
    of(Resync, "resync.limit", Implied, ACCEPT).says(Words {
        cites: &[resync("Errors, LimitExceeded", quote::LIMIT), resync("Description", quote::SYNCHRONIZES)],
        requires: "Resync creates nothing, so LimitExceeded never persists.",
        test: "Each Resync with a fresh pair; one answered with LimitExceeded is sent again.",
    }),
];
