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
        let account = self.service.account();
        account.find_user(user).and_then(|id| account.user(id)).unwrap().device_count()
    }
}

const NOT_HERS: &str = "NoSuchEntity: MFA Device invalid for user.";

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
    for (user, told) in [
        ("anna", "EntityAlreadyExists: MFA Device for user anna already exists."),
        ("bert", "EntityAlreadyExists: MFA Device is already in use."),
    ] {
        assert_eq!(account.enable(user, 0), told);
        assert_eq!(account.codes("EnableMFADevice", user, "device-0", (0, -9, 0)), told);
    }
    assert_eq!(account.codes("ResyncMFADevice", "bert", "device-0", (0, -9, 0)), NOT_HERS);
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
        recorded_refusals(account.service.account(), Caller::Administrator, &request, NOW)
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
    assert_eq!(account.codes("ResyncMFADevice", "anna", "device-0", (0, 1, 2)), "success");
    assert_eq!(account.codes("ResyncMFADevice", "bert", "device-0", (0, 3, 4)), NOT_HERS);
    assert_eq!(account.codes("ResyncMFADevice", "anna", "device-1", (1, -1, 0)), NOT_HERS);
    assert_eq!(account.devices_of("anna"), 1);
    let (zero, one) = (serial("device-0"), serial("device-1"));
    let named = |user: &'static str, device| [("UserName", user), ("SerialNumber", device)];
    let administrator = Caller::Administrator;
    assert_eq!(account.call("DeactivateMFADevice", &named("bert", zero.as_str()), administrator), NOT_HERS);
    assert_eq!(account.call("DeactivateMFADevice", &named("anna", one.as_str()), administrator), NOT_HERS);
    let bert = account.service.account().find_user("bert").unwrap();
    let alone = [("SerialNumber", zero.as_str())];
    assert_eq!(
        account.call("DeactivateMFADevice", &alone, administrator),
        "ValidationError: Must specify userName when calling with non-User credentials"
    );
    assert_eq!(account.call("DeactivateMFADevice", &alone, Caller::User(bert)), NOT_HERS);
    assert_eq!(account.devices_of("anna"), 1);
    assert_eq!(account.call("DeactivateMFADevice", &named("anna", zero.as_str()), administrator), "success");
    assert_eq!(account.devices_of("anna"), 0);
    assert_eq!(account.codes("EnableMFADevice", "bert", "device-0", (0, 3, 4)), "success");
}

#[test]
fn a_user_with_a_device_manages_no_device_of_its_own_with_a_key() {
    const DENIED: &str = "AccessDenied: To complete this action, please ensure that you are authenticated with an MFA \
        device that is enabled for this user.";
    let mut account = Account::new(3);
    let anna = Caller::User(account.service.account().find_user("anna").unwrap());
    let (zero, one, two) = (serial("device-0"), serial("device-1"), serial("device-2"));
    let pairs = [0, 1, 2].map(|number: usize| {
        let code = |offset| account.seeds[number].code(NOW.step().plus(offset)).to_string();
        [code(-1), code(0), code(1), code(2)]
    });
    let named = |user: &'static str, device: &str, [first, second]: [&str; 2]| {
        let codes = [("AuthenticationCode1", first), ("AuthenticationCode2", second)];
        let of_anna = [("UserName", user), ("SerialNumber", device)];
        of_anna.into_iter().chain(codes).map(|(name, value)| (name, value.to_owned())).collect::<Vec<_>>()
    };
    let mut call = |action: &str, parameters: Vec<(&str, String)>| {
        let parameters: Vec<_> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        account.call(action, &parameters, anna)
    };
    let codes = |number: usize, from: usize| [pairs[number][from].as_str(), pairs[number][from + 1].as_str()];
    assert_eq!(call("EnableMFADevice", named("anna", &zero, codes(0, 0))), "success");
    assert_eq!(call("EnableMFADevice", named("anna", &one, codes(1, 0))), DENIED);
    assert_eq!(call("EnableMFADevice", named("anna", &zero, codes(0, 2))), DENIED);
    assert_eq!(call("ResyncMFADevice", named("anna", &zero, codes(0, 2))), "success");
    assert_eq!(call("EnableMFADevice", named("bert", &two, codes(2, 0))), "success");
    for device in [zero, serial("absent")] {
        let of_anna = vec![("UserName", "anna".to_owned()), ("SerialNumber", device.clone())];
        assert_eq!(call("DeactivateMFADevice", of_anna), DENIED);
        assert_eq!(call("DeactivateMFADevice", vec![("SerialNumber", device)]), DENIED);
    }
}

#[test]
fn a_user_has_at_most_eight_devices() {
    let mut account = Account::new(10);
    for number in 0..8 {
        assert_eq!(account.enable("anna", number), "success", "{number}");
    }
    assert_eq!(account.enable("anna", 8), "LimitExceeded: Cannot exceed quota for MfaDevicesPerUser: 8");
    assert_eq!(account.codes("ResyncMFADevice", "anna", "device-0", (0, 1, 2)), "success");
    assert_eq!(account.enable("bert", 8), "success");
    let first = [("UserName", "anna"), ("SerialNumber", &*serial("device-0"))];
    assert_eq!(account.call("DeactivateMFADevice", &first, Caller::Administrator), "success");
    assert_eq!(account.enable("anna", 9), "success");
}

#[test]
fn a_new_device_takes_neighbouring_steps_of_eight_hours_around_now() {
    for ((first, second), taken) in [
        ((-1_000, -999), false),
        ((-999, -998), true),
        ((-1, 0), true),
        ((999, 1_000), true),
        ((1_000, 1_001), false),
        ((0, -1), false),
        ((0, 0), false),
        ((-2, 0), false),
    ] {
        let answer = Account::new(1).codes("EnableMFADevice", "anna", "device-0", (0, first, second));
        assert_eq!(answer == "success", taken, "{first} {second}");
    }
}

#[test]
fn an_accepted_pair_moves_the_window_and_locks_out_what_is_not_newer() {
    let mut account = Account::new(1);
    let mut accepted = |action: &str, user: &str, pair: (i64, i64)| {
        account.codes(action, user, "device-0", (0, pair.0, pair.1)) == "success"
    };
    assert!(accepted("EnableMFADevice", "anna", (599, 600)));
    for (pair, taken) in [
        ((599, 600), false),
        ((600, 601), false),
        ((-1, 0), false),
        ((1_600, 1_601), false),
        ((1_199, 1_200), true),
        ((1_201, 1_202), true),
    ] {
        assert_eq!(accepted("ResyncMFADevice", "anna", pair), taken, "{pair:?}");
    }
    account.call(
        "DeactivateMFADevice",
        &[("UserName", "anna"), ("SerialNumber", &serial("device-0"))],
        Caller::Administrator,
    );
    for (pair, taken) in [((-1, 0), false), ((1_202, 1_203), false), ((1_203, 1_204), true)] {
        let answer = account.codes("EnableMFADevice", "bert", "device-0", (0, pair.0, pair.1));
        assert_eq!(answer == "success", taken, "{pair:?}");
    }
}
