//! `DeactivateMFADevice`.

use mfa_reference::clause::Side;

use super::stage::{Stage, demands, hold, serial, set};

const DEACTIVATE: &str = "DeactivateMFADevice";
/// The device is nobody's; whether it stays is open (`deactivate.device-remains`).
const CARRIED_OUT: &str = "success; phone? of nobody";
const CARRIED_OUT_ALL_THE_SAME: &str = "success from deactivate.self-management; phone? of nobody";
const SERIAL: &[&str] = &["deactivate.serial-number.pattern", "deactivate.serial-number.required"];
const NAMED: &[&str] = &["deactivate.user-exists", "serial-number.own-arn", "deactivate.user-name.pattern"];
const NO_CODE: &str = "deactivate.no-code-needed";

fn stage() -> Stage {
    Stage::new().owned("phone", "anna").owned("token", "anna").owned("watch", "bert")
}

#[test]
fn an_administrator_deactivates_the_device_of_the_user_named() {
    let judged = stage().deactivate("anna", "phone");
    hold("named", &judged, &[CARRIED_OUT], &[], &[]);
    demands("named", &judged, &[SERIAL, NAMED, &[NO_CODE, "deactivate.by-administrator"]]);
    assert_eq!(stage().out_of_sync("phone").deactivate("anna", "phone").answers(), set(&[CARRIED_OUT]));
}

#[test]
fn a_user_who_names_a_user_may_not_be_allowed_to() {
    let judged = stage().by("anna").deactivate("anna", "phone");
    let denied = "may AccessDenied or InvalidClientTokenId by deactivate.default-user";
    let recorded = &["deactivate.self-management"];
    hold("by a user", &judged, &[CARRIED_OUT_ALL_THE_SAME, denied], recorded, &["deactivate.default-user"]);
    demands("by a user", &judged, &[SERIAL, NAMED, &[NO_CODE]]);
}

#[test]
fn without_a_user_name_it_is_the_caller() {
    let denied = "may AccessDenied or InvalidClientTokenId by deactivate.default-user";
    let open = &["deactivate.default-user"];
    let phone = [("SerialNumber", &*serial("phone"))];
    let own = stage().by("anna").call(DEACTIVATE, &phone);
    hold("own", &own, &[CARRIED_OUT_ALL_THE_SAME, denied], &["deactivate.self-management"], open);
    demands("own", &own, &[SERIAL, &[NO_CODE, "deactivate.default-user", "deactivate.user-name.required"]]);
    let others = stage().by("bert").call(DEACTIVATE, &phone);
    let refusal = "must NoSuchEntity by deactivate.default-user deactivate.other-users from deactivate.self-management";
    hold(
        "another's",
        &others,
        &[refusal, denied],
        &["deactivate.default-user", "deactivate.other-users", "deactivate.self-management"],
        open,
    );
    let absent = [("SerialNumber", &*serial("absent"))];
    let refusal = "must NoSuchEntity by deactivate.device-exists from deactivate.self-management";
    hold(
        "absent",
        &stage().by("bert").call(DEACTIVATE, &absent),
        &[refusal, denied],
        &["deactivate.device-exists", "deactivate.self-management"],
        open,
    );
}

#[test]
fn a_user_with_a_device_is_denied_before_anything_else_is_looked_at() {
    let denied = "may AccessDenied or InvalidClientTokenId by deactivate.default-user";
    let open = &["deactivate.default-user"];
    let absent = stage().by("anna").deactivate("anna", "absent");
    let refusal = "must NoSuchEntity by deactivate.device-exists from deactivate.self-management";
    hold("absent", &absent, &[refusal, denied], &["deactivate.device-exists", "deactivate.self-management"], open);
    // Another user's devices are another matter, and so is a caller without one.
    for (caller, user) in [("anna", "bert"), ("bert", "anna")] {
        let judged = stage().owned("token", "bert").by(caller).deactivate(user, "phone");
        assert!(!judged.tested(Side::Reject).contains("deactivate.self-management"), "{caller} {user}");
    }
}

#[test]
fn a_caller_that_is_not_a_user_deactivates_nothing_without_a_name() {
    let clause = "deactivate.default-user.other-callers";
    for stage in [stage(), Stage::new(), Stage::new().of_anybody("phone")] {
        let judged = stage.call(DEACTIVATE, &[("SerialNumber", &serial("phone"))]);
        hold("nobody", &judged, &[&format!("must refuse by {clause}")], &[clause], &[]);
        assert_eq!(judged.tested(Side::Accept), set(&[]));
    }
}

#[test]
fn a_device_that_is_not_enabled_for_the_user_is_refused() {
    for (case, stage, clause) in [
        ("never enabled", Stage::new().owned("token", "anna"), "deactivate.unassigned"),
        ("deactivated", Stage::new().deactivated("phone"), "deactivate.twice"),
        ("of another user", stage().owned("phone", "bert"), "deactivate.other-users"),
    ] {
        let judged = stage.deactivate("anna", "phone");
        hold(case, &judged, &[&format!("must NoSuchEntity by {clause}")], &[clause], &[]);
        // Denying it would be no answer to an administrator.
        demands(case, &judged, &[SERIAL, &[NO_CODE, "deactivate.by-administrator", "deactivate.user-name.pattern"]]);
    }
}

#[test]
fn absent_users_and_absent_devices_are_refused() {
    let (no_user, no_device) = ("deactivate.user-exists", "deactivate.device-exists");
    for (user, device, clauses) in [
        ("nobody", "phone", &[no_user][..]),
        ("ann", "phone", &[no_user]),
        ("anna", "absent", &[no_device]),
        ("anna", "phone1", &[no_device]),
        ("nobody", "absent", &[no_user, no_device]),
    ] {
        let judged = stage().deactivate(user, device);
        let answers: Vec<String> = clauses.iter().map(|clause| format!("must NoSuchEntity by {clause}")).collect();
        let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
        hold(user, &judged, &answers, if clauses.len() == 1 { clauses } else { &[] }, &[]);
    }
}

#[test]
fn what_is_open_of_user_device_and_owner_may_be_refused() {
    for (stage, open) in
        [(stage().of_anybody("phone"), &["state.settles"][..]), (stage().perhaps("anna"), &["state.settles"])]
    {
        let judged = stage.deactivate("anna", "phone");
        assert_eq!(judged.open(), set(open));
        assert!(judged.answers().contains("may NoSuchEntity by state.settles") && judged.permitted.allows_success());
    }
    let removed = Stage::new().perhaps_removed("phone").deactivate("anna", "phone");
    let answers =
        ["must NoSuchEntity by deactivate.twice", "may NoSuchEntity by deactivate.device-remains; no phone? of nobody"];
    hold("removed", &removed, &answers, &["deactivate.twice"], &["deactivate.device-remains"]);
}

#[test]
fn failures_pass_with_or_without_the_effect_of_a_success() {
    let judged = stage().overlapped().deactivate("anna", "phone");
    let carried_out = "phone? of nobody";
    assert_eq!(
        judged.passing(),
        set(&[
            "passing ServiceFailure by deactivate.service-failure",
            &format!("passing ServiceFailure by deactivate.service-failure; {carried_out}"),
            "passing InternalFailure or ServiceUnavailable by common.transient",
            &format!("passing InternalFailure or ServiceUnavailable by common.transient; {carried_out}"),
            "passing Throttling by common.transient",
            "passing ConcurrentModification by deactivate.concurrent-modification",
            "passing EntityTemporarilyUnmodifiable by deactivate.temporarily-unmodifiable",
            "passing LimitExceeded by deactivate.limit",
        ])
    );
    let refused = stage().deactivate("bert", "phone").passing();
    assert!(refused.iter().all(|passing| !passing.contains(';')), "{refused:?}");
    let alone = stage().deactivate("anna", "phone").passing();
    assert!(!alone.contains("passing ConcurrentModification by deactivate.concurrent-modification"));
}

#[test]
fn a_broken_constraint_is_refused_whichever_it_is() {
    let phone = serial("phone");
    let long = format!("{phone}{}", "n".repeat(256));
    for (parameters, word) in [
        (vec![("UserName", ""), ("SerialNumber", phone.as_str())], "user-name.empty"),
        (vec![("UserName", "an na"), ("SerialNumber", &phone)], "user-name.pattern"),
        (vec![("UserName", "anna")], "serial-number.required"),
        (vec![("UserName", "anna"), ("SerialNumber", "")], "serial-number.empty"),
        (vec![("UserName", "anna"), ("SerialNumber", "R1234")], "serial-number.min-length"),
        (vec![("UserName", "anna"), ("SerialNumber", &long)], "serial-number.max-length"),
    ] {
        let judged = stage().call(DEACTIVATE, &parameters);
        let (parameter, _) = word.split_once('.').unwrap();
        let clauses = format!("deactivate.{word} deactivate.{parameter}.rejected");
        // It takes no codes, so none can be looked at first.
        let expected = [
            format!("must ValidationError by {clauses}"),
            format!("must malformed otherwise by {clauses} from validation.code"),
            format!("must NoSuchEntity by {clauses} from validation.before-existence"),
        ];
        assert_eq!(judged.answers(), expected.into(), "{word}");
        assert_eq!(judged.tested(Side::Reject), clauses.split(' ').map(str::to_owned).collect(), "{word}");
    }
}

#[test]
fn prose_leaves_out_the_underscore_and_the_plus() {
    for (device, left_out) in [("a_b", true), ("a+b", true), ("a:b", false), ("a/b", false)] {
        let judged = stage().deactivate("anna", device);
        assert_eq!(judged.answers().contains("may malformed by serial-number.prose"), left_out, "{device}");
    }
}
