//! The recordings of AWS: no recorded answer fails, and the reference answers the same.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of tests may panic")]

use std::collections::BTreeSet;

use mfa_conformance::recording::bindings::{Bindings, NotPlayed};
use mfa_conformance::recording::history::{Answer, Codes, Step};
use mfa_conformance::recording::{History, OTHER_ITEMS, bundled, judge};
use mfa_reference::service::{Behaviour, Service};
use mfa_reference::{Caller, Operation, Outcome};

#[path = "support/program.rs"]
mod program;

#[test]
fn no_recorded_answer_fails_in_either_mode() {
    let histories = bundled::histories().unwrap();
    assert_eq!(histories.len(), 80);
    for strict in [false, true] {
        let judgement = judge(&histories, strict);
        let found: Vec<_> = judgement.result.cases.iter().map(|case| (&case.scenario.name, &case.divergence)).collect();
        assert!(found.is_empty(), "strict: {strict}: {found:#?}");
        assert!(judgement.result.unfinished.is_empty(), "{:?}", judgement.result.unfinished);
        assert_eq!(judgement.judged, 850);
    }
}

/// The recorded operations whose answers are not judged.
#[test]
fn what_is_not_judged_is_known() {
    let judgement = judge(&bundled::histories().unwrap(), true);
    let operations = judgement.not_judged.keys().filter_map(|why| match why {
        NotPlayed::Operation(action) => Some(action.as_str()),
        NotPlayed::Unknown(_) => None,
    });
    let known = [
        "AssumeRoot",
        "CreateServiceSpecificCredential",
        "DeleteUserPolicy",
        "EnableOrganizationsRootSessions",
        "GetAccessKeyLastUsed",
        "GetAccountProperties",
        "GetCallerIdentity",
        "GetContextKeysForCustomPolicy",
        "GetMFADevice",
        "GetSessionToken",
        "ListOrganizationsFeatures",
        "ListServiceSpecificCredentials",
        "PutUserPolicy",
        "UpdateAccessKey",
    ];
    assert_eq!(operations.collect::<BTreeSet<_>>(), BTreeSet::from(known));
    let unknown: Vec<(String, u64)> = judgement
        .not_judged
        .iter()
        .filter(|(why, _)| matches!(why, NotPlayed::Unknown(_)))
        .map(|(why, count)| (why.to_string(), *count))
        .collect();
    let listed = "the recording doesn't tell what the answer listed".to_owned();
    let user = "the recording doesn't tell what became of the user \"unknown: a or b\" before".to_owned();
    assert_eq!(BTreeSet::from_iter(unknown), BTreeSet::from([(listed, 2), (user, 1)]));
}

/// A history with the opposite outcome of one step.
fn reversed(history: &History, index: usize) -> History {
    let mut history = history.clone();
    let step = &mut history.steps[index];
    step.answer = match &step.answer {
        Answer::Success { .. } => Answer::Error {
            status: 403,
            code: "InvalidAuthenticationCode".to_owned(),
            message: Some("Authentication code for device is not valid.".to_owned()),
        },
        Answer::Error { .. } => Answer::Success { status: 200, lists: None },
    };
    history
}

#[test]
fn an_answer_turned_round_is_flagged_in_strict_mode() {
    let mut turned = 0;
    for history in bundled::histories().unwrap() {
        for (index, step) in history.steps.iter().enumerate() {
            let under_test = step.operation.is_some_and(|operation| operation.under_test().is_some());
            // The second half of the longest history repeats its first.
            if !under_test || history.id == "aws-067" || (history.id == "aws-039" && index > 50) {
                continue;
            }
            turned += 1;
            let mut history = reversed(&history, index);
            history.steps.truncate(index + 1);
            let judgement = judge(&[history.clone()], true);
            let case = judgement.result.cases.iter().find(|case| case.trace[case.exchange].step == Some(index));
            assert!(case.is_some(), "{}, step {}: {:?}", history.id, step.number, step.answer);
        }
    }
    assert_eq!(turned, 208);
}

/// Why the reference doesn't answer a recorded call like AWS, if so.
fn beyond_the_reference(step: &Step) -> Option<&'static str> {
    match &step.answer {
        Answer::Error { code, .. } if code == "MalformedInput" => Some("numbers of listings are not its subject"),
        Answer::Error { message: Some(message), .. } if OTHER_ITEMS.contains(&message.as_str()) => {
            Some("it has no policies")
        }
        Answer::Error { .. } | Answer::Success { .. } => None,
    }
}

#[test]
fn the_reference_answers_each_recorded_request_as_aws_did() {
    let mut compared = 0;
    let mut differences = Vec::new();
    for history in bundled::histories().unwrap() {
        let mut service = Service::new(Behaviour::default(), 1);
        let mut bindings = Bindings::default();
        for step in &history.steps {
            let Ok((_, request)) = bindings.request(step) else { continue };
            let caller = bindings.caller(step).and_then(|name| service.account().find_user(name));
            let caller = caller.map_or(Caller::Administrator, Caller::User);
            if beyond_the_reference(step).is_some() {
                continue;
            }
            let (_, outcome) = service.answer(&request, caller, step.instant.sent);
            let recorded = match &step.answer {
                Answer::Success { status, .. } => (*status, String::new(), None),
                Answer::Error { status, code, message } => {
                    (*status, code.clone(), message.as_ref().map(|message| bindings.message(step, message)))
                }
            };
            let answered = match &outcome {
                Outcome::Success(_) => (200, String::new(), None),
                Outcome::Error { code, message } => {
                    (code.status(), code.to_string(), recorded.2.as_ref().map(|_| message.clone()))
                }
            };
            compared += 1;
            if answered != recorded {
                differences.push(format!(
                    "{}, step {}: {request:?}: {answered:?} and not {recorded:?}",
                    history.id, step.number
                ));
            }
            if let Outcome::Success(body) = &outcome {
                bindings.learn(step, body);
            }
        }
    }
    assert!(differences.is_empty(), "{differences:#?}");
    assert!(compared > 840, "{compared}");
}

#[test]
fn every_pair_was_sent_in_the_step_that_the_recording_tells() {
    for history in bundled::histories().unwrap() {
        let pairs = history.steps.iter().filter(|step| matches!(step.codes, Some(Codes::Own(..))));
        let mut before = None;
        for step in pairs {
            assert!(before.is_none_or(|before| step.instant.sent >= before), "{}, step {}", history.id, step.number);
            assert!(step.instant.answered.0 - step.instant.sent.0 == 700);
            before = Some(step.instant.sent);
            assert!(step.operation.is_some_and(|operation| operation != Operation::DeactivateMfaDevice));
        }
    }
}

/// Runs the program on a file with this text, and returns its output.
async fn judged(text: &str, further: &[&str]) -> program::Ended {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("histories.json");
    std::fs::write(&file, text).unwrap();
    let arguments: Vec<&str> = ["judge", file.to_str().unwrap()].into_iter().chain(further.iter().copied()).collect();
    program::run(&arguments).await
}

/// The text of the bundled file with one step of a history changed.
fn changed(history: &str, step: usize, change: impl Fn(&mut serde_json::Map<String, serde_json::Value>)) -> String {
    let mut file: serde_json::Value = serde_json::from_str(bundled::TEXT).unwrap();
    let histories = file["histories"].as_array_mut().unwrap();
    let history = histories.iter_mut().find(|known| known["id"] == history).unwrap();
    change(history["steps"][step - 1].as_object_mut().unwrap());
    file.to_string()
}

#[tokio::test]
async fn the_program_passes_the_recordings_and_fails_a_copy_with_one_outcome_turned_round() {
    for further in [&[] as &[&str], &["--strict"]] {
        let ended = judged(bundled::TEXT, further).await;
        assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    }
    // Accepted wrong codes, and a refused fresh pair.
    let accepted = changed("aws-000", 9, |step| {
        step.insert("status".to_owned(), 200.into());
        step.remove("code");
        step.remove("message");
    });
    let refused = changed("aws-040", 4, |step| {
        assert_eq!(step["op"], "EnableMFADevice");
        step.insert("status".to_owned(), 403.into());
        step.insert("code".to_owned(), "InvalidAuthenticationCode".into());
        step.insert("message".to_owned(), "Authentication code for device is not valid.".into());
    });
    for (text, clause) in [(accepted, "enable.code2.subsequent"), (refused, "enable.fresh-pair")] {
        let ended = judged(&text, &[]).await;
        assert_eq!(ended.code, Some(1), "{}{}", ended.stdout, ended.stderr);
        assert!(ended.is_decent() && ended.stdout.contains(clause), "{}", ended.stdout);
        assert!(ended.stdout.contains("calls EnableMFADevice of device 1 for user a"), "{}", ended.stdout);
    }
}

#[tokio::test]
async fn a_file_that_is_wrong_is_refused_with_the_history_and_the_step() {
    let without_codes = changed("aws-008", 9, |step| {
        step.remove("codes");
    });
    let of_nobody = changed("aws-008", 9, |step| {
        step.insert("signer".to_owned(), "somebody".into());
    });
    for (text, words) in [
        ("{".to_owned(), &["line 1", "schema recording"] as &[&str]),
        (without_codes, &["history aws-008, step 9", "has no codes", "[-1, 0]"]),
        (of_nobody, &["history aws-008, step 9", "\"somebody\"", "user a with MFA session"]),
    ] {
        let ended = judged(&text, &[]).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{}", ended.stderr);
        for word in words {
            assert!(ended.stderr.contains(word), "{word:?} is missing in: {}", ended.stderr);
        }
    }
    assert_eq!(program::run(&["judge", "/nonexistent/histories.json"]).await.code, Some(2));
}

#[tokio::test]
async fn histories_of_which_nothing_can_be_judged_are_inconclusive() {
    let mut file: serde_json::Value = serde_json::from_str(bundled::TEXT).unwrap();
    file["histories"].as_array_mut().unwrap().retain(|history| history["id"] == "aws-067");
    let ended = judged(&file.to_string(), &[]).await;
    assert_eq!(ended.code, Some(3), "{}{}", ended.stdout, ended.stderr);
}
