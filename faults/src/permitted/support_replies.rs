//! Services whose set-up and listing replies differ from the recordings, where no document speaks.

use mfa_reference::account::Effect;
use mfa_reference::clause::ClauseId as C;
use mfa_reference::service::behaviour::Decision;
use mfa_reference::totp::Seed;
use mfa_reference::{
    DeviceExtras, ErrorCode, Operation, QrCode, Request, SuccessBody, UserEntry, VirtualDeviceEntry, path,
};

use crate::altered::decides;
use crate::entry::{Permitted, permit};
use crate::parts::refuse;

/// What is made in a path that AWS refuses, with a slash at either end.
fn made_in_any_path(request: &Request<'_>, exists: impl Fn(&str) -> bool) -> Option<Decision> {
    let Request::Support(support) = request else { return None };
    let (name, path) = (support.name.text?, format!("/{}/", support.path.trim_matches('/')));
    let arn = |kind: &str| format!("arn:aws:iam::123456789012:{kind}{path}{name}");
    let (effect, body) = match support.operation {
        Operation::CreateVirtualMfaDevice if exists(&arn("mfa")) => {
            return Some(refuse(ErrorCode::EntityAlreadyExists));
        }
        Operation::CreateVirtualMfaDevice => {
            let seed_blob = Seed::from_bytes(arn("mfa").as_bytes()).to_blob();
            let body =
                SuccessBody::VirtualDevice { serial_number: arn("mfa"), seed_blob, extras: DeviceExtras::default() };
            (Effect::AddDevice, body)
        }
        Operation::CreateUser => {
            let entry = UserEntry {
                user_name: name.to_owned(),
                arn: arn("user"),
                user_id: "AIDAINANYPATH".to_owned(),
                path,
                create_date: "2026-01-01T00:00:00Z".to_owned(),
                tags: Vec::new(),
            };
            (Effect::AddUser, SuccessBody::User(entry))
        }
        _ => return None,
    };
    Some(Decision::CarryOut { effect, body })
}

pub(crate) const VARIANTS: &[Permitted] = &[
    permit(
        "arns-without-paths",
        "A device's ARN leaves its path out, so a name can be taken once only.",
        &[C::SerialNumberPath],
        || {
            decides(|situation, request, decision| match (request, decision) {
                (
                    Request::Support(support),
                    Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { seed_blob, extras, .. } },
                ) => {
                    let name = support.name.text.unwrap_or_default();
                    let serial_number = format!("arn:aws:iam::123456789012:mfa/{name}");
                    if situation.account.find_device(&serial_number).is_some() {
                        return refuse(ErrorCode::EntityAlreadyExists);
                    }
                    Decision::CarryOut { effect, body: SuccessBody::VirtualDevice { serial_number, seed_blob, extras } }
                }
                (_, decision) => decision,
            })
        },
    ),
    permit(
        "seeds-listed",
        "ListVirtualMFADevices shows a seed and a picture with each device.",
        &[C::ListWithoutSeeds],
        || {
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
        },
    ),
    permit("any-path-taken", "Paths without a slash at either end are taken.", &[C::CreatePath], || {
        decides(|situation, request, decision| {
            let exists = |serial: &str| situation.account.find_device(serial).is_some();
            match request {
                Request::Support(support) if path::problem(support.path).is_some() => {
                    made_in_any_path(request, exists).unwrap_or(decision)
                }
                _ => decision,
            }
        })
    }),
];
