//! The rules that several operations share, each once: the operation's page, its name and the words that differ are
//! parameters, and the products are at the end of the file.
//!
//! The rules are in macros because a quote that holds the operation's name has to be a literal.

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
                    "The service knows ",
                    $action,
                    ": it answers a well-formed call in the protocol, neither with InvalidAction nor with 501."
                ),
                test: "A complete call with a user and a device that exist. A missing operation is one finding; the \
                       rest of the run goes on without it.",
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
                    "Response in the sample's namespace."
                ),
                test: "Each accepted call; names are compared as resolved by their namespaces, whatever the prefix.",
            },
            success_request_id: Words {
                cites: &[$page(
                    "Examples, Sample Response",
                    "<ResponseMetadata> <RequestId>7a62c49f-347e-4fc4-9331-6e8eEXAMPLE</RequestId> </ResponseMetadata>",
                )],
                requires: "A successful reply carries ResponseMetadata with a RequestId that is not empty.",
                test: "Each accepted call.",
            },
            listed_errors: Words {
                cites: &[$page("Errors", quote::COMMON)],
                requires: concat!(
                    "A refusal of ",
                    $action,
                    " names a code of the page's Errors or one of the common errors, and no other. Its page lists ",
                    $listed
                ),
                test: "Each refused call, whatever it was refused for.",
            },
            user_exists: Words {
                cites: &[$page("Errors, NoSuchEntity", quote::ABSENT)],
                requires: "A call that names an absent user is refused with NoSuchEntity.",
                test: concat!(
                    "A name that was never created, one that was deleted, and the prefix and extension of a live one, \
                     with a device that exists",
                    $device
                ),
            },
            concurrent_modification: Words {
                cites: &[$page("Errors, ConcurrentModification", quote::CONCURRENT)],
                requires: "ConcurrentModification is an answer only if another call on the same object overlapped \
                           lately, and the refused call has no effect. The page says to wait a few minutes, and no \
                           number.",
                test: "Calls that nothing overlapped; a call that timed out counts as overlapping.",
            },
            service_failure: Words {
                cites: &[$page("Errors, ServiceFailure", quote::FAILURE)],
                requires: "ServiceFailure, a 500, is permitted for any call. Either nothing has changed after it, or \
                           what a success of this very call would have changed.",
                test: "Where a target answers so, the state is observed and the call sent again; a failure for the \
                       same input each time breaks robustness.persistent-failure.",
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
                    "The operation returns nothing: a successful reply holds no ",
                    $action,
                    "Result with content. The sample shows none, and the model has no output."
                ),
                test: concat!("Each accepted call; an empty ", $action, "Result is let pass."),
            },
            device_exists: Words {
                cites: &[$page("Errors, NoSuchEntity", quote::ABSENT)],
                requires: "A call that names an absent device is refused, and no device is invented. It has no right \
                           codes either, so InvalidAuthenticationCode conforms as well.",
                test: "A serial number that was never given and that of a deleted device, with a user that exists; the \
                       listings afterwards.",
            },
            codes_recognised: Words {
                cites: &[
                    $page("Errors, InvalidAuthenticationCode", quote::NOT_RECOGNISED),
                    $page("Request Parameters, AuthenticationCode1", quote::CODE),
                ],
                requires: "Two codes of which the device never emitted one or both near now are refused with \
                           InvalidAuthenticationCode.",
                test: "Wrong codes, several users and devices about: both wrong; only the first; only the second; the \
                       pair of another device, of nobody's, of another user's and of the same user's; 000000 twice; \
                       the samples' codes; the right pair with each digit changed.",
            },
            code2_subsequent: Words {
                cites: &[
                    $page("Request Parameters, AuthenticationCode2", quote::SUBSEQUENT),
                    $page("Request Parameters, AuthenticationCode1", quote::CODE),
                ],
                requires: "The second code is a subsequent one, emitted after the first: the same code twice and a \
                           pair in reverse are refused.",
                test: "A fresh pair in reverse and either of its codes twice, for devices whose two codes differ.",
            },
            code2_adjacent: Words {
                cites: &[$page("Request Parameters, AuthenticationCode2", quote::SUBSEQUENT)],
                requires: "Whether a second code that is later than the first but not the very next one is accepted \
                           is open.",
                test: "Pairs with a gap of one step and more.",
            },
            replayed_codes: Words {
                cites: &[],
                requires: "Whether a pair is accepted that holds a step which an earlier request on this device \
                           carried, or one before it, is open. RFC 6238 forbids a verifier to accept a code twice; \
                           the documents don't say so here.",
                test: "The same pair again, and the overlapping pair of the next step, after a success and after a \
                       refusal.",
            },
            codes_by_device: Words {
                cites: &[
                    $page("Request Parameters, AuthenticationCode1", quote::CODE),
                    $page("Request Parameters, SerialNumber", $unique),
                ],
                requires: "Codes are the device's own: that another device used a step never matters.",
                test: "A fresh pair of one device in the same two steps in which another device's pair was accepted \
                       or refused.",
            },
        }
    };
}

/// What holds for Enable and Deactivate, whose pages list the error.
pub(super) const fn temporarily_unmodifiable(cites: &'static [Source]) -> Words {
    Words {
        cites,
        requires: "EntityTemporarilyUnmodifiable passes: a request so answered succeeds, or is refused for another \
                   reason, once it is sent again later. A recreated user name is the page's example, so any entity may \
                   be unmodifiable for a while.",
        test: "Each call that is so answered is sent again.",
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
    a device that exists ", assigned to somebody."
);
pub(super) const ENABLE_CODES: OfCodes = of_codes!(enable, "EnableMFADevice", quote::UNIQUE);
pub(super) const RESYNC_CODES: OfCodes = of_codes!(resync, "ResyncMFADevice", quote::UNIQUE_TO_RESYNC);
