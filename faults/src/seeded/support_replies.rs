//! Services whose replies that set up and observe lack what clients rely on.

use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::{Behaviour, Decision};
use mfa_reference::{DeviceExtras, MfaDeviceEntry, QrCode, SuccessBody};

use crate::altered::{Altered, decides, documented_reply, edited, renders};
use crate::entry::Difficulty::{Narrow, Shallow};
use crate::entry::{FaultRow, row};
use crate::seeded::listing::lists;

/// Gives each new device another picture.
fn draws(change: fn(&QrCode) -> QrCode) -> Altered {
    let altered = decides(move |_, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras } } => {
            let extras = DeviceExtras { qr_code: change(&extras.qr_code), ..extras };
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras } }
        }
        other => other,
    });
    Altered { behaviour: Behaviour { draws_pictures: true, ..altered.behaviour }, ..altered }
}

/// The picture as Python writes bytes: the form in which an emulator sent it.
fn as_python_writes_it(code: &QrCode) -> QrCode {
    match code.to_blob() {
        Some(blob) => QrCode::NotBase64(format!("b'{blob}'")),
        None => QrCode::Absent,
    }
}

/// The picture without its last chunk.
fn cut(code: &QrCode) -> QrCode {
    match code {
        QrCode::Png(bytes) => QrCode::NotPng(bytes.get(..bytes.len().saturating_sub(12)).unwrap_or_default().to_vec()),
        other => other.clone(),
    }
}

/// Lists the entries of users' devices otherwise.
fn entries(change: fn(usize, MfaDeviceEntry) -> MfaDeviceEntry) -> Altered {
    lists(move |_, _, items| items.into_iter().enumerate().map(|(at, item)| change(at, item)).collect())
}

fn undated(entry: MfaDeviceEntry) -> MfaDeviceEntry {
    MfaDeviceEntry { enable_date: String::new(), ..entry }
}

pub(crate) const FAULTS: &[FaultRow] = &[
    row(
        "picture-as-python-writes-it",
        "QRCodePNG is the text that Python shows of bytes, and no base64.",
        C::SupportQrCode,
        &[],
        Shallow,
        || draws(as_python_writes_it),
    ),
    row(
        "picture-of-random-bytes",
        "QRCodePNG is base64 of bytes that are no picture.",
        C::SupportQrCode,
        &[],
        Shallow,
        || draws(|_| QrCode::NotPng((0..64).map(|byte: u8| byte.wrapping_mul(151)).collect())),
    ),
    row("picture-cut-off", "The picture of a new device ends too early.", C::SupportQrCode, &[], Narrow, || draws(cut)),
    row("no-enable-dates", "ListMFADevices leaves EnableDate out.", C::SupportListedMembers, &[], Shallow, || {
        entries(|_, entry| undated(entry))
    }),
    row(
        "no-enable-date-of-the-second-device",
        "ListMFADevices leaves EnableDate out of the second entry.",
        C::SupportListedMembers,
        &[],
        Narrow,
        || entries(|at, entry| if at == 1 { undated(entry) } else { entry }),
    ),
    row(
        "enable-dates-as-numbers",
        "ListMFADevices gives EnableDate in seconds since 1970.",
        C::SupportListedMembers,
        &[],
        Shallow,
        || entries(|_, entry| MfaDeviceEntry { enable_date: "1769860800".to_owned(), ..entry }),
    ),
    row(
        "no-user-names-in-listings",
        "ListMFADevices leaves UserName out.",
        C::SupportListedMembers,
        &[],
        Shallow,
        || entries(|_, entry| MfaDeviceEntry { user_name: String::new(), ..entry }),
    ),
    row(
        "latin-1-undeclared",
        "Replies hold a byte of ISO-8859-1, and say that they are UTF-8.",
        C::WireWellFormed,
        &[],
        Shallow,
        || {
            renders(|operation, outcome, id| {
                let mut reply = documented_reply(operation, outcome, id);
                if operation.is_some_and(|operation| operation.under_test().is_some()) {
                    reply = edited(reply, |text| format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{text}<!-- r"));
                    reply.body.extend(b"\xe9ponse -->");
                }
                reply
            })
        },
    ),
];
