//! Ctrl-C: the first one ends the run in order, the second one at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Pid, Signal, kill_process_group};

use super::dispatch::say;

/// A flag that Ctrl-C and a request to terminate set. The second one kills the emulator that was started, whose process
/// is in a group of its own and would run on.
pub(super) fn on_interrupt(started: Option<Pid>) -> Arc<AtomicBool> {
    let interrupt = Arc::new(AtomicBool::new(false));
    let flag = interrupt.clone();
    tokio::spawn(async move {
        asked_to_stop().await;
        flag.store(true, Ordering::Relaxed);
        say("stopping: cleaning up what was created (once more to leave it)");
        asked_to_stop().await;
        if let Some(group) = started {
            // One that has ended already needs no signal.
            let _gone = kill_process_group(group, Signal::KILL);
        }
        leave();
    });
    interrupt
}

/// Waits for Ctrl-C or a request to terminate.
pub(super) async fn asked_to_stop() {
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
