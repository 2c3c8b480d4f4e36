//! The witness of each fault, played on the fault and on the documented service.

use mfa_faults::faults;
use mfa_faults::witness::{read, shorter, shows, witness};

#[test]
fn each_fault_has_a_witness_and_each_witness_is_of_a_fault() {
    let witnesses = read(include_str!("../witnesses.json")).unwrap();
    let (mut known, mut faults): (Vec<_>, Vec<_>) =
        (witnesses.into_keys().collect(), faults().into_iter().map(|fault| fault.name.into_owned()).collect());
    known.sort_unstable();
    faults.sort_unstable();
    assert_eq!(known, faults);
}

#[tokio::test]
async fn each_witness_differs_on_its_fault_and_not_on_the_documented_service() {
    for fault in faults() {
        assert!(shows(&fault, witness(&fault.name).unwrap()).await, "{}", fault.name);
    }
}

#[tokio::test]
async fn no_witness_can_do_without_a_step() {
    for fault in faults() {
        let shorter = shorter(&fault, witness(&fault.name).unwrap()).await;
        assert!(shorter.is_none(), "{}: {:?}", fault.name, shorter);
    }
}
