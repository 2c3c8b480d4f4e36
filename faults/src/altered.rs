//! An altered service is the documented one with a part replaced: of its behaviour, or of the line that its requests
//! pass.

use std::fmt;
use std::sync::Arc;

use mfa_reference::account::{Account, Effect};
use mfa_reference::service::Memory;
use mfa_reference::service::behaviour::{
    Adjacent, Behaviour, Decision, Effects, LastPair, Recogniser, Rules, Situation,
};
use mfa_reference::service::rules::Documented;
use mfa_reference::totp::Seed;
use mfa_reference::wire::{self, HttpResponse, Renderer};
use mfa_reference::{Constraints, Millis, Operation, Outcome, Request, SuccessBody, TimeStep};

use super::line::{Lay, plain};
use super::race::Race;

/// A service with a part replaced.
#[derive(Clone)]
pub struct Altered {
    /// How it behaves.
    pub behaviour: Behaviour,
    /// How requests reach it.
    pub lay: Lay,
    /// How calls that overlap are run; if absent, one after another.
    pub race: Option<Race>,
    /// How long a call lasts behind a socket, in milliseconds for each call under way, if calls last.
    pub lasts_ms: u64,
    /// How many calls are under way at most behind a socket. Others wait.
    pub most_at_once: usize,
    /// How far its clock is ahead, in milliseconds.
    pub ahead_ms: i64,
    /// How far its `Date` header is ahead of that clock, in milliseconds.
    pub date_shift_ms: i64,
}

impl fmt::Debug for Altered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Altered").field("behaviour", &self.behaviour).finish_non_exhaustive()
    }
}

impl Altered {
    /// The service with other effects.
    #[must_use]
    pub fn and_effects(
        self,
        effects: impl Fn(&mut Account, &Effect, &SuccessBody, Millis) + Send + Sync + 'static,
    ) -> Self {
        let behaviour = Behaviour { effects: Arc::new(Replaced(effects)), ..self.behaviour };
        Self { behaviour, ..self }
    }

    /// The service with another renderer.
    #[must_use]
    pub fn and_renderer(
        self,
        renderer: impl Fn(Option<Operation>, &Outcome, &str) -> HttpResponse + Send + Sync + 'static,
    ) -> Self {
        let behaviour = Behaviour { renderer: Arc::new(Replaced(renderer)), ..self.behaviour };
        Self { behaviour, ..self }
    }

    /// The service with another recogniser.
    #[must_use]
    pub fn and_recogniser(self, recogniser: impl Recogniser + 'static) -> Self {
        let behaviour = Behaviour { recogniser: Arc::new(recogniser), ..self.behaviour };
        Self { behaviour, ..self }
    }

    /// The service with other constraints.
    #[must_use]
    pub fn and_constraints(self, constraints: Constraints) -> Self {
        Self { behaviour: Behaviour { constraints, ..self.behaviour }, ..self }
    }

    /// The service behind another line.
    #[must_use]
    pub fn behind(self, lay: Lay) -> Self {
        Self { lay, ..self }
    }
}

/// The service that answers as recorded from AWS.
#[must_use]
pub fn as_recorded() -> Altered {
    Altered {
        behaviour: Behaviour::default(),
        lay: plain(),
        race: None,
        lasts_ms: 2,
        most_at_once: usize::MAX,
        ahead_ms: 0,
        date_shift_ms: 0,
    }
}

/// The documented service, which is more permissive than AWS: it accepts used codes, and a user may manage its own
/// devices with its own key. It treats a deleted key like a key that it never issued, as the administrator's. So it
/// executes the calls that show a fault. It draws no pictures, which take time.
#[must_use]
pub fn documented() -> Altered {
    let recogniser = Arc::new(Adjacent { steps_behind: 1, steps_ahead: 1 });
    let behaviour = Behaviour {
        recogniser,
        self_management_needs_mfa: false,
        draws_pictures: false,
        refuses_deleted_keys: false,
        ..Behaviour::default()
    };
    Altered { behaviour, ..as_recorded() }
}

/// The documented service whose calls last.
#[must_use]
pub fn races(race: Race) -> Altered {
    Altered { race: Some(race), ..documented() }
}

/// A service with other rules.
pub fn rules(rules: impl Rules + 'static) -> Altered {
    Altered { behaviour: Behaviour { rules: Arc::new(rules), ..documented().behaviour }, ..documented() }
}

/// A service that replaces the documented service's decisions.
pub fn decides(rules: impl Fn(&Situation<'_>, &Request<'_>, Decision) -> Decision + Send + Sync + 'static) -> Altered {
    self::rules(Replaced(rules))
}

/// A service that executes calls with other effects.
pub fn carries_out(effects: impl Fn(&mut Account, &Effect, &SuccessBody, Millis) + Send + Sync + 'static) -> Altered {
    documented().and_effects(effects)
}

/// A service that recognises other codes, by the seed, both codes and the time step.
pub fn recognises(
    recogniser: impl Fn(&Seed, &str, &str, TimeStep) -> Option<TimeStep> + Send + Sync + 'static,
) -> Altered {
    documented().and_recogniser(Replaced(recogniser))
}

/// A service that recognises other codes, by the seed, both codes and the time.
pub fn recognises_at(
    recogniser: impl Fn(&Seed, &str, &str, Millis) -> Option<TimeStep> + Send + Sync + 'static,
) -> Altered {
    documented().and_recogniser(AtTime(recogniser))
}

/// A service that writes its replies in another form.
pub fn renders(
    renderer: impl Fn(Option<Operation>, &Outcome, &str) -> HttpResponse + Send + Sync + 'static,
) -> Altered {
    documented().and_renderer(renderer)
}

/// A reply in the documented form.
#[must_use]
pub fn documented_reply(operation: Option<Operation>, outcome: &Outcome, request_id: &str) -> HttpResponse {
    wire::Documented.render(operation, outcome, request_id)
}

/// A service that changes the text of the documented replies to the operations under test.
pub fn writes(change: impl Fn(Operation, &Outcome, String) -> String + Send + Sync + 'static) -> Altered {
    renders(move |operation, outcome, id| {
        let reply = documented_reply(operation, outcome, id);
        match operation.filter(|operation| operation.under_test().is_some()) {
            Some(operation) => edited(reply, |text| change(operation, outcome, text)),
            None => reply,
        }
    })
}

/// The response with another text.
pub fn edited(mut response: HttpResponse, change: impl FnOnce(String) -> String) -> HttpResponse {
    response.body = change(String::from_utf8_lossy(&response.body).into_owned()).into_bytes();
    response
}

struct Replaced<F>(F);

impl<F> Rules for Replaced<F>
where
    F: Fn(&Situation<'_>, &Request<'_>, Decision) -> Decision + Send + Sync,
{
    fn decide(&self, situation: &Situation<'_>, request: &Request<'_>, memory: &mut Memory) -> Decision {
        let documented = Documented::default().decide(situation, request, memory);
        (self.0)(situation, request, documented)
    }
}

impl<F: Fn(&mut Account, &Effect, &SuccessBody, Millis) + Send + Sync> Effects for Replaced<F> {
    fn carry_out(&self, account: &mut Account, effect: &Effect, body: &SuccessBody, now: Millis) {
        (self.0)(account, effect, body, now);
    }
}

impl<F: Fn(&Seed, &str, &str, TimeStep) -> Option<TimeStep> + Send + Sync> Recogniser for Replaced<F> {
    fn recognise(&self, seed: &Seed, code1: &str, code2: &str, now: Millis, _: Option<LastPair>) -> Option<TimeStep> {
        (self.0)(seed, code1, code2, now.step())
    }
}

struct AtTime<F>(F);

impl<F: Fn(&Seed, &str, &str, Millis) -> Option<TimeStep> + Send + Sync> Recogniser for AtTime<F> {
    fn recognise(&self, seed: &Seed, code1: &str, code2: &str, now: Millis, _: Option<LastPair>) -> Option<TimeStep> {
        (self.0)(seed, code1, code2, now)
    }
}

impl<F: Fn(Option<Operation>, &Outcome, &str) -> HttpResponse + Send + Sync> Renderer for Replaced<F> {
    fn render(&self, operation: Option<Operation>, outcome: &Outcome, request_id: &str) -> HttpResponse {
        (self.0)(operation, outcome, request_id)
    }
}
