//! Faults that any call of the kind shows.

use data_encoding::{BASE32_NOPAD, BASE32HEX_NOPAD, BASE64};
use mfa_reference::account::Effect;
use mfa_reference::clause::ClauseId as C;
use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, MfaOperation, Outcome, SuccessBody, TimeStep};

use crate::altered::{Altered, documented_reply, recognises, renders, writes};
use crate::entry::Difficulty::Shallow;
use crate::entry::{FaultRow, row};
use crate::parts::{on, on_success, refuse, refuse_after, refused_with};

const MISSING: ErrorCode = ErrorCode::NoSuchEntity;

/// The same seed in the other alphabet that RFC 4648 has for base 32.
fn in_extended_hex(seed_blob: &str) -> Option<String> {
    let (seed, _) = Seed::from_blob(seed_blob).ok()?;
    let bytes = BASE32_NOPAD.decode(seed.to_base32().trim_end_matches('=').as_bytes()).ok()?;
    Some(BASE64.encode(BASE32HEX_NOPAD.encode(&bytes).as_bytes()))
}

/// Tells seeds in another alphabet than it checks codes by.
fn tells_seeds_in_extended_hex() -> Altered {
    renders(|operation, outcome, id| match outcome {
        Outcome::Success(SuccessBody::VirtualDevice { serial_number, seed_blob, extras }) => {
            let seed_blob = in_extended_hex(seed_blob).unwrap_or_default();
            let (serial_number, extras) = (serial_number.clone(), extras.clone());
            let told = SuccessBody::VirtualDevice { serial_number, seed_blob, extras };
            documented_reply(operation, &Outcome::Success(told), id)
        }
        other => documented_reply(operation, other, id),
    })
}

/// Whether a pair is of two neighbouring steps whose bytes are hashed from the last to the first.
fn in_little_endian(seed: &Seed, one: &str, two: &str, now: TimeStep) -> Option<TimeStep> {
    let code = |step: TimeStep| seed.code(TimeStep(step.0.swap_bytes()));
    [-1, 0, 1]
        .into_iter()
        .map(|steps| now.plus(steps))
        .find(|step| code(step.plus(-1)).as_str() == one && code(*step).as_str() == two)
}

/// Deletes the association, and then looks it up for the reply.
fn looks_after_deleting() -> Altered {
    on_success(MfaOperation::Deactivate, |named| Some(refuse_after(MISSING, Effect::Dissociate(named.id()?))))
}

/// Asks whether the device is the user's, and goes on if it is not.
fn inverts_the_check() -> Altered {
    on(MfaOperation::Deactivate, |named, decision| match refused_with(&decision) {
        None => refuse(MISSING),
        Some(MISSING) if named.user.is_some() && named.device.is_some() => named.carried_out(),
        Some(_) => decision,
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "seed-in-extended-hex",
        "Base32StringSeed is base64 of the seed in base 32's other alphabet, of the digits 0 to 9 and the letters A to V.",
        C::SupportSeedUsable,
        // A text that happens to be base 32 as well is another seed's.
        &[C::EnableFreshPair],
        Shallow,
        tells_seeds_in_extended_hex,
    ),
    row(
        "counter-in-little-endian",
        "Codes are made of the step with its lowest byte first, so that a fresh pair is refused for any device.",
        C::EnableFreshPair,
        // Each demand on a refused fresh pair names it as well.
        &[C::EnableCodesByDevice, C::EnableRejectedNoEffect],
        Shallow,
        || recognises(in_little_endian),
    ),
    row(
        "error-code-in-its-namespace",
        "Each refusal's Code has the model's namespace before it: com.amazonaws.iam#NoSuchEntity.",
        C::WireEnableListedErrors,
        // It is the same for each operation.
        &[C::WireResyncListedErrors, C::WireDeactivateListedErrors],
        Shallow,
        || writes(|_, _, text| text.replace("<Code>", "<Code>com.amazonaws.iam#")),
    ),
    row(
        "deactivate-looks-after-deleting",
        "DeactivateMFADevice of the user's own device ends the association, looks it up then and answers NoSuchEntity.",
        C::DeactivateByAdministrator,
        // A right call is refused, and refused with its effect.
        &[C::DeactivateRejectedNoEffect, C::DeactivateDefaultUser],
        Shallow,
        looks_after_deleting,
    ),
    row(
        "deactivate-check-inverted",
        "DeactivateMFADevice takes a device that isn't the user's, and answers NoSuchEntity for one that is.",
        C::DeactivateUnassigned,
        // Whose the device is makes the rest of it; it can't be deactivated by its user, whatever came before.
        &[
            C::DeactivateOtherUsers,
            C::DeactivateByAdministrator,
            C::DeactivateDefaultUser,
            C::DeactivateRejectedNoEffect,
        ],
        Shallow,
        inverts_the_check,
    ),
];
