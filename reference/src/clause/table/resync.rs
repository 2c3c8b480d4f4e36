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
        requires: "A Resync of the user's own enabled device with a fresh pair succeeds. That is the purpose of the \
                   operation.",
        test: "A device that was enabled with a pair at least two time steps old, and a device that was resynchronized \
               before.",
    }),
    of(Resync, "resync.keeps-association", Implied, BOTH).says(Words {
        cites: &[
            resync("Description", quote::SYNCHRONIZES),
            model("MFADevice, EnableDate", "The date when the MFA device was enabled for the user."),
            seen("Resync leaves EnableDate as it is", &[("aws-020", &[6]), ("aws-021", &[6])]),
        ],
        requires: "A Resync changes no association and no EnableDate, whether it succeeds or fails. It only \
                   synchronizes.",
        test: "The listings after each Resync, accepted or rejected. An EnableDate counts only if it did not change in \
               the ten seconds before.",
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
        requires: "AWS accepts the codes of two adjacent time steps up to 600 steps ahead of the device's own clock. \
                   That clock is the current time, moved by the drift of the last accepted pair.",
        test: "Pairs some time steps ahead, after accepted pairs. The tool demands nothing where AWS was not recorded.",
    }),
    of(Resync, "resync.codes.order", Recorded, REJECT).says(Words {
        cites: &[
            seen(
                "pairs that are not newer than the last accepted one",
                &[("aws-000", &[32, 38, 41]), ("aws-038", &[26, 60, 61, 63])],
            ),
            seen("the pair after the last accepted one", &[("aws-038", &[62])]),
        ],
        requires: "AWS rejects a pair unless its first time step is newer than the second step of the last accepted \
                   pair. The last accepted pair is the pair of the device's last accepted Enable or Resync. Rejected \
                   requests use up nothing.",
        test: "The pair of the last accepted request, a pair that overlaps it, and an older pair.",
    }),
    of(Resync, "resync.codes-by-device", Implied, ACCEPT).says(RESYNC_CODES.codes_by_device),
    of(Resync, "resync.after-late-enable", Stated, ACCEPT).says(Words {
        cites: &[
            enable("Request Parameters, AuthenticationCode1", quote::CAN_RESYNC),
            enable("Request Parameters, AuthenticationCode1", quote::LATE),
            resync("Description", quote::SYNCHRONIZES),
        ],
        requires: "If a device is out of sync because it was enabled with late codes, the service accepts a Resync of \
                   it with a fresh pair. If it was enabled with an early pair, the answer is undocumented: AWS was \
                   recorded rejecting the pairs before the early one.",
        test: "A Resync with a fresh pair after each accepted Enable whose pair was not fresh. Until then the service \
               may accept or reject any codes of the device.",
    }),
    of(Resync, "resync.unassigned", Implied, REJECT).says(Words {
        cites: &[resync("Request Parameters, UserName", quote::WHOSE), resync("Errors, NoSuchEntity", quote::ABSENT)],
        requires: "If the device is enabled for nobody, the service rejects the call with NoSuchEntity. Such a device \
                   is not the user's MFA device.",
        test: "A device that was never enabled and a device that was deactivated, each with a fresh pair and a user \
               that exists.",
    }),
    of(Resync, "resync.other-users", Implied, REJECT).says(Words {
        cites: &[resync("Request Parameters, UserName", quote::WHOSE), resync("Errors, NoSuchEntity", quote::ABSENT)],
        requires: "If the device is enabled for another user, the service rejects the call with NoSuchEntity. The \
                   device is not the named user's, and the associations of both users are unchanged.",
        test: "One user's device with a fresh pair, in a call that names another user. The other user has a device or \
               has none.",
    }),
    of(Resync, "resync.drifted", Silent, NONE).says(Words {
        cites: &[resync("Description", quote::SYNCHRONIZES)],
        requires: "It is undocumented how far a device's clock may be off for a Resync to succeed. After the service \
                   accepts a drifted pair, it may accept or reject any codes of the device until a Resync with a fresh \
                   pair succeeds.",
        test: "Pairs of adjacent time steps that are some steps to some days from now.",
    }),
    of(Resync, "resync.unlisted-errors", Implied, BOTH).says(Words {
        cites: &[
            resync("Errors", quote::COMMON),
            enable("Errors, EntityTemporarilyUnmodifiable", quote::UNMODIFIABLE),
            enable("Errors, EntityAlreadyExists", quote::ALREADY),
        ],
        requires: "Resync never answers EntityTemporarilyUnmodifiable or EntityAlreadyExists. The page of Enable lists \
                   these errors, and the page of Resync does not.",
        test: "Resyncs that a service would answer so if it used one set of errors for both operations: of an enabled \
               device, and for a user who was created, renamed or recreated a moment ago.",
    }),
    of(Resync, "resync.rejected-no-effect", Implied, REJECT).says(Words {
        cites: &[resync("Errors, NoSuchEntity", quote::ABSENT), resync("Description", quote::SYNCHRONIZES)],
        requires: "A rejected call has no effect. After any 4xx the association and its EnableDate are unchanged.",
        test: "The listings after each rejected Resync.",
    }),
    of(Resync, "resync.concurrent-modification", Stated, ACCEPT).says(RESYNC.concurrent_modification),
    of(Resync, "resync.service-failure", Stated, NONE).says(RESYNC.service_failure),
    of(Resync, "resync.limit", Implied, ACCEPT).says(Words {
        cites: &[resync("Errors, LimitExceeded", quote::LIMIT), resync("Description", quote::SYNCHRONIZES)],
        requires: "Resync creates nothing, so LimitExceeded never persists.",
        test: "Each Resync with a fresh pair. After LimitExceeded the tool sends it again.",
    }),
];
