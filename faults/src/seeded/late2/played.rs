//! A few calls played on an altered service, for the tests of what it does.

use std::collections::BTreeMap;

use mfa_reference::service::Service;
use mfa_reference::totp::Seed;
use mfa_reference::{Caller, ErrorCode, Millis, Outcome, RawRequest, SuccessBody};

use crate::altered::Altered;

/// A service, its time, and the devices that it has told of.
pub(in crate::seeded) struct Played {
    service: Service,
    pub(in crate::seeded) now: Millis,
    seeds: BTreeMap<String, Seed>,
    keys: Vec<String>,
}

impl Played {
    pub(in crate::seeded) fn on(altered: Altered) -> Self {
        let service = Service::new(altered.behaviour, 1);
        Self { service, now: Millis(1_800_000_000_000), seeds: BTreeMap::new(), keys: Vec::new() }
    }

    fn serial(device: &str) -> String {
        format!("arn:aws:iam::123456789012:mfa/{device}")
    }

    /// Makes a call; `None` is a success.
    pub(in crate::seeded) fn call(&mut self, action: &str, parameters: &[(&str, &str)]) -> Option<ErrorCode> {
        let (_, outcome) = self.service.answer(&RawRequest::new(action, parameters), Caller::Administrator, self.now);
        match outcome {
            Outcome::Success(SuccessBody::VirtualDevice { serial_number, seed_blob, .. }) => {
                self.seeds.insert(serial_number, Seed::from_blob(&seed_blob).unwrap().0);
                None
            }
            Outcome::Success(SuccessBody::AccessKey(entry)) => {
                self.keys.push(entry.access_key_id);
                None
            }
            Outcome::Success(_) => None,
            Outcome::Error { code, .. } => Some(code),
        }
    }

    pub(in crate::seeded) fn user(&mut self, action: &str, name: &str) -> Option<ErrorCode> {
        self.call(action, &[("UserName", name)])
    }

    pub(in crate::seeded) fn make_device(&mut self, device: &str) -> Option<ErrorCode> {
        self.call("CreateVirtualMFADevice", &[("VirtualMFADeviceName", device)])
    }

    pub(in crate::seeded) fn delete_device(&mut self, device: &str) -> Option<ErrorCode> {
        self.call("DeleteVirtualMFADevice", &[("SerialNumber", &Self::serial(device))])
    }

    /// Enables or resynchronizes with the codes of the steps so far from now.
    pub(in crate::seeded) fn codes(
        &mut self,
        action: &str,
        user: &str,
        device: &str,
        steps: [i64; 2],
    ) -> Option<ErrorCode> {
        let serial = Self::serial(device);
        let seed = &self.seeds[&serial];
        let [one, two] = steps.map(|steps| seed.code(self.now.step().plus(steps)).to_string());
        let parameters = [
            ("UserName", user),
            ("SerialNumber", &serial),
            ("AuthenticationCode1", &one),
            ("AuthenticationCode2", &two),
        ];
        self.call(action, &parameters)
    }

    pub(in crate::seeded) fn enable(&mut self, user: &str, device: &str) -> Option<ErrorCode> {
        self.codes("EnableMFADevice", user, device, [-1, 0])
    }

    pub(in crate::seeded) fn resync(&mut self, user: &str, device: &str) -> Option<ErrorCode> {
        self.codes("ResyncMFADevice", user, device, [-1, 0])
    }

    pub(in crate::seeded) fn deactivate(&mut self, user: &str, device: &str) -> Option<ErrorCode> {
        self.call("DeactivateMFADevice", &[("UserName", user), ("SerialNumber", &Self::serial(device))])
    }

    /// Deactivates without a user name, by the key that was made at this place in the order.
    pub(in crate::seeded) fn deactivate_by_key(&mut self, key: usize, device: &str) -> Option<ErrorCode> {
        let caller = self.service.world().key_owner(&self.keys[key]).map_or(Caller::Administrator, Caller::User);
        let request = RawRequest::new("DeactivateMFADevice", &[("SerialNumber", &Self::serial(device))]);
        match self.service.answer(&request, caller, self.now).1 {
            Outcome::Success(_) => None,
            Outcome::Error { code, .. } => Some(code),
        }
    }

    /// Deletes a user's key that was made at this place in the order.
    pub(in crate::seeded) fn delete_key(&mut self, user: &str, key: usize) -> Option<ErrorCode> {
        let id = self.keys[key].clone();
        self.call("DeleteAccessKey", &[("UserName", user), ("AccessKeyId", &id)])
    }

    /// How many devices are listed for a user.
    pub(in crate::seeded) fn listed(&mut self, user: &str) -> usize {
        let request = RawRequest::new("ListMFADevices", &[("UserName", user)]);
        match self.service.answer(&request, Caller::Administrator, self.now).1 {
            Outcome::Success(SuccessBody::MfaDevices(page)) => page.items.len(),
            other => panic!("{other:?}"),
        }
    }

    /// How many devices the account-wide listing shows with a user.
    pub(in crate::seeded) fn owned(&mut self) -> usize {
        self.with_status("Any").1
    }

    /// How many devices the account-wide listing shows of a status, and how many of these with a user.
    pub(in crate::seeded) fn with_status(&mut self, status: &str) -> (usize, usize) {
        let request = RawRequest::new("ListVirtualMFADevices", &[("AssignmentStatus", status)]);
        match self.service.answer(&request, Caller::Administrator, self.now).1 {
            Outcome::Success(SuccessBody::VirtualDevices(page)) => {
                (page.items.len(), page.items.iter().filter(|entry| entry.user.is_some()).count())
            }
            other => panic!("{other:?}"),
        }
    }
}
