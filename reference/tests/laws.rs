//! Laws of the model, for whatever world and whatever request: held with the same cases on every run.

use std::collections::BTreeSet;

use mfa_reference::account::{Account, DeviceId, Effect, UserId};
use mfa_reference::belief::{Entity, Fact, LeftOpen, State, Update};
use mfa_reference::permitted::permitted;
use mfa_reference::permitted::transition::{Answer, Expect, Permitted};
use mfa_reference::service::{Behaviour, Service};
use mfa_reference::totp::Recognition;
use mfa_reference::{
    Caller, Constraints, Context, ErrorCode, ErrorCodes, History, Limits, Millis, Outcome, RawRequest, Request, Search,
    Window,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

#[path = "laws/draw.rs"]
mod draw;

use draw::{Draw, NAMES, Names, OTHER_NAMES, Past, START, request};

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(20_100_508), failure_persistence: None, ..Default::default() }
}

fn draws(most: usize) -> impl Strategy<Value = Vec<Draw>> {
    vec(any::<Draw>(), 0..most)
}

/// What is permitted, at an instant, by a context that widens nothing unless it is asked to.
fn ask(state: &State, caller: Caller, raw: &RawRequest, now: Millis, widened: bool, history: &History) -> Permitted {
    ask_within(Search::Near, state, caller, raw, (now, widened), history)
}

/// The same with a search of this width.
fn ask_within(
    search: Search,
    state: &State,
    caller: Caller,
    raw: &RawRequest,
    (now, widened): (Millis, bool),
    history: &History,
) -> Permitted {
    let window = if widened { Window::instant(now).widened(1_000) } else { Window::instant(now) };
    let limits = Limits { held_by_a_user: 1, account_may_be_full: widened };
    let context = Context { window, search, history, overlapped: widened, limits };
    let constraints = Constraints::default();
    let request = Request::read(raw, &constraints);
    request.map_or_else(|_| Permitted::default(), |request| permitted(state, caller, &request, &context))
}

/// What was done to the devices of an account before.
fn history(account: &Past, draw: Draw) -> History {
    let (carried, device, unsynchronised, guessed, _) = draw;
    let mut history = History::default();
    if let Some(device) = account.devices.get(usize::from(device) % account.devices.len()) {
        if carried % 2 == 0 {
            history.carried(*device, START.step().plus(i64::from(carried % 8) - 4));
        }
        if unsynchronised % 4 == 0 {
            history.accepted_unsynchronised(*device);
        }
        if guessed % 4 == 0 {
            history.guess_accepted(*device);
        }
    }
    history
}

/// Keeps an accepted pair in mind.
fn remember(history: &mut History, device: Option<DeviceId>, pair: Recognition, now: Millis) {
    let second = match pair {
        Recognition::Fresh { current } => current,
        Recognition::Pair { second, .. } => second,
        Recognition::NotSubsequent | Recognition::Unrecognised => return,
    };
    if let Some(device) = device {
        history.carried(device, second);
        history.accepted(device, second, Window::instant(now));
    }
}

/// Whether a model knows nothing that isn't so.
fn knows_only_truths(model: &State, real: &Account) -> Result<(), String> {
    for (id, device) in model.account().devices_after("") {
        match (real.device(id), model.owner(id)) {
            (None, _) if model.surely_exists(Entity::Device(id)) => {
                return Err(format!("{} is gone", device.serial_number));
            }
            (Some(other), Fact::Known(owner)) if other.owner != owner => {
                return Err(format!("{}: {:?} and not {owner:?}", device.serial_number, other.owner));
            }
            (Some(_) | None, _) => {}
        }
    }
    if let Some((_, device)) = real.devices_after("").find(|(id, _)| model.device(*id).is_none()) {
        return Err(format!("{} is new", device.serial_number));
    }
    let names =
        |account: &Account| account.users().map(|(id, user)| (id, user.entry.user_name.clone())).collect::<Vec<_>>();
    let known = names(model.account());
    if known == names(real) { Ok(()) } else { Err(format!("{:?} and not {known:?}", names(real))) }
}

/// A state without its names: each name stands as its place among the names in use.
fn nameless(state: &State, names: &Names) -> impl PartialEq + std::fmt::Debug + use<> {
    let account = state.account();
    let mut users: Vec<_> = account
        .users()
        .map(|(id, user)| {
            let devices: Vec<_> = user.devices().collect();
            (id, names.place_of_user(&user.entry.user_name), state.surely_exists(Entity::User(id)), devices)
        })
        .collect();
    users.sort_by_key(|(id, ..)| *id);
    let mut devices: Vec<_> = account
        .devices_after("")
        .map(|(id, device)| {
            let exists = state.surely_exists(Entity::Device(id));
            (id, names.place_of_serial(&device.serial_number), state.owner(id), exists, device.enabled_at)
        })
        .collect();
    devices.sort_by_key(|(id, ..)| *id);
    (users, devices)
}

/// An update without the name that a user gets by it.
#[expect(clippy::wildcard_enum_match_arm, reason = "only these two carry names")]
fn unnamed(update: &Update, names: &Names) -> String {
    match update {
        Update::Effect(Effect::RenameUser(user, name)) => format!("rename {user:?} to {:?}", names.place_of_user(name)),
        Update::EffectAnd(Effect::RenameUser(user, name), LeftOpen::OwnersOf(_)) => {
            format!("rename {user:?} to {:?}, loosely", names.place_of_user(name))
        }
        other => format!("{other:?}"),
    }
}

/// Whether the service answers a success, or with which code.
fn class(outcome: &Outcome) -> Option<ErrorCode> {
    match outcome {
        Outcome::Success(_) => None,
        Outcome::Error { code, .. } => Some(*code),
    }
}

/// A service with three users and three devices, and what it answered when they were made.
fn service(names: &Names) -> (Service, Vec<Outcome>) {
    let mut service = Service::new(Behaviour::default(), 7);
    let mut made = Vec::new();
    for place in 0..3 {
        let user = RawRequest::new("CreateUser", &[("UserName", names.user(place))]);
        let serial = names.serial(place);
        let name = serial.rsplit('/').next().unwrap_or_default();
        let device = RawRequest::new("CreateVirtualMFADevice", &[("VirtualMFADeviceName", name)]);
        made.push(service.answer(&user, Caller::Administrator, START).1);
        made.push(service.answer(&device, Caller::Administrator, START).1);
    }
    (service, made)
}

/// One of a service's users, by age, or the administrator.
fn somebody(service: &Service, pick: u8) -> Caller {
    let mut users: Vec<UserId> = service.account().users().map(|(id, _)| id).collect();
    users.sort_unstable();
    users.get(usize::from(pick) % 8).map_or(Caller::Administrator, |user| Caller::User(*user))
}

/// When the next request is made.
fn later(now: Millis, pick: u8) -> Millis {
    now.plus(i64::from(pick) * 250)
}

proptest! {
    #![proptest_config(cases(1_500))]

    /// A service can always conform: by a step that is not a passing failure and departs from nothing that was recorded.
    #[test]
    fn there_is_always_a_permitted_step(
        happened in draws(12), asked in any::<Draw>(), known in any::<Draw>(), by in any::<u8>(), wide in any::<bool>(),
    ) {
        let account = Past::drawn(&NAMES, &happened);
        let raw = request(account.state.account(), &NAMES, asked, START);
        let steps = ask(&account.state, account.caller(by), &raw, START, wide, &history(&account, known)).transitions;
        prop_assert!(steps.iter().any(|step| !step.transient && step.departs.is_none()), "{:?}: {:#?}", raw, steps);
    }

    /// Whatever happened, a state tells one story: by names, by serial numbers, by owners and by counts.
    #[test]
    fn the_indices_of_a_state_agree(happened in draws(30)) {
        let state = Past::drawn(&NAMES, &happened).state;
        let account = state.account();
        let users: Vec<UserId> = account.users().map(|(id, _)| id).collect();
        prop_assert_eq!(users.iter().collect::<BTreeSet<_>>().len(), users.len());
        for (id, user) in account.users() {
            prop_assert_eq!(account.find_user(&user.entry.user_name), Some(id));
            let owned: BTreeSet<_> =
                account.devices_after("").filter(|(_, device)| device.owner == Some(id)).map(|(id, _)| id).collect();
            prop_assert_eq!(user.devices().collect::<BTreeSet<_>>(), owned);
        }
        let (mut assigned, mut open) = (0, BTreeSet::new());
        for (id, device) in account.devices_after("") {
            prop_assert_eq!(account.find_device(&device.serial_number), Some(id));
            match state.owner(id) {
                Fact::Known(Some(owner)) => {
                    prop_assert!(users.contains(&owner));
                    assigned += 1;
                }
                Fact::Known(None) => {}
                Fact::Unknown => {
                    prop_assert_eq!(device.owner, None);
                    open.insert(id);
                }
            }
        }
        prop_assert_eq!(account.assigned_devices(), assigned);
        prop_assert_eq!(state.unknown_owners().collect::<BTreeSet<_>>(), open);
    }

    /// A refusal (4xx) leaves the world as it is, but for what it teaches of who or what may be gone or renamed; a
    /// failure leaves it, or does what a permitted success of the same request does.
    #[test]
    fn a_refusal_changes_nothing(
        happened in draws(12), asked in any::<Draw>(), known in any::<Draw>(), by in any::<u8>(), wide in any::<bool>(),
    ) {
        let account = Past::drawn(&NAMES, &happened);
        let raw = request(account.state.account(), &NAMES, asked, START);
        let permitted = ask(&account.state, account.caller(by), &raw, START, wide, &history(&account, known));
        for step in &permitted.transitions {
            let Expect::Error(codes) = step.expect else { continue };
            let mut after = account.state.clone();
            after.update(&step.update, None, START);
            if step.transient {
                let is_a_success = permitted.effects().any(|success| success.update == step.update);
                prop_assert!(step.update == Update::NONE || is_a_success, "{:?}", step);
            } else if let Update::Gone(Entity::User(user)) | Update::Effect(Effect::RenameUser(user, _)) = step.update {
                // What a refusal teaches of an earlier call whose answer told nothing.
                prop_assert!(account.state.user(user).is_some() && !account.state.surely_exists(Entity::User(user)), "{:?}", step);
            } else if let Update::Gone(Entity::Device(device)) | Update::Effect(Effect::RemoveDevice(device)) = step.update {
                prop_assert!(account.state.device(device).is_some() && !account.state.surely_exists(Entity::Device(device)), "{:?}", step);
            } else {
                prop_assert!(codes.iter().all(ErrorCode::is_client_error), "{:?}", step);
                prop_assert_eq!(&after, &account.state, "{:?}", step);
            }
        }
    }

    /// It has no meaning how users and devices are called: the same happens under other names.
    #[test]
    fn names_have_no_meaning(
        happened in draws(12), asked in any::<Draw>(), known in any::<Draw>(), by in any::<u8>(), wide in any::<bool>(),
    ) {
        let worlds = [NAMES, OTHER_NAMES].map(|names| (names, Past::drawn(&names, &happened)));
        let [one, other] = worlds.map(|(names, account)| {
            let raw = request(account.state.account(), &names, asked, START);
            let permitted = ask(&account.state, account.caller(by), &raw, START, wide, &history(&account, known));
            let steps: Vec<_> = permitted.transitions.into_iter().map(|step| {
                let mut after = account.state.clone();
                after.update(&step.update, None, START);
                let effect = unnamed(&step.update, &names);
                (step.expect, effect, step.clauses, step.transient, step.doubtful, step.departs, nameless(&after, &names))
            }).collect();
            (steps, permitted.tested, permitted.open, permitted.demands, permitted.recognition)
        });
        prop_assert_eq!(one, other);
    }
}

proptest! {
    #![proptest_config(cases(150))]

    /// What the service answers is permitted, in strict mode too, and what it does is what the step says. The history
    /// holds the accepted pairs alone, which permits least: this service takes what it has refused.
    #[test]
    fn what_the_service_answers_is_permitted(asked in draws(40), by in any::<u8>()) {
        let (mut service, _) = service(&NAMES);
        let mut now = START;
        let mut history = History::default();
        for draw in asked {
            now = later(now, draw.4);
            let (raw, caller) = (request(service.account(), &NAMES, draw, now), somebody(&service, by.wrapping_add(draw.0)));
            let before = State::from(service.account().clone());
            let (_, outcome) = service.answer(&raw, caller, now);
            // An accepted pair may lie far from now.
            let accepted = class(&outcome).is_none() && raw.get("AuthenticationCode2").is_some();
            let search = if accepted { Search::Day } else { Search::Near };
            let permitted = ask_within(search, &before, caller, &raw, (now, false), &history);
            if let Some(pair) = permitted.recognition.filter(|_| accepted) {
                let device = before.find_device(raw.get("SerialNumber").unwrap_or_default()).id();
                remember(&mut history, device, pair, now);
            }
            let steps = permitted.transitions;
            let (answer, body) = match &outcome {
                Outcome::Success(body) => (Answer::Success(body), Some(body)),
                Outcome::Error { code, .. } => (Answer::Error(*code), None),
            };
            let mut why = vec![format!("no step matches {outcome:?}")];
            let conforms = steps.iter().filter(|step| !step.transient && step.departs.is_none()).any(|step| {
                let mut after = before.clone();
                after.take(step, body, now);
                let matches = step.expect.matches(&before, answer);
                matches && knows_only_truths(&after, service.account()).map_err(|reason| why.push(reason)).is_ok()
            });
            prop_assert!(conforms, "{:?} by {:?}: {:?}\n{:#?}", raw, caller, why, steps);
        }
    }

    /// What a service answers to a refused call has left its account as it was.
    #[test]
    fn the_service_changes_nothing_when_it_refuses(asked in draws(40), by in any::<u8>()) {
        let (mut service, _) = service(&NAMES);
        let mut now = START;
        for draw in asked {
            now = later(now, draw.4);
            let (raw, caller) = (request(service.account(), &NAMES, draw, now), somebody(&service, by.wrapping_add(draw.0)));
            let before = service.account().clone();
            if let (_, Outcome::Error { code, .. }) = service.answer(&raw, caller, now) {
                prop_assert!(service.account() == &before, "{:?}: {}", raw, code);
                prop_assert!(ErrorCodes::CLIENT.contains(code), "{:?}: {}", raw, code);
            }
        }
    }

    /// Listings change nothing: not the account, not what the model knows of it, and not what is answered later.
    #[test]
    fn looking_changes_nothing(asked in draws(40), by in any::<u8>()) {
        let ((mut watched, _), (mut alone, _)) = (service(&NAMES), service(&NAMES));
        let mut now = START;
        for draw in asked {
            now = later(now, draw.4);
            for place in 0..4 {
                let user = [("UserName", NAMES.user(place))];
                let looks = [
                    RawRequest::new("ListMFADevices", &user),
                    RawRequest::new("ListVirtualMFADevices", &[]),
                    RawRequest::new("ListUsers", &[]),
                    RawRequest::new("GetUser", &user),
                    RawRequest::new("ListAccessKeys", &user),
                ];
                for look in looks {
                    let before = watched.account().clone();
                    let (_, outcome) = watched.answer(&look, Caller::Administrator, now);
                    prop_assert_eq!(watched.account(), &before);
                    let Outcome::Success(body) = outcome else { continue };
                    let before = State::from(before);
                    for step in ask(&before, Caller::Administrator, &look, now, false, &History::default()).transitions {
                        if step.expect.matches(&before, Answer::Success(&body)) {
                            let mut after = before.clone();
                            after.take(&step, Some(&body), now);
                            prop_assert_eq!(&after, &before, "{:?}", step);
                        }
                    }
                }
            }
            let (raw, caller) = (request(alone.account(), &NAMES, draw, now), somebody(&alone, by.wrapping_add(draw.0)));
            prop_assert_eq!(watched.answer(&raw, caller, now), alone.answer(&raw, caller, now));
        }
        prop_assert_eq!(watched.account(), alone.account());
    }

    /// Nor do names have a meaning to the service.
    #[test]
    fn the_service_answers_the_same_under_other_names(asked in draws(40), by in any::<u8>()) {
        let [one, other] = [NAMES, OTHER_NAMES].map(|names| {
            let (mut service, made) = service(&names);
            let mut now = START;
            let mut answers: Vec<_> = made.iter().map(class).collect();
            for draw in &asked {
                now = later(now, draw.4);
                let caller = somebody(&service, by.wrapping_add(draw.0));
                let raw = request(service.account(), &names, *draw, now);
                answers.push(class(&service.answer(&raw, caller, now).1));
            }
            (answers, nameless(&State::from(service.account().clone()), &names))
        });
        prop_assert_eq!(one, other);
    }
}
