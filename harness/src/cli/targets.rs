//! `targets …`

use super::console::{print, say};
use super::exit::{Failure, Outcome, PASS};
use super::interrupt::asked_to_stop;
use super::target_session::{cache, start};
use super::verbs::TargetsVerb;
use crate::clock::Clock;
use crate::target::Targets;

pub(super) async fn targets(verb: TargetsVerb) -> Outcome {
    let targets = Targets::load().map_err(Failure::internal)?;
    match verb {
        TargetsVerb::List { cache_dir } => {
            let cache = cache(cache_dir.as_deref())?;
            let mut text = String::new();
            for target in &targets {
                let installed = if target.is_installed(&cache) { "installed" } else { "" };
                let slow = target.slow.iter().map(|time| format!("slow to install: {time}"));
                let bound = target.binds_note.iter().map(|note| format!("started only without a network: {note}"));
                let mut notes = String::new();
                for note in slow.chain(bound) {
                    notes.extend(["; ", &note]);
                }
                text.extend([format!(
                    "{:<18} {:<9} {installed:<10} {}{notes}\n",
                    target.name, target.version, target.summary
                )]);
            }
            print(&text)?;
        }
        TargetsVerb::Install { name, cache_dir } => {
            let target = targets.get(&name).map_err(Failure::usage)?;
            target.install(&cache(cache_dir.as_deref())?, say).await.map_err(Failure::inconclusive)?;
            print(&format!(
                "{name} {} is installed; judge it with: mfa-conformance run --target {name}\n",
                target.version
            ))?;
        }
        TargetsVerb::Start { name, cache_dir } => {
            let target = targets.get(&name).map_err(Failure::usage)?;
            let cache = cache(cache_dir.as_deref())?;
            let running = start(target, &cache, &Clock::system()).await?;
            print(&format!("{}\n", running.endpoint_url()))?;
            say(&format!("{name} runs until Ctrl-C; its log is {}", running.log().display()));
            asked_to_stop().await;
            running.stop().await;
        }
    }
    Ok(PASS)
}
