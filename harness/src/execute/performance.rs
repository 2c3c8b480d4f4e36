//! Plays one scenario.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use mfa_reference::{Millis, Operation, RawRequest, SuccessBody};

use super::cast::Cast;
use super::holdings::{Holdings, Share};
use super::lingering::Lingering;
use super::outgoing::Outgoing;
use super::trace::{Found, Played, Unfinished};
use super::waiting::Patience;
use crate::oracle::{Divergence, Operations, Oracle};
use crate::scenario::{Action, Beat, MfaCall, RawCall, Scenario, Signer};
use crate::transport::{ConnectionPlan, Credentials, Transport};
use crate::wire::{Call, Style, encode};

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
    /// Whether the account had no assigned device when the run began.
    pub starts_empty: bool,
    /// Whether the target lists a user's devices; without, state is not observed.
    pub listings: bool,
    /// Whether to wait for unused codes.
    pub patience: Patience,
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
    /// How many devices were seen on the account at once.
    pub(super) holdings: Arc<Holdings>,
    /// What this scenario has of the devices that are counted.
    pub(super) share: Share,
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
    /// How long the scenario has waited for failures to pass.
    pub(super) recovering: Duration,
    /// How long it has waited for listings to come right.
    pub(super) lingered: Duration,
    /// The time that the last reply asked to wait before the next try.
    pub(super) retry_after: Option<Duration>,
    /// The first of the calls that broke, one after another up to now.
    pub(super) first_broken: Option<usize>,
    /// Until when a call that had no reply in time may still be under way.
    pub(super) overlaps_until: Millis,
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
        oracle: oracle_for(scenario, settings),
        // A step under test makes about two calls with its listing. Room made at once is cheaper than growth.
        played: Played { trace: Vec::with_capacity(2 * scenario.steps.len()), ..Played::default() },
        step: None,
        lingering,
        holdings: lingering.holdings(),
        share: Share::default(),
        interrupt,
        patient: scenario.patient,
        waited: Duration::ZERO,
        sent_twice: false,
        doubtful: false,
        called: 0,
        unobserved: false,
        recovering: Duration::ZERO,
        lingered: Duration::ZERO,
        retry_after: None,
        first_broken: None,
        overlaps_until: Millis(i64::MIN),
        devices_seen: None,
        left_out: false,
    };
    let restarts = lingering.restarts();
    for (index, beat) in scenario.steps.iter().enumerate() {
        performance.step = Some(index);
        if performance.is_interrupted() {
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
    if performance.played.unfinished.is_none()
        && let Err(why) = performance.observe_late().await
    {
        performance.played.unfinished = Some(why);
    }
    performance.clean_up().await;
    let left = performance.played.leftovers.len();
    performance.holdings.settle(&mut performance.share, 0, left, 0);
    let mut played = performance.played;
    if lingering.restarts() != restarts {
        // What the target kept is gone with it: only that it was away says something.
        played.found.retain(|found| !found.divergence.is_about_state());
        played.unfinished.get_or_insert(Unfinished::Restarted);
    }
    if performance.left_out {
        played.unfinished.get_or_insert(Unfinished::NameTaken);
    }
    played.tally = performance.oracle.tally;
    if played.found.is_empty() && !settings.keep_trace && played.in_flight.is_none() {
        played.trace.clear();
    }
    played
}

fn oracle_for(scenario: &Scenario, settings: &Settings) -> Oracle {
    let oracle = Oracle::new(settings.strict, settings.operations.clone());
    if scenario.connections == ConnectionPlan::Kept { oracle } else { oracle.on_several_connections() }
}

impl<T: Transport> Performance<'_, T> {
    async fn act(&mut self, action: &Action) -> Result<(), Unfinished> {
        match action {
            Action::CreateUser { user, name } => self.create_user(*user, name).await,
            Action::RenameUser { user, name } => self.rename_user(*user, name).await,
            Action::DeleteUser { user } => self.delete_user(*user).await,
            Action::CreateDevice { device, name } => self.create_device(*device, name).await,
            Action::RecreateDevice { device, step, begins_with } => {
                self.recreate_device(*device, *step, begins_with).await
            }
            Action::DeleteDevice { device } => self.delete_device(*device).await,
            Action::CreateKey { user } => self.create_key(*user).await,
            Action::DeleteKey { user } => self.delete_key(*user).await,
            Action::Enable(call) => self.mfa(Operation::EnableMfaDevice, call).await,
            Action::Resync(call) => self.mfa(Operation::ResyncMfaDevice, call).await,
            Action::Deactivate(call) => self.mfa(Operation::DeactivateMfaDevice, call).await,
            Action::Call(call) => self.raw(call).await,
            Action::ListDevices { user } => self.observe_user(*user).await.map(|_| ()),
            Action::ListVirtualDevices { status } => self.observe_virtual_devices(status.as_deref()).await,
            Action::Wait { steps, aligned, second } => {
                let pause = self.until_instant(*steps, *aligned, *second);
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
            self.send_judged(Outgoing::plain(outgoing), Signer::Run, None).await?;
            return self.observe().await;
        }
        self.send_odd(outgoing, &call.odd).await
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

    /// Keeps divergences, each with the exchange that shows it: the last one.
    pub(super) fn note(&mut self, divergences: Vec<Divergence>) {
        self.note_at(self.played.trace.len().saturating_sub(1), divergences);
    }

    /// The same for an exchange that others have followed.
    pub(super) fn note_at(&mut self, exchange: usize, divergences: Vec<Divergence>) {
        for divergence in divergences {
            let is_same = |found: &Found| found.exchange == exchange && found.divergence == divergence;
            if self.played.found.iter().any(is_same) {
                continue;
            }
            self.played.requests_to_first.get_or_insert(self.played.requests.under_test);
            self.played.found.push(Found { divergence, exchange });
        }
    }
}
