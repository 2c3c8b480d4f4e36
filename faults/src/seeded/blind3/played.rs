//! Calls played on those whose logic is intricate.

use std::sync::Arc;

use mfa_reference::Millis;
use mfa_reference::wire::HttpRequest;

use crate::catalogue::{fault, variant};
use crate::host::{Connection, Host};

const DEVICE: &str = "arn:aws:iam::123456789012:mfa/d";
const START: Millis = Millis(1_800_000_000_000);

struct Played {
    host: Arc<Host>,
    connection: Connection,
    now: Millis,
}

impl Played {
    fn fault(name: &str) -> Self {
        let host = Host::new(fault(name).unwrap().service.make(), 1);
        Self { connection: host.connect(), host, now: START }
    }

    fn variant(name: &str) -> Self {
        let host = Host::new(variant(name).unwrap().service.make(), 1);
        Self { connection: host.connect(), host, now: START }
    }

    /// The text of the reply; its status stands before it.
    fn call_by(&mut self, key: Option<&str>, parameters: &str) -> String {
        let header = key
            .map(|key| format!("AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/iam/aws4_request, Signature=0"));
        let body = format!("Version=2010-05-08&Action={parameters}");
        let request = HttpRequest {
            method: "POST",
            target: "/",
            content_type: None,
            authorization: header.as_deref(),
            body: body.as_bytes(),
        };
        let response = self.connection.answer(&request, self.now).unwrap().response;
        format!("{} {}", response.status, String::from_utf8(response.body).unwrap())
    }

    fn call(&mut self, parameters: &str) -> String {
        self.call_by(None, parameters)
    }

    fn wait(&mut self, seconds: i64) {
        self.now = self.now.plus(seconds * 1000);
    }

    /// The codes of the current step and of the one before, as parameters.
    fn codes(&self, serial: &str) -> String {
        let step = self.now.step();
        self.host.look(|world| {
            let device = world.find_device(serial).id().and_then(|id| world.device(id)).unwrap();
            let seed = device.seed.as_ref().unwrap();
            let (one, two) = (seed.code(step.plus(-1)), seed.code(step));
            format!("AuthenticationCode1={}&AuthenticationCode2={}", one.as_str(), two.as_str())
        })
    }

    fn enable(&mut self, user: &str, serial: &str) -> String {
        let codes = self.codes(serial);
        self.call(&format!("EnableMFADevice&UserName={user}&SerialNumber={serial}&{codes}"))
    }

    fn resync(&mut self, user: &str, serial: &str) -> String {
        let codes = self.codes(serial);
        self.call(&format!("ResyncMFADevice&UserName={user}&SerialNumber={serial}&{codes}"))
    }

    fn deactivate(&mut self, user: &str, serial: &str) -> String {
        self.call(&format!("DeactivateMFADevice&UserName={user}&SerialNumber={serial}"))
    }

    fn prepare(&mut self, users: &[&str], devices: &[&str]) {
        for user in users {
            assert!(self.call(&format!("CreateUser&UserName={user}")).starts_with("200"));
        }
        for device in devices {
            assert!(self.call(&format!("CreateVirtualMFADevice&VirtualMFADeviceName={device}")).starts_with("200"));
        }
    }

    fn key(&mut self, user: &str) -> String {
        let reply = self.call(&format!("CreateAccessKey&UserName={user}"));
        let (_, rest) = reply.split_once("<AccessKeyId>").unwrap();
        rest.split_once('<').unwrap().0.to_owned()
    }

    fn lists(&mut self, user: &str) -> usize {
        self.call(&format!("ListMFADevices&UserName={user}")).matches("<SerialNumber>").count()
    }
}

#[test]
fn a_key_is_for_whoever_has_the_former_name() {
    let mut played = Played::fault("key-kept-with-a-former-name");
    played.prepare(&["a"], &["d", "e"]);
    assert!(played.enable("a", DEVICE).starts_with("200"));
    let key = played.key("a");
    assert!(played.call("UpdateUser&UserName=a&NewUserName=b").starts_with("200"));
    let own = format!("DeactivateMFADevice&SerialNumber={DEVICE}");
    assert!(played.call_by(Some(&key), &own).contains("NoSuchEntity"));
    played.prepare(&["a"], &[]);
    let others = DEVICE.replace("/d", "/e");
    assert!(played.enable("a", &others).starts_with("200"));
    assert!(played.call_by(Some(&key), &format!("DeactivateMFADevice&SerialNumber={others}")).starts_with("200"));
    assert_eq!((played.lists("a"), played.lists("b")), (0, 1));
}

#[test]
fn a_listing_is_kept_over_a_deactivation_without_user_name() {
    let mut played = Played::fault("listing-kept-over-a-deactivation-without-user-name");
    played.prepare(&["a"], &["d"]);
    let key = played.key("a");
    assert!(played.enable("a", DEVICE).starts_with("200"));
    assert_eq!(played.lists("a"), 1);
    let own = format!("DeactivateMFADevice&SerialNumber={DEVICE}");
    assert!(played.call_by(Some(&key), &own).starts_with("200"));
    assert_eq!(played.lists("a"), 1);
    assert!(played.deactivate("a", DEVICE).contains("NoSuchEntity"));
    assert_eq!(played.lists("a"), 0);
}

#[test]
fn a_retry_is_answered_and_not_carried_out() {
    let mut played = Played::fault("retry-after-a-failure-not-carried-out");
    played.prepare(&["a"], &["d", "e"]);
    let second = DEVICE.replace("/d", "/e");
    assert!(played.enable("a", DEVICE).starts_with("200"));
    assert!(played.enable("a", &second).starts_with("500"));
    assert!(played.enable("a", &second).starts_with("200"));
    assert_eq!(played.lists("a"), 1);
}

#[test]
fn a_clock_is_read_seldom_and_a_caller_kept() {
    let mut played = Played::fault("clock-read-every-ninety-seconds");
    played.prepare(&["a"], &["d"]);
    assert!(played.enable("a", DEVICE).starts_with("200"));
    played.wait(60);
    assert!(played.resync("a", DEVICE).starts_with("403"));
    played.wait(31);
    assert!(played.resync("a", DEVICE).starts_with("200"));

    let mut played = Played::fault("caller-kept-by-the-connection");
    played.prepare(&["a"], &["d"]);
    assert!(played.enable("a", DEVICE).starts_with("200"));
    let key = played.key("a");
    let own = format!("DeactivateMFADevice&SerialNumber={DEVICE}");
    assert!(played.call_by(Some(&key), &own).starts_with("400"));
    played.connection = played.host.connect();
    assert!(played.call_by(Some(&key), &own).starts_with("200"));
}

#[test]
fn what_a_name_or_a_second_takes_away_is_gone() {
    let mut played = Played::fault("refused-creation-changes-the-seed");
    played.prepare(&["a"], &["d"]);
    assert!(played.call("CreateVirtualMFADevice&VirtualMFADeviceName=d").starts_with("409"));
    assert!(played.enable("a", DEVICE).starts_with("403"));

    let mut played = Played::fault("longer-serial-numbers-deleted-too");
    played.prepare(&["a"], &["d", "d1", "e"]);
    assert!(played.enable("a", &format!("{DEVICE}1")).starts_with("200"));
    assert!(played.call(&format!("DeleteVirtualMFADevice&SerialNumber={DEVICE}")).starts_with("200"));
    assert_eq!(played.lists("a"), 0);
    assert_eq!(played.call("ListVirtualMFADevices").matches("<SerialNumber>").count(), 1);

    let mut played = Played::fault("devices-of-one-second-replace-each-other");
    played.prepare(&["a"], &["d", "e", "f"]);
    for name in ["/d", "/e"] {
        assert!(played.enable("a", &DEVICE.replace("/d", name)).starts_with("200"));
    }
    assert_eq!(played.lists("a"), 1);
    played.wait(1);
    assert!(played.enable("a", &DEVICE.replace("/d", "/f")).starts_with("200"));
    assert_eq!(played.lists("a"), 2);
}

#[test]
fn values_are_read_as_the_rows_say() {
    let mut played = Played::fault("partition-of-an-arn-not-looked-at");
    played.prepare(&["a"], &["d"]);
    assert!(played.enable("a", DEVICE).starts_with("200"));
    assert!(played.deactivate("a", "arn%3Aaws-cn%3Aiam%3A%3A123456789012%3Amfa/d").starts_with("200"));

    let mut played = Played::fault("values-cut-at-an-equals-sign");
    played.prepare(&["a", "a%3Db"], &["d"]);
    assert!(played.enable("a%3Db", DEVICE).starts_with("200"));
    assert_eq!((played.lists("a"), played.lists("a%3Db")), (1, 0));

    let mut played = Played::fault("line-feed-behind-a-serial-number-dropped");
    played.prepare(&["a"], &["d"]);
    assert!(played.enable("a", DEVICE).starts_with("200"));
    let codes = played.codes(DEVICE);
    let resync = format!("ResyncMFADevice&UserName=a&SerialNumber={DEVICE}%0A&{codes}");
    assert!(played.call(&resync).starts_with("200"));
    assert!(played.deactivate("a", &format!("{DEVICE}%0A")).starts_with("400"));

    let mut played = Played::fault("long-messages-end-with-an-html-entity");
    assert!(played.deactivate(&"a".repeat(120), DEVICE).contains("aaa&hellip;</Message>"));
    assert!(played.deactivate("a", DEVICE).contains("found.</Message>"));
}

#[test]
fn variants_do_what_their_rows_say() {
    let mut played = Played::variant("listings-begin-with-an-empty-page");
    played.prepare(&["a"], &["d"]);
    let first = played.call("ListVirtualMFADevices");
    assert!(first.contains("<Marker>begin</Marker>") && !first.contains("<SerialNumber>"), "{first}");
    let second = played.call("ListVirtualMFADevices&Marker=begin");
    assert!(second.contains("<IsTruncated>false<") && second.contains(DEVICE), "{second}");

    let mut played = Played::variant("steps-spent-by-any-request");
    played.prepare(&["a"], &["d"]);
    let codes = played.codes(DEVICE);
    let (one, _) = codes.split_once('&').unwrap();
    let wrong = format!("EnableMFADevice&UserName=a&SerialNumber={DEVICE}&{one}&AuthenticationCode2=000000");
    assert!(played.call(&wrong).starts_with("403"));
    assert!(played.enable("a", DEVICE).starts_with("403"));
    played.wait(60);
    assert!(played.enable("a", DEVICE).starts_with("200"));

    let mut played = Played::variant("account-of-another-partition");
    played.prepare(&["a"], &["d"]);
    assert!(played.call("CreateVirtualMFADevice&VirtualMFADeviceName=d").starts_with("409"));
    assert!(played.enable("a", &DEVICE.replace("arn:aws:", "arn:aws-us-gov:")).starts_with("200"));

    let mut played = Played::variant("listing-of-virtual-devices-kept-for-a-while");
    played.prepare(&["a"], &["d"]);
    assert!(!played.call("ListVirtualMFADevices").contains("<User>"));
    assert!(played.enable("a", DEVICE).starts_with("200"));
    assert!(!played.call("ListVirtualMFADevices").contains("<User>"));
    played.wait(2);
    assert!(played.call("ListVirtualMFADevices").contains("<User>"));

    let mut played = Played::variant("slashes-put-around-paths");
    let made = played.call("CreateVirtualMFADevice&VirtualMFADeviceName=d&Path=team");
    assert!(made.contains(":mfa/team/d<"), "{made}");
    let mut played = Played::variant("actions-in-any-case");
    assert!(played.call("createuser&UserName=a").starts_with("200"));
    let mut played = Played::variant("repeated-parameters-refused");
    assert!(played.call("CreateUser&UserName=a&UserName=a").starts_with("400"));
}
