//! A draft is a sequence in the making: it turns each choice into an action that fits the state predicted so far.

use mfa_reference::MfaOperation;
use mfa_reference::clause::ClauseId;

use super::plan::Plan;
use super::swarm::{Choice, Move, Swarm};
use crate::scenario::{Action, DeviceRef, MfaCall, NameForm, Signer, UserRef, Value};
use crate::wire::Escapes;

/// A user as the draft predicts it.
#[derive(Clone, Copy)]
pub(super) struct User {
    pub(super) symbol: UserRef,
    pub(super) key: bool,
    pub(super) renamed: bool,
}

/// A device as the draft predicts it.
#[derive(Clone, Copy)]
pub(super) struct Device {
    pub(super) symbol: DeviceRef,
    pub(super) owner: Option<UserRef>,
    /// Whether a call has carried the current codes.
    pub(super) used: bool,
}

/// A sequence in the making, with its predicted state.
pub(super) struct Draft<'p> {
    pub(super) plan: &'p Plan,
    pub(super) swarm: Swarm,
    pub(super) actions: Vec<Action>,
    pub(super) users: Vec<User>,
    pub(super) devices: Vec<Device>,
    /// Deleted users. Their names, and those of deleted devices, may be used again.
    pub(super) gone_users: Vec<UserRef>,
    pub(super) gone_devices: Vec<DeviceRef>,
    users_made: u8,
    devices_made: u8,
    pub(super) namesakes: u8,
}

/// Endings that make a similar name of an existing one.
const LIKE: &[&str] = &["x", "0", ",x", "=x", "@x", ".x", "+x", "-x", "_x"];

pub(super) const NOBODY: UserRef = UserRef(250);
pub(super) const NOTHING: DeviceRef = DeviceRef(250);

impl<'p> Draft<'p> {
    pub(super) fn new(plan: &'p Plan, swarm: Swarm) -> Self {
        let mut draft = Self {
            plan,
            swarm,
            actions: Vec::new(),
            users: Vec::new(),
            devices: Vec::new(),
            gone_users: Vec::new(),
            gone_devices: Vec::new(),
            users_made: 0,
            devices_made: 0,
            namesakes: 0,
        };
        draft.make_user();
        draft.make_device();
        draft
    }

    pub(super) fn make_user(&mut self) {
        let again = self.gone_users.pop().filter(|_| self.swarm.names > 0);
        let renamed = self.users.iter_mut().find(|user| user.renamed && again.is_none());
        let name = match (again, renamed) {
            (Some(_), _) => NameForm::Again,
            (None, Some(renamed)) => {
                // From now on another user has its former name.
                renamed.renamed = false;
                NameForm::FormerNameOf(renamed.symbol.0)
            }
            (None, None) => self.name(self.users_made),
        };
        let symbol = again.unwrap_or_else(|| {
            self.users_made += 1;
            UserRef(self.users_made)
        });
        self.users.push(User { symbol, key: false, renamed: false });
        self.actions.push(Action::CreateUser { user: symbol, name });
    }

    fn make_device(&mut self) {
        let again = self.gone_devices.pop().filter(|_| self.swarm.names > 0);
        let name = match again {
            Some(_) => NameForm::Again,
            // Users and devices have separate namespaces.
            None if self.devices_made == 0 && self.swarm.names % 4 == 1 => NameForm::NameOfUser(1),
            None if self.devices_made == 1 && self.swarm.names % 8 == 7 => NameForm::CapitalsOf(1),
            None => self.name(self.devices_made),
        };
        let symbol = again.unwrap_or_else(|| {
            self.devices_made += 1;
            DeviceRef(self.devices_made)
        });
        self.devices.push(Device { symbol, owner: None, used: false });
        self.actions.push(Action::CreateDevice { device: symbol, name });
    }

    /// The form of the next user's or device's name: plain, unless the sequence uses special names.
    pub(super) fn name(&self, number: u8) -> NameForm {
        if self.swarm.names == 0 {
            return NameForm::Plain;
        }
        match self.swarm.names.wrapping_add(number) % 10 {
            0 => NameForm::EndingIn("+=,.@-_".to_owned()),
            1 => NameForm::EndingIn("Zz9".to_owned()),
            2 => NameForm::EndingIn("@example.com".to_owned()),
            3 => NameForm::InPath("/division/team/".to_owned()),
            4 => NameForm::Length(64),
            5 => NameForm::Length(50),
            6 => NameForm::Digits,
            7 if number > 0 => {
                let ending = pick_from(LIKE, self.swarm.names / 10).unwrap_or_default();
                NameForm::Like { same_as: number, without: 0, ending_in: ending.to_owned() }
            }
            _ => NameForm::Plain,
        }
    }

    pub(super) fn user(&self, pick: u8) -> UserRef {
        pick_from(&self.users, pick).map_or(NOBODY, |user| user.symbol)
    }

    /// An absent user: a deleted one, or one that never existed.
    pub(super) fn absent_user(&self, pick: u8) -> UserRef {
        pick_from(&self.gone_users, pick).filter(|_| !pick.is_multiple_of(3)).unwrap_or(NOBODY)
    }

    /// An absent device: a deleted one, or one that never existed.
    pub(super) fn absent_device(&self, pick: u8) -> DeviceRef {
        pick_from(&self.gone_devices, pick).filter(|_| !pick.is_multiple_of(3)).unwrap_or(NOTHING)
    }

    /// A user other than `not`, if any.
    pub(super) fn other_user(&self, not: Option<UserRef>, pick: u8) -> Option<UserRef> {
        let others: Vec<User> = self.users.iter().copied().filter(|user| Some(user.symbol) != not).collect();
        pick_from(&others, pick).map(|user| user.symbol)
    }

    /// A renamed user, if any.
    pub(super) fn renamed_user(&self) -> Option<UserRef> {
        self.users.iter().find(|user| user.renamed).map(|user| user.symbol)
    }

    /// An unassigned device; preferably one with unused codes.
    pub(super) fn free_device(&self, pick: u8) -> Option<DeviceRef> {
        let free: Vec<Device> = self.devices.iter().copied().filter(|device| device.owner.is_none()).collect();
        let unused: Vec<Device> = free.iter().copied().filter(|device| !device.used).collect();
        pick_from(&unused, pick).or_else(|| pick_from(&free, pick)).map(|device| device.symbol)
    }

    pub(super) fn owned_device(&self, pick: u8) -> Option<(DeviceRef, UserRef)> {
        let owned: Vec<(DeviceRef, UserRef)> =
            self.devices.iter().filter_map(|device| Some((device.symbol, device.owner?))).collect();
        pick_from(&owned, pick)
    }

    pub(super) fn set_owner(&mut self, symbol: DeviceRef, owner: Option<UserRef>) {
        for device in self.devices.iter_mut().filter(|device| device.symbol == symbol) {
            device.owner = owner;
        }
    }

    pub(super) fn mark_used(&mut self, symbol: DeviceRef) {
        for device in self.devices.iter_mut().filter(|device| device.symbol == symbol) {
            device.used = true;
        }
    }

    /// Adds the action that a choice stands for, if the state allows it.
    pub(super) fn add(&mut self, (kind, a, b, c, manner): Choice) {
        let how = Manner::of(manner);
        let added = match self.swarm.pick(kind) {
            Move::EnableFree => self.enable_free(a, b, how),
            Move::EnableOwned => self.enable_owned(a, b, how),
            Move::EnableWrong => self.enable_wrong(a, b, c, how),
            Move::EnableAbsent => self.enable_absent(a, b, how),
            Move::ResyncOwn => self.resync_own(a, how),
            Move::ResyncWrong => self.resync_wrong(a, b, how),
            Move::ResyncNotOwn => self.resync_not_own(a, b, how),
            Move::DeactivateOwn => self.deactivate_own(a, b, how),
            Move::DeactivateNotOwn => self.deactivate_not_own(a, b, how),
            Move::DeactivateAbsent => self.deactivate_absent(a, b, how),
            Move::Repeat => self.repeat(a),
            Move::MalformedValue => self.malformed_value((a, b, c), how),
            Move::DeleteUser => self.delete_user(a, b),
            Move::DeleteDevice => self.delete_device(a, b),
            Move::Rename => {
                self.rename(a, b);
                Some(())
            }
            Move::Keys => {
                self.keys(a);
                Some(())
            }
            Move::TakenName => self.taken_name(a, b),
            Move::MoreUsers => self.more_users(),
            Move::MoreDevices => self.more_devices(),
        };
        if added.is_none() {
            // The state doesn't allow the action, so change the state.
            let _room = self.more_devices().or_else(|| self.enable_free(a, b, how));
        }
    }

    /// Enables several devices and waits until their codes are unused.
    pub(super) fn wait_for_unused_codes(&mut self, a: u8, b: u8) {
        const DEVICES: u8 = 4;
        let _no_more_room = (self.more_users(), self.more_devices(), self.more_devices());
        for turn in 0..=DEVICES {
            let _none_is_free = self.enable_free(turn, a.wrapping_add(turn), Manner::default());
        }
        // Enables one device a second time, since effects of its Deactivate may only show after the wait. Half of the
        // time another user gets the device.
        if let Some((device, user)) = self.owned_device(a) {
            let next = self.other_user(Some(user), b).filter(|_| a.is_multiple_of(2)).unwrap_or(user);
            self.call(MfaOperation::Deactivate, MfaCall::about(user, device), Manner::default());
            self.call(MfaOperation::Enable, MfaCall::about(next, device).fresh(device), Manner::default());
            self.set_owner(device, Some(next));
        }
        self.actions.push(Action::Wait { steps: 2, aligned: b.is_multiple_of(3), second: None });
        self.devices.iter_mut().for_each(|device| device.used = false);
        // A listing after the wait shows the state before the next calls, so that effects of refused ones are visible.
        let listings = self.users.iter().map(|user| Action::ListDevices { user: user.symbol, max_items: None });
        self.actions.extend(listings);
    }

    /// Adds an action on unused codes. A wrong pair must not use them up, and a right one is accepted once.
    pub(super) fn add_unused(&mut self, (kind, a, b, _, manner): Choice) {
        let how = Manner::of(manner);
        let _no_room = match kind % 14 {
            0..=5 => self.resync_unused(a, how),
            6 => self.resync_never_emitted(a, b, how),
            7 => self.resync_wrong(a, b, how),
            8 | 9 => self.resync_not_own(a, b, how),
            10 | 11 => self.deactivate_own(a, b, how),
            12 => self.enable_free(a, b, how),
            _ => self.enable_owned(a, b, how),
        };
    }

    /// Whether to make a call that may show a known bug again: always if no bug is known, else one time in eight.
    pub(super) fn again(&self, clauses: &[ClauseId], choice: u8) -> bool {
        !self.plan.breaks(clauses) || choice.is_multiple_of(8)
    }

    /// See [`Plan::breaks`].
    pub(super) fn breaks(&self, clauses: &[ClauseId]) -> bool {
        self.plan.breaks(clauses)
    }

    pub(super) fn has(&self, operation: MfaOperation) -> bool {
        self.plan.present.contains(&operation)
    }

    /// Gives a user without an access key one, or two in some sequences.
    pub(super) fn give_key(&mut self, symbol: UserRef) {
        for user in self.users.iter_mut().filter(|user| user.symbol == symbol && !user.key) {
            user.key = true;
            self.actions.push(Action::CreateKey { user: symbol });
            if self.swarm.names % 8 == 3 {
                self.actions.push(Action::CreateKey { user: symbol });
            }
        }
    }

    fn more_users(&mut self) -> Option<()> {
        (self.users.len() < self.swarm.most_users).then(|| self.make_user())
    }

    fn more_devices(&mut self) -> Option<()> {
        (self.devices.len() < self.swarm.most_devices).then(|| self.make_device())
    }

    /// Adds a call. In a sequence with keys, the named user or another one sometimes signs it.
    pub(super) fn call(&mut self, operation: MfaOperation, call: MfaCall, how: Manner) {
        // On a target that refuses GET, the refusal would hide what the call tests.
        let get = how.get && !self.breaks(&[ClauseId::WireGet]);
        let mut call = MfaCall { get, reversed: how.reversed, escapes: how.escapes, ..call };
        let named = match &call.user {
            Some(Value::UserName(user)) => self.users.iter().find(|known| known.symbol == *user),
            Some(_) | None => None,
        };
        if let (Some(named), true, Signer::Run) = (named.map(|user| user.symbol), self.swarm.keys, call.signer) {
            let signer = match how.signs {
                Signs::Run => None,
                Signs::Named => Some(named),
                Signs::Other => self.other_user(Some(named), 0),
            };
            if let Some(user) = signer {
                self.give_key(user);
                call.signer = Signer::User(user);
            }
        }
        self.actions.push(match operation {
            MfaOperation::Enable => Action::Enable(call),
            MfaOperation::Resync => Action::Resync(call),
            MfaOperation::Deactivate => Action::Deactivate(call),
        });
    }
}

/// How a call is encoded and who signs it, which mostly has no meaning for the service.
#[derive(Clone, Copy, Default)]
pub(super) struct Manner {
    get: bool,
    reversed: bool,
    escapes: Escapes,
    signs: Signs,
}

/// Who signs a call.
#[derive(Clone, Copy, Default)]
enum Signs {
    #[default]
    Run,
    /// The user that it names.
    Named,
    Other,
}

impl Manner {
    /// The manner that a drawn number stands for: one call in five by GET, one in seven in reverse order.
    fn of(drawn: u8) -> Self {
        let get = drawn.is_multiple_of(5);
        let escapes = match drawn % 13 {
            2 if !get => Escapes::PlusForSpace,
            3 if !get => Escapes::SmallLetters,
            7 if !get => Escapes::Everything,
            _ => Escapes::Reserved,
        };
        let signs = match drawn % 8 {
            1 => Signs::Named,
            6 => Signs::Other,
            _ => Signs::Run,
        };
        Self { get, reversed: drawn.is_multiple_of(7), escapes, signs }
    }
}

pub(super) fn pick_from<T: Copy>(all: &[T], pick: u8) -> Option<T> {
    let index = usize::from(pick).checked_rem(all.len())?;
    all.get(index).copied()
}
