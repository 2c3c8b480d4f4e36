//! Late listings, and listings in other pages, orders or forms.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use mfa_reference::service::behaviour::Decision;
use mfa_reference::totp::Seed;
use mfa_reference::wire::HttpResponse;
use mfa_reference::{ErrorCode, Millis, Operation, Outcome, QrCode, Request, SuccessBody, VirtualDeviceEntry};

use crate::altered::{Altered, decides, documented, documented_reply, edited, rules};
use crate::entry::Registered;
use crate::line::{laid, lock, misread, parameter, parameters, without};
use crate::parts::listings::Lagging;

fn listings_paged_by_one() -> Altered {
    documented().behind(misread(|_, parameters| {
        let lists = [Operation::ListMfaDevices, Operation::ListVirtualMfaDevices, Operation::ListUsers];
        if lists.iter().any(|operation| parameters.contains(&format!("Action={operation}&"))) {
            format!("{}&MaxItems=1", without(parameters, |_, name| name == "MaxItems"))
        } else {
            parameters.to_owned()
        }
    }))
}

fn no_account_wide_listing() -> Altered {
    documented().behind(laid(|incoming, service| {
        if parameters(&incoming.request).contains("Action=ListVirtualMFADevices") {
            let outcome = Outcome::Error { code: ErrorCode::AccessDenied, message: "Not allowed.".to_owned() };
            return documented_reply(None, &outcome, "denied").into();
        }
        service(&incoming.request).into()
    }))
}

fn listings_300_ms_old_and_paged_by_two() -> Altered {
    rules(Lagging::new(300)).behind(misread(|_, parameters| {
        let lists = [Operation::ListMfaDevices, Operation::ListVirtualMfaDevices, Operation::ListUsers];
        if lists.iter().any(|operation| parameters.contains(&format!("Action={operation}&"))) {
            return format!("{}&MaxItems=2", without(parameters, |_, name| name == "MaxItems"));
        }
        parameters.to_owned()
    }))
}

fn seeds_listed() -> Altered {
    decides(|_, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(mut page) } => {
            for item in &mut page.items {
                let seed = Seed::from_bytes(item.serial_number.as_bytes());
                let qr_code = QrCode::of_device("device", "123456789012", &seed);
                let seed_blob = Some(seed.to_blob());
                *item = VirtualDeviceEntry { seed_blob, qr_code, ..std::mem::take(item) };
            }
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevices(page) }
        }
        other => other,
    })
}

/// Answers successes with another body.
fn answers(change: fn(SuccessBody) -> SuccessBody) -> Altered {
    decides(move |_, _, decision| match decision {
        Decision::CarryOut { effect, body } => Decision::CarryOut { effect, body: change(body) },
        other => other,
    })
}

fn reversed(mut body: SuccessBody) -> SuccessBody {
    match &mut body {
        SuccessBody::Users(page) => page.items.reverse(),
        SuccessBody::MfaDevices(page) => page.items.reverse(),
        SuccessBody::VirtualDevices(page) => page.items.reverse(),
        SuccessBody::AccessKeys(page) => page.items.reverse(),
        _ => {}
    }
    body
}

/// A marker as opaque letters and digits.
fn sealed(marker: &str) -> String {
    marker.bytes().fold("m".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The original of a sealed marker, encoded for a parameter.
fn unsealed(marker: &str) -> Option<String> {
    let digits = marker.strip_prefix('m').filter(|digits| digits.len() % 2 == 0)?;
    let bytes = digits.as_bytes().chunks(2).map(|byte| std::str::from_utf8(byte).ok());
    bytes.map(|byte| byte.map(|byte| format!("%{byte}"))).collect()
}

fn marked(mut body: SuccessBody) -> SuccessBody {
    let next = match &mut body {
        SuccessBody::Users(page) => &mut page.next,
        SuccessBody::MfaDevices(page) => &mut page.next,
        SuccessBody::VirtualDevices(page) => &mut page.next,
        SuccessBody::AccessKeys(page) => &mut page.next,
        _ => return body,
    };
    *next = next.as_deref().map(sealed);
    body
}

/// Lists in pages of three, and seals the markers.
fn seals_markers() -> Altered {
    answers(marked).behind(misread(|_, parameters| {
        let mut changed = parameters.to_owned();
        if let Some(marker) = parameter(parameters, "Marker").and_then(unsealed) {
            changed = format!("{}&Marker={marker}", without(&changed, |_, name| name == "Marker"));
        }
        let lists = [Operation::ListMfaDevices, Operation::ListVirtualMfaDevices, Operation::ListUsers];
        if lists.iter().any(|operation| parameter(&changed, "Action") == Some(operation.to_string().as_str())) {
            let most =
                parameter(&changed, "MaxItems").and_then(|most| most.parse::<u8>().ok()).map_or(3, |most| most.min(3));
            changed = format!("{}&MaxItems={most}", without(&changed, |_, name| name == "MaxItems"));
        }
        changed
    }))
}

/// A date-time with milliseconds.
fn with_millis(date_time: &str) -> String {
    match date_time.strip_suffix('Z') {
        Some(whole) if !whole.contains('.') => format!("{whole}.000Z"),
        Some(_) | None => date_time.to_owned(),
    }
}

fn dated_finely(mut body: SuccessBody) -> SuccessBody {
    match &mut body {
        SuccessBody::MfaDevices(page) => {
            page.items.iter_mut().for_each(|item| item.enable_date = with_millis(&item.enable_date));
        }
        SuccessBody::VirtualDevices(page) => page.items.iter_mut().for_each(|item| {
            item.enable_date = item.enable_date.as_deref().map(with_millis);
        }),
        _ => {}
    }
    body
}

/// How long a listing is kept, in milliseconds.
const LISTING_KEPT_MS: i64 = 1_400;

/// A reply with the body of another, but its own request id.
fn with_body_of(kept: &HttpResponse, reply: HttpResponse) -> HttpResponse {
    let text = String::from_utf8_lossy(&kept.body).replace(&kept.request_id, &reply.request_id);
    edited(reply, |_| text)
}

/// Keeps account-wide listings for a short time.
fn keeps_listings() -> Altered {
    let kept: Arc<Mutex<BTreeMap<String, (Millis, HttpResponse)>>> = Arc::default();
    documented().behind(laid(move |incoming, service| {
        let asked = parameters(&incoming.request);
        let response = service(&incoming.request);
        let is_whole = response.status == 200
            && parameter(&asked, "Action") == Some("ListVirtualMFADevices")
            && parameter(&asked, "Marker").is_none()
            && String::from_utf8_lossy(&response.body).contains("<IsTruncated>false<");
        if !is_whole {
            return response.into();
        }
        let mut kept = lock(&kept);
        kept.retain(|_, (since, _)| incoming.now.0 - since.0 < LISTING_KEPT_MS);
        if let Some((_, old)) = kept.get(&asked) {
            return with_body_of(old, response).into();
        }
        kept.insert(asked, (incoming.now, response.clone()));
        response.into()
    }))
}

/// The marker of the beginning.
const BEGINNING: &str = "begin";

/// Begins each listing with an empty page and a marker.
fn begins_with_nothing() -> Altered {
    decides(|_, request, decision| {
        let begins = matches!(request, Request::Support(support) if support.marker.is_none());
        let Decision::CarryOut { effect, mut body } = decision else { return decision };
        let next = match &mut body {
            SuccessBody::Users(page) if begins => {
                page.items.clear();
                Some(&mut page.next)
            }
            SuccessBody::MfaDevices(page) if begins => {
                page.items.clear();
                Some(&mut page.next)
            }
            SuccessBody::VirtualDevices(page) if begins => {
                page.items.clear();
                Some(&mut page.next)
            }
            _ => None,
        };
        if let Some(next) = next {
            *next = Some(BEGINNING.to_owned());
        }
        Decision::CarryOut { effect, body }
    })
    .behind(misread(|_, parameters| {
        if parameter(parameters, "Marker") == Some(BEGINNING) {
            // The empty marker is the one before the first element.
            format!("{}&Marker=", without(parameters, |_, name| name == "Marker"))
        } else {
            parameters.to_owned()
        }
    }))
}

pub(in crate::permitted) const SERVICES: &[Registered] = &[
    ("listings-paged-by-one", listings_paged_by_one),
    ("listings-300-ms-old", || rules(Lagging::new(300))),
    ("listings-a-second-old", || rules(Lagging::new(1_000))),
    ("no-account-wide-listing", no_account_wide_listing),
    ("listings-300-ms-old-and-paged-by-two", listings_300_ms_old_and_paged_by_two),
    ("seeds-listed", seeds_listed),
    ("listings-in-reverse", || answers(reversed)),
    ("markers-sealed", seals_markers),
    ("enable-dates-with-fractions", || answers(dated_finely)),
    ("listing-of-virtual-devices-kept-for-a-while", keeps_listings),
    ("listings-begin-with-an-empty-page", begins_with_nothing),
];
