//! A stage is a small account and one call on it, told in few words; what is permitted is told in words, too.

use std::collections::{BTreeMap, BTreeSet};

use mfa_reference::account::{DeviceId, Effect, UserId};
use mfa_reference::belief::{Entity, Evidence, Fact, LeftOpen, State, Update};
use mfa_reference::clause::Side;
use mfa_reference::permitted::form::widen;
use mfa_reference::permitted::transition::{Expect, Permitted, Transition};
use mfa_reference::permitted::{CONSTRAINT_CODES, permitted};
use mfa_reference::totp::Seed;
use mfa_reference::{
    Caller, Constraints, Context, DeviceExtras, ErrorCode, ErrorCodes, History, Limits, Millis, RawRequest, Request,
    Search, SuccessBody, Window,
};

pub(crate) use super::bodies::{all_devices, devices_of, entry, key, serial};

/// The instant of each call, two thirds through a step.
pub(crate) const NOW: Millis = Millis(1_750_000_010_000);

/// An account with the users anna and bert and the devices phone, token and watch, which are nobody's.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) state: State,
    pub(crate) history: History,
    window: Window,
    caller: Option<&'static str>,
    overlapped: bool,
    beside_others: bool,
    search: Search,
}

fn seed(device: &str) -> Seed {
    Seed::from_bytes(format!("the seed of {device:.<20}").as_bytes())
}

impl Stage {
    pub(crate) fn new() -> Self {
        let stage = Self {
            state: State::EMPTY,
            history: History::default(),
            window: Window::instant(NOW),
            caller: None,
            overlapped: false,
            beside_others: false,
            search: Search::Near,
        };
        stage.user("anna").user("bert").device("phone").device("token").device("watch")
    }

    pub(crate) fn user(mut self, name: &str) -> Self {
        self.state.change(&Effect::AddUser, Some(&SuccessBody::User(entry(name))), NOW);
        self
    }

    pub(crate) fn device(self, name: &str) -> Self {
        self.created(name, seed(name).to_blob())
    }

    fn created(mut self, name: &str, seed_blob: String) -> Self {
        let extras = DeviceExtras::default();
        let body = SuccessBody::VirtualDevice { serial_number: serial(name), seed_blob, extras };
        self.state.change(&Effect::AddDevice, Some(&body), NOW);
        self
    }

    /// The service told no seed of the device that can be used.
    pub(crate) fn seedless(self, name: &str) -> Self {
        self.created(name, "none".to_owned())
    }

    pub(crate) fn id(&self, device: &str) -> DeviceId {
        self.state.find_device(&serial(device)).id().unwrap()
    }

    pub(crate) fn user_id(&self, name: &str) -> UserId {
        self.state.find_user(name).id().unwrap()
    }

    pub(crate) fn apply(self, effect: &Effect) -> Self {
        self.update(&Update::Effect(effect.clone()))
    }

    fn update(mut self, update: &Update) -> Self {
        self.state.update(update, None, NOW.plus(-600_000));
        self
    }

    /// What is known of an entity is forgotten.
    pub(crate) fn forgotten(mut self, entity: Entity) -> Self {
        self.state.forget(entity);
        self
    }

    /// The device was enabled for the user.
    pub(crate) fn owned(self, device: &str, user: &str) -> Self {
        let effect = Effect::Associate(self.id(device), self.user_id(user));
        self.apply(&effect)
    }

    /// The device was enabled once, and deactivated.
    pub(crate) fn deactivated(self, device: &str) -> Self {
        let effect = Effect::Dissociate(self.id(device));
        self.owned(device, "anna").apply(&effect)
    }

    /// The device was deactivated, and nothing has shown since whether it still exists.
    pub(crate) fn perhaps_removed(self, device: &str) -> Self {
        let id = self.id(device);
        self.owned(device, "anna").update(&Update::EffectAnd(Effect::Dissociate(id), LeftOpen::Existence(id)))
    }

    /// It is open whose the device is.
    pub(crate) fn of_anybody(mut self, device: &str) -> Self {
        let id = self.id(device);
        self.state.narrow(Evidence::SeveralOwners(id));
        self
    }

    /// A call that named the user told nothing of its effect.
    pub(crate) fn perhaps(self, user: &str) -> Self {
        let user = Entity::User(self.user_id(user));
        self.forgotten(user)
    }

    /// The user was deleted.
    pub(crate) fn deleted(self, user: &str) -> Self {
        let effect = Effect::RemoveUser(self.user_id(user));
        self.apply(&effect)
    }

    /// The user has an access key.
    pub(crate) fn with_key(mut self, user: &str) -> Self {
        let effect = Effect::AddKey(self.user_id(user));
        self.state.change(&effect, Some(&key(user)), NOW);
        self
    }

    /// The user has this many devices.
    pub(crate) fn with_devices(self, user: &str, count: usize) -> Self {
        (0..count).fold(self, |stage, number| {
            let name = format!("spare-{number}");
            stage.device(&name).owned(&name, user)
        })
    }

    /// A request on the device carried the code of this many steps from now.
    pub(crate) fn carried(mut self, device: &str, offset: i64) -> Self {
        self.history.carried(self.id(device), NOW.step().plus(offset));
        self
    }

    /// A pair was accepted at the stage's time, its second code this many steps from then.
    pub(crate) fn accepted(&mut self, device: &str, offset: i64) {
        self.history.accepted(self.id(device), NOW.step().plus(offset), Window::instant(NOW));
    }

    pub(crate) const fn searching_a_day(mut self) -> Self {
        self.search = Search::Day;
        self
    }

    pub(crate) fn out_of_sync(mut self, device: &str) -> Self {
        self.history.accepted_unsynchronised(self.id(device));
        self
    }

    /// A pair was accepted for the device that nobody could know to be right.
    pub(crate) fn guessed(mut self, device: &str) -> Self {
        self.history.guess_accepted(self.id(device));
        self
    }

    /// The call is signed with the user's own key.
    pub(crate) const fn by(mut self, user: &'static str) -> Self {
        self.caller = Some(user);
        self
    }

    pub(crate) const fn overlapped(mut self) -> Self {
        self.overlapped = true;
        self
    }

    pub(crate) const fn beside_others(mut self) -> Self {
        self.beside_others = true;
        self
    }

    /// The service may look at its clock this many milliseconds from now.
    pub(crate) const fn until(mut self, millis: i64) -> Self {
        self.window = Window { from: NOW, to: NOW.plus(millis) };
        self
    }

    /// The call is made at the beginning of a step.
    pub(crate) const fn at(mut self, step: mfa_reference::TimeStep) -> Self {
        self.window = Window::instant(step.start());
        self
    }

    /// The code that the device emits so many steps from now.
    pub(crate) fn code(&self, device: &str, offset: i64) -> String {
        seed(device).code(self.window.from.step().plus(offset)).to_string()
    }

    /// A call with the device's own codes of these steps.
    pub(crate) fn pair(&self, action: &str, user: &str, device: &str, (first, second): (i64, i64)) -> Judged {
        self.codes(action, user, &serial(device), [&self.code(device, first), &self.code(device, second)])
    }

    pub(crate) fn codes(&self, action: &str, user: &str, serial: &str, [first, second]: [&str; 2]) -> Judged {
        let parameters = [
            ("UserName", user),
            ("SerialNumber", serial),
            ("AuthenticationCode1", first),
            ("AuthenticationCode2", second),
        ];
        self.call(action, &parameters)
    }

    pub(crate) fn deactivate(&self, user: &str, device: &str) -> Judged {
        self.call("DeactivateMFADevice", &[("UserName", user), ("SerialNumber", &serial(device))])
    }

    pub(crate) fn call(&self, action: &str, parameters: &[(&str, &str)]) -> Judged {
        let (raw, constraints) = (RawRequest::new(action, parameters), Constraints::default());
        let request = Request::read(&raw, &constraints).unwrap();
        let caller = self.caller.map_or(Caller::Administrator, |name| Caller::User(self.user_id(name)));
        let context = Context {
            window: self.window,
            search: self.search,
            history: &self.history,
            overlapped: self.overlapped,
            limits: Limits { held_by_a_user: 1, account_may_be_full: self.beside_others },
        };
        let mut permitted = permitted(&self.state, caller, &request, &context);
        widen(&mut permitted, &self.state, caller, &raw, &constraints, &context);
        Judged { state: self.state.clone(), permitted }
    }
}

/// What is permitted for one call.
pub(crate) struct Judged {
    pub(crate) state: State,
    pub(crate) permitted: Permitted,
}

impl Judged {
    /// Each answer that is not a passing failure: what a service *must* or *may* refuse with and because of which clauses,
    /// the recorded clause that it departs *from*, and what it does to the account.
    pub(crate) fn answers(&self) -> BTreeSet<String> {
        self.told(|step| !step.transient, None)
    }

    /// The passing failures.
    pub(crate) fn passing(&self) -> BTreeSet<String> {
        self.told(|step| step.transient, None)
    }

    /// The same as [`Self::answers`], with the success's body.
    pub(crate) fn answers_with(&self, body: &SuccessBody) -> BTreeSet<String> {
        self.told(|step| !step.transient, Some(body))
    }

    fn told(&self, asked_for: impl Fn(&Transition) -> bool, body: Option<&SuccessBody>) -> BTreeSet<String> {
        let steps = self.permitted.transitions.iter().filter(|step| asked_for(step));
        steps.map(|step| tell(&self.state, step, body)).collect()
    }

    pub(crate) fn tested(&self, side: Side) -> BTreeSet<String> {
        let tested = self.permitted.tested.iter().filter(|(_, on)| *on == side);
        tested.map(|(clause, _)| clause.to_string()).collect()
    }

    pub(crate) fn open(&self) -> BTreeSet<String> {
        self.permitted.open.iter().map(ToString::to_string).collect()
    }

    /// The demands that a value at an edge tests.
    pub(crate) fn edges(&self) -> BTreeSet<String> {
        let edges = self.permitted.demands.iter().filter(|demand| demand.at_edge);
        edges.map(|demand| demand.clause.to_string()).collect()
    }
}

fn tell(state: &State, step: &Transition, body: Option<&SuccessBody>) -> String {
    let clauses: Vec<String> = step.clauses.iter().map(ToString::to_string).collect();
    let mut told = match step.expect {
        Expect::Error(codes) => {
            let verb = if step.doubtful { "may" } else { "must" };
            let verb = if step.transient { "passing" } else { verb };
            let by = if clauses.is_empty() { "" } else { " by " };
            format!("{verb} {}{by}{}", name(codes), clauses.join(" "))
        }
        Expect::Success => "success".to_owned(),
        Expect::DevicesOf(_) => "a listing of the user's devices".to_owned(),
        Expect::VirtualDevices(assignment) => format!("a listing of {assignment:?} devices"),
    };
    if let Some(recorded) = step.departs {
        told.push_str(" from ");
        told.push_str(&recorded.to_string());
    }
    let mut after = state.clone();
    after.take(step, body, NOW);
    for change in changes(state, &after) {
        told.push_str("; ");
        told.push_str(&change);
    }
    told
}

fn name(codes: ErrorCodes) -> String {
    let malformed = CONSTRAINT_CODES.without(ErrorCode::ValidationError);
    if codes == ErrorCodes::CLIENT {
        "refuse".to_owned()
    } else if codes == ErrorCodes::CLIENT.without(ErrorCode::DeleteConflict) {
        "refuse otherwise".to_owned()
    } else if codes.contains_all(malformed) {
        let others = CONSTRAINT_CODES.iter().fold(codes, ErrorCodes::without);
        let what = if codes.contains(ErrorCode::ValidationError) { "malformed" } else { "malformed otherwise" };
        if others == ErrorCodes::default() { what.to_owned() } else { format!("{what} or {others}") }
    } else {
        codes.to_string()
    }
}

/// A description of each user and device in a state.
fn things(state: &State) -> BTreeMap<String, String> {
    let unless = |certain: bool| if certain { "" } else { "?" };
    let users = state.account().users().map(|(id, user)| {
        let keys: Vec<&str> = user.keys().chain((!state.knows_keys_of(id)).then_some("?")).collect();
        let keys = if keys.is_empty() { String::new() } else { format!(" with keys {}", keys.join(" ")) };
        (format!("{id:?}"), format!("{}{}{keys}", user.entry.user_name, unless(state.surely_exists(Entity::User(id)))))
    });
    let devices = state.account().devices_after("").map(|(id, device)| {
        let owner = match state.owner(id) {
            Fact::Known(Some(owner)) => state.user(owner).map_or("gone", |user| &user.entry.user_name),
            Fact::Known(None) => "nobody",
            Fact::Unknown => "anybody",
        };
        let name = device.serial_number.rsplit('/').next().unwrap_or_default();
        (format!("{id:?}"), format!("{name}{} of {owner}", unless(state.surely_exists(Entity::Device(id)))))
    });
    users.chain(devices).collect()
}

pub(crate) fn changes(before: &State, after: &State) -> BTreeSet<String> {
    let (before, after) = (things(before), things(after));
    let gone = before.iter().filter(|(key, _)| !after.contains_key(*key)).map(|(_, told)| format!("no {told}"));
    let changed = after.iter().filter(|(key, told)| before.get(*key) != Some(told)).map(|(_, told)| told.clone());
    gone.chain(changed).collect()
}

pub(crate) fn set(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|one| (*one).to_owned()).collect()
}

/// Holds all that is permitted but for passing failures, what the call tests on the reject side, and what is
/// open.
pub(crate) fn hold(case: &str, judged: &Judged, answers: &[&str], rejects: &[&str], open: &[&str]) {
    assert_eq!(judged.answers(), set(answers), "{case}: answers");
    assert_eq!(judged.tested(Side::Reject), set(rejects), "{case}: reject side");
    assert_eq!(judged.open(), set(open), "{case}: open");
}

/// Holds what a call tests on the accept side: these clauses, and none of the others.
pub(crate) fn demands(case: &str, judged: &Judged, clauses: &[&[&str]]) {
    assert_eq!(judged.tested(Side::Accept), set(&clauses.concat()), "{case}: accept side");
}
