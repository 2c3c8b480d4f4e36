//! Services in whose accounts other things exist, are named or are listed otherwise.

use mfa_reference::account::{DeviceId, Effect};
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::Decision;
use mfa_reference::totp::Seed;
use mfa_reference::value::Constraint;
use mfa_reference::{Constraints, ErrorCode, SuccessBody};

use crate::altered::{Altered, carries_out, decides, documented, rules};
use crate::entry::{Permitted, permit};
use crate::line::{laid, parameters};
use crate::parts::{devices_of, dissociate, done, named, refuse};
use crate::seeded::listing::Lagging;
use crate::seeded::support::deleting_assigned;

/// Makes devices with another serial number and seed.
fn makes(change: fn(String, String) -> (String, String)) -> Altered {
    decides(move |situation, _, decision| match decision {
        Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras } } => {
            let (serial_number, seed_blob) = change(serial_number, seed_blob);
            if situation.account.find_device(&serial_number).is_some() {
                return refuse(ErrorCode::EntityAlreadyExists);
            }
            Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras } }
        }
        other => other,
    })
}

/// A seed of this many bytes in another's place.
fn cut(seed_blob: &str, bytes: usize) -> String {
    let whole = Seed::from_blob(seed_blob)
        .ok()
        .and_then(|(seed, _)| data_encoding::BASE32_NOPAD.decode(seed.to_base32().as_bytes()).ok());
    let whole = whole.unwrap_or_default();
    Seed::from_bytes(whole.get(..bytes).unwrap_or(&whole)).to_blob()
}

fn other_arn(serial: &str, partition: &str, account: &str) -> String {
    serial.replacen("arn:aws:iam::123456789012:", &format!("arn:{partition}:iam::{account}:"), 1)
}

pub(crate) const VARIANTS: &[Permitted] = &[
    permit("deactivated-devices-removed", "A device that is deactivated is removed.", &[], || {
        carries_out(|account, effect, body, now| {
            account.apply(effect, Some(body), now);
            if let Effect::Dissociate(device) = effect {
                account.apply(&Effect::RemoveDevice(*device), None, now);
            }
        })
    }),
    permit(
        "assigned-devices-deleted",
        "DeleteVirtualMFADevice of an assigned device succeeds.",
        &[C::DeleteVirtualDeviceAttached],
        || deleting_assigned(|device| done(Effect::RemoveDevice(device))),
    ),
    permit(
        "assigned-devices-limited",
        "DeleteVirtualMFADevice of an assigned device is answered LimitExceeded.",
        &[C::DeleteVirtualDeviceAttached],
        || deleting_assigned(|_| refuse(ErrorCode::LimitExceeded)),
    ),
    permit("renaming-dissociates", "A user who is renamed loses its devices.", &[C::RenameKeepsDevice], || {
        carries_out(|account, effect, body, now| {
            if let Effect::RenameUser(user, _) = effect {
                let devices = devices_of(account, *user);
                dissociate(account, &devices, now);
            }
            account.apply(effect, Some(body), now);
        })
    }),
    permit(
        "devices-kept-by-name",
        "A device stays with the user's name: one who is renamed loses it, and has it back with the name.",
        &[C::RenameKeepsDevice],
        || {
            use std::collections::BTreeMap;
            use std::sync::Mutex;
            let left: Mutex<BTreeMap<String, Vec<DeviceId>>> = Mutex::default();
            carries_out(move |account, effect, body, now| {
                let mut left = crate::line::held(&left);
                let Effect::RenameUser(user, new_name) = effect else {
                    if let Effect::Associate(device, _) = effect {
                        left.values_mut().for_each(|devices| devices.retain(|one| one != device));
                    }
                    return account.apply(effect, Some(body), now);
                };
                let devices = devices_of(account, *user);
                dissociate(account, &devices, now);
                if let Some(renamed) = account.user(*user) {
                    left.insert(renamed.entry.user_name.clone(), devices);
                }
                account.apply(effect, Some(body), now);
                for device in left.remove(&**new_name).unwrap_or_default() {
                    if account.device(device).is_some_and(|device| device.owner.is_none()) {
                        account.apply(&Effect::Associate(device, *user), None, now);
                    }
                }
            })
        },
    ),
    permit("names-with-case", "A user's name in another case names no user.", &[C::CallerCase], || {
        decides(|situation, request, decision| {
            let other = named(situation, request).is_some_and(|named| {
                let known = named.user.and_then(|user| situation.account.user(user));
                named.user_name.zip(known).is_some_and(|(name, user)| user.entry.user_name != name)
            });
            if other { refuse(ErrorCode::NoSuchEntity) } else { decision }
        })
    }),
    permit("long-user-names", "CreateUser takes names of 128 characters.", &[C::CreateUserLength], || {
        let mut constraints = Constraints::default();
        constraints.new_user_name = Constraint { max: 128, ..constraints.new_user_name };
        documented().and_constraints(constraints)
    }),
    permit("another-account", "The account has another number.", &[], || {
        makes(|serial, seed| (other_arn(&serial, "aws", "000000000000"), seed))
    }),
    permit("another-partition", "ARNs are of another partition.", &[], || {
        makes(|serial, seed| (other_arn(&serial, "aws-cn", "123456789012"), seed))
    }),
    permit("seeds-of-20-bytes", "Seeds have 20 bytes.", &[], || makes(|serial, seed| (serial, cut(&seed, 20)))),
    permit("seeds-of-10-bytes", "Seeds have 10 bytes.", &[], || makes(|serial, seed| (serial, cut(&seed, 10)))),
    permit("listings-300-ms-old", "Listings show what was so 300 milliseconds ago.", &[], || rules(Lagging::new(300))),
    permit("listings-a-second-old", "Listings show what was so a second ago.", &[], || rules(Lagging::new(1_000))),
    permit("no-account-wide-listing", "ListVirtualMFADevices is denied.", &[], || {
        documented().behind(laid(|incoming, service| {
            use mfa_reference::Outcome;
            if parameters(&incoming.request).contains("Action=ListVirtualMFADevices") {
                let outcome = Outcome::Error { code: ErrorCode::AccessDenied, message: "Not allowed.".to_owned() };
                return Ok(crate::altered::documented_reply(None, &outcome, "denied").into());
            }
            Ok(service(&incoming.request).into())
        }))
    }),
];
