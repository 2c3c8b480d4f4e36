//! A broken service is the documented one with a part replaced, or with requests changed on their way to it.

use std::sync::Arc;
use std::time::Duration;

use mfa_conformance::transport::in_process::InProcess;
use mfa_conformance::transport::{Credentials, HttpReply, Transport, TransportError};
use mfa_conformance::wire::{Encoded, Method};
use mfa_reference::service::behaviour::{Behaviour, Decision, Effects, Recogniser, Rules};
use mfa_reference::service::rules::{Documented, Situation};
use mfa_reference::service::{Memory, Service};
use mfa_reference::totp::Seed;
use mfa_reference::wire::{self, HttpResponse, Renderer};
use mfa_reference::world::{Device, DeviceId, Effect, UserId, World};
use mfa_reference::{MfaOperation, Millis, Operation, Outcome, Request, Step, SuccessBody};

/// A broken service.
pub(crate) struct Broken {
    behaviour: Behaviour,
    misread: fn(Method, &str) -> String,
}

impl Broken {
    /// A transport to a service of this kind with an empty account.
    pub(crate) fn transport(self) -> Misread {
        self.transport_at(Millis(1_750_000_000_000), 0)
    }

    /// The same from this moment on; the service's clock is behind the one that is known, in milliseconds.
    pub(crate) fn transport_at(self, now: Millis, behind: i64) -> Misread {
        let service = Service::new(self.behaviour, 7);
        Misread { inner: InProcess::new(service, now), reading: self.misread, behind }
    }

    /// The same service with effects of its own.
    pub(crate) fn and_effects(
        self,
        effects: impl Fn(&mut World, &Effect, &SuccessBody, Millis) + Send + Sync + 'static,
    ) -> Self {
        let behaviour = Behaviour { effects: Arc::new(Replaced(effects)), ..self.behaviour };
        Self { behaviour, ..self }
    }

    /// The same service with a renderer of its own.
    pub(crate) fn and_renderer(
        self,
        renderer: impl Fn(Option<Operation>, &Outcome, &str) -> HttpResponse + Send + Sync + 'static,
    ) -> Self {
        let behaviour = Behaviour { renderer: Arc::new(Replaced(renderer)), ..self.behaviour };
        Self { behaviour, ..self }
    }

    /// The same service with a recogniser of its own.
    pub(crate) fn and_recogniser(self, recogniser: impl Recogniser + 'static) -> Self {
        let behaviour = Behaviour { recogniser: Arc::new(recogniser), ..self.behaviour };
        Self { behaviour, ..self }
    }
}

/// The documented service with these parts.
pub(crate) fn with(behaviour: Behaviour) -> Broken {
    Broken { behaviour, misread: |_, parameters| parameters.to_owned() }
}

/// A service that decides otherwise.
pub(crate) fn decides(
    rules: impl Fn(&Situation<'_>, &Request<'_>, Decision) -> Decision + Send + Sync + 'static,
) -> Broken {
    with(Behaviour { rules: Arc::new(Replaced(rules)), ..Behaviour::default() })
}

/// A service that recognises other codes, by the seed, both codes and the time.
pub(crate) fn recognises(
    recogniser: impl Fn(&Seed, &str, &str, Step) -> Option<Step> + Send + Sync + 'static,
) -> Broken {
    with(Behaviour::default()).and_recogniser(Replaced(recogniser))
}

/// A service that reads the parameters of a request, encoded, as others.
pub(crate) fn misreads(misread: fn(Method, &str) -> String) -> Broken {
    Broken { behaviour: Behaviour::default(), misread }
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

impl<F: Fn(&mut World, &Effect, &SuccessBody, Millis) + Send + Sync> Effects for Replaced<F> {
    fn carry_out(&self, world: &mut World, effect: &Effect, body: &SuccessBody, now: Millis) {
        (self.0)(world, effect, body, now);
    }
}

impl<F: Fn(&Seed, &str, &str, Step) -> Option<Step> + Send + Sync> Recogniser for Replaced<F> {
    fn recognise(&self, seed: &Seed, code1: &str, code2: &str, now: Millis, _: Option<Step>) -> Option<Step> {
        (self.0)(seed, code1, code2, now.step())
    }
}

impl<F: Fn(Option<Operation>, &Outcome, &str) -> HttpResponse + Send + Sync> Renderer for Replaced<F> {
    fn render(&self, operation: Option<Operation>, outcome: &Outcome, request_id: &str) -> HttpResponse {
        (self.0)(operation, outcome, request_id)
    }
}

/// A reply in the documented form.
pub(crate) fn documented_reply(operation: Option<Operation>, outcome: &Outcome, request_id: &str) -> HttpResponse {
    wire::Documented.render(operation, outcome, request_id)
}

/// A transport to a service that reads requests wrongly.
pub(crate) struct Misread {
    inner: InProcess,
    reading: fn(Method, &str) -> String,
    behind: i64,
}

impl Transport for Misread {
    async fn send(&mut self, request: &Encoded, credentials: &Credentials) -> Result<HttpReply, TransportError> {
        let read = Encoded {
            method: request.method,
            path_and_query: match request.path_and_query.strip_prefix("/?") {
                Some(query) => format!("/?{}", (self.reading)(Method::Get, query)),
                None => request.path_and_query.clone(),
            },
            body: (self.reading)(Method::Post, &request.body),
        };
        self.inner.send(&read, credentials).await
    }

    fn now(&self) -> Millis {
        self.inner.now().plus(self.behind)
    }

    fn clock_tolerance(&self) -> i64 {
        self.behind.abs()
    }

    async fn wait(&mut self, duration: Duration) {
        self.inner.wait(duration).await;
    }
}

/// What a request for an operation under test names.
pub(crate) struct Named<'a> {
    pub(crate) operation: MfaOperation,
    pub(crate) user: Option<UserId>,
    pub(crate) device: Option<(DeviceId, &'a Device)>,
    pub(crate) names_a_user: bool,
}

/// What a request for an operation under test names; `None` for other operations.
pub(crate) fn named<'a>(situation: &Situation<'a>, request: &Request<'_>) -> Option<Named<'a>> {
    let operation = request.operation().under_test()?;
    let (user_name, serial_number) = match request {
        Request::Codes { user_name, serial_number, .. } | Request::Deactivate { user_name, serial_number } => {
            (user_name.text, serial_number.text)
        }
        Request::Support(_) => return None,
    };
    let world = situation.world;
    let device = serial_number.and_then(|serial| world.find_device(serial).id());
    Some(Named {
        operation,
        user: user_name.and_then(|name| world.find_user(name).id()),
        device: device.and_then(|id| Some((id, world.device(id)?))),
        names_a_user: user_name.is_some(),
    })
}
