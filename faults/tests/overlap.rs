//! Overlapping calls on services whose calls last: each fault is found, and nothing that conforms is flagged.

use std::sync::Arc;

use mfa_conformance::run::result::{Phase, RunResult};
use mfa_conformance::run::{RunOptions, Silent, run};
use mfa_conformance::transport::Credentials;
use mfa_faults::altered::{Altered, as_recorded, documented};
use mfa_faults::factory::AlteredFactory;
use mfa_faults::table::theme::Theme;
use mfa_faults::{faults, variants};
use mfa_reference::Millis;
use mfa_reference::clause::ClauseId;

/// The phase of overlapping calls, on a virtual clock.
async fn overlapping(service: Altered, seed: u64, strict: bool, shrink: bool) -> RunResult {
    let key = || "test".to_owned();
    let credentials = Credentials { access_key_id: key(), secret_access_key: key(), session_token: None };
    let options = RunOptions {
        seed,
        strict,
        shrink,
        ..RunOptions::of_phases([Phase::Probe, Phase::Overlap], credentials, "mfac-t".to_owned())
    };
    let factory = AlteredFactory::new(service, 1, Millis(1_750_000_000_000));
    run(Box::new(factory), options, Vec::new(), Arc::new(Silent), Arc::default()).await
}

#[tokio::test]
async fn each_race_is_found_attributed_to_its_clause_and_shrunk() {
    let mut wrong = Vec::new();
    for fault in faults().unwrap().into_iter().filter(|fault| fault.theme == Theme::Overlap) {
        let result = overlapping(fault.service.make(), 1, false, true).await;
        let shown: Vec<ClauseId> = result.cases.iter().map(|case| case.divergence.clause).collect();
        let shortest = result.cases.iter().map(|case| case.scenario.actions()).min();
        let is_right = shown.contains(&fault.breaks) && shown.iter().all(|clause| fault.is_named_by(*clause));
        // A user, a device, the Enable before, and two calls.
        if !is_right || shortest.is_none_or(|actions| actions > 5) {
            wrong.push(format!("{}: {shown:?}, {shortest:?} actions", fault.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A seed plays about 170 histories. The nightly proof sets `SEEDS` to 600, and then plays the variants of every theme.
#[tokio::test(flavor = "multi_thread")]
async fn what_conforms_is_not_flagged_however_calls_overlap() {
    let seeds = std::env::var("SEEDS").ok().map(|seeds| seeds.parse().unwrap());
    let mut tried = tokio::task::JoinSet::new();
    let wanted = |theme| seeds.is_some() || theme == Theme::Overlap;
    for variant in variants().unwrap().into_iter().filter(|variant| wanted(variant.theme)) {
        tried.spawn(async move {
            let mut flagged = Vec::new();
            for seed in 1..=seeds.unwrap_or(1) {
                for strict in [false, true] {
                    for case in overlapping(variant.service.make(), seed, strict, false).await.cases {
                        if !(strict && variant.departs.contains(&case.divergence.clause)) {
                            flagged.push(format!("{}, seed {seed}: {:?}", variant.name, case.divergence));
                        }
                    }
                }
            }
            flagged
        });
    }
    for (service, strict) in [(documented as fn() -> Altered, false), (as_recorded, false), (as_recorded, true)] {
        tried.spawn(async move {
            let mut flagged = Vec::new();
            for seed in 1..=seeds.unwrap_or(1) {
                let cases = overlapping(service(), seed, strict, false).await.cases;
                flagged.extend(cases.iter().map(|case| format!("seed {seed}: {:?}", case.divergence)));
            }
            flagged
        });
    }
    let flagged = tried.join_all().await.concat();
    assert!(flagged.is_empty(), "{}", flagged.join("\n"));
}
