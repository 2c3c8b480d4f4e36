//! Plays one scenario.

use std::time::Duration;

use mfa_reference::{Millis, Operation};

use super::bindings::Bindings;
use super::holdings::Share;
use super::origin::MadeRequest;
use super::outgoing::Outgoing;
use super::player::Player;
use super::rows::may_wait;
use super::settings::Settings;
use super::settle_cache::SettleCache;
use super::stop::Stop;
use super::trace::{Played, Unfinished};
use crate::oracle::Oracle;
use crate::scenario::{Action, MfaCall, RawCall, Scenario, ScenarioStep};
use crate::transport::{ConnectionPlan, Transport};
use crate::wire::{Call, Style, encode};

/// Plays a scenario alone and leaves nothing behind. All its names begin with `prefix`.
pub async fn play(
    scenario: &Scenario,
    prefix: &str,
    settings: &Settings,
    transport: &mut dyn Transport,
    stop: &Stop,
) -> Played {
    play_among(scenario, prefix, settings, transport, stop, &SettleCache::default()).await
}

/// A target may refuse a call with more bytes of values than this before it reads all of them. The rest stays on the
/// connection and can spoil the next call, so the player repeats the call first.
const LONG: usize = 4_096;

/// Plays one of many scenarios on a target. They share in `settle_cache` which failures don't pass with time.
pub async fn play_among(
    scenario: &Scenario,
    prefix: &str,
    settings: &Settings,
    transport: &mut dyn Transport,
    stop: &Stop,
    settle_cache: &SettleCache,
) -> Played {
    transport.connect_by(scenario.connections);
    let mut player = Player {
        settings,
        transport,
        bindings: Bindings::new(prefix),
        oracle: oracle_for(scenario, settings),
        // A step under test makes about two calls: its own and a listing. One allocation is cheaper than growth.
        played: Played { trace: Vec::with_capacity(2 * scenario.steps.len()), ..Played::default() },
        step: None,
        settle_cache,
        holdings: settle_cache.holdings(),
        share: Share::default(),
        stop,
        patient: scenario.patient,
        waited: Duration::ZERO,
        first_try: 0,
        called: 0,
        unobserved: false,
        may_wait: may_wait(scenario),
        recovering: Duration::ZERO,
        lingered: Duration::ZERO,
        retry_after: None,
        first_broken: None,
        overlaps_until: Millis(i64::MIN),
        devices_seen: None,
        schedule: scenario.schedule,
        overlapped: None,
        left_out: false,
    };
    let restarts = settle_cache.restarts();
    settle_cache.begins();
    for (index, scenario_step) in scenario.steps.iter().enumerate() {
        player.step = Some(index);
        if let Err(why) = player.may_go_on() {
            player.played.unfinished = Some(why);
            break;
        }
        let acted = match scenario_step {
            ScenarioStep::One(action) => player.act(action).await,
            ScenarioStep::Together { together } => player.together(together).await,
        };
        if let Err(why) = acted {
            player.played.unfinished = Some(why);
            break;
        }
    }
    player.step = None;
    if player.played.unfinished.is_none()
        && let Err(why) = player.observe_late().await
    {
        player.played.unfinished = Some(why);
    }
    player.clean_up().await;
    settle_cache.ended();
    let left = player.played.leftovers.len();
    player.holdings.settle(&mut player.share, 0, left, 0);
    let mut outcome = player.played;
    if settle_cache.restarts() != restarts {
        // A restart may lose the target's state, so findings about the state count for nothing.
        outcome.found.retain(|found| !found.divergence.is_about_state());
        outcome.unfinished.get_or_insert(Unfinished::Restarted);
    }
    if player.left_out {
        outcome.unfinished.get_or_insert(Unfinished::NameTaken);
    }
    outcome.tally = player.oracle.tally;
    if outcome.found.is_empty() && !settings.keep_trace && outcome.in_flight.is_none() {
        outcome.trace.clear();
    }
    outcome
}

fn oracle_for(scenario: &Scenario, settings: &Settings) -> Oracle {
    let oracle = Oracle::new(settings.strict, settings.operations.clone());
    if scenario.connections == ConnectionPlan::Kept { oracle } else { oracle.on_several_connections() }
}

impl Player<'_> {
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
            Action::ListDevices { user, max_items } => self.observe_pages(*user, *max_items).await.map(|_| ()),
            Action::ListVirtualDevices { status } => self.observe_virtual_devices(status.as_deref()).await,
            Action::Wait { steps, aligned, second } => {
                let pause = self.until_instant(*steps, *aligned, *second);
                self.wait(pause).await
            }
        }
    }

    /// Makes a call of an operation under test. It repeats the call with unused codes if the target demands them and
    /// the scenario has time to wait.
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
                // The service may refuse used codes. So scenarios that can't wait, or have waited once, continue.
                Err(_) => {}
            }
        }
        if !verdict.success && self.called_length() > LONG {
            self.mfa_once(operation, call).await?;
        }
        let shows = self.played.found.last().is_some_and(|found| found.exchange >= self.first_try);
        let may_wait = self.step.and_then(|step| self.may_wait.get(step)).is_some_and(|may| *may);
        if may_wait && self.called_code().is_some() && !shows { Ok(()) } else { self.observe().await }
    }

    /// How many bytes the values of the last judged call have.
    fn called_length(&self) -> usize {
        let called = self.played.trace.get(self.called);
        called.map_or(0, |exchange| exchange.call.request.parameters.iter().map(|(_, value)| value.len()).sum())
    }

    async fn raw(&mut self, call: &RawCall) -> Result<(), Unfinished> {
        let now = self.transport.now().step();
        let mut made = MadeRequest::default();
        for (name, value) in &call.parameters {
            made.push(name, self.bindings.resolve(value, now));
        }
        let request = &made.request;
        // A reply to an unknown action is read as one to an operation under test: errors look alike.
        let operation = request.get("Action").and_then(Operation::from_name).unwrap_or(Operation::EnableMfaDevice);
        let style = Style::for_values(call.get, &request.parameters);
        let malformed = (!call.malformed.is_nothing()).then(|| call.malformed.clone());
        let outgoing = Outgoing { style, malformed, ..Outgoing::plain(operation, made) };
        let settle_cache = self.settle_cache;
        let _alone = if self.names_others(&outgoing.made.request.parameters) {
            let alone = settle_cache.shared_names.lock().await;
            if !self.may_name(&outgoing.made.request.parameters).await? {
                self.left_out = true;
                return Ok(());
            }
            Some(alone)
        } else {
            None
        };
        let Some(malformed) = &outgoing.malformed else {
            self.send_judged(outgoing, None).await?;
            return self.observe().await;
        };
        let before = encode(&Call { operation, request: outgoing.made.request.clone(), style });
        let mut after = before.clone();
        malformed.apply(&mut after);
        if !self.keeps_to_own(&before, &after) {
            self.left_out = true;
            return Ok(());
        }
        self.send_malformed(outgoing).await
    }
}
