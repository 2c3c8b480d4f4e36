//! The witness of each fault, played on the fault and on the documented service.

use mfa_faults::faults;
use mfa_faults::witness::{Witnesses, play_alone, read, shown_by, without_needless, write};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/witnesses.json");

#[expect(clippy::unwrap_used, reason = "witnesses that can't be read fail the test")]
fn witnesses() -> Witnesses {
    read(include_str!("../witnesses.json")).unwrap()
}

/// The faults that no scenario shows alone, and why.
const ONLY_A_RUN: [(&str, &str); 6] = [
    ("fails-after-200-calls", "it takes 200 calls"),
    ("hangs-now-and-then", "it takes 97 calls, and one without a reply is flaky"),
    ("limit-exceeded-after-150-enables", "it takes 150 calls"),
    ("replies-in-an-envelope", "the probe finds that an operation doesn't exist"),
    ("resync-not-implemented", "the probe finds that an operation doesn't exist"),
    ("resync-sent-to-sign-in", "the probe finds that an operation doesn't exist"),
];

#[test]
fn each_fault_has_a_witness_or_a_reason_to_have_none() {
    let witnessed = witnesses().into_keys().chain(ONLY_A_RUN.map(|(name, _)| name.to_owned()));
    let (mut witnessed, mut faults): (Vec<_>, Vec<_>) =
        (witnessed.collect(), faults().unwrap().into_iter().map(|fault| fault.name.into_owned()).collect());
    witnessed.sort_unstable();
    faults.sort_unstable();
    assert_eq!(witnessed, faults);
}

#[tokio::test]
async fn each_witness_shows_its_fault_and_can_do_without_no_step() {
    let (known, mut shorter, mut hidden) = (witnesses(), Witnesses::new(), Vec::new());
    for fault in faults().unwrap() {
        let Some(scenario) = known.get(&*fault.name) else { continue };
        if let Some(number) = shown_by(&fault, scenario).await {
            shorter.insert(fault.name.to_string(), without_needless(&fault, scenario.clone(), number).await);
        } else {
            let found = play_alone(fault.service.make(), scenario, 1, false).await.found;
            let clauses: Vec<String> = found.iter().map(|found| found.divergence.clause.to_string()).collect();
            hidden.push(format!("{} is not shown, but {clauses:?}", fault.name));
        }
    }
    assert!(hidden.is_empty(), "{}", hidden.join("\n"));
    if std::env::var_os("UPDATE_WITNESSES").is_some() {
        std::fs::write(FILE, write(&shorter).unwrap()).unwrap();
    }
    let differs = |name: &&String| known.get(*name) != shorter.get(*name);
    let needless: Vec<&String> = shorter.keys().filter(differs).collect();
    assert!(needless.is_empty(), "UPDATE_WITNESSES=1 takes over what is shorter: {needless:?}");
}
