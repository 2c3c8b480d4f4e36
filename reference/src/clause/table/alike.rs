//! The rules that several operations share, each once. The operation's page, its name and the words that differ are
//! parameters. The products are at the end of the file.
//!
//! The rules are in macros because a quote that contains the operation's name has to be a literal.

use crate::clause::row::Words;
use crate::clause::source::{Source, deactivate, enable, protocol, quote, resync, shape};

/// What holds for each of the three operations.
pub(super) struct OfEach {
    pub(super) exists: Words,
    pub(super) success_status: Words,
    pub(super) success_root: Words,
    pub(super) success_request_id: Words,
    pub(super) listed_errors: Words,
    pub(super) user_exists: Words,
    pub(super) concurrent_modification: Words,
    pub(super) service_failure: Words,
}

macro_rules! of_each {
    ($page:ident, $action:literal, its page lists $listed:literal, a device that exists $device:literal) => {
        OfEach {
            exists: Words {
                cites: &[$page("Examples, Sample Request", concat!("https://iam.amazonaws.com/?Action=", $action))],
                requires: concat!(
                    "The service implements ",
                    $action,
                    ". It answers a well-formed call as the protocol requires, and never with InvalidAction or 501."
                ),
                test: "A complete call with a user and a device that exist. A missing operation is one finding, and \
                       the rest of the run continues without it.",
            },
            success_status: Words {
                cites: &[protocol("HTTP response"), shape($action)],
                requires: "A successful reply has the HTTP status 200.",
                test: "Each accepted call.",
            },
            success_root: Words {
                cites: &[$page(
                    "Examples, Sample Response",
                    concat!("<", $action, r#"Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">"#),
                )],
                requires: concat!(
                    "The root element of a successful reply is ",
                    $action,
                    "Response in the namespace of the sample."
                ),
                test: "Each accepted call. The tool resolves namespaces before it compares names, so the prefix does \
                       not matter.",
            },
            success_request_id: Words {
                cites: &[$page(
                    "Examples, Sample Response",
                    "<ResponseMetadata> <RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId> </ResponseMetadata>",
                )],
                requires: "A successful reply has ResponseMetadata with a RequestId that is not empty.",
                test: "Each accepted call.",
            },
            listed_errors: Words {
                cites: &[$page("Errors", quote::COMMON)],
                requires: concat!(
                    $action,
                    " rejects a call only with a code from its page's Errors or with the code of a common error. Its \
                     page lists ",
                    $listed
                ),
                test: "Each rejected call, whatever the reason.",
            },
            user_exists: Words {
                cites: &[$page("Errors, NoSuchEntity", quote::ABSENT)],
                requires: "If a call names an absent user, the service rejects it with NoSuchEntity.",
                test: concat!(
                    "A name that was never created, the name of a deleted user, and a prefix and an extension of an \
                     existing user's name, with a device that exists",
                    $device
                ),
            },
            concurrent_modification: Words {
                cites: &[$page("Errors, ConcurrentModification", quote::CONCURRENT)],
                requires: "The service answers ConcurrentModification only if another call on the same object \
                           overlapped recently. The rejected call has no effect. The page says to wait a few minutes \
                           and gives no number.",
                test: "Calls that no other call overlapped. A call that timed out counts as overlapping.",
            },
            service_failure: Words {
                cites: &[$page("Errors, ServiceFailure", quote::FAILURE)],
                requires: "The service may answer any call with ServiceFailure, a 500. Afterwards either nothing has \
                           changed, or what a success of this call would have changed.",
                test: "If a target answers so, the tool observes the state and sends the call again. If the same input \
                       fails every time, the target breaks robustness.persistent-failure.",
            },
        }
    };
}

/// What holds for each of the two operations that take codes.
pub(super) struct OfCodes {
    pub(super) no_result: Words,
    pub(super) device_exists: Words,
    pub(super) codes_recognised: Words,
    pub(super) code2_subsequent: Words,
    pub(super) code2_adjacent: Words,
    pub(super) replayed_codes: Words,
    pub(super) codes_by_device: Words,
}

macro_rules! of_codes {
    ($page:ident, $action:literal, $unique:expr) => {
        OfCodes {
            no_result: Words {
                cites: &[
                    $page(
                        "Examples, Sample Response",
                        concat!(
                            "<", $action, r#"Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"> "#,
                            "<ResponseMetadata> <RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId> ",
                            "</ResponseMetadata> </", $action, "Response>",
                        ),
                    ),
                    shape(concat!($action, ", no output")),
                ],
                requires: concat!(
                    "A successful reply has no ",
                    $action,
                    "Result with content. The operation returns nothing: the sample shows no result, and the service \
                     model has no output."
                ),
                test: concat!("Each accepted call. An empty ", $action, "Result is allowed."),
            },
            device_exists: Words {
                cites: &[$page("Errors, NoSuchEntity", quote::ABSENT)],
                requires: "The service rejects a call that names an absent device, and creates no device. An absent \
                           device has no correct codes, so InvalidAuthenticationCode is permitted too.",
                test: "A serial number that no device ever had, and the serial number of a deleted device, with a user \
                       that exists. Then the listings.",
            },
            codes_recognised: Words {
                cites: &[
                    $page("Errors, InvalidAuthenticationCode", quote::NOT_RECOGNISED),
                    $page("Request Parameters, AuthenticationCode1", quote::CODE),
                ],
                requires: "The service rejects wrong codes with InvalidAuthenticationCode. Two codes are wrong if the \
                           device did not emit one or both of them near the current time.",
                test: "Wrong codes, with several users and devices present: both codes wrong; only the first; only the \
                       second; the pair of an unassigned device, of another user's device and of another device of the \
                       same user; 000000 twice; the codes of the samples; the correct pair with each digit changed.",
            },
            code2_subsequent: Words {
                cites: &[
                    $page("Request Parameters, AuthenticationCode2", quote::SUBSEQUENT),
                    $page("Request Parameters, AuthenticationCode1", quote::CODE),
                ],
                requires: "The second code is a code that the device emits after the first. The service rejects the \
                           same code twice and a pair in reverse order.",
                test: "A fresh pair in reverse order, and each of its codes twice, for devices whose two codes differ.",
            },
            code2_adjacent: Words {
                cites: &[$page("Request Parameters, AuthenticationCode2", quote::SUBSEQUENT)],
                requires: "It is undocumented whether the service accepts a second code that is later than the first \
                           but not the next one.",
                test: "Pairs with a gap of one or more time steps.",
            },
            replayed_codes: Words {
                cites: &[],
                requires: "It is undocumented whether the service accepts a pair if an earlier request on this device \
                           carried one of its time steps or a later step. RFC 6238 forbids a verifier to accept a code \
                           twice. The documents do not say so here.",
                test: "The same pair again, and the overlapping pair of the next time step, after a success and after \
                       a rejection.",
            },
            codes_by_device: Words {
                cites: &[
                    $page("Request Parameters, AuthenticationCode1", quote::CODE),
                    $page("Request Parameters, SerialNumber", $unique),
                ],
                requires: "Each device has its own codes. The time steps that another device used never matter.",
                test: "A fresh pair of one device, in the same two time steps in which the service accepted or \
                       rejected another device's pair.",
            },
        }
    };
}

/// What holds for Enable and Deactivate, whose pages list the error.
pub(super) const fn temporarily_unmodifiable(cites: &'static [Source]) -> Words {
    Words {
        cites,
        requires: "EntityTemporarilyUnmodifiable does not last. If the request is sent again later, it succeeds or is \
                   rejected for another reason. The page gives a recreated user name only as an example, so any entity \
                   may be unmodifiable for a while.",
        test: "Each call that gets this answer. The tool sends it again later.",
    }
}

pub(super) const ENABLE: OfEach = of_each!(
    enable, "EnableMFADevice",
    its page lists "all seven codes of the three operations.",
    a device that exists " and a fresh pair of its codes."
);
pub(super) const RESYNC: OfEach = of_each!(
    resync, "ResyncMFADevice",
    its page lists "neither EntityTemporarilyUnmodifiable nor EntityAlreadyExists.",
    a device that exists " and a fresh pair of its codes."
);
pub(super) const DEACTIVATE: OfEach = of_each!(
    deactivate, "DeactivateMFADevice",
    its page lists "neither InvalidAuthenticationCode nor EntityAlreadyExists.",
    a device that exists " and is assigned to a user."
);
pub(super) const ENABLE_CODES: OfCodes = of_codes!(enable, "EnableMFADevice", quote::UNIQUE);
pub(super) const RESYNC_CODES: OfCodes = of_codes!(resync, "ResyncMFADevice", quote::UNIQUE_TO_RESYNC);
