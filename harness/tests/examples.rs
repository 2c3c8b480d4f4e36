//! The examples, played without a socket: on the documented service, on services with one thing wrong, and on others that
//! conform.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use mfa_conformance::execute::trace::Unfinished;
use mfa_conformance::execute::{Patience, Played, Settings, play};
use mfa_conformance::fault::altered::{Altered, as_recorded, documented, rules};
use mfa_conformance::fault::stage::{AlteredStage, AlteredTransport};
use mfa_conformance::fault::{fault, variant, variants};
use mfa_conformance::generate::examples::{example_files, examples};
use mfa_conformance::oracle::Operations;
use mfa_conformance::scenario::{Action, DeviceRef, MfaCall, NameForm, Scenario, UserRef};
use mfa_conformance::transport::Credentials;
use mfa_reference::clause::ClauseId;
use mfa_reference::service::rules::{Check, Documented};
use mfa_reference::{MfaOperation, Millis, Step};

fn settings(strict: bool) -> Settings {
    Settings {
        strict,
        settle: Duration::from_secs(2),
        credentials: Credentials {
            access_key_id: "test".into(),
            secret_access_key: "test".into(),
            session_token: None,
        },
        operations: Operations { present: MfaOperation::ALL.into_iter().collect(), ..Operations::default() },
        starts_empty: false,
        listings: true,
        patience: Patience::Always,
        keep_trace: false,
    }
}

async fn play_on(service: Altered, scenario: &Scenario, strict: bool) -> Played {
    let ahead = service.ahead_ms;
    let transport = AlteredStage::new(service, 7, Millis(1_750_000_000_000)).connect(ahead);
    play_through(transport, scenario, strict).await
}

async fn play_through(mut transport: AlteredTransport, scenario: &Scenario, strict: bool) -> Played {
    play(scenario, "mfac-test", &settings(strict), &mut transport, &AtomicBool::new(false)).await
}

#[tokio::test]
async fn every_example_conforms_on_the_documented_service_and_strictly_on_the_recorded_one() {
    for example in examples().unwrap() {
        for (service, strict) in [(documented(), false), (as_recorded(), true)] {
            let played = play_on(service, &example, strict).await;
            assert!(played.found.is_empty(), "{}: {:#?}\n{:#?}", example.name, played.found, played.trace.last());
            assert_eq!(played.unfinished, None, "{}", example.name);
            assert!(played.leftovers.is_empty(), "{}: {:?}", example.name, played.leftovers);
        }
    }
}

/// The examples by the names of their files, without `.json`.
#[expect(clippy::unwrap_used, reason = "an example that can't be read fails the test")]
fn by_name() -> BTreeMap<&'static str, Scenario> {
    let names = example_files().into_iter().map(|(name, _)| name.trim_end_matches(".json"));
    names.zip(examples().unwrap()).collect()
}

/// The clauses that what was found breaks, and those that it may break as well.
fn broken_clauses(played: &Played) -> BTreeSet<String> {
    let found = played.found.iter().map(|found| &found.divergence);
    found.flat_map(|one| std::iter::once(one.clause).chain(one.also.clone())).map(|id| id.to_string()).collect()
}

/// Each example, and a fault that it finds; or a variant that departs from a Recorded clause, which it finds in strict
/// mode.
const FINDS: &[(&str, &str)] = &[
    ("create-in-a-path-without-a-slash", "any-path-taken"),
    ("create-user-after-one-was-deleted", "users-numbered-by-their-count"),
    ("create-user-of-65-characters", "long-user-names"),
    ("create-user-under-a-former-name", "devices-filed-under-the-first-name"),
    ("deactivate-absent-device", "deactivate-of-an-absent-device"),
    ("deactivate-absent-user", "deactivate-ignores-an-absent-user"),
    ("deactivate-another-users-device", "deactivate-another-users-device"),
    ("deactivate-another-users-device-for-a-user-with-a-device", "deactivate-in-anothers-name-with-a-device"),
    ("deactivate-another-users-device-twice", "deactivate-of-anothers-device-works-the-second-time"),
    ("deactivate-another-users-device-with-own-key", "deactivate-anybodys-device-without-a-user-name"),
    ("deactivate-by-an-administrator", "deactivate-by-the-user-alone"),
    ("deactivate-deleted-device", "deactivate-of-a-deleted-device"),
    ("deactivate-device-remains", "deactivate-forgotten"),
    ("deactivate-device-remains-or-its-name-is-free", "deactivated-devices-dead-and-hidden"),
    ("deactivate-device-whose-name-another-begins-with", "deactivate-takes-devices-that-begin-alike"),
    ("deactivate-dissociates", "deactivate-forgotten"),
    ("deactivate-empty-user-name-with-own-key", "deactivate-user-name-empty-taken"),
    ("deactivate-extension-of-a-user-name", "user-name-extension-matches"),
    ("deactivate-only-that-device", "deactivate-all-of-the-users-devices"),
    ("deactivate-own-device-after-a-rename", "renamed-users-key-finds-nobody"),
    ("deactivate-own-device-after-a-user-was-deleted", "newest-keys-user-taken-for-the-caller"),
    ("deactivate-own-device-of-a-user-with-a-path", "callers-with-a-path-not-found"),
    ("deactivate-own-device-when-anothers-key-is-newer", "newest-keys-user-taken-for-the-caller"),
    ("deactivate-own-device-with-own-key", "deactivate-own-device-not-found-without-a-user-name"),
    ("deactivate-own-device-with-the-older-of-two-keys", "second-key-takes-the-firsts-place"),
    ("deactivate-refused-keeps-the-enable-date", "deactivate-refused-and-dissociated"),
    ("deactivate-several-constraints-broken", "first-violation-alone"),
    ("deactivate-then-enable-for-another-user", "second-enable-for-another-user-refused"),
    ("deactivate-twice", "deactivate-twice"),
    ("deactivate-unassigned-device", "deactivate-of-an-unassigned-device"),
    ("deactivate-user-name-that-ends-cdata", "messages-in-cdata"),
    ("deactivate-user-name-without-its-last-character", "user-name-prefix-matches"),
    ("deactivate-without-a-user-name-by-an-administrator", "error-without-a-type"),
    ("delete-device-and-create-it-again", "enable-step-used-up-by-another-device"),
    ("delete-user-after-a-refused-deactivation", "refused-deactivation-counts"),
    ("delete-user-after-deactivation", "delete-user-never"),
    ("delete-user-after-deleting-its-device", "delete-user-with-a-device"),
    ("delete-user-and-create-it-again", "recreated-users-inherit"),
    ("delete-user-created-again-with-a-device", "recreated-user-deleted-with-a-device"),
    ("delete-user-leaves-others", "delete-user-frees-everybodys-devices"),
    ("delete-user-refused-keeps-its-key", "refused-deletion-takes-the-keys"),
    ("delete-user-whose-former-device-is-anothers", "deleted-user-takes-former-devices"),
    ("delete-user-whose-name-begins-anothers", "delete-user-takes-names-that-begin-alike"),
    ("delete-user-with-a-device", "delete-user-with-a-device"),
    ("delete-user-with-one-of-two-devices-left", "one-flag-for-all-devices"),
    ("document-sample-deactivate", "get-without-parameters"),
    ("document-sample-enable", "enable-serial-number-too-short-taken"),
    ("document-sample-enable-codes", "enable-sample-codes-taken"),
    ("document-sample-resync", "get-without-parameters"),
    ("document-sample-resync-codes", "resync-codes-unchecked"),
    ("enable-a-digit-of-the-first-code-changed", "enable-first-code-unchecked"),
    ("enable-a-digit-of-the-second-code-changed", "enable-second-code-unchecked"),
    ("enable-absent-device", "enable-invents-success-for-an-absent-device"),
    ("enable-absent-user", "enable-invents-success-for-an-absent-user"),
    ("enable-absent-user-twice", "absent-user-found-at-the-second-call"),
    ("enable-already-enabled-at-once", "enable-already-enabled-as-absent"),
    ("enable-already-enabled-for-another-user", "enable-already-enabled-as-absent"),
    ("enable-already-enabled-for-the-same-user", "enable-twice-for-the-same-user"),
    ("enable-associates-with-that-user-only", "enable-for-the-newest-user"),
    ("enable-at-the-edges-of-a-step", "pairs-refused-in-the-last-second-of-a-step"),
    ("enable-both-codes-wrong", "enable-wrong-codes-refused-and-enabled"),
    ("enable-codes-of-half-a-day-ago-or-ahead", "refused-enables-listed-for-a-second"),
    ("enable-codes-one-step-early", "enable-forgotten"),
    ("enable-codes-one-step-late", "enable-forgotten"),
    ("enable-codes-reversed", "enable-reversed-pair-taken"),
    ("enable-deleted-device", "enable-invents-success-for-an-absent-device"),
    ("enable-deleted-user", "enable-invents-success-for-an-absent-user"),
    ("enable-device-of-a-renamed-user", "renamed-owners-device-free"),
    ("enable-device-with-a-path", "enable-fresh-pair-refused"),
    ("enable-devices-whose-names-differ-in-case", "serial-numbers-without-regard-to-case"),
    ("enable-early-codes", "enable-wrong-codes-refused-and-enabled"),
    ("enable-eight-devices-of-one-user", "enable-takes-the-users-other-devices"),
    ("enable-extension-of-a-serial-number", "enable-invents-a-device"),
    ("enable-extension-of-a-user-name", "user-name-extension-matches"),
    ("enable-first-code-wrong", "enable-first-code-unchecked"),
    ("enable-five-times", "enable-fresh-pair-refused"),
    ("enable-for-a-user-created-again", "enable-fresh-pair-refused"),
    ("enable-for-one-user-another-and-the-first-again", "owners-in-an-ordered-set"),
    ("enable-fresh-pair", "enable-fresh-pair-refused"),
    ("enable-gap-between-the-codes", "enable-wrong-codes-refused-and-enabled"),
    ("enable-late-codes-then-resync", "enable-wrong-codes-refused-and-enabled"),
    ("enable-nine-devices-of-one-user", "quota-of-twenty"),
    ("enable-nine-devices-of-two-users", "ninth-association-of-the-account-ends-the-oldest"),
    ("enable-one-devices-whole-life", "enable-fresh-pair-refused"),
    ("enable-one-name-in-two-paths-below-the-root", "paths-below-the-root-forgotten"),
    ("enable-own-arn-of-256-characters", "own-arn-of-256-characters-not-found"),
    ("enable-own-pair-after-another-devices-pair", "enable-any-devices-codes-taken"),
    ("enable-pair-of-an-unassigned-device", "enable-codes-unchecked"),
    ("enable-pair-of-another-users-device", "enable-codes-unchecked"),
    ("enable-pair-of-the-users-other-device", "enable-own-other-devices-codes-taken"),
    ("enable-refused-keeps-the-enable-date", "refused-enable-renews-the-enable-date"),
    ("enable-rejected-for-an-absent-user-leaves-the-device-usable", "enable-invents-success-for-an-absent-user"),
    ("enable-rejected-leaves-the-device-usable", "enable-fresh-pair-refused"),
    ("enable-same-code-twice", "enable-same-code-twice-taken"),
    ("enable-second-code-of-the-users-other-device", "enable-second-code-unchecked"),
    ("enable-second-code-wrong", "enable-second-code-unchecked"),
    ("enable-second-device-in-the-same-step", "enable-step-used-up-by-another-device"),
    ("enable-serial-number-with-all-marks-of-the-prose", "enable-serial-number-with-at-refused"),
    ("enable-serial-number-with-plus-and-underscore", "serial-number-marks-not-found"),
    ("enable-serial-number-without-its-last-character", "serial-number-prefix-matches"),
    ("enable-several-constraints-broken", "first-violation-alone"),
    ("enable-shown-by-the-account-wide-listing", "enable-for-the-newest-user"),
    ("enable-shown-by-the-listings-of-each-status", "assignment-status-ignored"),
    ("enable-shown-with-the-present-user-by-the-account-wide-listing", "account-listing-with-a-wrong-owner"),
    ("enable-two-devices-of-one-name-in-two-paths", "devices-keyed-without-their-path"),
    ("enable-under-a-taken-device-name", "taken-device-name-made-again"),
    ("enable-user-and-device-named-by-digits", "user-name-of-digits-not-found"),
    ("enable-user-and-device-of-one-name", "device-takes-its-namesakes-place"),
    ("enable-user-deleted-a-moment-ago", "deleted-user-found-in-a-cache"),
    ("enable-user-name-ending-in-at-sign", "enable-code2-with-nine-refused"),
    ("enable-user-name-ending-in-comma", "deactivate-user-name-with-comma-refused"),
    ("enable-user-name-ending-in-equals-sign", "enable-code2-with-nine-refused"),
    ("enable-user-name-ending-in-full-stop", "enable-code2-with-nine-refused"),
    ("enable-user-name-ending-in-hyphen", "enable-code2-with-nine-refused"),
    ("enable-user-name-ending-in-plus-sign", "enable-user-name-with-plus-refused"),
    ("enable-user-name-ending-in-underscore", "enable-code2-with-nine-refused"),
    ("enable-user-name-in-another-case", "names-with-case"),
    ("enable-user-name-of-64-characters", "enable-user-name-of-64-characters-refused"),
    ("enable-user-name-with-a-leading-zero", "names-of-digits-compared-as-numbers"),
    ("enable-user-name-with-all-punctuation", "enable-user-name-with-plus-refused"),
    ("enable-user-name-without-its-last-character", "user-name-prefix-matches"),
    ("enable-when-a-refused-device-is-free", "taken-device-remembered"),
    ("enable-without-a-user-name-with-own-key", "enable-user-name-absent-taken"),
    ("enable-zeros", "enable-zeros-taken"),
    ("rename-user-and-back", "renamed-back-in-a-circle"),
    ("rename-user-and-enable-under-the-former-name", "enable-invents-success-for-an-absent-user"),
    ("rename-user-keeps-its-device", "deactivate-forgotten"),
    ("rename-user-to-a-deleted-users-name", "freed-name-not-found-after-a-rename"),
    ("rename-user-to-a-taken-name", "refused-renaming-hands-a-device-over"),
    ("rename-user-to-its-own-name", "renamed-to-its-own-name-and-gone"),
    ("rename-user-whose-name-begins-anothers", "renaming-replaces-within-names"),
    ("resync-absent-device", "resync-does-nothing-for-absent-devices"),
    ("resync-absent-hardware-device", "resync-absent-device-as-validation-error"),
    ("resync-absent-user", "resync-absent-user-as-wrong-codes"),
    ("resync-after-five-refused", "resync-locked-after-five-refusals"),
    ("resync-another-users-device", "resync-other-users-as-access-denied"),
    ("resync-both-codes-wrong", "resync-wrong-codes-as-validation-error"),
    ("resync-codes-reversed", "resync-reversed-pair-taken"),
    ("resync-deactivated-device", "resync-of-an-unassigned-device"),
    ("resync-device-whose-enabling-was-refused", "pending-association-completed-by-resync"),
    ("resync-early-codes", "resync-refused-and-dissociated"),
    ("resync-first-code-wrong", "resync-first-code-unchecked"),
    ("resync-four-times-with-waits", "fourth-resync-refused"),
    ("resync-gap-between-the-codes", "resync-refused-and-dissociated"),
    ("resync-in-the-first-second-of-a-step", "pairs-refused-in-the-first-second-of-a-step"),
    ("resync-in-the-last-second-of-a-step", "pairs-refused-in-the-last-second-of-a-step"),
    ("resync-in-the-step-in-which-another-device-was-enabled", "enabled-step-kept-by-user"),
    ("resync-keeps-the-association", "resync-dissociates"),
    ("resync-own-device", "resync-fresh-pair-refused"),
    ("resync-pair-of-another-users-device", "resync-codes-unchecked"),
    ("resync-refused-keeps-the-enable-date", "refused-resync-renews-the-enable-date"),
    ("resync-same-code-twice", "resync-same-code-twice-taken"),
    ("resync-second-code-wrong", "resync-second-code-unchecked"),
    ("resync-several-times", "resync-drift-adds-up"),
    ("resync-shown-by-the-account-wide-listing", "resynced-device-without-an-owner"),
    ("resync-twice", "second-resync-refused"),
    ("resync-unassigned-device", "resync-of-an-unassigned-device"),
    ("resync-with-the-enabling-pair", "resync-dissociates"),
    ("resync-without-a-user-name-with-own-key", "resync-user-name-absent-taken"),
    ("wire-deactivate-by-get", "deactivate-by-the-user-alone"),
    ("wire-duplicate-parameter", "last-of-duplicates"),
    ("wire-duplicate-parameter-with-an-absent-user-first", "enable-absent-user-as-access-denied"),
    ("wire-enable-by-get", "enable-fresh-pair-refused"),
    ("wire-get-again-after-it-was-refused", "missing-told-to-gets-from-a-cache"),
    ("wire-missing-action", "error-without-a-type"),
    ("wire-parameters-reversed", "enable-fresh-pair-refused"),
    ("wire-plus-in-a-user-name", "enable-user-name-with-plus-refused"),
    ("wire-plus-stands-for-a-space", "plus-stays-a-plus"),
    ("wire-resync-by-get", "resync-fresh-pair-refused"),
    ("wire-unknown-action", "unknown-actions-as-validation-errors"),
    ("wire-unknown-parameter", "unknown-parameters-refused"),
    ("wire-unknown-version", "unknown-actions-as-validation-errors"),
];

#[tokio::test]
async fn each_example_finds_a_fault_by_a_clause_that_it_cites() {
    let examples = by_name();
    let named: Vec<&str> = FINDS.iter().map(|(example, _)| *example).collect();
    assert_eq!(named, examples.keys().copied().collect::<Vec<_>>());
    let mut wrong = Vec::new();
    for (name, finds) in FINDS {
        let Some(example) = examples.get(name) else { continue };
        let (service, strict) = match fault(finds) {
            Ok(fault) => (fault.service.make(), false),
            Err(_) => (variant(finds).unwrap().service.make(), true),
        };
        let played = play_on(service, example, strict).await;
        let broken = broken_clauses(&played);
        if !example.cites.iter().any(|cited| broken.contains(cited)) {
            wrong.push(format!("{name} on {finds}: {broken:?}, unfinished {:?}", played.unfinished));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn the_serial_number_of_a_deleted_device_is_free_although_it_is_still_listed() {
    let (user, device) = (UserRef(1), DeviceRef(1));
    let scenario = Scenario::of(
        "a device that is created again while it is listed still",
        vec![
            Action::CreateUser { user, name: NameForm::Plain },
            Action::CreateDevice { device, name: NameForm::Plain },
            Action::Enable(MfaCall::about(user, device).fresh(device)),
            Action::DeleteDevice { device },
            Action::CreateDevice { device, name: NameForm::Again },
            Action::RenameUser { user, name: NameForm::Plain },
        ],
    );
    let service = fault("deleted-device-stays-listed-and-is-made-again").unwrap().service.make();
    let played = play_on(service, &scenario, false).await;
    assert_eq!(played.unfinished, None);
    let named: BTreeSet<ClauseId> = played.found.iter().map(|found| found.divergence.clause).collect();
    assert_eq!(named, BTreeSet::from([ClauseId::DeleteVirtualDeviceFreesUser]));
}

/// The clauses that an example cites and does not put to the test on the documented service, and why.
const NOT_SHOWN: &[(&str, &[&str], &str)] = &[
    (
        "document-sample-deactivate",
        &["deactivate.serial-number.min-length", "deactivate.serial-number.rejected", "deactivate.user-exists"],
        "several faults at once: none of them alone decides",
    ),
    (
        "document-sample-enable",
        &["enable.serial-number.min-length", "enable.serial-number.rejected", "enable.user-exists"],
        "several faults at once: none of them alone decides",
    ),
    (
        "document-sample-resync",
        &["resync.serial-number.min-length", "resync.serial-number.rejected", "resync.user-exists"],
        "several faults at once: none of them alone decides",
    ),
    ("enable-early-codes", &["enable.associates"], "the documented service takes no early codes"),
    ("enable-codes-one-step-early", &["enable.rejected-no-effect"], "the documented service takes these codes"),
    ("enable-codes-one-step-late", &["enable.rejected-no-effect"], "the documented service takes these codes"),
    ("enable-gap-between-the-codes", &["enable.associates"], "the documented service takes no codes with a gap"),
    ("enable-late-codes-then-resync", &["resync.after-late-enable"], "the documented service takes no late codes"),
    (
        "delete-user-after-deleting-its-device",
        &["delete-virtual-device.frees-user"],
        "the documented service deletes no enabled device",
    ),
];

#[tokio::test]
async fn every_example_puts_the_clauses_to_the_test_that_it_cites() {
    for (name, example) in by_name() {
        let played = play_on(documented(), &example, true).await;
        let exercised: BTreeSet<String> = played.tally.exercised.keys().map(|(clause, _)| clause.to_string()).collect();
        let demanded = example.cites.iter().filter(|cited| !cited.parse::<ClauseId>().unwrap().stance().is_open());
        let missing: Vec<&str> = demanded.filter(|cited| !exercised.contains(*cited)).map(String::as_str).collect();
        let expected =
            NOT_SHOWN.iter().find(|(known, ..)| *known == name).map_or(&[] as &[&str], |(_, clauses, _)| clauses);
        assert_eq!(missing, expected, "{name}");
    }
}

#[tokio::test]
async fn no_example_blames_a_service_whose_clock_is_off_by_what_is_known() {
    let mut blamed = Vec::new();
    for (name, example) in by_name() {
        for into_step in [0, 1, 5, 500, 999, 1_000, 15_000, 28_990, 29_000, 29_500, 29_990, 29_999] {
            for behind in [-1_000, -400, 400, 1_000] {
                let now = Step(58_333_333).start().plus(into_step);
                let transport = AlteredStage::new(documented(), 7, now).connect(behind);
                let played = play_through(transport, &example, false).await;
                blamed.extend(blame(&format!("is {behind} ms behind, {into_step} ms into a step"), name, &played));
            }
        }
    }
    assert!(blamed.is_empty(), "{}", blamed.join("\n"));
}

/// Every order of the checks.
fn orders() -> Vec<[Check; 4]> {
    let all = [Check::User, Check::Device, Check::Codes, Check::Assignment];
    let mut orders = Vec::new();
    for one in all {
        for two in all {
            for three in all {
                for four in all {
                    let order = [one, two, three, four];
                    if all.iter().all(|check| order.contains(check)) {
                        orders.push(order);
                    }
                }
            }
        }
    }
    orders
}

#[tokio::test]
async fn no_example_blames_a_service_that_checks_in_another_order() {
    let mut blamed = Vec::new();
    for (name, example) in by_name() {
        for order in orders() {
            let played = play_on(rules(Documented { order, ..Documented::default() }), &example, false).await;
            blamed.extend(blame(&format!("checks {order:?}"), name, &played));
        }
    }
    assert!(blamed.is_empty(), "{}", blamed.join("\n"));
}

#[tokio::test]
async fn no_example_blames_a_service_that_conforms_otherwise() {
    let mut blamed = Vec::new();
    for (name, example) in by_name() {
        for variant in variants() {
            let played = play_on(variant.service.make(), &example, false).await;
            blamed.extend(blame(&variant.name, name, &played));
        }
    }
    assert!(blamed.is_empty(), "{}", blamed.join("\n"));
}

/// What an example holds against a service that conforms.
fn blame(service: &str, example: &str, played: &Played) -> Vec<String> {
    let found = played.found.iter().map(|found| {
        let sent = played.trace.get(found.exchange).map(|exchange| exchange.call.operation.name());
        let one = &found.divergence;
        format!("{example} on one that {service}: {} by {sent:?}: {}, {} expected", one.clause, one.class, one.expected)
    });
    let left = played.leftovers.iter().map(|left| format!("{example} on one that {service}: {} left", left.what));
    // Without a listing of all devices nothing tells that the samples' device is nobody's.
    let unfinished = played
        .unfinished
        .iter()
        .filter(|why| **why != Unfinished::NameTaken)
        .map(|why| format!("{example} on one that {service}: {why}"));
    found.chain(left).chain(unfinished).collect()
}
