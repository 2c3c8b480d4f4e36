//! Plays one scenario.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mfa_reference::totp::{Seed, SeedEncoding};
use mfa_reference::{Operation, RawRequest, Step, SuccessBody, Window};

use super::cast::{Cast, Resolved};
use super::lingering::Lingering;
use super::trace::{CodeSource, Exchange, Found, Played, Unfinished};
use super::waiting::Patience;
use crate::oracle::{Divergence, Operations, Oracle, Verdict};
use crate::scenario::{Action, Beat, MfaCall, RawCall, Scenario, Signer};
use crate::transport::{Credentials, Transport, TransportError};
use crate::wire::{Answer, Call, Observed, Odd, Reply, Style, encode, read};

/// What is the same for every scenario of a run.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and none implies another")]
pub struct Settings {
    /// Whether a departure from a Recorded clause is a divergence.
    pub strict: bool,
    /// How long a listing may take to show what was done.
    pub settle: Duration,
    /// The run's own credentials.
    pub credentials: Credentials,
    /// The operations that the target has, and whether it has listings.
    pub operations: Operations,
    /// Whether the account may have assigned devices beside a scenario's own: of other scenarios, or from before.
    pub others_assigned: bool,
    /// Whether the target lists a user's devices; without, state is not observed.
    pub listings: bool,
    /// Whether to wait for unused codes.
    pub patience: Patience,
    /// How often a call is sent again after a passing failure.
    pub retries: u32,
    /// Whether the trace is kept even if nothing was found.
    pub keep_trace: bool,
}

/// One scenario on its way.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and none implies another")]
pub(super) struct Performance<'a, T> {
    pub(super) settings: &'a Settings,
    pub(super) transport: &'a mut T,
    pub(super) cast: Cast,
    pub(super) oracle: Oracle,
    pub(super) played: Played,
    pub(super) step: Option<usize>,
    pub(super) lingering: &'a Lingering,
    pub(super) interrupt: &'a AtomicBool,
    pub(super) patient: bool,
    pub(super) waited: Duration,
    /// Whether the last call went out twice, its first connection having broken.
    pub(super) sent_twice: bool,
    /// Whether the last call may have had its effect although its answer doesn't say so.
    pub(super) doubtful: bool,
    /// The exchange of the last call that was judged; listings may have followed it.
    pub(super) called: usize,
    /// Whether something was done since the users were listed last.
    pub(super) unobserved: bool,
    /// The serial numbers of the account, in small letters, once a call needed to be sure of one.
    pub(super) devices_seen: Option<Vec<String>>,
    /// Whether a call was left out because it named what may be somebody's.
    pub(super) left_out: bool,
}

/// Plays a scenario by itself and leaves nothing behind. All its names begin with `prefix`.
pub async fn play<T: Transport>(
    scenario: &Scenario,
    prefix: &str,
    settings: &Settings,
    transport: &mut T,
    interrupt: &AtomicBool,
) -> Played {
    play_among(scenario, prefix, settings, transport, interrupt, &Lingering::default()).await
}

/// A call with values of more bytes than these may be refused before all of it is read. What is left of it on the
/// connection meets the next call: there another one of the operation.
const LONG: usize = 4_096;

/// The same for one scenario of many on a target, which remember together what waiting doesn't help against.
pub async fn play_among<T: Transport>(
    scenario: &Scenario,
    prefix: &str,
    settings: &Settings,
    transport: &mut T,
    interrupt: &AtomicBool,
    lingering: &Lingering,
) -> Played {
    transport.connect_by(scenario.connections);
    let mut performance = Performance {
        settings,
        transport,
        cast: Cast::new(prefix),
        oracle: Oracle::new(settings.strict, settings.operations.clone()),
        // A step under test makes about two calls with its listing. Room made at once is cheaper than growth.
        played: Played { trace: Vec::with_capacity(2 * scenario.steps.len()), ..Played::default() },
        step: None,
        lingering,
        interrupt,
        patient: scenario.patient,
        waited: Duration::ZERO,
        sent_twice: false,
        doubtful: false,
        called: 0,
        unobserved: false,
        devices_seen: None,
        left_out: false,
    };
    for (index, beat) in scenario.steps.iter().enumerate() {
        performance.step = Some(index);
        if interrupt.load(Ordering::Relaxed) {
            performance.played.unfinished = Some(Unfinished::Interrupted);
            break;
        }
        let actions = match beat {
            Beat::One(action) => std::slice::from_ref(action),
            Beat::Together { together } => together.as_slice(),
        };
        for action in actions {
            if let Err(why) = performance.act(action).await {
                performance.played.unfinished = Some(why);
            }
        }
        if performance.played.unfinished.is_some() {
            break;
        }
    }
    performance.step = None;
    performance.clean_up().await;
    let mut played = performance.played;
    if performance.left_out {
        played.unfinished.get_or_insert(Unfinished::NameTaken);
    }
    played.tally = performance.oracle.tally;
    if played.found.is_empty() && !settings.keep_trace {
        played.trace.clear();
    }
    played
}

impl<T: Transport> Performance<'_, T> {
    async fn act(&mut self, action: &Action) -> Result<(), Unfinished> {
        match action {
            Action::CreateUser { user, name } => self.create_user(*user, name).await,
            Action::RenameUser { user, name } => self.rename_user(*user, name).await,
            Action::DeleteUser { user } => self.delete_user(*user).await,
            Action::CreateDevice { device, name } => self.create_device(*device, name).await,
            Action::DeleteDevice { device } => self.delete_device(*device).await,
            Action::CreateKey { user } => self.create_key(*user).await,
            Action::DeleteKey { user } => self.delete_key(*user).await,
            Action::Enable(call) => self.mfa(Operation::EnableMfaDevice, call).await,
            Action::Resync(call) => self.mfa(Operation::ResyncMfaDevice, call).await,
            Action::Deactivate(call) => self.mfa(Operation::DeactivateMfaDevice, call).await,
            Action::Call(call) => self.raw(call).await,
            Action::ListDevices { user } => self.observe_user(*user, false).await.map(|_| ()),
            Action::ListVirtualDevices { status } => self.observe_virtual_devices(status.as_deref()).await,
            Action::Wait { steps, aligned, second } => {
                let pause = self.pause(*steps, *aligned, *second);
                self.wait(pause).await
            }
        }
    }

    /// Makes a call of an operation under test; with unused codes, if the target wants them and there is time.
    async fn mfa(&mut self, operation: Operation, call: &MfaCall) -> Result<(), Unfinished> {
        let Some(verdict) = self.mfa_once(operation, call).await? else { return Ok(()) };
        if verdict.wants_unused_codes
            && let Some(pause) = self.until_unused(call)
        {
            match self.wait(pause).await {
                Ok(()) => {
                    self.mfa_once(operation, call).await?;
                }
                Err(why) if self.patient && (why != Unfinished::Parked || self.waited.is_zero()) => return Err(why),
                // Others go on with the refusal, and so does what has waited once: it is a right of the service.
                Err(_) => {}
            }
        }
        if !verdict.success && self.called_length() > LONG {
            self.mfa_once(operation, call).await?;
        }
        self.observe().await
    }

    /// How long the values are of the call that was judged last.
    fn called_length(&self) -> usize {
        let called = self.played.trace.get(self.called);
        called.map_or(0, |exchange| exchange.call.request.parameters.iter().map(|(_, value)| value.len()).sum())
    }

    /// Makes a call once; `None` if it would name what may be somebody's.
    async fn mfa_once(&mut self, operation: Operation, call: &MfaCall) -> Result<Option<Verdict>, Unfinished> {
        let lingering = self.lingering;
        let _alone = if self.names_others(&self.named(call)) {
            let alone = lingering.shared_names.lock().await;
            if !self.may_make(call).await? {
                self.left_out = true;
                return Ok(None);
            }
            Some(alone)
        } else {
            None
        };
        let (outgoing, codes, carried) = self.outgoing(operation, call);
        self.send_judged(outgoing, call.signer, codes, &carried).await.map(Some)
    }

    /// A call as it goes out now, where its codes come from, and which steps of the device it carries.
    fn outgoing(&self, operation: Operation, call: &MfaCall) -> (Call, [Option<CodeSource>; 2], Vec<Step>) {
        let now = self.transport.now().step();
        let mut parameters = Vec::with_capacity(6);
        parameters.push(("Action".to_owned(), operation.name().to_owned()));
        parameters.push(("Version".to_owned(), RawRequest::VERSION.to_owned()));
        let mut codes = [None, None];
        let mut carried = Vec::new();
        let serial = call.device.as_ref().map(|device| self.cast.resolve(device, now).text);
        let mut add = |name: &str, resolved: Resolved, slot: Option<usize>| {
            parameters.push((name.to_owned(), resolved.text));
            // Another device's use of a step leaves it unused for this one (`enable.codes-by-device`).
            if resolved.source.as_ref().is_some_and(|source| Some(&source.serial_number) == serial.as_ref()) {
                carried.extend(resolved.step);
            }
            if let Some(slot) = slot.and_then(|slot| codes.get_mut(slot)) {
                *slot = resolved.source;
            }
        };
        let values = [
            ("UserName", &call.user, None),
            ("SerialNumber", &call.device, None),
            ("AuthenticationCode1", &call.code1, Some(0)),
            ("AuthenticationCode2", &call.code2, Some(1)),
        ];
        for (name, value, slot) in values {
            if let Some(value) = value {
                add(name, self.cast.resolve(value, now), slot);
            }
        }
        if call.reversed {
            parameters.reverse();
        }
        let style = Style::for_values(call.get, &parameters).escaped(call.escapes);
        (Call { operation, request: RawRequest { parameters }, style }, codes, carried)
    }

    async fn raw(&mut self, call: &RawCall) -> Result<(), Unfinished> {
        let now = self.transport.now().step();
        let parameters: Vec<(String, String)> =
            call.parameters.iter().map(|(name, value)| (name.clone(), self.cast.resolve(value, now).text)).collect();
        let request = RawRequest { parameters };
        // A request that names no known action is read as if it were for one under test: errors look alike.
        let operation = request.get("Action").and_then(Operation::from_name).unwrap_or(Operation::EnableMfaDevice);
        let style = Style::for_values(call.get, &request.parameters);
        let outgoing = Call { operation, request, style };
        let lingering = self.lingering;
        let _alone = if self.names_others(&outgoing.request.parameters) {
            let alone = lingering.shared_names.lock().await;
            if !self.may_name(&outgoing.request.parameters).await? {
                self.left_out = true;
                return Ok(());
            }
            Some(alone)
        } else {
            None
        };
        if !call.odd.is_nothing() {
            let before = encode(&outgoing);
            let mut after = before.clone();
            call.odd.apply(&mut after);
            if !self.keeps_to_own(&before, &after) {
                self.left_out = true;
                return Ok(());
            }
        }
        if call.odd.is_nothing() {
            self.send_judged(outgoing, Signer::Run, [None, None], &[]).await?;
            return self.observe().await;
        }
        self.send_odd(outgoing, &call.odd).await
    }

    /// Makes a call of another operation, as the run's own.
    pub(super) async fn call(&mut self, operation: Operation, request: RawRequest) -> Result<Verdict, Unfinished> {
        let call = Call { operation, request, style: Style::default() };
        self.send_judged(call, Signer::Run, [None, None], &[]).await
    }

    /// The body of the last reply, if it is a success.
    pub(super) fn last_body(&self) -> Option<&SuccessBody> {
        self.played.trace.last()?.body()
    }

    /// The body of the reply to the last call that was judged, if it is a success.
    pub(super) fn called_body(&self) -> Option<&SuccessBody> {
        self.played.trace.get(self.called)?.body()
    }

    /// The code of the last reply, if it is an error.
    pub(super) fn last_code(&self) -> Option<&str> {
        self.played.trace.last()?.code()
    }

    /// The code of the reply to the last call that was judged, if it is an error.
    pub(super) fn called_code(&self) -> Option<&str> {
        self.played.trace.get(self.called)?.code()
    }

    /// Sends a call once and writes it into the trace.
    pub(super) async fn send(
        &mut self,
        call: Call,
        signer: Signer,
        codes: [Option<CodeSource>; 2],
        odd: Option<Odd>,
    ) -> Result<Window, Unfinished> {
        // Whoever has no key doesn't sign.
        let own = match signer {
            Signer::Run => None,
            Signer::User(user) => {
                self.cast.users.get(&user).and_then(|part| Some((part.name.clone(), part.keys.first()?.clone())))
            }
        };
        let (signer, own) = own.unzip();
        let credentials = own.as_ref().unwrap_or(&self.settings.credentials);
        let mut encoded = encode(&call);
        if let Some(odd) = &odd {
            odd.apply(&mut encoded);
        }
        let from = self.transport.now();
        let came = self.transport.send(&encoded, credentials).await;
        let to = self.transport.now();
        if call.operation.under_test().is_some() {
            self.played.requests.under_test += 1;
        } else {
            self.played.requests.other += 1;
        }
        let observed = match came {
            Err(TransportError::Connect(why)) => return Err(Unfinished::Unreachable(why)),
            Err(error) => Observed::Broken(error),
            Ok(reply) => {
                self.played.answered = true;
                self.sent_twice |= reply.retried;
                read(call.operation, reply)
            }
        };
        let observed = if self.settings.operations.seeds_by_chance { without_chance(observed) } else { observed };
        self.played.trace.push(Exchange { step: self.step, call, signer, codes, odd, observed });
        Ok(Window { from, to }.widened(self.transport.clock_tolerance()))
    }

    /// Keeps divergences, each with the exchange that shows it: the last one.
    pub(super) fn note(&mut self, divergences: Vec<Divergence>) {
        self.note_at(self.played.trace.len().saturating_sub(1), divergences);
    }

    /// The same for an exchange that others have followed.
    pub(super) fn note_at(&mut self, exchange: usize, divergences: Vec<Divergence>) {
        for divergence in divergences {
            self.played.requests_to_first.get_or_insert(self.played.requests.under_test);
            self.played.found.push(Found { divergence, exchange });
        }
    }
}

/// What came back, with a new device's seed as one that can't be used if it only looks like base32 text.
fn without_chance(mut observed: Observed) -> Observed {
    if let Observed::Reply(Reply { answer: Answer::Success(SuccessBody::VirtualDevice { seed_blob, .. }), .. }) =
        &mut observed
        && matches!(Seed::from_blob(seed_blob), Ok((_, SeedEncoding::PlainBase32)))
    {
        seed_blob.clear();
    }
    observed
}
