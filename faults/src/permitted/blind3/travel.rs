//! Those that read requests, write replies and keep connections otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::Decision;
use mfa_reference::wire::HttpResponse;
use mfa_reference::{ErrorCode as E, Millis, Operation, Outcome, Request, SuccessBody};

use crate::altered::{Altered, decides, documented, documented_reply, edited};
use crate::entry::{Permitted, permit};
use crate::line::{Incoming, Lost, Sent, Service, held, laid, misread, parameter, parameters, without};

/// How long a listing is kept, in milliseconds.
const LISTING_KEPT_MS: i64 = 1_400;
/// How long a connection may be idle, in milliseconds.
const IDLE_MS: i64 = 5_000;
/// How long a slow reply takes.
const SLOW: Duration = Duration::from_millis(2_900);
/// The marker of the beginning.
const BEGINNING: &str = "begin";

/// A reply with another's body, and a request id of its own.
fn with_body_of(kept: &HttpResponse, reply: HttpResponse) -> HttpResponse {
    let text = String::from_utf8_lossy(&kept.body).replace(&kept.request_id, &reply.request_id);
    edited(reply, |_| text)
}

/// Keeps what it has told of all virtual devices for a while.
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
            return Ok(response.into());
        }
        let mut kept = held(&kept);
        kept.retain(|_, (since, _)| incoming.now.0 - since.0 < LISTING_KEPT_MS);
        if let Some((_, old)) = kept.get(&asked) {
            return Ok(with_body_of(old, response).into());
        }
        kept.insert(asked, (incoming.now, response.clone()));
        Ok(response.into())
    }))
}

/// Begins each listing with a page that is empty, and tells where to go on.
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

/// Hangs up on whoever comes back to a connection after five seconds.
fn hangs_up_on_idlers() -> Altered {
    documented().behind(Arc::new(|| {
        let mut last: Option<Millis> = None;
        Box::new(move |incoming: &Incoming<'_>, service: &mut Service<'_>| {
            if last.is_some_and(|last| incoming.now.0 - last.0 > IDLE_MS) {
                return Err(Lost::HungUp);
            }
            last = Some(incoming.now);
            Ok(service(&incoming.request).into())
        })
    }))
}

/// Refuses what says the same thing twice.
fn refuses_repeated_parameters() -> Altered {
    documented().behind(laid(|incoming, service| {
        let asked = parameters(&incoming.request);
        let mut names = BTreeSet::new();
        let is_repeated = |part: &str| !names.insert(part.split('=').next().unwrap_or_default().to_owned());
        if !asked.split('&').filter(|part| !part.is_empty()).any(is_repeated) {
            return Ok(service(&incoming.request).into());
        }
        let outcome = Outcome::Error {
            code: E::InvalidParameterCombination,
            message: "A parameter came more than once.".to_owned(),
        };
        let id = format!("22222222-3333-4444-5555-{:012}", incoming.calls);
        Ok(documented_reply(None, &outcome, &id).into())
    }))
}

/// The parameters with an action as the documents write it.
fn with_known_action(parameters: &str) -> String {
    let asked = parameter(parameters, "Action").unwrap_or_default();
    match Operation::ALL.into_iter().find(|operation| operation.name().eq_ignore_ascii_case(asked)) {
        Some(operation) => format!("Action={operation}&{}", without(parameters, |_, name| name == "Action")),
        None => parameters.to_owned(),
    }
}

/// An encoded path between two slashes.
fn between_slashes(path: &str) -> String {
    let slashes = ["/", "%2F", "%2f"];
    let before = if slashes.into_iter().any(|slash| path.starts_with(slash)) { "" } else { "/" };
    let behind = if slashes.into_iter().any(|slash| path.ends_with(slash)) { "" } else { "/" };
    format!("{before}{path}{behind}")
}

/// Puts slashes around the paths of what is created.
fn puts_slashes() -> Altered {
    documented().behind(misread(|_, parameters| match parameter(parameters, "Path") {
        Some(path) if !path.is_empty() => {
            let rest = without(parameters, |_, name| name == "Path");
            format!("{rest}&Path={}", between_slashes(path))
        }
        Some(_) | None => parameters.to_owned(),
    }))
}

pub(crate) const VARIANTS: &[Permitted] = &[
    permit(
        "listing-of-virtual-devices-kept-for-a-while",
        "ListVirtualMFADevices shows what it showed up to 1.4 seconds ago; ListMFADevices shows each change at once.",
        &[],
        keeps_listings,
    ),
    permit(
        "listings-begin-with-an-empty-page",
        "The first page of a listing is empty, and its marker leads to the elements.",
        &[],
        begins_with_nothing,
    ),
    permit("idle-connections-cut", "A connection that was idle for five seconds is cut.", &[], hangs_up_on_idlers),
    permit(
        "repeated-parameters-refused",
        "A request with the same parameter twice is answered InvalidParameterCombination.",
        &[C::WireDuplicateParameter],
        refuses_repeated_parameters,
    ),
    permit("actions-in-any-case", "An action is known in any case.", &[C::WireUnknownAction], || {
        documented().behind(misread(|_, parameters| with_known_action(parameters)))
    }),
    permit(
        "slashes-put-around-paths",
        "A path gets the slashes that it lacks at either end.",
        &[C::CreatePath, C::SerialNumberPath],
        puts_slashes,
    ),
    permit("messages-in-japanese", "What a refusal says begins in Japanese.", &[C::MessageWords], || {
        decides(|_, _, decision| match decision {
            Decision::Refuse { code, message } if code != E::ValidationError => {
                Decision::refuse(code, format!("リクエストは拒否されました。詳細：{message}"))
            }
            other => other,
        })
    }),
    permit("every-ninth-reply-slow", "Every ninth reply takes 2.9 seconds.", &[], || {
        documented().behind(laid(|incoming, service| {
            let delay = if incoming.calls % 9 == 8 { SLOW } else { Duration::ZERO };
            Ok(Sent { response: service(&incoming.request), delay })
        }))
    }),
];
