//! Makes the reply for a recorded answer. It keeps what the recording contains. The rest is made up and conforms.

use std::collections::BTreeMap;

use mfa_reference::totp::Seed;
use mfa_reference::wire::{Documented, Renderer as _};
use mfa_reference::{
    AccessKeyEntry, DeviceExtras, ErrorCode, MfaDeviceEntry, Millis, Operation, Outcome, Page, QrCode, RawRequest,
    SuccessBody, UserEntry, VirtualDeviceEntry,
};
use sha2::{Digest as _, Sha256};

use super::bindings::{Bindings, NotPlayed, serial_number, user_name};
use super::form::Listed;
use super::history::{Answer, Named, Step};
use crate::transport::HttpReply;
use crate::wire::{Observed, read};

/// Makes replies for the answers of one history.
#[derive(Debug)]
pub(super) struct Replies<'a> {
    history: &'a str,
    /// When each device was last enabled.
    enabled: BTreeMap<String, String>,
}

impl<'a> Replies<'a> {
    pub(super) fn new(history: &'a str) -> Self {
        Self { history, enabled: BTreeMap::new() }
    }

    /// The reply to a step. `words` is the message of an error whose message was not recorded.
    pub(super) fn reply(
        &mut self,
        step: &Step,
        (operation, request): (Operation, &RawRequest),
        bindings: &Bindings,
        words: impl FnOnce(ErrorCode) -> Option<String>,
    ) -> Result<Observed, NotPlayed> {
        let (status, outcome, code) = match &step.answer {
            Answer::Success { status, lists } => {
                let body = self.body(step, (operation, request), lists.as_deref(), bindings)?;
                (*status, Outcome::Success(body), None)
            }
            Answer::Error { status, code, message } => {
                let known = ErrorCode::from_wire(code);
                let message = message.as_ref().map(|message| bindings.message(step, message));
                let message = message.or_else(|| words(known?));
                let message = message.unwrap_or_else(|| "The message was not recorded.".to_owned());
                let code = known.is_none().then_some(code.as_str());
                (*status, Outcome::Error { code: known.unwrap_or(STAND_IN), message }, code)
            }
        };
        let id = format!("{}-{}", self.history, step.number);
        let response = Documented.render(Some(operation), &outcome, &id);
        let text = String::from_utf8_lossy(&response.body).into_owned();
        let text = match code {
            Some(code) => text.replace(STAND_IN.as_str(), &crate::wire::escape_for_people(code)),
            None => text,
        };
        let reply = HttpReply {
            status,
            content_type: Some(response.content_type.into_owned()),
            date: None,
            retry_after: None,
            body: text.into_bytes(),
            retried: false,
        };
        Ok(read(operation, reply))
    }

    fn body(
        &mut self,
        step: &Step,
        (operation, request): (Operation, &RawRequest),
        lists: Option<&[Listed]>,
        bindings: &Bindings,
    ) -> Result<SuccessBody, NotPlayed> {
        let name = request.get("UserName").unwrap_or_default();
        let date = iso8601(step.instant.answered);
        Ok(match operation {
            Operation::CreateUser | Operation::GetUser => {
                SuccessBody::User(user(name, request.get("Path").unwrap_or("/"), &date))
            }
            Operation::CreateVirtualMfaDevice => {
                let device = request.get("VirtualMFADeviceName").unwrap_or_default();
                let digest = Sha256::digest(format!("{} {}", self.history, step.number));
                SuccessBody::VirtualDevice {
                    serial_number: serial_number(request.get("Path").unwrap_or("/"), device),
                    seed_blob: Seed::from_bytes(&digest).to_blob(),
                    extras: DeviceExtras::default(),
                }
            }
            Operation::CreateAccessKey => SuccessBody::AccessKey(AccessKeyEntry {
                user_name: name.to_owned(),
                access_key_id: format!("AKIA{:016}", step.number),
                secret_access_key: Some(format!("{:040}", step.number)),
                create_date: date,
            }),
            Operation::ListMfaDevices => {
                let items = listed(lists)?.iter().map(|one| self.device_of(one, name, bindings));
                SuccessBody::MfaDevices(Page::whole(items.collect::<Result<_, _>>()?))
            }
            Operation::ListVirtualMfaDevices => {
                let items = listed(lists)?.iter().map(|one| self.virtual_device(one, bindings));
                SuccessBody::VirtualDevices(Page::whole(items.collect::<Result<_, _>>()?))
            }
            Operation::ListUsers => SuccessBody::Users(Page::whole(Vec::new())),
            Operation::ListAccessKeys => SuccessBody::AccessKeys(Page::whole(Vec::new())),
            Operation::EnableMfaDevice => {
                if let Some(Named::Symbol(symbol)) = &step.device {
                    self.enabled.insert(symbol.clone(), date);
                }
                SuccessBody::Empty
            }
            Operation::ResyncMfaDevice
            | Operation::DeactivateMfaDevice
            | Operation::UpdateUser
            | Operation::DeleteUser
            | Operation::DeleteVirtualMfaDevice
            | Operation::DeleteAccessKey => SuccessBody::Empty,
        })
    }

    fn device_of(&self, listed: &Listed, user: &str, bindings: &Bindings) -> Result<MfaDeviceEntry, NotPlayed> {
        Ok(MfaDeviceEntry {
            user_name: listed.user.as_deref().map_or_else(|| user.to_owned(), user_name),
            serial_number: serial(listed, bindings)?,
            enable_date: self.enabled.get(&listed.device).cloned().unwrap_or_default(),
        })
    }

    fn virtual_device(&self, listed: &Listed, bindings: &Bindings) -> Result<VirtualDeviceEntry, NotPlayed> {
        let date = self.enabled.get(&listed.device).cloned().unwrap_or_default();
        Ok(VirtualDeviceEntry {
            serial_number: serial(listed, bindings)?,
            user: listed.user.as_deref().map(|symbol| user(&user_name(symbol), "/", &date)),
            enable_date: listed.user.is_some().then_some(date),
            seed_blob: None,
            qr_code: QrCode::default(),
        })
    }
}

/// Carries a code that no document knows through the renderer, which then gets the recorded text in its place.
const STAND_IN: ErrorCode = ErrorCode::ValidationError;

fn listed(lists: Option<&[Listed]>) -> Result<&[Listed], NotPlayed> {
    lists.ok_or_else(|| NotPlayed::Unknown("what the answer listed".to_owned()))
}

fn serial(listed: &Listed, bindings: &Bindings) -> Result<String, NotPlayed> {
    let device = bindings.device(&listed.device).map(|device| device.serial_number.clone());
    device.ok_or_else(|| NotPlayed::Unknown(format!("what became of the device {:?} before", listed.device)))
}

fn user(name: &str, path: &str, date: &str) -> UserEntry {
    UserEntry {
        user_name: name.to_owned(),
        arn: format!("arn:aws:iam::123456789012:user{path}{name}"),
        user_id: "AIDAEXAMPLEEXAMPLE123".to_owned(),
        path: path.to_owned(),
        create_date: date.to_owned(),
        tags: Vec::new(),
    }
}

/// An instant as the query protocol writes it, in whole seconds.
fn iso8601(at: Millis) -> String {
    let when = time::OffsetDateTime::from_unix_timestamp(at.seconds()).unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    let (year, month, day) = (when.year(), u8::from(when.month()), when.day());
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", when.hour(), when.minute(), when.second())
}
