//! What `ListMFADevices` shows.

use mfa_reference::service::behaviour::Decision;
use mfa_reference::{MfaDeviceEntry, Request, SuccessBody};

use crate::altered::{Altered, decides};
use crate::entry::Registered;
use crate::line::{misread, parameter, without};
use crate::parts::listings::{entry_of, lists, lists_each};
use crate::parts::named::devices_of;

fn everybodys_devices_listed() -> Altered {
    lists(|account, name, _| {
        let assigned = account.devices_after("").filter(|(_, device)| device.owner.is_some());
        assigned.filter_map(|(id, _)| entry_of(account, id, name)).collect()
    })
}

fn listed_under_another_name() -> Altered {
    lists(|_, _, items| {
        let renamed = |item: MfaDeviceEntry| MfaDeviceEntry { user_name: format!("{}x", item.user_name), ..item };
        items.into_iter().map(renamed).collect()
    })
}

fn namesakes_devices_listed() -> Altered {
    lists(|account, name, _| {
        let stem: String = name.chars().take(name.chars().count().saturating_sub(1)).collect();
        let users = account.users().filter(|(_, user)| user.entry.user_name.starts_with(&stem));
        users.flat_map(|(id, _)| devices_of(account, id)).filter_map(|id| entry_of(account, id, name)).collect()
    })
}

fn free_devices_in_every_listing() -> Altered {
    lists(|account, name, items| {
        let all = account.devices_after("");
        let free = all.filter(|(_, device)| device.owner.is_none());
        let free = free.filter_map(|(id, _)| entry_of(account, id, name));
        items.iter().cloned().chain(free).collect()
    })
}

/// An entry with only the name at the end of its serial number.
fn name_of(entry: MfaDeviceEntry) -> MfaDeviceEntry {
    let serial_number = entry.serial_number.rsplit('/').next().unwrap_or_default().to_owned();
    MfaDeviceEntry { serial_number, ..entry }
}

/// A listing whose entries share one object, which is overwritten for each.
fn all_the_last(items: Vec<MfaDeviceEntry>) -> Vec<MfaDeviceEntry> {
    let last = items.last().cloned();
    items.into_iter().map(|item| last.clone().unwrap_or(item)).collect()
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A date-time in the form of an e-mail header: `31 Jan 2026 12:00:00 GMT`.
fn as_in_mail(date_time: &str) -> Option<String> {
    let (date, time) = date_time.strip_suffix('Z')?.split_once('T')?;
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?.parse::<usize>().ok()?, parts.next()?);
    let time = time.split('.').next()?;
    Some(format!("{day} {} {year} {time} GMT", MONTHS.get(month.checked_sub(1)?)?))
}

fn enable_dates_as_in_mail() -> Altered {
    lists_each(|entry| {
        if let Some(date) = as_in_mail(&entry.enable_date) {
            entry.enable_date = date;
        }
    })
}

fn listed_serial_numbers_escaped() -> Altered {
    lists_each(|entry| entry.serial_number = entry.serial_number.replace(':', "%3A").replace('/', "%2F"))
}

/// Lists a user's devices in pages of two, and skips the extra one that it reads to detect a further page.
fn loses_the_last_of_a_page() -> Altered {
    decides(|_, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::MfaDevices(mut page) } => {
            if page.next.is_some() && page.items.len() > 1 {
                page.items.pop();
            }
            Decision::CarryOut { effect, body: SuccessBody::MfaDevices(page) }
        }
        other => other,
    })
    .behind(misread(|_, parameters| {
        if parameter(parameters, "Action") == Some("ListMFADevices") {
            format!("{}&MaxItems=2", without(parameters, |_, name| name == "MaxItems"))
        } else {
            parameters.to_owned()
        }
    }))
}

/// The most characters of a serial number in a listing.
const LISTED_CHARACTERS: usize = 128;

fn serial_numbers_listed_to_the_128th_character() -> Altered {
    lists_each(|entry| {
        entry.serial_number = entry.serial_number.chars().take(LISTED_CHARACTERS).collect();
    })
}

/// Omits the first device of each page after the first.
fn skips_on_pages() -> Altered {
    decides(|_, request, decision| match (request, decision) {
        (Request::Support(support), Decision::CarryOut { effect, body: SuccessBody::MfaDevices(mut page) })
            if support.marker.is_some() && !page.items.is_empty() =>
        {
            page.items.remove(0);
            Decision::CarryOut { effect, body: SuccessBody::MfaDevices(page) }
        }
        (_, decision) => decision,
    })
}

pub(in crate::seeded) const SERVICES: &[Registered] = &[
    ("everybodys-devices-listed", everybodys_devices_listed),
    ("devices-listed-twice", || lists(|_, _, items| items.iter().chain(&items).cloned().collect())),
    ("eighth-device-not-shown", || lists(|_, _, items| items.into_iter().take(7).collect())),
    ("second-device-not-shown", || lists(|_, _, items| items.into_iter().take(1).collect())),
    ("listed-under-another-name", listed_under_another_name),
    ("namesakes-devices-listed", namesakes_devices_listed),
    ("free-devices-in-every-listing", free_devices_in_every_listing),
    ("listing-shows-names-for-serial-numbers", || lists(|_, _, items| items.into_iter().map(name_of).collect())),
    ("last-device-listed-for-each", || lists(|_, _, items| all_the_last(items))),
    ("enable-dates-as-in-mail", enable_dates_as_in_mail),
    ("listed-serial-numbers-escaped", listed_serial_numbers_escaped),
    ("last-of-a-page-lost", loses_the_last_of_a_page),
    ("serial-numbers-listed-to-the-128th-character", serial_numbers_listed_to_the_128th_character),
    ("later-pages-skip-a-device", skips_on_pages),
];
