//! Changed or late listings.

use std::sync::Mutex;

use mfa_reference::account::{Account, DeviceId};
use mfa_reference::service::Memory;
use mfa_reference::service::behaviour::{Decision, Rules, Situation};
use mfa_reference::service::rules::Documented;
use mfa_reference::{ErrorCode, MfaDeviceEntry, Millis, Operation, Page, Request, SuccessBody};

use crate::altered::{Altered, decides};
use crate::line::lock;
use crate::parts::named::refused_with;

/// Changes the listings of users' devices.
pub(crate) fn lists(
    change: impl Fn(&Account, &str, Vec<MfaDeviceEntry>) -> Vec<MfaDeviceEntry> + Send + Sync + 'static,
) -> Altered {
    decides(move |situation, request, decision| match (request, decision) {
        (Request::Support(support), Decision::CarryOut { effect, body: SuccessBody::MfaDevices(page) }) => {
            let items = change(situation.account, support.name.text.unwrap_or_default(), page.items);
            Decision::CarryOut { effect, body: SuccessBody::MfaDevices(Page { items, next: page.next }) }
        }
        (_, decision) => decision,
    })
}

/// Lists a user's devices with a change to each entry.
pub(crate) fn lists_each(change: fn(&mut MfaDeviceEntry)) -> Altered {
    decides(move |_, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::MfaDevices(mut page) } => {
            page.items.iter_mut().for_each(change);
            Decision::CarryOut { effect, body: SuccessBody::MfaDevices(page) }
        }
        other => other,
    })
}

pub(crate) fn entry_of(account: &Account, id: DeviceId, user_name: &str) -> Option<MfaDeviceEntry> {
    let device = account.device(id)?;
    Some(MfaDeviceEntry {
        user_name: user_name.to_owned(),
        serial_number: device.serial_number.to_string(),
        enable_date: "2025-06-15T00:00:00Z".to_owned(),
    })
}

/// Answers listings from the state of this long ago.
pub(crate) struct Lagging {
    past: Mutex<Vec<(Millis, Account)>>,
    millis: i64,
}

impl Lagging {
    pub(crate) fn new(millis: i64) -> Self {
        Self { past: Mutex::default(), millis }
    }
}

impl Rules for Lagging {
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let mut past = lock(&self.past);
        past.push((situation.now, situation.account.clone()));
        let then = situation.now.plus(-self.millis);
        // A call finds the state since the previous call.
        let index = past.iter().position(|(at, _)| *at > then).unwrap_or_default();
        past.drain(..index);
        let listing = matches!(request.operation(), Operation::ListMfaDevices | Operation::ListVirtualMfaDevices);
        let old = past.first().filter(|_| listing);
        let account = old.map_or(situation.account, |(_, account)| account);
        let decision = Documented::default().decide(&Situation { account, ..*situation }, request, memory);
        match refused_with(&decision) {
            Some(ErrorCode::NoSuchEntity) if listing => Documented::default().decide(situation, request, memory),
            _ => decision,
        }
    }
}
