//! A target that runs.

use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::cache::log_tail;
use super::catalogue::{Stop, StopSignal};
use super::error::TargetError;
use crate::clock::Clock;

/// How often to check whether a process has ended.
const POLL: Duration = Duration::from_millis(20);

/// A running target, in its own process group. [`Running::stop`] ends it gracefully. Dropping the value kills the whole
/// group.
#[derive(Debug)]
pub struct Running {
    name: String,
    version: String,
    endpoint_url: String,
    log: PathBuf,
    stop: Stop,
    clock: Clock,
    child: Child,
    /// Whether the child is reaped. That happens only after the group is killed, so that no other process gets its
    /// number before.
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

    /// Its URL, such as `http://127.0.0.1:41234`.
    #[must_use]
    pub fn endpoint_url(&self) -> &str {
        &self.endpoint_url
    }

    /// The file with its output.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The id of its process and of its process group.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Checks whether it ended on its own, and then kills the rest of its group.
    ///
    /// # Errors
    /// [`TargetError::Ended`] if it ended.
    pub fn check(&mut self) -> Result<(), TargetError> {
        if !self.has_ended() {
            return Ok(());
        }
        let status = self.kill();
        Err(TargetError::Ended { target: self.name.clone(), status, log: self.log.clone(), tail: log_tail(&self.log) })
    }

    /// Asks it to end, waits for its grace period, and kills the rest of its group. Returns whether it ended in time.
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

    /// Kills the group and reaps the child. Returns the child's exit status as text.
    fn kill(&mut self) -> String {
        self.signal(Signal::KILL);
        let status = self.child.wait();
        self.reaped = true;
        status.map_or_else(|error| error.to_string(), |status| status.to_string())
    }

    /// Sends a signal to the group. A group that is already gone is not an error.
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
