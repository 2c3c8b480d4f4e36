//! Services that take the wrong codes.

use mfa_reference::clause::ClauseId as C;
use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, MfaOperation, Request, TimeStep};

use crate::altered::{Altered, decides};
use crate::entry::Difficulty::{Narrow, Shallow, Stateful};
use crate::entry::{FaultRow, row};
use crate::parts::{Named, named, on_refusal, refused_with};

/// The codes of the last completed step and the current one.
pub(super) fn fresh(seed: &Seed, now: TimeStep) -> (String, String) {
    (seed.code(now.plus(-1)).to_string(), seed.code(now).to_string())
}

/// Takes pairs that are right by this measure besides those that the documented service takes, for one operation.
fn takes_also(
    operation: MfaOperation,
    right: impl Fn(&Named<'_>, &Seed, (&str, &str), TimeStep) -> bool + Send + Sync + 'static,
) -> Altered {
    decides(move |situation, request, decision| {
        let Request::Codes { code1, code2, .. } = request else { return decision };
        let (Some(one), Some(two)) = (code1.text, code2.text) else { return decision };
        let Some(named) = named(situation, request).filter(|named| named.operation == operation) else {
            return decision;
        };
        let right = |seed: &Seed| right(&named, seed, (one, two), situation.now.step());
        let seed = named.device.and_then(|(_, device)| device.seed.as_ref());
        if refused_with(&decision) == Some(ErrorCode::InvalidAuthenticationCode) && seed.is_some_and(|seed| right(seed))
        {
            named.carried_out()
        } else {
            decision
        }
    })
}

/// Takes the codes of any device that is about.
fn takes_any_devices(
    operation: MfaOperation,
    theirs: fn(&Named<'_>, Option<mfa_reference::account::UserId>) -> bool,
) -> Altered {
    decides(move |situation, request, decision| {
        let Request::Codes { code1, code2, .. } = request else { return decision };
        let (Some(one), Some(two)) = (code1.text, code2.text) else { return decision };
        let Some(named) = named(situation, request).filter(|named| named.operation == operation) else {
            return decision;
        };
        let now = situation.now.step();
        let emitted = situation.account.devices_after("").any(|(id, device)| {
            let owner = crate::parts::owner_of(situation.account, id);
            let seed = device.seed.as_ref().filter(|_| theirs(&named, owner));
            seed.is_some_and(|seed| fresh(seed, now) == (one.to_owned(), two.to_owned()))
        });
        let refused = refused_with(&decision) == Some(ErrorCode::InvalidAuthenticationCode);
        if refused && emitted && named.device.is_some() && named.user.is_some() {
            named.carried_out()
        } else {
            decision
        }
    })
}

fn number(code: &str) -> Option<u32> {
    code.trim_start_matches('0').parse().ok().or_else(|| code.bytes().all(|byte| byte == b'0').then_some(0))
}

const ENABLE: MfaOperation = MfaOperation::Enable;
const RESYNC: MfaOperation = MfaOperation::Resync;

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "enable-codes-unchecked",
        "EnableMFADevice takes any two codes.",
        C::EnableCodesRecognised,
        &[],
        Shallow,
        || on_refusal(ENABLE, ErrorCode::InvalidAuthenticationCode, |named| Some(named.carried_out())),
    ),
    row(
        "resync-codes-unchecked",
        "ResyncMFADevice takes any two codes.",
        C::ResyncCodesRecognised,
        &[],
        Shallow,
        || on_refusal(RESYNC, ErrorCode::InvalidAuthenticationCode, |named| Some(named.carried_out())),
    ),
    row(
        "enable-first-code-unchecked",
        "EnableMFADevice looks at the second code only.",
        C::EnableCodesRecognised,
        // The same code twice is taken, too.
        &[C::EnableCode2Subsequent],
        Shallow,
        || takes_also(ENABLE, |_, seed, (_, two), now| fresh(seed, now).1 == two),
    ),
    row(
        "enable-second-code-unchecked",
        "EnableMFADevice looks at the first code only.",
        C::EnableCodesRecognised,
        &[C::EnableCode2Subsequent],
        Shallow,
        || takes_also(ENABLE, |_, seed, (one, _), now| fresh(seed, now).0 == one),
    ),
    row(
        "resync-first-code-unchecked",
        "ResyncMFADevice looks at the second code only.",
        C::ResyncCodesRecognised,
        &[C::ResyncCode2Subsequent],
        Shallow,
        || takes_also(RESYNC, |_, seed, (_, two), now| fresh(seed, now).1 == two),
    ),
    row(
        "resync-second-code-unchecked",
        "ResyncMFADevice looks at the first code only.",
        C::ResyncCodesRecognised,
        &[C::ResyncCode2Subsequent],
        Shallow,
        || takes_also(RESYNC, |_, seed, (one, _), now| fresh(seed, now).0 == one),
    ),
    row(
        "enable-reversed-pair-taken",
        "EnableMFADevice takes the fresh pair in either order.",
        C::EnableCode2Subsequent,
        &[],
        Shallow,
        || takes_also(ENABLE, |_, seed, (one, two), now| fresh(seed, now) == (two.to_owned(), one.to_owned())),
    ),
    row(
        "resync-reversed-pair-taken",
        "ResyncMFADevice takes the fresh pair in either order.",
        C::ResyncCode2Subsequent,
        &[],
        Shallow,
        || takes_also(RESYNC, |_, seed, (one, two), now| fresh(seed, now) == (two.to_owned(), one.to_owned())),
    ),
    row(
        "enable-same-code-twice-taken",
        "EnableMFADevice takes the current code twice.",
        C::EnableCode2Subsequent,
        &[],
        Shallow,
        || takes_also(ENABLE, |_, seed, (one, two), now| one == two && fresh(seed, now).1 == one),
    ),
    row(
        "enable-last-code-twice-taken",
        "EnableMFADevice takes the last completed step's code twice.",
        C::EnableCode2Subsequent,
        &[],
        Narrow,
        || takes_also(ENABLE, |_, seed, (one, two), now| one == two && fresh(seed, now).0 == one),
    ),
    row(
        "resync-same-code-twice-taken",
        "ResyncMFADevice takes the current code twice.",
        C::ResyncCode2Subsequent,
        &[],
        Shallow,
        || takes_also(RESYNC, |_, seed, (one, two), now| one == two && fresh(seed, now).1 == one),
    ),
    row(
        "enable-zeros-taken",
        "EnableMFADevice takes 000000 twice as a master code.",
        C::EnableCodesRecognised,
        &[],
        Narrow,
        || takes_also(ENABLE, |_, _, pair, _| pair == ("000000", "000000")),
    ),
    row(
        "enable-sample-codes-taken",
        "EnableMFADevice takes the codes of the documents' sample.",
        C::EnableCodesRecognised,
        &[],
        Narrow,
        || takes_also(ENABLE, |_, _, pair, _| pair == ("234567", "987654")),
    ),
    row(
        "enable-last-digit-unchecked",
        "EnableMFADevice compares the first five digits of each code.",
        C::EnableCodesRecognised,
        &[],
        Narrow,
        || {
            takes_also(ENABLE, |_, seed, (one, two), now| {
                let (last, current) = fresh(seed, now);
                last.get(..5) == one.get(..5) && current.get(..5) == two.get(..5)
            })
        },
    ),
    row(
        "enable-first-digit-unchecked",
        "EnableMFADevice compares the last five digits of each code.",
        C::EnableCodesRecognised,
        &[],
        Narrow,
        || {
            takes_also(ENABLE, |_, seed, (one, two), now| {
                let (last, current) = fresh(seed, now);
                last.get(1..) == one.get(1..) && current.get(1..) == two.get(1..)
            })
        },
    ),
    row(
        "resync-last-digit-unchecked",
        "ResyncMFADevice compares the first five digits of each code.",
        C::ResyncCodesRecognised,
        &[],
        Narrow,
        || {
            takes_also(RESYNC, |_, seed, (one, two), now| {
                let (last, current) = fresh(seed, now);
                last.get(..5) == one.get(..5) && current.get(..5) == two.get(..5)
            })
        },
    ),
    row(
        "enable-any-devices-codes-taken",
        "EnableMFADevice takes the fresh pair of any device.",
        C::EnableCodesRecognised,
        &[],
        Stateful,
        || takes_any_devices(ENABLE, |_, _| true),
    ),
    row(
        "enable-own-other-devices-codes-taken",
        "EnableMFADevice takes the fresh pair of a device that the user has.",
        C::EnableCodesRecognised,
        &[],
        Stateful,
        || takes_any_devices(ENABLE, |named, owner| owner.is_some() && owner == named.user),
    ),
    row(
        "resync-any-devices-codes-taken",
        "ResyncMFADevice takes the fresh pair of any device.",
        C::ResyncCodesRecognised,
        &[],
        Stateful,
        || takes_any_devices(RESYNC, |_, _| true),
    ),
    row(
        "resync-own-other-devices-codes-taken",
        "ResyncMFADevice takes the fresh pair of another device of the user.",
        C::ResyncCodesRecognised,
        &[],
        Stateful,
        || takes_any_devices(RESYNC, |named, owner| owner.is_some() && owner == named.user),
    ),
    row(
        "codes-compared-as-numbers",
        "The codes are compared as numbers, so that a code without its leading zeros is taken.",
        C::CodesLeadingZeros,
        // Such a code is shorter than six digits as well.
        &[
            C::Parameter(mfa_reference::clause::Parameter::EnableCode1, mfa_reference::clause::Aspect::MinLength),
            C::Parameter(mfa_reference::clause::Parameter::EnableCode2, mfa_reference::clause::Aspect::MinLength),
            C::Parameter(mfa_reference::clause::Parameter::ResyncCode1, mfa_reference::clause::Aspect::MinLength),
            C::Parameter(mfa_reference::clause::Parameter::ResyncCode2, mfa_reference::clause::Aspect::MinLength),
        ],
        Narrow,
        || {
            decides(|situation, request, decision| {
                let Request::Codes { code1, code2, .. } = request else { return decision };
                let Some(named) = named(situation, request).filter(|named| named.user.is_some()) else {
                    return decision;
                };
                let digits =
                    |code: &str| !code.is_empty() && code.len() <= 6 && code.bytes().all(|byte| byte.is_ascii_digit());
                let (Some(one), Some(two)) =
                    (code1.text.filter(|code| digits(code)), code2.text.filter(|code| digits(code)))
                else {
                    return decision;
                };
                let seed = named.device.and_then(|(_, device)| device.seed.as_ref());
                let same = seed.is_some_and(|seed| {
                    let (last, current) = fresh(seed, situation.now.step());
                    number(&last) == number(one) && number(&current) == number(two)
                });
                let free = named.owner().is_none() == (named.operation == MfaOperation::Enable);
                let refused = refused_with(&decision) == Some(ErrorCode::ValidationError);
                if refused && same && free { named.carried_out() } else { decision }
            })
        },
    ),
];
