//! The operations that set up and observe.

use mfa_reference::belief::{Entity, Evidence};
use mfa_reference::clause::{ClauseId, Side};
use mfa_reference::permitted::transition::Answer;
use mfa_reference::{DeviceExtras, ErrorCode, SuccessBody};

use super::stage::{Judged, Stage, entry, hold, key, serial, set};

/// A success changes what it says, a refusal nothing: no clause speaks of the call.
fn open(change: &str) -> Vec<String> {
    vec![format!("success{change}"), "may refuse".to_owned()]
}

fn create_user(stage: &Stage, name: &str) -> Judged {
    stage.call("CreateUser", &[("UserName", name)])
}

#[test]
fn calls_of_which_no_clause_speaks_succeed_with_their_effect_or_are_refused_without() {
    let stage = Stage::new().with_key("anna").owned("watch", "bert");
    let (absent, phone) = (serial("absent"), serial("phone"));
    let made = SuccessBody::VirtualDevice {
        serial_number: serial("new"),
        seed_blob: String::new(),
        extras: DeviceExtras::default(),
    };
    for (action, parameter, body, change) in [
        ("CreateUser", ("UserName", "carl"), SuccessBody::User(entry("carl")), "; carl"),
        ("CreateVirtualMFADevice", ("VirtualMFADeviceName", "new"), made, "; new of nobody"),
        ("CreateAccessKey", ("UserName", "bert"), key("bert"), "; bert with keys AKIA-bert"),
        ("CreateAccessKey", ("UserName", "nobody"), key("nobody"), ""),
        ("DeleteAccessKey", ("AccessKeyId", "AKIA-anna"), SuccessBody::Empty, "; anna"),
        ("DeleteAccessKey", ("AccessKeyId", "AKIA-other"), SuccessBody::Empty, ""),
        ("UpdateUser", ("UserName", "anna"), SuccessBody::Empty, ""),
        ("DeleteUser", ("UserName", "nobody"), SuccessBody::Empty, ""),
        ("DeleteVirtualMFADevice", ("SerialNumber", &absent), SuccessBody::Empty, ""),
        ("DeleteVirtualMFADevice", ("SerialNumber", &phone), SuccessBody::Empty, "; no phone of nobody"),
        ("GetUser", ("UserName", "anna"), SuccessBody::User(entry("anna")), ""),
        ("ListUsers", ("Marker", "anna"), SuccessBody::Empty, ""),
        ("ListAccessKeys", ("UserName", "anna"), SuccessBody::Empty, ""),
        ("ListMFADevices", ("UserName", "nobody"), SuccessBody::Empty, ""),
        ("ListVirtualMFADevices", ("AssignmentStatus", "assigned"), SuccessBody::Empty, ""),
    ] {
        let judged = stage.call(action, &[parameter]);
        assert_eq!(judged.answers_with(&body), open(change).into_iter().collect(), "{action} {parameter:?}");
        assert!(judged.permitted.tested.is_empty() && judged.open().is_empty(), "{action} {parameter:?}");
    }
}

#[test]
fn a_path_without_its_slashes_is_to_be_refused_as_malformed() {
    for (action, name) in [("CreateUser", "UserName"), ("CreateVirtualMFADevice", "VirtualMFADeviceName")] {
        for (path, malformed) in [("team/", true), ("/team", true), ("//", true), ("/a//b/", false), ("/", false)] {
            let judged = Stage::new().call(action, &[(name, "new"), ("Path", path)]);
            let tested = judged.permitted.tested.contains(&(ClauseId::CreatePath, Side::Reject));
            assert_eq!(tested, malformed, "{action} {path}");
        }
    }
}

#[test]
fn whatever_changes_something_may_fail_with_or_without_its_effect() {
    let stage = Stage::new();
    let phone = serial("phone");
    for (action, parameter, effect) in [
        ("CreateUser", ("UserName", "carl"), ""),
        ("DeleteUser", ("UserName", "anna"), "; no anna"),
        ("CreateAccessKey", ("UserName", "anna"), "; anna with keys ?"),
        ("DeleteVirtualMFADevice", ("SerialNumber", phone.as_str()), "; no phone of nobody"),
        ("ListMFADevices", ("UserName", "anna"), ""),
        ("GetUser", ("UserName", "anna"), ""),
    ] {
        let expected = [
            "passing ServiceFailure by common.transient".to_owned(),
            "passing InternalFailure or ServiceUnavailable by common.transient".to_owned(),
            format!("passing ServiceFailure by common.transient{effect}"),
            format!("passing InternalFailure or ServiceUnavailable by common.transient{effect}"),
            "passing Throttling by common.transient".to_owned(),
        ];
        assert_eq!(stage.call(action, &[parameter]).passing(), expected.into(), "{action}");
    }
}

#[test]
fn users_are_created_with_names_of_up_to_64_characters() {
    let clause = "create-user.length";
    let long = create_user(&Stage::new(), &"n".repeat(65));
    hold("65", &long, &[&format!("must refuse by {clause}"), &format!("success from {clause}")], &[clause], &[]);
    for short in ["n".repeat(64), "ü".repeat(64)] {
        hold("64", &create_user(&Stage::new(), &short), &["success", "may refuse"], &[], &[]);
    }
}

#[test]
fn a_user_who_is_created_again_has_no_device() {
    let clause = "recreated-user.has-no-device";
    let judged = create_user(&Stage::new().deactivated("phone").deleted("anna"), "Anna");
    assert_eq!(judged.answers_with(&SuccessBody::User(entry("Anna"))), set(&["success; Anna", "may refuse"]));
    assert_eq!(judged.tested(Side::Accept), set(&[clause]));
}

#[test]
fn a_renamed_user_keeps_the_device() {
    let stage = Stage::new().owned("phone", "anna");
    let rename = |stage: &Stage, to| stage.call("UpdateUser", &[("UserName", "anna"), ("NewUserName", to)]);
    let judged = rename(&stage, "carl");
    let kept = "success; carl; phone of carl";
    let lost = "success from rename.keeps-device; carl; phone? of anybody";
    hold("renamed", &judged, &[kept, lost, "may refuse"], &[], &[]);
    // An earlier attempt may have been carried out.
    let again = rename(&Stage::new().perhaps("anna"), "carl");
    let done = "may NoSuchEntity by rename.keeps-device; carl? with keys ?";
    assert!(again.answers().contains(done), "{:?}", again.answers());
    let taken = rename(&Stage::new().perhaps("anna"), "bert");
    assert!(taken.answers().iter().all(|answer| !answer.contains("NoSuchEntity")), "{:?}", taken.answers());
    assert!(judged.tested(Side::Accept).is_empty());
}

#[test]
fn a_user_is_deleted_only_without_a_device() {
    let clause = "delete-user.requires-deactivation";
    let delete = |stage: &Stage| stage.call("DeleteUser", &[("UserName", "anna")]);
    let with_device = delete(&Stage::new().owned("phone", "anna"));
    let conflict = format!("must DeleteConflict by {clause}");
    let other = format!("must refuse otherwise by {clause} from delete-user.code");
    hold("with a device", &with_device, &[&conflict, &other], &[clause], &[]);
    for stage in [Stage::new(), Stage::new().owned("phone", "bert").with_key("bert"), Stage::new().deactivated("phone")]
    {
        hold("without", &delete(&stage), &["success; no anna"], &[], &[]);
        assert_eq!(delete(&stage).tested(Side::Accept), set(&[clause]));
    }
    for (case, stage, gone) in [
        ("keys have to go first", Stage::new().with_key("anna"), "no anna with keys AKIA-anna"),
        ("the user may have a device", Stage::new().of_anybody("phone"), "no anna"),
        ("the user may be gone", Stage::new().perhaps("anna"), "no anna? with keys ?"),
    ] {
        hold(case, &delete(&stage), &[&format!("success; {gone}"), "may refuse"], &[], &[]);
        assert!(delete(&stage).tested(Side::Accept).is_empty(), "{case}");
    }
}

#[test]
fn a_user_who_may_have_keys_may_be_refused() {
    // The user was seen again after a call that told nothing.
    let mut stage = Stage::new().perhaps("anna");
    stage.state.narrow(Evidence::Exists(stage.user_id("anna")));
    let judged = stage.call("DeleteUser", &[("UserName", "anna")]);
    hold("keys are open", &judged, &["success; no anna with keys ?", "may refuse"], &[], &[]);
}

#[test]
fn an_assigned_device_is_deleted_only_as_a_departure() {
    let clause = "delete-virtual-device.attached";
    let judged =
        Stage::new().owned("phone", "anna").call("DeleteVirtualMFADevice", &[("SerialNumber", &serial("phone"))]);
    let conflict = format!("must DeleteConflict by {clause}");
    let other = format!("must refuse otherwise by {clause} from {clause}");
    let freed = format!("success from {clause}; no phone of anna");
    hold("attached", &judged, &[&conflict, &other, &freed], &[clause], &[]);
}

#[test]
fn a_listing_of_a_user_shows_exactly_the_users_devices() {
    let list = |stage: &Stage| stage.call("ListMFADevices", &[("UserName", "anna")]);
    hold("known", &list(&Stage::new()), &["a listing of the user's devices"], &[], &[]);
    let gone = "must NoSuchEntity; no anna? with keys ?";
    let perhaps = list(&Stage::new().perhaps("anna"));
    hold("may be gone", &perhaps, &["a listing of the user's devices", gone], &[], &[]);
}

#[test]
fn a_listing_by_status_shows_the_devices_of_the_status() {
    let clause = "list.assignment-status";
    let list = |parameters: &[(&str, &str)]| Stage::new().call("ListVirtualMFADevices", parameters);
    for parameters in [&[][..], &[("AssignmentStatus", "Any")]] {
        hold("any", &list(parameters), &["a listing of Any devices", "may refuse"], &[], &[]);
        assert!(list(parameters).permitted.tested.is_empty());
    }
    for status in ["Assigned", "Unassigned"] {
        let judged = list(&[("AssignmentStatus", status)]);
        let listing = format!("a listing of {status} devices");
        hold(status, &judged, &[&listing, "may refuse"], &[], &[]);
        assert_eq!(judged.tested(Side::Accept), set(&[clause]));
    }
}

#[test]
fn the_name_of_a_device_that_deactivation_removed_is_free() {
    let clause = "deactivate.device-usable";
    let create = |stage: &Stage, name: &str| stage.call("CreateVirtualMFADevice", &[("VirtualMFADeviceName", name)]);
    let perhaps = Stage::new().perhaps_removed("phone");
    let phone = serial("phone");
    let deleted = perhaps.call("DeleteVirtualMFADevice", &[("SerialNumber", &phone)]);
    assert!(deleted.answers().contains("may NoSuchEntity; no phone? of nobody"), "{:?}", deleted.answers());
    let mut gone = perhaps.clone();
    gone.state.narrow(Evidence::Gone(Entity::Device(perhaps.id("phone"))));
    let judged = create(&gone, "phone");
    let refusals = judged.permitted.transitions.iter().filter(|step| !step.transient);
    assert!(!refusals.clone().any(|step| step.expect.is_answered_by(Answer::Error(ErrorCode::EntityAlreadyExists))));
    assert!(refusals.clone().any(|step| step.expect.is_answered_by(Answer::Error(ErrorCode::AccessDenied))));
    assert_eq!(judged.tested(Side::Accept), set(&[clause]));
    // Whatever else is created may be refused, and so may this name once it is given.
    let again = gone.clone().device("phone");
    for (stage, name) in [(&gone, "phones"), (&gone, "hone"), (&again, "phone"), (&perhaps, "phone")] {
        assert_eq!(create(stage, name).tested(Side::Accept), set(&[]), "{name}");
    }
}
