//! Faults written from the documents alone, without a look at the oracle: here those that any call of the kind shows.

pub(crate) mod narrow;
pub(crate) mod stateful;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mfa_reference::account::{DeviceId, Effect};
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::{Adjacent, Decision, LastPair, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::{ErrorCode, MfaOperation, Millis, Operation, Outcome, SuccessBody, TimeStep};

use crate::altered::{Altered, carries_out, decides, documented, writes};
use crate::entry::Difficulty::Shallow;
use crate::entry::{FaultRow, row};
use crate::line::held;
use crate::parts::{dissociate, done, named, newest_device, on, on_refusal, refuse, refused_with};
use crate::seeded::late2::pair::pair;

/// How long a device is young, in milliseconds.
const YOUNG_MS: i64 = 5_000;
/// Half of a step, in milliseconds.
const HALF_A_STEP_MS: i64 = 15_000;

/// Keeps the last Deactivate in a buffer that the next change empties.
fn buffers_deactivations() -> Altered {
    let buffered: Mutex<Option<DeviceId>> = Mutex::default();
    carries_out(move |account, effect, body, now| {
        if *effect == Effect::None {
            return;
        }
        let mut buffered = held(&buffered);
        if let Some(device) = buffered.take() {
            dissociate(account, &[device], now);
        }
        if let Effect::Dissociate(device) = effect {
            *buffered = Some(*device);
        } else {
            account.apply(effect, Some(body), now);
        }
    })
}

/// Takes a device for one that is being made until it is five seconds old.
fn holds_young_devices() -> Altered {
    let made: Arc<Mutex<BTreeMap<DeviceId, Millis>>> = Arc::default();
    let making = Arc::clone(&made);
    decides(move |situation, request, decision| {
        let enable = named(situation, request).filter(|named| named.operation == MfaOperation::Enable);
        let since = enable.and_then(|named| named.id()).and_then(|device| held(&made).get(&device).copied());
        let is_young = since.is_some_and(|since| situation.now.0 - since.0 < YOUNG_MS);
        if is_young && refused_with(&decision).is_none() { refuse(ErrorCode::ConcurrentModification) } else { decision }
    })
    .and_effects(move |account, effect, body, now| {
        account.apply(effect, Some(body), now);
        if let (Effect::AddDevice, Some(device)) = (effect, newest_device(account)) {
            held(&making).insert(device, now);
        }
    })
}

/// Takes the step that is nearest for the current one, and pairs that end in it or in the next.
struct RoundsSteps;

impl Recogniser for RoundsSteps {
    fn recognise(&self, seed: &Seed, one: &str, two: &str, now: Millis, _: Option<LastPair>) -> Option<TimeStep> {
        let near = Adjacent { steps_behind: 0, steps_ahead: 1 };
        near.recognise(seed, one, two, now.plus(HALF_A_STEP_MS), None)
    }
}

/// Finds two equal codes before it looks at what they are.
fn refuses_equal_codes() -> Altered {
    decides(|_, request, decision| {
        let is_equal = pair(request).is_some_and(|(one, two)| one == two);
        if is_equal && refused_with(&decision) == Some(ErrorCode::InvalidAuthenticationCode) {
            refuse(ErrorCode::InvalidInput)
        } else {
            decision
        }
    })
}

/// Tells the users of devices by their ARNs.
fn tells_arns() -> Altered {
    decides(|_, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(mut page) } => {
            for user in page.items.iter_mut().filter_map(|item| item.user.as_mut()) {
                user.user_name.clone_from(&user.arn);
            }
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(page) }
        }
        other => other,
    })
}

/// Puts each well-formed Enable on a queue, and answers at once.
fn queues_enables() -> Altered {
    const LATER: [ErrorCode; 3] =
        [ErrorCode::NoSuchEntity, ErrorCode::EntityAlreadyExists, ErrorCode::InvalidAuthenticationCode];
    on(MfaOperation::Enable, |_, decision| {
        let is_put_off = refused_with(&decision).is_some_and(|code| LATER.contains(&code));
        if is_put_off { done(Effect::None) } else { decision }
    })
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "deactivation-written-with-the-next-change",
        "DeactivateMFADevice is answered 200, and takes effect when the next call comes that changes something.",
        C::DeactivateDissociates,
        // Until then each call about the device finds it enabled.
        &[
            C::StateSettles,
            C::DeactivateTwice,
            C::DeactivateReEnable,
            C::DeactivateDeviceUsable,
            C::EnableFreshPair,
            C::ResyncUnassigned,
            C::DeleteUserRequiresDeactivation,
        ],
        Shallow,
        buffers_deactivations,
    ),
    row(
        "null-behind-the-reply",
        "The reply of DeactivateMFADevice ends with the word null, behind its root element.",
        C::WireWellFormed,
        // It isn't the sample's reply, and no client reads it.
        &[C::WireDeactivateSuccessRoot, C::WireDeactivateNoResult, C::SdkBoto3Returns],
        Shallow,
        || {
            writes(|operation, outcome, text| match (operation, outcome) {
                (Operation::DeactivateMfaDevice, Outcome::Success(_)) => format!("{text}null"),
                _ => text,
            })
        },
    ),
    row(
        "assigned-device-under-modification",
        "EnableMFADevice of a device that is assigned is answered ConcurrentModification.",
        C::EnableAlreadyEnabled,
        // Nothing overlapped.
        &[C::EnableConcurrentModification],
        Shallow,
        || {
            on_refusal(MfaOperation::Enable, ErrorCode::EntityAlreadyExists, |_| {
                Some(refuse(ErrorCode::ConcurrentModification))
            })
        },
    ),
    row(
        "young-device-under-modification",
        "EnableMFADevice in the first five seconds of a device is answered ConcurrentModification.",
        C::EnableConcurrentModification,
        &[C::EnableFreshPair],
        Shallow,
        holds_young_devices,
    ),
    row(
        "equal-codes-an-invalid-input",
        "The same code twice is answered InvalidInput.",
        C::WireEnableListedErrors,
        // Codes that aren't recognised have an error of their own.
        &[
            C::WireResyncListedErrors,
            C::EnableCode2Subsequent,
            C::ResyncCode2Subsequent,
            C::EnableCodesRecognised,
            C::ResyncCodesRecognised,
        ],
        Shallow,
        refuses_equal_codes,
    ),
    row(
        "missing-entities-with-a-namespace",
        "DeactivateMFADevice answers com.amazonaws.iam#NoSuchEntity where it should answer NoSuchEntity.",
        C::WireDeactivateListedErrors,
        // Each demand for NoSuchEntity names it, and boto3 knows no such exception.
        &[
            C::SdkBoto3Exceptions,
            C::DeactivateUserExists,
            C::DeactivateDeviceExists,
            C::DeactivateUnassigned,
            C::DeactivateTwice,
            C::DeactivateOtherUsers,
            C::DeactivateDefaultUser,
        ],
        Shallow,
        || {
            writes(|operation, _, text| {
                if operation == Operation::DeactivateMfaDevice {
                    text.replace("<Code>NoSuchEntity<", "<Code>com.amazonaws.iam#NoSuchEntity<")
                } else {
                    text
                }
            })
        },
    ),
    row(
        "steps-rounded-to-the-nearest",
        "The current pair of codes is refused in the second half of its step: the number of the step is rounded.",
        C::EnableFreshPair,
        // Each demand on a refused fresh pair names it as well.
        &[
            C::EnableCodesByDevice,
            C::ResyncSynchronizes,
            C::ResyncCodesByDevice,
            C::ResyncAfterLateEnable,
            C::DeactivateReEnable,
        ],
        Shallow,
        || documented().and_recogniser(RoundsSteps),
    ),
    row(
        "user-told-by-its-arn",
        "ListVirtualMFADevices tells the ARN of a device's user as its UserName.",
        C::EnableAssociates,
        // The user that it names doesn't have the device, whenever one looks.
        &[C::StateSettles],
        Shallow,
        tells_arns,
    ),
    row(
        "enable-answered-before-it-is-looked-at",
        "Each well-formed EnableMFADevice is answered 200; a faulty one has no effect.",
        C::EnableCodesRecognised,
        // No other fault is refused either, and a device that was answered 200 is not enabled.
        &[
            C::EnableUserExists,
            C::EnableDeviceExists,
            C::EnableAlreadyEnabled,
            C::EnableCode2Subsequent,
            C::EnableAssociates,
        ],
        Shallow,
        queues_enables,
    ),
];
