//! What the symbols of a scenario stand for: names with the run's prefix, and the target's serial numbers and seeds.

use std::collections::BTreeMap;
use std::sync::Arc;

use mfa_reference::TimeStep;
use mfa_reference::totp::{Seed, number_of};

use super::names::{self, in_digits};
use super::origin::{CodeSource, Made, Origin, Source};
use crate::scenario::{CodeOf, DeviceRef, NameForm, UserRef, Value, popular};
use crate::transport::Credentials;

/// A user of the scenario.
#[derive(Clone, Debug)]
pub struct UserPart {
    /// Its current name.
    pub name: Made,
    /// Its name before the last rename.
    pub former_name: Option<Made>,
    /// Whether it was or may have been created, and not deleted since.
    pub live: bool,
    /// Whether its creation was not answered clearly.
    pub doubtful: bool,
    /// Its access keys, the oldest first. They sign by turns.
    pub keys: Vec<Key>,
    /// How many calls it has signed.
    pub signed: usize,
}

/// An access key of a user.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key.
    pub credentials: Credentials,
    /// The index in the trace of the exchange whose reply contains it.
    pub from: usize,
}

impl UserPart {
    /// The next key in turn.
    pub(super) fn next_key(&mut self) -> Option<Key> {
        let turn = self.signed.checked_rem(self.keys.len())?;
        self.signed += 1;
        self.keys.get(turn).cloned()
    }

    /// Whether the account may have a user of this name: this user lives, or it stands for another user that has a key.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.live || !self.keys.is_empty()
    }
}

/// A device of the scenario.
#[derive(Clone, Debug)]
pub struct DevicePart {
    /// Its name.
    pub name: Made,
    /// The index in the trace of the exchange whose reply contains its serial number and seed.
    pub from: usize,
    /// Its serial number, once the target has sent it.
    pub serial_number: Option<Made>,
    /// Its seed, if it can be used.
    pub seed: Option<Arc<Seed>>,
    /// Whether it was or may have been created, and not deleted since.
    pub live: bool,
    /// Whether its creation was not answered clearly.
    pub doubtful: bool,
}

/// The names, serial numbers, seeds and keys that the symbols of a scenario stand for.
#[derive(Clone, Debug)]
pub struct Bindings {
    prefix: String,
    names_given: u32,
    /// How many characters of a device's ARN come before its path.
    before_path: usize,
    /// How many short names of the scenario's own letters were already in use.
    letters_taken: u32,
    account: String,
    clocks: BTreeMap<DeviceRef, i64>,
    /// The users, by symbol.
    pub users: BTreeMap<UserRef, UserPart>,
    /// The devices, by symbol.
    pub devices: BTreeMap<DeviceRef, DevicePart>,
}

/// The device emits no wrong code within this many time steps of an instant. A code from further off forms no
/// consecutive pair with a code near the instant.
const NEAR: i64 = 4;

/// The most characters of a user's name (`create-user.length`).
const LONGEST: usize = 64;

impl Bindings {
    /// How many characters of a device's ARN come before its path, in the ARN that the target sent last.
    pub(super) const fn before_path(&self) -> usize {
        self.before_path
    }

    /// Whether a name is the scenario's own: it contains the prefix, or is derived from it.
    pub(super) fn is_own(&self, name: &str) -> bool {
        names::is_own(&self.prefix, name)
    }

    /// What the names of the scenario begin with.
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Records that a short name of the scenario's own letters is in use, so that the next one differs.
    pub(super) const fn letters_are_taken(&mut self) {
        self.letters_taken += 1;
    }

    /// Bindings whose names begin with `prefix`.
    #[must_use]
    pub fn new(prefix: impl Into<String>) -> Self {
        Self {
            prefix: prefix.into(),
            names_given: 0,
            before_path: "arn:aws:iam::123456789012:mfa".len(),
            letters_taken: 0,
            account: "123456789012".to_owned(),
            clocks: BTreeMap::new(),
            users: BTreeMap::new(),
            devices: BTreeMap::new(),
        }
    }

    /// A name in the given form: a new one, or one based on `earlier`.
    pub fn new_name(&mut self, kind: char, form: &NameForm, earlier: Option<&Made>) -> Made {
        self.names_given += 1;
        let plain = self.named(format!("-{kind}{}", self.names_given));
        match form {
            NameForm::Plain | NameForm::InPath(_) | NameForm::InPathToArnOf(_) => plain,
            NameForm::EndingIn(text) => plain.then(text.as_str()),
            NameForm::BeginningWith(text) => Made::from(text.as_str()).then(plain),
            NameForm::Length(length) => match length.checked_sub(plain.len()) {
                Some(more) => plain.then("x".repeat(more)),
                None => plain.beginning(*length).unwrap_or(plain),
            },
            NameForm::Digits => format!("{}{}", in_digits(&self.prefix), self.names_given).into(),
            NameForm::Like { without, ending_in, .. } => earlier
                .and_then(|earlier| earlier.beginning(earlier.len().checked_sub(*without)?))
                .map(|begin| begin.then(ending_in.as_str()))
                .filter(|name| name.len() <= LONGEST && name.len() > self.prefix.len())
                .unwrap_or(plain),
            NameForm::CapitalsOf(_) => earlier.map_or(plain, Made::capitals),
            NameForm::Again
            | NameForm::SameAs(_)
            | NameForm::Elsewhere { .. }
            | NameForm::NameOfUser(_)
            | NameForm::FormerNameOf(_) => earlier.cloned().unwrap_or(plain),
        }
    }

    /// A name that begins with the prefix.
    fn named(&self, ending: impl Into<Made>) -> Made {
        Made::whole(self.prefix.as_str(), Source::Prefix).then(ending)
    }

    /// Makes room for a new user of this number. An old user whose deletion was refused moves to a number that no
    /// scenario uses, so that it is still listed and deleted.
    pub fn make_room_for_user(&mut self, user: UserRef) {
        if let Some(part) = self.users.remove(&user).filter(|part| part.live)
            && let Some(free) = (0..=u8::MAX).rev().map(UserRef).find(|free| !self.users.contains_key(free))
        {
            self.users.insert(free, part);
        }
    }

    /// Gives a user another name. A deleted user whose name was reused stands for the new user, so it is renamed too.
    pub fn rename(&mut self, user: UserRef, new_name: &Made) {
        let old_name = self.user_name(user);
        for (number, part) in &mut self.users {
            if *number == user || (part.is_there() && part.name == old_name) {
                part.former_name = Some(std::mem::replace(&mut part.name, new_name.clone()));
            }
        }
    }

    /// Makes room for a new device of this number, as [`Self::make_room_for_user`] does for a user.
    pub fn make_room_for_device(&mut self, device: DeviceRef) {
        if let Some(part) = self.devices.remove(&device).filter(|part| part.live)
            && let Some(free) = (0..=u8::MAX).rev().map(DeviceRef).find(|free| !self.devices.contains_key(free))
        {
            self.devices.insert(free, part);
        }
    }

    /// The current name of a user; of one that was never created, a name that nobody has.
    #[must_use]
    pub fn user_name(&self, user: UserRef) -> Made {
        self.users.get(&user).map_or_else(|| self.named(format!("-nobody{}", user.0)), |part| part.name.clone())
    }

    /// The serial number of a device. A device that was never created gets an ARN that no device has. A device whose
    /// creation had no clear reply gets the ARN that it has if it exists.
    #[must_use]
    pub fn serial_number(&self, device: DeviceRef) -> Made {
        let arn = |name: Made| Made::from(format!("arn:aws:iam::{}:mfa/", self.account)).then(name);
        match self.devices.get(&device) {
            Some(DevicePart { serial_number: Some(serial_number), .. }) => serial_number.clone(),
            Some(DevicePart { name, live: true, .. }) => arn(name.clone()),
            Some(_) | None => arn(self.named(format!("-nothing{}", device.0))),
        }
    }

    /// A user's name or a device's serial number, with its origin. Any other text has no origin.
    pub(super) fn made(&self, text: &str) -> Made {
        let names = self.users.values().flat_map(|part| std::iter::once(&part.name).chain(&part.former_name));
        let serials = self.devices.values().filter_map(|part| part.serial_number.as_ref());
        names.chain(serials).find(|made| made.text == text).cloned().unwrap_or_else(|| text.into())
    }

    /// Learns the account from a serial number that the target sent.
    pub fn learn_account(&mut self, serial_number: &str) {
        if let Some(account) = serial_number.split(':').nth(4).filter(|account| !account.is_empty()) {
            account.clone_into(&mut self.account);
            self.before_path = serial_number.find('/').unwrap_or(self.before_path);
        }
    }

    fn seed(&self, device: DeviceRef) -> Option<&Seed> {
        self.devices.get(&device).and_then(|part| part.seed.as_deref())
    }

    /// The value to send when the current time step is `now`.
    #[must_use]
    pub fn resolve(&self, value: &Value, now: TimeStep) -> Made {
        match value {
            Value::UserName(user) => self.user_name(*user),
            Value::FormerName(user) => {
                let former = self.users.get(user).and_then(|part| part.former_name.clone());
                former.unwrap_or_else(|| self.user_name(*user))
            }
            Value::SerialNumber(device) => self.serial_number(*device),
            Value::Code(code) => self.code(*code, now),
            Value::WrongCode(device, number) => self.wrong_code(*device, *number, now).into(),
            Value::PopularCode(device, number) => self.popular_code(*device, *number, now).into(),
            Value::OwnLetters(length) => names::letters(&self.prefix, *length, self.letters_taken).into(),
            Value::Text(text) => text.as_str().into(),
            Value::Repeated(text, times) => text.repeat(*times).into(),
            Value::Edited(value, edit) => self.resolve(value, now).edited(edit),
        }
    }

    fn code(&self, CodeOf { device, step }: CodeOf, now: TimeStep) -> Made {
        let at = now.plus(i64::from(step));
        let Some(DevicePart { seed: Some(seed), from, .. }) = self.devices.get(&device) else {
            // Without a usable seed the code is a guess that differs for each device and time step.
            return self.digits(device, at.0).into();
        };
        let serial_number = self.serial_number(device).text;
        let source = CodeSource { serial_number, seed_from: *from, step, at, edits: Vec::new() };
        Made { text: seed.code(at).to_string(), origin: Origin { parts: Vec::new(), code: Some(source) } }
    }

    /// Six digits that the device doesn't emit near now, nor near the time of its own clock.
    fn wrong_code(&self, device: DeviceRef, number: u8, now: TimeStep) -> String {
        let ahead = self.clocks.get(&device).copied().unwrap_or_default();
        let around = |at: i64| now.plus(at - NEAR)..=now.plus(at + NEAR);
        let emits = |code: &str| {
            let wanted = number_of(code);
            let is_one = |seed: &Seed, at| seed.numbers(&around(at)).any(|emitted| Some(emitted) == wanted);
            self.seed(device).is_some_and(|seed| is_one(seed, 0) || is_one(seed, ahead))
        };
        let mut number = i64::from(number) * 1_000_003;
        loop {
            let candidate = self.digits(device, number);
            if !emits(&candidate) {
                return candidate;
            }
            number += 1;
        }
    }

    /// Sets how many time steps a device's own clock is ahead.
    pub fn set_clock(&mut self, device: DeviceRef, ahead: i64) {
        self.clocks.insert(device, ahead);
    }

    /// The popular code of a number, unless the device emits it around now.
    fn popular_code(&self, device: DeviceRef, number: u8, now: TimeStep) -> String {
        let code = popular(number);
        let emits = |seed: &Seed| (-4..=4).any(|offset| seed.code(now.plus(offset)).as_str() == code);
        if self.seed(device).is_some_and(emits) { self.wrong_code(device, number, now) } else { code.to_owned() }
    }

    /// Six digits that depend only on the device's serial number and a number.
    fn digits(&self, device: DeviceRef, number: i64) -> String {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        for byte in self.serial_number(device).bytes().chain(number.to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        format!("{:06}", (hash >> 20) % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bindings() -> Bindings {
        let mut bindings = Bindings::new("mfac-t");
        let part = DevicePart {
            name: "d".into(),
            from: 0,
            serial_number: Some("arn:aws:iam::000000000000:mfa/d".into()),
            seed: Some(Arc::new(Seed::from_bytes(&[9; 20]))),
            live: true,
            doubtful: false,
        };
        bindings.devices.insert(DeviceRef(1), part);
        bindings
    }

    #[test]
    fn a_wrong_code_is_none_of_the_device_around_now_and_around_its_own_clock() {
        let mut bindings = bindings();
        let (seed, now) = (Seed::from_bytes(&[9; 20]), TimeStep(50_000_000));
        let emitted = |ahead: i64| seed.numbers(&(now.plus(ahead - 4)..=now.plus(ahead + 4)));
        for ahead in [0, 1_800, -700] {
            bindings.set_clock(DeviceRef(1), ahead);
            for number in 0..200 {
                let wrong = bindings.resolve(&Value::WrongCode(DeviceRef(1), number), now);
                let is_wrong = |code| Some(code) != number_of(&wrong);
                assert!(wrong.len() == 6 && emitted(0).chain(emitted(ahead)).all(is_wrong), "{ahead} {number}");
            }
        }
    }

    #[test]
    fn an_absent_device_has_the_account_of_the_others() {
        let mut bindings = bindings();
        bindings.learn_account("arn:aws:iam::999988887777:mfa/d");
        assert_eq!(bindings.serial_number(DeviceRef(4)).text, "arn:aws:iam::999988887777:mfa/mfac-t-nothing4");
    }

    #[test]
    fn what_could_not_be_deleted_is_kept_when_its_number_is_given_again() {
        let mut bindings = bindings();
        bindings.make_room_for_device(DeviceRef(1));
        assert!(!bindings.devices.contains_key(&DeviceRef(1)));
        assert_eq!(bindings.devices.values().filter(|part| part.live && part.name.text == "d").count(), 1);
    }

    #[test]
    fn names_have_the_length_asked_for_and_are_new_unless_an_old_one_is_asked_for() {
        let mut bindings = bindings();
        assert_eq!(bindings.new_name('u', &NameForm::Length(64), None).len(), 64);
        let first = bindings.new_name('u', &NameForm::Plain, None);
        assert_ne!(bindings.new_name('u', &NameForm::Plain, Some(&first)), first);
        assert!(bindings.new_name('u', &NameForm::EndingIn("+=".into()), None).ends_with("+="));
        assert_eq!(bindings.new_name('u', &NameForm::Again, Some(&first)), first);
    }
}
