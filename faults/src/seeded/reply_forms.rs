//! Other forms of replies and of what they hold.

use mfa_reference::service::behaviour::Decision;
use mfa_reference::{MfaDeviceEntry, Outcome, SuccessBody};

use crate::altered::{Altered, decides};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Lists a user's devices with each entry written otherwise.
pub(super) fn lists_each(change: fn(&mut MfaDeviceEntry)) -> Altered {
    decides(move |_, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::MfaDevices(mut page) } => {
            page.items.iter_mut().for_each(change);
            Decision::CarryOut { effect, body: SuccessBody::MfaDevices(page) }
        }
        other => other,
    })
}

/// A success whose request id is an attribute of its metadata.
pub(super) fn id_as_an_attribute(text: &str) -> String {
    let open = text.replace("<ResponseMetadata><RequestId>", "<ResponseMetadata RequestId=\"");
    open.replace("</RequestId></ResponseMetadata>", "\"/>")
}

/// A word in capitals, its parts joined by underscores.
pub(super) fn in_capitals(code: &str) -> String {
    let mut capitals = String::new();
    for letter in code.chars() {
        if letter.is_ascii_uppercase() && !capitals.is_empty() {
            capitals.push('_');
        }
        capitals.push(letter.to_ascii_uppercase());
    }
    capitals
}

/// An error reply with its code in capitals.
pub(super) fn code_in_capitals(outcome: &Outcome, text: &str) -> String {
    match outcome {
        Outcome::Error { code, .. } => {
            let written = format!("<Code>{}</Code>", in_capitals(code.as_str()));
            text.replace(&format!("<Code>{code}</Code>"), &written)
        }
        Outcome::Success(_) => text.to_owned(),
    }
}

/// A date-time as the head of a mail has it: `31 Jan 2026 12:00:00 GMT`.
pub(super) fn as_in_mail(date_time: &str) -> Option<String> {
    let (date, time) = date_time.strip_suffix('Z')?.split_once('T')?;
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?.parse::<usize>().ok()?, parts.next()?);
    let time = time.split('.').next()?;
    Some(format!("{day} {} {year} {time} GMT", MONTHS.get(month.checked_sub(1)?)?))
}
