//! `ResyncMFADevice`.

use mfa_reference::clause::Side;

use super::stage::{Judged, Stage, demands, hold, serial, set};

const RESYNC: &str = "ResyncMFADevice";
const FRESH: (i64, i64) = (-1, 0);
const FORM: &[&str] = &[
    "resync.user-name.pattern",
    "resync.user-name.required",
    "resync.serial-number.pattern",
    "resync.serial-number.required",
    "resync.code1.max-length",
    "resync.code1.min-length",
    "resync.code1.pattern",
    "resync.code1.required",
    "resync.code2.max-length",
    "resync.code2.min-length",
    "resync.code2.pattern",
    "resync.code2.required",
];
const EXISTENCE: &[&str] = &["resync.user-exists", "serial-number.own-arn"];

/// The phone is anna's.
fn stage() -> Stage {
    Stage::new().owned("phone", "anna")
}

fn fresh(stage: &Stage) -> Judged {
    stage.pair(RESYNC, "anna", "phone", FRESH)
}

#[test]
fn a_fresh_pair_for_the_users_own_device_succeeds_and_changes_no_association() {
    let judged = fresh(&stage());
    hold("own device", &judged, &["success"], &[], &[]);
    demands("own device", &judged, &[FORM, EXISTENCE, &["resync.synchronizes", "resync.codes-by-device"]]);
    let late = fresh(&stage().out_of_sync("phone"));
    hold("out of sync", &late, &["success"], &[], &[]);
    demands("out of sync", &late, &[FORM, EXISTENCE, &["resync.after-late-enable"]]);
}

#[test]
fn a_device_of_nobody_or_of_another_user_is_refused_with_any_pair() {
    for (case, stage, clause) in [
        ("never enabled", Stage::new(), "resync.unassigned"),
        ("deactivated", Stage::new().deactivated("phone"), "resync.unassigned"),
        ("of another", Stage::new().owned("phone", "bert"), "resync.other-users"),
        ("of another, who has none", Stage::new().owned("phone", "bert").owned("token", "anna"), "resync.other-users"),
    ] {
        let refusal = format!("must NoSuchEntity by {clause}");
        hold(case, &fresh(&stage), &[&refusal], &[clause], &[]);
        demands(case, &fresh(&stage), &[FORM, &["resync.synchronizes", "resync.codes-by-device"]]);
        let wrong = stage.codes(RESYNC, "anna", &serial("phone"), ["000000", "000000"]);
        let unrecognised = "must InvalidAuthenticationCode by resync.codes-recognised from errors.order";
        hold(case, &wrong, &[&refusal, unrecognised], &["errors.order"], &[]);
    }
}

#[test]
fn absent_users_and_absent_devices_are_refused() {
    let (stage, one, two) = (stage(), stage().code("phone", -1), stage().code("phone", 0));
    let no_user = "must NoSuchEntity by resync.user-exists";
    // An absent device has no right codes either.
    let no_device = "must InvalidAuthenticationCode or NoSuchEntity by resync.device-exists";
    for (user, device, answers, rejects) in [
        ("nobody", "phone", vec![no_user], vec!["resync.user-exists"]),
        ("anna1", "phone", vec![no_user], vec!["resync.user-exists"]),
        ("anna", "absent", vec![no_device], vec!["resync.device-exists"]),
        ("anna", "phon", vec![no_device], vec!["resync.device-exists"]),
        ("nobody", "absent", vec![no_user, no_device], vec![]),
    ] {
        let judged = stage.codes(RESYNC, user, &serial(device), [&one, &two]);
        let mut open = vec![];
        let mut answers = answers;
        if device != "phone" {
            // The prose of Resync knows no colon and no slash; a device's own ARN needs them.
            open.push("serial-number.prose");
            answers.push("may malformed by serial-number.prose");
        }
        hold(&format!("{user} {device}"), &judged, &answers, &rejects, &open);
    }
}

#[test]
fn codes_are_judged_as_for_enable() {
    let refusal = |verb: &str, clause: &str| format!("{verb} InvalidAuthenticationCode by {clause}");
    for (steps, clause) in [
        ((0, -1), "resync.code2.subsequent"),
        ((0, 0), "resync.code2.subsequent"),
        ((-101, -100), "resync.codes-recognised"),
    ] {
        let judged = stage().pair(RESYNC, "anna", "phone", steps);
        hold(clause, &judged, &[&refusal("must", clause)], &[clause], &[]);
    }
    for (stage, steps, clause) in [
        (stage(), (-2, 0), "resync.code2.adjacent"),
        (stage(), (-2, -1), "resync.drifted"),
        (stage(), (1, 2), "resync.drifted"),
        (stage().carried("phone", -1), FRESH, "resync.replayed-codes"),
        (stage().carried("phone", -1).out_of_sync("phone"), FRESH, "resync.replayed-codes"),
        (Stage::new().seedless("phone").owned("phone", "anna"), FRESH, "support.seed-usable"),
    ] {
        let judged = stage.pair(RESYNC, "anna", "phone", steps);
        hold(clause, &judged, &["success", &refusal("may", clause)], &[], &[clause]);
    }
}

#[test]
fn what_is_open_of_user_device_and_owner_may_be_refused() {
    for (stage, answer, open) in [
        (stage().of_anybody("phone"), "NoSuchEntity", "state.settles"),
        (stage().perhaps("anna"), "NoSuchEntity", "state.settles"),
        (stage().by("anna"), "AccessDenied or InvalidClientTokenId", "deactivate.default-user"),
    ] {
        hold(open, &fresh(&stage), &["success", &format!("may {answer} by {open}")], &[], &[open]);
    }
    let removed = fresh(&Stage::new().perhaps_removed("phone"));
    assert_eq!(removed.open(), set(&["deactivate.device-remains"]));
    assert!(!removed.permitted.allows_success());
}

#[test]
fn failures_pass_and_change_no_association() {
    // Its page lists no EntityTemporarilyUnmodifiable.
    let always = [
        "passing ServiceFailure by resync.service-failure",
        "passing InternalFailure or ServiceUnavailable by common.transient",
        "passing Throttling by common.transient",
        "passing LimitExceeded by resync.limit",
    ];
    assert_eq!(fresh(&stage()).passing(), set(&always));
    let concurrent = "passing ConcurrentModification by resync.concurrent-modification";
    assert_eq!(fresh(&stage().overlapped()).passing(), set(&[&always[..], &[concurrent]].concat()));
}

#[test]
fn a_broken_constraint_is_refused_whichever_it_is() {
    let stage = stage();
    let (phone, one, two) = (serial("phone"), stage.code("phone", -1), stage.code("phone", 0));
    let right = [
        ("UserName", "anna"),
        ("SerialNumber", phone.as_str()),
        ("AuthenticationCode1", &one),
        ("AuthenticationCode2", &two),
    ];
    for (place, value, word) in [
        (0, "", "user-name.empty"),
        (1, "R1234", "serial-number.min-length"),
        (2, "1 3456", "code1.pattern"),
        (3, "1234567", "code2.max-length"),
    ] {
        let mut parameters = right;
        parameters[place].1 = value;
        let judged = stage.call(RESYNC, &parameters);
        let (parameter, _) = word.split_once('.').unwrap();
        let clauses = format!("resync.{word} resync.{parameter}.rejected");
        let expected = [
            format!("must ValidationError by {clauses}"),
            format!("must malformed otherwise by {clauses} from validation.code"),
            format!("must InvalidAuthenticationCode or NoSuchEntity by {clauses} from validation.before-existence"),
        ];
        assert_eq!(judged.answers(), expected.into(), "{word}");
        assert_eq!(judged.tested(Side::Reject), clauses.split(' ').map(str::to_owned).collect(), "{word}");
    }
}

#[test]
fn a_pair_that_is_not_newer_than_the_accepted_one_is_refused_as_recorded() {
    let open = "may InvalidAuthenticationCode by resync.replayed-codes";
    for steps in [FRESH, (0, 1), (-2, -1), (1, 2)] {
        let mut stage = stage().carried("phone", 2);
        stage.accepted("phone", 1);
        let judged = stage.pair(RESYNC, "anna", "phone", steps);
        let accepted = "success from resync.codes.order";
        hold(&format!("{steps:?}"), &judged, &[accepted, open], &["resync.codes.order"], &["resync.replayed-codes"]);
    }
}

#[test]
fn a_pair_ahead_of_the_devices_own_clock_is_accepted_as_recorded() {
    for (accepted, steps, departs) in [
        (-1, (1, 2), " from resync.codes.window"),
        (-200, (-2, -1), " from resync.codes.window"),
        // Farther than AWS was seen to go, and behind the device's own clock: nothing was recorded.
        (-700, (0, 1), ""),
    ] {
        let mut stage = stage();
        stage.accepted("phone", accepted);
        let judged = stage.pair(RESYNC, "anna", "phone", steps);
        let refusal = format!("may InvalidAuthenticationCode by resync.drifted{departs}");
        assert_eq!(judged.answers(), set(&["success", &refusal]), "{accepted} {steps:?}");
    }
    let mut lost = stage();
    lost.accepted("phone", -1);
    lost.history.perhaps_accepted(lost.id("phone"));
    let judged = lost.pair(RESYNC, "anna", "phone", (1, 2));
    assert_eq!(judged.answers(), set(&["success", "may InvalidAuthenticationCode by resync.drifted"]));
}
