//! `EnableMFADevice`.

use mfa_reference::TimeStep;
use mfa_reference::clause::Side;
use mfa_reference::totp::Recognition;

use super::stage::{Judged, NOW, Stage, demands, hold, serial, set};

pub(crate) const ENABLE: &str = "EnableMFADevice";
pub(crate) const FRESH: (i64, i64) = (-1, 0);
pub(crate) const CARRIED_OUT: &str = "success; phone of anna";
const UNRECOGNISED: &[&str] = &["must InvalidAuthenticationCode by enable.codes-recognised"];

/// What any call demands in which nothing is unusual and nothing wrong.
const FORM: &[&str] = &[
    "enable.user-name.pattern",
    "enable.user-name.required",
    "enable.serial-number.pattern",
    "enable.serial-number.required",
    "enable.code1.max-length",
    "enable.code1.min-length",
    "enable.code1.pattern",
    "enable.code1.required",
    "enable.code2.max-length",
    "enable.code2.min-length",
    "enable.code2.pattern",
    "enable.code2.required",
];
const EXISTENCE: &[&str] = &["enable.user-exists", "serial-number.own-arn"];
const CODES: &[&str] = &["enable.fresh-pair", "enable.codes-by-device"];

pub(crate) fn fresh(stage: &Stage) -> Judged {
    stage.pair(ENABLE, "anna", "phone", FRESH)
}

#[test]
fn a_fresh_pair_for_a_device_and_a_user_that_exist_is_accepted() {
    let judged = fresh(&Stage::new());
    assert_eq!(judged.answers(), set(&[CARRIED_OUT]));
    let rest: &[&str] = &["enable.already-enabled", "enable.limit"];
    demands("a first device", &judged, &[FORM, EXISTENCE, CODES, rest]);
    assert_eq!(judged.tested(Side::Reject), set(&[]));
    assert!(judged.open().is_empty() && judged.edges().is_empty());
    let again = fresh(&Stage::new().deactivated("phone"));
    assert_eq!(again.answers(), set(&[CARRIED_OUT]));
    demands("enabled again", &again, &[FORM, EXISTENCE, CODES, rest, &["deactivate.re-enable"]]);
}

#[test]
fn codes_that_the_device_did_not_emit_near_now_are_refused() {
    let stage = Stage::new().owned("watch", "bert");
    let phone = serial("phone");
    let [one, two] = [stage.code("phone", -1), stage.code("phone", 0)];
    let [other_one, other_two] = [stage.code("token", -1), stage.code("token", 0)];
    let [watch_one, watch_two] = [stage.code("watch", -1), stage.code("watch", 0)];
    for pair in [
        [one.as_str(), &other_two],
        [&other_one, &two],
        [&other_one, &other_two],
        [&watch_one, &watch_two],
        ["000000", "000000"],
        ["234567", "987654"],
        [&stage.code("phone", -101), &stage.code("phone", -100)],
    ] {
        let judged = stage.codes(ENABLE, "anna", &phone, pair);
        assert_eq!(judged.answers(), set(UNRECOGNISED), "{pair:?}");
        assert_eq!(judged.tested(Side::Reject), set(&["enable.codes-recognised"]), "{pair:?}");
        demands("wrong codes", &judged, &[FORM, EXISTENCE, &["enable.already-enabled", "enable.limit"]]);
    }
}

const LATE: &str = "enable.late-codes";
const EARLY: &str = "enable.early-codes";
const ADJACENT: &str = "enable.code2.adjacent";
const REPLAYED: &str = "enable.replayed-codes";

#[test]
fn a_second_code_that_is_not_subsequent_is_refused() {
    for steps in [(0, -1), (0, 0), (-1, -1), (2, 1)] {
        let judged = Stage::new().pair(ENABLE, "anna", "phone", steps);
        let clause = "enable.code2.subsequent";
        hold("in reverse or twice", &judged, &[&format!("must InvalidAuthenticationCode by {clause}")], &[clause], &[]);
    }
}

#[test]
fn a_pair_that_is_not_surely_fresh_is_open_by_its_gap_and_its_age() {
    let new = Stage::new;
    for (case, stage, steps, clause) in [
        ("a gap of a step", new(), (-2, 0), ADJACENT),
        ("a gap that lies ahead", new(), (0, 2), ADJACENT),
        ("a gap, carried before", new().carried("phone", 0), (-2, 0), ADJACENT),
        ("a step late", new(), (-2, -1), LATE),
        ("the current and the next", new(), (0, 1), EARLY),
        ("wholly ahead", new(), (1, 2), EARLY),
        ("late, if the service looked in the next step", new().until(30_000), FRESH, LATE),
        ("late and carried", new().carried("phone", -2), (-2, -1), REPLAYED),
        ("late, with an earlier step carried", new().carried("phone", -3), (-2, -1), LATE),
        ("fresh, but for a device out of sync", new().out_of_sync("phone"), FRESH, LATE),
        ("the first code was carried", new().carried("phone", -1), FRESH, REPLAYED),
        ("both were carried", new().carried("phone", -1).carried("phone", 0), FRESH, REPLAYED),
        ("carried in another order", new().carried("phone", 0).carried("phone", -5), FRESH, REPLAYED),
    ] {
        // Of gaps nothing was recorded.
        let departs = if clause == ADJACENT { "" } else { " from enable.codes.window" };
        let refusal = format!("may InvalidAuthenticationCode by {clause}{departs}");
        hold(case, &stage.pair(ENABLE, "anna", "phone", steps), &[CARRIED_OUT, &refusal], &[], &[clause]);
    }
}

#[test]
fn a_new_device_takes_pairs_within_999_steps_as_recorded() {
    let (late, early) =
        ("may InvalidAuthenticationCode by enable.late-codes", "may InvalidAuthenticationCode by enable.early-codes");
    for (steps, open, inside) in [
        ((-999, -998), late, true),
        ((-1_000, -999), late, false),
        ((999, 1_000), early, true),
        ((1_000, 1_001), early, false),
    ] {
        let judged = Stage::new().searching_a_day().pair(ENABLE, "anna", "phone", steps);
        let departs = " from enable.codes.window";
        let (success, refusal) = if inside { ("", departs) } else { (departs, "") };
        let answers = [format!("success{success}; phone of anna"), format!("{open}{refusal}")];
        assert_eq!(judged.answers(), answers.into(), "{steps:?}");
    }
    // Whether the first step is within reach hangs on when the service looked.
    let edge = Stage::new().searching_a_day().until(30_000).pair(ENABLE, "anna", "phone", (-999, -998));
    assert_eq!(edge.answers(), set(&[CARRIED_OUT, late]));
    // Of a device that was somebody's before, the accepted pair is not known.
    let before = Stage::new().searching_a_day().deactivated("phone").pair(ENABLE, "anna", "phone", (1_000, 1_001));
    assert_eq!(before.answers(), set(&[CARRIED_OUT, early]));
}

#[test]
fn after_an_early_pair_the_current_one_may_be_refused_for_any_user() {
    let mut stage = Stage::new().deactivated("phone").carried("phone", 20);
    stage.accepted("phone", 20);
    for user in ["anna", "bert"] {
        let judged = stage.pair(ENABLE, user, "phone", FRESH);
        let accepted = format!("success from enable.codes.order; phone of {user}");
        assert_eq!(judged.answers(), set(&[&accepted, "may InvalidAuthenticationCode by enable.replayed-codes"]));
    }
}

#[test]
fn a_user_with_a_device_enables_no_further_one_with_its_own_key() {
    let denied = "may AccessDenied or InvalidClientTokenId by deactivate.default-user";
    let second = fresh(&Stage::new().owned("token", "anna").by("anna"));
    assert!(second.answers().is_superset(&set(&["success from enable.self-management; phone of anna", denied])));
    assert!(second.tested(Side::Reject).contains("enable.self-management"));
    let others = Stage::new().owned("token", "anna").by("anna").pair(ENABLE, "bert", "phone", FRESH);
    assert!(others.answers().is_superset(&set(&["success; phone of bert", denied])));
}

#[test]
fn what_explains_the_pair_is_told_where_the_seed_is_known() {
    let (now, explained) = (NOW.step(), |stage: Stage, steps| stage.pair(ENABLE, "anna", "phone", steps));
    let fresh = Recognition::Fresh { current: now };
    assert_eq!(explained(Stage::new(), FRESH).permitted.recognition, Some(fresh));
    let late = Recognition::Pair { first: now.plus(-2), second: now.plus(-1) };
    assert_eq!(explained(Stage::new(), (-2, -1)).permitted.recognition, Some(late));
    assert_eq!(explained(Stage::new().seedless("phone"), FRESH).permitted.recognition, None);
}

#[test]
fn what_was_done_to_another_device_or_long_ago_never_matters() {
    for stage in [
        Stage::new().carried("token", 0),
        Stage::new().carried("phone", -2),
        Stage::new().out_of_sync("token"),
        Stage::new().guessed("token").guessed("watch"),
        Stage::new().until(9_999),
    ] {
        assert_eq!(fresh(&stage).answers(), set(&[CARRIED_OUT]));
        assert!(fresh(&stage).tested(Side::Accept).is_superset(&set(CODES)));
    }
    let mut synchronised = Stage::new().out_of_sync("phone");
    synchronised.history.synchronised(synchronised.id("phone"));
    assert_eq!(fresh(&synchronised).answers(), set(&[CARRIED_OUT]));
}

#[test]
fn a_code_that_begins_with_a_zero_puts_leading_zeros_to_the_test() {
    let zeros = "codes.leading-zeros".to_owned();
    let begins = |stage: &Stage| [-1, 0].map(|offset| stage.code("phone", offset).starts_with('0'));
    for wanted in [[true, false], [false, true], [false, false]] {
        let stages = (58_333_000..).map(|step| Stage::new().at(TimeStep(step)));
        let stage = stages.into_iter().find(|stage| begins(stage) == wanted).unwrap();
        let judged = fresh(&stage);
        assert_eq!(judged.answers(), set(&[CARRIED_OUT]), "{wanted:?}");
        assert_eq!(judged.tested(Side::Accept).contains(&zeros), wanted != [false, false], "{wanted:?}");
    }
}

#[test]
fn without_a_usable_seed_only_impossible_luck_is_refused() {
    let open = [CARRIED_OUT, "may InvalidAuthenticationCode by support.seed-usable"];
    let stage = Stage::new().seedless("phone");
    for stage in [stage.clone(), stage.clone().guessed("token"), stage.clone().guessed("token").guessed("phone")] {
        assert_eq!(fresh(&stage).answers(), set(&open));
        assert_eq!(fresh(&stage).open(), set(&["support.seed-usable"]));
    }
    let judged = fresh(&stage.guessed("token").guessed("watch"));
    assert_eq!(judged.answers(), set(UNRECOGNISED));
    assert_eq!(judged.tested(Side::Reject), set(&["enable.codes-recognised"]));
}

#[test]
fn absent_users_and_absent_devices_are_refused() {
    let stage = Stage::new();
    let [one, two] = [stage.code("phone", -1), stage.code("phone", 0)];
    let no_user = "must NoSuchEntity by enable.user-exists";
    for (user, device, answers, rejects) in [
        ("nobody", "phone", vec![no_user], vec!["enable.user-exists"]),
        ("ann", "phone", vec![no_user], vec!["enable.user-exists"]),
        ("anna1", "phone", vec![no_user], vec!["enable.user-exists"]),
        ("anna", "absent", NO_DEVICE.to_vec(), vec!["enable.device-exists"]),
        ("anna", "phone1", NO_DEVICE.to_vec(), vec!["enable.device-exists"]),
        ("nobody", "absent", [NO_DEVICE, &[no_user]].concat(), vec![]),
    ] {
        let judged = stage.codes(ENABLE, user, &serial(device), [&one, &two]);
        hold(&format!("{user} {device}"), &judged, &answers, &rejects, &[]);
    }
}

const NO_DEVICE: &[&str] = &[
    "must NoSuchEntity by enable.device-exists",
    "must InvalidAuthenticationCode by enable.device-exists from enable.device-exists.code",
];

#[test]
fn what_is_open_of_user_and_device_may_be_refused() {
    for (stage, answer, open) in [
        (Stage::new().perhaps("anna"), "NoSuchEntity", "state.settles"),
        (Stage::new().by("anna"), "AccessDenied or InvalidClientTokenId", "deactivate.default-user"),
    ] {
        hold(open, &fresh(&stage), &[CARRIED_OUT, &format!("may {answer} by {open}")], &[], &[open]);
    }
    let removed = fresh(&Stage::new().perhaps_removed("phone"));
    let open = "deactivate.device-remains";
    let gone = "may NoSuchEntity by deactivate.device-remains; no phone? of nobody";
    hold(open, &removed, &[CARRIED_OUT, gone], &[], &[open]);
    // Whose the device is was never seen since; that another one is assigned keeps limits out of the question.
    let judged = fresh(&Stage::new().of_anybody("phone").owned("watch", "bert"));
    let answers = judged.answers();
    assert!(answers.contains("may EntityAlreadyExists by state.settles"), "{answers:?}");
    assert!(answers.contains("may LimitExceeded by enable.limit"), "{answers:?}");
    assert!(judged.open().contains("state.settles") && judged.permitted.allows_success());
}

#[test]
fn a_name_in_another_case_names_the_same_user_and_may_be_refused_as_a_departure() {
    let judged = Stage::new().pair(ENABLE, "Anna", "phone", FRESH);
    assert_eq!(judged.answers(), set(&[CARRIED_OUT, "may NoSuchEntity by enable.user-exists from caller.case"]));
    assert!(judged.open().is_empty());
    let accepted = judged.tested(Side::Accept);
    assert!(accepted.contains("caller.case") && accepted.is_disjoint(&set(EXISTENCE)), "{accepted:?}");
}

#[test]
fn an_enabled_device_is_refused_for_its_own_user_and_for_another() {
    for user in ["anna", "bert"] {
        let judged = Stage::new().owned("phone", "anna").pair(ENABLE, user, "phone", FRESH);
        let quota = "may LimitExceeded by enable.limit from enable.limit.quota";
        let mut answers = set(&["must EntityAlreadyExists by enable.already-enabled"]);
        // One device is the most that a user was seen to have.
        answers.extend((user == "anna").then(|| quota.to_owned()));
        assert_eq!(judged.answers(), answers, "{user}");
        assert_eq!(judged.tested(Side::Reject), set(&["enable.already-enabled"]), "{user}");
        let limit: &[&str] = if user == "bert" { &["enable.limit"] } else { &[] };
        demands("enabled", &judged, &[FORM, EXISTENCE, CODES, limit]);
    }
}

#[test]
fn of_two_faults_either_may_be_named_and_neither_is_put_to_the_test() {
    let judged = Stage::new().owned("phone", "anna").pair(ENABLE, "nobody", "phone", (0, 0));
    assert!(!judged.permitted.allows_success());
    assert!(judged.answers().is_superset(&set(&[
        "must NoSuchEntity by enable.user-exists",
        "must EntityAlreadyExists by enable.already-enabled from errors.order",
        "must InvalidAuthenticationCode by enable.code2.subsequent from errors.order",
    ])));
    assert_eq!(judged.tested(Side::Reject), set(&["errors.order"]));
}

#[test]
fn failures_pass_with_or_without_the_effect_of_a_success() {
    let always = [
        "passing ServiceFailure by enable.service-failure",
        "passing ServiceFailure by enable.service-failure; phone of anna",
        "passing InternalFailure or ServiceUnavailable by common.transient",
        "passing InternalFailure or ServiceUnavailable by common.transient; phone of anna",
        "passing Throttling by common.transient",
        "passing EntityTemporarilyUnmodifiable by enable.temporarily-unmodifiable",
    ];
    assert_eq!(fresh(&Stage::new()).passing(), set(&always));
    let concurrent = "passing ConcurrentModification by enable.concurrent-modification";
    assert_eq!(fresh(&Stage::new().overlapped()).passing(), set(&[&always[..], &[concurrent]].concat()));
    // A request that must be refused has no effect, whatever answers it.
    for refused in [
        Stage::new().pair(ENABLE, "anna", "phone", (0, 0)),
        Stage::new().pair(ENABLE, "nobody", "phone", FRESH),
        fresh(&Stage::new().owned("phone", "bert")),
    ] {
        let passing = refused.passing();
        assert!(passing.len() == 4 && passing.iter().all(|passing| !passing.contains(';')), "{passing:?}");
    }
}

#[test]
fn a_broken_constraint_is_refused_whichever_it_is() {
    let stage = Stage::new();
    let (phone, one, two) = (serial("phone"), stage.code("phone", -1), stage.code("phone", 0));
    let right = [
        ("UserName", "anna"),
        ("SerialNumber", phone.as_str()),
        ("AuthenticationCode1", &one),
        ("AuthenticationCode2", &two),
    ];
    let long = "n".repeat(129);
    let longer = format!("{phone}/{}", "n".repeat(256));
    for (place, word, value, aspect) in [
        (0, "user-name", None, "required"),
        (0, "user-name", Some(""), "empty"),
        (0, "user-name", Some("an na"), "pattern"),
        (0, "user-name", Some(long.as_str()), "max-length"),
        (1, "serial-number", None, "required"),
        (1, "serial-number", Some("R1234"), "min-length"),
        (1, "serial-number", Some("arn:aws:iam::1:mfa/!"), "pattern"),
        (1, "serial-number", Some(longer.as_str()), "max-length"),
        (2, "code1", None, "required"),
        (2, "code1", Some("12345"), "min-length"),
        (3, "code2", None, "required"),
        (3, "code2", Some("12345a"), "pattern"),
        (3, "code2", Some("1234567"), "max-length"),
    ] {
        let mut parameters = right.to_vec();
        match value {
            Some(value) => parameters[place].1 = value,
            None => drop(parameters.remove(place)),
        }
        let judged = stage.call(ENABLE, &parameters);
        let clauses = format!("enable.{word}.{aspect} enable.{word}.rejected");
        let expected = [
            format!("must ValidationError by {clauses}"),
            format!("must malformed otherwise by {clauses} from validation.code"),
            format!("must InvalidAuthenticationCode or NoSuchEntity by {clauses} from validation.before-existence"),
        ];
        assert_eq!(judged.answers(), expected.into(), "{word} {value:?}");
        let both = clauses.split(' ').map(str::to_owned).collect();
        assert_eq!(judged.tested(Side::Reject), both, "{word} {value:?}");
    }
}

#[test]
fn a_value_at_an_edge_puts_the_edge_to_the_test() {
    let long = "n".repeat(64);
    let stage = Stage::new().user(&long).user("o").user("An-na").user("an.na");
    let edges = |user: &str| stage.pair(ENABLE, user, "phone", FRESH).edges();
    assert_eq!(edges("anna"), set(&[]));
    assert_eq!(edges(&long), set(&["enable.user-name.max-length", "enable.user-exists"]));
    assert_eq!(edges("o"), set(&["enable.user-name.min-length"]));
    assert_eq!(edges("an.na"), set(&["enable.user-name.pattern", "enable.user-exists"]));
    assert_eq!(edges("An-na"), set(&["enable.user-name.pattern", "enable.user-exists"]));
    let fitting = "d".repeat(256 - serial("").len());
    for (device, expected) in [
        ("phone", set(&[])),
        ("a/b:c-1", set(&[])),
        ("a.b", set(&["enable.serial-number.pattern", "serial-number.own-arn"])),
        ("A", set(&["enable.serial-number.pattern", "serial-number.own-arn"])),
        (&fitting, set(&["enable.serial-number.max-length", "serial-number.own-arn"])),
        (&fitting[..98], set(&["serial-number.own-arn"])),
        (&fitting[..97], set(&[])),
    ] {
        let judged = Stage::new().device(device).pair(ENABLE, "anna", device, FRESH);
        assert_eq!(judged.edges(), expected, "{device}");
        assert!(judged.permitted.allows_success(), "{device}");
    }
    let judged = Stage::new().device("").pair(ENABLE, "anna", "", FRESH);
    assert!(judged.permitted.allows_success());
}

#[test]
fn what_prose_leaves_out_and_what_lies_beyond_the_pattern_may_be_refused() {
    let malformed = "may malformed or NoSuchEntity by serial-number.own-arn-beyond";
    let beyond = Stage::new().device("a!b").pair(ENABLE, "anna", "a!b", FRESH);
    assert_eq!(beyond.answers(), set(&["success; a!b of anna", malformed]));
    let absent = Stage::new().pair(ENABLE, "anna", "a_b", FRESH);
    assert!(absent.answers().contains("may malformed by serial-number.prose"));
    assert!(!Stage::new().pair(ENABLE, "anna", "a:b", FRESH).open().contains("serial-number.prose"));
    let open = Stage::new().user("änna").pair(ENABLE, "änna", "phone", FRESH);
    let doubted = "may malformed or NoSuchEntity by enable.user-name.pattern.non-ascii";
    assert_eq!(open.answers(), set(&["success; phone of änna", doubted]));
}
