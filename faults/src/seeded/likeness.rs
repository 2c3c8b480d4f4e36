//! Services that take what is like the right thing for it: serial numbers, users' names, pairs of codes.

use mfa_reference::account::UserId;
use mfa_reference::clause::ClauseId as C;
use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, MfaOperation, Millis};

use crate::altered::{Altered, decides};
use crate::entry::Difficulty::Narrow;
use crate::entry::{FaultRow, row};
use crate::parts::{named, refused_with};
use crate::seeded::late::reread::{Instead, rereads};
use crate::seeded::late2::pair::pair;

const MISSING: ErrorCode = ErrorCode::NoSuchEntity;
const WRONG_CODES: ErrorCode = ErrorCode::InvalidAuthenticationCode;

/// Looks for a device by what is behind the last slash of its serial number, in whichever account.
fn finds_devices_by_name() -> Altered {
    rereads(|situation, named| {
        let name = |serial: &str| serial.rsplit('/').next().unwrap_or_default().to_owned();
        let wanted = named.serial.filter(|_| named.device.is_none()).map(name);
        let mut all = situation.account.devices_after("");
        let found = wanted.and_then(|wanted| all.find(|(_, device)| name(&device.serial_number) == wanted));
        Instead { user_name: None, serial: found.map(|(_, device)| device.serial_number.to_string()) }
    })
}

/// Files what a user has under the name up to its first mark, which others' names can begin with.
fn files_under_the_beginning() -> Altered {
    decides(|situation, request, decision| {
        let Some(named) = named(situation, request).filter(|_| refused_with(&decision) == Some(MISSING)) else {
            return decision;
        };
        let filed = |user: Option<UserId>| {
            let name = &situation.account.user(user?)?.entry.user_name;
            name.split(['+', '=', ',', '.', '@']).next().map(str::to_owned)
        };
        let (wanted, owner) = (filed(named.user), filed(named.owner()));
        if named.operation == MfaOperation::Deactivate && wanted.is_some() && wanted == owner {
            named.carried_out()
        } else {
            decision
        }
    })
}

/// Whether two codes are as far from each other as two that follow each other now.
fn are_as_far_apart(seed: &Seed, (one, two): (&str, &str), now: Millis) -> bool {
    let distance =
        |one: &str, two: &str| Some((two.parse::<i64>().ok()? - one.parse::<i64>().ok()?).rem_euclid(1_000_000));
    let step = now.step();
    let (before, right) = (seed.code(step.plus(-1)), seed.code(step));
    let is_code = |code: &str| code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
    is_code(one) && is_code(two) && distance(one, two) == distance(before.as_str(), right.as_str())
}

/// Checks how far the codes are from each other, and neither itself.
fn compares_distances() -> Altered {
    decides(|situation, request, decision| {
        let Some((named, codes)) = named(situation, request).zip(pair(request)) else { return decision };
        let seed = named.device.and_then(|(_, device)| device.seed.as_deref());
        let far = seed.is_some_and(|seed| are_as_far_apart(seed, codes, situation.now));
        let would = match named.operation {
            MfaOperation::Enable => named.owner().is_none(),
            MfaOperation::Resync | MfaOperation::Deactivate => named.owner() == named.user,
        };
        if far && would && named.user.is_some() && refused_with(&decision) == Some(WRONG_CODES) {
            named.carried_out()
        } else {
            decision
        }
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "device-found-by-its-name-alone",
        "A serial number is looked up by what is behind its last slash: one of another account names the device, too.",
        C::SerialNumberUnique,
        &[C::EnableDeviceExists, C::ResyncDeviceExists, C::DeactivateDeviceExists],
        Narrow,
        finds_devices_by_name,
    ),
    row(
        "users-filed-up-to-the-first-mark",
        "DeactivateMFADevice files users under their names up to the first mark: a device of x.b is x's, too.",
        C::DeactivateOtherUsers,
        &[C::DeactivateDefaultUser],
        Narrow,
        files_under_the_beginning,
    ),
    row(
        "distance-of-the-codes-alone",
        "Two codes are taken that are as far from each other as the right ones.",
        C::EnableCodesRecognised,
        &[C::ResyncCodesRecognised, C::EnableCode2Subsequent, C::ResyncCode2Subsequent],
        Narrow,
        compares_distances,
    ),
];
