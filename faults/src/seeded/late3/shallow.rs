//! Faults that any call of the kind shows.

use std::borrow::Cow;

use mfa_reference::clause::ClauseId as C;
use mfa_reference::totp::Seed;
use mfa_reference::wire::HttpResponse;
use mfa_reference::{ErrorCode, Outcome, TimeStep};
use sha2::{Digest, Sha256};

use crate::altered::{documented, documented_reply, recognises, renders, writes};
use crate::entry::Difficulty::Shallow;
use crate::entry::{FaultRow, row};
use crate::line::{by_get, parameters, rewrite};
use crate::seeded::listing::{entry_of, lists};
use crate::seeded::request::is_under_test;

/// An error document whose id stands where a success has it.
fn with_metadata(document: &str) -> String {
    document
        .replace("<RequestId>", "<ResponseMetadata><RequestId>")
        .replace("</RequestId>", "</RequestId></ResponseMetadata>")
}

/// The code of a step if the 32 bits that it is made of are divided with their highest one kept.
///
/// Which of the steps have that bit is no more to be seen in their codes than here.
fn unmasked(seed: &Seed, step: TimeStep) -> String {
    /// What the highest of 32 bits adds to the last six digits.
    const HIGHEST: u32 = 483_648;
    let code = seed.code(step).to_string();
    let digest = Sha256::digest(format!("{} {}", seed.to_base32(), step.0));
    let has_bit = digest.first().is_some_and(|byte| byte % 2 == 1);
    match code.parse::<u32>() {
        Ok(number) if has_bit => format!("{:06}", (number + HIGHEST) % 1_000_000),
        Ok(_) | Err(_) => code,
    }
}

/// The page that a web framework shows where a handler stops with a status.
fn forbidden() -> HttpResponse {
    let page =
        "<!doctype html>\n<html lang=en>\n<title>403 Forbidden</title>\n<h1>Forbidden</h1>\n<p>Invalid MFA code<br>\n";
    HttpResponse { content_type: Cow::Borrowed("text/html; charset=utf-8"), ..HttpResponse::xml(403, "", page.into()) }
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "error-request-id-in-metadata",
        "Errors have their RequestId in a ResponseMetadata, as successes have it.",
        C::WireErrorEnvelope,
        &[],
        Shallow,
        || {
            writes(|_, outcome, text| match outcome {
                Outcome::Error { .. } => with_metadata(&text),
                Outcome::Success(_) => text,
            })
        },
    ),
    row(
        "wrong-codes-as-the-frameworks-page",
        "Wrong codes are answered 403 with the HTML page of a web framework.",
        C::EnableCodesRecognised,
        // The page is no XML, no error of the protocol and no reason that the service gives, for either operation.
        &[
            C::ResyncCodesRecognised,
            C::EnableCode2Subsequent,
            C::ResyncCode2Subsequent,
            C::WireErrorEnvelope,
            C::WireWellFormed,
            C::WireEnableListedErrors,
            C::WireResyncListedErrors,
            C::RobustnessNoCrash,
        ],
        Shallow,
        || {
            renders(|operation, outcome, id| match outcome {
                Outcome::Error { code: ErrorCode::InvalidAuthenticationCode, .. } => forbidden(),
                Outcome::Error { .. } | Outcome::Success(_) => documented_reply(operation, outcome, id),
            })
        },
    ),
    row(
        "free-devices-in-every-listing",
        "ListMFADevices shows the devices that are nobody's, too, as an outer join does.",
        C::DeactivateDissociates,
        // A device is shown that was given to nobody, or not to this user.
        &[C::EnableAssociates, C::StateIsolation, C::StateSettles],
        Shallow,
        || {
            lists(|account, name, items| {
                let all = account.devices_after("");
                let free = all.filter(|(_, device)| device.owner.is_none());
                let free = free.filter_map(|(id, _)| entry_of(account, id, name));
                items.iter().cloned().chain(free).collect()
            })
        },
    ),
    row(
        "sign-bit-kept-in-codes",
        "Codes are made of all 32 bits instead of the lower 31, so that half of them are others.",
        C::EnableFreshPair,
        // A pair that the device never emitted is taken; each demand on a refused fresh pair names it as well.
        &[
            C::EnableCodesByDevice,
            C::DeactivateReEnable,
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
            C::ResyncAfterLateEnable,
        ],
        Shallow,
        || {
            recognises(|seed, one, two, now| {
                let steps = (-1..=1).map(|steps| now.plus(steps));
                let mut taken =
                    steps.filter(|step| unmasked(seed, step.plus(-1)) == one && unmasked(seed, *step) == two);
                taken.next()
            })
        },
    ),
    row(
        "refusals-by-get-as-200",
        "A refusal of a call by GET has the status 200; the error is in the body.",
        C::WireGet,
        // The status goes with the code, and there is one for each.
        &[
            C::ErrorStatus(ErrorCode::NoSuchEntity),
            C::ErrorStatus(ErrorCode::InvalidAuthenticationCode),
            C::ErrorStatus(ErrorCode::EntityAlreadyExists),
            C::ErrorStatus(ErrorCode::LimitExceeded),
        ],
        Shallow,
        || {
            documented().behind(rewrite(|incoming, response| {
                let refused = (400..500).contains(&response.status) && by_get(&incoming.request);
                let status =
                    if refused && is_under_test(&parameters(&incoming.request)) { 200 } else { response.status };
                HttpResponse { status, ..response }
            }))
        },
    ),
];
