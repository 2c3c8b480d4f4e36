//! What clients rely on in replies, apart from the state: the form of each reply, and the members of the replies to
//! set-up and observation.
//!
//! For these operations, each clause is reported once in a scenario: the wrong form of a reply says nothing about the
//! next call.

use mfa_reference::clause::{ClauseId, Side};
use mfa_reference::permitted::transition::Answer;
use mfa_reference::{MfaDeviceEntry, Operation, QrCode, RawRequest, SuccessBody, VirtualDeviceEntry, path};

use super::observation::Observation;
use super::state::Oracle;
use super::verdict::{Divergence, Expected, ObservedClass, Verdict};
use crate::wire::{Answer as Reading, Flaw, Reply};

/// A clause that a reply tests.
struct Checked {
    clause: ClauseId,
    /// What is wrong, if anything.
    broken: Option<ObservedClass>,
    wanted: String,
}

impl Oracle {
    /// Checks the form of a reply, whatever its content: an official SDK has to find its elements.
    pub(super) fn check_form(&mut self, operation: Operation, reply: &Reply) -> Vec<Divergence> {
        let is_success = matches!(reply.answer, Reading::Success(_));
        let side = if is_success { Side::Accept } else { Side::Reject };
        let prefixes = Checked {
            clause: ClauseId::WireNoPrefixes,
            broken: reply.envelope.has(Flaw::Prefix).then_some(ObservedClass::Envelope("elements with a prefix")),
            wanted: "elements without a prefix, in the default namespace".to_owned(),
        };
        let sections = Checked {
            clause: ClauseId::WireNoCdata,
            broken: reply.envelope.has(Flaw::Cdata).then_some(ObservedClass::Envelope("text in a CDATA section")),
            wanted: "text outside of CDATA sections, which the SDK for Rust leaves out".to_owned(),
        };
        let place = reply.envelope.result_first.map(|first| Checked {
            clause: ClauseId::WireResultFirst,
            broken: (!first).then_some(ObservedClass::Envelope("an element before the result")),
            wanted: format!("{operation}Result as the first element, and ResponseMetadata after it"),
        });
        let encoding = Checked {
            clause: ClauseId::WireUtf8,
            broken: reply
                .envelope
                .has(Flaw::OtherEncoding)
                .then_some(ObservedClass::Envelope("a body that isn't plain UTF-8")),
            wanted: "a body in UTF-8, without a byte order mark".to_owned(),
        };
        let mut divergences = Vec::new();
        for Checked { clause, broken, wanted } in [prefixes, sections, encoding].into_iter().chain(place) {
            self.tally.tested(clause, side);
            let Some(class) = broken else { continue };
            if operation.under_test().is_some() || self.reported.insert(clause) {
                divergences.push(Divergence {
                    clause,
                    also: Vec::new(),
                    operation,
                    class,
                    expected: Expected::Words(wanted),
                    permitted: None,
                });
            }
        }
        divergences
    }

    /// Checks the members of a success.
    pub(super) fn check_members(&mut self, observation: &Observation<'_>, answer: Answer<'_>, verdict: &mut Verdict) {
        let Answer::Success(body) = answer else { return };
        for Checked { clause, broken, wanted } in checks(observation.request, body) {
            self.tally.tested(clause, Side::Accept);
            let Some(class) = broken else { continue };
            if !clause.stance().binds() && !self.strict {
                *self.tally.departures.entry((clause, class.to_string())).or_default() += 1;
            } else if self.reported.insert(clause) {
                verdict.divergences.push(Divergence {
                    clause,
                    also: Vec::new(),
                    operation: observation.operation,
                    class,
                    expected: Expected::Words(wanted),
                    permitted: None,
                });
            }
        }
    }
}

fn checks(request: &RawRequest, body: &SuccessBody) -> Vec<Checked> {
    match body {
        SuccessBody::VirtualDevice { serial_number, extras, .. } => {
            picture(&extras.qr_code).into_iter().chain(device_path(request, serial_number)).collect()
        }
        SuccessBody::MfaDevices(page) if !page.items.is_empty() => vec![listed_members(&page.items)],
        SuccessBody::VirtualDevices(page) if !page.items.is_empty() => vec![no_seeds(&page.items)],
        SuccessBody::Empty
        | SuccessBody::User(_)
        | SuccessBody::Users(_)
        | SuccessBody::MfaDevices(_)
        | SuccessBody::VirtualDevices(_)
        | SuccessBody::AccessKey(_)
        | SuccessBody::AccessKeys(_) => Vec::new(),
    }
}

/// Checks the picture, which may be absent.
fn picture(code: &QrCode) -> Option<Checked> {
    let broken = match code {
        QrCode::Absent => return None,
        QrCode::Png(_) => None,
        QrCode::NotPng(_) => Some(ObservedClass::Body("a QRCodePNG that is not a PNG")),
        QrCode::NotBase64(_) => Some(ObservedClass::Body("a QRCodePNG that is not base64")),
    };
    Some(Checked { clause: ClauseId::SupportQrCode, broken, wanted: "QRCodePNG as base64 of a PNG".to_owned() })
}

/// Checks the path in a device's ARN. A path that AWS refuses says nothing about ARNs, and `serial-number.is-arn`
/// covers a serial number that is not an ARN.
fn device_path(request: &RawRequest, serial_number: &str) -> Option<Checked> {
    let name = request.get("VirtualMFADeviceName")?;
    let path = request.get("Path").unwrap_or("/");
    if path::problem(path).is_some() || !serial_number.starts_with("arn:") || !serial_number.contains(":mfa/") {
        return None;
    }
    let end = format!(":mfa{path}{name}");
    let broken =
        (!serial_number.ends_with(&end)).then_some(ObservedClass::Body("an ARN without the device's path and name"));
    let wanted = format!("an ARN that ends in {end}");
    Some(Checked { clause: ClauseId::SerialNumberPath, broken, wanted })
}

/// What an entry of `ListMFADevices` lacks, if anything (`support.listed-members`).
fn lacking(item: &MfaDeviceEntry) -> Option<&'static str> {
    if item.user_name.is_empty() {
        Some("an entry without UserName")
    } else if item.enable_date.is_empty() {
        Some("an entry without EnableDate")
    } else {
        (!is_date_time(&item.enable_date)).then_some("an EnableDate that is not a date-time")
    }
}

fn listed_members(items: &[MfaDeviceEntry]) -> Checked {
    let broken = items.iter().find_map(lacking).map(ObservedClass::Body);
    let wanted = "UserName, SerialNumber and EnableDate in each entry, EnableDate as 2026-01-31T12:00:00Z".to_owned();
    Checked { clause: ClauseId::SupportListedMembers, broken, wanted }
}

fn no_seeds(items: &[VirtualDeviceEntry]) -> Checked {
    let shows = |item: &VirtualDeviceEntry| item.seed_blob.is_some() || item.qr_code != QrCode::Absent;
    let broken = items.iter().any(shows).then_some(ObservedClass::Body("a device's seed in a listing"));
    let wanted = "a listing without Base32StringSeed and QRCodePNG".to_owned();
    Checked { clause: ClauseId::ListWithoutSeeds, broken, wanted }
}

/// Whether a text is an RFC 3339 date and time, with or without a fraction. The SDK for JavaScript reads no time
/// without a zone, and no zone without its colon.
fn is_date_time(text: &str) -> bool {
    let Some((start, rest)) = text.split_at_checked(19) else { return false };
    let shape: String = start.chars().map(|sign| if sign.is_ascii_digit() { '0' } else { sign }).collect();
    let fraction = rest.strip_prefix('.').map(|digits| digits.trim_start_matches(|sign: char| sign.is_ascii_digit()));
    let zone: String =
        fraction.unwrap_or(rest).chars().map(|sign| if sign.is_ascii_digit() { '0' } else { sign }).collect();
    shape.eq_ignore_ascii_case("0000-00-00T00:00:00") && matches!(zone.as_str(), "Z" | "z" | "+00:00" | "-00:00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_time_is_one_in_any_zone_and_precision() {
        for text in [
            "2026-01-31T12:00:00Z",
            "2026-01-31t12:00:00.123456z",
            "2026-01-31T12:00:00+02:00",
            "2026-01-31T12:00:00.5-09:30",
        ] {
            assert!(is_date_time(text), "{text}");
        }
        for text in [
            "1769860800",
            "2026-01-31",
            "2026-01-31 12:00:00",
            "Sat, 31 Jan 2026 12:00:00 GMT",
            "2026-01-31T12:00:00 é",
            "2026-01-31T12:00:00",
            "2026-01-31T12:00:00+0000",
        ] {
            assert!(!is_date_time(text), "{text}");
        }
    }
}
