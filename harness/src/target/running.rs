//! A target that runs.

use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::cache::log_tail;
use super::catalogue::{Stop, StopSignal};
use super::error::TargetError;
use crate::clock::Clock;

/// How often it is looked whether a process has ended.
const POLL: Duration = Duration::from_millis(20);

/// A target that runs, in a process group of its own. [`Running::stop`] ends it in good order; dropping the value
/// kills the whole group.
#[derive(Debug)]
pub struct Running {
    name: String,
    version: String,
    endpoint_url: String,
    log: PathBuf,
    stop: Stop,
    clock: Clock,
    child: Child,
    /// Alive or not, the child isn't reaped until the group was killed, so its number can't be another process's yet.
    reaped: bool,
}

impl Running {
    pub(super) fn new(
        child: Child,
        about: (&str, &str),
        endpoint_url: String,
        log: PathBuf,
        stop: Stop,
        clock: Clock,
    ) -> Self {
        let (name, version) = (about.0.to_owned(), about.1.to_owned());
        Self { name, version, endpoint_url, log, stop, clock, child, reaped: false }
    }

    /// The target's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Where it answers, such as `http://127.0.0.1:41234`.
    #[must_use]
    pub fn endpoint_url(&self) -> &str {
        &self.endpoint_url
    }

    /// The file that has what it prints.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The number of its process, which is also that of its group.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// [`TargetError::Ended`] if it ended on its own; what is left of its group is killed then.
    ///
    /// # Errors
    /// That it ended.
    pub fn check(&mut self) -> Result<(), TargetError> {
        if !self.has_ended() {
            return Ok(());
        }
        let status = self.kill();
        Err(TargetError::Ended { target: self.name.clone(), status, log: self.log.clone(), tail: log_tail(&self.log) })
    }

    /// Asks it to end, gives it its time, then kills what is left of its group. Returns whether it ended when asked.
    pub async fn stop(mut self) -> bool {
        let signal = match self.stop.signal {
            StopSignal::Term => Signal::TERM,
            StopSignal::Int => Signal::INT,
        };
        self.signal(signal);
        let watch = self.clock.stopwatch();
        let mut ended = self.has_ended();
        while !ended && watch.elapsed() < self.stop.grace() {
            self.clock.wait(POLL).await;
            ended = self.has_ended();
        }
        self.kill();
        ended
    }

    fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        self.reaped || matches!(waitid(WaitId::Pid(Pid::from_child(&self.child)), options), Ok(Some(_)))
    }

    /// Kills the group and reaps the child; says how that ended.
    fn kill(&mut self) -> String {
        self.signal(Signal::KILL);
        let status = self.child.wait();
        self.reaped = true;
        status.map_or_else(|error| error.to_string(), |status| status.to_string())
    }

    /// A group that is gone already is not an error: that is what signals are sent for.
    fn signal(&self, signal: Signal) {
        if !self.reaped {
            let _ = kill_process_group(Pid::from_child(&self.child), signal);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.reaped {
            self.kill();
        }
    }
}
