//! The documented service's operations that set up and observe: what they refuse, and what they show.

use mfa_reference::totp::Seed;
use mfa_reference::{Caller, Outcome, Page, QrCode, SuccessBody, Tag};

use super::service::Account;
use super::stage::serial;

/// The stage's instant, as the service writes it.
const DATE: &str = "2025-06-15T15:06:50Z";

/// A call of the administrator.
fn call(account: &mut Account, action: &str, parameters: &[(&str, &str)]) -> String {
    account.call(action, parameters, Caller::Administrator)
}

fn body(account: &mut Account, action: &str, parameters: &[(&str, &str)]) -> SuccessBody {
    match account.outcome(action, parameters, Caller::Administrator) {
        Outcome::Success(body) => body,
        Outcome::Error { code, message } => panic!("{action}: {code}: {message}"),
    }
}

/// The serial numbers that `ListMFADevices` shows of anna's devices, and the marker of the next page.
fn listed(account: &mut Account, parameters: &[(&str, &str)]) -> (Vec<String>, Option<String>) {
    let parameters: Vec<(&str, &str)> = parameters.iter().copied().chain([("UserName", "anna")]).collect();
    let SuccessBody::MfaDevices(Page { items, next }) = body(account, "ListMFADevices", &parameters) else {
        panic!("another body")
    };
    (items.into_iter().map(|entry| entry.serial_number).collect(), next)
}

#[test]
fn every_broken_constraint_is_told_at_its_parameter() {
    let mut account = Account::new(1);
    let device = serial("device-0");
    for (parameters, member, must) in [
        (vec![("UserName", "anna")], "serialNumber", "not be null"),
        (
            vec![("UserName", "a!"), ("SerialNumber", device.as_str())],
            "userName",
            r"satisfy regular expression pattern: [\w+=,.@-]+",
        ),
        (vec![("UserName", "anna"), ("SerialNumber", "a:b")], "serialNumber", "have length greater than or equal to 9"),
    ] {
        let told = format!("Value at '{member}' failed to satisfy constraint: Member must {must}");
        assert_eq!(
            call(&mut account, "DeactivateMFADevice", &parameters),
            format!("ValidationError: 1 validation error detected: {told}")
        );
    }
    let long = "a".repeat(129);
    let two = [("UserName", long.as_str())];
    assert_eq!(
        call(&mut account, "DeactivateMFADevice", &two),
        "ValidationError: 2 validation errors detected: Value at 'userName' failed to satisfy constraint: Member must \
         have length less than or equal to 128; Value at 'serialNumber' failed to satisfy constraint: Member must not \
         be null"
    );
}

#[test]
fn a_name_is_taken_once() {
    let mut account = Account::new(1);
    let taken = "EntityAlreadyExists: User with name anna already exists.";
    assert_eq!(call(&mut account, "CreateUser", &[("UserName", "anna")]), taken);
    assert_eq!(call(&mut account, "UpdateUser", &[("UserName", "bert"), ("NewUserName", "anna")]), taken);
    let device = [("VirtualMFADeviceName", "device-0")];
    assert_eq!(
        call(&mut account, "CreateVirtualMFADevice", &device),
        "EntityAlreadyExists: MFA device already exists."
    );
}

#[test]
fn a_device_is_deleted_once_it_is_nobodys() {
    let mut account = Account::new(2);
    account.enable("anna", 0);
    let (used, unused) = (serial("device-0"), serial("device-1"));
    assert_eq!(
        call(&mut account, "DeleteVirtualMFADevice", &[("SerialNumber", &used)]),
        "DeleteConflict: MFA VirtualDevice in use. Must deactivate first."
    );
    let delete = [("SerialNumber", unused.as_str())];
    assert_eq!(call(&mut account, "DeleteVirtualMFADevice", &delete), "success");
    let gone = format!("NoSuchEntity: MFA Device with serial number {unused} does not exist.");
    assert_eq!(call(&mut account, "DeleteVirtualMFADevice", &delete), gone);
}

#[test]
fn a_user_has_at_most_two_keys_and_deletes_only_those() {
    let mut account = Account::new(0);
    let anna = [("UserName", "anna")];
    let SuccessBody::AccessKey(key) = body(&mut account, "CreateAccessKey", &anna) else { panic!("another body") };
    assert_eq!((key.user_name.as_str(), key.create_date.as_str()), ("anna", DATE));
    assert_eq!(call(&mut account, "CreateAccessKey", &anna), "success");
    assert_eq!(
        call(&mut account, "CreateAccessKey", &anna),
        "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2"
    );
    let id = key.access_key_id;
    let delete = |user: &'static str| [("UserName", user), ("AccessKeyId", id.as_str())];
    let absent = format!("NoSuchEntity: The Access Key with id {id} cannot be found.");
    assert_eq!(call(&mut account, "DeleteAccessKey", &delete("bert")), absent);
    assert_eq!(call(&mut account, "DeleteAccessKey", &delete("anna")), "success");
    assert_eq!(call(&mut account, "DeleteAccessKey", &delete("anna")), absent);
}

#[test]
fn a_listing_goes_on_behind_the_last_device_of_a_page() {
    let mut account = Account::new(3);
    let devices: Vec<String> = (0..3).map(|number| serial(&format!("device-{number}"))).collect();
    for number in 0..3 {
        account.enable("anna", number);
    }
    let SuccessBody::MfaDevices(page) = body(&mut account, "ListMFADevices", &[("UserName", "anna")]) else {
        panic!("another body")
    };
    assert!(page.items.iter().all(|entry| entry.user_name == "anna" && entry.enable_date == DATE), "{page:?}");
    let (first, next) = listed(&mut account, &[("MaxItems", "2")]);
    let (rest, end) = listed(&mut account, &[("MaxItems", "2"), ("Marker", &next.unwrap())]);
    assert_eq!((first, rest, end), (devices[..2].to_vec(), devices[2..].to_vec(), None));
}

#[test]
fn a_new_device_tells_its_arn_its_picture_and_its_tags() {
    let mut account = Account::new(0);
    let tagged = [("VirtualMFADeviceName", "fob"), ("Path", "/a//b/"), ("Tags.member.1.Key", "team")];
    let outcome = account.outcome("CreateVirtualMFADevice", &tagged, Caller::Administrator);
    let Outcome::Success(SuccessBody::VirtualDevice { serial_number, seed_blob, extras }) = outcome else {
        panic!("{outcome:?}")
    };
    let seed = Seed::from_blob(&seed_blob).unwrap().0;
    assert_eq!(serial_number, "arn:aws:iam::123456789012:mfa/a//b/fob");
    assert_eq!(extras.qr_code, QrCode::of_device("fob", "123456789012", &seed));
    assert!(matches!(extras.qr_code, QrCode::Png(_)), "{extras:?}");
    assert_eq!(extras.tags, [Tag { key: "team".to_owned(), value: String::new() }]);
}

#[test]
fn a_path_that_aws_refuses_is_refused_in_its_words() {
    let mut account = Account::new(0);
    let long = format!("/{}/", "p".repeat(512));
    for (path, words) in [
        ("team/", "It must begin and end with / and contain only alphanumeric characters and/or / characters."),
        (&long, "Value at 'path' failed to satisfy constraint: Member must have length less than or equal to 512"),
    ] {
        for (action, name) in [("CreateUser", "UserName"), ("CreateVirtualMFADevice", "VirtualMFADeviceName")] {
            let said = account.call(action, &[(name, "new"), ("Path", path)], Caller::Administrator);
            assert!(said.starts_with("ValidationError: ") && said.ends_with(words), "{action}: {said}");
        }
    }
}
