//! Checks new devices, and remembers which codes devices have received.

use mfa_reference::account::DeviceId;
use mfa_reference::belief::{Entity, Lookup};
use mfa_reference::clause::{ClauseId, Side};
use mfa_reference::permitted::transition::Answer;
use mfa_reference::totp::{Recognition, Seed, SeedEncoding, newest_step, number_of};
use mfa_reference::{MfaOperation, Operation, Search, SuccessBody};

use super::observation::Observation;
use super::released_serials::Pair;
use super::state::Oracle;
use super::verdict::{Divergence, Expected, ObservedClass, Verdict};

/// The class of a new device's seed that is usable although its encoding isn't the documented one.
pub const PLAIN_SEED: &str = "a seed that is base32 text, not a blob of it";

impl Oracle {
    /// Checks that a new device's serial number is an ARN that no live device has, and that its seed is usable.
    pub(super) fn check_new_device(
        &mut self,
        observation: &Observation<'_>,
        answer: Answer<'_>,
        verdict: &mut Verdict,
    ) {
        if observation.operation == Operation::DeleteVirtualMfaDevice && matches!(answer, Answer::Success(_)) {
            self.released_serials.deleted.extend(observation.request.get("SerialNumber").map(str::to_owned));
        }
        let Answer::Success(SuccessBody::VirtualDevice { serial_number, seed_blob, .. }) = answer else { return };
        let known = self.state().find_device(serial_number);
        let (surely, perhaps) = (matches!(known, Lookup::Present(_)), known.id().is_some());
        let freed = self.released_serials.deleted.remove(serial_number);
        let unique = freed || !surely;
        self.released_serials.listed_still = freed && perhaps;
        let arn = serial_number.starts_with("arn:") && serial_number.contains(":mfa/");
        let usable = match Seed::from_blob(seed_blob) {
            Ok((_, SeedEncoding::Blob)) => None,
            Ok((_, SeedEncoding::PlainBase32)) => Some(PLAIN_SEED),
            Err(_) => Some("a seed that can't be used"),
        };
        for (clause, broken, wanted) in [
            (
                ClauseId::SerialNumberIsArn,
                (!arn).then_some("a serial number that is not a device ARN"),
                "the new device's ARN as its SerialNumber",
            ),
            (
                ClauseId::SerialNumberUnique,
                (!unique).then_some("a serial number that another device has"),
                "a SerialNumber that no other device has",
            ),
            (ClauseId::SupportSeedUsable, usable, "Base32StringSeed as a blob: base64 of base32 text"),
        ] {
            self.tally.tested(clause, Side::Accept);
            if let Some(class) = broken {
                let expected = Expected::Words(wanted.to_owned());
                verdict.divergences.push(Divergence {
                    clause,
                    also: Vec::new(),
                    operation: observation.operation,
                    class: ObservedClass::Body(class),
                    expected,
                    permitted: None,
                });
            }
        }
    }

    /// Forgets the owner of a new device if the target still lists a deleted one of the same serial number.
    pub(super) fn forget_relisted_device(&mut self, answer: Answer<'_>) {
        let Answer::Success(SuccessBody::VirtualDevice { serial_number, .. }) = answer else { return };
        if std::mem::take(&mut self.released_serials.listed_still) {
            self.belief.update(|state| {
                if let Some(device) = state.find_device(serial_number).id() {
                    state.forget(Entity::Device(device));
                }
            });
        }
    }

    /// Remembers which codes a device has received, which pair it accepted, and whether it may be out of sync now.
    pub(super) fn remember_codes(
        &mut self,
        observation: &Observation<'_>,
        device: Option<DeviceId>,
        recognition: Option<Recognition>,
        pair: Pair,
    ) {
        let (Some(device), Some(operation)) = (device, observation.operation.under_test()) else { return };
        if operation == MfaOperation::Deactivate {
            return;
        }
        for step in observation.carried {
            self.history.carried(device, *step);
        }
        let seed = self.state().device(device).and_then(|device| device.seed.clone());
        let Some(seed) = seed else {
            if pair == Pair::Accepted {
                self.history.guess_accepted(device);
            }
            return;
        };
        for name in ["AuthenticationCode1", "AuthenticationCode2"] {
            let code = observation.request.get(name).unwrap_or_default();
            // The sender knows the time steps of its codes. A service may also read a code in a changed one.
            if (observation.carried.is_empty() || number_of(code).is_none())
                && let Some(step) = newest_step(&seed, code, observation.window, Search::Near.radius())
            {
                self.history.carried(device, step);
            }
        }
        match pair {
            Pair::Refused => return,
            Pair::Unknown => return self.history.perhaps_accepted(device),
            Pair::Accepted => {}
        }
        match recognition {
            Some(Recognition::Fresh { .. }) if operation == MfaOperation::Resync => self.history.synchronised(device),
            Some(Recognition::Fresh { .. }) => {}
            _ => self.history.accepted_unsynchronised(device),
        }
        match recognition {
            Some(Recognition::Fresh { current: second } | Recognition::Pair { second, .. }) => {
                self.history.carried(device, second);
                self.history.accepted(device, second, observation.window);
            }
            // Only the service knows which time steps it found for them.
            Some(Recognition::NotSubsequent | Recognition::Unrecognised) | None => {
                self.history.perhaps_accepted(device);
            }
        }
    }
}
