//! Clauses on `EnableMFADevice`.

macro_rules! enable_clauses {
    ($next:ident $($after:ident)*; $($before:tt)*) => {
        $next! { $($after)*; $($before)*
            EnableAssociates "enable.associates" Stated of Enable
                cites [
                    enable("Description", quote::ENABLES),
                    enable("Request Parameters, UserName", quote::FOR_WHOM),
                ]
                requires "After a 200 the device is the named user's, and only that user's, in every listing."
                test "Each accepted Enable, with the listings of that user, of the others and of the virtual devices."
                sides [Accept];
            EnableUserExists "enable.user-exists" Stated of Enable
                cites [enable("Errors, NoSuchEntity", quote::ABSENT)]
                requires "A call that names an absent user is refused with NoSuchEntity."
                test "A name that was never created, one that was deleted, and the prefix and extension of a \
                      live one, with a device that exists and a fresh pair of its codes."
                sides [Reject];
            EnableDeviceExists "enable.device-exists" Stated of Enable
                cites [enable("Errors, NoSuchEntity", quote::ABSENT)]
                requires "A call that names an absent device is refused, and no device is invented. It has no \
                          right codes either, so InvalidAuthenticationCode conforms as well."
                test "A serial number that was never given and that of a deleted device, with a user that \
                      exists; the listings afterwards."
                sides [Reject];
            EnableDeviceExistsCode "enable.device-exists.code" Recorded of Enable
                cites [
                    enable("Errors, NoSuchEntity", quote::ABSENT),
                    recorded("snapshot: Deactivate and DeleteVirtualMFADevice of an absent device"),
                ]
                requires "The refusal of an absent device has the code NoSuchEntity, and its message names the \
                          serial number."
                test "The same calls as for enable.device-exists."
                sides [Reject];
            EnableCodesRecognised "enable.codes-recognised" Stated of Enable
                cites [
                    enable("Errors, InvalidAuthenticationCode", quote::NOT_RECOGNISED),
                    enable("Request Parameters, AuthenticationCode1", quote::CODE),
                ]
                requires "Two codes of which the device never emitted one or both near now are refused with \
                          InvalidAuthenticationCode."
                test "Wrong codes, several users and devices about: both wrong; only the first; only the \
                      second; the pair of another device, of nobody's, of another user's and of the same \
                      user's; 000000 twice; the samples' codes; the right pair with each digit changed."
                sides [Reject];
            EnableFreshPair "enable.fresh-pair" Implied of Enable
                cites [
                    enable("Description", quote::ENABLES),
                    enable("Request Parameters, AuthenticationCode1", quote::CODE),
                    enable("Request Parameters, AuthenticationCode2", quote::SUBSEQUENT),
                    enable("Request Parameters, AuthenticationCode1", quote::AT_ONCE),
                ]
                requires "A fresh pair, sent at once, is accepted for any unassigned device and any user that exist. The \
                          page says what the codes are and advises to send them at once. That such codes work follows \
                          from what the operation is for."
                test "Also across a step's edge, for the fifth time in a row (enable, deactivate, enable), \
                      for a user's eighth device, and for a name of 64 characters."
                sides [Accept];
            EnableCode2Subsequent "enable.code2.subsequent" Implied of Enable
                cites [
                    enable("Request Parameters, AuthenticationCode2", quote::SUBSEQUENT),
                    enable("Request Parameters, AuthenticationCode1", quote::CODE),
                ]
                requires "The second code is a subsequent one, emitted after the first: the same code twice and a \
                          pair in reverse are refused."
                test "A fresh pair in reverse and either of its codes twice, for devices whose two codes differ."
                sides [Reject];
            EnableCode2Adjacent "enable.code2.adjacent" Silent of Enable
                cites [enable("Request Parameters, AuthenticationCode2", quote::SUBSEQUENT)]
                requires "Whether a second code that is later than the first but not the very next one is \
                          accepted is open."
                test "Pairs with a gap of one step and more."
                sides [];
            EnableLateCodes "enable.late-codes" Contradicted of Enable
                cites [
                    enable("Request Parameters, AuthenticationCode1", quote::LATE),
                    enable("Request Parameters, AuthenticationCode1", quote::EXPIRE),
                    enable("Errors, InvalidAuthenticationCode", quote::NOT_RECOGNISED),
                ]
                requires "A past pair other than the fresh one is refused with InvalidAuthenticationCode, or \
                          associates the device, which is then out of sync."
                test "Pairs that lie one step to a day back, of devices that no request has used since."
                sides [];
            EnableEarlyCodes "enable.early-codes" Silent of Enable
                cites []
                requires "Whether a pair that lies in the future is accepted is open."
                test "Pairs of which the second step, or both, haven't begun."
                sides [];
            EnableReplayedCodes "enable.replayed-codes" Silent of Enable
                cites []
                requires "Whether a pair is accepted that holds a step which an earlier request on this device \
                          carried, or one before it, is open. RFC 6238 forbids a verifier to accept a code twice; the documents don't \
                          say so here."
                test "The same pair again, and the overlapping pair of the next step, after a success and \
                      after a refusal."
                sides [];
            EnableCodesWindow "enable.codes.window" Recorded of Enable
                cites [
                    seen("the edges of the window, each pair on a new device", &[
                        ("aws-039", &[3, 7, 10, 34, 38, 42, 46, 50, 54, 31, 88, 92, 96, 99, 103, 82, 85]),
                    ]),
                    seen("a pair ahead of the device's own clock, after Deactivate", &[
                        ("aws-038", &[79]),
                        ("aws-023", &[9]),
                    ]),
                ]
                requires "AWS accepts two codes of neighbouring steps whose first step is at most 999 steps from now, \
                          and refuses those farther off. Once a pair was accepted, its drift moves the middle of the \
                          window to the device's own clock, and a Deactivate leaves that as it is."
                test "Pairs some steps to some days from now, on new devices and after accepted pairs. Nothing is \
                      demanded where AWS was not recorded."
                sides [Accept, Reject];
            EnableCodesOrder "enable.codes.order" Recorded of Enable
                cites [
                    seen("pairs that are not newer than the last accepted one, after Deactivate", &[
                        ("aws-038", &[77, 78]),
                        ("aws-000", &[48]),
                    ]),
                    seen("the pair after the last accepted one", &[("aws-038", &[79])]),
                    seen("the same steps with another seed", &[("aws-011", &[9]), ("aws-014", &[18])]),
                ]
                requires "AWS refuses a pair unless its first step is newer than the second step of the pair that the \
                          device's last accepted Enable or Resync carried, whoever the user was. Refused requests use \
                          nothing up."
                test "The pair of the last accepted request, one that overlaps it, and an older one."
                sides [Reject];
            EnableSelfManagement "enable.self-management" Recorded of Enable
                cites [
                    seen("Enable of a second and of the same device with the user's own key", &[
                        ("aws-008", &[9, 10]),
                    ]),
                    seen("Enable of a first device, and of another user's", &[("aws-008", &[8, 14, 19])]),
                ]
                requires "A user who has a device and calls with its own long-term key enables no further device for \
                          itself: AccessDenied, before anything else is looked at, and nothing is used up."
                test "Enable for the caller itself, with a device enabled for it."
                sides [Reject];
            EnableCodesByDevice "enable.codes-by-device" Implied of Enable
                cites [
                    enable("Request Parameters, AuthenticationCode1", quote::CODE),
                    enable("Request Parameters, SerialNumber", quote::UNIQUE),
                ]
                requires "Codes are the device's own: that another device used a step never matters."
                test "A fresh pair of one device in the same two steps in which another device's pair was \
                      accepted or refused."
                sides [Accept];
            EnableAlreadyEnabled "enable.already-enabled" Implied of Enable
                cites [
                    enable("Errors, EntityAlreadyExists", quote::ALREADY),
                    enable("Description", quote::ENABLES),
                    seen("Enable of an assigned device, for its own user and for another", &[
                        ("aws-000", &[12, 13]),
                        ("aws-067", &[1]),
                    ]),
                ]
                requires "A device that is assigned is refused with EntityAlreadyExists, for its own user and for \
                          another, and the association stays as it was. All that Enable creates is an association, so \
                          that is the resource that already exists."
                test "A second Enable with a fresh pair, by the same user and by another."
                sides [Reject];
            EnableRejectedNoEffect "enable.rejected-no-effect" Implied of Enable
                cites [enable("Errors, NoSuchEntity", quote::ABSENT), enable("Description", quote::ENABLES)]
                requires "A call that was rejected did nothing: after any 4xx the device is as it was, and can be \
                          enabled with a fresh pair."
                test "The listings after each refused Enable, and an Enable with a fresh pair."
                sides [Reject];
            EnableLimit "enable.limit" Implied of Enable
                cites [enable("Errors, LimitExceeded", quote::LIMIT), enable("Description", quote::ENABLES)]
                requires "LimitExceeded is an answer only at a limit of the account. One without assigned devices is at \
                          none, and neither is one that was seen to hold more devices at once than it does now. \
                          The page names no number."
                test "Each Enable with a fresh pair that adds to no more devices than were held before."
                sides [Accept];
            EnableLimitQuota "enable.limit.quota" Recorded of Enable
                cites [
                    recorded("published quota: 8 MFA devices for a user"),
                    enable("Errors, LimitExceeded", quote::LIMIT),
                ]
                requires "A user has at most 8 MFA devices: the eighth is accepted, and the ninth is refused with \
                          LimitExceeded."
                test "Nine devices enabled for one user, each with a fresh pair."
                sides [Accept, Reject];
            EnableTemporarilyUnmodifiable "enable.temporarily-unmodifiable" Implied of Enable
                cites [
                    enable("Errors, EntityTemporarilyUnmodifiable", quote::UNMODIFIABLE),
                    enable("Errors, EntityTemporarilyUnmodifiable", quote::TRY_LATER),
                ]
                requires "EntityTemporarilyUnmodifiable passes: a request so answered succeeds, or is refused for \
                          another reason, once it is sent again later. A recreated user name is the page's \
                          example, so any entity may be unmodifiable for a while."
                test "Each call that is so answered is sent again."
                sides [Accept];
            EnableConcurrentModification "enable.concurrent-modification" Stated of Enable
                cites [enable("Errors, ConcurrentModification", quote::CONCURRENT)]
                requires "ConcurrentModification is an answer only if another call on the same object overlapped \
                          lately, and the refused call has no effect. The page says to wait a few minutes, and no \
                          number."
                test "Calls that nothing overlapped; a call that timed out counts as overlapping."
                sides [Accept];
            EnableServiceFailure "enable.service-failure" Stated of Enable
                cites [enable("Errors, ServiceFailure", quote::FAILURE)]
                requires "ServiceFailure, a 500, is permitted for any call. Either nothing has changed after it, or \
                          what a success of this very call would have changed."
                test "Where a target answers so, the state is observed and the call sent again; a failure for \
                      the same input each time breaks robustness.persistent-failure."
                sides [];
            EnableLoginRequired "enable.login-required" Stated of Enable
                cites [
                    enable(
                        "Description",
                        "When enabled, the MFA device is required for every subsequent login by the IAM user \
                         associated with the device.",
                    ),
                ]
                requires "The user's every later login requires the device."
                test "No request of this API can decide it."
                sides []
                excluded "Signing in happens in the console and in STS; no operation of this API shows it.";
        }
    };
}

pub(in crate::clause) use enable_clauses;
