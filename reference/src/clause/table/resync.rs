//! Clauses on `ResyncMFADevice`.

macro_rules! resync_clauses {
    ($next:ident $($after:ident)*; $($before:tt)*) => {
        $next! { $($after)*; $($before)*
            ResyncSynchronizes "resync.synchronizes" Implied of Resync
                cites [
                    resync("Description", quote::SYNCHRONIZES),
                    resync("Request Parameters, AuthenticationCode1", quote::CODE),
                    resync("Request Parameters, AuthenticationCode2", quote::SUBSEQUENT),
                ]
                requires "Resync of the user's own enabled device with a fresh pair succeeds: that is what the \
                          operation is for."
                test "A device enabled by a pair at least two steps back, and one that was resynchronized before."
                sides [Accept];
            ResyncKeepsAssociation "resync.keeps-association" Implied of Resync
                cites [
                    resync("Description", quote::SYNCHRONIZES),
                    model("MFADevice, EnableDate", "The date when the MFA device was enabled for the user."),
                    seen("Resync leaves EnableDate as it is", &[("aws-020", &[6]), ("aws-021", &[6])]),
                ]
                requires "Resync synchronizes and does nothing else: no association and no EnableDate changes, by \
                          success or by error."
                test "The listings after each Resync, accepted or refused; an EnableDate counts that stood still \
                      for ten seconds before."
                sides [Accept, Reject];
            ResyncUserExists "resync.user-exists" Stated of Resync
                cites [resync("Errors, NoSuchEntity", quote::ABSENT)]
                requires "A call that names an absent user is refused with NoSuchEntity."
                test "A name that was never created, one that was deleted, and the prefix and extension of a \
                      live one, with a device that exists and a fresh pair of its codes."
                sides [Reject];
            ResyncDeviceExists "resync.device-exists" Stated of Resync
                cites [resync("Errors, NoSuchEntity", quote::ABSENT)]
                requires "A call that names an absent device is refused, and no device is invented. It has no \
                          right codes either, so InvalidAuthenticationCode conforms as well."
                test "A serial number that was never given and that of a deleted device, with a user that \
                      exists; the listings afterwards."
                sides [Reject];
            ResyncCodesRecognised "resync.codes-recognised" Stated of Resync
                cites [
                    resync("Errors, InvalidAuthenticationCode", quote::NOT_RECOGNISED),
                    resync("Request Parameters, AuthenticationCode1", quote::CODE),
                ]
                requires "Two codes of which the device never emitted one or both near now are refused with \
                          InvalidAuthenticationCode."
                test "Wrong codes, several users and devices about: both wrong; only the first; only the \
                      second; the pair of another device, of nobody's, of another user's and of the same \
                      user's; 000000 twice; the samples' codes; the right pair with each digit changed."
                sides [Reject];
            ResyncCode2Subsequent "resync.code2.subsequent" Implied of Resync
                cites [
                    resync("Request Parameters, AuthenticationCode2", quote::SUBSEQUENT),
                    resync("Request Parameters, AuthenticationCode1", quote::CODE),
                ]
                requires "The second code is a subsequent one, emitted after the first: the same code twice and a \
                          pair in reverse are refused."
                test "A fresh pair in reverse and either of its codes twice, for devices whose two codes differ."
                sides [Reject];
            ResyncCode2Adjacent "resync.code2.adjacent" Silent of Resync
                cites [resync("Request Parameters, AuthenticationCode2", quote::SUBSEQUENT)]
                requires "Whether a second code that is later than the first but not the very next one is \
                          accepted is open."
                test "Pairs with a gap of one step and more."
                sides [];
            ResyncReplayedCodes "resync.replayed-codes" Silent of Resync
                cites []
                requires "Whether a pair is accepted that holds a step which an earlier request on this device \
                          carried, or one before it, is open. RFC 6238 forbids a verifier to accept a code twice; the documents don't \
                          say so here."
                test "The same pair again, and the overlapping pair of the next step, after a success and \
                      after a refusal."
                sides [];
            ResyncCodesWindow "resync.codes.window" Recorded of Resync
                cites [
                    seen("pairs ahead of the device's own clock", &[
                        ("aws-000", &[29, 35]),
                        ("aws-038", &[27, 62]),
                        ("aws-008", &[13]),
                    ]),
                ]
                requires "AWS accepts two codes of neighbouring steps up to 600 steps ahead of the device's own \
                          clock: the time, moved by the drift of the last accepted pair."
                test "Pairs some steps ahead, after accepted pairs. Nothing is demanded where AWS was not recorded."
                sides [Accept];
            ResyncCodesOrder "resync.codes.order" Recorded of Resync
                cites [
                    seen("pairs that are not newer than the last accepted one", &[
                        ("aws-000", &[32, 38, 41]),
                        ("aws-038", &[26, 60, 61, 63]),
                    ]),
                    seen("the pair after the last accepted one", &[("aws-038", &[62])]),
                ]
                requires "AWS refuses a pair unless its first step is newer than the second step of the pair that the \
                          device's last accepted Enable or Resync carried. Refused requests use nothing up."
                test "The pair of the last accepted request, one that overlaps it, and an older one."
                sides [Reject];
            ResyncCodesByDevice "resync.codes-by-device" Implied of Resync
                cites [
                    resync("Request Parameters, AuthenticationCode1", quote::CODE),
                    resync("Request Parameters, SerialNumber", quote::UNIQUE_TO_RESYNC),
                ]
                requires "Codes are the device's own: that another device used a step never matters."
                test "A fresh pair of one device in the same two steps in which another device's pair was \
                      accepted or refused."
                sides [Accept];
            ResyncAfterLateEnable "resync.after-late-enable" Stated of Resync
                cites [
                    enable("Request Parameters, AuthenticationCode1", quote::CAN_RESYNC),
                    enable("Request Parameters, AuthenticationCode1", quote::LATE),
                    resync("Description", quote::SYNCHRONIZES),
                ]
                requires "A device that is out of sync, because it was enabled with late codes, accepts a Resync with \
                          a fresh pair. After an early pair that is open: AWS was recorded refusing the pairs before it."
                test "A Resync with a fresh pair after each accepted Enable whose pair was not fresh. Until \
                      then the device's answers to codes are open."
                sides [Accept];
            ResyncUnassigned "resync.unassigned" Implied of Resync
                cites [
                    resync("Request Parameters, UserName", quote::WHOSE),
                    resync("Errors, NoSuchEntity", quote::ABSENT),
                ]
                requires "A device that is enabled for nobody is not the user's MFA device: NoSuchEntity."
                test "A device that was never enabled and one that was deactivated, with a fresh pair and a \
                      user that exists."
                sides [Reject];
            ResyncOtherUsers "resync.other-users" Implied of Resync
                cites [
                    resync("Request Parameters, UserName", quote::WHOSE),
                    resync("Errors, NoSuchEntity", quote::ABSENT),
                ]
                requires "A device that is enabled for another user is not this user's: NoSuchEntity, and both \
                          associations stand."
                test "One user's device with a fresh pair in the name of another, who has a device and who has none."
                sides [Reject];
            ResyncDrifted "resync.drifted" Silent of Resync
                cites [resync("Description", quote::SYNCHRONIZES)]
                requires "How far a device's clock may be off for a Resync to succeed is unpublished. After an \
                          accepted drifted pair, the device's answers to codes are open until a Resync with a \
                          fresh pair has succeeded."
                test "Pairs of adjacent steps that lie some steps to some days from now."
                sides [];
            ResyncUnlistedErrors "resync.unlisted-errors" Implied of Resync
                cites [
                    resync("Errors", quote::COMMON),
                    enable("Errors, EntityTemporarilyUnmodifiable", quote::UNMODIFIABLE),
                    enable("Errors, EntityAlreadyExists", quote::ALREADY),
                ]
                requires "Resync never answers EntityTemporarilyUnmodifiable or EntityAlreadyExists, which \
                          Enable's page lists and its own leaves out."
                test "Resyncs that a service with one set of errors for both would answer so: of an enabled \
                      device, and for a user who was created, renamed or recreated a moment ago."
                sides [Accept, Reject];
            ResyncRejectedNoEffect "resync.rejected-no-effect" Implied of Resync
                cites [resync("Errors, NoSuchEntity", quote::ABSENT), resync("Description", quote::SYNCHRONIZES)]
                requires "A call that was rejected did nothing: after any 4xx the association and its EnableDate \
                          are as they were."
                test "The listings after each refused Resync."
                sides [Reject];
            ResyncConcurrentModification "resync.concurrent-modification" Stated of Resync
                cites [resync("Errors, ConcurrentModification", quote::CONCURRENT)]
                requires "ConcurrentModification is an answer only if another call on the same object overlapped \
                          lately, and the refused call has no effect. The page says to wait a few minutes, and no \
                          number."
                test "Calls that nothing overlapped; a call that timed out counts as overlapping."
                sides [Accept];
            ResyncServiceFailure "resync.service-failure" Stated of Resync
                cites [resync("Errors, ServiceFailure", quote::FAILURE)]
                requires "ServiceFailure, a 500, is permitted for any call. Either nothing has changed after it, or \
                          what a success of this very call would have changed."
                test "Where a target answers so, the state is observed and the call sent again; a failure for \
                      the same input each time breaks robustness.persistent-failure."
                sides [];
            ResyncLimit "resync.limit" Implied of Resync
                cites [resync("Errors, LimitExceeded", quote::LIMIT), resync("Description", quote::SYNCHRONIZES)]
                requires "Resync creates nothing, so LimitExceeded never persists."
                test "Each Resync with a fresh pair; one answered with LimitExceeded is sent again."
                sides [Accept];
        }
    };
}

pub(in crate::clause) use resync_clauses;
