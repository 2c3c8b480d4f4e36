//! A target that can be restarted after its death.

use rustix::process::Pid;
use std::sync::atomic::{AtomicI32, Ordering};
use tokio::sync::Mutex;

use super::cache::Cache;
use super::catalogue::Target;
use super::error::TargetError;
use super::running::Running;
use crate::clock::Clock;

/// A started target, which can be restarted at the same address.
#[derive(Debug)]
pub struct Started {
    target: Target,
    cache: Cache,
    clock: Clock,
    endpoint_url: String,
    running: Mutex<Option<Running>>,
    /// The id of its process; 0 while it has none.
    pid: AtomicI32,
}

impl Started {
    /// Starts a target.
    ///
    /// # Errors
    /// As [`Target::start`].
    pub async fn start(target: &Target, cache: &Cache, clock: &Clock) -> Result<Self, TargetError> {
        let running = target.start(cache, clock).await?;
        let (endpoint_url, pid) = (running.endpoint_url().to_owned(), AtomicI32::new(number_of(&running)));
        let running = Mutex::new(Some(running));
        Ok(Self { target: target.clone(), cache: cache.clone(), clock: *clock, endpoint_url, running, pid })
    }

    /// Kills the rest of it and starts it again.
    ///
    /// # Errors
    /// As [`Target::start`].
    pub async fn restart(&self) -> Result<(), TargetError> {
        let mut running = self.running.lock().await;
        self.pid.store(0, Ordering::Relaxed);
        // Dropping it kills its whole group.
        drop(running.take());
        let port = self.endpoint_url.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or_default();
        let again = self.target.start_again(port, &self.cache, &self.clock).await?;
        self.pid.store(number_of(&again), Ordering::Relaxed);
        *running = Some(again);
        Ok(())
    }

    /// Asks it to end. Returns whether it ended in time.
    pub async fn stop(&self) -> bool {
        let running = self.running.lock().await.take();
        let ended = match running {
            Some(running) => running.stop().await,
            None => true,
        };
        self.pid.store(0, Ordering::Relaxed);
        ended
    }

    /// Its URL.
    #[must_use]
    pub fn endpoint_url(&self) -> &str {
        &self.endpoint_url
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.target.name
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.target.version
    }

    /// The id of its process and of its process group, if it runs.
    #[must_use]
    pub fn pid(&self) -> Option<Pid> {
        Pid::from_raw(self.pid.load(Ordering::Relaxed))
    }
}

fn number_of(running: &Running) -> i32 {
    i32::try_from(running.pid()).unwrap_or_default()
}
