//! The documented service: what it refuses, in the order recorded of AWS, and what it carries out.

use mfa_reference::service::{Behaviour, Service, recorded_refusals};
use mfa_reference::totp::Seed;
use mfa_reference::{Caller, Constraints, ErrorCode, Outcome, RawRequest, Request, SuccessBody};

use super::stage::{NOW, serial};

pub(crate) struct Account {
    service: Service,
    seeds: Vec<Seed>,
}

impl Account {
    /// The users anna and bert and this many devices, `device-0` and so on.
    pub(crate) fn new(devices: usize) -> Self {
        let mut account = Self { service: Service::new(Behaviour::default(), 1), seeds: Vec::new() };
        for user in ["anna", "bert"] {
            account.call("CreateUser", &[("UserName", user)], Caller::Administrator);
        }
        for number in 0..devices {
            let raw =
                RawRequest::new("CreateVirtualMFADevice", &[("VirtualMFADeviceName", &format!("device-{number}"))]);
            let (_, outcome) = account.service.answer(&raw, Caller::Administrator, NOW);
            let Outcome::Success(SuccessBody::VirtualDevice { seed_blob, .. }) = outcome else { panic!("{outcome:?}") };
            account.seeds.push(Seed::from_blob(&seed_blob).unwrap().0);
        }
        account
    }

    pub(crate) fn call(&mut self, action: &str, parameters: &[(&str, &str)], caller: Caller) -> String {
        match self.outcome(action, parameters, caller) {
            Outcome::Success(_) => "success".to_owned(),
            Outcome::Error { code, message } => format!("{code}: {message}"),
        }
    }

    pub(crate) fn outcome(&mut self, action: &str, parameters: &[(&str, &str)], caller: Caller) -> Outcome {
        self.service.answer(&RawRequest::new(action, parameters), caller, NOW).1
    }

    /// A call with codes of a device, and the device's name or another.
    fn codes(&mut self, action: &str, user: &str, device: &str, (number, first, second): (usize, i64, i64)) -> String {
        let codes = [first, second].map(|offset| self.seeds[number].code(NOW.step().plus(offset)).to_string());
        let parameters = [
            ("UserName", user),
            ("SerialNumber", &serial(device)),
            ("AuthenticationCode1", &codes[0]),
            ("AuthenticationCode2", &codes[1]),
        ];
        self.call(action, &parameters, Caller::Administrator)
    }

    pub(crate) fn enable(&mut self, user: &str, number: usize) -> String {
        self.codes("EnableMFADevice", user, &format!("device-{number}"), (number, -1, 0))
    }

    fn devices_of(&self, user: &str) -> usize {
        let world = self.service.world();
        world.find_user(user).id().and_then(|id| world.user(id)).unwrap().device_count()
    }
}

#[test]
fn of_several_faults_the_first_in_the_recorded_order_is_told() {
    let mut account = Account::new(2);
    let absent = serial("absent");
    let (no_user, no_device) = (
        "NoSuchEntity: The user with name nobody cannot be found.".to_owned(),
        format!("NoSuchEntity: MFA Device with serial number {absent} does not exist."),
    );
    let wrong = "InvalidAuthenticationCode: Authentication code for device is not valid.";
    assert_eq!(account.codes("EnableMFADevice", "nobody", "absent", (0, -9, 0)), no_user);
    assert_eq!(account.codes("EnableMFADevice", "anna", "absent", (0, -9, 0)), no_device);
    assert_eq!(account.codes("EnableMFADevice", "anna", "device-0", (0, -9, 0)), wrong);
    assert_eq!(account.codes("EnableMFADevice", "anna", "device-0", (1, -1, 0)), wrong);
    assert_eq!(account.codes("EnableMFADevice", "nobody", "device-0", (0, -1, 0)), no_user);
    assert_eq!((account.devices_of("anna"), account.devices_of("bert")), (0, 0));
    assert_eq!(account.enable("anna", 0), "success");
    for user in ["anna", "bert"] {
        assert_eq!(account.enable(user, 0), "EntityAlreadyExists: MFA Device is already in use.");
        assert_eq!(account.codes("EnableMFADevice", user, "device-0", (0, -9, 0)), wrong);
    }
    let malformed = account.codes("EnableMFADevice", "", "absent", (0, -9, 0));
    assert!(malformed.starts_with("ValidationError: 1 validation error detected: "), "{malformed}");
}

#[test]
fn the_recorded_refusals_are_those_of_either_order_of_the_checks() {
    let mut account = Account::new(1);
    account.enable("anna", 0);
    let refusals = |user: &str, device: &str| {
        let raw = RawRequest::new("DeactivateMFADevice", &[("UserName", user), ("SerialNumber", &serial(device))]);
        let constraints = Constraints::default();
        let request = Request::read(&raw, &constraints).unwrap();
        recorded_refusals(account.service.world(), Caller::Administrator, &request, NOW)
    };
    let (no_user, no_device) = (
        "The user with name nobody cannot be found.".to_owned(),
        format!("MFA Device with serial number {} does not exist.", serial("device-1")),
    );
    let told = [no_user, no_device].map(|message| (ErrorCode::NoSuchEntity, message));
    assert_eq!(refusals("nobody", "device-1"), told);
    assert_eq!(refusals("anna", "device-0"), []);
}

#[test]
fn resync_and_deactivate_are_for_the_users_own_device() {
    let mut account = Account::new(2);
    account.enable("anna", 0);
    let not_hers = format!("NoSuchEntity: MFA Device with serial number {} does not exist.", serial("device-0"));
    let nobodys = format!("NoSuchEntity: MFA Device with serial number {} does not exist.", serial("device-1"));
    assert_eq!(account.codes("ResyncMFADevice", "anna", "device-0", (0, -1, 0)), "success");
    assert_eq!(account.codes("ResyncMFADevice", "bert", "device-0", (0, -1, 0)), not_hers);
    assert_eq!(account.codes("ResyncMFADevice", "anna", "device-1", (1, -1, 0)), nobodys);
    assert_eq!(account.devices_of("anna"), 1);
    let (zero, one) = (serial("device-0"), serial("device-1"));
    let named = |user: &'static str, device| [("UserName", user), ("SerialNumber", device)];
    let administrator = Caller::Administrator;
    assert_eq!(account.call("DeactivateMFADevice", &named("bert", zero.as_str()), administrator), not_hers);
    assert_eq!(account.call("DeactivateMFADevice", &named("anna", one.as_str()), administrator), nobodys);
    let anna = account.service.world().find_user("anna").id().unwrap();
    let bert = account.service.world().find_user("bert").id().unwrap();
    let alone = [("SerialNumber", zero.as_str())];
    assert_eq!(
        account.call("DeactivateMFADevice", &alone, administrator),
        "ValidationError: Must specify userName when calling with non-User credentials"
    );
    assert_eq!(account.call("DeactivateMFADevice", &alone, Caller::User(bert)), not_hers);
    assert_eq!(account.devices_of("anna"), 1);
    assert_eq!(account.call("DeactivateMFADevice", &alone, Caller::User(anna)), "success");
    assert_eq!(account.devices_of("anna"), 0);
    assert_eq!(account.call("DeactivateMFADevice", &alone, Caller::User(anna)), not_hers);
    assert_eq!(account.enable("bert", 0), "success");
}

#[test]
fn a_user_has_at_most_eight_devices() {
    let mut account = Account::new(10);
    for number in 0..8 {
        assert_eq!(account.enable("anna", number), "success", "{number}");
    }
    assert_eq!(account.enable("anna", 8), "LimitExceeded: Cannot exceed quota for MfaDevicesPerUser: 8");
    assert_eq!(account.codes("ResyncMFADevice", "anna", "device-0", (0, -1, 0)), "success");
    assert_eq!(account.enable("bert", 8), "success");
    let first = [("UserName", "anna"), ("SerialNumber", &*serial("device-0"))];
    assert_eq!(account.call("DeactivateMFADevice", &first, Caller::Administrator), "success");
    assert_eq!(account.enable("anna", 9), "success");
}

#[test]
fn a_pair_is_taken_a_step_around_now() {
    for ((first, second), taken) in [
        ((-3, -2), false),
        ((-2, -1), true),
        ((-1, 0), true),
        ((0, 1), true),
        ((1, 2), false),
        ((0, -1), false),
        ((-2, 0), false),
    ] {
        let answer = Account::new(1).codes("EnableMFADevice", "anna", "device-0", (0, first, second));
        assert_eq!(answer == "success", taken, "{first} {second}");
    }
}
