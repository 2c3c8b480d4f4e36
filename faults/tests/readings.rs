//! What the coverage ledger says of open clauses, compared with what scenarios show: each reading is one that the
//! documented service doesn't take, and a clause of which no scenario is said to ask is asked of by none.

use std::collections::BTreeMap;

use mfa_conformance::execute::{Stop, play};
use mfa_conformance::generate::boundary::boundary;
use mfa_conformance::generate::examples::examples;
use mfa_conformance::generate::plan::Plan;
use mfa_conformance::generate::sequences::sequence;
use mfa_conformance::oracle::Tally;
use mfa_conformance::scenario::Scenario;
use mfa_faults::altered::{Altered, documented};
use mfa_faults::coverage::reason::{Reason, reason};
use mfa_faults::factory::AlteredFactory;
use mfa_faults::variant;
use mfa_faults::witness::settings;
use mfa_reference::clause::ClauseId;
use mfa_reference::{MfaOperation, Millis};

/// The readings that a service takes, by clause, and how often.
type Readings = BTreeMap<ClauseId, BTreeMap<String, u64>>;

async fn readings(service: Altered, scenarios: &[Scenario]) -> Readings {
    let factory = AlteredFactory::new(service, 7, Millis(1_750_000_000_000));
    let mut tally = Tally::default();
    for (number, scenario) in scenarios.iter().enumerate() {
        let mut transport = factory.connect(0);
        let prefix = format!("mfac-{number}");
        tally.merge(&play(scenario, &prefix, &settings(false), &mut transport, &Stop::default()).await.tally);
    }
    let mut readings = Readings::new();
    for ((clause, reading), count) in tally.open {
        readings.entry(clause).or_default().insert(reading, count);
    }
    for ((operation, path), count) in tally.unclaimed {
        readings.entry(ClauseId::WireUnclaimedContent).or_default().insert(format!("{operation} {path}"), count);
    }
    readings
}

#[tokio::test]
async fn the_ledger_tells_the_truth_of_open_clauses() {
    let plan = Plan { present: MfaOperation::ALL.into_iter().collect(), ..Plan::default() };
    let sequences = (0..20).map(|number| sequence(1, number, &plan));
    let scenarios: Vec<Scenario> = examples().unwrap().into_iter().chain(boundary()).chain(sequences).collect();
    let usual = readings(documented(), &scenarios).await;
    let (mut taken, mut wrong): (BTreeMap<&str, Readings>, Vec<String>) = (BTreeMap::new(), Vec::new());
    for clause in ClauseId::all() {
        match reason(clause) {
            Some(Reason::Unasked(_)) if usual.contains_key(&clause) => {
                wrong.push(format!("{clause} is asked for: {:?}", usual.get(&clause)));
            }
            Some(Reason::Readings(variants)) => {
                for name in variants {
                    if !taken.contains_key(name) {
                        taken.insert(name, readings(variant(name).unwrap().service.make(), &scenarios).await);
                    }
                    let other = taken.get(name).and_then(|readings| readings.get(&clause));
                    if other == usual.get(&clause) {
                        wrong.push(format!("{clause}: {name} reads it like the documented service: {other:?}"));
                    }
                }
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
