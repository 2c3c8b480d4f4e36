//! Ctrl-C: the first one ends the run gracefully, the second one at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Signal, kill_process_group};
use tokio::task::AbortHandle;

use super::console::say;
use crate::target::Started;

/// Handles Ctrl-C and requests to terminate until it is dropped.
pub(super) struct Interrupt {
    /// Whether an interrupt came.
    pub(super) flag: Arc<AtomicBool>,
    heeding: AbortHandle,
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.heeding.abort();
    }
}

/// Listens for Ctrl-C and requests to terminate. The first one sets the flag. The second one kills the started
/// emulator, whose process group would otherwise keep running.
pub(super) fn on_interrupt(started: Option<Arc<Started>>) -> Interrupt {
    let interrupt = Arc::new(AtomicBool::new(false));
    let flag = interrupt.clone();
    let heeding = tokio::spawn(async move {
        asked_to_stop().await;
        flag.store(true, Ordering::Relaxed);
        say("stopping: cleaning up what was created (once more to leave it)");
        asked_to_stop().await;
        if let Some(group) = started.and_then(|started| started.pid()) {
            // If the emulator has already ended, no signal is needed.
            let _gone = kill_process_group(group, Signal::KILL);
        }
        leave();
    });
    Interrupt { flag: interrupt, heeding: heeding.abort_handle() }
}

/// Waits for Ctrl-C or a request to terminate.
pub async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupted = tokio::signal::ctrl_c();
    if let Ok(mut terminated) = signal(SignalKind::terminate()) {
        tokio::select! {
            _ = interrupted => {}
            _ = terminated.recv() => {}
        }
    } else {
        // Without a handler for one signal the other still works.
        let _interrupted = interrupted.await;
    }
}

#[expect(clippy::exit, reason = "a second Ctrl-C asks for just that")]
fn leave() -> ! {
    std::process::exit(i32::from(super::exit::INCONCLUSIVE))
}
