//! A talk with a target: what is asked of the documented service, what it or somebody else answers in its place, and
//! the oracle that hears it all.

use mfa_reference::service::{Behaviour, Service};
use mfa_reference::{Caller, MfaOperation, Millis, Operation, Outcome, TimeStep, Window};

use super::ask::{Ask, ask, create_device, create_user, list, serial};
use super::came::{Came, devices_of, told};
use super::tell;
use crate::oracle::{Admitted, Observation, Operations, Oracle, Tally, Verdict};
use crate::wire::Observed;

/// The instant at which each talk begins, two thirds through a step.
pub(super) const BEGIN: Millis = Millis(1_750_000_010_000);
/// Two codes that no device of a talk emits within a day.
pub(super) const WRONG: [&str; 2] = ["123456", "654321"];

/// A talk with a target.
#[derive(Debug)]
pub(super) struct Talk {
    service: Service,
    pub(super) oracle: Oracle,
    pub(super) now: Millis,
    replies: usize,
}

impl Talk {
    /// With an empty account.
    pub(super) fn empty(strict: bool, present: &[MfaOperation]) -> Self {
        let operations = Operations { present: present.iter().copied().collect(), ..Operations::default() };
        let service = Service::new(Behaviour::default(), 7);
        Self { service, oracle: Oracle::new(strict, operations), now: BEGIN, replies: 0 }
    }

    /// With the users anna and bert and the devices phone and token, which are nobody's.
    fn set_up(strict: bool) -> Self {
        let mut talk = Self::empty(strict, &MfaOperation::ALL);
        for made in [create_user("anna"), create_user("bert"), create_device("phone"), create_device("token")] {
            talk.does(&made);
        }
        talk.oracle.tally = Tally::default();
        talk
    }

    pub(super) fn new() -> Self {
        Self::set_up(false)
    }

    pub(super) fn strict() -> Self {
        Self::set_up(true)
    }

    /// The same, and the phone was enabled for anna a day ago.
    pub(super) fn with_annas_phone(strict: bool) -> Self {
        let mut talk = Self::set_up(strict);
        let enable = talk.enable("anna", "phone", (-1, 0));
        talk.does(&enable);
        talk.now = talk.now.plus(86_400_000);
        talk.oracle.tally = Tally::default();
        talk
    }

    /// The code that the device emits so many steps from now.
    pub(super) fn code(&self, device: &str, offset: i64) -> String {
        let account = self.service.account();
        let device = account.find_device(&serial(device)).and_then(|id| account.device(id)).unwrap();
        device.seed.as_ref().unwrap().code(self.step(offset)).to_string()
    }

    /// The step so many steps from now.
    pub(super) fn step(&self, offset: i64) -> TimeStep {
        self.now.step().plus(offset)
    }

    /// A call with the device's own codes of these steps.
    fn pair(&self, operation: Operation, user: &str, device: &str, (first, second): (i64, i64)) -> Ask {
        let codes = [self.code(device, first), self.code(device, second)];
        ask(operation).user(user).device(device).codes([&codes[0], &codes[1]])
    }

    pub(super) fn enable(&self, user: &str, device: &str, steps: (i64, i64)) -> Ask {
        self.pair(Operation::EnableMfaDevice, user, device, steps)
    }

    pub(super) fn resync(&self, user: &str, device: &str, steps: (i64, i64)) -> Ask {
        self.pair(Operation::ResyncMfaDevice, user, device, steps)
    }

    /// The documented service carries a request out; what it answers isn't heard.
    pub(super) fn served(&mut self, ask: &Ask) -> Came {
        let caller = ask.caller.and_then(|name| self.service.account().find_user(name));
        let caller = caller.map_or(Caller::Administrator, Caller::User);
        Came::Outcome(self.service.answer(&ask.request, caller, self.now).1)
    }

    /// The documented service answers a request; the answer conforms.
    pub(super) fn does(&mut self, ask: &Ask) -> Verdict {
        let came = self.served(ask);
        let accepted = matches!(came, Came::Outcome(Outcome::Success(_)));
        let verdict = self.hears(ask, came);
        assert_eq!((tell::divergences(&verdict), verdict.success), (Vec::new(), accepted), "{ask:?}");
        verdict
    }

    /// This comes back for a request.
    pub(super) fn hears(&mut self, ask: &Ask, came: Came) -> Verdict {
        self.replies += 1;
        let observed = came.observed(ask.operation, self.replies);
        let (oracle, observation) = (&mut self.oracle, judged(ask, &observed, self.now));
        oracle.judge(&observation).unwrap()
    }

    /// What is said if this comes back; nothing of it is kept.
    pub(super) fn if_hears(&self, ask: &Ask, came: Came) -> Vec<String> {
        let observed = came.observed(ask.operation, 0);
        let verdict = self.oracle.clone().judge(&judged(ask, &observed, self.now)).unwrap();
        tell::divergences(&verdict)
    }

    pub(super) fn admits(&self, ask: &Ask, came: Came) -> Admitted {
        let observed = came.observed(ask.operation, 0);
        self.oracle.admits(&judged(ask, &observed, self.now))
    }

    /// Lets somebody else take the request and what comes back for it to the oracle.
    pub(super) fn tells<T>(
        &mut self,
        ask: &Ask,
        came: Came,
        then: impl FnOnce(&mut Oracle, &Observation<'_>) -> T,
    ) -> T {
        let observed = came.observed(ask.operation, 0);
        let observation = judged(ask, &observed, self.now);
        then(&mut self.oracle, &observation)
    }

    /// The devices of a user are listed as these.
    pub(super) fn lists(&mut self, user: &str, devices: &[&str]) -> Vec<String> {
        let came = told(devices_of(user, devices));
        tell::divergences(&self.hears(&list(user), came))
    }

    /// What is believed of the account.
    pub(super) fn state(&self) -> Vec<String> {
        tell::state(self.oracle.state())
    }

    /// What the account may be, for each state of the belief.
    pub(super) fn states(&self) -> Vec<Vec<String>> {
        self.oracle.belief.states().map(tell::state).collect()
    }

    /// The newest step whose code a request on the device has carried.
    pub(super) fn newest_carried(&self, device: &str) -> Option<TimeStep> {
        let device = self.oracle.state().find_device(&serial(device)).id().unwrap();
        self.oracle.newest_carried(device)
    }

    /// What was counted since this was asked last.
    pub(super) fn counted(&mut self) -> Tally {
        std::mem::take(&mut self.oracle.tally)
    }

    /// Time passes.
    pub(super) fn wait(&mut self, millis: i64) {
        self.now = self.now.plus(millis);
    }
}

pub(super) fn judged<'a>(ask: &'a Ask, observed: &'a Observed, now: Millis) -> Observation<'a> {
    Observation {
        operation: ask.operation,
        request: &ask.request,
        style: ask.style,
        caller: ask.caller,
        window: ask.window.unwrap_or(Window::instant(now)),
        carried: &ask.carried,
        overlapped: ask.overlapped,
        limits: ask.limits,
        observed,
    }
}
