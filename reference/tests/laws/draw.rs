//! Draws states and requests: both from small numbers, so that what is drawn meets.

use std::sync::Arc;

use mfa_reference::account::{Account, DeviceId, Effect, UserId};
use mfa_reference::belief::{Entity, Evidence, LeftOpen, State, Update};
use mfa_reference::totp::Seed;
use mfa_reference::{Caller, Millis, Operation, RawRequest, UserEntry};

/// What one thing is drawn from: what kind it is, and choices within it.
pub(crate) type Draw = (u8, u8, u8, u8, u8);

/// The instant at which everything begins.
pub(crate) const START: Millis = Millis(1_750_000_010_000);

/// What users and devices are called. All names of a kind have one length, so that a limit knows no difference.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names {
    users: [&'static str; 4],
    devices: [&'static str; 4],
}

pub(crate) const NAMES: Names =
    Names { users: ["Anna", "bert", "carl", "dora"], devices: ["phone-1", "phone-2", "token-3", "token-4"] };

/// The same things under other names, which sort otherwise.
pub(crate) const OTHER_NAMES: Names =
    Names { users: ["Zoey", "carl", "anna", "xena"], devices: ["token-4", "watch-9", "arrow-0", "phone-1"] };

impl Names {
    pub(crate) fn user(&self, pick: u8) -> &'static str {
        pick_from(&self.users, pick)
    }

    pub(crate) fn serial(&self, pick: u8) -> String {
        format!("arn:aws:iam::123456789012:mfa/{}", pick_from(&self.devices, pick))
    }

    /// The place of a name among the users' names, whatever its case.
    pub(crate) fn place_of_user(&self, name: &str) -> Option<usize> {
        self.users.iter().position(|known| known.eq_ignore_ascii_case(name))
    }

    pub(crate) fn place_of_serial(&self, serial: &str) -> Option<usize> {
        (0..4_u8).position(|place| self.serial(place) == serial)
    }
}

fn pick_from<T: Copy>(all: &[T; 4], pick: u8) -> T {
    let [a, b, c, d] = *all;
    match pick % 4 {
        0 => a,
        1 => b,
        2 => c,
        _ => d,
    }
}

/// The code that a device emits so many steps from now; one that isn't there emits zeros.
fn code_of(account: &Account, serial: &str, now: Millis, offset: i64) -> String {
    let device = account.find_device(serial).and_then(|id| account.device(id));
    let seed = device.and_then(|device| device.seed.as_ref());
    seed.map_or_else(|| "000000".to_owned(), |seed| seed.code(now.step().plus(offset)).to_string())
}

fn entry(name: &str) -> UserEntry {
    UserEntry {
        user_name: name.to_owned(),
        arn: String::new(),
        user_id: String::new(),
        path: "/".to_owned(),
        create_date: String::new(),
        tags: Vec::new(),
    }
}

/// A state, with whoever has ever been in it.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    pub(crate) state: State,
    pub(crate) users: Vec<UserId>,
    pub(crate) devices: Vec<DeviceId>,
}

impl Past {
    /// A state in which anything may have happened.
    pub(crate) fn drawn(names: &Names, history: &[Draw]) -> Self {
        let mut account = Account::EMPTY;
        let users = (0..3).map(|place| account.add_user(entry(names.user(place)))).collect();
        let devices = (0..3)
            .map(|place| {
                // One device has a seed that can't be used.
                let seed = (place < 2).then(|| Arc::new(Seed::from_bytes(&[place; 20])));
                account.add_device(&names.serial(place), seed)
            })
            .collect();
        let mut past = Self { state: account.into(), users, devices };
        for draw in history {
            past.happen(names, *draw);
        }
        past
    }

    fn happen(&mut self, names: &Names, (kind, a, b, at, _): Draw) {
        let (Some(user), Some(device)) =
            (self.users.get(usize::from(a) % self.users.len()), self.devices.get(usize::from(b) % self.devices.len()))
        else {
            return;
        };
        let (user, device) = (*user, *device);
        if self.state.user(user).is_none() || self.state.device(device).is_none() {
            return;
        }
        // Removing ends what the other cases are about: it has to be rare.
        let update = match kind % 32 {
            0..=9 => Effect::Associate(device, user).into(),
            10..=13 => Effect::Dissociate(device).into(),
            14..=15 => Update::EffectAnd(Effect::Dissociate(device), LeftOpen::Existence(device)),
            16..=17 => return self.state.forget(Entity::User(user)),
            18..=19 => return self.state.forget(Entity::Device(device)),
            20 => return self.state.narrow(Evidence::Exists(user)),
            21 => Effect::RemoveUser(user).into(),
            22 => Effect::RemoveDevice(device).into(),
            // Nobody has the last name: a name is taken from nobody.
            23..=24 if self.state.find_user(names.user(3)).id().is_none() => {
                Effect::RenameUser(user, names.user(3).into()).into()
            }
            25 => return self.state.narrow(Evidence::SeveralOwners(device)),
            26 => return self.state.forget_all(),
            _ => Update::NONE,
        };
        self.state.update(&update, None, START.plus(i64::from(at) * 1_000));
    }

    /// Somebody who may call.
    pub(crate) fn caller(&self, pick: u8) -> Caller {
        let user = self.users.get(usize::from(pick) % 8).filter(|user| self.state.user(**user).is_some());
        user.map_or(Caller::Administrator, |user| Caller::User(*user))
    }
}

/// A request at an instant, with codes of the account's devices.
pub(crate) fn request(
    account: &Account,
    names: &Names,
    (kind, user, device, one, two): Draw,
    now: Millis,
) -> RawRequest {
    let operation = operation(kind);
    let mut parameters: Vec<(&str, String)> = Vec::new();
    let name = match user % 16 {
        0 => None,
        1 => Some(String::new()),
        2 => Some("a b".to_owned()),
        3 => Some("n".repeat(129)),
        4 => Some(names.user(user / 16).to_ascii_uppercase()),
        5 => Some("nobody".to_owned()),
        _ => Some(names.user(user / 16).to_owned()),
    };
    let serial = match device % 16 {
        0 => None,
        1 => Some("R1234".to_owned()),
        2 => Some("arn:aws:iam::123456789012:mfa/absent".to_owned()),
        3 => Some(names.serial(device / 16) + "!"),
        _ => Some(names.serial(device / 16)),
    };
    let code = |pick: u8, offset: i64| match pick % 16 {
        0 => None,
        1 => Some("12345".to_owned()),
        2 => Some("12 456".to_owned()),
        3 => Some("000000".to_owned()),
        4 => Some(code_of(account, &names.serial(device / 16 + 1), now, offset)),
        5..=8 => Some(code_of(account, &names.serial(device / 16), now, i64::from(pick / 16) - 8)),
        _ => Some(code_of(account, &names.serial(device / 16), now, offset)),
    };
    let is_listing = matches!(operation, Operation::ListVirtualMfaDevices | Operation::ListUsers);
    if operation == Operation::CreateVirtualMfaDevice {
        parameters.push(("VirtualMFADeviceName", pick_from(&names.devices, device).to_owned()));
    } else if !is_listing {
        parameters.extend(name.map(|name| ("UserName", name)));
    }
    if operation.under_test().is_some() || operation == Operation::DeleteVirtualMfaDevice {
        parameters.extend(serial.map(|serial| ("SerialNumber", serial)));
    }
    if matches!(operation, Operation::EnableMfaDevice | Operation::ResyncMfaDevice) {
        parameters.extend(code(one, -1).map(|code| ("AuthenticationCode1", code)));
        parameters.extend(code(two, 0).map(|code| ("AuthenticationCode2", code)));
    }
    if operation == Operation::UpdateUser {
        parameters.push(("NewUserName", names.user(one).to_owned()));
    }
    if operation == Operation::DeleteAccessKey {
        parameters.push(("AccessKeyId", "AKIAEXAMPLE".to_owned()));
    }
    if operation == Operation::ListVirtualMfaDevices && one % 2 == 0 {
        let status = ["Assigned", "Unassigned", "Any"].get(usize::from(two) % 3).copied().unwrap_or_default();
        parameters.push(("AssignmentStatus", status.to_owned()));
    }
    let borrowed: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
    RawRequest::new(operation.name(), &borrowed)
}

/// An operation; those under test more often than the others.
fn operation(kind: u8) -> Operation {
    let under_test = [
        Operation::EnableMfaDevice,
        Operation::EnableMfaDevice,
        Operation::ResyncMfaDevice,
        Operation::DeactivateMfaDevice,
    ];
    let all = under_test.iter().chain(&under_test).chain(&Operation::ALL).copied();
    all.clone().nth(usize::from(kind) % all.count()).unwrap_or(Operation::EnableMfaDevice)
}
