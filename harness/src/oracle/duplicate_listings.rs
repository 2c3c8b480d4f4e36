//! Devices that a target lists twice. Each is reported once, since it says nothing about later calls.

use std::collections::BTreeSet;

use mfa_reference::{Page, SuccessBody};

use crate::wire::{Answer, Reply};

/// The serial numbers that some listing contained twice.
#[derive(Clone, Debug, Default)]
pub(super) struct DuplicateListings(BTreeSet<String>);

impl DuplicateListings {
    /// Remembers which devices a listing contains twice.
    pub(super) fn learn(&mut self, body: &SuccessBody) {
        let mut seen = BTreeSet::new();
        for serial in serial_numbers(body) {
            if !seen.insert(serial) {
                self.0.insert(serial.to_owned());
            }
        }
    }

    /// A reply's listing with each known duplicate only once, if it contains one twice.
    pub(super) fn told_once(&self, reply: &Reply) -> Option<SuccessBody> {
        let Answer::Success(body) = &reply.answer else { return None };
        if self.0.is_empty() {
            return None;
        }
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut again = serial_numbers(body).into_iter().map(|serial| !seen.insert(serial) && self.0.contains(serial));
        match body {
            SuccessBody::MfaDevices(page) => Some(SuccessBody::MfaDevices(without(page, &mut again))),
            SuccessBody::VirtualDevices(page) => Some(SuccessBody::VirtualDevices(without(page, &mut again))),
            SuccessBody::Empty
            | SuccessBody::User(_)
            | SuccessBody::Users(_)
            | SuccessBody::VirtualDevice { .. }
            | SuccessBody::AccessKey(_)
            | SuccessBody::AccessKeys(_) => None,
        }
    }
}

/// A page without the items for which `left_out` is true.
fn without<E: Clone>(page: &Page<E>, left_out: &mut impl Iterator<Item = bool>) -> Page<E> {
    let kept = page.items.iter().filter(|_| left_out.next() == Some(false));
    Page { items: kept.cloned().collect(), next: page.next.clone() }
}

/// The serial numbers of a listing, in its order.
fn serial_numbers(body: &SuccessBody) -> Vec<&str> {
    match body {
        SuccessBody::MfaDevices(page) => page.items.iter().map(|item| item.serial_number.as_str()).collect(),
        SuccessBody::VirtualDevices(page) => page.items.iter().map(|item| item.serial_number.as_str()).collect(),
        SuccessBody::Empty
        | SuccessBody::User(_)
        | SuccessBody::Users(_)
        | SuccessBody::VirtualDevice { .. }
        | SuccessBody::AccessKey(_)
        | SuccessBody::AccessKeys(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use mfa_reference::MfaDeviceEntry;

    use super::*;
    use crate::wire::Envelope;

    fn listing(serials: &[&str]) -> SuccessBody {
        let item = |serial: &&str| MfaDeviceEntry {
            user_name: "anna".to_owned(),
            serial_number: (*serial).to_owned(),
            enable_date: String::new(),
        };
        SuccessBody::MfaDevices(Page::whole(serials.iter().map(item).collect()))
    }

    #[test]
    fn what_was_seen_twice_is_told_once_and_what_was_not_stays() {
        let reply = |serials: &[&str]| Reply {
            status: 200,
            answer: Answer::Success(listing(serials)),
            envelope: Envelope::default(),
        };
        let mut doubles = DuplicateListings::default();
        assert_eq!(doubles.told_once(&reply(&["a", "a"])), None);
        doubles.learn(&listing(&["a", "b", "a"]));
        assert_eq!(doubles.told_once(&reply(&["a", "b", "a", "b"])), Some(listing(&["a", "b", "b"])));
        assert_eq!(doubles.told_once(&reply(&["a", "c"])), Some(listing(&["a", "c"])));
    }
}
