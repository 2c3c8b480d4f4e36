//! Targets that aren't a service, are only part of one, or die: the program soon reports each as such, and never hangs.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests: a broken one has to fail the test")]

#[path = "support/program.rs"]
mod program;
#[path = "support/running.rs"]
#[expect(dead_code, reason = "other tests look further into results")]
mod running;
#[path = "support/servers.rs"]
#[expect(dead_code, reason = "other tests look into accounts")]
mod servers;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use mfa_conformance::clock::Clock;
use mfa_conformance::run::RunOptions;
use mfa_conformance::run::result::RunResult;
use mfa_reference::Operation;
use mfa_reference::service::Behaviour;
use mfa_reference::service::behaviour::{LastPair, Recogniser};
use mfa_reference::totp::Seed;
use mfa_reference::wire::HttpRequest;
use mfa_reference::{Millis, TimeStep};
use running::{factory, options, run_on, scenarios};
use servers::{Account, NAMESPACE, Served, always, connections, error, reply, serve, swallow, until_it_hangs};

const XML: &str = "text/xml";

/// How long a request may take.
const PATIENCE: Duration = Duration::from_millis(500);

/// Far longer than any of these takes. A run that plays all scenarios in vain takes even longer.
const SOON: Duration = Duration::from_secs(15);

/// Returns the program's exit code at this URL. Checks that the program ended soon and that its output is harmless.
async fn exit_code(url: &str) -> i32 {
    let watch = Clock::system().stopwatch();
    let soon = ["--request-timeout", "500ms", "--max-wait", "1s", "--settle", "100ms"];
    let ended = program::run(&[&["run", "--endpoint-url", url], soon.as_slice()].concat()).await;
    assert!(watch.elapsed() < SOON, "{url}: {:?}", watch.elapsed());
    assert!(ended.is_decent(), "{}{}", ended.stdout, ended.stderr);
    ended.code.unwrap()
}

async fn result(url: &str) -> RunResult {
    run_on(factory(url, PATIENCE).await, RunOptions { shrink: true, ..options() }).await
}

async fn why_unusable(url: &str) -> String {
    result(url).await.probe.unusable.unwrap_or_else(|| panic!("{url} is taken for a service"))
}

/// The value of a parameter in a request's body.
fn parameter(request: &HttpRequest<'_>, name: &str) -> String {
    let mut pairs = url::form_urlencoded::parse(request.body);
    pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

async fn redirecting() -> Served {
    serve(|_| {
        let mut reply = reply(301, "text/html", "moved");
        reply.headers.push(("location".into(), "http://127.0.0.1:1/".to_owned()));
        reply
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_service_is_inconclusive_and_told_for_what_it_is() {
    let always_xml = async |status, code: &str| always(status, XML, error(code, "no")).await;
    let html = "<!doctype html><html><body>It works!<br></body></html>";
    for (served, why) in [
        (always_xml(400, "InvalidAction").await, "it has none of the operations: to each request it answers 400"),
        (always_xml(403, "InvalidClientTokenId").await, "it bars every request (403 InvalidClientTokenId: no): check"),
        (always_xml(403, "AccessDenied").await, "it bars every request (403 AccessDenied: no): check"),
        (always_xml(503, "ServiceUnavailable").await, "it fails at every request (503 ServiceUnavailable: no)"),
        (
            always(200, "text/html", html).await,
            "it doesn't speak the AWS query protocol (status 200: the body is HTML)",
        ),
        (
            always(503, "text/html", html).await,
            "it doesn't speak the AWS query protocol (status 503: the body is HTML)",
        ),
        (redirecting().await, "it redirects every request elsewhere (status 301): give the URL of the service itself"),
        (connections(async |stream| drop(stream)).await, "it takes connections but answers no request (the connection"),
        (connections(swallow).await, "it takes connections but answers no request (no reply within 500 ms)"),
        (
            always(200, XML, vec![b'x'; 20 << 20]).await,
            "it takes connections but answers no request (the reply is larger",
        ),
    ] {
        let told = why_unusable(&served.url).await;
        assert!(told.starts_with(why), "{told}");
        assert_eq!(exit_code(&served.url).await, 3, "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_port_is_inconclusive_and_told_with_what_to_do() {
    let url = servers::closed_port().await;
    assert_eq!(
        why_unusable(&url).await,
        "nothing answers there: Connection refused (os error 111). Start the target, or check the address"
    );
    assert_eq!(exit_code(&url).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_dies_in_the_middle_is_inconclusive() {
    let account = Account::with_most(Behaviour::default(), 300).await;
    let told = why_unusable(account.url()).await;
    assert!(told.starts_with("it stopped answering in the middle of the run ("), "{told}");
    assert_eq!(exit_code(Account::with_most(Behaviour::default(), 300).await.url()).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_diverged_before_a_service_died_stays_found() {
    let careless = || Behaviour { recogniser: Arc::new(AnyCodes), ..Behaviour::default() };
    assert_eq!(exit_code(Account::with_most(careless(), 1_500).await.url()).await, 1);
}

/// Accepts any two codes.
struct AnyCodes;

impl Recogniser for AnyCodes {
    fn recognise(&self, _: &Seed, _: &str, _: &str, now: Millis, _: Option<LastPair>) -> Option<TimeStep> {
        Some(now.step())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_hangs_in_the_middle_is_given_up() {
    let account = Account::with_most(Behaviour::default(), 300).await;
    let served = until_it_hangs(account.url(), account.over()).await;
    let watch = Clock::system().stopwatch();
    let told = why_unusable(&served.url).await;
    assert!(told.starts_with("it stopped answering in the middle of the run (no reply within 500 ms)"), "{told}");
    assert!(told.contains(" under way"), "{told}");
    assert!(watch.elapsed() < SOON, "{:?}", watch.elapsed());
}

/// The documented service, except that these actions have a fixed reply.
async fn apart_from(actions: &'static [&'static str], status: u16, body: String) -> Account {
    Account::answering(move |request| {
        actions.contains(&parameter(request, "Action").as_str()).then(|| reply(status, XML, body.clone()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_set_up_that_is_refused_is_skipped_and_counted() {
    const REFUSED: [(Operation, &[&str]); 2] =
        [(Operation::CreateUser, &["CreateUser"]), (Operation::CreateVirtualMfaDevice, &["CreateVirtualMFADevice"])];
    for (operation, action) in REFUSED {
        let account = apart_from(action, 403, error("AccessDenied", "not for you")).await;
        let result = result(account.url()).await;
        assert_eq!(result.probe.unusable, None);
        assert_eq!(result.probe.refused.keys().copied().collect::<Vec<_>>(), [operation]);
        let (told, count) = result.unfinished.iter().next_back().unwrap();
        let told = told.to_string();
        assert!(told.ends_with("answered 403 AccessDenied: not for you") && *count > 500, "{told} ({count})");
        assert!((3..100).contains(&scenarios(&result)), "{} scenarios", scenarios(&result));
        assert!(result.cases.is_empty(), "{:#?}", result.cases);
        assert_eq!(exit_code(account.url()).await, 3);
        assert!(account.remains().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_the_three_operations_diverges_by_just_that() {
    let actions = &["EnableMFADevice", "ResyncMFADevice", "DeactivateMFADevice"];
    let account = apart_from(actions, 400, error("InvalidAction", "unknown")).await;
    let result = result(account.url()).await;
    let broken: BTreeSet<String> = result.cases.iter().map(|case| case.divergence.clause.to_string()).collect();
    assert_eq!(
        broken.into_iter().collect::<Vec<_>>(),
        ["operation.deactivate.exists", "operation.enable.exists", "operation.resync.exists"]
    );
    assert!(scenarios(&result) < 5);
    assert_eq!(exit_code(account.url()).await, 1);
}

/// A success of this action, with this result.
fn success(action: &str, result: &str) -> String {
    let result = if result.is_empty() { String::new() } else { format!("<{action}Result>{result}</{action}Result>") };
    let metadata = "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>";
    format!("<{action}Response xmlns=\"{NAMESPACE}\">{result}{metadata}</{action}Response>")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_to_everything_diverges() {
    let served = serve(|request| reply(200, XML, success(&parameter(&request, "Action"), ""))).await;
    let result = result(&served.url).await;
    let broken: BTreeSet<String> = result.cases.iter().map(|case| case.divergence.clause.to_string()).collect();
    // The set-up fails, so the run judges only calls that name users and devices which it never created.
    let missing = ["deactivate.user-exists", "enable.user-exists", "resync.user-exists"];
    assert!(broken.iter().eq(&missing), "{broken:?}");
    assert_eq!(exit_code(&served.url).await, 1);
}

/// The replies of a service that accepts every call and keeps no state.
fn plausible(request: &HttpRequest<'_>) -> String {
    let action = parameter(request, "Action");
    let user = format!("<UserName>{}</UserName>", parameter(request, "UserName"));
    let name = parameter(request, "VirtualMFADeviceName");
    let seed = data_encoding::BASE64.encode(data_encoding::BASE32.encode(&[7; 20]).as_bytes());
    let key = "<AccessKeyId>AKIA1</AccessKeyId><SecretAccessKey>s</SecretAccessKey><Status>Active</Status>";
    let result = match action.as_str() {
        "CreateUser" => format!("<User>{user}<UserId>AIDA1</UserId><Path>/</Path></User>"),
        "CreateVirtualMFADevice" => format!(
            "<VirtualMFADevice><SerialNumber>arn:aws:iam::123456789012:mfa/{name}</SerialNumber>\
             <Base32StringSeed>{seed}</Base32StringSeed></VirtualMFADevice>"
        ),
        "CreateAccessKey" => format!("<AccessKey>{user}{key}</AccessKey>"),
        "ListMFADevices" => "<MFADevices/><IsTruncated>false</IsTruncated>".to_owned(),
        "ListVirtualMFADevices" => "<VirtualMFADevices/><IsTruncated>false</IsTruncated>".to_owned(),
        _ => String::new(),
    };
    success(&action, &result)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_to_everything_with_plausible_results_diverges() {
    let served = serve(|request| reply(200, XML, plausible(&request))).await;
    // Its listings never become right, so the run doesn't wait for them.
    let few = RunOptions { sequences: 20, settle: Duration::ZERO, ..options() };
    let result = run_on(factory(&served.url, PATIENCE).await, few).await;
    let broken: BTreeSet<String> = result.cases.iter().map(|case| case.divergence.clause.to_string()).collect();
    for clause in ["enable.associates", "enable.codes-recognised", "enable.device-exists", "resync.unassigned"] {
        assert!(broken.contains(clause), "{clause} is not among {broken:?}");
    }
    let few = ["--scenarios", "20", "--max-wait", "0s", "--settle", "0s", "--no-shrink"];
    let ended = program::run(&[&["run", "--endpoint-url", &served.url], few.as_slice()].concat()).await;
    assert_eq!(ended.code, Some(1));
    assert!(ended.is_decent(), "{}{}", ended.stdout, ended.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_what_a_target_sends_reaches_the_terminal_as_it_is() {
    let message = "red \u{9b}31m\u{202e}evil\u{2066}\n\nPASS\u{2028}&#x85;\u{feff}\n::error::evil\n##[error]##vso[x]";
    for (status, code, judged) in [(403, "AccessDenied", 3), (400, "In\u{202e}valid", 1), (400, "InvalidAction", 3)] {
        let served = always(status, XML, error(code, message)).await;
        for (verb, exit_code) in [("run", judged), ("cleanup", 3)] {
            let ended = program::run(&[verb, "--endpoint-url", &served.url]).await;
            assert_eq!(ended.code, Some(exit_code), "{}{}", ended.stdout, ended.stderr);
            assert!(ended.is_decent(), "{}{}", ended.stdout, ended.stderr);
            assert!(!ended.stdout.lines().chain(ended.stderr.lines()).any(|line| line.starts_with("PASS")));
        }
    }
    let escapes = "\u{1b}]0;evil\u{7}\u{1b}[2J";
    let served = always(200, "text/html", format!("<html>{escapes}")).await;
    assert_eq!(exit_code(&served.url).await, 3);
    // A broken envelope of the protocol.
    let served = always(400, XML, error("In&#x1b;[2Jvalid", escapes)).await;
    assert_eq!(exit_code(&served.url).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cleaning_up_could_not_delete_is_told_in_one_harmless_word() {
    let served = serve(|request| match parameter(&request, "Action").as_str() {
        "ListUsers" => {
            let user = "<member><UserName>mfac-'; reboot; '\u{202e}</UserName></member>";
            reply(200, XML, success("ListUsers", &format!("<Users>{user}</Users><IsTruncated>false</IsTruncated>")))
        }
        "DeleteUser" => reply(409, XML, error("DeleteConflict", "no")),
        _ => reply(200, XML, plausible(&request)),
    })
    .await;
    let ended = program::run(&["cleanup", "--endpoint-url", &served.url]).await;
    assert_eq!(ended.code, Some(3));
    assert!(ended.is_decent(), "{}", ended.stderr);
    assert!(
        ended.stderr.contains(r"aws iam delete-user --user-name 'mfac-'\''; reboot; '\''\u{202e}'"),
        "{}",
        ended.stderr
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_line_is_a_command_to_a_ci_system_wherever_the_target_writes_one() {
    for command in ["::error::evil", "##[error]evil", "##vso[task.complete]", "##teamcity[evil]"] {
        // In a code, in a message, and as text between elements, which has its own line in a report.
        let body = format!(
            "<ErrorResponse xmlns='{NAMESPACE}'>{command}<Error><Code>{command}</Code><Message>\n {command}\n</Message></Error></ErrorResponse>"
        );
        let served = always(400, XML, body).await;
        assert_eq!(exit_code(&served.url).await, 1, "{command}");
        let served = always(200, "text/html", format!("<html>\n{command}")).await;
        assert_eq!(exit_code(&served.url).await, 3, "{command}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_token_that_the_target_echoes_is_hidden() {
    let token = "IQoJb3JpZ2luX2VjECEaCXVzLWVhc3QtMSJHMEUCIQ";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    for (status, kind, body) in [
        (400, XML, error(&format!("No{token}"), &format!("bad token {token}"))),
        (500, "text/html", format!("<html>{token}</html>")),
    ] {
        let served = always(status, kind, body).await;
        let report = format!("json={}", file.display());
        let mut command =
            program::command(&["run", "--endpoint-url", &served.url, "--env-credentials", "--report", &report]);
        command.env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "hush");
        let ended = program::end(command.env("AWS_SESSION_TOKEN", token).spawn().unwrap()).await;
        let written = std::fs::read_to_string(&file).unwrap();
        for text in [&ended.stdout, &ended.stderr, &written] {
            assert!(!text.contains(token), "{text}");
        }
        // The report keeps nothing of an HTML page.
        assert!(written.contains("[redacted]") || kind == "text/html", "{written}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_snapshot_is_recorded_of_a_target_that_cannot_be_judged() {
    let folder = tempfile::tempdir().unwrap();
    let served = always(200, "text/html", "<html>It works!").await;
    let dir = folder.path().join("snapshots");
    let ended =
        program::run(&["snapshot", "record", "--endpoint-url", &served.url, "--dir", dir.to_str().unwrap()]).await;
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("there is no snapshot of this target: it doesn't speak"), "{}", ended.stderr);
    assert!(!dir.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_of_tls_says_tls() {
    let served = always(200, XML, "").await;
    let url = served.url.replace("http://", "https://");
    let ended = program::run(&["run", "--endpoint-url", &url]).await;
    assert_eq!(ended.code, Some(3));
    assert!(format!("{}{}", ended.stdout, ended.stderr).contains("TLS"), "{}{}", ended.stdout, ended.stderr);
}
