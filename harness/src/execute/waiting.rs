//! Waits for an instant of a time step, or until codes are unused.

use std::time::Duration;

use mfa_reference::TimeStep;

use super::player::Player;
use super::settings::Patience;
use super::trace::Unfinished;
use crate::scenario::MfaCall;

/// How long a wait may continue after the scenario has to end.
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

impl Player<'_> {
    /// How long a wait takes.
    pub(super) fn until_instant(&self, steps: u8, aligned: bool, second: Option<u8>) -> Duration {
        let (now, tolerance) = (self.transport.now(), self.transport.clock_tolerance());
        let step = now.step().plus(i64::from(steps));
        let until = match second {
            Some(second) => {
                // The whole window of the call has to lie inside the time step.
                let into = i64::from(second) * 1_000;
                let into = if into * 2 < TimeStep::MILLIS { into + tolerance } else { into - tolerance };
                let until = step.start().plus(into);
                if until < now { until.plus(TimeStep::MILLIS) } else { until }
            }
            None if aligned => step.start().plus(tolerance + 50),
            None => now.plus(i64::from(steps) * TimeStep::MILLIS),
        };
        Duration::from_millis((until.0 - now.0).max(0).unsigned_abs())
    }

    /// Waits, if the scenario's patience allows it.
    pub(super) async fn wait(&mut self, duration: Duration) -> Result<(), Unfinished> {
        let allowed = match self.settings.patience {
            Patience::Always => true,
            Patience::WhenAsked(most) => self.patient && self.waited + duration <= most,
            Patience::Never => false,
        };
        if !allowed {
            return Err(Unfinished::Parked);
        }
        self.waited += duration;
        self.let_pass(duration).await
    }

    /// Waits, unless the scenario has to end.
    pub(super) async fn let_pass(&mut self, duration: Duration) -> Result<(), Unfinished> {
        let mut left = duration;
        while !left.is_zero() {
            self.may_go_on()?;
            let slice = left.min(LONGEST_PAUSE);
            self.transport.wait(slice).await;
            left -= slice;
        }
        Ok(())
    }

    /// Whether the scenario may go on; otherwise why it has to end.
    pub(super) fn may_go_on(&self) -> Result<(), Unfinished> {
        if self.stop.is_asked() {
            Err(Unfinished::Interrupted)
        } else if self.stop.is_over_time(self.settle_cache.clean_up_time()) {
            Err(Unfinished::OutOfTime)
        } else {
            Ok(())
        }
    }

    /// How long to wait until a fresh pair of the call's device contains no time step that the target has received.
    pub(super) fn until_unused(&self, call: &MfaCall) -> Option<Duration> {
        let device = call.fresh_pair_of()?;
        let id = self.oracle.state().find_device(&self.bindings.serial_number(device)).id()?;
        let newest = self.oracle.newest_carried(id)?;
        let unused = newest.plus(2).start().plus(self.transport.clock_tolerance() + 50);
        let millis = (unused.0 - self.transport.now().0).max(0);
        Some(Duration::from_millis(millis.unsigned_abs()))
    }
}
