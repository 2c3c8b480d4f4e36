//! Witnesses: for each fault the shortest known scenario that shows it. They are in `witnesses.json`, one on each line.
//! `mfa-faults score --witnesses faults/witnesses.json` writes them.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use mfa_conformance::execute::{Patience, Played, Settings, Stop, play};
use mfa_conformance::oracle::Operations;
use mfa_conformance::scenario::Scenario;
use mfa_conformance::scenario::file::{read_scenario, write_scenario};
use mfa_conformance::transport::Credentials;
use mfa_reference::Millis;

use crate::altered::{Altered, documented};
use crate::entry::Fault;
use crate::factory::AlteredFactory;

/// Scenarios by the names of the faults that they show.
pub type Witnesses = BTreeMap<String, Scenario>;

/// The witnesses. If the file is unreadable, a test reports it.
static WITNESSES: LazyLock<Witnesses> = LazyLock::new(|| read(include_str!("../witnesses.json")).unwrap_or_default());

/// When the virtual clocks begin, in milliseconds since the epoch.
const BEGINNING: i64 = 1_750_000_000_000;

/// How many services and instants to try: a witness may depend on a code or on the instant within a time step.
const ATTEMPTS: u64 = 24;

/// Reads witnesses.
///
/// # Errors
/// The text doesn't have the form of witnesses.
pub fn read(text: &str) -> Result<Witnesses, serde_json::Error> {
    serde_json::from_str(text)
}

/// Writes witnesses, one on each line.
///
/// # Errors
/// Never for scenarios that were read or generated.
pub fn write(witnesses: &Witnesses) -> Result<String, serde_json::Error> {
    let lines = witnesses.iter().map(|(name, scenario)| {
        let scenario = serde_json::to_string(scenario)?;
        Ok(format!("  {}: {scenario}", serde_json::to_string(name)?))
    });
    let lines: Vec<String> = lines.collect::<Result<_, serde_json::Error>>()?;
    Ok(format!("{{\n{}\n}}\n", lines.join(",\n")))
}

/// The witness of a fault of this name, if it has one.
#[must_use]
pub fn witness(name: &str) -> Option<&'static Scenario> {
    WITNESSES.get(name)
}

/// The settings for one scenario on its own service, where waiting takes no time.
#[must_use]
pub fn settings(strict: bool) -> Settings {
    Settings {
        strict,
        settle: Duration::from_secs(2),
        credentials: Credentials {
            access_key_id: "test".to_owned(),
            secret_access_key: "test".to_owned(),
            session_token: None,
        },
        operations: Operations::all(),
        starts_empty: true,
        patience: Patience::Always,
        keep_trace: false,
    }
}

/// Plays a scenario on a new service. `number` determines the service's seeds and clock.
pub async fn play_alone(service: Altered, scenario: &Scenario, number: u64, strict: bool) -> Played {
    let ahead = service.ahead_ms;
    let into_step = i64::try_from(number.wrapping_mul(7_919) % 30_000).unwrap_or_default();
    let mut transport = AlteredFactory::new(service, number, Millis(BEGINNING + into_step)).connect(ahead);
    play(scenario, &format!("mfac-test{number}"), &settings(strict), &mut transport, &Stop::default()).await
}

/// The number of the first service on which a scenario shows a fault: it has a finding that is attributed to a clause
/// of the fault, and none on the documented service of the same number.
pub async fn shown_by(fault: &Fault, scenario: &Scenario) -> Option<u64> {
    for number in 1..=ATTEMPTS {
        if shows(fault, scenario, number).await {
            return Some(number);
        }
    }
    None
}

async fn shows(fault: &Fault, scenario: &Scenario, number: u64) -> bool {
    let found = play_alone(fault.service.make(), scenario, number, false).await.found;
    // Which of the possible clauses a run names depends on its other findings.
    let clauses = found.iter().flat_map(|found| found.divergence.also.iter().chain([&found.divergence.clause]));
    clauses.copied().any(|clause| fault.is_named_by(clause))
        && play_alone(documented(), scenario, number, false).await.found.is_empty()
}

/// A scenario that shows a fault, without needless steps, and named after the fault.
pub async fn without_needless(fault: &Fault, mut scenario: Scenario, number: u64) -> Scenario {
    scenario.schema = None;
    scenario.name = fault.what.to_string();
    scenario.cites = vec![fault.breaks.to_string()];
    while let Some(shorter) = shorter(fault, &scenario, number).await {
        scenario = shorter;
    }
    scenario
}

/// The scenario with one step less, if it still shows the fault on the service of this number.
pub async fn shorter(fault: &Fault, scenario: &Scenario, number: u64) -> Option<Scenario> {
    for index in (0..scenario.steps.len()).rev() {
        let mut shorter = scenario.clone();
        shorter.steps.remove(index);
        let is_possible = write_scenario(&shorter).is_ok_and(|text| read_scenario("witness", &text).is_ok());
        if is_possible && shows(fault, &shorter, number).await {
            return Some(shorter);
        }
    }
    None
}
